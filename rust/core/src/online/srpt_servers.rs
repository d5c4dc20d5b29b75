//! SRPT on several servers; the running jobs are a short array ordered by completion.

use super::Jobs;
use super::hybrid_heap::WaitingJobs;
use crate::control::Pulse;
use crate::cost::EVENT;

/// The running jobs, the last to complete first, ties by index: the last item completes next, the first one after the sentinel is
/// preempted next.
struct RunningJobs(Vec<(f64, u32)>);

impl RunningJobs {
    fn new(servers: usize) -> Self {
        let mut items = Vec::with_capacity(servers + 2);
        items.push((f64::INFINITY, u32::MAX));
        Self(items)
    }

    fn len(&self) -> usize {
        self.0.len() - 1
    }

    /// The job that completes last.
    #[inline]
    fn victim(&self) -> (f64, u32) {
        self.0[1]
    }

    #[inline]
    fn insert(&mut self, end: f64, job: u32) {
        self.0.push((end, job));
        let items = self.0.as_mut_slice();
        let mut place = items.len() - 1;
        while place > 0 && items[place - 1].0 < end {
            items[place] = items[place - 1];
            place -= 1;
        }
        while place > 0 && items[place - 1].0 == end && items[place - 1].1 < job {
            items[place] = items[place - 1];
            place -= 1;
        }
        items[place] = (end, job);
    }

    /// Puts a job in the place of the victim.
    #[inline]
    fn replace(&mut self, end: f64, job: u32) {
        let items = self.0.as_mut_slice();
        let mut place = 1;
        while place + 1 < items.len() && items[place + 1].0 > end {
            items[place] = items[place + 1];
            place += 1;
        }
        while place + 1 < items.len() && items[place + 1].0 == end && items[place + 1].1 > job {
            items[place] = items[place + 1];
            place += 1;
        }
        items[place] = (end, job);
    }

    /// When the next job completes; infinite if none runs.
    #[inline]
    fn next_end(&self) -> f64 {
        self.0[self.0.len() - 1].0
    }
}

struct SrptServers<'a> {
    size: &'a [f64],
    servers: usize,
    waiting: WaitingJobs,
    busy: RunningJobs,
    completion_time: Vec<f64>,
    preemptions: u64,
    pulse: Pulse,
    /// Whether the pulse has stopped the simulation.
    stopped: bool,
}

/// Completion times and the number of preemptions.
pub(super) fn run(jobs: &Jobs, servers: usize, pulse: &Pulse) -> (Vec<f64>, u64) {
    let (n, release) = (jobs.len(), jobs.release_time());
    let mut simulation = SrptServers {
        size: jobs.processing_time(),
        servers,
        waiting: WaitingJobs::new(pulse),
        busy: RunningJobs::new(servers),
        completion_time: vec![0.0; n],
        preemptions: 0,
        pulse: pulse.clone(),
        stopped: false,
    };
    let mut k = 0;
    while k < n && !simulation.stopped {
        let job = jobs.arrival(k);
        let now = release[job];
        k += 1;
        while simulation.busy.next_end() < now && !simulation.stopped {
            simulation.complete();
        }
        let alone = simulation.busy.next_end() != now && (k == n || release[jobs.arrival(k)] != now);
        if alone {
            simulation.arrive(now, job);
        } else {
            simulation.wait(now, job);
            while k < n && release[jobs.arrival(k)] == now && !simulation.stopped {
                simulation.wait(now, jobs.arrival(k));
                k += 1;
            }
            simulation.decide(now);
        }
    }
    while simulation.busy.len() > 0 && !simulation.stopped {
        simulation.complete();
    }
    (simulation.completion_time, simulation.preemptions)
}

impl SrptServers<'_> {
    /// The next job completes, and the best that waits takes its server.
    #[inline]
    fn complete(&mut self) {
        self.stopped |= self.pulse.worked(EVENT);
        let (end, job) = self.busy.0.pop().expect("a job runs above the sentinel");
        self.completion_time[job as usize] = end;
        if let Some((remaining, next)) = self.waiting.pop() {
            self.busy.insert(end + remaining, next);
        }
    }

    /// A job arrives and nothing else happens at that instant.
    #[inline]
    fn arrive(&mut self, now: f64, job: usize) {
        self.stopped |= self.pulse.worked(EVENT);
        let p = self.size[job];
        if p == 0.0 {
            self.completion_time[job] = now;
        } else if self.busy.len() < self.servers {
            self.busy.insert(now + p, job as u32);
        } else {
            let (end, victim) = self.busy.victim();
            if p < end - now {
                self.busy.replace(now + p, job as u32);
                self.waiting.push(end - now, victim);
                self.preemptions += 1;
            } else {
                self.waiting.push(p, job as u32);
            }
        }
    }

    fn wait(&mut self, now: f64, job: usize) {
        self.stopped |= self.pulse.worked(EVENT);
        if self.size[job] == 0.0 {
            self.completion_time[job] = now;
        } else {
            self.waiting.push(self.size[job], job as u32);
        }
    }

    /// Several events happen at one instant, and all arriving jobs wait: first the finished jobs complete, then the best jobs run.
    fn decide(&mut self, now: f64) {
        while self.busy.next_end() == now {
            let (_, job) = self.busy.0.pop().expect("a job completes");
            self.completion_time[job as usize] = now;
        }
        while self.busy.len() < self.servers
            && let Some((remaining, next)) = self.waiting.pop()
        {
            self.busy.insert(now + remaining, next);
        }
        while self.busy.len() > 0
            && let (end, victim) = self.busy.victim()
            && self.waiting.least() < end - now
        {
            let (remaining, next) = self.waiting.pop().expect("a job waits");
            self.busy.replace(now + remaining, next);
            self.waiting.push(end - now, victim);
            self.preemptions += 1;
        }
    }
}
