//! The one-pass methods: a schedule by one of the two schemes (Kelley 1963; Kolisch 1996), for every project and any fixed past.

use super::constrained::Lost;
use super::instance::Instance;
use super::max_lags::{many_with_max_lags, plan_with_max_lags};
use super::priority::check_floats;
use super::rank::{Key, Ranker};
use super::{ABSENT, Direction, Lister, Past, Priority, Project, Schedule};
use crate::control::Pulse;
use crate::cost;
use crate::error::{Error, Infeasible, InputError, check_length};
use crate::parallel;

/// A schedule generation scheme.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scheme {
    /// One activity after the other, each as early as possible.
    Serial,
    /// One moment after the other, at each as much as possible.
    Parallel,
}

/// Takes the activities one by one, among those whose predecessors are all placed the best by priority (ties: lower index), and
/// starts each at the earliest time that precedence and resources allow.
///
/// The schedule is active, so some priority gives an optimal one. O(n log n + m + n W) where W is the cost of finding a start.
/// `seed` matters to the rule `random` alone.
///
/// # Errors
/// Priorities of the wrong number, or not finite. Under constraints, a pass that misses a deadline or finds no place.
pub fn serial_sgs(project: &Project, priority: Priority, seed: u64) -> Result<Schedule, Error> {
    plan(project, &Past::default(), Scheme::Serial, priority, seed, &Pulse::default())
}

/// Walks through time: at each moment starts the best (ties: lower index) eligible activity that fits, until none fits, then goes
/// to the next completion. Activities of duration 0 complete at once.
///
/// The schedule is non-delay; such schedules may all miss the optimum. O(n^2 R) worst case.
///
/// # Errors
/// Priorities of the wrong number, or not finite. Under constraints, a pass that misses a deadline or finds no place.
pub fn parallel_sgs(project: &Project, priority: Priority, seed: u64) -> Result<Schedule, Error> {
    plan(project, &Past::default(), Scheme::Parallel, priority, seed, &Pulse::default())
}

/// [`serial_sgs`] or [`parallel_sgs`] with a fixed past. What a computation that `pulse` stops returns must not be used.
///
/// # Errors
/// Priorities of the wrong number, or not finite; a pass that misses a deadline or finds no place (which need not mean that there is
/// no schedule: the reasons tell).
pub fn plan(
    project: &Project,
    past: &Past,
    scheme: Scheme,
    priority: Priority,
    seed: u64,
    pulse: &Pulse,
) -> Result<Schedule, Error> {
    let n = project.num_activities();
    match priority {
        Priority::Rule(_) => {}
        Priority::Floats(values) => check_floats(values, n)?,
        Priority::Integers(values) => check_length("priority", values.len(), n)?,
    }
    if project.is_two_sided() {
        return plan_with_max_lags(project, past, scheme, priority, seed, pulse);
    }
    let mut pulse = pulse.clone();
    let instance = Instance::new(project, past, &mut |steps| pulse.worked(steps)).map_err(|reasons| Infeasible { reasons })?;
    let schedule = match priority {
        Priority::Rule(rule) => scheme.run(&instance, &instance.rule_values(rule, seed, &mut pulse), &mut pulse),
        Priority::Floats(values) => scheme.run(&instance, values, &mut pulse),
        Priority::Integers(values) => scheme.run(&instance, values, &mut pulse),
    };
    Ok(project.blanked(schedule.or_else(|lost| instance.given_up(lost))?))
}

impl Scheme {
    fn run<K: Key>(self, instance: &Instance, priority: &[K], pulse: &mut Pulse) -> Result<Schedule, Lost> {
        let project = instance.project;
        if pulse.stopped() {
            return Err(Lost::Stopped);
        }
        match self {
            Self::Serial => {
                let step = cost::SORTED * project.num_activities() as u64;
                let mut go_on = || if pulse.worked(step) { Err(Lost::Stopped) } else { Ok(()) };
                let mut lister = Lister::new(project);
                go_on()?;
                let mut decoder = instance.decoder();
                go_on()?;
                let order = lister.order(priority);
                go_on()?;
                decoder.decode_order(order, &mut |steps| pulse.worked(steps))?;
                Ok(decoder.schedule(Direction::Forward, 0))
            }
            Self::Parallel => {
                let mut ranker = Ranker::new(project.num_activities());
                ranker.sort(priority);
                if pulse.worked(cost::SORTED * project.num_activities() as u64) {
                    return Err(Lost::Stopped);
                }
                instance.parallel().schedule(ranker.by_rank, &mut |steps| pulse.worked(steps))
            }
        }
    }
}

/// [`serial_sgs`] for many rows of priorities at once, on `threads` threads; row `k` is `priority[k * n..(k + 1) * n]`.
///
/// Writes each row's makespan and, where `starts` is not empty, its start times. The answer does not depend on `threads`. Under
/// constraints a row that misses a deadline or finds no place gets -1 everywhere. Rows are left as they were once `pulse` has stopped.
///
/// # Errors
/// A length that is not a multiple of the number of activities, output of the wrong length, values that are not finite.
pub fn serial_sgs_many<K: Key + Sync>(
    project: &Project,
    priority: &[K],
    threads: usize,
    pulse: &Pulse,
    makespan: &mut [i64],
    starts: &mut [i64],
) -> Result<(), InputError> {
    let n = project.num_activities();
    check_length("priority", priority.len(), makespan.len().saturating_mul(n))?;
    if !starts.is_empty() {
        check_length("starts", starts.len(), priority.len())?;
    }
    if project.is_two_sided() {
        if let Some(k) = priority.iter().position(|key| !key.is_finite()) {
            return Err(refuse(priority, n, k));
        }
        many_with_max_lags(project, priority, (threads, pulse), (makespan, starts), FAILED);
        return Ok(());
    }
    let mut judging = pulse.clone();
    let instance = Instance::new(project, &Past::default(), &mut |steps| judging.worked(steps)).ok();
    // Each row is copied before it is read, because another thread may write to the caller's array meanwhile.
    let decoder = || instance.as_ref().map(Instance::decoder);
    let scratch = || (Lister::new(project), decoder(), Vec::with_capacity(n), pulse.clone());
    parallel::fill(threads, makespan, starts, scratch, |(lister, decoder, row, pulse), k, makespan, starts| {
        if pulse.worked(cost::PLACEMENT * n as u64) {
            return;
        }
        row.clear();
        row.extend_from_slice(&priority[k * n..(k + 1) * n]);
        if row.iter().filter(|key| !key.is_finite()).count() > 0 {
            *makespan = REFUSED;
            return;
        }
        let found = decoder.as_mut().map(|decoder| decoder.decode_order(lister.order(row), &mut |steps| pulse.worked(steps)));
        match (found, decoder) {
            (Some(Ok(length)), Some(decoder)) => {
                *makespan = length;
                if !starts.is_empty() {
                    decoder.starts(Direction::Forward, 0, starts);
                    let absent = starts.iter_mut().zip(project.absent()).filter(|(_, absent)| **absent);
                    absent.for_each(|(start, _)| *start = ABSENT);
                }
            }
            (Some(Err(Lost::Stopped)), _) => {}
            _ => {
                *makespan = FAILED;
                starts.fill(FAILED);
            }
        }
    });
    match makespan.iter().position(|&makespan| makespan == REFUSED) {
        None => Ok(()),
        Some(k) => Err(refuse(priority, n, k * n)),
    }
}

/// Marks a row with a value that is not finite.
const REFUSED: i64 = -2;
/// Marks a row that leads to no schedule.
const FAILED: i64 = -1;

fn refuse<K: Key>(priority: &[K], n: usize, from: usize) -> InputError {
    let mut bad = (from..priority.len()).filter(|&k| !priority[k].is_finite());
    let error = InputError::new("priority", "must be finite");
    match bad.next() {
        Some(k) => error.at([k / n, k % n], priority[k].value()).more(bad.count()),
        None => error,
    }
}
