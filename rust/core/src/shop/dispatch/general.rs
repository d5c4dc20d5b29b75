//! Dispatching of shops with any feature that is not refused.

use super::super::Schedule;
use super::super::past::Past;
use super::super::problem::Shop;
use super::super::rule::{Candidate, Keys};
use super::super::timing::{Machines, never_open};
use super::Scheme;
use crate::control::Pulse;
use crate::error::Error;

/// Dispatching of every shop that is not refused.
pub(super) fn dispatch(shop: &Shop, keys: &Keys, scheme: Scheme, past: &Past, pulse: &mut Pulse) -> Result<Schedule, Error> {
    let mut run = Dispatching::new(shop, keys, scheme, past)?;
    while let Some(job) = run.choose() {
        let steps = run.place(job)?;
        if pulse.worked(steps) {
            break;
        }
    }
    Ok(run.schedule)
}

/// Where the next operation of a job would go.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Place {
    pub operation: usize,
    pub machine: usize,
    start: i64,
    completion: i64,
    arrival: i64,
    /// The key of the rule, unless keys depend on the moment.
    key: i64,
}

impl Place {
    fn candidate(&self) -> Candidate {
        Candidate { operation: self.operation, duration: self.completion - self.start, arrival: self.arrival }
    }
}

/// No job waits for the machine.
pub(super) const NOTHING: (i64, u32) = (i64::MAX, u32::MAX);

/// A schedule in the making. What is known of a machine is kept until an operation is placed on it or a job arrives.
pub(in crate::shop) struct Dispatching<'s> {
    pub(super) shop: &'s Shop,
    keys: &'s Keys<'s>,
    scheme: Scheme,
    pub(super) machines: Machines<'s>,
    pub schedule: Schedule,
    /// By job.
    pub(super) place: Vec<Place>,
    /// The jobs whose next operation would go to each machine.
    here: Vec<Vec<u32>>,
    /// The jobs whose next operation may go to each machine with setups, in flexible shops: an operation that is placed there may
    /// bring the setup of another one forward. On other machines it delays every other operation, so those that would go elsewhere stay.
    allowed: Vec<Vec<u32>>,
    /// Of the jobs that would go to each machine the least completion, or start if non-delay, with its job.
    pub(super) first: Vec<(i64, u32)>,
    /// Nothing is placed earlier any more.
    pub clock: i64,
}

impl<'s> Dispatching<'s> {
    pub fn new(shop: &'s Shop, keys: &'s Keys<'s>, scheme: Scheme, past: &Past) -> Result<Self, Error> {
        let count = shop.num_operations();
        let schedule = Schedule { machine: vec![0; count], start_time: vec![0; count], completion_time: vec![0; count] };
        let mut run = Self {
            shop,
            keys,
            scheme,
            machines: Machines::new(shop, past),
            schedule,
            place: vec![Place::default(); shop.num_jobs()],
            here: vec![Vec::new(); shop.num_machines()],
            allowed: vec![Vec::new(); if shop.is_flexible() { shop.num_machines() } else { 0 }],
            first: vec![NOTHING; shop.num_machines()],
            clock: i64::MIN,
        };
        let mut next: Vec<usize> = (0..shop.num_jobs()).map(|job| shop.operations(job).start).collect();
        for f in past.fixed() {
            run.schedule.machine[f.operation] = f.machine as u32;
            (run.schedule.start_time[f.operation], run.schedule.completion_time[f.operation]) = (f.start, f.end);
            next[shop.job(f.operation)] = f.operation + 1;
        }
        for (job, operation) in next.into_iter().enumerate() {
            run.wait(job, operation)?;
        }
        Ok(run)
    }

    /// Makes an operation the next one of its job, if the job has that many.
    fn wait(&mut self, job: usize, operation: usize) -> Result<(), Error> {
        if operation < self.shop.operations(job).end {
            self.place[job] = self.earliest(job, operation)?;
            self.add(job);
            for (machine, _) in self.shop.choices(operation) {
                if self.is_followed(machine) {
                    self.allowed[machine].push(job as u32);
                }
            }
        }
        Ok(())
    }

    /// Whether an operation that is placed on a machine may bring others there forward that would go elsewhere.
    fn is_followed(&self, machine: usize) -> bool {
        !self.allowed.is_empty() && self.shop.has_setups(machine)
    }

    /// The place of the earliest completion of an operation; ties go to the lowest machine.
    fn earliest(&self, job: usize, operation: usize) -> Result<Place, Error> {
        let is_first = operation == self.shop.operations(job).start;
        let ready = if is_first { self.shop.release_time(job) } else { self.schedule.completion_time[operation - 1] };
        let mut best: Option<Place> = None;
        for (machine, duration) in self.shop.choices(operation) {
            let way = if is_first { 0 } else { self.shop.transport(self.schedule.machine[operation - 1] as usize, machine) };
            let arrival = ready + way;
            if let Some((start, completion)) = self.machines.earliest(job, machine, arrival.max(self.clock), duration)
                && best.is_none_or(|best| (completion, machine) < (best.completion, best.machine))
            {
                best = Some(Place { operation, machine, start, completion, arrival, key: 0 });
            }
        }
        let mut place = best.ok_or_else(|| never_open(self.shop, operation))?;
        if !self.keys.moves {
            place.key = self.keys.of(place.candidate(), 0);
        }
        Ok(place)
    }

    /// What decides which operation is looked at first.
    fn value(&self, job: u32) -> (i64, u32) {
        let place = &self.place[job as usize];
        (if self.scheme == Scheme::Active { place.completion } else { place.start }, job)
    }

    /// Lets a job wait where its operation would go.
    fn add(&mut self, job: usize) {
        let machine = self.place[job].machine;
        self.here[machine].push(job as u32);
        self.first[machine] = self.first[machine].min(self.value(job as u32));
    }

    /// Finds the least entry of a machine at which operations have become later or fewer.
    fn look_again(&mut self, machine: usize) {
        self.first[machine] = self.here[machine].iter().map(|&job| self.value(job)).min().unwrap_or(NOTHING);
    }

    /// The job whose operation is placed next; `None` if all are placed.
    pub fn choose(&self) -> Option<usize> {
        let (&(value, job), machine) = self.first.iter().zip(0..).min_by_key(|(first, _)| **first)?;
        if (value, job) == NOTHING {
            return None;
        }
        let goes = |machine: usize| self.here[machine].iter().map(|&j| (j, &self.place[j as usize]));
        // An operation of duration 0 does not start before its own completion.
        let best = match self.scheme {
            Scheme::Active => self.least_key(|| goes(machine).filter(|&(j, place)| place.start < value || j == job)),
            Scheme::NonDelay => {
                let now = |machine: &usize| self.first[*machine].0 == value;
                self.least_key(|| (0..self.first.len()).filter(now).flat_map(goes).filter(|(_, place)| place.start == value))
            }
        };
        best.map(|job| job as usize)
    }

    /// The candidate that the rule chooses.
    fn least_key<'p, I: Iterator<Item = (u32, &'p Place)>>(&self, candidates: impl Fn() -> I) -> Option<u32> {
        if !self.keys.moves {
            return candidates().map(|(job, place)| (place.key, job)).min().map(|(_, job)| job);
        }
        let now = candidates().map(|(_, place)| place.start).min()?;
        candidates().map(|(job, place)| (self.keys.of(place.candidate(), now), job)).min().map(|(_, job)| job)
    }

    /// Places the next operation of a job; returns the steps of work.
    pub fn place(&mut self, job: usize) -> Result<u64, Error> {
        let Place { operation, machine, start, completion, .. } = self.place[job];
        self.schedule.machine[operation] = machine as u32;
        (self.schedule.start_time[operation], self.schedule.completion_time[operation]) = (start, completion);
        self.machines.occupy(machine, job, completion);
        remove(&mut self.here[machine], job);
        for (machine, _) in self.shop.choices(operation) {
            if self.is_followed(machine) {
                remove(&mut self.allowed[machine], job);
            }
        }
        let steps = self.reconsider_waiting(machine)?;
        self.wait(job, operation + 1)?;
        Ok(steps)
    }

    /// Makes the places of all jobs again that change with a machine; returns the steps of work.
    pub(super) fn reconsider_waiting(&mut self, machine: usize) -> Result<u64, Error> {
        let mut steps = self.first.len() + self.here[machine].len();
        let mut k = 0;
        while k < self.here[machine].len() {
            let job = self.here[machine][k] as usize;
            let before = self.place[job];
            let same = self.machines.earliest(job, machine, before.arrival.max(self.clock), before.completion - before.start);
            if same != Some((before.start, before.completion)) {
                self.place[job] = self.earliest(job, before.operation)?;
                if self.place[job].machine != machine {
                    self.here[machine].swap_remove(k);
                    self.add(job);
                    continue;
                }
            }
            k += 1;
        }
        self.look_again(machine);
        if self.is_followed(machine) {
            steps += self.allowed[machine].len();
            for k in 0..self.allowed[machine].len() {
                self.reconsider(self.allowed[machine][k] as usize)?;
            }
        }
        Ok(steps as u64)
    }

    /// Makes the place of the next operation of a job again.
    pub(super) fn reconsider(&mut self, job: usize) -> Result<(), Error> {
        let before = self.place[job];
        let after = self.earliest(job, before.operation)?;
        if before != after {
            self.place[job] = after;
            remove(&mut self.here[before.machine], job);
            self.look_again(before.machine);
            self.add(job);
        }
        Ok(())
    }
}

/// Removes a job from those that wait for a machine.
fn remove(waiting: &mut Vec<u32>, job: usize) {
    if let Some(at) = waiting.iter().position(|&j| j as usize == job) {
        waiting.swap_remove(at);
    }
}
