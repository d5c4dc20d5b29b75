//! Simulation of shops whose jobs keep their machines until they enter the next ones.

use super::behind_repair;
use super::breakdowns::{Downtime, Interrupted, Source};
use crate::control::Pulse;
use crate::error::{Error, InputError};
use crate::shop::Schedule;
use crate::shop::problem::{Blocking, Shop};
use crate::shop::rule::{Candidate, Keys};

/// The schedule that a rule makes; one that `pulse` has stopped must not be used.
pub(super) fn simulate(
    shop: &Shop,
    keys: &Keys,
    source: &mut Source,
    interrupted: Interrupted,
    pulse: &mut Pulse,
) -> Result<Schedule, Error> {
    let mut state = State::new(shop, keys);
    let scan = (shop.num_jobs() + shop.num_machines()) as u64;
    while let Some(moment) = state.next_moment(source.next_time()) {
        state.now = moment;
        while source.next_time() == Some(moment) {
            if let Some(down) = source.happen()? {
                state.stop_machine(down, interrupted);
            }
        }
        loop {
            state.leave();
            let entries = match state.first_entry() {
                Some(entry) => vec![entry],
                None => state.exchange(),
            };
            for &(job, machine, duration) in &entries {
                let operation = state.enter(job, machine, duration);
                source.started(operation, machine, moment, moment + duration)?;
            }
            let checks = if shop.data().blocking == Blocking::NoSwap { scan } else { 1 };
            if pulse.worked(scan * checks) {
                return Ok(state.schedule);
            }
            if entries.is_empty() {
                break;
            }
        }
    }
    if state.next.iter().enumerate().any(|(job, &next)| next < shop.operations(job).end) {
        return Err(InputError::new("shop", "has jobs that wait for each other for ever").into());
    }
    Ok(state.schedule)
}

/// A job, the machine that it enters, and the duration of its operation there.
type Entry = (usize, usize, i64);

/// Where the jobs are at a moment.
struct State<'s> {
    shop: &'s Shop,
    keys: &'s Keys<'s>,
    now: i64,
    /// By job: its next operation, when it can enter the machine of that, and the machine that it keeps.
    next: Vec<usize>,
    ready: Vec<i64>,
    at: Vec<Option<usize>>,
    /// By machine: the job that keeps it, and until when it is under repair.
    holder: Vec<Option<usize>>,
    up: Vec<i64>,
    schedule: Schedule,
}

impl<'s> State<'s> {
    fn new(shop: &'s Shop, keys: &'s Keys<'s>) -> Self {
        let (count, jobs) = (shop.num_operations(), 0..shop.num_jobs());
        Self {
            shop,
            keys,
            now: i64::MIN,
            next: jobs.clone().map(|job| shop.operations(job).start).collect(),
            ready: jobs.map(|job| shop.release_time(job)).collect(),
            at: vec![None; shop.num_jobs()],
            holder: vec![None; shop.num_machines()],
            up: vec![i64::MIN; shop.num_machines()],
            schedule: Schedule { machine: vec![0; count], start_time: vec![0; count], completion_time: vec![0; count] },
        }
    }

    /// Whether operations of a job are left that have not started.
    fn has_next(&self, job: usize) -> bool {
        self.next[job] < self.shop.operations(job).end
    }

    /// The next moment at which something may happen, if work is left.
    fn next_moment(&self, breakdown: Option<i64>) -> Option<i64> {
        let later = |time: &i64| *time > self.now;
        let open = |job: &usize| self.has_next(*job) || self.at[*job].is_some();
        let jobs = (0..self.next.len()).filter(open).map(|job| self.ready[job]).filter(later);
        let repairs = self.up.iter().copied().filter(later);
        (0..self.next.len()).any(|job| open(&job)).then(|| jobs.chain(repairs).chain(breakdown).min()).flatten()
    }

    fn stop_machine(&mut self, down: Downtime, interrupted: Interrupted) {
        self.up[down.machine] = down.end;
        if let Some(job) = self.holder[down.machine].filter(|&job| self.ready[job] > down.start) {
            let operation = self.next[job] - 1;
            self.ready[job] = behind_repair(self.shop, &self.schedule, operation, down, interrupted);
            self.schedule.completion_time[operation] = self.ready[job];
        }
    }

    /// Jobs that are complete leave their machines.
    fn leave(&mut self) {
        for machine in 0..self.holder.len() {
            if let Some(job) = self.holder[machine].filter(|&job| self.ready[job] <= self.now && !self.has_next(job)) {
                (self.holder[machine], self.at[job]) = (None, None);
            }
        }
    }

    /// The fastest machine for the next operation of a job among those that run and that `takes` accepts, with the duration.
    fn fastest(&self, job: usize, takes: impl Fn(usize) -> bool) -> Option<(usize, i64)> {
        if self.ready[job] > self.now || !self.has_next(job) {
            return None;
        }
        let open = self.shop.choices(self.next[job]).filter(|&(machine, _)| self.up[machine] <= self.now && takes(machine));
        open.min_by_key(|&(machine, duration)| (duration, machine))
    }

    /// The entry into an empty machine that the rule chooses.
    fn first_entry(&self) -> Option<Entry> {
        let careful = self.shop.data().blocking == Blocking::NoSwap;
        let mut best: Option<((i64, usize), Entry)> = None;
        for job in 0..self.next.len() {
            let empty = |machine: usize| self.holder[machine].is_none_or(|holder| holder == job);
            let Some((_, duration)) = self.fastest(job, empty) else { continue };
            let candidate = Candidate { operation: self.next[job], duration, arrival: self.ready[job] };
            let key = (self.keys.of(candidate, self.now), job);
            if best.as_ref().is_some_and(|best| best.0 < key) {
                continue;
            }
            let safe = |machine: usize| empty(machine) && (!careful || self.is_safe(job, machine));
            if let Some((machine, duration)) = self.fastest(job, safe) {
                best = Some((key, (job, machine, duration)));
            }
        }
        best.map(|best| best.1)
    }

    /// Jobs that wait for each other in a cycle, with the machines that they exchange; nothing if there is no such cycle.
    fn exchange(&self) -> Vec<Entry> {
        if self.shop.data().blocking == Blocking::NoSwap {
            return Vec::new();
        }
        let waits = |job: usize| self.ready[job] <= self.now && self.has_next(job);
        let target = |job: usize| {
            self.at[job]?;
            self.fastest(job, |machine| self.holder[machine].is_some_and(waits))
        };
        let mut seen = vec![usize::MAX; self.next.len()];
        for first in 0..self.next.len() {
            let mut job = first;
            while seen[job] == usize::MAX {
                seen[job] = first;
                let Some(holder) = target(job).and_then(|(machine, _)| self.holder[machine]) else { break };
                job = holder;
                if seen[job] == first {
                    return self.cycle(job, target);
                }
            }
        }
        Vec::new()
    }

    /// The entries of the cycle that a job is part of.
    fn cycle(&self, first: usize, target: impl Fn(usize) -> Option<(usize, i64)>) -> Vec<Entry> {
        let (mut entries, mut job) = (Vec::new(), first);
        while let Some((machine, duration)) = target(job) {
            entries.push((job, machine, duration));
            match self.holder[machine] {
                Some(holder) if holder != first => job = holder,
                _ => break,
            }
        }
        entries
    }

    /// Whether all jobs in the shop can be completed one after the other, without exchanges, when a job has entered a machine.
    fn is_safe(&self, job: usize, machine: usize) -> bool {
        let (mut at, mut holder) = (self.at.clone(), self.holder.clone());
        if let Some(left) = at[job].replace(machine) {
            holder[left] = None;
        }
        holder[machine] = Some(job);
        let next = |other: usize| self.next[other] + usize::from(other == job);
        let mut inside: Vec<usize> = (0..at.len()).filter(|&other| at[other].is_some()).collect();
        let mut count = inside.len() + 1;
        while inside.len() < count {
            count = inside.len();
            inside.retain(|&other| {
                let open = |machine: usize| holder[machine].is_none_or(|holder| holder == other);
                let mut rest = next(other)..self.shop.operations(other).end;
                let completes = rest.all(|op| self.shop.choices(op).any(|(machine, _)| open(machine)));
                if completes && let Some(machine) = at[other] {
                    holder[machine] = None;
                }
                !completes
            });
        }
        inside.is_empty()
    }

    /// A job enters a machine; returns the operation that starts.
    fn enter(&mut self, job: usize, machine: usize, duration: i64) -> usize {
        let operation = self.next[job];
        if let Some(left) = self.at[job].replace(machine).filter(|&left| self.holder[left] == Some(job)) {
            self.holder[left] = None;
        }
        self.holder[machine] = Some(job);
        self.next[job] += 1;
        self.ready[job] = self.now + duration;
        self.schedule.machine[operation] = machine as u32;
        (self.schedule.start_time[operation], self.schedule.completion_time[operation]) = (self.now, self.ready[job]);
        operation
    }
}
