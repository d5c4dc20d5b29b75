//! The running keys, and when they end by their estimates.

use std::collections::BTreeSet;

use crate::online::heap::{ordered, value};

/// Running keys in no order, and by their predicted ends.
#[derive(Debug, Clone, Default)]
pub(super) struct RunningSet {
    keys: Vec<u32>,
    /// Start plus estimate and number of each key; infinite ends for keys without an estimate.
    ends: BTreeSet<(u64, u32)>,
    /// Whether the ends are kept.
    keeps_ends: bool,
}

impl RunningSet {
    /// No keys. Without `keeps_ends` their ends are not kept, because nothing will ask for them.
    pub fn new(keeps_ends: bool) -> Self {
        Self { keeps_ends, ..Self::default() }
    }

    /// The running keys, in no order.
    pub fn keys(&self) -> &[u32] {
        &self.keys
    }

    /// Adds a key; returns its place.
    pub fn insert(&mut self, number: u32, end: f64) -> u32 {
        self.keys.push(number);
        if self.keeps_ends {
            self.ends.insert((ordered(end), number));
        }
        self.keys.len() as u32 - 1
    }

    /// Removes the key in a place; returns the key that has this place from now on.
    pub fn remove(&mut self, place: u32, end: f64) -> Option<u32> {
        let number = self.keys.swap_remove(place as usize);
        if self.keeps_ends {
            self.ends.remove(&(ordered(end), number));
        }
        self.keys.get(place as usize).copied()
    }

    /// Ends by the estimates alone, earliest first, then by number.
    pub fn ends(&self) -> impl Iterator<Item = (f64, u32)> + '_ {
        self.ends.iter().map(|&(end, number)| (value(u128::from(end) << 64), number))
    }
}
