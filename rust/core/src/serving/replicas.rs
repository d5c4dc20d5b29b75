//! The replicas of a router and what each of them carries.

use super::load_tree::LoadTree;
use crate::error::InputError;

/// A replica that takes requests.
#[derive(Debug, Clone, Copy)]
pub(super) struct Replica {
    pub id: i64,
    pub weight: f64,
    /// Tokens of the requests that were routed here and have not ended.
    pub tokens: i64,
    /// When it will have worked off what was routed here, if all goes as predicted.
    pub busy_until: f64,
    /// Its weight over the mean weight, once [`Replicas::prepare`] was called.
    share: f64,
}

/// Replicas by number: small numbers that are used again.
#[derive(Debug, Clone, Default)]
pub(super) struct Replicas {
    by_number: Vec<Option<Replica>>,
    free: Vec<u32>,
    /// Ids and numbers, by id.
    sorted: Vec<(i64, u32)>,
    loads: LoadTree,
    tokens: i64,
    /// Whether [`prepare`](Self::prepare) was called since replicas came or went.
    prepared: bool,
}

impl Replicas {
    /// How many there are.
    pub fn len(&self) -> usize {
        self.sorted.len()
    }

    /// Tokens of all requests that have not ended.
    pub fn tokens(&self) -> i64 {
        self.tokens
    }

    /// The replica of a number in use.
    #[inline]
    pub fn get(&self, number: u32) -> &Replica {
        self.by_number[number as usize].as_ref().expect("the number is in use")
    }

    /// Numbers by id.
    pub fn sorted(&self) -> &[(i64, u32)] {
        &self.sorted
    }

    /// The number of an id.
    pub fn find(&self, id: i64) -> Option<u32> {
        self.sorted.binary_search_by_key(&id, |&(id, _)| id).ok().map(|place| self.sorted[place].1)
    }

    /// Adds a replica and returns its number. O(n).
    ///
    /// # Errors
    /// An id in use; a weight that is not positive and finite.
    pub fn add(&mut self, id: i64, weight: f64) -> Result<u32, InputError> {
        let Err(place) = self.sorted.binary_search_by_key(&id, |&(id, _)| id) else {
            return Err(InputError::new("replica", "is there already").value(id));
        };
        if !(weight > 0.0 && weight.is_finite()) {
            return Err(InputError::new("weight", "must be positive and finite").value(weight));
        }
        let replica = Some(Replica { id, weight, tokens: 0, busy_until: f64::NEG_INFINITY, share: 0.0 });
        let number = self.free.pop().unwrap_or(self.by_number.len() as u32);
        if number as usize == self.by_number.len() {
            self.by_number.push(replica);
        } else {
            self.by_number[number as usize] = replica;
        }
        self.sorted.insert(place, (id, number));
        self.loads.set(number, id, 0.0);
        self.prepared = false;
        Ok(number)
    }

    /// Removes a replica with all that it carries. O(n).
    pub fn remove(&mut self, number: u32) {
        let replica = self.by_number[number as usize].take().expect("the number is in use");
        self.free.push(number);
        self.sorted.retain(|&(_, other)| other != number);
        self.loads.remove(number);
        self.tokens -= replica.tokens;
        self.prepared = false;
    }

    /// Computes the shares, before the next [`is_below`](Self::is_below), if replicas have come or gone. Weights are added by
    /// id, so that the sum does not depend on what was there before. O(n) then.
    pub fn prepare(&mut self) {
        if !self.prepared {
            let sum: f64 = self.sorted.iter().map(|&(_, number)| self.get(number).weight).sum();
            let count = self.len() as f64;
            for replica in self.by_number.iter_mut().flatten() {
                replica.share = replica.weight * count / sum;
            }
            self.prepared = true;
        }
    }

    /// A replica carries more tokens, or fewer.
    pub fn carry(&mut self, number: u32, tokens: i64) {
        let replica = self.by_number[number as usize].as_mut().expect("the number is in use");
        replica.tokens += tokens;
        self.tokens += tokens;
        self.loads.set(number, replica.id, replica.tokens as f64 / replica.weight);
    }

    /// Sets when a replica will have worked off what it carries.
    pub fn set_busy_until(&mut self, number: u32, time: f64) {
        self.by_number[number as usize].as_mut().expect("the number is in use").busy_until = time;
    }

    /// Loads: tokens over weight.
    pub fn loads(&self) -> &LoadTree {
        &self.loads
    }

    /// The tokens that one more request may find on each replica of mean weight, by the rule of bounded loads.
    pub fn bound(&self, epsilon: f64, tokens: i64) -> f64 {
        ((1.0 + epsilon) * (self.tokens + tokens) as f64 / self.len() as f64).ceil()
    }

    /// Whether a replica carries less than its part of the bound.
    #[inline]
    pub fn is_below(&self, number: u32, bound: f64) -> bool {
        debug_assert!(self.prepared, "the shares were computed");
        let Replica { tokens, share, .. } = *self.get(number);
        (tokens as f64) < bound * share
    }
}
