//! The event-driven simulator for policies that give each server to one job at a time.
//!
//! At one instant arrivals come first, then what ends (in the order of the servers), then decisions. Time is counted from when the
//! first server became busy: a large clock has too few digits for sums of many small turns.
//!
//! A job of size 0 waits for a server as the policy says, and completes when it gets one. If switches cost nothing, it is served in
//! place: the running job is interrupted for no time, and not a digit of its service changes.

mod decisions;

use super::discipline::{Discipline, Running};
use super::heap::{IndexedHeap, key};
use super::information::{Facts, Information};
use super::job_slots;
use super::preemption_heap::{MANY, PreemptionHeap};
use super::recorder::Recorder;
use super::{Flow, JOB, Jobs, Options, Preempt, negligible};
use crate::bitset::RankSet;
use crate::control::Pulse;
use crate::cost::EVENT;
use crate::memory::{self, OutOfMemory};

/// The number of no slot and no job.
const NONE: u32 = u32::MAX;

/// A job in the system.
#[derive(Debug, Clone, Copy)]
struct LiveJob {
    job: u32,
    /// The current operation.
    operation: u32,
    /// The remaining time of the current step: of an operation, or of the whole job if operations do not matter.
    left: f64,
    attained: f64,
    /// The server it runs on, or ran on last.
    server: u32,
    running: bool,
}

/// The state of a server.
#[derive(Debug, Clone, Copy)]
struct Server {
    slot: u32,
    /// The job it ran last, whose state it still holds.
    loaded: u32,
    /// When the current stretch of work began (or begins, after a switch).
    since: f64,
    /// The attained service at which the policy wants the job back.
    target: f64,
    /// Whether the policy may take the server now though operations are not interrupted.
    open: bool,
}

struct EventSimulation<'a, D: Discipline> {
    jobs: &'a Jobs,
    options: &'a Options,
    discipline: D,
    /// When the first server became busy; other times are counted from there.
    origin: f64,
    live: Vec<LiveJob>,
    free_slots: Vec<u32>,
    /// How many jobs in the system have size 0.
    empty_jobs: usize,
    server: Vec<Server>,
    idle: RankSet,
    busy: IndexedHeap,
    /// The servers by the keys of their jobs, if there are many servers and all jobs can be preempted at any time.
    preemptible: Option<PreemptionHeap>,
    /// Unfinished jobs that lost their server at this instant.
    displaced: Vec<u32>,
    /// Servers between two operations at this instant.
    opened: Vec<u32>,
    running: Vec<Running>,
    running_on: Vec<u32>,
    completion_time: Vec<f64>,
    recorder: Recorder,
    pulse: Pulse,
    /// Whether the pulse has stopped the simulation.
    stopped: bool,
}

/// Runs the stream through the policy.
pub(super) fn run<D: Discipline>(jobs: &Jobs, discipline: D, options: &Options, pulse: &Pulse) -> Result<Flow, OutOfMemory> {
    let servers = options.servers.clamp(1, jobs.len().max(1));
    let mut idle = RankSet::new(servers);
    (0..servers).for_each(|k| idle.insert(k));
    let mut simulation = EventSimulation {
        jobs,
        options,
        discipline,
        origin: 0.0,
        live: Vec::new(),
        free_slots: Vec::new(),
        empty_jobs: 0,
        server: vec![Server { slot: NONE, loaded: NONE, since: 0.0, target: 0.0, open: false }; servers],
        idle,
        busy: IndexedHeap::default(),
        preemptible: (D::FALLS && D::PREEMPTIVE && servers >= MANY && options.preempt == Preempt::Anywhere)
            .then(PreemptionHeap::default),
        displaced: Vec::new(),
        opened: Vec::new(),
        running: Vec::new(),
        running_on: Vec::new(),
        completion_time: memory::filled(jobs.len(), 0.0)?,
        recorder: Recorder::new(servers, options.segments),
        pulse: pulse.clone(),
        stopped: false,
    };
    simulation.run();
    let EventSimulation { completion_time, recorder, stopped, .. } = simulation;
    recorder.finish(completion_time, stopped)
}

impl<D: Discipline> EventSimulation<'_, D> {
    /// Whether operations are separate steps: if they are revealed to a policy that can react, or if they limit preemption.
    fn stepwise(&self) -> bool {
        match self.options.preempt {
            Preempt::Anywhere => D::Info::GRADUAL,
            Preempt::Operation => true,
            Preempt::Never => false,
        }
    }

    fn run(&mut self) {
        let (n, mut arrived) = (self.jobs.len(), 0);
        loop {
            if arrived < n && self.busy.is_empty() {
                self.origin = self.jobs.release_time()[self.jobs.arrival(arrived)];
            }
            let release = if arrived < n { self.release_time(arrived) } else { f64::INFINITY };
            let end = self.busy.first().map_or(f64::INFINITY, |(_, k)| self.end_of(k as usize));
            let now = if end <= release || self.is_lost(end - release, release) { end } else { release };
            if now == f64::INFINITY || self.stopped || self.discipline.halted() {
                return;
            }
            while arrived < n && self.has_come(arrived, now) && !self.stopped {
                self.work(EVENT);
                self.arrive(arrived);
                arrived += 1;
            }
            while let Some((_, k)) = self.busy.first()
                && self.end_of(k as usize) <= now
                && !self.stopped
            {
                self.work(EVENT);
                self.end(now, k as usize);
            }
            self.decide(now);
        }
    }

    #[inline]
    fn work(&mut self, steps: u64) {
        self.stopped |= self.pulse.worked(steps) || self.recorder.refused();
    }

    /// When the job of that number arrives.
    fn release_time(&self, number: usize) -> f64 {
        self.jobs.release_time()[self.jobs.arrival(number)] - self.origin
    }

    /// Whether it arrives now or has arrived.
    fn has_come(&self, number: usize, now: f64) -> bool {
        let early = self.release_time(number) - now;
        early <= 0.0 || self.is_lost(early, now)
    }

    /// Whether so much time is the rounding of our sums, or of the clock that users know; what it lies between is one instant.
    fn is_lost(&self, time: f64, now: f64) -> bool {
        negligible(time, now) || negligible(2.0 * time, self.origin + now)
    }

    /// When the current stretch of a server ends: with its step, or at the policy's target.
    fn end_of(&self, k: usize) -> f64 {
        let server = &self.server[k];
        let live = &self.live[server.slot as usize];
        server.since + live.left.min(server.target - live.attained)
    }

    fn arrive(&mut self, number: usize) {
        let job = self.jobs.arrival(number);
        let release_time = self.jobs.release_time()[job];
        let operations = self.jobs.operations(job);
        let operation = operations.iter().position(|&size| size > 0.0).unwrap_or_else(|| {
            self.empty_jobs += 1;
            operations.len() - 1
        });
        let left = if self.stepwise() { operations[operation] } else { self.jobs.processing_time()[job] };
        let live = LiveJob { job: job as u32, operation: operation as u32, left, attained: 0.0, server: 0, running: false };
        let slot = job_slots::insert(&mut self.live, &mut self.free_slots, live, JOB, |error| {
            self.recorder.refuse(error);
            self.stopped = true;
        });
        let facts = Facts {
            index: job as u32,
            number: number as u32,
            release_time,
            weight: self.jobs.weight(job),
            deadline: self.jobs.deadline(job),
            revealed: D::Info::at_arrival(self.jobs, job, operation),
        };
        self.discipline.arrive(release_time, slot, 0.0, facts);
    }

    /// A step has ended, or the policy's target is reached.
    fn end(&mut self, now: f64, k: usize) {
        let Server { slot, target, since, .. } = self.server[k];
        let worked = since < now;
        let stepwise = self.stepwise();
        let live = &mut self.live[slot as usize];
        // Service comes in pieces, each rounded: what is left of a step may seem to reach a little beyond the target.
        let beyond = live.left - (target - live.attained);
        if beyond > 0.0 && !negligible(beyond / 16.0, now) {
            live.left -= target - live.attained;
            live.attained = target;
            self.vacate(now, k, true, worked);
            self.discipline.expire(self.origin + now, Running { slot, attained: target });
            return;
        }
        live.attained += live.left;
        live.left = 0.0;
        let job = Running { slot, attained: live.attained };
        let operations = self.jobs.operations(live.job as usize);
        let from = live.operation as usize + 1;
        let next = operations.get(from..).and_then(|rest| rest.iter().position(|&size| size > 0.0));
        let (Some(skipped), true) = (next, stepwise) else {
            self.complete(now, k);
            return;
        };
        let live = &mut self.live[slot as usize];
        live.operation = (from + skipped) as u32;
        live.left = operations[from + skipped];
        let (size, number) = (live.left, live.operation);
        if D::Info::GRADUAL && !self.discipline.reveal(self.origin + now, job, size, number) {
            self.vacate(now, k, true, worked);
        } else if self.discipline.target(slot, job.attained) <= job.attained {
            self.vacate(now, k, true, worked);
            self.discipline.expire(self.origin + now, job);
        } else {
            self.server[k].since = now;
            self.server[k].target = self.target(slot, job.attained);
            self.busy.remove(k as u32);
            self.busy.push(key(self.end_of(k), k as u64), k as u32);
            self.enlist(k, job);
            self.server[k].open = true;
            self.opened.push(k as u32);
        }
    }

    fn complete(&mut self, now: f64, k: usize) {
        let slot = self.server[k].slot;
        let job = self.live[slot as usize].job as usize;
        self.completion_time[job] = (self.origin + now).max(self.jobs.release_time()[job]);
        self.empty_jobs -= usize::from(self.jobs.processing_time()[job] == 0.0);
        self.vacate(now, k, false, true);
        self.discipline.leave(slot, false);
        self.free_slots.push(slot);
    }

    /// Whether a waiting job can be served in no time.
    fn is_instant(&self, slot: u32) -> bool {
        let live = &self.live[slot as usize];
        self.empty_jobs > 0 && live.left == 0.0 && live.attained == 0.0 && self.options.switch_cost == 0.0
    }

    /// Serves a job of size 0 that waits no more, on a server that is idle or then continues its own job.
    fn serve_instantly(&mut self, now: f64, k: usize, slot: u32) {
        self.work(EVENT);
        let job = self.live[slot as usize].job;
        let release_time = self.jobs.release_time()[job as usize];
        // A job that does not wait completes at its very release time, whatever the sum below rounds to.
        let time = if release_time - self.origin == now { release_time } else { (self.origin + now).max(release_time) };
        self.completion_time[job as usize] = time;
        self.recorder.instant(k, job, time);
        self.empty_jobs -= 1;
        self.discipline.leave(slot, false);
        self.free_slots.push(slot);
    }

    /// The attained service at which the policy wants the job back, if it may interrupt it there.
    fn target(&self, slot: u32, attained: f64) -> f64 {
        match self.options.preempt {
            Preempt::Anywhere => self.discipline.target(slot, attained),
            Preempt::Operation | Preempt::Never => f64::INFINITY,
        }
    }

    /// Takes a job off its server; `worked` says whether it has done anything there.
    fn vacate(&mut self, now: f64, k: usize, unfinished: bool, worked: bool) {
        let slot = std::mem::replace(&mut self.server[k].slot, NONE);
        self.live[slot as usize].running = false;
        self.busy.remove(k as u32);
        if let Some(preemptible) = &mut self.preemptible {
            preemptible.remove(k as u32);
        }
        self.idle.insert(k);
        self.recorder.stop(k, self.origin + now, worked);
        if unfinished {
            self.displaced.push(slot);
        }
    }

    /// Brings a running job's account up to now.
    fn settle(&mut self, now: f64, k: usize) -> Running {
        let Server { slot, since, .. } = self.server[k];
        let live = &mut self.live[slot as usize];
        if now > since {
            live.left = (since + live.left - now).max(0.0);
            live.attained += now - since;
            self.server[k].since = now;
        }
        Running { slot, attained: live.attained }
    }
}
