//! Why there is no schedule: certificates, the cheapest first.

use super::clash::clashes;
use super::{Past, Situation, Windows};
use crate::error::Reason;
use crate::rcpsp::{NO_DEADLINE, Project};

/// Certificates that no schedule exists: fixed activities that clash, windows that are too short, calendars that never leave enough,
/// deadlines that a chain of predecessors misses. Empty if none was found, which is no promise that a schedule exists.
///
/// O((n + m) runs + k log k) for k fixed activities.
#[must_use]
pub fn diagnose(project: &Project, past: &Past) -> Vec<Reason> {
    if !project.is_constrained() && past.is_empty() {
        return Vec::new();
    }
    certificates(&Situation::new(project, past))
}

/// The same for a situation that is laid out already.
pub(crate) fn certificates(situation: &Situation) -> Vec<Reason> {
    let mut reasons = clashes(situation);
    let alone: Vec<Reason> = (0..situation.num_activities()).filter_map(|i| lonely(situation, i)).collect();
    let never = alone.iter().any(|reason| reason.amount.is_none());
    let known: Vec<usize> = alone.iter().flat_map(|reason| reason.activities.clone()).collect();
    reasons.extend(alone);
    if never {
        return reasons; // nobody can say when it would complete
    }
    match Windows::forward(situation) {
        Err(reason) => reasons.push(reason),
        Ok(windows) => reasons.extend(
            missed(situation, &windows).into_iter().filter(|r| r.activities.len() > 1 || !known.contains(&r.activities[0])),
        ),
    }
    reasons
}

/// An activity that does not fit into its own window.
fn lonely(situation: &Situation, i: usize) -> Option<Reason> {
    if situation.fixed[i].is_some() {
        return None;
    }
    let (release, deadline) = (situation.release[i], situation.project.data().deadline[i]);
    let duration = situation.project.duration()[i];
    if deadline != NO_DEADLINE && deadline.saturating_sub(release) < duration {
        let detail =
            format!("activity {i} takes {duration}, its window from {release} to {deadline} has {}", (deadline - release).max(0));
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
    for &r in &resources {
        let of_resource = || data.calendars.iter().filter(move |(other, _)| *other as usize == r);
        for (_, calendar) in of_resource() {
            let mut time = from;
            // One round of the pattern tells everything.
            let round = calendar.period().map_or(i64::MAX, |period| from.saturating_add(period));
            let enough = loop {
                if calendar.capacity_at(time).is_none_or(|c| c >= demand[r]) {
                    break true;
                }
                match calendar.next_step(time) {
                    Some(next) if next < until.min(round) => time = next,
                    _ => break false,
                }
            };
            if !enough {
                let detail = format!("activity {i} demands {} of resource {r}, whose calendar has less {span}", demand[r]);
                let amount = missed.map(|(_, late)| late);
                return Reason { code: "demand_above_calendar", activities: vec![i], resources: vec![r], amount, detail };
            }
        }
    }
    let whole = if data.pausable[i] { "together " } else { "without a break " };
    let detail =
        format!("the calendars of the resources that activity {i} demands do not leave {} ticks {whole}{span}", data.duration[i]);
    Reason { code: "no_common_time", activities: vec![i], resources, amount: missed.map(|(_, late)| late), detail }
}

/// Deadlines, and starts of fixed activities, that the earliest times miss; each with the chain that makes it late.
pub fn missed(situation: &Situation, windows: &Windows) -> Vec<Reason> {
    let mut reasons = Vec::new();
    for i in 0..situation.num_activities() {
        let finish = windows.earliest_finish[i];
        if situation.fixed[i].is_some() {
            continue;
        }
        let deadline = situation.project.data().deadline[i];
        if finish > deadline {
            let chain = chain(situation, windows, i);
            let detail = format!(
                "activity {i} completes at {finish} at the earliest, {} after its deadline {deadline}, along {}",
                finish - deadline,
                written(&chain)
            );
            reasons.push(Reason {
                code: "deadline_missed",
                activities: chain,
                resources: vec![],
                amount: Some(finish - deadline),
                detail,
            });
        }
        for (j, lag) in situation.after(i) {
            if let Some((start, _)) = situation.fixed[j]
                && finish + lag > start
            {
                let mut chain = chain(situation, windows, i);
                chain.push(j);
                let late = finish + lag - start;
                let detail =
                    format!("fixed activity {j} starts at {start}, {late} before the chain {} allows it", written(&chain));
                reasons.push(Reason {
                    code: "deadline_missed",
                    activities: chain,
                    resources: vec![],
                    amount: Some(late),
                    detail,
                });
            }
        }
    }
    reasons
}

/// The predecessors that determine the earliest start of an activity, first to last, and the activity.
fn chain(situation: &Situation, windows: &Windows, last: usize) -> Vec<usize> {
    let mut chain = vec![last];
    let mut i = last;
    while situation.fixed[i].is_none() {
        let latest = situation
            .before(i)
            .map(|(p, lag)| (windows.earliest_finish[p] + lag, p))
            .max_by_key(|&(ready, p)| (ready, std::cmp::Reverse(p)));
        match latest {
            Some((ready, p)) if ready > situation.release[i] => {
                chain.push(p);
                i = p;
            }
            _ => break,
        }
    }
    chain.reverse();
    chain
}

fn written(chain: &[usize]) -> String {
    chain.iter().map(usize::to_string).collect::<Vec<_>>().join(" -> ")
}
