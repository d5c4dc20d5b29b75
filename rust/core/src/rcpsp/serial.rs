//! The serial schedule generation scheme (Kelley 1963; Kolisch 1996).

use super::constrained::{Past, Scheme, plan, plan_many};
use super::{Decoder, Direction, Key, Lister, Priority, Project, Schedule};
use crate::control::Pulse;
use crate::cost;
use crate::error::{Error, InputError, check_length};
use crate::parallel;

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

/// The serial scheme without constraints, for a priority that has been judged.
pub(super) fn serial(project: &Project, priority: Priority, seed: u64, pulse: &Pulse) -> Schedule {
    let mut pulse = pulse.clone();
    let values = if let Priority::Rule(rule) = priority { rule.values(project, seed, &mut pulse) } else { Vec::new() };
    if pulse.stopped() {
        return Schedule::default();
    }
    let mut lister = Lister::new(project);
    let order = match priority {
        Priority::Rule(_) => lister.order(&values),
        Priority::Floats(values) => lister.order(values),
        Priority::Integers(values) => lister.order(values),
    };
    let mut decoder = Decoder::new(project);
    decoder.decode_order(order, Direction::Forward, &mut || pulse.worked(u64::MAX));
    decoder.schedule(Direction::Forward, 0)
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
    if project.is_constrained() {
        plan_many(project, priority, threads, pulse, makespan, starts);
        return judge(priority, n, makespan);
    }
    // Each row is copied before anything looks at it: the caller's memory may belong to somebody who writes to it.
    let scratch = || (Lister::new(project), Decoder::new(project), Vec::with_capacity(n), pulse.clone());
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
        *makespan = decoder.decode_order(lister.order(row), Direction::Forward, &mut || pulse.worked(u64::MAX));
        if !starts.is_empty() {
            decoder.starts(Direction::Forward, 0, starts);
        }
    });
    judge(priority, n, makespan)
}

/// Marks a row with a value that is not finite.
pub(super) const REFUSED: i64 = -2;
/// Marks a row that leads to no schedule.
pub(super) const FAILED: i64 = -1;

fn judge<K: Key>(priority: &[K], n: usize, makespan: &[i64]) -> Result<(), InputError> {
    match makespan.iter().position(|&makespan| makespan == REFUSED) {
        None => Ok(()),
        Some(k) => Err(refuse(priority, n, k * n)),
    }
}

fn refuse<K: Key>(priority: &[K], n: usize, from: usize) -> InputError {
    let mut bad = (from..priority.len()).filter(|&k| !priority[k].is_finite());
    let error = InputError::new("priority", "must be finite");
    match bad.next() {
        Some(k) => error.at([k / n, k % n], priority[k].value()).more(bad.count()),
        None => error,
    }
}
