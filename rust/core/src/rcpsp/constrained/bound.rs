//! A lower bound on the makespan under constraints.

use super::{Past, Situation, Windows};
use crate::control::Pulse;
use crate::rcpsp::Project;

/// The larger of the longest chain (with lags, windows, calendars and the fixed past) and, for each resource, the work of the
/// activities that are not fixed over its capacity, from their earliest start on. 0 if an activity can never run.
pub fn bound(project: &Project, past: &Past, pulse: &Pulse) -> i64 {
    let situation = Situation::new(project, past);
    let mut pulse = pulse.clone();
    Windows::forward(&situation, &mut |steps| pulse.worked(steps)).map_or(0, |windows| bound_of_windows(&situation, &windows))
}

/// [`bound`], for windows that are known.
pub fn bound_of_windows(situation: &Situation, windows: &Windows) -> i64 {
    let by_work = (0..situation.project.num_resources()).filter_map(|r| by_work(situation, windows, r));
    by_work.fold(windows.length(), i64::max)
}

/// From the earliest start of those who need the resource, all their work at full constant capacity.
fn by_work(situation: &Situation, windows: &Windows, resource: usize) -> Option<i64> {
    let project = situation.project;
    let capacity = i128::from(project.capacity()[resource]);
    let users = || {
        (0..situation.num_activities())
            .filter(|&i| situation.fixed[i].is_none() && project.duration()[i] > 0 && project.demand_of(i)[resource] > 0)
    };
    let from = users().map(|i| windows.earliest_start[i]).min()?;
    let work: i128 = users().map(|i| i128::from(project.duration()[i]) * i128::from(project.demand_of(i)[resource])).sum();
    // Whoever uses it demands at most the capacity, so there is some.
    i64::try_from((work + capacity - 1) / capacity).ok().map(|ticks| from + ticks)
}
