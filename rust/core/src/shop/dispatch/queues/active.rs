//! The ready operations of a machine, for active schedules.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use super::by_rule::ByRule;
use super::{Head, NOTHING, Ready};
use crate::shop::rule::Candidate;

/// A value and its operation, the least first.
type Ranked = BinaryHeap<Reverse<(i64, u32)>>;

/// The head is the operation of the earliest completion: completion, nothing, operation.
///
/// An operation that is placed leaves some heaps at once, the others when it becomes their first one.
#[derive(Debug)]
pub(super) struct Queue {
    free: i64,
    /// Those that have arrived when the machine is free, by duration.
    by_duration: Ranked,
    /// The others by completion, and by arrival.
    by_completion: Ranked,
    by_arrival: Ranked,
    /// Those that arrive before the last head was complete: the rule chooses among them.
    near: ByRule,
    /// The others by arrival.
    far: Ranked,
}

impl super::Queue for Queue {
    fn new(free: i64) -> Self {
        let none = BinaryHeap::new;
        Self { free, by_duration: none(), by_completion: none(), by_arrival: none(), near: ByRule::default(), far: none() }
    }

    #[inline]
    fn arrive(&mut self, candidate: Candidate, ready: &Ready) -> Head {
        let operation = candidate.operation as u32;
        let completion = candidate.arrival.max(self.free) + candidate.duration;
        if candidate.arrival <= self.free {
            self.by_duration.push(Reverse((candidate.duration, operation)));
            self.near.push(candidate, ready);
        } else {
            self.by_completion.push(Reverse((completion, operation)));
            self.by_arrival.push(Reverse((candidate.arrival, operation)));
            self.far.push(Reverse((candidate.arrival, operation)));
        }
        (completion, 0, operation)
    }

    fn take(&mut self, (completion, _, first): Head, ready: &Ready) -> (usize, i64) {
        let first = ready.candidate(first as usize);
        let mut chosen = first.operation;
        // Nothing starts before the completion of an operation of duration 0 that starts when the machine is free.
        if self.free < completion {
            self.approach(completion, ready);
            chosen = self.choose(first, ready);
        }
        self.near.remove(chosen);
        (chosen, ready.candidate(chosen).arrival.max(self.free))
    }

    #[inline]
    fn release(&mut self, free: i64, ready: &Ready) -> Head {
        self.free = free;
        while let Some(&Reverse((arrival, operation))) = self.by_arrival.peek() {
            if arrival > free {
                break;
            }
            self.by_arrival.pop();
            if !ready.is_placed(operation) {
                self.by_duration.push(Reverse((ready.duration(operation as usize), operation)));
            }
        }
        let here = first(&mut self.by_duration, |_, operation| ready.is_placed(operation));
        let arrived = |completion: i64, operation: u32| completion - ready.duration(operation as usize) <= free;
        let coming = first(&mut self.by_completion, |c, operation| ready.is_placed(operation) || arrived(c, operation));
        let heads =
            [here.map(|(duration, operation)| (free + duration, 0, operation)), coming.map(|(c, operation)| (c, 0, operation))];
        heads.into_iter().flatten().min().unwrap_or(NOTHING)
    }

    fn scanned(&self) -> usize {
        self.near.scanned()
    }
}

impl Queue {
    /// Lets those compete that arrive before a moment.
    #[inline]
    fn approach(&mut self, moment: i64, ready: &Ready) {
        while let Some(&Reverse((arrival, operation))) = self.far.peek() {
            if arrival >= moment {
                break;
            }
            self.far.pop();
            if !ready.is_placed(operation) {
                self.near.push(ready.candidate(operation as usize), ready);
            }
        }
    }

    /// The operation that the rule chooses. The first one competes even if its duration is 0 and it arrives only now.
    #[inline]
    fn choose(&mut self, first: Candidate, ready: &Ready) -> usize {
        let now = if ready.keys.moves { self.near.earliest().unwrap_or(first.arrival).max(self.free) } else { 0 };
        let best = (ready.keys.of(first, now), first.operation as u32);
        self.near.least(now, ready).map_or(best, |least| least.min(best)).1 as usize
    }
}

/// The first entry of a heap, after those for which `gone` holds have been removed.
#[inline]
fn first(heap: &mut Ranked, gone: impl Fn(i64, u32) -> bool) -> Option<(i64, u32)> {
    while let Some(&Reverse((value, operation))) = heap.peek() {
        if !gone(value, operation) {
            return Some((value, operation));
        }
        heap.pop();
    }
    None
}
