//! The rules of precedence and of each constraint for the spans of a schedule, one for each.

use super::clock::Time;
use super::{Findings, Kind, Span, activity};
use crate::cost;
use crate::rcpsp::{NO_DEADLINE, NO_LAG, NO_MAX_LAG, ProjectData, Relation};

/// Reports what a schedule does against one constraint.
type Rule = fn(&ProjectData, &[Option<Span>], &mut Findings);

/// All rules but those on calendars and capacities, which are judged together.
pub(super) const RULES: [Rule; 7] =
    [order, not_too_late, released, in_time, apart, super::stores::levels, super::options::exactly_one];

/// Start and end of the activities that are not fixed, each with its entry in a column that may be absent.
fn free<'a>(column: &'a [i64], span: &'a [Option<Span>]) -> impl Iterator<Item = (usize, Span, i64)> + 'a {
    let all = column.iter().zip(span).enumerate();
    all.filter_map(|(i, (&entry, span))| span.filter(|span| !span.fixed).map(|span| (i, span, entry)))
}

/// Release times.
fn released(project: &ProjectData, span: &[Option<Span>], found: &mut Findings) {
    for (i, Span { start, .. }, release) in free(&project.release_time, span) {
        if found.worked(cost::NODE) {
            return;
        }
        if release > 0 && start < release {
            let detail = || format!("{} starts at {start}, before its release at {release}", activity(project, i));
            found.add(Kind::Release, &[i as i64], detail);
        }
    }
}

/// Deadlines.
fn in_time(project: &ProjectData, span: &[Option<Span>], found: &mut Findings) {
    for (i, Span { end, .. }, deadline) in free(&project.deadline, span) {
        if found.worked(cost::NODE) {
            return;
        }
        if deadline != NO_DEADLINE && end > deadline {
            let detail = || format!("{} ends at {end}, after its deadline at {deadline}", activity(project, i));
            found.add(Kind::Deadline, &[i as i64], detail);
        }
    }
}

/// Precedence, and the lags and relations that go with it.
fn order(project: &ProjectData, span: &[Option<Span>], found: &mut Findings) {
    for (k, &(i, j)) in project.precedence.iter().enumerate() {
        if found.worked(cost::PAIR) {
            return;
        }
        let (Some(before), Some(after)) = (span[i as usize], span[j as usize]) else { continue };
        let (end, start, lag) = (before.end, after.start, project.lag.get(k).map_or(0, |&lag| lag));
        let relation = project.relation.get(k).copied().unwrap_or_default();
        if lag == NO_LAG {
            continue;
        }
        if relation != Relation::FinishStart || lag < 0 {
            overlap(project, (i, j), (before, after), (relation, lag), found);
            continue;
        }
        let (pair, first, name) = ([i64::from(i), i64::from(j)], activity(project, i), activity(project, j));
        if start < end {
            let detail = || format!("{name} starts at {start}, before {first} ends at {end}");
            found.add(Kind::Precedence, &pair, detail);
        } else if Time::from(start) < Time::from(end) + Time::from(lag) {
            let detail = || format!("{name} starts at {start}, less than {lag} after {first} ends at {end}");
            found.add(Kind::Lag, &pair, detail);
        }
    }
}

/// Maximal lags.
fn not_too_late(project: &ProjectData, span: &[Option<Span>], found: &mut Findings) {
    for (k, &most) in project.max_lag.iter().enumerate() {
        if found.worked(cost::PAIR) {
            return;
        }
        let (i, j) = project.precedence[k];
        let (Some(before), Some(after)) = (span[i as usize], span[j as usize]) else { continue };
        let relation = project.relation.get(k).copied().unwrap_or_default();
        let ((since, since_what), (event, what)) = events(relation, before, after);
        if most != NO_MAX_LAG && Time::from(event) - Time::from(since) > Time::from(most) {
            let (first, name, relation) = (activity(project, i), activity(project, j), relation.name());
            let detail = || {
                format!(
                    "{name} {what} at {event}, too late for the {since_what} of {first} at {since}: {relation} with max_lag {most}"
                )
            };
            found.add(Kind::MaxLag, &[i64::from(i), i64::from(j)], detail);
        }
    }
}

/// The events that a relation binds, each with its time and what it is called.
fn events(relation: Relation, before: Span, after: Span) -> ((i64, &'static str), (i64, &'static str)) {
    let since = match relation {
        Relation::FinishStart | Relation::FinishFinish => (before.end, "end"),
        Relation::StartStart | Relation::StartFinish => (before.start, "start"),
    };
    let event = match relation {
        Relation::FinishStart | Relation::StartStart => (after.start, "starts"),
        Relation::FinishFinish | Relation::StartFinish => (after.end, "ends"),
    };
    (since, event)
}

/// A pair of which the second activity may start before the first one has completed.
fn overlap(
    project: &ProjectData,
    (i, j): (u32, u32),
    (before, after): (Span, Span),
    (relation, lag): (Relation, i64),
    found: &mut Findings,
) {
    let ((since, since_what), (event, what)) = events(relation, before, after);
    if Time::from(event) < Time::from(since) + Time::from(lag) {
        let (first, name, relation) = (activity(project, i), activity(project, j), relation.name());
        let detail = || {
            format!("{name} {what} at {event}, too early for the {since_what} of {first} at {since}: {relation} with lag {lag}")
        };
        found.add(Kind::Lag, &[i64::from(i), i64::from(j)], detail);
    }
}

/// Disjunctive groups: whoever starts while another one of the group is under way, beside the one of those that ends last. A pair that
/// several groups hold apart is named once.
fn apart(project: &ProjectData, span: &[Option<Span>], found: &mut Findings) {
    let mut named: std::collections::HashSet<(u32, u32)> = std::collections::HashSet::new();
    for group in &project.disjunctive {
        if found.worked(cost::SORTED * group.len() as u64) {
            return;
        }
        let mut runs: Vec<(i64, i64, u32)> = (group.iter())
            .filter_map(|&i| span[i as usize].filter(|s| s.lasts(project.duration[i as usize])).map(|s| (s.start, s.end, i)))
            .collect();
        runs.sort_unstable();
        let mut last: Option<(i64, u32)> = None;
        for (start, end, j) in runs {
            if let Some((until, i)) = last
                && start < until
                && named.insert((i, j))
            {
                let (first, name) = (activity(project, i), activity(project, j));
                let detail =
                    || format!("{name} starts at {start}, while {first} of its disjunctive group is under way until {until}");
                found.add(Kind::Disjunctive, &[i64::from(i), i64::from(j)], detail);
            }
            if last.is_none_or(|(until, _)| end > until) {
                last = Some((end, j));
            }
        }
    }
}
