//! Calendars as the checker reads them: from their columns, piece by piece, with rounds that repeat counted instead of walked.

use crate::error::InputError;
use crate::rcpsp::{Calendar, ProjectData};

/// Steps between two events of a claim that are looked at one by one; periods without a short common multiple have more only in claims
/// that last for ages.
const MOST_PIECES: u64 = 1 << 22;

/// Times wide enough for every claimed time and for one period beyond it.
pub(super) type Time = i128;

/// A project's calendars by resource.
pub(super) struct Clock<'a> {
    pub(super) project: &'a ProjectData,
    of: Vec<Vec<&'a Calendar>>,
}

impl<'a> Clock<'a> {
    pub(super) fn new(project: &'a ProjectData) -> Self {
        let mut of = vec![Vec::new(); project.capacity.len()];
        for (resource, calendar) in &project.calendars {
            of[*resource as usize].push(calendar);
        }
        Self { project, of }
    }

    /// The calendars of a resource.
    pub(super) fn of(&self, resource: usize) -> &[&'a Calendar] {
        &self.of[resource]
    }

    /// What a resource has at a moment: the least that its calendars and the project grant.
    pub(super) fn level(&self, resource: usize, time: Time) -> i64 {
        let granted = self.of[resource].iter().filter_map(|calendar| step(calendar, time));
        granted.fold(self.project.capacity[resource], i64::min)
    }

    /// The first resource whose calendars leave an activity less than it demands.
    pub(super) fn denied_by(&self, activity: usize, time: Time) -> Option<usize> {
        self.demanded(activity).find(|&(r, units)| self.level(r, time) < units).map(|(r, _)| r)
    }

    /// The calendars that an activity looks at.
    pub(super) fn watched(&self, activity: usize) -> impl Iterator<Item = &'a Calendar> {
        self.demanded(activity).flat_map(|(r, _)| self.of[r].iter().copied())
    }

    /// The resources that an activity needs, and how many units of each.
    pub(super) fn demanded(&self, activity: usize) -> impl Iterator<Item = (usize, i64)> {
        let width = self.project.capacity.len();
        let row = &self.project.demand[activity * width..(activity + 1) * width];
        row.iter().copied().enumerate().filter(|&(_, units)| units > 0)
    }
}

/// The capacity of the step that holds at a moment, if one does.
fn step(calendar: &Calendar, time: Time) -> Option<i64> {
    let first = Time::from(*calendar.time().first()?);
    let inside = match calendar.period() {
        Some(period) => first + (time - first).rem_euclid(Time::from(period)),
        None => time,
    };
    let begun = calendar.time().partition_point(|&t| Time::from(t) <= inside);
    begun.checked_sub(1).map(|k| calendar.capacity()[k])
}

/// The first moment after `time` at which a step begins.
fn following(calendar: &Calendar, time: Time) -> Option<Time> {
    let first = Time::from(*calendar.time().first()?);
    let period = calendar.period().map(Time::from);
    let round = period.map_or(0, |period| (time - first).div_euclid(period) * period);
    let begun = calendar.time().partition_point(|&t| Time::from(t) + round <= time);
    let later = calendar.time().get(begun).map(|&t| Time::from(t) + round);
    later.or(period.map(|period| first + round + period))
}

/// From, to, and how often the like of it happens in a row of rounds.
pub(super) struct Piece {
    pub(super) from: Time,
    pub(super) to: Time,
    pub(super) times: Time,
}

/// Cuts `[from, to)` where any of these calendars steps. Rounds of the periodic ones that nothing else touches come once, with their
/// number.
///
/// # Errors
/// More pieces than can be walked through in a reasonable time.
pub(super) fn pieces(calendars: &[&Calendar], from: Time, to: Time, mut visit: impl FnMut(&Piece)) -> Result<(), InputError> {
    let (periodic, single): (Vec<&Calendar>, Vec<&Calendar>) = calendars.iter().partition(|c| c.period().is_some());
    // Beyond 2^100 there are no two rounds in any claim.
    let lcm = |a: Time, b: Time| (a / gcd(a, b)).saturating_mul(b).min(1 << 100);
    let cycle = periodic.iter().filter_map(|c| c.period()).map(Time::from).fold(1, lcm);
    let next = |calendars: &[&Calendar], time: Time, end: Time| {
        calendars.iter().filter_map(|c| following(c, time)).min().map_or(end, |t| t.min(end))
    };
    let mut left = MOST_PIECES;
    let mut walk = |start: Time, end: Time, times: Time| {
        let mut time = start;
        while time < end {
            let Some(rest) = left.checked_sub(1) else {
                let reason = format!(
                    "more than 2**22 calendar steps between {from} and {to}, where nothing begins or ends, cannot be judged"
                );
                return Err(InputError::new("schedule", reason));
            };
            left = rest;
            let next = next(&periodic, time, end);
            visit(&Piece { from: time, to: next, times });
            time = next;
        }
        Ok(())
    };
    let mut time = from;
    while time < to {
        let quiet = next(&single, time, to);
        let rounds = if periodic.is_empty() { 0 } else { (quiet - time) / cycle };
        if rounds > 1 {
            walk(time, time + cycle, rounds)?;
            walk(time + rounds * cycle, quiet, 1)?;
        } else {
            walk(time, quiet, 1)?;
        }
        time = quiet;
    }
    Ok(())
}

fn gcd(a: Time, b: Time) -> Time {
    if b == 0 { a } else { gcd(b, a % b) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pieces_cover_what_they_cut_and_count_what_repeats() {
        let week = Calendar::new(vec![-3, 2], vec![1, 0], Some(7)).unwrap();
        let month = Calendar::new(vec![0, 11], vec![2, 1], Some(30)).unwrap();
        let once = Calendar::new(vec![500, 510], vec![0, 2], None).unwrap();
        for calendars in [vec![], vec![&week], vec![&once], vec![&week, &month], vec![&week, &month, &once]] {
            for (from, to) in [(-9, -9), (-9, 40), (3, 5000), (505, 506)] {
                let (mut length, mut open, mut last) = (0, 0, from);
                pieces(&calendars, from, to, |p| {
                    assert!(p.from >= last && p.from < p.to && p.to <= to);
                    last = p.to;
                    let levels = |t: Time| calendars.iter().map(|c| step(c, t)).collect::<Vec<_>>();
                    assert!((p.from..p.to).all(|t| levels(t) == levels(p.from)));
                    length += (p.to - p.from) * p.times;
                    open += (p.to - p.from) * p.times * Time::from(step(&week, p.from) == Some(1));
                })
                .unwrap();
                assert_eq!(length, to - from);
                if calendars.contains(&&week) {
                    assert_eq!(open, (from..to).filter(|&t| (t + 3).rem_euclid(7) < 5).count() as Time);
                }
            }
        }
    }
}
