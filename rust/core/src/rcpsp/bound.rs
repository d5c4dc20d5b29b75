//! Lower bounds on the makespan.

use super::constrained::{Past, Situation, Windows, WorkTime};
use super::prover::{MOST_ACTIVITIES, Prover, Reasoning};
use super::{Priority, Project, Rule, Scheme, bound_of_modes, critical_path, justify, max_lag_bounds, plan};
use crate::control::Pulse;

/// A lower bound on the makespan: the larger of the critical path and, for each resource, its work divided by its capacity, rounded
/// up. With constraints, time windows take the place of the critical path, and work is done only while calendars are open. O(n R + m),
/// and a walk along the calendars.
#[must_use]
pub fn lower_bound(project: &Project) -> i64 {
    simple_bound(project, &Pulse::default())
}

/// [`lower_bound`], or [`destructive_lower_bound`], that can be stopped; what it returns then must not be used.
#[must_use]
pub fn interruptible_lower_bound(project: &Project, destructive: bool, pulse: &Pulse) -> i64 {
    if destructive { destructive_bound(project, pulse) } else { simple_bound(project, pulse) }
}

fn simple_bound(project: &Project, pulse: &Pulse) -> i64 {
    if project.has_options() {
        let is_relaxed = project.modes().is_none() || project.data().relation.iter().all(|relation| !relation.to_finish());
        let relaxed = if is_relaxed { project.without_options(&Past::default(), &[]) } else { None };
        return relaxed.map_or(0, |relaxed| simple_bound(&relaxed, pulse)).max(bound_of_modes(project));
    }
    if project.is_two_sided() {
        return max_lag_bounds(project, &Past::default()).lower_bound;
    }
    let Some(situation) = Situation::needed(project, &Past::default()) else {
        let chain = critical_path(project, pulse).map_or(0, |path| path.length);
        let work = |r| by_work(project, None, r, (0..project.num_activities()).filter(|&i| project.demand_of(i)[r] > 0), 0);
        return (0..project.num_resources()).map(work).fold(chain, i64::max);
    };
    let mut pulse = pulse.clone();
    let windows = Windows::forward(&situation, &mut |steps| pulse.worked(steps));
    windows.map_or(0, |windows| bound_of_windows(&situation, &windows)) // 0 if an activity can never run
}

/// The larger of the longest chain (with lags, windows, calendars and the fixed past) and, for each resource, the work of the
/// activities that are not fixed over its capacity, from their earliest start on, in time that is open to some of them.
pub(super) fn bound_of_windows(situation: &Situation, windows: &Windows) -> i64 {
    let project = situation.project;
    let work = |r: usize| {
        let works = |i: usize| situation.fixed[i].is_none() && project.duration()[i] > 0 && project.demand_of(i)[r] > 0;
        let users = (0..situation.num_activities()).filter(|&i| works(i));
        let from = users.clone().map(|i| windows.earliest_start[i]).min()?;
        Some(by_work(project, Some(situation), r, users, from))
    };
    (0..project.num_resources()).filter_map(work).fold(windows.length(), i64::max)
}

/// When activities, which all demand a resource, can have done their work from `from` on at the earliest; `from` beyond 64 bits.
fn by_work(
    project: &Project,
    situation: Option<&Situation>,
    resource: usize,
    users: impl Iterator<Item = usize> + Clone,
    from: i64,
) -> i64 {
    let work = |i: usize| i128::from(project.duration()[i]) * i128::from(project.demand_of(i)[resource]);
    let end = WorkTime::new(project, situation, resource, users.clone(), from).when(users.map(work).sum());
    if end == i64::MAX { from } else { end }
}

/// Assumes makespans from [`lower_bound`] on and refutes them without search, by time windows, edge finding on sets of exclusive
/// activities, and the work in every interval (Klein and Scholl 1999). At least as high as [`lower_bound`], and equal to it for
/// projects of more than 500 activities or about two million start times.
#[must_use]
pub fn destructive_lower_bound(project: &Project) -> i64 {
    destructive_bound(project, &Pulse::default())
}

fn destructive_bound(project: &Project, pulse: &Pulse) -> i64 {
    let (bound, past) = (simple_bound(project, pulse), Past::default());
    if project.num_activities() > MOST_ACTIVITIES || project.is_two_sided() || project.has_options() {
        return bound;
    }
    // A good schedule is an upper bound, which narrows the time windows.
    let first = plan(project, &past, Scheme::Serial, Priority::Rule(Rule::LFT), 0, pulse);
    let known = first.and_then(|first| justify(project, &first.completion_time, pulse)).ok();
    let known = known.as_ref().map(|schedule| (schedule.start_time.as_slice(), schedule.makespan));
    let Some(mut prover) = Prover::new(project, &past, known) else { return bound };
    let mut pulse = pulse.clone();
    prover.raise(Reasoning::ALL, || pulse.worked(u64::MAX)); // looks for a reason to stop at every call
    bound.max(prover.lower_bound())
}
