//! Is more in use than there is?

use super::clock::{self, Time};
use super::{Kind, Span, Violation};
use crate::error::InputError;
use crate::rcpsp::{Calendar, ProjectData};

/// One violation for each stretch of time in which a resource is overloaded; a stretch that periodic calendars repeat within the
/// same work is named once.
///
/// Those in `resting` use nothing while a calendar denies them a resource. What is fixed is a fact: by itself it must only keep to
/// the project's own capacity, but beside anything else all must keep to the calendars.
///
/// # Errors
/// More calendar steps between two events than anybody could wait for.
pub(super) fn overloads(
    project: &ProjectData,
    resource: usize,
    span: &[Option<Span>],
    resting: &[bool],
    found: &mut Vec<Violation>,
) -> Result<(), InputError> {
    let width = project.capacity.len();
    let units = |i: usize| Time::from(project.demand[i * width + resource]);
    // What ends at a moment is gone before anything starts at that moment, so changes at equal times are made together.
    let mut changes: Vec<(i64, bool, usize)> = Vec::new();
    for (i, claimed) in span.iter().enumerate() {
        if let Some(Span { start, end, .. }) = *claimed
            && claimed.is_some_and(|claimed| claimed.lasts(project.duration[i]))
            && units(i) > 0
        {
            changes.push((start, true, i));
            changes.push((end, false, i));
        }
    }
    changes.sort_unstable();
    let calendars: Vec<&Calendar> = clock::of(project, resource).collect();
    let (mut steady, mut unsteady): (Use, Vec<usize>) = (Use::default(), Vec::new());
    let mut overload = Overload { resource, stretch: None };
    let mut groups = changes.chunk_by(|a, b| a.0 == b.0).peekable();
    while let Some(group) = groups.next() {
        for &(_, starts, i) in group {
            let fixed = span[i].is_some_and(|s| s.fixed);
            match (resting[i], starts) {
                (false, true) => steady.add(units(i), fixed),
                (false, false) => steady.add(-units(i), fixed),
                (true, true) => unsteady.push(i),
                (true, false) => unsteady.retain(|&other| other != i),
            }
        }
        let from = Time::from(group[0].0);
        let to = groups.peek().map_or(from, |next| Time::from(next[0].0));
        let idle = steady.free == 0 && steady.fixed == 0;
        if unsteady.is_empty() && (calendars.is_empty() || idle) {
            overload.see(from, steady, project.capacity[resource], project.capacity[resource], found);
            continue;
        }
        let all: Vec<&Calendar> =
            unsteady.iter().flat_map(|&i| clock::watched(project, i)).chain(calendars.iter().copied()).collect();
        let all: Vec<&Calendar> = all.iter().enumerate().filter(|(k, c)| !all[..*k].contains(c)).map(|(_, &c)| c).collect();
        clock::pieces(&all, from, to, |piece| {
            let mut used = steady;
            for &i in unsteady.iter().filter(|&&i| clock::denied_by(project, i, piece.from).is_none()) {
                used.add(units(i), span[i].is_some_and(|s| s.fixed));
            }
            overload.see(piece.from, used, clock::level(project, resource, piece.from), project.capacity[resource], found);
        })?;
        if from == to {
            overload.see(from, Use::default(), 0, 0, found); // nothing runs any more
        }
    }
    Ok(())
}

#[derive(Debug, Clone, Copy, Default)]
struct Use {
    free: Time,
    fixed: Time,
}

impl Use {
    fn add(&mut self, units: Time, fixed: bool) {
        *(if fixed { &mut self.fixed } else { &mut self.free }) += units;
    }
}

struct Overload {
    resource: usize,
    /// Since when, the most that was in use, and the capacity then.
    stretch: Option<(Time, Time, i64)>,
}

impl Overload {
    fn see(&mut self, time: Time, used: Use, now: i64, ever: i64, found: &mut Vec<Violation>) {
        let total = used.free + used.fixed;
        let limit = if used.free > 0 { now } else { ever };
        if total > Time::from(limit) {
            let (since, peak, then) = self.stretch.unwrap_or((time, total, limit));
            self.stretch = Some(if total > peak { (since, total, limit) } else { (since, peak, then) });
        } else if let Some((since, peak, limit)) = self.stretch.take() {
            let resource = self.resource;
            let detail = format!("resource {resource} is used {peak} times from {since} to {time}, its capacity is {limit}");
            found.push(Violation::new(Kind::Capacity, [resource as i64, since as i64], detail));
        }
    }
}
