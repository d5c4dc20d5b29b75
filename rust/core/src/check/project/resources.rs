//! Is more in use than there is?

use std::collections::BTreeMap;

use super::clock::{self, Clock, Time};
use super::{Findings, Kind, Span};
use crate::cost;
use crate::error::InputError;
use crate::rcpsp::Calendar;
use crate::rcpsp::ProjectData;

/// One violation for each stretch of time in which a resource is overloaded; a stretch that periodic calendars repeat within the
/// same work is named once.
///
/// Those in `resting` use nothing while a calendar denies them a resource. What is fixed is a fact: by itself it must only keep to
/// the project's own capacity, but beside anything else all must keep to the calendars.
///
/// # Errors
/// More calendar steps between two events than can be walked through in a reasonable time.
pub(super) fn overloads(
    clock: &Clock,
    resource: usize,
    span: &[Option<Span>],
    resting: &[bool],
    found: &mut Findings,
) -> Result<(), InputError> {
    let project = clock.project;
    let width = project.capacity.len();
    let units = |i: usize| Time::from(project.demand[i * width + resource]);
    // What ends at a moment is gone before anything starts at that moment, so changes at equal times are made together.
    let mut changes: Vec<(i64, bool, usize)> = Vec::new();
    for (i, claimed) in span.iter().enumerate() {
        if found.worked(cost::NODE) {
            return Ok(());
        }
        if let Some(Span { start, end, .. }) = *claimed
            && claimed.is_some_and(|claimed| claimed.lasts(project.duration[i]))
            && units(i) > 0
        {
            changes.push((start, true, i));
            changes.push((end, false, i));
        }
    }
    crate::sort::sort_by(&mut changes, |steps| found.worked(steps), Ord::cmp);
    if found.stopped() {
        return Ok(());
    }
    let (mut steady, mut unsteady) = (Use::default(), Unsteady::new(clock, resource));
    let mut overload = Overload { project, resource, stretch: None };
    let mut groups = changes.chunk_by(|a, b| a.0 == b.0).peekable();
    while let Some(group) = groups.next() {
        if found.worked(cost::SORTED * group.len() as u64) {
            return Ok(());
        }
        let from = Time::from(group[0].0);
        let to = groups.peek().map_or(from, |next| Time::from(next[0].0));
        unsteady.move_to(from);
        for &(_, starts, i) in group {
            let fixed = span[i].is_some_and(|s| s.fixed);
            match (resting[i], starts) {
                (false, true) => steady.add(units(i), fixed),
                (false, false) => steady.add(-units(i), fixed),
                (true, true) => unsteady.join(i, fixed),
                (true, false) => unsteady.leave(i),
            }
        }
        let idle = steady.free == 0 && steady.fixed == 0;
        if unsteady.members.is_empty() && (clock.of(resource).is_empty() || idle) {
            overload.see(from, steady, project.capacity[resource], project.capacity[resource], found);
            continue;
        }
        clock::pieces(&unsteady.calendars(), from, to, |piece| {
            unsteady.move_to(piece.from);
            let used = steady.plus(unsteady.used);
            overload.see(piece.from, used, clock.level(resource, piece.from), project.capacity[resource], found);
        })?;
        if from == to {
            overload.see(from, Use::default(), 0, 0, found); // nothing runs any more
        }
    }
    Ok(())
}

/// The activities under way that use nothing while a calendar denies them a resource.
struct Unsteady<'a> {
    clock: &'a Clock<'a>,
    resource: usize,
    /// Whether each is fixed, and whether it works now.
    members: BTreeMap<usize, (bool, bool)>,
    /// How many members need each resource.
    watchers: Vec<usize>,
    /// What each resource has now.
    level: Vec<i64>,
    /// What those who work use of `resource`.
    used: Use,
}

impl<'a> Unsteady<'a> {
    fn new(clock: &'a Clock<'a>, resource: usize) -> Self {
        let level = clock.project.capacity.clone();
        Self { clock, resource, members: BTreeMap::new(), watchers: vec![0; level.len()], level, used: Use::default() }
    }

    /// The calendars on which the use of the resource and its capacity depend.
    fn calendars(&self) -> Vec<&'a Calendar> {
        let watched = (0..self.watchers.len()).filter(|&r| r == self.resource || self.watchers[r] > 0);
        watched.flat_map(|r| self.clock.of(r).iter().copied()).collect()
    }

    /// Who works is decided anew only where a calendar that matters has made a step.
    fn move_to(&mut self, time: Time) {
        let mut changed = false;
        for resource in 0..self.level.len() {
            if self.clock.of(resource).is_empty() {
                continue;
            }
            let level = self.clock.level(resource, time);
            changed |= level != self.level[resource] && self.watchers[resource] > 0;
            self.level[resource] = level;
        }
        if changed {
            self.used = Use::default();
            let members = std::mem::take(&mut self.members);
            for (i, (fixed, _)) in members {
                self.count(i, fixed);
            }
        }
    }

    fn units(&self, activity: usize) -> Time {
        Time::from(self.clock.project.demand[activity * self.level.len() + self.resource])
    }

    fn count(&mut self, activity: usize, fixed: bool) {
        let works = self.clock.demanded(activity).all(|(r, units)| self.level[r] >= units);
        if works {
            self.used.add(self.units(activity), fixed);
        }
        self.members.insert(activity, (fixed, works));
    }

    fn join(&mut self, activity: usize, fixed: bool) {
        self.clock.demanded(activity).for_each(|(r, _)| self.watchers[r] += 1);
        self.count(activity, fixed);
    }

    fn leave(&mut self, activity: usize) {
        self.clock.demanded(activity).for_each(|(r, _)| self.watchers[r] -= 1);
        if let Some((fixed, true)) = self.members.remove(&activity) {
            self.used.add(-self.units(activity), fixed);
        }
    }
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

    fn plus(self, other: Self) -> Self {
        Self { free: self.free + other.free, fixed: self.fixed + other.fixed }
    }
}

struct Overload<'a> {
    project: &'a ProjectData,
    resource: usize,
    /// Since when, the most that was in use, and the capacity then.
    stretch: Option<(Time, Time, i64)>,
}

impl Overload<'_> {
    fn see(&mut self, time: Time, used: Use, now: i64, ever: i64, found: &mut Findings) {
        let total = used.free + used.fixed;
        let limit = if used.free > 0 { now } else { ever };
        if total > Time::from(limit) {
            let (since, peak, then) = self.stretch.unwrap_or((time, total, limit));
            self.stretch = Some(if total > peak { (since, total, limit) } else { (since, peak, then) });
        } else if let Some((since, peak, limit)) = self.stretch.take() {
            let resource = self.resource;
            found.add(Kind::Capacity, &[resource as i64, since as i64], || {
                let name = super::resource(self.project, resource);
                format!("{name} is used {peak} times from {since} to {time}, its capacity is {limit}")
            });
        }
    }
}
