//! What lags, windows and resources alone tell of a project with maximal lags.

use super::model::Model;
use crate::control::Pulse;
use crate::error::Reason;
use crate::rcpsp::constrained::diagnose;
use crate::rcpsp::stores::reasons_of_stores;
use crate::rcpsp::{CriticalPath, Past, Project};

/// Windows of starts, in ticks, and bounds on the makespan.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MaxLagBounds {
    /// Earliest start of each activity without resources.
    pub earliest_start: Vec<i64>,
    /// Latest start of each activity in schedules that end by `horizon`.
    pub latest_start: Vec<i64>,
    /// No schedule is shorter.
    pub lower_bound: i64,
    /// Some shortest schedule ends by then, if there is any schedule.
    pub horizon: i64,
}

/// The windows and bounds of a project with maximal lags. O(n m).
#[must_use]
pub fn max_lag_bounds(project: &Project, past: &Past) -> MaxLagBounds {
    let model = Model::new(project, past);
    let ticks = |times: &[i64]| times.iter().map(|&time| model.tick(time)).collect();
    MaxLagBounds {
        earliest_start: ticks(&model.earliest),
        latest_start: ticks(&model.latest),
        lower_bound: if model.len() == 0 { 0 } else { model.tick(model.lower_bound()) },
        horizon: model.tick(model.horizon),
    }
}

/// Windows of starts without resources, as [`crate::rcpsp::critical_path`] has them.
pub(in crate::rcpsp) fn critical_path(project: &Project) -> CriticalPath {
    let mut model = Model::new(project, &Past::default());
    let length = model.end(&model.earliest);
    model.end_by(length);
    let times = |times: &[i64]| -> Vec<i64> { times.iter().map(|&time| model.tick(time)).collect() };
    let ends = |times: &[i64]| -> Vec<i64> { times.iter().zip(project.duration()).map(|(start, ticks)| start + ticks).collect() };
    let (earliest_start, latest_start) = (times(&model.earliest), times(&model.latest));
    CriticalPath {
        earliest_finish: ends(&earliest_start),
        latest_finish: ends(&latest_start),
        slack: latest_start.iter().zip(&earliest_start).map(|(late, early)| late - early).collect(),
        earliest_start,
        latest_start,
        length: if model.len() == 0 { 0 } else { model.tick(length) },
    }
}

/// Certificates that a project with maximal lags has no schedule: those of the project without them, fixed activities that break them,
/// and activities that lags leave no time within windows.
pub(in crate::rcpsp) fn reasons(project: &Project, past: &Past, pulse: &Pulse) -> Vec<Reason> {
    let mut found = diagnose(&project.one_sided(), past, pulse);
    if !found.is_empty() {
        return found;
    }
    let model = Model::new(project, past);
    let data = project.data();
    let name = |i: usize| data.names.as_ref().map_or_else(|| format!("activity {i}"), |names| format!("activity '{}'", names[i]));
    found.extend(reasons_of_stores(&model.stores, &model.duration, name));
    for arc in model.arcs.iter().filter(|arc| arc.is_max) {
        let (i, j, k) = (arc.to as usize, arc.from as usize, arc.pair as usize);
        let (Some(before), Some(after)) = (model.fixed[i], model.fixed[j]) else { continue };
        let over = after.0 + arc.lag - before.0;
        if over > 0 {
            let detail = format!(
                "fixed {} and {} lie {} farther apart than their {} max_lag of {}",
                name(i),
                name(j),
                over * model.unit,
                data.relation[k].name(),
                data.max_lag[k]
            );
            found.push(reason("fixed_clash", vec![i, j], over * model.unit, detail));
        }
    }
    if found.is_empty()
        && let Some(i) = model.without_window()
    {
        let (earliest, latest) = (model.tick(model.earliest[i]), model.tick(model.latest[i]));
        let detail = format!("{} cannot start before {earliest}, and lags and windows want it by {latest}", name(i));
        found.push(reason("deadline_missed", vec![i], earliest - latest, detail));
    }
    found
}

fn reason(code: &'static str, activities: Vec<usize>, amount: i64, detail: String) -> Reason {
    Reason { code, activities, resources: vec![], amount: Some(amount), detail }
}
