//! The operations that compete for a machine, in the order of the rule.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use super::Ready;
use crate::shop::rule::Candidate;

/// A heap if keys stay, a list if they depend on the moment.
#[derive(Debug, Default)]
pub(super) struct ByRule {
    heap: BinaryHeap<Reverse<(i64, u32)>>,
    /// With a number that no key is below.
    list: Vec<(i64, Candidate)>,
}

impl ByRule {
    #[inline]
    pub fn push(&mut self, candidate: Candidate, ready: &Ready) {
        if ready.keys.moves {
            self.list.push((ready.keys.bound(candidate), candidate));
        } else {
            self.heap.push(Reverse((ready.keys.of(candidate, 0), candidate.operation as u32)));
        }
    }

    /// The least key at a moment, with its operation. Operations that have been placed by another way than [`remove`](Self::remove)
    /// are passed over.
    #[inline]
    pub fn least(&mut self, now: i64, ready: &Ready) -> Option<(i64, u32)> {
        if ready.keys.moves {
            let mut least = None;
            for &(bound, candidate) in &self.list {
                if least.is_none_or(|least: (i64, u32)| bound <= least.0) {
                    let found = (ready.keys.of(candidate, now), candidate.operation as u32);
                    least = Some(least.map_or(found, |least| least.min(found)));
                }
            }
            return least;
        }
        while let Some(&Reverse(first)) = self.heap.peek() {
            if !ready.is_placed(first.1) {
                return Some(first);
            }
            self.heap.pop();
        }
        None
    }

    /// Removes the operation that was the least one; another one only if keys depend on the moment.
    #[inline]
    pub fn remove(&mut self, operation: usize) {
        if self.heap.peek().is_some_and(|first| first.0.1 as usize == operation) {
            self.heap.pop();
        } else if let Some(at) = self.list.iter().position(|(_, c)| c.operation == operation) {
            self.list.swap_remove(at);
        }
    }

    /// The earliest arrival, for rules whose keys depend on the moment.
    pub fn earliest(&self) -> Option<i64> {
        self.list.iter().map(|(_, c)| c.arrival).min()
    }

    /// Number of operations that a look at all keys reads.
    pub fn scanned(&self) -> usize {
        self.list.len()
    }
}
