//! One store of a project that is laid out for the search and the prover.

use super::{NO_STORAGE_LIMIT, Stores};
use crate::cp::{Reservoir, ReservoirUser};

/// A store, with what each activity takes at its start and gives at its end.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Store {
    pub capacity: i64,
    pub initial: i64,
    pub taken: Vec<i64>,
    pub given: Vec<i64>,
}

impl Store {
    /// All stores of a project.
    pub fn all(stores: &Stores) -> Vec<Self> {
        let q = stores.len();
        let column = |units: &[i64], k: usize| units.iter().skip(k).step_by(q).copied().collect();
        (0..q)
            .map(|k| Self {
                capacity: stores.storage[k],
                initial: stores.initial[k],
                taken: column(&stores.taken, k),
                given: column(&stores.given, k),
            })
            .collect()
    }

    /// Whether a level may be.
    pub fn holds(&self, level: i64) -> bool {
        (0..=self.capacity).contains(&level)
    }

    /// The level when everything is done.
    pub fn last_level(&self) -> i64 {
        self.initial - self.taken.iter().sum::<i64>() + self.given.iter().sum::<i64>()
    }

    /// Whether no schedule can exceed the capacity.
    pub fn is_unlimited(&self) -> bool {
        self.capacity == NO_STORAGE_LIMIT || self.initial + self.given.iter().sum::<i64>() <= self.capacity
    }

    /// Two levels that must not fall below 0: the content of the store and, if the capacity can bind, the free space in it.
    pub fn reservoirs(&self, duration: &[i64]) -> impl Iterator<Item = Reservoir> {
        let side = |initial: i64, sign: i64| {
            let users = (0..duration.len()).map(|i| ReservoirUser {
                interval: i as u32,
                length: duration[i] as i32,
                at_start: -sign * self.taken[i],
                at_end: sign * self.given[i],
            });
            Reservoir::new(initial, users)
        };
        let room = (!self.is_unlimited()).then(|| side(self.capacity - self.initial, -1));
        [side(self.initial, 1)].into_iter().chain(room)
    }
}
