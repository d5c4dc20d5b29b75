//! The rest of a project behind a fixed past: a horizon, bounds, open time and free capacity, for models of other solvers.

use std::collections::HashMap;
use std::sync::Arc;

use super::{capacity, general, horizon};
use crate::control::Pulse;
use crate::rcpsp::constrained::{Past, Situation, Windows};
use crate::rcpsp::{Project, Schedule, max_lag_bounds};

/// Calendar steps of a round that are looked at.
const MOST_STEPS: usize = 100_000;

/// Bounds and capacities for the activities that are not fixed, between the present and a horizon.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Remaining {
    /// Divides all durations, lags and times at which work may become possible, counted from the present: if there is a schedule,
    /// some shortest one starts everything at multiples.
    pub unit: i64,
    /// Earliest starts and completions, fixed ones as they are, whatever the other activities use.
    pub earliest: Schedule,
    /// When each activity must have completed, whatever the other activities use.
    pub latest_finish: Vec<i64>,
    /// Whether these bounds leave each activity a run.
    pub is_possible: bool,
    /// Right-open intervals in which activities may work, each pattern once.
    pub patterns: Vec<Vec<(i64, i64)>>,
    /// The pattern of each activity that has work to do and is not fixed.
    pub pattern_of: Vec<(usize, usize)>,
    /// The units of each resource that calendars and fixed activities leave, from each moment on at which something changes.
    pub levels: Vec<(i64, Vec<i64>)>,
}

/// A time by which everything is done in some schedule, if there is any; `None` if no such time is known.
#[must_use]
pub fn sufficient_horizon(project: &Project, past: &Past) -> Option<i64> {
    if project.is_two_sided() {
        return Some(max_lag_bounds(project, past).horizon);
    }
    horizon::sufficient(&Situation::new(project, past), MOST_STEPS)
}

/// Bounds and capacities for schedules that end by `end`; `None` if calendars change more than `most_steps` times before it, and for
/// projects with maximal lags. The result
/// of a computation that `pulse` stops must not be used.
#[must_use]
pub fn remaining(project: &Project, past: &Past, end: i64, most_steps: usize, pulse: &Pulse) -> Option<Remaining> {
    if project.is_two_sided() {
        return None;
    }
    let (situation, mut pulse) = (Situation::new(project, past), pulse.clone());
    let free: Vec<usize> = (0..project.num_activities()).filter(|&i| situation.fixed[i].is_none()).collect();
    let (mut patterns, mut index) = (Vec::new(), HashMap::new());
    let mut pattern_of = Vec::new();
    for (i, open) in general::opens(&situation, &free, past.now(), end, most_steps)? {
        let k = *index.entry(Arc::as_ptr(&open)).or_insert(patterns.len());
        if k == patterns.len() {
            patterns.push(open.to_vec());
        }
        pattern_of.push((i, k));
    }
    let levels = capacity::levels(&situation, past.now(), end, most_steps)?;
    let mut stop = |steps| pulse.worked(steps);
    let (mut windows, mut is_possible) = match Windows::forward(&situation, &mut stop) {
        Ok(windows) => (windows, true),
        Err(_) => (Windows::unknown(&situation), false),
    };
    is_possible &= windows.backward(&situation, end, &mut stop).is_ok();
    is_possible &= free.iter().all(|&i| windows.latest_start[i] >= windows.earliest_start[i]);
    let makespan = windows.length();
    let earliest = Schedule { start_time: windows.earliest_start, completion_time: windows.earliest_finish, makespan };
    let (unit, latest_finish) = (general::unit(&situation, &free), windows.latest_finish);
    Some(Remaining { unit, earliest, latest_finish, is_possible, patterns, pattern_of, levels })
}
