//! The one-pass methods under constraints, as their unconstrained twins present them.

use super::schemes::{self, origin};
use super::timetable::Timetable;
use super::windows::UNBOUNDED;
use super::{Past, Situation, Windows, diagnose};
use crate::error::{Error, Infeasible, check_length};
use crate::parallel;
use crate::rcpsp::priority::check_floats;
use crate::rcpsp::rank::{Key, Ranker};
use crate::rcpsp::serial::{FAILED, REFUSED};
use crate::rcpsp::{CriticalPath, Direction, Lister, Priority, Project, Schedule};

/// A schedule generation scheme.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scheme {
    /// One activity after the other, each as early as possible.
    Serial,
    /// One moment after the other, at each as much as possible.
    Parallel,
}

/// [`serial_sgs`](crate::rcpsp::serial_sgs) or [`parallel_sgs`](crate::rcpsp::parallel_sgs) for a project with a fixed past.
///
/// # Errors
/// Priorities of the wrong number, or not finite; a pass that misses a deadline or finds no place (which need not mean that there is
/// no schedule: the reasons tell).
pub fn plan(project: &Project, past: &Past, scheme: Scheme, priority: Priority, seed: u64) -> Result<Schedule, Error> {
    let n = project.num_activities();
    match priority {
        Priority::Rule(_) => {}
        Priority::Floats(values) => check_floats(values, n)?,
        Priority::Integers(values) => check_length("priority", values.len(), n)?,
    }
    let situation = Situation::new(project, past);
    let windows = feasible(&situation)?;
    let schedule = match priority {
        Priority::Rule(rule) => {
            let path = analysis(&situation, windows.clone());
            scheme.run(&situation, &windows, &rule.values_by(project, seed, &path))
        }
        Priority::Floats(values) => scheme.run(&situation, &windows, values),
        Priority::Integers(values) => scheme.run(&situation, &windows, values),
    }?;
    Ok(schedule)
}

impl Scheme {
    fn run<K: Key>(self, situation: &Situation, windows: &Windows, priority: &[K]) -> Result<Schedule, Infeasible> {
        match self {
            Self::Serial => {
                let mut table = Timetable::new(situation, Direction::Forward, origin(situation));
                schemes::serial(situation, windows, &mut table, Lister::new(situation.project).list(priority))
            }
            Self::Parallel => {
                let mut ranker = Ranker::new(situation.num_activities());
                ranker.sort(priority);
                schemes::parallel(situation, windows, &ranker.rank)
            }
        }
    }
}

/// [`serial_sgs_many`](crate::rcpsp::serial_sgs_many): the serial scheme for many rows of priorities.
pub fn plan_many<K: Key + Sync>(project: &Project, priority: &[K], threads: usize, makespan: &mut [i64], starts: &mut [i64]) {
    let n = project.num_activities();
    let situation = Situation::new(project, &Past::default());
    let windows = feasible(&situation).ok();
    let scratch = || (Lister::new(project), Timetable::new(&situation, Direction::Forward, origin(&situation)));
    parallel::fill(threads, makespan, starts, scratch, |(lister, table), k, makespan, starts| {
        let row = priority[k * n..(k + 1) * n].to_vec(); // a copy, because somebody may write to it
        *makespan = FAILED;
        starts.fill(FAILED);
        if row.iter().any(|key| !key.is_finite()) {
            *makespan = REFUSED;
        } else if let Some(windows) = &windows
            && let Ok(schedule) = schemes::serial(&situation, windows, table, lister.list(&row))
        {
            *makespan = schedule.makespan;
            starts.iter_mut().zip(&schedule.start_time).for_each(|(slot, start)| *slot = *start);
        }
    });
}

/// Forward-backward improvement.
pub fn justify(project: &Project, completion_time: &[i64]) -> Result<Schedule, Infeasible> {
    let situation = Situation::new(project, &Past::default());
    let windows = feasible(&situation)?;
    schemes::justify(&situation, &windows, completion_time)
}

/// Earliest and latest times; latest ones against deadlines and the latest of all earliest finishes.
pub fn critical_path(project: &Project) -> Result<CriticalPath, Infeasible> {
    let situation = Situation::new(project, &Past::default());
    let windows = Windows::forward(&situation).map_err(|reason| Infeasible { reasons: vec![reason] })?;
    Ok(analysis(&situation, windows))
}

/// The windows, if nothing speaks against them.
fn feasible(situation: &Situation) -> Result<Windows, Infeasible> {
    let reasons = diagnose::certificates(situation);
    if !reasons.is_empty() {
        return Err(Infeasible { reasons });
    }
    Windows::new(situation, UNBOUNDED).map_err(|reason| Infeasible { reasons: vec![reason] })
}

fn analysis(situation: &Situation, mut windows: Windows) -> CriticalPath {
    let length = windows.length();
    windows.backward(situation, length);
    let slack = windows.latest_start.iter().zip(&windows.earliest_start).map(|(late, early)| late - early).collect();
    let Windows { earliest_start, earliest_finish, latest_start, latest_finish } = windows;
    CriticalPath { earliest_start, earliest_finish, latest_start, latest_finish, slack, length }
}
