//! What a fixed past leaves to plan: a horizon, and bounds for every activity, for models of other solvers.

use super::{general, horizon};
use crate::control::Pulse;
use crate::rcpsp::constrained::{Past, Situation, Windows};
use crate::rcpsp::{Project, Schedule};

/// Calendar steps of a round that are looked at.
const MOST_STEPS: usize = 100_000;

/// Bounds by precedence, windows, calendars and the fixed past, whatever the other activities use.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Remaining {
    /// Divides all durations, lags and times at which work may become possible, counted from the present: if there is a schedule,
    /// some shortest one starts everything at multiples.
    pub unit: i64,
    /// Earliest starts and completions, fixed ones as they are.
    pub earliest: Schedule,
    /// When each activity must have completed.
    pub latest_finish: Vec<i64>,
}

/// A time by which everything is done in some schedule, if there is any; `None` if no such time is known.
#[must_use]
pub fn sufficient_horizon(project: &Project, past: &Past) -> Option<i64> {
    horizon::sufficient(&Situation::new(project, past), MOST_STEPS)
}

/// The bounds of schedules that are done by `end`; `None` if they rule out every one. What a computation that `pulse` stops returns is
/// worth nothing.
#[must_use]
pub fn remaining(project: &Project, past: &Past, end: i64, pulse: &Pulse) -> Option<Remaining> {
    let (situation, mut pulse) = (Situation::new(project, past), pulse.clone());
    let mut stop = |steps| pulse.worked(steps);
    let mut windows = Windows::forward(&situation, &mut stop).ok()?;
    windows.backward(&situation, end, &mut stop).ok()?;
    let free: Vec<usize> = (0..project.num_activities()).filter(|&i| situation.fixed[i].is_none()).collect();
    if free.iter().any(|&i| windows.latest_start[i] < windows.earliest_start[i]) {
        return None;
    }
    let makespan = windows.length();
    let earliest = Schedule { start_time: windows.earliest_start, completion_time: windows.earliest_finish, makespan };
    Some(Remaining { unit: general::unit(&situation, &free), earliest, latest_finish: windows.latest_finish })
}
