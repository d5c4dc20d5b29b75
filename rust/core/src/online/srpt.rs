//! SRPT on one server without ceremony, for millions of jobs: completion times and the number of preemptions.
//!
//! The general simulator gives the same answers (the tests hold it to that) at several times the price; its clock counts from the
//! beginning of a busy period, so the last digits of real times may differ. What a job costs here is
//! mispredicted branches: how many jobs complete before it arrives, whether it takes the server, how many are shorter if not.
//! Ways to insert without branches that every processor has (counting over fixed lanes, shifts of fixed width, selects) were measured
//! and are slower.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use super::{EVENT, Flow, Jobs, srpt_registers, srpt_servers};
use crate::control::Pulse;
use crate::memory::{self, OutOfMemory};
use crate::simd;

/// The short array holds at most this many jobs (and a sentinel).
pub(super) const ROOM: usize = 63;

/// How many completion times are made at once: few enough to be in the cache when the jobs complete soon after.
pub(super) const BLOCK: usize = 1024;

/// Remaining time and job.
pub(super) type Item = (f64, u32);

/// No job: the sentinel below all others, which never completes.
pub(super) const NOBODY: Item = (f64::INFINITY, u32::MAX);

/// SRPT on `servers` identical servers, with migration. O(n (log n + servers)) at worst, O(n) while few jobs wait.
pub(super) fn run(jobs: &Jobs, servers: usize, pulse: &Pulse) -> Result<Flow, OutOfMemory> {
    memory::require_items(jobs.len(), size_of::<f64>())?;
    let (completion_time, num_preemptions) = if servers <= 1 {
        one(jobs, jobs.processing_time(), pulse)
    } else {
        srpt_servers::several(jobs, servers.min(jobs.len().max(1)), pulse)
    };
    Ok(Flow { completion_time, num_preemptions, segments: None })
}

/// One server; `size` stands in for the jobs' own sizes. Where the processor has wide registers they take the place of the array's end.
pub(super) fn one(jobs: &Jobs, size: &[f64], pulse: &Pulse) -> (Vec<f64>, u64) {
    match jobs.in_order() {
        true if simd::avx512().is_some() => srpt_registers::serve(jobs, size, pulse),
        true => serve::<true>(jobs, size, pulse),
        false => serve::<false>(jobs, size, pulse),
    }
}

/// The waiting jobs, the one with the least remaining time last. At load 0.9 there are rarely more than thirty, and a sorted array
/// beats any heap; in overload the array is the front of the heap, and empty only if the heap is. Where the array ends goes in and
/// out of every method, because it must stay in a register.
pub(super) struct Line {
    array: [Item; ROOM + 1],
    /// Jobs with more remaining time than any in the array; bits of a positive number order as the number.
    heap: BinaryHeap<Reverse<(u64, u32)>>,
    /// Asked once for each block of arrivals, and whenever the heap is drawn upon.
    pulse: Pulse,
}

impl Line {
    pub fn new(pulse: &Pulse) -> Self {
        Self { array: [NOBODY; ROOM + 1], heap: BinaryHeap::new(), pulse: pulse.clone() }
    }

    /// Whether the simulation, which is about to take this many arrivals, was stopped.
    pub fn stopped(&mut self, arrivals: usize) -> bool {
        self.pulse.worked(arrivals as u64) || self.pulse.stopped()
    }

    /// The job at this place of the array.
    pub fn at(&self, place: usize) -> Item {
        self.array[place]
    }

    /// Takes the next job out; nobody if nobody waits.
    #[inline(always)]
    pub fn pop(&mut self, last: usize) -> (Item, usize) {
        let next = self.array[last];
        if last > 1 {
            return (next, last - 1);
        }
        (next, if self.heap.is_empty() { 0 } else { self.refill() })
    }

    /// Puts a job before all others; nobody becomes the sentinel of an empty line.
    #[inline(always)]
    pub fn push_first(&mut self, last: usize, item: Item) -> usize {
        let last = last + usize::from(item.1 != NOBODY.1);
        self.array[last] = item;
        last
    }

    /// Puts a job that arrives in its place: with jobs in order of their indices behind all of equal remaining time.
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

    /// The next jobs from the heap. A simulation that was stopped is left without jobs, so that it ends.
    #[cold]
    fn refill(&mut self) -> usize {
        if self.pulse.worked(EVENT * (ROOM / 2) as u64) {
            self.heap.clear();
        }
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
    pub fn spill(&mut self, last: usize) -> usize {
        let half = ROOM / 2;
        self.heap.extend(self.array[1..=half].iter().map(|&(remaining, job)| Reverse((remaining.to_bits(), job))));
        self.array.copy_within(half + 1..=last, 1);
        last - half
    }
}

/// With jobs in order of their indices nobody who arrives can win a tie; else ties need a look.
pub(super) fn serve<const IN_ORDER: bool>(jobs: &Jobs, size: &[f64], pulse: &Pulse) -> (Vec<f64>, u64) {
    let n = jobs.len();
    let release = &jobs.release_time()[..n];
    let size = &size[..n];
    let mut completion_time = simd::fresh(n);
    let mut preemptions = 0;
    let mut line = Line::new(pulse);
    let mut last = 0;
    // The running job, when it will complete, and since when it runs.
    let (mut running, mut end, mut since) = (NOBODY.1, f64::INFINITY, f64::INFINITY);
    for block in (0..n).step_by(BLOCK) {
        if line.stopped(BLOCK) {
            break;
        }
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
    finish(&mut completion_time, (end, running), &mut line, last);
    (completion_time, preemptions)
}

/// Nobody arrives any more.
pub(super) fn finish(completion_time: &mut [f64], (mut end, mut running): Item, line: &mut Line, mut last: usize) {
    while running != NOBODY.1 {
        completion_time[running as usize] = end;
        let ((remaining, next), shorter) = line.pop(last);
        last = shorter;
        (running, end) = (next, end + remaining);
    }
}
