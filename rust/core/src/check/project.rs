//! Is this a feasible schedule of this project?

mod clock;
mod modes;
mod objectives;
mod options;
mod resources;
mod rules;
mod stores;
#[cfg(test)]
mod tests;

use super::findings::Findings;
use super::names::{Called, Names};
use super::{Claimed, Kind, Violation};
use crate::control::Pulse;
use crate::cost;
use crate::error::{Error, InputError};
use crate::memory;
use crate::rcpsp::{Calendar, ProjectData};
use clock::{Clock, Time};
use resources::overloads;
use rules::RULES;

/// A schedule to be checked: entry `k` says that activity `activity[k]` runs from `start[k]` to `end[k]`.
#[derive(Debug, Clone, Copy)]
pub struct ProjectClaim<'a> {
    /// Activities, in any order.
    pub activity: &'a [i64],
    /// Start times.
    pub start: &'a [i64],
    /// End times.
    pub end: &'a [i64],
    /// The row of the mode of each, in a project with modes or optional activities; without them activities of one mode run in that one.
    pub mode: Option<&'a [i64]>,
    /// The claimed makespan, if one is claimed.
    pub makespan: Option<i64>,
    /// Other objectives that are claimed, by name: `total_tardiness`, `total_weighted_tardiness`, `num_tardy`, `max_lateness`.
    pub objectives: &'a [(&'a str, Claimed)],
    /// What has happened already: `(activity, start, end)`; such an end may differ from the plan, which holds where it is `None`.
    pub fixed: &'a [(i64, i64, Option<i64>)],
    /// Nothing that is not fixed starts earlier.
    pub now: i64,
}

/// What messages call an activity.
fn activity(project: &ProjectData, index: impl TryInto<usize>) -> Called<'_> {
    Names::new("activity", project.names.as_deref()).of(index)
}

/// What messages call a resource.
fn resource(project: &ProjectData, index: impl TryInto<usize>) -> Called<'_> {
    Names::new("resource", project.resource_names.as_deref()).of(index)
}

/// One activity's claim.
#[derive(Debug, Clone, Copy)]
struct Span {
    start: i64,
    end: i64,
    /// What has happened is not judged against duration, window, calendars and the present.
    fixed: bool,
}

impl Span {
    /// Whether it is under way at all: what is planned with duration 0 is not, even if its past took time.
    fn lasts(&self, duration: i64) -> bool {
        self.start < self.end && duration > 0
    }
}

/// The violations of a schedule, by kind, then by index. Empty means feasible.
///
/// Subjects: the activity; `precedence`, `lag` and `max_lag` the two activities; `disjunctive` the activity that is under way and ends last, and
/// one that starts before that; `downtime` the activity, the resource and the first moment at which a calendar denies it; `capacity`
/// the resource and the time at which its overload begins; `mode` the activity; `stock` the stock; `storage` the store and
/// the time from which on its level is wrong; `alternative` the group; `objective` nothing. An optional activity without an entry, or with
/// -1 as its start, its end and its mode, does not run. What is planned with duration 0 uses no resource and
/// keeps no group. At most [`MOST`](super::MOST) violations of a kind are listed. O(n log n R + m), and the steps of calendars that
/// activities meet.
///
/// # Errors
/// A claim in which activities meet more than 2^22 calendar steps between two events, because their periods have no short common
/// multiple.
///
/// # Panics
/// If the claim's columns differ in length.
pub fn check_project(project: &ProjectData, claim: &ProjectClaim) -> Result<Vec<Violation>, InputError> {
    check_project_interruptible(project, claim, &Pulse::default()).map_err(|error| match error {
        Error::Input(error) => error,
        other => panic!("memory for the checker: {other}"),
    })
}

/// [`check_project`] that stops when `pulse` does; its answer must not be used then.
///
/// # Errors
/// As [`check_project`]; the system refuses the memory.
///
/// # Panics
/// If the claim's columns differ in length.
pub fn check_project_interruptible(project: &ProjectData, claim: &ProjectClaim, pulse: &Pulse) -> Result<Vec<Violation>, Error> {
    assert!(claim.activity.len() == claim.start.len() && claim.start.len() == claim.end.len(), "columns of one length");
    let n = project.duration.len();
    assert!(claim.mode.is_none_or(|mode| mode.len() == claim.activity.len()), "columns of one length");
    memory::require_items(n, size_of::<Option<Span>>() + 1 + 4 * size_of::<(i64, bool, usize)>())?; // changes may double as they grow
    let mut found = Findings::new(pulse);
    let kept = options::entries_that_run(project, claim);
    let columns = kept.map(|kept| {
        let of = |column: &[i64]| kept.iter().map(|&k| column[k]).collect::<Vec<i64>>();
        (of(claim.activity), of(claim.start), of(claim.end), claim.mode.map(of))
    });
    let running = columns.as_ref().map(|(activity, start, end, mode)| ProjectClaim {
        activity,
        start,
        end,
        mode: mode.as_deref(),
        ..*claim
    });
    let claim = running.as_ref().unwrap_or(claim);
    let in_modes = modes::in_claimed_modes(project, claim, &mut found);
    let project = in_modes.as_ref().unwrap_or(project);
    let clock = Clock::new(project);
    let span = spans(&clock, claim, &mut found)?;
    // Whom a calendar stops: those that may pause, and those that should not run then, which is a violation of its own.
    let mut resting: Vec<bool> =
        (0..n).map(|i| pausable(project, i) && project.duration[i] > 0 && !project.calendars.is_empty()).collect();
    for (i, claimed) in span.iter().enumerate() {
        if found.worked(cost::CHECKED) {
            break;
        }
        match claimed {
            None if options::is_optional(project, i) => {}
            None => found.add(Kind::Missing, &[i as i64], || format!("{} is not scheduled", activity(project, i))),
            Some(claimed) if !claimed.fixed => resting[i] |= alone(&clock, i, claimed, claim.now, &mut found)?,
            Some(_) => {}
        }
    }
    for resource in 0..project.capacity.len() {
        overloads(&clock, resource, &span, &resting, &mut found)?;
    }
    for rule in RULES {
        rule(project, &span, &mut found);
    }
    if let Some(makespan) = claim.makespan {
        let actual = span.iter().flatten().map(|claimed| claimed.end).max().unwrap_or(0);
        if makespan != actual {
            let detail = || format!("the stored makespan is {makespan}, the last activity ends at {actual}");
            found.add(Kind::Objective, &[], detail);
        }
    }
    objectives::objectives(project, claim.objectives, &span, &mut found);
    Ok(found.finish())
}

/// Who runs when; the first entry of an activity counts.
fn spans(clock: &Clock, claim: &ProjectClaim, found: &mut Findings) -> Result<Vec<Option<Span>>, InputError> {
    let n = clock.project.duration.len();
    let mut span: Vec<Option<Span>> = vec![None; n];
    for (k, &i) in claim.activity.iter().enumerate() {
        match usize::try_from(i).ok().and_then(|i| span.get_mut(i)) {
            None => found.add(Kind::UnknownId, &[i], || format!("there is no activity {i}, expected 0 <= index < {n}")),
            Some(slot @ None) => *slot = Some(Span { start: claim.start[k], end: claim.end[k], fixed: false }),
            Some(_) => found.add(Kind::Duplicate, &[i], || format!("{} is scheduled more than once", activity(clock.project, i))),
        }
    }
    for &(id, fixed_start, fixed_end) in claim.fixed {
        let Some(i) = usize::try_from(id).ok().filter(|&i| i < n) else { continue };
        let Some(Span { start, end, fixed }) = &mut span[i] else {
            if options::is_optional(clock.project, i) {
                let detail = || format!("{} does not run, but it is fixed at {fixed_start}", activity(clock.project, i));
                found.add(Kind::Fixed, &[id], detail);
            }
            continue;
        };
        *fixed = true;
        let kept = match fixed_end {
            Some(planned) => *end == planned,
            None => worked(clock, i, *start, *end)?.ends_as_planned,
        };
        if *start != fixed_start || !kept {
            found.add(Kind::Fixed, &[id], || {
                let planned = fixed_end.map_or_else(|| "its planned completion".to_owned(), |end| end.to_string());
                format!("{} runs {start} to {end}, but {fixed_start} to {planned} is fixed", activity(clock.project, i))
            });
        }
    }
    Ok(span)
}

/// What an activity can do wrong with its duration, its calendars and the present. True if a calendar denies it a resource, where that is not a pause.
fn alone(clock: &Clock, i: usize, span: &Span, now: i64, found: &mut Findings) -> Result<bool, InputError> {
    let (id, &Span { start, end, .. }, project) = (i as i64, span, clock.project);
    let work = worked(clock, i, start, end)?;
    let (duration, name) = (project.duration[i], activity(project, i));
    if !work.ends_as_planned {
        let planned = if pausable(project, i) { "it works whenever calendars let it" } else { "it cannot pause" };
        let detail = || format!("{name} runs {start} to {end}, its duration is {duration} and {planned}");
        found.add(Kind::Duration, &[id], detail);
    }
    if let Some((r, moment)) = work.denied {
        let denying = resource(project, r);
        let detail = || format!("{name} runs {start} to {end}, but the calendar of {denying} denies it at {moment}");
        found.add(Kind::Downtime, &[id, r as i64, moment as i64], detail);
    }
    if start < now {
        found.add(Kind::BeforeNow, &[id], || format!("{name} starts at {start}, before {now}"));
    }
    Ok(work.denied.is_some())
}

/// How a run meets its calendars.
struct Work {
    /// Whether the end follows from the start, the duration and the pauses.
    ends_as_planned: bool,
    /// The resource and the first moment at which it is denied, where that is not a pause.
    denied: Option<(usize, Time)>,
}

fn worked(clock: &Clock, i: usize, start: i64, end: i64) -> Result<Work, InputError> {
    let project = clock.project;
    let (duration, from, to) = (Time::from(project.duration[i]), Time::from(start), Time::from(end));
    let watched: Vec<&Calendar> = if duration > 0 { clock.watched(i).collect() } else { Vec::new() };
    if watched.is_empty() || to <= from {
        return Ok(Work { ends_as_planned: to - from == duration, denied: None });
    }
    let (mut work, mut denied) = (0, None);
    clock::pieces(&watched, from, to, |piece| match clock.denied_by(i, piece.from) {
        None => work += (piece.to - piece.from) * piece.times,
        Some(resource) => denied = denied.or(Some((resource, piece.from))),
    })?;
    if !pausable(project, i) {
        return Ok(Work { ends_as_planned: to - from == duration, denied });
    }
    // A pause may come at any time but at the start; a run that ends with one ended before.
    let ends_at_work = clock.denied_by(i, to - 1).is_none();
    Ok(Work { ends_as_planned: work == duration && ends_at_work, denied: denied.filter(|&(_, moment)| moment == from) })
}

fn pausable(project: &ProjectData, i: usize) -> bool {
    project.pausable.get(i).is_some_and(|&pausable| pausable)
}
