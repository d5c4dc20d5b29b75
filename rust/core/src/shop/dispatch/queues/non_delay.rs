//! The ready operations of a machine, for non-delay schedules.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use super::by_rule::ByRule;
use super::{Head, NOTHING, Ready};
use crate::shop::rule::Candidate;

/// The head is the operation that the rule chooses among those with the earliest start: start, key, operation.
#[derive(Debug)]
pub(super) struct Queue {
    free: i64,
    /// Those that have arrived when the machine is free.
    here: ByRule,
    /// The others by arrival, with the key that they have then.
    coming: BinaryHeap<Reverse<Head>>,
}

impl super::Queue for Queue {
    fn new(free: i64) -> Self {
        Self { free, here: ByRule::default(), coming: BinaryHeap::new() }
    }

    #[inline]
    fn arrive(&mut self, candidate: Candidate, ready: &Ready) -> Head {
        let start = candidate.arrival.max(self.free);
        let head = (start, ready.keys.of(candidate, start), candidate.operation as u32);
        if candidate.arrival <= self.free {
            self.here.push(candidate, ready);
        } else {
            self.coming.push(Reverse(head));
        }
        head
    }

    #[inline]
    fn take(&mut self, (start, _, operation): Head, _: &Ready) -> (usize, i64) {
        if self.coming.peek().is_some_and(|first| first.0.2 == operation) {
            self.coming.pop();
        } else {
            self.here.remove(operation as usize);
        }
        (operation as usize, start)
    }

    #[inline]
    fn release(&mut self, free: i64, ready: &Ready) -> Head {
        self.free = free;
        while let Some(&Reverse((arrival, _, operation))) = self.coming.peek() {
            if arrival > free {
                break;
            }
            self.coming.pop();
            self.here.push(ready.candidate(operation as usize), ready);
        }
        match self.here.least(free, ready) {
            Some((key, operation)) => (free, key, operation),
            None => self.coming.peek().map_or(NOTHING, |first| first.0),
        }
    }

    fn scanned(&self) -> usize {
        self.here.scanned()
    }
}
