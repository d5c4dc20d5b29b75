//! The capacity of the resources that calendars and fixed activities leave.

use crate::rcpsp::Calendar;
use crate::rcpsp::constrained::Situation;

use super::clock::{Clock, open};

/// From which slot of the clock on how many units of each resource are left, where that is not everything; `None` if calendars
/// step too often.
pub(super) fn left(
    situation: &Situation,
    clock: &Clock,
    begin: i64,
    end: i64,
    most_steps: usize,
) -> Option<Vec<(i32, Vec<i64>)>> {
    let mut steps: Vec<(i32, Vec<i64>)> = Vec::new();
    for (moment, units) in levels(situation, begin, end, most_steps)? {
        let slot = clock.elapsed(moment) as i32;
        // Of changes that closed time brings together the last one counts.
        match steps.last_mut() {
            Some(last) if last.0 == slot => last.1 = units,
            Some(last) if last.1 == units => {}
            None if units == situation.project.capacity() => {}
            _ => steps.push((slot, units)),
        }
    }
    Some(steps)
}

/// A stretch of time in which calendars and fixed activities leave less than the capacities.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::rcpsp) struct Break {
    pub from: i64,
    pub to: i64,
    /// What is missing of each resource.
    pub taken: Vec<i64>,
}

/// What calendars and fixed activities take from the resources between `begin` and `end`, in order; `None` if calendars step too often.
pub(in crate::rcpsp) fn breaks(situation: &Situation, begin: i64, end: i64, most_steps: usize) -> Option<Vec<Break>> {
    let levels = levels(situation, begin, end, most_steps)?;
    let mut found: Vec<Break> = Vec::new();
    for (k, (from, left)) in levels.iter().enumerate().filter(|(_, (moment, _))| *moment < end) {
        let (from, to) = (*from, levels.get(k + 1).map_or(end, |(next, _)| (*next).min(end)));
        let taken: Vec<i64> = situation.project.capacity().iter().zip(left).map(|(units, left)| units - left).collect();
        match found.last_mut() {
            Some(last) if last.to == from && last.taken == taken => last.to = to,
            _ if taken.iter().any(|&units| units > 0) => found.push(Break { from, to, taken }),
            _ => {}
        }
    }
    Some(found)
}

/// The units of each resource that calendars and fixed activities leave, never less than 0, from each moment on at which something
/// changes; `None` if calendars step too often.
pub(super) fn levels(situation: &Situation, begin: i64, end: i64, most_steps: usize) -> Option<Vec<(i64, Vec<i64>)>> {
    let project = situation.project;
    // Levels and loads as changes of single resources: (moment, resource, level or None, change of the load).
    let mut changes: Vec<(i64, usize, Option<i64>, i64)> = Vec::new();
    for resource in 0..project.num_resources() {
        let calendars: Vec<&Calendar> =
            project.data().calendars.iter().filter(|(r, _)| *r as usize == resource).map(|(_, calendar)| calendar).collect();
        let mut now = begin;
        while now < end && !calendars.is_empty() {
            let level = calendars.iter().filter_map(|calendar| calendar.capacity_at(now)).min();
            changes.push((
                now,
                resource,
                Some(level.map_or(project.capacity()[resource], |l| l.min(project.capacity()[resource]))),
                0,
            ));
            if changes.len() > most_steps {
                return None;
            }
            now = calendars.iter().filter_map(|calendar| calendar.next_step(now)).min().unwrap_or(end);
        }
    }
    for (i, span) in situation.fixed.iter().enumerate() {
        let Some((start, until)) = span.map(|(start, until)| (start.max(begin), until.min(end))) else { continue };
        if start >= until || project.duration()[i] == 0 {
            continue;
        }
        let works =
            if project.data().pausable[i] { open(&situation.needs(i), start, until, most_steps)? } else { vec![(start, until)] };
        for (resource, &units) in project.demand_of(i).iter().enumerate().filter(|&(_, &units)| units > 0) {
            for &(from, to) in &works {
                changes.push((from, resource, None, units));
                changes.push((to, resource, None, -units));
            }
        }
    }
    changes.sort_by_key(|change| change.0);
    let mut level = project.capacity().to_vec();
    let mut held = vec![0_i64; level.len()];
    let mut levels = Vec::new();
    for together in changes.chunk_by(|a, b| a.0 == b.0) {
        for &(_, resource, given, change) in together {
            level[resource] = given.unwrap_or(level[resource]);
            held[resource] += change;
        }
        levels.push((together[0].0, level.iter().zip(&held).map(|(level, held)| (level - held).max(0)).collect()));
    }
    Some(levels)
}
