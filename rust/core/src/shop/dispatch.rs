//! Dispatching: one operation at a time by a rule, active (Giffler and Thompson 1960) or non-delay.

mod masks;
mod repair;
#[cfg(test)]
mod tests;

use super::Schedule;
use super::objective::Objective;
use super::past::Past;
use super::problem::{Blocking, Shop};
use super::rule::{Candidate, Keys, Priority};
use super::timing::{Machines, never_open};
use crate::control::Pulse;
use crate::error::{Error, InputError};
use crate::memory;
use crate::names::Named;
use crate::total::Total;

/// Which operations a rule may choose from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Scheme {
    /// Those on the machine of the earliest possible completion that start before it. The schedule is active.
    #[default]
    Active,
    /// Those that can start first. No machine waits while there is work for it.
    NonDelay,
}

impl Named for Scheme {
    const FIELD: &'static str = "scheme";

    fn all() -> impl Iterator<Item = (&'static str, Self)> + Clone {
        [("active", Self::Active), ("non_delay", Self::NonDelay)].into_iter()
    }
}

/// A schedule by a priority rule.
///
/// Active: of the earliest completions of all ready operations take the least one, f*, and its machine. The rule chooses among the ready
/// operations on that machine that can start before f*. Non-delay: the rule chooses among the ready operations that can start first.
/// An operation with several machines takes the one of its earliest completion. An operation goes behind those that are on its machine
/// already; a setup may run before the job arrives. Fixed operations are on their machines from the beginning.
///
/// Ties: of equal completions, starts or keys the lowest job; of machines the lowest one. Each step looks at the ready operations of
/// one machine, so N operations of n jobs on m machines take about O(N (m + n / m)).
///
/// # Errors
/// A shop with blocking or without waiting, which needs other methods; numbers of another count than operations; an operation whose
/// machines are never open for so long; refused memory. A schedule that `pulse` has stopped must not be used.
///
/// ```
/// use schedkit_core::control::Pulse;
/// use schedkit_core::names::Named;
/// use schedkit_core::shop::{Past, Priority, Rule, Scheme, Shop, ShopData, dispatch};
/// let data = ShopData { job_start: vec![0, 1, 2], choice_start: vec![0, 1, 2], machine: vec![0, 0], duration: vec![5, 2], ..ShopData::default() };
/// let shop = Shop::new(ShopData { num_machines: 1, ..data })?;
/// let rule = Priority::Rule(Rule::from_name("spt")?, 0);
/// let schedule = dispatch(&shop, &rule, Scheme::Active, &Past::default(), &mut Pulse::default())?;
/// assert_eq!(schedule.start_time, [2, 0]);
/// # Ok::<(), schedkit_core::Error>(())
/// ```
pub fn dispatch(shop: &Shop, priority: &Priority, scheme: Scheme, past: &Past, pulse: &mut Pulse) -> Result<Schedule, Error> {
    let refused = |field, reason| Err(InputError::new(field, reason).into());
    if shop.data().blocking != Blocking::None {
        return refused("blocking", "dispatching does not schedule blocking shops");
    }
    if shop.data().no_wait {
        return refused("no_wait", "dispatching does not schedule shops without waiting");
    }
    memory::require_items(shop.num_operations() + shop.num_jobs(), 128)?;
    let keys = Keys::new(shop, priority)?;
    if masks::serves(shop) {
        return Ok(masks::dispatch(shop, &keys, scheme, past, pulse));
    }
    general(shop, &keys, scheme, past, pulse)
}

/// Dispatching of every shop that is not refused.
fn general(shop: &Shop, keys: &Keys, scheme: Scheme, past: &Past, pulse: &mut Pulse) -> Result<Schedule, Error> {
    let mut run = Dispatching::new(shop, keys, scheme, past)?;
    while let Some(job) = run.choose() {
        let steps = run.place(job)?;
        if pulse.worked(steps) {
            break;
        }
    }
    Ok(run.schedule)
}

/// The values of an objective of the schedules by several priorities, each with the ties of [`dispatch`].
///
/// # Errors
/// As [`dispatch`]. Values that `pulse` has stopped must not be used.
pub fn dispatch_many<'p>(
    shop: &Shop,
    priorities: impl Iterator<Item = Priority<'p>>,
    scheme: Scheme,
    objective: Objective,
    pulse: &mut Pulse,
) -> Result<Vec<Total>, Error> {
    let mut values = Vec::new();
    for priority in priorities {
        let schedule = dispatch(shop, &priority, scheme, &Past::default(), pulse)?;
        if pulse.worked(shop.num_operations() as u64) {
            break;
        }
        memory::reserve(&mut values, 1)?;
        values.push(objective.value(shop, &schedule));
    }
    Ok(values)
}

/// Where the next operation of a job would go.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
struct Place {
    operation: usize,
    machine: usize,
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
const NOTHING: (i64, u32) = (i64::MAX, u32::MAX);

/// A schedule in the making. What is known of a machine is kept until an operation is placed on it or a job arrives.
pub(super) struct Dispatching<'s> {
    shop: &'s Shop,
    keys: &'s Keys<'s>,
    scheme: Scheme,
    machines: Machines<'s>,
    pub schedule: Schedule,
    /// By job.
    place: Vec<Place>,
    /// The jobs whose next operation may run on each machine.
    waiting: Vec<Vec<u32>>,
    /// Of the jobs that would go to each machine the least completion, or start if non-delay, with its job.
    first: Vec<(i64, u32)>,
    /// Machines whose entry in `first` has to be made again.
    stale: Vec<usize>,
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
            waiting: vec![Vec::new(); shop.num_machines()],
            first: vec![NOTHING; shop.num_machines()],
            stale: (0..shop.num_machines()).collect(),
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
        run.look_again();
        Ok(run)
    }

    /// Makes an operation the next one of its job, if the job has that many.
    fn wait(&mut self, job: usize, operation: usize) -> Result<(), Error> {
        if operation < self.shop.operations(job).end {
            for (machine, _) in self.shop.choices(operation) {
                self.waiting[machine].push(job as u32);
            }
            self.place[job] = self.earliest(job, operation)?;
            self.stale.push(self.place[job].machine);
        }
        Ok(())
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

    /// Finds the least entries of the machines at which something has changed.
    fn look_again(&mut self) {
        while let Some(machine) = self.stale.pop() {
            let mut first = NOTHING;
            for &job in &self.waiting[machine] {
                let place = &self.place[job as usize];
                if place.machine == machine {
                    let value = if self.scheme == Scheme::Active { place.completion } else { place.start };
                    first = first.min((value, job));
                }
            }
            self.first[machine] = first;
        }
    }

    /// The job whose operation is placed next; `None` if all are placed.
    pub fn choose(&self) -> Option<usize> {
        let (&(value, job), machine) = self.first.iter().zip(0..).min_by_key(|(first, _)| **first)?;
        if (value, job) == NOTHING {
            return None;
        }
        let goes = |machine: usize| {
            let here = self.waiting[machine].iter().map(|&j| (j, &self.place[j as usize]));
            here.filter(move |(_, place)| place.machine == machine)
        };
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
        for (machine, _) in self.shop.choices(operation) {
            let waiting = &mut self.waiting[machine];
            if let Some(at) = waiting.iter().position(|&j| j as usize == job) {
                waiting.swap_remove(at);
            }
        }
        self.stale.push(machine);
        let steps = self.reconsider_waiting(machine)?;
        self.wait(job, operation + 1)?;
        self.look_again();
        Ok(steps)
    }

    /// Makes the places of all jobs that may go to a machine again; returns the steps of work.
    fn reconsider_waiting(&mut self, machine: usize) -> Result<u64, Error> {
        for k in 0..self.waiting[machine].len() {
            self.reconsider(self.waiting[machine][k] as usize)?;
        }
        Ok((self.waiting[machine].len() + self.first.len()) as u64)
    }

    /// Makes the place of the next operation of a job again.
    fn reconsider(&mut self, job: usize) -> Result<(), Error> {
        let before = self.place[job];
        let after = self.earliest(job, before.operation)?;
        self.place[job] = after;
        if before.machine != after.machine {
            self.stale.extend([before.machine, after.machine]);
        }
        Ok(())
    }
}
