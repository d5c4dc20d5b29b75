//! One activity alone with its calendars: where it can run, and how long that takes.

#[cfg(test)]
mod tests;

use super::Calendar;
use super::ProjectData;
use crate::calendar::Walk;
use crate::error::{InputError, TIME_LIMIT};

/// Steps that the common pattern of an activity's calendars may have; beyond, a question about it could take for ever.
const MOST_STEPS: i64 = 1 << 20;

/// One activity and the calendars of the resources that it demands.
///
/// The activity is *down* at a moment if the calendar capacity of a resource that it demands is below its demand then, and *up*
/// otherwise. It must be up from start to completion; a pausable one starts when it is up and works whenever it is up, so only
/// its first and last tick need be.
#[derive(Debug, Clone)]
pub struct Run<'p> {
    once: Vec<(&'p Calendar, i64)>,
    repeated: Vec<(&'p Calendar, i64)>,
    /// Least common multiple of the periods.
    cycle: i64,
    duration: i64,
    pausable: bool,
    /// From here on the activity is down for ever; `i64::MAX` if it is not.
    closing: i64,
    /// Steps of all these calendars: what a question may cost.
    cost: u64,
}

/// Moments are counted from the other end of time when the backward question is asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Sense {
    Forward,
    Backward,
}

/// How far a walk has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Progress {
    start: Option<i64>,
    left: i64,
}

impl<'p> Run<'p> {
    /// The activity's own view of the project.
    ///
    /// # Errors
    /// Periods without a common multiple of reasonable size.
    pub fn new(project: &'p ProjectData, activity: usize) -> Result<Self, InputError> {
        let (width, duration) = (project.capacity.len(), project.duration[activity]);
        let demand = &project.demand[activity * width..(activity + 1) * width];
        let watched = project.calendars.iter().filter(|(r, _)| duration > 0 && demand[*r as usize] > 0);
        let (repeated, once): (Vec<_>, Vec<_>) =
            watched.map(|(r, calendar)| (calendar, demand[*r as usize])).partition(|(calendar, _)| calendar.period().is_some());
        let mut cycle = 1_i64;
        for (calendar, _) in &repeated {
            let period = calendar.period().unwrap_or(1);
            cycle = (cycle / gcd(cycle, period)).saturating_mul(period);
        }
        let steps = |calendar: &Calendar| (cycle / calendar.period().unwrap_or(1)).saturating_mul(calendar.time().len() as i64);
        let pattern = repeated.iter().fold(0_i64, |sum, (calendar, _)| sum.saturating_add(steps(calendar)));
        if cycle > TIME_LIMIT || (repeated.len() > 1 && pattern > MOST_STEPS) {
            let name = match &project.names {
                Some(names) => format!("activity '{}'", names[activity]),
                None => format!("activity {activity}"),
            };
            let reason = format!("the periods that {name} meets have too long a common multiple");
            return Err(InputError::new("calendars", reason));
        }
        let closing = once.iter().filter_map(|&(calendar, demand)| closing(calendar, demand)).min().unwrap_or(i64::MAX);
        let cost = once.iter().chain(&repeated).map(|(calendar, _)| calendar.time().len() as u64).sum();
        Ok(Self { once, repeated, cycle, duration, pausable: project.pausable[activity], closing, cost })
    }

    /// From this moment on the activity is down for ever; `i64::MAX` if there is none.
    ///
    /// Calendars only take capacity away and periodic ones go on as they were, so an activity without such a moment that can run at
    /// all can run again and again.
    #[must_use]
    pub fn closing(&self) -> i64 {
        self.closing
    }

    /// Calendar steps that a question may have to look at.
    #[must_use]
    pub fn cost(&self) -> u64 {
        self.cost
    }

    /// The earliest run that starts at `from` or later; `None` if there is none within 2^53 ticks.
    #[must_use]
    pub fn earliest(&self, from: i64) -> Option<(i64, i64)> {
        self.first(Sense::Forward, from, self.duration)
    }

    /// The latest run that completes at `by` or before.
    #[must_use]
    pub fn latest(&self, by: i64) -> Option<(i64, i64)> {
        self.first(Sense::Backward, -by, self.duration).map(|(start, end)| (-end, -start))
    }

    /// The least moment from which on every run completes at `end` or later; `None` if none completes so late. Not after any such run.
    #[must_use]
    pub fn start_reaching(&self, end: i64) -> Option<i64> {
        self.reaching(Sense::Forward, end)
    }

    /// The largest moment by which every run ends that starts at `start` or before; `None` if none starts so early.
    #[must_use]
    pub fn end_reaching(&self, start: i64) -> Option<i64> {
        self.reaching(Sense::Backward, -start).map(|end| -end)
    }

    /// Pausable runs that begin later also end later, so the wanted one ends with the first tick at which the activity is up and that
    /// does not end before `end`. If it has not worked for its duration by then, every run ends later.
    fn reaching(&self, sense: Sense, end: i64) -> Option<i64> {
        if !self.pausable || self.cost == 0 || end <= -TIME_LIMIT {
            return Some(end.saturating_sub(self.duration));
        }
        let (last, _) = self.first(sense, end - 1, 1)?;
        let opposite = if sense == Sense::Forward { Sense::Backward } else { Sense::Forward };
        let whole = self.first(opposite, -(last + 1), self.duration);
        Some(whole.map_or(-TIME_LIMIT, |(_, start)| -start))
    }

    /// When the activity completes if it starts at `start`; a start while it is down counts as one when it is up again.
    #[must_use]
    pub fn completion(&self, start: i64) -> Option<i64> {
        if self.pausable { self.earliest(start).map(|(_, end)| end) } else { Some(start + self.duration) }
    }

    /// Whether every calendar leaves enough at this moment.
    #[must_use]
    pub fn is_up(&self, time: i64) -> bool {
        let enough = |&(calendar, demand): &(&Calendar, i64)| calendar.capacity_at(time).is_none_or(|c| c >= demand);
        self.once.iter().all(enough) && self.repeated.iter().all(enough)
    }

    /// Walks from step to step. Where the calendars only repeat themselves it leaps over all rounds but the last, so the cost
    /// is that of a few rounds for each step that does not repeat.
    fn first(&self, sense: Sense, from: i64, duration: i64) -> Option<(i64, i64)> {
        let fresh = Progress { start: None, left: duration };
        let mut now = from;
        let mut progress = fresh;
        let mut single = Walks::new(&self.once, sense, from);
        let mut several = Walks::new(&self.repeated, sense, from);
        let mut mark: Option<(i64, Progress)> = None; // at a repeating step, where nothing else has happened since
        while (-TIME_LIMIT..=TIME_LIMIT).contains(&now) {
            let (once, repeated) = (single.next, several.next);
            let next = once.into_iter().chain(repeated).min();
            if single.up && several.up {
                let start = *progress.start.get_or_insert(now);
                match next {
                    Some(next) if next - now < progress.left => progress.left -= next - now,
                    _ => return Some((start, now + progress.left)),
                }
            } else if !self.pausable {
                progress = fresh;
            }
            now = next?;
            single.advance(now);
            several.advance(now);
            if once == Some(now) {
                mark = None;
                continue;
            }
            let Some((since, before)) = mark else {
                mark = Some((now, progress));
                continue;
            };
            if now - since < self.cycle {
                continue;
            }
            // A whole round: how much further does another one bring?
            let horizon = single.next;
            let ahead = horizon.map_or(i64::MAX, |horizon| (horizon - now) / self.cycle);
            let done = before.left - progress.left;
            let shifted = Progress { start: before.start.map(|start| start + self.cycle), ..before };
            let rounds = if progress.start == before.start && done > 0 {
                ahead.min((progress.left - 1) / done) // it only gets shorter
            } else if progress == before || progress == shifted {
                horizon?;
                progress.start = if progress == before { progress.start } else { progress.start.map(|s| s + ahead * self.cycle) };
                ahead // the same again
            } else {
                0
            };
            if progress.start == before.start {
                progress.left -= rounds.saturating_mul(done);
            }
            if rounds > 0 {
                now = now.saturating_add(rounds.saturating_mul(self.cycle));
                if !(-TIME_LIMIT..=TIME_LIMIT).contains(&now) {
                    return None;
                }
                single = Walks::new(&self.once, sense, now);
                several = Walks::new(&self.repeated, sense, now);
            }
            mark = (horizon != Some(now)).then_some((now, progress));
        }
        None
    }
}

/// The step from which on a calendar has less than `demand` for ever, if it ends so.
fn closing(calendar: &Calendar, demand: i64) -> Option<i64> {
    let enough = calendar.capacity().iter().rposition(|&units| units >= demand);
    calendar.time().get(enough.map_or(0, |k| k + 1)).copied()
}

/// Walks through several calendars side by side.
struct Walks<'r, 'p> {
    calendars: &'r [(&'p Calendar, i64)],
    each: Vec<Walk<'p>>,
    sense: Sense,
    /// Whether all of them leave enough here.
    up: bool,
    /// The next moment at which one of them steps.
    next: Option<i64>,
}

impl<'r, 'p> Walks<'r, 'p> {
    fn new(calendars: &'r [(&'p Calendar, i64)], sense: Sense, from: i64) -> Self {
        let begin = |&(calendar, _): &(&'p Calendar, i64)| match sense {
            Sense::Forward => calendar.walk_forward(from),
            Sense::Backward => calendar.walk_backward(-from),
        };
        let mut walks = Self { calendars, each: calendars.iter().map(begin).collect(), sense, up: true, next: None };
        walks.look();
        walks
    }

    fn next_of(&self, walk: &Walk) -> Option<i64> {
        walk.next().map(|time| if self.sense == Sense::Forward { time } else { -time })
    }

    fn look(&mut self) {
        let enough = |(walk, (_, demand)): (&Walk, &(&Calendar, i64))| walk.capacity().is_none_or(|units| units >= *demand);
        self.up = self.each.iter().zip(self.calendars).all(enough);
        self.next = self.each.iter().filter_map(|walk| self.next_of(walk)).min();
    }

    /// Goes on to a moment at or before the next step.
    fn advance(&mut self, now: i64) {
        if self.next != Some(now) {
            return;
        }
        for k in 0..self.each.len() {
            if self.next_of(&self.each[k]) == Some(now) {
                self.each[k].advance();
            }
        }
        self.look();
    }
}

/// Greatest common divisor.
pub fn gcd(mut a: i64, mut b: i64) -> i64 {
    while b != 0 {
        (a, b) = (b, a % b);
    }
    a
}
