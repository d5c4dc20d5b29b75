//! A priority queue of waiting jobs for a stable system: a short sorted array in front of a binary heap.
//!
//! At load 0.9 SRPT rarely has more than thirty waiting jobs, and a sorted array beats any heap there. In overload the array holds the
//! front of the queue and the heap holds the rest.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use crate::control::Pulse;
use crate::cost::EVENT;

/// The sorted array holds at most this many jobs (and a sentinel).
pub(super) const CAPACITY: usize = 63;

/// Remaining time and job.
pub(super) type Item = (f64, u32);

/// The sentinel below all jobs, which never completes.
pub(super) const NO_JOB: Item = (f64::INFINITY, u32::MAX);

/// The waiting jobs, the one with the least remaining time last. The array is empty only if the heap is.
///
/// `last` is the number of jobs in the array. Every method takes it and returns its new value, because it must stay in a register;
/// [`WaitingJobs`] keeps it for callers that can afford that.
pub(super) struct HybridHeap {
    array: [Item; CAPACITY + 1],
    /// Jobs with more remaining time than any in the array. The bits of positive numbers order as the numbers do.
    heap: BinaryHeap<Reverse<(u64, u32)>>,
    /// Checked once for each block of arrivals, and whenever jobs move from the heap to the array.
    pulse: Pulse,
}

impl HybridHeap {
    pub fn new(pulse: &Pulse) -> Self {
        Self { array: [NO_JOB; CAPACITY + 1], heap: BinaryHeap::new(), pulse: pulse.clone() }
    }

    /// Whether the simulation, which is about to take this many arrivals, was stopped.
    pub fn stopped(&mut self, arrivals: usize) -> bool {
        self.pulse.worked(arrivals as u64) || self.pulse.stopped()
    }

    /// The job at this place of the array.
    #[inline]
    pub fn at(&self, place: usize) -> Item {
        self.array[place]
    }

    /// Takes the next job out; the sentinel if no job waits.
    #[inline(always)]
    pub fn pop(&mut self, last: usize) -> (Item, usize) {
        let next = self.array[last];
        if last > 1 {
            return (next, last - 1);
        }
        (next, if self.heap.is_empty() { 0 } else { self.refill() })
    }

    /// Puts a job before all others. The sentinel is put into an empty array only, where it already is.
    #[inline(always)]
    pub fn push_first(&mut self, last: usize, item: Item) -> usize {
        let last = last + usize::from(item.1 != NO_JOB.1);
        self.array[last] = item;
        last
    }

    /// Inserts a job that arrives into an array that is not full. With `IN_ORDER` its index is above all others, so it goes behind all
    /// jobs of equal remaining time.
    #[inline(always)]
    pub fn insert<const IN_ORDER: bool>(&mut self, last: usize, item: Item) -> usize {
        let behind = |other: Item| other.0 < item.0 || (other.0 == item.0 && (IN_ORDER || other.1 < item.1));
        let mut place = last + 1;
        while behind(self.array[place - 1]) {
            self.array[place] = self.array[place - 1];
            place -= 1;
        }
        self.array[place] = item;
        if place == 1 && !self.heap.is_empty() { self.move_to_heap(last + 1) } else { last + 1 }
    }

    /// Moves the largest job of the array to the heap if the heap holds a smaller one.
    #[cold]
    fn move_to_heap(&mut self, last: usize) -> usize {
        let (remaining, job) = self.array[1];
        let item = (remaining.to_bits(), job);
        if self.heap.peek().is_none_or(|&Reverse(least)| item <= least) {
            return last;
        }
        self.heap.push(Reverse(item));
        self.array.copy_within(2..=last, 1);
        last - 1
    }

    /// Puts the job that has just lost the server in its place by index among jobs of equal remaining time.
    pub fn settle_tie(&mut self, last: usize) {
        let mut place = last;
        while place > 1 && self.array[place - 1].0 == self.array[place].0 && self.array[place - 1].1 < self.array[place].1 {
            self.array.swap(place - 1, place);
            place -= 1;
        }
    }

    /// Moves the next jobs from the heap to the array. If the simulation was stopped, the heap is emptied, so that the loop ends.
    #[cold]
    fn refill(&mut self) -> usize {
        if self.pulse.worked(EVENT * (CAPACITY / 2) as u64) {
            self.heap.clear();
        }
        let mut last = 0;
        while last < CAPACITY / 2
            && let Some(Reverse((bits, job))) = self.heap.pop()
        {
            last += 1;
            self.array[last] = (f64::from_bits(bits), job);
        }
        self.array[1..=last].reverse();
        last
    }

    /// Moves the larger half of the array to the heap if the array is full.
    #[inline(always)]
    pub fn free_place(&mut self, last: usize) -> usize {
        if last == CAPACITY { self.move_half_to_heap(last) } else { last }
    }

    #[cold]
    fn move_half_to_heap(&mut self, last: usize) -> usize {
        let half = CAPACITY / 2;
        self.heap.extend(self.array[1..=half].iter().map(|&(remaining, job)| Reverse((remaining.to_bits(), job))));
        self.array.copy_within(half + 1..=last, 1);
        last - half
    }
}

/// A [`HybridHeap`] with its own count of the array: a minimum queue by remaining time, then job.
pub(super) struct WaitingJobs {
    heap: HybridHeap,
    last: usize,
}

impl WaitingJobs {
    pub fn new(pulse: &Pulse) -> Self {
        Self { heap: HybridHeap::new(pulse), last: 0 }
    }

    /// Adds a job; `remaining` is positive.
    #[inline]
    pub fn push(&mut self, remaining: f64, job: u32) {
        let last = self.heap.free_place(self.last);
        self.last = self.heap.insert::<false>(last, (remaining, job));
    }

    /// The least remaining time; infinite if no job waits.
    #[inline]
    pub fn least(&self) -> f64 {
        self.heap.at(self.last).0
    }

    /// Takes out the job with the least remaining time.
    #[inline]
    pub fn pop(&mut self) -> Option<Item> {
        if self.last == 0 {
            return None;
        }
        let (item, last) = self.heap.pop(self.last);
        self.last = last;
        Some(item)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::collections::BTreeSet;

    proptest! {
        #[test]
        fn waiting_jobs_leave_in_the_order_of_a_sorted_set(ops in prop::collection::vec((0_u8..5, 1_u32..400), 0..1500)) {
            let (mut fast, mut slow) = (WaitingJobs::new(&Pulse::default()), BTreeSet::new());
            for (job, (op, size)) in ops.into_iter().enumerate() {
                if op == 0 {
                    let expected = slow.pop_first().map(|(size, job): (u32, u32)| (f64::from(size), job));
                    prop_assert_eq!(fast.pop(), expected);
                } else {
                    fast.push(f64::from(size), job as u32);
                    slow.insert((size, job as u32));
                }
                prop_assert_eq!(fast.least(), slow.first().map_or(f64::INFINITY, |&(size, _)| f64::from(size)));
            }
        }
    }
}
