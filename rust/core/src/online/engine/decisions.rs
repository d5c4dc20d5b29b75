//! The decisions of the simulator: which waiting jobs get servers, and which running jobs lose theirs.

use super::{EventSimulation, NONE, Server, key, negligible};
use crate::online::Preempt;
use crate::online::discipline::{Discipline, Running};

impl<D: Discipline> EventSimulation<'_, D> {
    pub(super) fn decide(&mut self, now: f64) {
        self.fill(now);
        if D::PREEMPTIVE && self.options.preempt != Preempt::Never && !self.discipline.none_wait() {
            self.preempt(now);
        }
        for k in self.opened.drain(..) {
            self.server[k as usize].open = false;
        }
        if !self.displaced.is_empty() {
            let live = &self.live;
            self.recorder.preemptions += self.displaced.iter().filter(|&&slot| !live[slot as usize].running).count() as u64;
            self.displaced.clear();
        }
    }

    fn fill(&mut self, now: f64) {
        while !self.idle.is_empty()
            && !self.stopped
            && let Some(slot) = self.discipline.start(self.origin + now)
        {
            if self.is_instant(slot) {
                let k = self.idle.first().expect("a server is idle");
                self.serve_instantly(now, k, slot);
                continue;
            }
            let previous = self.live[slot as usize].server as usize;
            let returns = self.server[previous].loaded == self.live[slot as usize].job && self.idle.contains(previous);
            let k = if returns { previous } else { self.idle.first().expect("a server is idle") };
            self.start(now, k, slot);
        }
    }

    fn start(&mut self, now: f64, k: usize, slot: u32) {
        self.idle.remove(k);
        let live = &mut self.live[slot as usize];
        live.server = k as u32;
        live.running = true;
        let since = if self.server[k].loaded == live.job { now } else { now + self.options.switch_cost };
        let (job, attained) = (live.job, live.attained);
        self.server[k] = Server { slot, loaded: job, since, target: self.target(slot, attained), open: false };
        // Events within rounding are one instant, which may seem to come before the release.
        let release_time = self.jobs.release_time()[job as usize];
        self.recorder.start(k, job, (self.origin + since).max(release_time));
        self.busy.push(key(self.end_of(k), k as u64), k as u32);
        self.enlist(k, Running { slot, attained });
    }

    /// A server has begun with a job, or with another operation of it.
    pub(super) fn enlist(&mut self, k: usize, job: Running) {
        if let Some(preemptible) = &mut self.preemptible {
            preemptible.set(k as u32, self.discipline.key(job));
        }
    }

    /// The job of a server and its service by now.
    fn account(&self, now: f64, k: usize) -> Running {
        let Server { slot, since, .. } = self.server[k];
        Running { slot, attained: self.live[slot as usize].attained + (now - since).max(0.0) }
    }

    /// The server whose job is preempted in favour of a waiting one.
    fn victim(&mut self, now: f64) -> Option<usize> {
        if let Some(mut preemptible) = self.preemptible.take() {
            let found =
                preemptible.largest(|k| self.discipline.key(self.account(now, k as usize)), |key| self.discipline.yields(key));
            self.preemptible = Some(preemptible);
            if let Ok(found) = found {
                self.work(1);
                return found.map(|k| k as usize);
            }
        }
        self.running.clear();
        self.running_on.clear();
        if self.options.preempt == Preempt::Anywhere {
            self.work(self.server.len() as u64);
            for k in 0..self.server.len() {
                self.may_yield(now, k);
            }
        } else {
            let mut opened = std::mem::take(&mut self.opened);
            self.work(opened.len() as u64 + 1);
            opened.sort_unstable();
            opened.dedup();
            for &k in &opened {
                if self.server[k as usize].open {
                    self.may_yield(now, k as usize);
                }
            }
            self.opened = opened;
        }
        let position = self.discipline.victim(self.origin + now, &self.running)?;
        Some(self.running_on[position] as usize)
    }

    fn may_yield(&mut self, now: f64, k: usize) {
        if self.server[k].slot != NONE {
            let job = self.account(now, k);
            self.running.push(job);
            self.running_on.push(k as u32);
        }
    }

    fn preempt(&mut self, now: f64) {
        while !self.stopped
            && let Some(k) = self.victim(now)
        {
            if self.empty_jobs > 0
                && let Some(slot) = self.discipline.first(self.origin + now)
                && self.is_instant(slot)
            {
                self.discipline.begin(self.origin + now, slot);
                self.serve_instantly(now, k, slot);
                continue;
            }
            let worked = self.server[k].since < now;
            let job = self.settle(now, k);
            let served = self.server[k].since <= now; // the switch to it is over
            if served && !self.stepwise() && negligible(self.live[job.slot as usize].left, now) {
                self.complete(now, k);
            } else {
                self.vacate(now, k, true, worked);
                self.discipline.stop(self.origin + now, job);
            }
            self.fill(now);
        }
    }
}
