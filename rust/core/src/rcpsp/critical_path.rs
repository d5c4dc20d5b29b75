//! Time analysis without resources.

use super::constrained::{NoWindows, Situation, Windows};
use super::max_lags::path_of_max_lags;
use super::{Past, Project};
use crate::control::Pulse;
use crate::cost;
use crate::error::Infeasible;

/// Earliest and latest times of every activity; latest ones against the critical path's length, and deadlines.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct CriticalPath {
    /// Earliest start.
    pub earliest_start: Vec<i64>,
    /// Earliest finish.
    pub earliest_finish: Vec<i64>,
    /// Latest start.
    pub latest_start: Vec<i64>,
    /// Latest finish.
    pub latest_finish: Vec<i64>,
    /// Latest start minus earliest start; negative where a deadline cannot be kept.
    pub slack: Vec<i64>,
    /// Length of the longest path, a lower bound on every makespan.
    pub length: i64,
}

/// Forward and backward pass in topological order. O(n + m). Lags, windows and calendars count. What a computation that `pulse` stops
/// returns must not be used. Optional activities are left out: their times are [`ABSENT`](super::ABSENT).
///
/// # Errors
/// An activity that its calendars never let run.
pub fn critical_path(project: &Project, pulse: &Pulse) -> Result<CriticalPath, Infeasible> {
    if project.has_options()
        && let Some(relaxed) = project.without_options(&Past::default(), &[])
    {
        return Ok(critical_path(&relaxed, pulse)?.blanked(relaxed.absent()));
    }
    let mut pulse = pulse.clone();
    if project.is_two_sided() {
        return Ok(path_of_max_lags(project));
    }
    let Some(situation) = Situation::needed(project, &Past::default()) else { return Ok(analysis(project, &mut pulse)) };
    let windows = match Windows::forward(&situation, &mut |steps| pulse.worked(steps)) {
        Ok(windows) => windows,
        Err(NoWindows::Stopped) => Windows::unknown(&situation),
        Err(NoWindows::Never(reason)) => return Err(Infeasible { reasons: vec![reason] }),
    };
    Ok(CriticalPath::of_windows(&situation, windows, &mut pulse))
}

impl CriticalPath {
    /// Latest times against deadlines and the latest of all earliest finishes.
    pub(super) fn of_windows(situation: &Situation, mut windows: Windows, pulse: &mut Pulse) -> Self {
        let length = windows.length();
        let _ = windows.backward(situation, length, &mut |steps| pulse.worked(steps)); // stopped, it is not used
        let late = windows.latest_start.iter().zip(&windows.earliest_start);
        let slack = late.map(|(late, early)| late.saturating_sub(*early)).collect();
        let Windows { earliest_start, earliest_finish, latest_start, latest_finish } = windows;
        Self { earliest_start, earliest_finish, latest_start, latest_finish, slack, length }
    }
}

/// The same for precedence and durations alone.
pub(super) fn time_analysis(project: &Project) -> CriticalPath {
    analysis(project, &mut Pulse::default())
}

fn analysis(project: &Project, pulse: &mut Pulse) -> CriticalPath {
    let (duration, graph) = (project.duration(), project.graph());
    let n = project.num_activities();
    let (mut earliest_start, mut earliest_finish) = (vec![0_i64; n], vec![0_i64; n]);
    for &i in graph.topological_order() {
        let i = i as usize;
        let start = graph.predecessors().of(i).iter().map(|&p| earliest_finish[p as usize]).max().unwrap_or(0);
        earliest_start[i] = start;
        earliest_finish[i] = start + duration[i];
        if pulse.worked(cost::NODE + graph.predecessors().degree(i) as u64) {
            break;
        }
    }
    let length = earliest_finish.iter().copied().max().unwrap_or(0);
    let (mut latest_start, mut latest_finish) = (vec![0_i64; n], vec![0_i64; n]);
    for &i in graph.topological_order().iter().rev() {
        let i = i as usize;
        let finish = graph.successors().of(i).iter().map(|&s| latest_start[s as usize]).min().unwrap_or(length);
        latest_finish[i] = finish;
        latest_start[i] = finish - duration[i];
        if pulse.worked(cost::NODE + graph.successors().degree(i) as u64) {
            break;
        }
    }
    let slack = latest_start.iter().zip(&earliest_start).map(|(late, early)| late - early).collect();
    CriticalPath { earliest_start, earliest_finish, latest_start, latest_finish, slack, length }
}
