//! SRPT without ceremony, for millions of jobs: completion times and the number of preemptions.
//!
//! The general simulator gives the same answers (the tests hold it to that) at several times the price.

use super::spill::Spill;
use super::{Flow, Jobs};

/// SRPT on `servers` identical servers, with migration. O(n (log n + servers)) at worst, O(n) while the waiting room is short.
pub(super) fn run(jobs: &Jobs, servers: usize) -> Flow {
    let (completion_time, num_preemptions) =
        if servers <= 1 { one(jobs, jobs.processing_time()) } else { several(jobs, servers.min(jobs.len().max(1))) };
    Flow { completion_time, num_preemptions, segments: None }
}

/// One server; `size` stands in for the jobs' own sizes.
pub(super) fn one(jobs: &Jobs, size: &[f64]) -> (Vec<f64>, u64) {
    const IDLE: u32 = u32::MAX;
    let n = jobs.len();
    let release = jobs.release_time();
    let mut completion_time = vec![0.0; n];
    let (mut waiting, mut preemptions) = (Spill::default(), 0);
    // The running job, and when it will complete.
    let (mut job, mut end) = (IDLE, f64::INFINITY);
    let mut k = 0;
    while k < n {
        let new = jobs.arrival(k);
        let (now, p) = (release[new], size[new]);
        k += 1;
        while end < now {
            completion_time[job as usize] = end;
            (job, end) = waiting.pop().map_or((IDLE, f64::INFINITY), |(remaining, next)| (next, end + remaining));
        }
        let alone = end != now && (k == n || release[jobs.arrival(k)] != now);
        if p == 0.0 {
            completion_time[new] = now;
        } else if alone && job == IDLE {
            (job, end) = (new as u32, now + p);
        } else if alone && p < end - now {
            waiting.push(end - now, job);
            preemptions += 1;
            (job, end) = (new as u32, now + p);
        } else {
            waiting.push(p, new as u32);
        }
        if alone {
            continue;
        }
        // Several things happen at once: all arrivals wait, then what is done completes, then the best may run.
        while k < n && release[jobs.arrival(k)] == now {
            let new = jobs.arrival(k);
            k += 1;
            if size[new] == 0.0 {
                completion_time[new] = now;
            } else {
                waiting.push(size[new], new as u32);
            }
        }
        if end == now {
            completion_time[job as usize] = now;
            (job, end) = (IDLE, f64::INFINITY);
        }
        if waiting.least().is_some_and(|least| least < end - now) {
            if job != IDLE {
                waiting.push(end - now, job);
                preemptions += 1;
            }
            let (remaining, next) = waiting.pop().expect("somebody waits");
            (job, end) = (next, now + remaining);
        }
    }
    while job != IDLE {
        completion_time[job as usize] = end;
        (job, end) = waiting.pop().map_or((IDLE, f64::INFINITY), |(remaining, next)| (next, end + remaining));
    }
    (completion_time, preemptions)
}

/// The running jobs of several servers, the last to complete first, ties by index: the last item completes next, the first one is
/// preempted next.
struct Busy(Vec<(f64, u32)>);

impl Busy {
    fn insert(&mut self, end: f64, job: u32) {
        let mut place = self.0.len();
        self.0.push((end, job));
        while place > 0 && self.0[place - 1] < (end, job) {
            self.0[place] = self.0[place - 1];
            place -= 1;
        }
        self.0[place] = (end, job);
    }

    fn next_end(&self) -> f64 {
        self.0.last().map_or(f64::INFINITY, |&(end, _)| end)
    }
}

fn several(jobs: &Jobs, servers: usize) -> (Vec<f64>, u64) {
    let (n, size, release) = (jobs.len(), jobs.processing_time(), jobs.release_time());
    let mut completion_time = vec![0.0; n];
    let (mut waiting, mut busy, mut preemptions) = (Spill::default(), Busy(Vec::with_capacity(servers + 1)), 0);
    let mut k = 0;
    while k < n {
        let new = jobs.arrival(k);
        let (now, p) = (release[new], size[new]);
        k += 1;
        while busy.next_end() < now {
            let (end, job) = busy.0.pop().expect("a job completes");
            completion_time[job as usize] = end;
            if let Some((remaining, next)) = waiting.pop() {
                busy.insert(end + remaining, next);
            }
        }
        if p == 0.0 {
            completion_time[new] = now;
        } else {
            waiting.push(p, new as u32);
        }
        while k < n && release[jobs.arrival(k)] == now {
            let new = jobs.arrival(k);
            k += 1;
            if size[new] == 0.0 {
                completion_time[new] = now;
            } else {
                waiting.push(size[new], new as u32);
            }
        }
        while busy.next_end() == now {
            let (_, job) = busy.0.pop().expect("a job completes");
            completion_time[job as usize] = now;
        }
        while busy.0.len() < servers
            && let Some((remaining, next)) = waiting.pop()
        {
            busy.insert(now + remaining, next);
        }
        while let (Some(least), Some(&(end, job))) = (waiting.least(), busy.0.first())
            && least < end - now
        {
            let (remaining, next) = waiting.pop().expect("somebody waits");
            busy.0.remove(0);
            waiting.push(end - now, job);
            busy.insert(now + remaining, next);
            preemptions += 1;
        }
    }
    while let Some((end, job)) = busy.0.pop() {
        completion_time[job as usize] = end;
        if let Some((remaining, next)) = waiting.pop() {
            busy.insert(end + remaining, next);
        }
    }
    (completion_time, preemptions)
}
