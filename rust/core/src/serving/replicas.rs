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
    /// The tokens of each number, infinite where none is in use, up to a multiple of 64; exact, because there are at most 2^53.
    carried: Vec<f64>,
    /// The weight of each number over the mean weight, once [`prepare`](Self::prepare) was called.
    share: Vec<f64>,
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
        let replica = Some(Replica { id, weight, tokens: 0, busy_until: f64::NEG_INFINITY });
        let number = self.free.pop().unwrap_or(self.by_number.len() as u32);
        if number as usize == self.by_number.len() {
            self.by_number.push(replica);
        } else {
            self.by_number[number as usize] = replica;
        }
        self.sorted.insert(place, (id, number));
        self.loads.set(number, id, 0.0);
        self.carried.resize(self.by_number.len().next_multiple_of(64), f64::INFINITY);
        self.carried[number as usize] = 0.0;
        self.prepared = false;
        Ok(number)
    }

    /// Removes a replica with all that it carries. O(n).
    pub fn remove(&mut self, number: u32) {
        let replica = self.by_number[number as usize].take().expect("the number is in use");
        self.free.push(number);
        self.sorted.retain(|&(_, other)| other != number);
        self.loads.remove(number);
        self.carried[number as usize] = f64::INFINITY;
        self.tokens -= replica.tokens;
        self.prepared = false;
    }

    /// Computes the shares, before the next [`is_below`](Self::is_below), if replicas have come or gone. Weights are added by
    /// id, so that the sum does not depend on what was there before. O(n) then.
    pub fn prepare(&mut self) {
        if !self.prepared {
            let sum: f64 = self.sorted.iter().map(|&(_, number)| self.get(number).weight).sum();
            let count = self.len() as f64;
            let share = |replica: &Option<Replica>| replica.as_ref().map_or(0.0, |replica| replica.weight * count / sum);
            self.share = self.by_number.iter().map(share).collect();
            self.share.resize(self.carried.len(), 0.0);
            self.prepared = true;
        }
    }

    /// A replica carries more tokens, or fewer.
    pub fn carry(&mut self, number: u32, tokens: i64) {
        let replica = self.by_number[number as usize].as_mut().expect("the number is in use");
        replica.tokens += tokens;
        self.tokens += tokens;
        self.carried[number as usize] = replica.tokens as f64;
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
        self.carried[number as usize] < bound * self.share[number as usize]
    }

    /// Which of the 64 numbers from `64 * word` on carry less than their part of the bound, as bits.
    pub fn below(&self, word: usize, bound: f64) -> u64 {
        debug_assert!(self.prepared, "the shares were computed");
        let (carried, share) = (&self.carried.as_chunks::<64>().0[word], &self.share.as_chunks::<64>().0[word]);
        // Bits from a table and a length that is known, so that the compiler compares several numbers at once.
        let mut below = 0;
        for k in 0..64 {
            below |= if carried[k] < bound * share[k] { BITS[k] } else { 0 };
        }
        below
    }
}

/// The single bits of a word, the lowest first.
const BITS: [u64; 64] = {
    let mut bits = [1; 64];
    let mut place = 1;
    while place < 64 {
        bits[place] = bits[place - 1] << 1;
        place += 1;
    }
    bits
};
