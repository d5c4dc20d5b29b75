//! The one-pass methods, for every project and any fixed past.

use super::diagnose::{self, Stopped, Verdict};
use super::schemes::{self, Lost, origin};
use super::timetable::Timetable;
use super::windows::NoWindows;
use super::{Past, Situation, Windows};
use crate::control::Pulse;
use crate::error::{Error, Infeasible, check_length};
use crate::parallel;
use crate::rcpsp::parallel_sgs::parallel;
use crate::rcpsp::priority::check_floats;
use crate::rcpsp::rank::{Key, Ranker};
use crate::rcpsp::serial::{FAILED, REFUSED, serial};
use crate::rcpsp::{CriticalPath, Direction, Lister, Priority, Project, Schedule};

/// A schedule generation scheme.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scheme {
    /// One activity after the other, each as early as possible.
    Serial,
    /// One moment after the other, at each as much as possible.
    Parallel,
}

/// [`serial_sgs`](crate::rcpsp::serial_sgs) or [`parallel_sgs`](crate::rcpsp::parallel_sgs) for any project and a fixed past. What a
/// computation that `pulse` stops returns is worth nothing.
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
    if !project.is_constrained() && past.is_empty() {
        return Ok(match scheme {
            Scheme::Serial => serial(project, priority, seed, pulse),
            Scheme::Parallel => parallel(project, priority, seed, pulse),
        });
    }
    let situation = Situation::new(project, past);
    let mut pulse = pulse.clone();
    let windows = feasible(&situation, &mut pulse)?;
    let schedule = match priority {
        Priority::Rule(rule) => {
            let path = analysis(&situation, windows.clone(), &mut pulse);
            scheme.run(&situation, &windows, &rule.values_by(project, seed, &path, &mut pulse), &mut pulse)
        }
        Priority::Floats(values) => scheme.run(&situation, &windows, values, &mut pulse),
        Priority::Integers(values) => scheme.run(&situation, &windows, values, &mut pulse),
    };
    Ok(schedule.or_else(|lost| given_up(lost, &situation, &windows))?)
}

/// A stopped pass is worth nothing; any other failure is told.
fn given_up(lost: Lost, situation: &Situation, windows: &Windows) -> Result<Schedule, Infeasible> {
    if lost == Lost::Stopped { Ok(Schedule::default()) } else { Err(lost.explain(situation, windows)) }
}

impl Scheme {
    fn run<K: Key>(self, situation: &Situation, windows: &Windows, priority: &[K], pulse: &mut Pulse) -> Result<Schedule, Lost> {
        match self {
            Self::Serial => {
                let mut table = Timetable::new(situation, Direction::Forward, origin(situation));
                schemes::serial(situation, windows, &mut table, Lister::new(situation.project).list(priority), pulse)
            }
            Self::Parallel => {
                let mut ranker = Ranker::new(situation.num_activities());
                ranker.sort(priority);
                schemes::parallel(situation, windows, &ranker.rank, pulse)
            }
        }
    }
}

/// [`serial_sgs_many`](crate::rcpsp::serial_sgs_many): the serial scheme for many rows of priorities.
pub fn plan_many<K: Key + Sync>(
    project: &Project,
    priority: &[K],
    threads: usize,
    pulse: &Pulse,
    makespan: &mut [i64],
    starts: &mut [i64],
) {
    let n = project.num_activities();
    let situation = Situation::new(project, &Past::default());
    let windows = feasible(&situation, &mut pulse.clone()).ok();
    let scratch = || (Lister::new(project), Timetable::new(&situation, Direction::Forward, origin(&situation)), pulse.clone());
    parallel::fill(threads, makespan, starts, scratch, |(lister, table, pulse), k, makespan, starts| {
        if pulse.stopped() {
            return;
        }
        let row = priority[k * n..(k + 1) * n].to_vec(); // a copy, because somebody may write to it
        *makespan = FAILED;
        starts.fill(FAILED);
        if row.iter().any(|key| !key.is_finite()) {
            *makespan = REFUSED;
        } else if let Some(windows) = &windows
            && let Ok(schedule) = schemes::serial(&situation, windows, table, lister.list(&row), pulse)
        {
            *makespan = schedule.makespan;
            starts.iter_mut().zip(&schedule.start_time).for_each(|(slot, start)| *slot = *start);
        }
    });
}

/// Forward-backward improvement.
pub fn justify(project: &Project, completion_time: &[i64], pulse: &Pulse) -> Result<Schedule, Infeasible> {
    let situation = Situation::new(project, &Past::default());
    let mut pulse = pulse.clone();
    let windows = feasible(&situation, &mut pulse)?;
    schemes::justify(&situation, &windows, completion_time, &mut pulse).or_else(|lost| given_up(lost, &situation, &windows))
}

/// Earliest and latest times; latest ones against deadlines and the latest of all earliest finishes.
pub fn critical_path(project: &Project, pulse: &Pulse) -> Result<CriticalPath, Infeasible> {
    let situation = Situation::new(project, &Past::default());
    let mut pulse = pulse.clone();
    let windows = match Windows::forward(&situation, &mut |steps| pulse.worked(steps)) {
        Ok(windows) => windows,
        Err(NoWindows::Stopped) => Windows::unknown(&situation),
        Err(NoWindows::Never(reason)) => return Err(Infeasible { reasons: vec![reason] }),
    };
    Ok(analysis(&situation, windows, &mut pulse))
}

/// The windows, if nothing speaks against them.
fn feasible(situation: &Situation, pulse: &mut Pulse) -> Result<Windows, Infeasible> {
    match diagnose::judge(situation, &mut |steps| pulse.worked(steps)) {
        Ok(Verdict::Open(windows)) => Ok(windows),
        Ok(Verdict::Infeasible(reasons)) => Err(Infeasible { reasons }),
        Err(Stopped) => Ok(Windows::unknown(situation)),
    }
}

fn analysis(situation: &Situation, mut windows: Windows, pulse: &mut Pulse) -> CriticalPath {
    let length = windows.length();
    let _ = windows.backward(situation, length, &mut |steps| pulse.worked(steps)); // stopped, it is worth nothing anyway
    let late = windows.latest_start.iter().zip(&windows.earliest_start);
    let slack = late.map(|(late, early)| late.saturating_sub(*early)).collect();
    let Windows { earliest_start, earliest_finish, latest_start, latest_finish } = windows;
    CriticalPath { earliest_start, earliest_finish, latest_start, latest_finish, slack, length }
}
