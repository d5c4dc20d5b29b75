//! What no choice of modes can do better: earliest times, work against capacity, and stocks.

use super::model::Model;
use crate::error::Reason;
use crate::rcpsp::constrained::{Situation, Verdict, clashes, judge};
use crate::rcpsp::instance::Instance;
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
        let durations = || model.running(i).map(|c| model.duration[c]);
        let (shortest, longest) = (durations().min().unwrap_or(0), durations().max().unwrap_or(0));
        let (mut ready, mut done) = (model.release[i], i64::MIN);
        for link in model.before[i].iter().filter(|link| model.must_run(link.other as usize)) {
            let event = if link.from_finish { &finish } else { &start };
            let since = event[link.other as usize] + link.lag;
            if link.to_finish { done = done.max(since) } else { ready = ready.max(since) }
        }
        if model.has_options {
            let (since, until) = after_alternatives(model, i, &start, &finish);
            (ready, done) = (ready.max(since), done.max(until));
        }
        if model.calendars.is_some() {
            let since = |c: usize| model.reaching(c, done).map(|reaching| ready.max(reaching));
            let runs = || model.running(i).filter_map(|c| model.alone(c, since(c)?));
            if let (Some(begin), Some(end)) = (runs().map(|run| run.0).min(), runs().map(|run| run.1).min()) {
                (start[i], finish[i]) = (begin, end);
                continue;
            }
        }
        finish[i] = done.max(ready + shortest);
        // A longer mode may start earlier for the same completion.
        start[i] = ready.max(done.saturating_sub(longest));
    }
    (start, finish)
}

/// When an activity can start, and complete, because one activity of a group runs, if each of them is its predecessor.
fn after_alternatives(model: &Model, i: usize, start: &[i64], finish: &[i64]) -> (i64, i64) {
    let (mut ready, mut done) = (i64::MIN, i64::MIN);
    for link in model.before[i].iter().filter(|link| !model.must_run(link.other as usize)) {
        for group in model.alternatives.of(link.other as usize) {
            let mut least = (i64::MAX, i64::MAX);
            for &j in group.iter().filter(|&&j| !model.running(j as usize).is_empty()) {
                let mut since = (i64::MIN, i64::MIN);
                for link in model.before[i].iter().filter(|link| link.other == j) {
                    let event = if link.from_finish { finish } else { start }[j as usize] + link.lag;
                    if link.to_finish { since.1 = since.1.max(event) } else { since.0 = since.0.max(event) }
                }
                least = (least.0.min(since.0), least.1.min(since.1));
            }
            if least.0 < i64::MAX {
                (ready, done) = (ready.max(least.0), done.max(least.1));
            }
        }
    }
    (ready, done)
}

/// Groups of alternatives that have no activity in common, each without the activities that cannot run.
fn disjoint_groups(model: &Model) -> Vec<Vec<usize>> {
    let mut is_taken = vec![false; model.len()];
    let mut found = Vec::new();
    for group in &model.alternatives.groups {
        let able: Vec<usize> = group.iter().map(|&i| i as usize).filter(|&i| !model.running(i).is_empty()).collect();
        if able.iter().all(|&i| !is_taken[i] && !model.must_run(i)) {
            for &i in &able {
                is_taken[i] = true;
            }
            found.push(able);
        }
    }
    found
}

/// No schedule of a model is shorter, in units.
pub fn lower_bound(model: &Model) -> i64 {
    let (start, finish) = earliest(model);
    let runs = (0..model.len()).filter(|&i| model.must_run(i));
    let mut bound = runs.map(|i| finish[i]).max().unwrap_or(0);
    let groups = disjoint_groups(model);
    bound = groups.iter().filter_map(|group| group.iter().map(|&i| finish[i]).min()).fold(bound, i64::max);
    let begin = start.iter().copied().min().unwrap_or(0).max(0);
    for (r, &capacity) in model.capacity.iter().enumerate().filter(|&(_, &capacity)| capacity > 0) {
        let free = (0..model.len()).filter(|&i| model.fixed[i].is_none());
        let least = |i: usize| model.running(i).map(|c| i128::from(model.duration[c]) * i128::from(model.demand_of(c)[r])).min();
        let chosen = groups.iter().filter_map(|group| group.iter().filter_map(|&i| least(i)).min());
        let work: i128 = free.filter(|&i| model.must_run(i)).filter_map(least).chain(chosen).sum();
        if work > 0 {
            bound = bound.max(begin + i64::try_from((work + i128::from(capacity) - 1) / i128::from(capacity)).unwrap_or(0));
        }
    }
    bound
}

/// No schedule of a project with modes is shorter, in ticks: the critical path in the shortest modes, and the least work on each resource;
/// with calendars also what the least durations and demands of all modes need on them.
#[must_use]
pub fn bound_of_modes(project: &Project) -> i64 {
    let past = Past::default();
    let model = Model::new(project, &past, &[]);
    if model.len() == 0 { 0 } else { relaxed(project, &past, &model).unwrap_or(0).max(model.tick(lower_bound(&model))) }
}

/// No schedule of a project with calendars is shorter, in ticks, because none is in the least of all modes; `None` without calendars, or where
/// a longer mode may start earlier for the same completion.
pub fn relaxed(project: &Project, past: &Past, model: &Model) -> Option<i64> {
    // The project in the least of all modes keeps what need not run, as activities without length that start at the present. Where only fixed
    // activities run, they may all have ended before the present, and its bound would be too high.
    if !(0..model.len()).any(|i| model.fixed[i].is_none() && model.must_run(i)) {
        return None;
    }
    let relaxed = least(project, past, model)?;
    Instance::new(&relaxed, past, &mut |_| false).ok().map(|instance| instance.lower_bound())
}

/// A project with calendars in the least of all modes, if that relaxes it.
fn least(project: &Project, past: &Past, model: &Model) -> Option<Project> {
    let data = project.data();
    if data.calendars.is_empty() || data.relation.iter().any(|relation| relation.to_finish()) {
        return None;
    }
    project.without_options(past, &started_rows(past, model))
}

/// The rows of the modes of activities that have started, each with its activity.
fn started_rows(past: &Past, model: &Model) -> Vec<(usize, usize)> {
    let row = |i: usize| model.row[model.first[i] as usize] as usize;
    past.fixed().iter().map(|started| (started.activity, row(started.activity))).collect()
}

/// Certificates that a project with modes or optional activities has no schedule: fixed activities that clash, stocks that the least
/// consumption of all activities exceeds, deadlines that the shortest modes miss, groups of alternatives of which not exactly one can run.
pub(in crate::rcpsp) fn reasons(project: &Project, past: &Past, fixed_mode: &[(usize, usize)]) -> Vec<Reason> {
    if !project.has_choices() {
        return Vec::new();
    }
    let (modes, data) = (&*project.mode_rows(), project.data());
    let model = Model::new(project, past, fixed_mode);
    let rows = modes.rows(project.num_activities());
    let mut found = Vec::new();
    if let Some(g) = model.alternatives.contradiction {
        let group: Vec<usize> = data.alternatives[g].iter().map(|&i| i as usize).collect();
        let started = group.iter().filter(|&&i| model.fixed[i].is_some()).count();
        let detail = if started > 1 {
            format!("{started} activities of group {g} of alternatives have started, of which exactly one runs")
        } else {
            format!("what has started, and other groups, leave no activity of group {g} of alternatives to run alone")
        };
        found.push(Reason { code: "alternatives", activities: group, resources: vec![], amount: None, detail });
        return found;
    }
    if !past.fixed().is_empty() {
        let relaxed = project.without_options(past, &started_rows(past, &model));
        found.extend(relaxed.as_ref().and_then(|relaxed| Situation::needed(relaxed, past)).iter().flat_map(clashes));
        if !found.is_empty() {
            return found;
        }
    }
    for (k, &stock) in modes.nonrenewable.iter().enumerate() {
        let needed = |i: &usize| !data.optional[*i] || model.fixed[*i].is_some();
        let least = |i: usize| rows[i].iter().map(|&row| modes.consumption_of(row)[k]).min().unwrap_or(0);
        let least: i64 = (0..rows.len()).filter(needed).map(least).sum();
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
    let runs = |i: usize| model.fixed[i].is_none() && model.must_run(i);
    for i in (0..model.len()).filter(|&i| runs(i) && finish[i] > model.deadline[i]).take(20) {
        let (end, deadline) = (model.tick(finish[i]), model.tick(model.deadline[i]));
        let whose = if deadline == data.deadline[i] { "its deadline" } else { "the start of a successor needs it," };
        let name = data.names.as_ref().map_or_else(|| format!("activity {i}"), |names| format!("activity '{}'", names[i]));
        let detail = format!(
            "{name} completes at {end} at the earliest, {} after {whose} {deadline}, in the shortest modes",
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
    if found.is_empty()
        && let Some(relaxed) = least(project, past, &model)
        && let Some(situation) = Situation::needed(&relaxed, past)
        && let Ok(Verdict::Infeasible(reasons)) = judge(&situation, &mut |_| false)
    {
        return reasons;
    }
    found
}
