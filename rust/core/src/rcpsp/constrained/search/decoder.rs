//! Lists become schedules that may be late: what the search compares.

use crate::error::TIME_LIMIT;
use crate::rcpsp::constrained::schemes::{fixed_part, origin, ready};
use crate::rcpsp::constrained::slot_scheme::SlotScheme;
use crate::rcpsp::constrained::slot_timeline::Passed;
use crate::rcpsp::constrained::timetable::Timetable;
use crate::rcpsp::constrained::{Situation, Windows};
use crate::rcpsp::{Direction, Lister, Schedule};
use crate::timeline::Timeline;

/// How good a schedule is: the sum of all delays beyond latest finishes first, then the makespan.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Value {
    pub late: i64,
    pub makespan: i64,
}

impl Value {
    /// Of a schedule that was given up half-way.
    const NONE: Self = Self { late: i64::MAX, makespan: i64::MAX };
}

/// Steps of the watch's pace that questions to a timetable stand for: some for each, some for each segment looked at.
pub fn steps(placements: u64, segments: u64) -> u64 {
    10 * placements + segments / 4
}

/// Slots, where they serve.
enum Fast {
    Narrow(SlotScheme<u32>),
    Wide(SlotScheme<u64>),
}

/// Does something with slots of whatever width.
macro_rules! with_slots {
    ($fast:expr, $scheme:ident => $work:expr) => {
        match $fast {
            Fast::Narrow($scheme) => $work,
            Fast::Wide($scheme) => $work,
        }
    };
}

/// Counts steps and tells whether to stop.
pub type Stopper<'a> = &'a mut dyn FnMut(u64) -> bool;

/// Scratch space that turns lists into schedules.
pub struct Decoder<'s, 'p> {
    forward: Timetable<'s, 'p>,
    /// Made when it is first needed. Nothing is asked of it that ends after this time.
    backward: Option<(i64, Timetable<'s, 'p>)>,
    fast: Option<Fast>,
    /// Whether the last schedule was made on slots.
    is_fast: bool,
    pub pass: Pass<'s, 'p>,
}

/// What the schemes work on beside a timeline.
pub struct Pass<'s, 'p> {
    situation: &'s Situation<'p>,
    windows: &'s Windows,
    pub schedule: Schedule,
    right: Schedule,
    /// Placements made so far.
    pub placements: u64,
    /// The search is to stop: the last schedule was given up half-way.
    pub stopped: bool,
    /// Whether activities of the last schedule found no place.
    pub displaced: bool,
    is_left: Vec<bool>,
}

/// Steps up to which calendars are looked at after the time is over.
const SHORT_LOOK: u64 = 1000;

impl<'s, 'p> Decoder<'s, 'p> {
    pub fn new(situation: &'s Situation<'p>, windows: &'s Windows) -> Self {
        Self {
            forward: Timetable::new(situation, Direction::Forward, origin(situation)),
            backward: None,
            fast: None,
            is_fast: false,
            pass: Pass {
                situation,
                windows,
                schedule: fixed_part(situation),
                right: fixed_part(situation),
                placements: 0,
                stopped: false,
                displaced: false,
                is_left: vec![false; situation.num_activities()],
            },
        }
    }

    /// Goes on with slots, if they can serve for schedules not much longer than this one.
    pub fn speed_up(&mut self, makespan: i64) {
        let (situation, windows) = (self.pass.situation, self.pass.windows);
        let narrow = SlotScheme::new(situation, windows, makespan).map(Fast::Narrow);
        self.fast = narrow.or_else(|| SlotScheme::new(situation, windows, makespan).map(Fast::Wide));
    }

    /// Places the activities of a list, which has every activity after its predecessors, one by one as early as possible. Those that
    /// find no place follow behind all others, one by one, and count as late as can be.
    pub fn decode(&mut self, list: &[u32], stop: Stopper) -> Value {
        self.decode_until(list, Value::NONE, stop)
    }

    /// The same, but a schedule that must get worse than `limit` may be given up on the way.
    pub fn decode_until(&mut self, list: &[u32], limit: Value, stop: Stopper) -> Value {
        let limit = if limit.late == 0 { limit.makespan } else { i64::MAX };
        self.is_fast = false;
        if let Some(fast) = &mut self.fast {
            let passage = with_slots!(fast, scheme => scheme.decode(list, limit, &mut self.pass.schedule, stop));
            self.pass.placements += passage.placed;
            match passage.passed {
                Passed::Whole => {
                    (self.is_fast, self.pass.displaced) = (true, false);
                    return Value { late: passage.late, makespan: self.pass.schedule.makespan };
                }
                Passed::Stopped => {
                    self.pass.stopped = true;
                    return Value::NONE;
                }
                Passed::Abandoned => return Value::NONE,
                Passed::Beyond => {}
            }
        }
        let value = self.complete(list, stop);
        if self.pass.stopped { Value::NONE } else { value }
    }

    /// Like the function above. If it is stopped, it places the remaining activities one after the other.
    pub fn complete(&mut self, list: &[u32], stop: Stopper) -> Value {
        self.pass.place_all(&mut self.forward, list, stop)
    }

    /// Shifts the last schedule right, each activity at most to its latest finish or where it is, and left again. Its value never
    /// gets worse.
    pub fn justify(&mut self, lister: &mut Lister, stop: Stopper) -> Option<Value> {
        let (situation, end) = (self.pass.situation, self.pass.schedule.makespan);
        let mut starts = std::mem::take(&mut self.pass.right.start_time);
        let shifted = match &mut self.fast {
            Some(fast) if self.is_fast => {
                let schedule = &self.pass.schedule;
                let passage = with_slots!(fast, scheme => scheme.shift_right(schedule, lister, &mut starts, stop));
                self.pass.placements += passage.placed;
                self.pass.stopped = passage.passed == Passed::Stopped;
                passage.passed == Passed::Whole
            }
            _ => {
                if self.backward.as_ref().is_none_or(|&(last, _)| last < end) {
                    self.backward = Some((end, Timetable::new(situation, Direction::Backward, -end)));
                }
                let table = self.backward.as_mut().map(|(_, table)| table);
                table.is_some_and(|table| self.pass.shift_right(table, lister, &mut starts, stop))
            }
        };
        let value = shifted.then(|| self.decode(lister.list(&starts), stop));
        self.pass.right.start_time = starts;
        value
    }
}

impl Pass<'_, '_> {
    fn place_all(&mut self, table: &mut impl Timeline, list: &[u32], stop: Stopper) -> Value {
        let mut seen = table.seen();
        table.clear();
        let mut late = 0_i64;
        self.is_left.fill(false);
        self.displaced = false;
        for i in list.iter().map(|&i| i as usize).filter(|&i| self.situation.fixed[i].is_none()) {
            let waits = self.displaced && self.situation.before(i).any(|(p, _)| self.is_left[p]);
            if self.stopped || waits {
                (self.is_left[i], self.displaced) = (true, true);
                continue;
            }
            let ready = ready(self.situation, &self.schedule.completion_time, i);
            self.placements += 1;
            if let Ok(slot) = table.find(i, ready) {
                table.take(i, slot);
                late = late.saturating_add(slot.end.saturating_sub(self.windows.latest_finish[i]).max(0));
                (self.schedule.start_time[i], self.schedule.completion_time[i]) = (slot.start, slot.end);
            } else {
                (self.is_left[i], self.displaced) = (true, true);
            }
            let looked = table.seen() - seen;
            seen += looked;
            self.stopped = stop(steps(1, looked));
        }
        if self.displaced {
            late = late.saturating_add(self.append(list));
        }
        self.schedule.makespan = self.schedule.completion_time.iter().copied().max().unwrap_or(0);
        Value { late, makespan: self.schedule.makespan }
    }

    /// Places the remaining activities behind all others, one after the other; returns by how much they are late. What its calendars do
    /// not let run there runs against them.
    fn append(&mut self, list: &[u32]) -> i64 {
        let Self { situation, windows, schedule, is_left, .. } = self;
        let all = || (0..situation.num_activities()).filter(|&i| !is_left[i]).map(|i| schedule.completion_time[i]);
        let mut end = all().max().unwrap_or(situation.now);
        let mut late = 0_i64;
        for i in list.iter().map(|&i| i as usize).filter(|&i| is_left[i]) {
            let ready = ready(situation, &schedule.completion_time, i);
            let from = ready.max(end);
            // Nobody waits for a long look at calendars once the time is over.
            let look =
                |from| (!self.stopped || situation.cost(i) < SHORT_LOOK).then(|| situation.runs[i].earliest(from)).flatten();
            let runs = look(from);
            let (start, finish) = runs
                // What pauses without end would not even have its duration, so it rather shares its resources with others.
                .or_else(|| look(ready).filter(|_| situation.project.data().pausable[i]))
                .unwrap_or((from, from.saturating_add(situation.project.duration()[i])));
            let delay = finish.saturating_sub(windows.latest_finish[i]).max(0);
            late = late.saturating_add(if runs.is_some() { delay } else { TIME_LIMIT });
            (schedule.start_time[i], schedule.completion_time[i]) = (start, finish);
            end = end.max(finish);
        }
        late
    }

    /// Shifts the last schedule right, each activity at most to its latest finish or where it is; false if that is not possible.
    fn shift_right(&mut self, table: &mut impl Timeline, lister: &mut Lister, start_time: &mut [i64], stop: Stopper) -> bool {
        let end = self.schedule.makespan;
        let mut seen = table.seen();
        table.clear();
        for (start, span) in start_time.iter_mut().zip(&self.situation.fixed) {
            *start = span.map_or(*start, |(start, _)| start);
        }
        for i in lister.list_backward(&self.schedule.completion_time).iter().map(|&i| i as usize) {
            if self.situation.fixed[i].is_some() {
                continue;
            }
            let stay = self.schedule.completion_time[i];
            let latest = self.windows.latest_finish[i].max(stay).min(end);
            let by = self.situation.after(i).map(|(j, lag)| start_time[j] - lag).fold(latest, i64::min);
            self.placements += 1;
            let Ok(slot) = table.find(i, -by) else { return false };
            table.take(i, slot);
            let looked = table.seen() - seen;
            seen += looked;
            if stop(steps(1, looked)) {
                self.stopped = true;
                return false;
            }
            start_time[i] = -slot.end;
        }
        true
    }
}
