//! SRPT on one server without ceremony, for millions of jobs: completion times and the number of preemptions.
//!
//! The general simulator gives the same answers (the tests hold it to that) at several times the price. What a job costs here is
//! two mispredicted branches: how many jobs complete before it arrives, and how many are shorter.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use super::{Flow, Jobs, srpt_servers};

/// The short array holds the running job and at most this many others (and a sentinel).
const ROOM: usize = 63;

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

/// The jobs in the system, the one with the least remaining time last; it runs. At load 0.9 there are rarely more than thirty,
/// and a sorted array beats any heap; in overload the array is the front of the heap.
struct Line {
    array: [Item; ROOM + 1],
    last: usize,
    /// Jobs with more remaining time than any in the array; bits of a positive number order as the number.
    heap: BinaryHeap<Reverse<(u64, u32)>>,
}

impl Line {
    /// Takes the running job out; the next one is last.
    #[inline]
    fn pop(&mut self) {
        self.last -= 1;
        if self.last == 0 && !self.heap.is_empty() {
            self.refill();
        }
    }

    /// A job that has lost the server loses its claim against others of equal remaining time too.
    fn settle_tie(&mut self, mut place: usize) {
        while place > 1 && self.array[place - 1].0 == self.array[place].0 && self.array[place - 1].1 < self.array[place].1 {
            self.array.swap(place - 1, place);
            place -= 1;
        }
    }

    #[cold]
    fn refill(&mut self) {
        while self.last < ROOM / 2
            && let Some(Reverse((bits, job))) = self.heap.pop()
        {
            self.last += 1;
            self.array[self.last] = (f64::from_bits(bits), job);
        }
        self.array[1..=self.last].reverse();
    }

    #[cold]
    fn spill(&mut self) {
        let half = ROOM / 2;
        self.heap.extend(self.array[1..=half].iter().map(|&(remaining, job)| Reverse((remaining.to_bits(), job))));
        self.array.copy_within(half + 1..=self.last, 1);
        self.last -= half;
    }
}

/// With jobs in order of their indices a new one goes behind all of equal remaining time; else ties need a look.
fn serve<const IN_ORDER: bool>(jobs: &Jobs, size: &[f64]) -> (Vec<f64>, u64) {
    let n = jobs.len();
    let release = &jobs.release_time()[..n];
    let size = &size[..n];
    let mut completion_time = vec![0.0; n];
    let mut preemptions = 0;
    let mut line = Line { array: [NOBODY; ROOM + 1], last: 0, heap: BinaryHeap::new() };
    // When the running job will complete, and since when it runs.
    let (mut end, mut since) = (f64::INFINITY, f64::INFINITY);
    for k in 0..n {
        let job = if IN_ORDER { k } else { jobs.arrival(k) };
        let (now, p) = (release[job], size[job]);
        while end <= now {
            completion_time[line.array[line.last].1 as usize] = end;
            line.pop();
            since = end;
            end += line.array[line.last].0;
        }
        if p == 0.0 {
            completion_time[job] = now;
            continue;
        }
        if line.last == ROOM {
            line.spill();
        }
        let running = line.array[line.last].1;
        line.array[line.last].0 = end - now;
        let item = (p, job as u32);
        let mut place = line.last + 1;
        // The running job stays unless the new one is shorter; it has no such claim at the moment when it starts.
        let behind = |place: usize, other: Item| {
            let first_started = place <= line.last || since == now;
            if IN_ORDER { other.0 <= p } else { other.0 < p || (other.0 == p && !(first_started && other.1 > item.1)) }
        };
        while behind(place, line.array[place - 1]) {
            line.array[place] = line.array[place - 1];
            place -= 1;
        }
        if place == 1
            && let Some(&Reverse(least)) = line.heap.peek()
            && (p.to_bits(), item.1) > least
        {
            // It belongs to the heap: undo the shift.
            line.array.copy_within(2..line.last + 2, 1);
            line.heap.push(Reverse((p.to_bits(), item.1)));
            continue;
        }
        line.array[place] = item;
        line.last += 1;
        if place == line.last {
            preemptions += u64::from(since < now && running != NOBODY.1);
            if !IN_ORDER {
                line.settle_tie(place - 1);
            }
            (end, since) = (now + p, now);
        }
    }
    while line.last > 0 {
        completion_time[line.array[line.last].1 as usize] = end;
        line.pop();
        end += line.array[line.last].0;
    }
    (completion_time, preemptions)
}
