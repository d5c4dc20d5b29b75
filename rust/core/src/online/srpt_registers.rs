//! SRPT on one server for jobs in order of release, on processors with wide registers.
//!
//! The eight waiting jobs with the least remaining time are kept in two registers, where a job is inserted without a branch. All other
//! jobs wait in the hybrid heap of the plain loop, which is the oracle of this one. Whether a job completes
//! before the next one arrives takes no branch either; a job costs one mispredicted branch when several do.

use std::hint::select_unpredictable;

use super::Jobs;
use super::hybrid_heap::{HybridHeap, NO_JOB};
use super::srpt::{BLOCK, finish};
use crate::control::Pulse;
use crate::simd::{self, EIGHT, NOTHING, Pairs, SearchKernel, SortedPairs, Work};

/// The jobs in the registers, and the one that runs.
struct Next {
    pairs: Pairs,
    count: usize,
    running: u64,
    /// When the running job will complete, and since when it runs.
    end: f64,
    since: f64,
    preemptions: u64,
}

/// Why the loop over arrivals was left.
enum Pause {
    Done,
    /// The registers are empty, but other jobs wait.
    Empty,
    /// A job arrives and the registers are full.
    Full,
    /// A job arrives and belongs behind all jobs in the registers.
    Behind,
}

/// One server; `size` replaces the jobs' own sizes.
pub(super) fn serve(jobs: &Jobs, size: &[f64], pulse: &Pulse) -> (Vec<f64>, u64) {
    let n = jobs.len();
    let release = &jobs.release_time()[..n];
    let mut completion_time = simd::fresh(n);
    let (mut waiting, mut last) = (HybridHeap::new(pulse), 0);
    let mut next =
        Next { pairs: Pairs::EMPTY, count: 0, running: NOTHING.1, end: f64::INFINITY, since: f64::INFINITY, preemptions: 0 };
    for block in (0..n).step_by(BLOCK) {
        if waiting.stopped(BLOCK) {
            break;
        }
        let until = n.min(block + BLOCK);
        completion_time.resize(until, 0.0);
        let mut first = block;
        loop {
            let behind = if last == 0 { f64::INFINITY } else { waiting.at(last).0 };
            let arrivals = Arrivals { release, size, completion_time: &mut completion_time, next: &mut next, first, behind };
            let (k, pause) = simd::run(arrivals);
            first = k;
            match pause {
                Pause::Done => break,
                Pause::Empty => last = draw(&mut next, &mut waiting, last),
                Pause::Full => last = put_back(&mut next, EIGHT / 2, &mut waiting, last),
                Pause::Behind => {
                    last = waiting.free_place(last);
                    last = waiting.insert::<true>(last, (size[k], k as u32));
                    first += 1;
                }
            }
        }
    }
    last = put_back(&mut next, 0, &mut waiting, last);
    let running = if next.running == NOTHING.1 { NO_JOB.1 } else { next.running as u32 };
    finish(&mut completion_time, (next.end, running), &mut waiting, last);
    if pulse.stopped() {
        completion_time.fill(0.0); // the places of jobs that wait hold times of others
    }
    (completion_time, next.preemptions)
}

/// Fills half of the registers from the heap.
fn draw(next: &mut Next, waiting: &mut HybridHeap, mut last: usize) -> usize {
    while next.count < EIGHT / 2 && last > 0 {
        let ((remaining, job), shorter) = waiting.pop(last);
        last = shorter;
        (next.pairs.number[next.count], next.pairs.owner[next.count]) = (remaining, u64::from(job));
        next.count += 1;
    }
    last
}

/// Moves all but the first `keep` jobs from the registers to the heap.
fn put_back(next: &mut Next, keep: usize, waiting: &mut HybridHeap, mut last: usize) -> usize {
    while next.count > keep {
        next.count -= 1;
        last = waiting.free_place(last);
        last = waiting.push_first(last, (next.pairs.number[next.count], next.pairs.owner[next.count] as u32));
        (next.pairs.number[next.count], next.pairs.owner[next.count]) = NOTHING;
    }
    last
}

/// The jobs from `first` on, as many as there is room for in `completion_time`.
struct Arrivals<'a> {
    release: &'a [f64],
    size: &'a [f64],
    completion_time: &'a mut [f64],
    next: &'a mut Next,
    first: usize,
    /// The remaining time of the job that follows those in the registers; infinite if there is none.
    behind: f64,
}

impl Work for Arrivals<'_> {
    /// The job that was not served, and why.
    type Output = (usize, Pause);

    #[inline(always)]
    fn run(self, kernel: impl SearchKernel) -> (usize, Pause) {
        let Self { completion_time, next, behind, .. } = self;
        let until = completion_time.len();
        let (release, size) = (&self.release[..until], &self.size[..until]);
        let others_wait = behind < f64::INFINITY;
        // All of this must stay in registers, so it is taken out of `next` and put back.
        let mut lanes = kernel.load(&next.pairs);
        let Next { mut count, mut running, mut end, mut since, mut preemptions, .. } = *next;
        let (mut k, mut pause) = (self.first, Pause::Done);
        'arrivals: while k < until {
            let (now, p) = (release[k], size[k]);
            // The first completion before this arrival takes no branch. The place of job `k` is free until it completes.
            let done = end <= now;
            completion_time[select_unpredictable(done, running as usize, k)] = end;
            let (remaining, job) = lanes.take_if(done);
            running = select_unpredictable(done, job, running);
            since = select_unpredictable(done, end, since);
            end = select_unpredictable(done, end + remaining, end);
            count = count.saturating_sub(usize::from(done));
            if others_wait && count == 0 && done {
                pause = Pause::Empty;
                break;
            }
            while end <= now {
                completion_time[running as usize] = end;
                let (remaining, job) = lanes.take();
                (running, end, since) = (job, end + remaining, end);
                count = count.saturating_sub(1);
                if others_wait && count == 0 {
                    pause = Pause::Empty;
                    break 'arrivals;
                }
            }
            if p == 0.0 {
                completion_time[k] = now;
                k += 1;
                continue;
            }
            if count == EIGHT {
                pause = Pause::Full;
                break;
            }
            if p >= behind {
                pause = Pause::Behind;
                break;
            }
            // The running job stays unless the new one is shorter.
            let left = end - now;
            let shorter = p < left;
            let any_runs = running != NOTHING.1;
            preemptions += u64::from(shorter) & u64::from(since < now) & u64::from(any_runs);
            lanes.put_larger((left, running), (p, k as u64));
            count += usize::from(any_runs);
            running = select_unpredictable(shorter, k as u64, running);
            end = select_unpredictable(shorter, now + p, end);
            since = select_unpredictable(shorter, now, since);
            k += 1;
        }
        *next = Next { pairs: lanes.pairs(), count, running, end, since, preemptions };
        (k, pause)
    }
}

#[cfg(test)]
mod tests {
    use super::super::srpt;
    use super::*;
    use crate::online::JobsData;
    use proptest::prelude::*;

    proptest! {
        /// Small integers bring ties, and more jobs at once than registers, array and heap hold one after the other.
        #[test]
        fn equals_the_plain_loop(rows in prop::collection::vec((0_u8..5, 0_u8..8), 0..600), scale in 1_u8..6, gap in 0_usize..600) {
            let mut data = JobsData::default();
            let mut now = 0.0;
            for (k, &(wait, size)) in rows.iter().enumerate() {
                now += f64::from(wait / scale) + if k == gap { 1000.0 } else { 0.0 };
                data.release_time.push(now);
                data.operation.push(f64::from(size) * 0.75);
            }
            let jobs = Jobs::new(data).unwrap();
            let pulse = Pulse::default();
            prop_assert_eq!(
                serve(&jobs, jobs.processing_time(), &pulse),
                srpt::serve::<true>(&jobs, jobs.processing_time(), &pulse)
            );
        }
    }
}
