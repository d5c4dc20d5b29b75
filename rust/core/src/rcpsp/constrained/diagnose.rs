//! Why there is no schedule: certificates, the cheapest first.

use super::clash::clashes;
use super::overload::overloads;
use super::windows::{NoWindows, UNBOUNDED};
use super::{Link, Past, Situation, Windows};
use crate::control::Pulse;
use crate::error::Reason;
use crate::rcpsp::max_lags::reasons_of_max_lags;
use crate::rcpsp::modes::reasons_of_modes;
use crate::rcpsp::{NO_DEADLINE, Project};

/// Certificates of one kind that are told: the first ones of many say enough.
pub const MOST_REASONS: usize = 20;

/// The computation was stopped before it came to an end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Stopped;

impl Stopped {
    /// Counts `steps`; stops if `stop` wants it.
    pub fn unless(stop: &mut dyn FnMut(u64) -> bool, steps: u64) -> Result<(), Self> {
        if stop(steps) { Err(Self) } else { Ok(()) }
    }
}

/// What there is to say against a schedule, and the windows if there is nothing.
pub enum Verdict {
    /// Certificates that no schedule exists.
    Infeasible(Vec<Reason>),
    /// Nothing was found; the windows are complete.
    Open(Windows),
}

/// Certificates that no schedule exists: fixed activities that clash, windows that are too short, calendars that never leave enough,
/// deadlines that a chain of predecessors misses, more work before deadlines and closing calendars than they leave time for. Empty if
/// none was found, which is no promise that a schedule exists. At most 20 of a kind.
///
/// O((n + m) runs + k log k) for k fixed activities, and O(n log n + k) for each resource and group with k calendar steps. What a
/// computation that `pulse` stops returns must not be used.
#[must_use]
pub fn diagnose(project: &Project, past: &Past, pulse: &Pulse) -> Vec<Reason> {
    if project.is_two_sided() {
        return reasons_of_max_lags(project, past, pulse);
    }
    if project.has_choices() {
        let reasons = reasons_of_modes(project, past, &[]);
        // The least durations relax a project, unless a longer mode may start earlier for the same completion.
        if !reasons.is_empty() || project.data().relation.iter().any(|relation| relation.to_finish()) {
            return reasons;
        }
    }
    let relaxed = if project.has_options() { project.without_options(past, &[]) } else { None };
    let Some(situation) = Situation::needed(relaxed.as_ref().unwrap_or(project), past) else { return Vec::new() };
    let mut pulse = pulse.clone();
    match judge(&situation, &mut |steps| pulse.worked(steps)) {
        Ok(Verdict::Infeasible(reasons)) => reasons,
        Ok(Verdict::Open(_)) | Err(Stopped) => Vec::new(),
    }
}

/// Looks for certificates in a situation; `stop` counts steps and tells whether to stop.
///
/// # Errors
/// It was stopped.
pub fn judge(situation: &Situation, stop: &mut dyn FnMut(u64) -> bool) -> Result<Verdict, Stopped> {
    let mut reasons = clashes(situation);
    reasons.truncate(MOST_REASONS);
    let mut alone: Vec<Reason> = Vec::new();
    let mut unfit = vec![false; situation.num_activities()];
    for (i, unfit) in unfit.iter_mut().enumerate() {
        Stopped::unless(stop, situation.cost(i))?;
        if let Some(reason) = lonely(situation, i) {
            *unfit = true;
            if alone.len() < MOST_REASONS {
                alone.push(reason);
            } else if reason.amount.is_none() {
                alone[MOST_REASONS - 1] = reason;
            }
        }
    }
    let never = alone.iter().any(|reason| reason.amount.is_none());
    reasons.extend(alone);
    if never {
        return Ok(Verdict::Infeasible(reasons)); // its completion time is unknown
    }
    let mut windows = match Windows::forward(situation, stop) {
        Ok(windows) => windows,
        Err(NoWindows::Stopped) => return Err(Stopped),
        Err(NoWindows::Never(reason)) => {
            reasons.push(reason);
            return Ok(Verdict::Infeasible(reasons));
        }
    };
    reasons.extend(missed(situation, &windows, &unfit, stop)?);
    if reasons.is_empty() {
        windows.backward(situation, UNBOUNDED, stop)?;
        reasons = overloads(situation, &windows, stop)?;
    }
    Ok(if reasons.is_empty() { Verdict::Open(windows) } else { Verdict::Infeasible(reasons) })
}

/// An activity that does not fit into its own window.
fn lonely(situation: &Situation, i: usize) -> Option<Reason> {
    if situation.fixed[i].is_some() {
        return None;
    }
    let (release, deadline) = (situation.release[i], situation.deadline[i]);
    let duration = situation.project.duration()[i];
    if deadline != NO_DEADLINE && deadline.saturating_sub(release) < duration {
        let name = situation.activity(i);
        let detail =
            format!("{name} takes {duration}, its window from {release} to {deadline} has {}", (deadline - release).max(0));
        let missing = duration - (deadline - release);
        return Some(Reason { code: "window_too_short", activities: vec![i], resources: vec![], amount: Some(missing), detail });
    }
    match situation.runs[i].earliest(release) {
        None => Some(never(situation, i, release)),
        Some((_, end)) if end > deadline => Some(uptime(situation, i, release, Some((deadline, end - deadline)))),
        Some(_) => None,
    }
}

/// An activity that can never run from some time on.
pub fn never(situation: &Situation, i: usize, from: i64) -> Reason {
    uptime(situation, i, from, None)
}

/// The calendars leave no room from `from` on, or none before a deadline that is missed by some time.
fn uptime(situation: &Situation, i: usize, from: i64, missed: Option<(i64, i64)>) -> Reason {
    let data = situation.project.data();
    let demand = situation.project.demand_of(i);
    let mut resources: Vec<usize> = data.calendars.iter().map(|(r, _)| *r as usize).filter(|&r| demand[r] > 0).collect();
    resources.dedup();
    let until = missed.map_or(i64::MAX, |(deadline, _)| deadline);
    let span = missed.map_or_else(|| format!("from {from} on"), |(deadline, _)| format!("from {from} to {deadline}"));
    let name = situation.activity(i);
    for &r in &resources {
        let of_resource = || data.calendars.iter().filter(move |(other, _)| *other as usize == r);
        for (_, calendar) in of_resource() {
            // One round of the pattern tells everything.
            let round = calendar.period().map_or(i64::MAX, |period| from.saturating_add(period));
            let mut walk = calendar.walk_forward(from);
            let enough = loop {
                if walk.capacity().is_none_or(|c| c >= demand[r]) {
                    break true;
                }
                match walk.next() {
                    Some(next) if next < until.min(round) => walk.advance(),
                    _ => break false,
                }
            };
            if !enough {
                let resource = situation.resource(r);
                let detail = format!("{name} demands {} of {resource}, whose calendar has less {span}", demand[r]);
                let amount = missed.map(|(_, late)| late);
                return Reason { code: "demand_above_calendar", activities: vec![i], resources: vec![r], amount, detail };
            }
        }
    }
    let whole = if data.pausable[i] { "together " } else { "without a break " };
    let detail =
        format!("the calendars of the resources that {name} demands do not leave {} ticks {whole}{span}", data.duration[i]);
    Reason { code: "no_common_time", activities: vec![i], resources, amount: missed.map(|(_, late)| late), detail }
}

/// Deadlines, and starts of fixed activities, that the earliest times miss; each with the chain that makes it late. Left out are those
/// in `unfit`, which have a reason of their own, and those that are no later than an activity of their chain before them, which tells
/// the same.
fn missed(
    situation: &Situation,
    windows: &Windows,
    unfit: &[bool],
    stop: &mut dyn FnMut(u64) -> bool,
) -> Result<Vec<Reason>, Stopped> {
    let mut reasons = Vec::new();
    let mut late_before = vec![0_i64; situation.num_activities()]; // the latest of the activity's chain
    let mut found: Vec<(i64, usize, Option<Link>)> = Vec::new();
    for &i in situation.project.graph().topological_order() {
        let i = i as usize;
        let finish = windows.earliest_finish[i];
        if situation.fixed[i].is_some() {
            continue;
        }
        Stopped::unless(stop, situation.cost(i))?;
        let before = decisive(situation, windows, i).map_or(0, |p| late_before[p]);
        let late = finish.saturating_sub(situation.deadline[i]).max(0);
        late_before[i] = before.max(late);
        if late > before && !unfit[i] {
            found.push((late, i, None));
        }
        for link in situation.after(i) {
            let Some(span) = situation.fixed[link.other] else { continue };
            let late = link.since((windows.earliest_start[i], finish)).saturating_sub(link.event(span));
            if late > late_before[i] {
                found.push((late, i, Some(link)));
            }
        }
    }
    found.sort_by_key(|&(_, i, link)| (i, link.map(|link| link.other)));
    for (late, i, fixed) in found.into_iter().take(MOST_REASONS) {
        let mut activities = chain(situation, windows, i);
        let written = situation.listed(&activities, " -> ");
        let detail = match fixed {
            None => {
                let (name, finish) = (situation.activity(i), windows.earliest_finish[i]);
                let deadline = situation.deadline[i];
                format!("{name} completes at {finish} at the earliest, {late} after its deadline {deadline}, along {written}")
            }
            Some(link) => {
                let j = link.other;
                activities.push(j);
                let at = situation.fixed[j].map_or(0, |span| link.event(span));
                let happens = if link.relation.to_finish() { "ends" } else { "starts" };
                format!("fixed {} {happens} at {at}, {late} before the chain {written} allows it", situation.activity(j))
            }
        };
        reasons.push(Reason { code: "deadline_missed", activities, resources: vec![], amount: Some(late), detail });
    }
    Ok(reasons)
}

/// The predecessor that determines the earliest start of an activity; of several the first.
fn decisive(situation: &Situation, windows: &Windows, i: usize) -> Option<usize> {
    let earliest = |p: usize| (windows.earliest_start[p], windows.earliest_finish[p]);
    let latest = situation
        .before(i)
        .filter_map(|link| Some((situation.start_by(i, link, earliest(link.other))?, link.other)))
        .max_by_key(|&(ready, p)| (ready, std::cmp::Reverse(p)));
    latest.filter(|&(ready, _)| situation.fixed[i].is_none() && ready > situation.release[i]).map(|(_, p)| p)
}

/// The predecessors that determine the earliest start of an activity, first to last, and the activity.
fn chain(situation: &Situation, windows: &Windows, last: usize) -> Vec<usize> {
    let mut chain: Vec<usize> = std::iter::successors(Some(last), |&i| decisive(situation, windows, i)).collect();
    chain.reverse();
    chain
}
