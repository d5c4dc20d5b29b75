//! The event-driven simulator for ranks that rise with service, where jobs of equal rank share one server exactly.
//!
//! A job whose rank rises is a member of a group; any other one is served alone. Ties: the job that is served alone.
//! At one instant what ends comes first, then arrivals, then decisions; no tie rule of these policies can tell. Clock,
//! levels and service are kept as [`DoubleDouble`], so that events that coincide in theory coincide here. A job of size 0 waits to be served alone, and
//! completes at the instant when it is its turn; no job loses the server for it.

use super::discipline::Rank;
use super::double_double::DoubleDouble;
use super::groups::SharingGroups;
use super::heap::{IndexedHeap, key};
use super::information::{Facts, Information};
use super::job_slots;
use super::recorder::Recorder;
use super::{Flow, JOB, Jobs, Options, negligible};
use crate::control::Pulse;
use crate::cost::EVENT;
use crate::memory::{self, OutOfMemory};

#[derive(Debug, Clone, Copy)]
struct SharedJob<I> {
    job: u32,
    size: f64,
    facts: Facts<I>,
    phase: u32,
    attained: DoubleDouble,
    /// The attained service at which something happens next: the end, a phase's end, or the size becoming known.
    stop: f64,
}

/// The job or the group that the server serves.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Service {
    Idle,
    /// One job, since then.
    Alone(u32, DoubleDouble),
    /// The group in front.
    Front,
}

struct SharedSimulation<'a, R: Rank> {
    jobs: &'a Jobs,
    rule: R,
    live: Vec<SharedJob<R::Info>>,
    free_slots: Vec<u32>,
    groups: SharingGroups,
    alone: IndexedHeap,
    service: Service,
    /// Unfinished jobs whose service ended at this instant one by one.
    displaced: Vec<u32>,
    members: Vec<u32>,
    completion_time: Vec<f64>,
    recorder: Recorder,
    pulse: Pulse,
    /// Whether the pulse has stopped the simulation.
    stopped: bool,
}

/// Runs the stream through the policy, on one server.
pub(super) fn run<R: Rank>(jobs: &Jobs, rule: R, options: &Options, pulse: &Pulse) -> Result<Flow, OutOfMemory> {
    let mut simulation = SharedSimulation {
        jobs,
        rule,
        live: Vec::new(),
        free_slots: Vec::new(),
        groups: SharingGroups::default(),
        alone: IndexedHeap::default(),
        service: Service::Idle,
        displaced: Vec::new(),
        members: Vec::new(),
        completion_time: memory::filled(jobs.len(), 0.0)?,
        recorder: Recorder::new(1, options.segments),
        pulse: pulse.clone(),
        stopped: false,
    };
    simulation.run();
    simulation.recorder.finish(simulation.completion_time, simulation.stopped)
}

impl<R: Rank> SharedSimulation<'_, R> {
    fn run(&mut self) {
        let (n, mut arrived, mut now) = (self.jobs.len(), 0, DoubleDouble::from(-f64::MAX));
        loop {
            let release = if arrived < n { self.jobs.release_time()[self.jobs.arrival(arrived)] } else { f64::INFINITY };
            let (end, level) = self.end(now);
            let ends = end <= release.into() || negligible((end - release.into()).round(), release);
            // The last end may have come a little later than this arrival.
            let next = if ends { end } else { now.max(release.into()) };
            self.work(EVENT);
            if next == DoubleDouble::INFINITE || self.stopped {
                return;
            }
            self.serve(now, next, ends.then_some(level));
            now = next;
            while arrived < n && now.reaches(self.jobs.release_time()[self.jobs.arrival(arrived)].into(), 0.0) && !self.stopped {
                self.work(EVENT);
                self.arrive(now.round(), arrived);
                arrived += 1;
            }
            self.decide(now);
        }
    }

    #[inline]
    fn work(&mut self, steps: u64) {
        self.stopped |= self.pulse.worked(steps) || self.recorder.refused();
    }

    /// When the current service ends if no job arrives; for a group, its level at that time.
    fn end(&self, now: DoubleDouble) -> (DoubleDouble, DoubleDouble) {
        match self.service {
            Service::Idle => (DoubleDouble::INFINITE, DoubleDouble::INFINITE),
            Service::Alone(slot, since) => {
                let live = &self.live[slot as usize];
                (since + (DoubleDouble::from(live.stop) - live.attained), DoubleDouble::INFINITE)
            }
            Service::Front => {
                let (level, count) = self.groups.front().expect("a group is served");
                let other = self.alone.first().map_or(DoubleDouble::INFINITE, |(_, slot)| self.level_of_rank(slot));
                let horizon = self.groups.horizon().min(other);
                (now + (horizon - level) * f64::from(count), horizon)
            }
        }
    }

    /// The rank of a job that is served alone.
    fn rank(&self, slot: u32) -> DoubleDouble {
        let live = &self.live[slot as usize];
        self.rule.rank_in_full(&live.facts, live.attained, live.phase)
    }

    /// The level at which a group has the rank of a job that is served alone.
    fn level_of_rank(&self, slot: u32) -> DoubleDouble {
        self.rank(slot) / self.rule.slope()
    }

    /// Serves from `now` to `next`; `reached` is the group's level there if its service ends by itself.
    fn serve(&mut self, now: DoubleDouble, next: DoubleDouble, reached: Option<DoubleDouble>) {
        match self.service {
            Service::Idle => {}
            Service::Alone(slot, since) => {
                let live = &mut self.live[slot as usize];
                if reached.is_some() {
                    live.attained = live.stop.into();
                    self.recorder.stop(0, next.round(), true);
                    self.service = Service::Idle;
                    self.happen(next.round(), slot);
                } else {
                    live.attained = live.attained + (next - since);
                    self.service = Service::Alone(slot, next);
                }
            }
            Service::Front => {
                let (level, count) = self.groups.front().expect("a group is served");
                if self.recorder.wanted() {
                    self.groups.members(&mut self.members);
                    self.work(self.members.len() as u64);
                    for &slot in &self.members {
                        let job = self.live[slot as usize].job;
                        self.recorder.share(job, 0, now.round(), next.round(), 1.0 / f64::from(count));
                    }
                }
                self.groups.advance(reached.unwrap_or_else(|| level + (next - now) / f64::from(count)));
                while let Some(slot) = self.groups.due(next.round()) {
                    self.work(EVENT);
                    self.live[slot as usize].attained = self.live[slot as usize].stop.into();
                    if now.round() == next.round() {
                        self.recorder.instant(0, self.live[slot as usize].job, next.round()); // shorter than the clock can show
                    }
                    self.happen(next.round(), slot);
                }
                self.groups.refill();
            }
        }
    }

    fn arrive(&mut self, now: f64, number: usize) {
        let job = self.jobs.arrival(number);
        let (release_time, size) = (self.jobs.release_time()[job], self.jobs.processing_time()[job]);
        let mut facts = Facts {
            index: job as u32,
            number: number as u32,
            release_time,
            weight: self.jobs.weight(job),
            deadline: self.jobs.deadline(job),
            revealed: R::Info::at_arrival(self.jobs, job, 0),
        };
        let mut revelation = self.rule.reveals_at().map_or(f64::INFINITY, |part| part * size);
        if revelation == 0.0 {
            facts.revealed = facts.revealed.later(size, 0, 0.0); // so little work is known at once
            revelation = f64::INFINITY;
        }
        let live = SharedJob { job: job as u32, size, facts, phase: 0, attained: 0.0.into(), stop: 0.0 };
        let slot = job_slots::insert(&mut self.live, &mut self.free_slots, live, JOB, |error| {
            self.recorder.refuse(error);
            self.stopped = true;
        });
        self.place(now, slot, 0.0, Some(revelation), false);
    }

    /// The attained service at which the size becomes known.
    fn revelation(&self, slot: u32) -> f64 {
        self.rule.reveals_at().map_or(f64::INFINITY, |part| part * self.live[slot as usize].size)
    }

    /// A job has reached its stop: it completes, becomes known, or enters its next phase.
    fn happen(&mut self, now: f64, slot: u32) {
        let revelation = self.revelation(slot);
        let live = &mut self.live[slot as usize];
        if live.stop == live.size {
            self.completion_time[live.job as usize] = now;
            self.free_slots.push(slot);
            return;
        }
        if live.stop == revelation {
            live.facts.revealed = live.facts.revealed.later(live.size, 0, live.stop);
        }
        let attained = live.stop;
        self.displaced.push(slot);
        self.place(now, slot, attained, None, true);
    }

    /// The key of a job that is to be served alone; the running one wins ties.
    fn key(&self, slot: u32, running: bool) -> u128 {
        key(self.rank(slot).round(), u64::from(self.live[slot as usize].facts.index) | u64::from(!running) << 32)
    }

    /// Puts a job with this much service where its rank belongs, with its next stop.
    fn place(&mut self, now: f64, slot: u32, attained: f64, revelation: Option<f64>, running: bool) {
        let live = &mut self.live[slot as usize];
        live.phase = self.rule.phase_at(&live.facts, attained, live.phase);
        let stop = self.rule.phase_end(&live.facts, attained, live.phase).min(live.size);
        live.stop = revelation.map_or(stop, |revelation| stop.min(revelation));
        let level = self.rule.level(&live.facts, attained, live.phase);
        let mark = self.rule.level(&live.facts, live.stop, live.phase).round();
        // Work too little to be told from the level, such as a billionth before a deadline of 1e40, is served alone.
        if self.rule.rises(&live.facts, live.phase) && level < mark.into() {
            let pushed_out = self.groups.join(now, slot, level, mark);
            if pushed_out > 0 && self.service == Service::Front {
                self.recorder.preemptions += u64::from(pushed_out);
                self.service = Service::Idle;
            }
        } else {
            self.alone.push(self.key(slot, running), slot);
        }
    }

    /// The job that is served alone waits again.
    fn put_back(&mut self, now: DoubleDouble, slot: u32) {
        self.recorder.stop(0, now.round(), false);
        self.alone.push(self.key(slot, false), slot);
        self.displaced.push(slot);
    }

    /// Whether this job, the first that waits to be served alone, goes before the job that is served and the group in front.
    fn goes_first(&self, now: DoubleDouble, slot: u32) -> bool {
        let beats_running = match self.service {
            Service::Alone(running, _) => key(self.rank(slot).round(), 0) < key(self.rank(running).round(), 0),
            Service::Idle | Service::Front => true,
        };
        let front = self.groups.front();
        beats_running && front.is_none_or(|(level, _)| level.reaches(self.level_of_rank(slot), now.round()))
    }

    /// Completes the jobs of size 0 whose turn it is.
    fn serve_instantly(&mut self, now: DoubleDouble) {
        while let Some((_, slot)) = self.alone.first()
            && self.live[slot as usize].size == 0.0
            && self.goes_first(now, slot)
            && !self.stopped
        {
            self.work(EVENT);
            self.alone.pop();
            let job = self.live[slot as usize].job;
            let time = now.round().max(self.jobs.release_time()[job as usize]);
            self.completion_time[job as usize] = time;
            self.recorder.instant(0, job, time);
            self.free_slots.push(slot);
        }
    }

    fn decide(&mut self, now: DoubleDouble) {
        self.serve_instantly(now);
        if let Service::Alone(slot, _) = self.service
            && let Some((best, _)) = self.alone.first()
            && best >> 64 < key(self.rank(slot).round(), 0) >> 64
        {
            self.put_back(now, slot);
            self.service = Service::Idle;
        }
        let running = if let Service::Alone(slot, _) = self.service { Some(slot) } else { None };
        let candidate = running.or_else(|| self.alone.first().map(|(_, slot)| slot));
        let level = self.groups.front().map(|(level, _)| level);
        let group_first = match (level, candidate) {
            (Some(level), Some(slot)) => !level.reaches(self.level_of_rank(slot), now.round()),
            (level, _) => level.is_some(),
        };
        let count = self.groups.front().map_or(0, |(_, count)| count);
        let before = self.service;
        if group_first {
            if let Some(slot) = running {
                self.put_back(now, slot);
            }
            self.service = Service::Front;
        } else if let Some(slot) = candidate {
            if running.is_none() {
                self.alone.pop();
                self.recorder.start(0, self.live[slot as usize].job, now.round());
                self.service = Service::Alone(slot, now);
            }
        } else {
            self.service = Service::Idle;
        }
        if before == Service::Front && self.service != Service::Front {
            self.recorder.preemptions += u64::from(count);
        }
        self.count_displaced(now.round());
    }

    /// Counts the jobs that ceased to be served; one that went on at once, alone or in front, did not.
    fn count_displaced(&mut self, now: f64) {
        let front = self.groups.front();
        while let Some(slot) = self.displaced.pop() {
            let live = &self.live[slot as usize];
            let served = match self.service {
                Service::Alone(running, _) => running == slot,
                Service::Front => {
                    let level = self.rule.level(&live.facts, live.attained.round(), live.phase);
                    self.rule.rises(&live.facts, live.phase) && front.is_some_and(|(front, _)| front.meets(level, now))
                }
                Service::Idle => false,
            };
            self.recorder.preemptions += u64::from(!served);
            if self.alone.remove(slot) {
                self.alone.push(self.key(slot, false), slot); // it runs no more
            }
        }
    }
}
