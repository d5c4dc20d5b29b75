//! The test whether an activity may start at a moment: by levels for plain projects, by a timeline for all others.

use crate::rcpsp::Project;
use crate::rcpsp::constrained::{Situation, Timetable, UNREACHABLE, Windows};
use crate::timeline::Timeline;
use crate::word_layout::WordLayout;

/// What decides whether an activity may start.
pub(super) trait AtMoment {
    /// Whether some activities are fixed, or eligible only from a later moment on.
    const LATER: bool;
    /// Activities tried between two looks at a stop sign.
    const TRIES: u64;
    /// Whether an activity has its times already.
    fn is_fixed(&self, activity: usize) -> bool;
    /// Whether some activity may start before its predecessors are complete, so that all are eligible once those have started.
    fn is_overlapping(&self) -> bool;
    /// Starts an eligible activity, if it may start now, and returns its completion.
    fn start(&mut self, activity: usize, now: i64) -> Result<i64, Refused>;
    /// Releases what a completed activity held.
    fn complete(&mut self, activity: usize);
    /// When an activity may start at the earliest, if all its predecessors have their times.
    fn ready(&self, activity: usize, finish: &[i64]) -> i64;
}

/// Why an activity does not start.
pub(super) enum Refused {
    /// It does not fit until something completes.
    Now,
    /// It does not fit before this moment.
    Until(i64),
    /// It would miss its window, or fits nowhere.
    Failed(Option<i64>),
}

/// What is free at the moment, packed into words.
#[derive(Debug)]
pub(super) struct Levels<'p> {
    pub duration: &'p [i64],
    pub lanes: WordLayout,
    demand: Vec<u64>,
    pub level: Vec<u64>,
}

impl<'p> Levels<'p> {
    pub fn new(project: &'p Project) -> Self {
        let lanes = WordLayout::new(project.capacity());
        let mut demand = Vec::with_capacity(project.num_activities() * lanes.words());
        for (i, &duration) in project.duration().iter().enumerate() {
            lanes.pack(project.demand_of(i), duration, &mut demand);
        }
        Self { duration: project.duration(), level: lanes.full.clone(), lanes, demand }
    }
}

impl AtMoment for Levels<'_> {
    const LATER: bool = false;
    const TRIES: u64 = 1 << 16;

    fn is_fixed(&self, _: usize) -> bool {
        false
    }

    #[inline(always)]
    fn is_overlapping(&self) -> bool {
        false
    }

    #[inline(always)]
    fn start(&mut self, activity: usize, now: i64) -> Result<i64, Refused> {
        let end = now + self.duration[activity];
        if let ([level], [guard]) = (&mut self.level[..], &self.lanes.guard[..]) {
            let left = level.wrapping_sub(self.demand[activity]);
            if left & guard != *guard {
                return Err(Refused::Now);
            }
            *level = left;
            return Ok(end);
        }
        let words = self.lanes.words();
        let need = &self.demand[activity * words..(activity + 1) * words];
        if !self.lanes.fits(&self.level, need) {
            return Err(Refused::Now);
        }
        self.level.iter_mut().zip(need).for_each(|(level, need)| *level -= need);
        Ok(end)
    }

    #[inline(always)]
    fn complete(&mut self, activity: usize) {
        if let [level] = &mut self.level[..] {
            *level += self.demand[activity];
            return;
        }
        let words = self.lanes.words();
        let need = &self.demand[activity * words..(activity + 1) * words];
        self.level.iter_mut().zip(need).for_each(|(level, need)| *level += need);
    }

    fn ready(&self, _: usize, _: &[i64]) -> i64 {
        0
    }
}

/// The earliest place on a timeline. What is placed meanwhile only makes starts later.
#[derive(Debug)]
pub(super) struct OnTimeline<'p> {
    pub situation: &'p Situation<'p>,
    pub windows: &'p Windows,
    pub table: Timetable<'p, 'p>,
    pub start: Vec<i64>,
}

impl AtMoment for OnTimeline<'_> {
    const LATER: bool = true;
    const TRIES: u64 = 64; // each may look at many segments

    fn is_fixed(&self, activity: usize) -> bool {
        self.situation.fixed[activity].is_some()
    }

    fn is_overlapping(&self) -> bool {
        self.situation.is_overlapping
    }

    fn start(&mut self, activity: usize, now: i64) -> Result<i64, Refused> {
        let found = if now == UNREACHABLE { None } else { self.table.find(activity, now) };
        let slot = found.ok_or(Refused::Failed(None))?;
        if slot.end > self.windows.latest_finish[activity] {
            return Err(Refused::Failed(Some(slot.end)));
        }
        if slot.start > now {
            return Err(Refused::Until(slot.start));
        }
        self.table.take(activity, slot);
        self.start[activity] = slot.start;
        Ok(slot.end)
    }

    fn complete(&mut self, _: usize) {}

    fn ready(&self, activity: usize, finish: &[i64]) -> i64 {
        self.situation.ready(&self.start, finish, activity)
    }
}
