//! SRPT on one server without ceremony, for millions of jobs: completion times and the number of preemptions.
//!
//! The general simulator gives the same answers (the tests hold it to that) at several times the price. What a job costs here is
//! mispredicted branches: how many jobs complete before it arrives, whether it takes the server, how many are shorter if not.
//! Ways to insert without branches (counting over fixed lanes, shifts of fixed width, selects) were measured and are slower.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use super::{Flow, Jobs, srpt_servers};
use crate::simd;

/// The short array holds at most this many jobs (and a sentinel).
const ROOM: usize = 63;

/// How many completion times are made at once: few enough to be in the cache when the jobs complete soon after.
const BLOCK: usize = 1024;

/// Remaining time and job.
type Item = (f64, u32);

/// No job: the sentinel below all others, which never completes.
const NOBODY: Item = (f64::INFINITY, u32::MAX);

/// SRPT on `servers` identical servers, with migration. O(n (log n + servers)) at worst, O(n) while few jobs wait.
pub(super) fn run(jobs: &Jobs, servers: usize) -> Flow {
    let (completion_time, num_preemptions) = if servers <= 1 {
        one(jobs, jobs.processing_time())
    } else {
        srpt_servers::several(jobs, servers.min(jobs.len().max(1)))
    };
    Flow { completion_time, num_preemptions, segments: None }
}

/// One server; `size` stands in for the jobs' own sizes.
pub(super) fn one(jobs: &Jobs, size: &[f64]) -> (Vec<f64>, u64) {
    if jobs.in_order() { serve::<true>(jobs, size) } else { serve::<false>(jobs, size) }
}

/// The waiting jobs, the one with the least remaining time last. At load 0.9 there are rarely more than thirty, and a sorted array
/// beats any heap; in overload the array is the front of the heap, and empty only if the heap is. Where the array ends goes in and
/// out of every method, because it must stay in a register.
struct Line {
    array: [Item; ROOM + 1],
    /// Jobs with more remaining time than any in the array; bits of a positive number order as the number.
    heap: BinaryHeap<Reverse<(u64, u32)>>,
}

impl Line {
    /// Takes the next job out; nobody if nobody waits.
    #[inline(always)]
    fn pop(&mut self, last: usize) -> (Item, usize) {
        let next = self.array[last];
        if last > 1 {
            return (next, last - 1);
        }
        (next, if self.heap.is_empty() { 0 } else { self.refill() })
    }

    /// Puts a job before all others; nobody becomes the sentinel of an empty line.
    #[inline(always)]
    fn push_first(&mut self, last: usize, item: Item) -> usize {
        let last = last + usize::from(item.1 != NOBODY.1);
        self.array[last] = item;
        last
    }

    /// Puts a job that arrives in its place: with jobs in order of their indices behind all of equal remaining time.
    #[inline(always)]
    fn insert<const IN_ORDER: bool>(&mut self, last: usize, item: Item) -> usize {
        let behind = |other: Item| other.0 < item.0 || (other.0 == item.0 && (IN_ORDER || other.1 < item.1));
        let mut place = last + 1;
        while behind(self.array[place - 1]) {
            self.array[place] = self.array[place - 1];
            place -= 1;
        }
        self.array[place] = item;
        if place == 1 && !self.heap.is_empty() { self.move_to_heap(last + 1) } else { last + 1 }
    }

    /// The first one of the array belongs to the heap if somebody there is shorter.
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

    /// A job that has lost the server loses its claim against others of equal remaining time too.
    fn settle_tie(&mut self, last: usize) {
        let mut place = last;
        while place > 1 && self.array[place - 1].0 == self.array[place].0 && self.array[place - 1].1 < self.array[place].1 {
            self.array.swap(place - 1, place);
            place -= 1;
        }
    }

    #[cold]
    fn refill(&mut self) -> usize {
        let mut last = 0;
        while last < ROOM / 2
            && let Some(Reverse((bits, job))) = self.heap.pop()
        {
            last += 1;
            self.array[last] = (f64::from_bits(bits), job);
        }
        self.array[1..=last].reverse();
        last
    }

    #[cold]
    fn spill(&mut self, last: usize) -> usize {
        let half = ROOM / 2;
        self.heap.extend(self.array[1..=half].iter().map(|&(remaining, job)| Reverse((remaining.to_bits(), job))));
        self.array.copy_within(half + 1..=last, 1);
        last - half
    }
}

/// With jobs in order of their indices nobody who arrives can win a tie; else ties need a look.
fn serve<const IN_ORDER: bool>(jobs: &Jobs, size: &[f64]) -> (Vec<f64>, u64) {
    let n = jobs.len();
    let release = &jobs.release_time()[..n];
    let size = &size[..n];
    let mut completion_time = simd::fresh(n);
    let mut preemptions = 0;
    let mut line = Line { array: [NOBODY; ROOM + 1], heap: BinaryHeap::new() };
    let mut last = 0;
    // The running job, when it will complete, and since when it runs.
    let (mut running, mut end, mut since) = (NOBODY.1, f64::INFINITY, f64::INFINITY);
    for block in (0..n).step_by(BLOCK) {
        let until = n.min(block + BLOCK);
        completion_time.resize(if IN_ORDER { until } else { n }, 0.0);
        let completion_time = completion_time.as_mut_slice();
        for k in block..until {
            let job = if IN_ORDER { k } else { jobs.arrival(k) };
            let (now, p) = (release[job], size[job]);
            while end <= now {
                completion_time[running as usize] = end;
                let ((remaining, next), shorter) = line.pop(last);
                last = shorter;
                (running, end, since) = (next, end + remaining, end);
            }
            if p == 0.0 {
                completion_time[job] = now;
                continue;
            }
            if last == ROOM {
                last = line.spill(last);
            }
            let (left, item) = (end - now, (p, job as u32));
            // The running job stays unless the new one is shorter; it has no such claim at the moment when it starts.
            if p < left || (!IN_ORDER && p == left && since == now && item.1 < running) {
                preemptions += u64::from(since < now && running != NOBODY.1);
                last = line.push_first(last, (left, running));
                if !IN_ORDER {
                    line.settle_tie(last);
                }
                (running, end, since) = (item.1, now + p, now);
            } else {
                last = line.insert::<IN_ORDER>(last, item);
            }
        }
    }
    while running != NOBODY.1 {
        completion_time[running as usize] = end;
        let ((remaining, next), shorter) = line.pop(last);
        last = shorter;
        (running, end) = (next, end + remaining);
    }
    (completion_time, preemptions)
}
