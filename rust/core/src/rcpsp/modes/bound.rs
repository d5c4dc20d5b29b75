//! What no choice of modes can do better: earliest times, work against capacity, and stocks.

use super::model::Model;
use crate::error::Reason;
use crate::rcpsp::{Past, Project};

/// Earliest start and completion of each activity without resources, whatever the modes.
pub fn earliest(model: &Model) -> (Vec<i64>, Vec<i64>) {
    let n = model.len();
    let (mut start, mut finish) = (vec![0; n], vec![0; n]);
    for &i in &model.order {
        let i = i as usize;
        if let Some(span) = model.fixed[i] {
            (start[i], finish[i]) = span;
            continue;
        }
        let durations = || model.choices(i).map(|c| model.duration[c]);
        let (shortest, longest) = (durations().min().unwrap_or(0), durations().max().unwrap_or(0));
        let (mut ready, mut done) = (model.release[i], i64::MIN);
        for link in &model.before[i] {
            let event = if link.from_finish { &finish } else { &start };
            let since = event[link.other as usize] + link.lag;
            if link.to_finish { done = done.max(since) } else { ready = ready.max(since) }
        }
        finish[i] = done.max(ready + shortest);
        // A longer mode may start earlier for the same completion.
        start[i] = ready.max(done.saturating_sub(longest));
    }
    (start, finish)
}

/// No schedule of a model is shorter, in units.
pub fn lower_bound(model: &Model) -> i64 {
    let (start, finish) = earliest(model);
    let mut bound = finish.iter().copied().max().unwrap_or(0);
    let begin = start.iter().copied().min().unwrap_or(0).max(0);
    for (r, &capacity) in model.capacity.iter().enumerate().filter(|&(_, &capacity)| capacity > 0) {
        let free = (0..model.len()).filter(|&i| model.fixed[i].is_none());
        let least = |i: usize| model.choices(i).map(|c| i128::from(model.duration[c]) * i128::from(model.demand_of(c)[r])).min();
        let work: i128 = free.filter_map(least).sum();
        bound = bound.max(begin + i64::try_from((work + i128::from(capacity) - 1) / i128::from(capacity)).unwrap_or(0));
    }
    bound
}

/// No schedule of a project with modes is shorter, in ticks: the critical path in the shortest modes, and the least work on each resource.
#[must_use]
pub fn bound_of_modes(project: &Project) -> i64 {
    let model = Model::new(project, &Past::default(), &[]);
    if model.len() == 0 { 0 } else { model.tick(lower_bound(&model)) }
}

/// Certificates that a project with modes has no schedule: stocks that the least consumption of all activities exceeds, and deadlines
/// that the shortest modes miss.
pub(in crate::rcpsp) fn reasons(project: &Project, past: &Past) -> Vec<Reason> {
    let Some(modes) = project.modes() else { return Vec::new() };
    let model = Model::new(project, past, &[]);
    let rows = modes.rows(project.num_activities());
    let mut found = Vec::new();
    for (k, &stock) in modes.nonrenewable.iter().enumerate() {
        let least: i64 = rows.iter().map(|rows| rows.iter().map(|&row| modes.consumption_of(row)[k]).min().unwrap_or(0)).sum();
        if least > stock {
            let detail = format!("the activities consume at least {least} of stock {k}, which holds {stock}");
            found.push(Reason {
                code: "stock_exceeded",
                activities: vec![],
                resources: vec![k],
                amount: Some(least - stock),
                detail,
            });
        }
    }
    let (_, finish) = earliest(&model);
    let data = project.data();
    for i in (0..model.len()).filter(|&i| model.fixed[i].is_none() && finish[i] > model.deadline[i]).take(20) {
        let (end, deadline) = (model.tick(finish[i]), data.deadline[i]);
        let name = data.names.as_ref().map_or_else(|| format!("activity {i}"), |names| format!("activity '{}'", names[i]));
        let detail = format!(
            "{name} completes at {end} at the earliest, {} after its deadline {deadline}, in the shortest modes",
            end - deadline
        );
        found.push(Reason {
            code: "deadline_missed",
            activities: vec![i],
            resources: vec![],
            amount: Some(end - deadline),
            detail,
        });
    }
    found
}
