//! Lists become schedules on a timeline: what the decoder does for projects with more than precedence and constant capacities.

use super::pass::{Activities, Bounds, Moment, PassTimeline, Passed, Unit};
use super::slot_timeline::{SlotTimeline, common_tick};
use super::timetable::Timetable;
use super::windows::UNBOUNDED;
use super::{Situation, Windows};
use crate::error::{Infeasible, Reason, TIME_LIMIT};
use crate::rcpsp::decoder::Decoded;
use crate::rcpsp::{Direction, Lister};
use crate::simd::{Avx2, Avx512, Simd, Word};

/// The value of a schedule that misses windows is this plus the sum of all delays; the value of any other is its makespan.
pub const LATE: i64 = 1 << 58;

/// Why a pass ends before its schedule is complete.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Lost {
    /// This activity completes too late, or finds no place.
    Late { activity: usize, end: Option<i64> },
    /// The computation was stopped.
    Stopped,
}

impl Lost {
    /// In words.
    pub fn explain(self, situation: &Situation, windows: &Windows) -> Infeasible {
        let Self::Late { activity, end } = self else { return Infeasible { reasons: Vec::new() } };
        let latest = windows.latest_finish[activity];
        let bound = if latest < TIME_LIMIT && latest != UNBOUNDED { latest } else { TIME_LIMIT };
        let name = situation.activity(activity);
        let detail = match end {
            Some(end) => format!("this pass completes {name} at {end}, {} after its latest finish {bound}", end - bound),
            None => format!(
                "this pass finds no place for {name}: the calendars of its resources leave no time for it within a million openings"
            ),
        };
        let amount = end.map(|end| end - bound);
        Infeasible {
            reasons: vec![Reason { code: "pass_failed", activities: vec![activity], resources: vec![], amount, detail }],
        }
    }
}

/// A timeline in one direction of time, and the activities in its unit.
#[derive(Debug, Clone)]
struct Side<K: PassTimeline> {
    kernel: K,
    activities: Activities<K::Time>,
}

/// Slots in both directions of time.
#[derive(Debug, Clone)]
enum Slots {
    Narrow(Box<[Side<SlotTimeline<u32>>; 2]>),
    Wide(Box<[Side<SlotTimeline<u64>>; 2]>),
}

/// What a pass is for.
#[derive(Debug, Clone, Copy)]
pub struct Goal<'a> {
    /// Forward, a pass is given up once it must end after this; backward, everything ends by it.
    pub end: i64,
    /// Whether a pass is given up once an activity misses its window (backward: its earliest start).
    pub timely: bool,
    /// Backward: completions of a schedule that misses windows. No activity has to end before.
    pub stay: Option<&'a [i64]>,
}

/// Scratch space that turns lists into schedules of one situation.
#[derive(Debug, Clone)]
pub struct TimelineDecoder<'p> {
    situation: &'p Situation<'p>,
    windows: &'p Windows,
    slots: Option<Slots>,
    /// When the slots end.
    horizon: i64,
    /// Passes of [`Self::pass_in_time`].
    passes: u64,
    /// The makespan for which slots were last laid out, or could not be.
    tried: i64,
    /// Made when they are first needed. Nothing is asked of the backward one that ends after the time beside it.
    segments: [Option<(i64, Side<Timetable<'p, 'p>>)>; 2],
    /// Whether the last schedule was made on slots.
    on_slots: bool,
    direction: Direction,
    /// The latest end of a fixed activity.
    fixed_end: i64,
    /// Placements that only served to find out a parent's completions.
    pub extra_placements: u64,
    parent: Vec<u32>,
    stay: Vec<i64>,
    /// Puts predecessors first, where an order by completion does not do so by itself.
    lister: Option<Lister>,
}

/// Does something with the side that made the last schedule.
macro_rules! with_side {
    ($self:expr, $side:ident => $work:expr) => {
        match (&$self.slots, &$self.segments[$self.direction as usize]) {
            (Some(Slots::Narrow(sides)), _) if $self.on_slots => {
                let $side = &sides[$self.direction as usize];
                $work
            }
            (Some(Slots::Wide(sides)), _) if $self.on_slots => {
                let $side = &sides[$self.direction as usize];
                $work
            }
            (_, Some((_, $side))) => $work,
            _ => unreachable!("a schedule was made"),
        }
    };
}

impl<'p> TimelineDecoder<'p> {
    /// Scratch without slots.
    pub fn new(situation: &'p Situation<'p>, windows: &'p Windows) -> Self {
        Self {
            situation,
            windows,
            slots: None,
            horizon: i64::MAX,
            passes: 0,
            tried: i64::MIN,
            segments: [None, None],
            on_slots: false,
            direction: Direction::Forward,
            fixed_end: situation.fixed.iter().flatten().map(|&(_, end)| end).max().unwrap_or(i64::MIN),
            extra_placements: 0,
            parent: Vec::new(),
            stay: Vec::new(),
            lister: situation.is_overlapping.then(|| Lister::new(situation.project)),
        }
    }

    /// Goes on with slots, if they can serve for schedules not much longer than this one.
    pub fn speed_up(&mut self, makespan: i64) {
        if self.tried >= makespan {
            return;
        }
        self.tried = makespan;
        let (situation, windows) = (self.situation, self.windows);
        let narrow = sides(situation, windows, makespan).map(Slots::Narrow);
        self.slots = narrow.or_else(|| sides(situation, windows, makespan).map(Slots::Wide));
        self.horizon = match &self.slots {
            Some(Slots::Narrow(sides)) => -sides[1].kernel.tick(0),
            Some(Slots::Wide(sides)) => -sides[1].kernel.tick(0),
            None => i64::MAX,
        };
    }

    /// Places the activities of a list one after the other, each as early as possible in this direction of time.
    pub fn pass(&mut self, list: &[u32], direction: Direction, goal: Goal, stop: &mut dyn FnMut(u64) -> bool) -> (Passed, u32) {
        self.direction = direction;
        let (mut passed, mut placed) = (Passed::Beyond, 0);
        self.on_slots = true;
        match &mut self.slots {
            _ if direction == Direction::Backward && goal.end > self.horizon => {}
            Some(Slots::Narrow(sides)) => (passed, placed) = sides[direction as usize].pass(list, direction, goal, stop),
            Some(Slots::Wide(sides)) => (passed, placed) = sides[direction as usize].pass(list, direction, goal, stop),
            None => {}
        }
        // A place before all earliest starts is none.
        let hopeless = placed > 0 && direction == Direction::Backward && goal.timely;
        if passed == Passed::Beyond && !hopeless {
            self.on_slots = false;
            let side = self.segments(direction, goal.end);
            (passed, placed) = side.pass(list, direction, goal, stop);
        }
        (passed, placed)
    }

    fn segments(&mut self, direction: Direction, end: i64) -> &mut Side<Timetable<'p, 'p>> {
        let (situation, windows) = (self.situation, self.windows);
        let (known, origin) = match direction {
            Direction::Forward => (true, situation.origin()),
            Direction::Backward => (self.segments[1].as_ref().is_some_and(|&(last, _)| end <= last), -end),
        };
        let place = &mut self.segments[direction as usize];
        if !known {
            *place = None;
        }
        let make = || (end, Side::new(Timetable::new(situation, direction, origin), situation, windows, direction));
        &mut place.get_or_insert_with(make).1
    }

    /// Decodes a child whose value must not exceed that of its parent, `limit`. Backward, the child of a parent that misses windows may
    /// leave every activity where the parent, a list by completion with the last activity first, has it; else it keeps all windows.
    pub fn decode(
        &mut self,
        list: &[u32],
        direction: Direction,
        limit: i64,
        parent: &[u32],
        stop: &mut dyn FnMut(u64) -> bool,
    ) -> Decoded<i64> {
        let timely = limit < LATE;
        let mut goal = Goal { end: limit, timely, stay: None };
        let mut stay = std::mem::take(&mut self.stay);
        if !timely && direction == Direction::Backward {
            let mut order = std::mem::take(&mut self.parent);
            order.clear();
            order.extend(parent.iter().rev());
            let (passed, placed) = self.pass(&order, Direction::Forward, Goal { end: i64::MAX, timely: false, stay: None }, stop);
            self.parent = order;
            self.extra_placements += u64::from(placed);
            if passed != Passed::Whole {
                self.stay = stay;
                return Decoded { makespan: i64::MAX, placed: 0 }; // stopped, or an activity of the parent finds no place
            }
            stay.resize(list.len(), 0);
            self.completions(&mut stay);
            goal = Goal { end: stay.iter().copied().max().unwrap_or(0), timely: true, stay: Some(&stay) };
        }
        if direction == Direction::Backward {
            goal.end = goal.end.min(self.horizon); // a parent that is much longer than the best schedule gives way
        }
        let (passed, placed) = self.pass(list, direction, goal, stop);
        self.stay = stay;
        let makespan = if passed == Passed::Whole { self.value(timely) } else { i64::MAX };
        Decoded { makespan, placed: placed.min(list.len() as u32 - u32::from(passed != Passed::Whole)) }
    }

    /// The serial scheme for a list of which every activity has to keep its window; returns the makespan.
    ///
    /// # Errors
    /// One that completes after its latest finish, or finds no place.
    pub fn pass_in_time(&mut self, list: &[u32], stop: &mut dyn FnMut(u64) -> bool) -> Result<i64, Lost> {
        // A single pass is over before slots pay.
        self.passes += 1;
        if self.passes == 2 {
            self.speed_up(self.windows.length());
        }
        let outcome = self.pass(list, Direction::Forward, Goal { end: i64::MAX, timely: true, stay: None }, stop);
        self.lost(list, outcome)?;
        let makespan = self.value(true);
        if !self.on_slots && self.passes > 1 {
            self.speed_up(makespan);
        }
        Ok(makespan)
    }

    /// Places the activities of a list, successors first, as late as `end` and their windows allow.
    ///
    /// # Errors
    /// One that finds no place.
    pub fn shift_right(&mut self, list: &[u32], end: i64, stop: &mut dyn FnMut(u64) -> bool) -> Result<(), Lost> {
        let outcome = self.pass(list, Direction::Backward, Goal { end, timely: false, stay: None }, stop);
        self.lost(list, outcome)
    }

    fn lost(&self, list: &[u32], (passed, placed): (Passed, u32)) -> Result<(), Lost> {
        match passed {
            Passed::Whole => Ok(()),
            Passed::Stopped => Err(Lost::Stopped),
            Passed::Beyond => Err(Lost::Late { activity: list[placed as usize - 1] as usize, end: None }),
            Passed::Late { activity } => {
                let end = with_side!(self, side => side.kernel.tick(side.activities.end[activity]));
                Err(Lost::Late { activity, end: Some(end) })
            }
        }
    }

    /// The value of the last schedule, which may be known to keep all windows.
    fn value(&self, timely: bool) -> i64 {
        if self.situation.fixed.is_empty() {
            return 0;
        }
        let mut late = 0_i64;
        if !timely {
            let delay = |i: usize, end: i64| end.saturating_sub(self.windows.latest_finish[i]).max(0);
            self.spans(|i, _, end| late = late.saturating_add(delay(i, end)));
        }
        if late > 0 {
            return LATE.saturating_add(late);
        }
        with_side!(self, side => {
            let Side { kernel, activities } = side;
            let last = match self.direction {
                Direction::Forward => activities.free().map(|i| activities.end[i]).max().map(|end| kernel.tick(end)),
                Direction::Backward => activities.free().map(|i| activities.start[i]).min().map(|end| -kernel.tick(end)),
            };
            last.map_or(self.fixed_end, |last| last.max(self.fixed_end))
        })
    }

    /// Calls `each(activity, start, end)` for all activities of the last schedule that are not fixed.
    fn spans(&self, mut each: impl FnMut(usize, i64, i64)) {
        with_side!(self, side => {
            let Side { kernel, activities } = side;
            for i in activities.free() {
                let (start, end) = (kernel.tick(activities.start[i]), kernel.tick(activities.end[i]));
                match self.direction {
                    Direction::Forward => each(i, start, end),
                    Direction::Backward => each(i, -end, -start),
                }
            }
        });
    }

    /// Writes the starts of the last schedule.
    pub fn starts(&self, start_time: &mut [i64]) {
        start_time
            .iter_mut()
            .zip(&self.situation.fixed)
            .for_each(|(start, span)| *start = span.map_or(*start, |(start, _)| start));
        self.spans(|i, start, _| start_time[i] = start);
    }

    /// Writes the completions of the last schedule.
    pub fn completions(&self, completion_time: &mut [i64]) {
        completion_time.iter_mut().zip(&self.situation.fixed).for_each(|(end, span)| *end = span.map_or(*end, |(_, end)| end));
        self.spans(|i, _, end| completion_time[i] = end);
    }

    /// Sorts a list by completion in the last schedule, in its own direction of time; equal ones keep their order in the list, and none
    /// comes before its predecessors.
    pub fn sort_by_completion(&mut self, list: &mut [u32], scratch: &mut Vec<u32>) {
        with_side!(self, side => Moment::sort(list, &side.activities.end[..list.len()], scratch));
        self.put_predecessors_first(list, self.direction);
    }

    /// Puts predecessors first in an order by the completions of some schedule.
    pub fn put_predecessors_first(&mut self, list: &mut [u32], direction: Direction) {
        if let Some(lister) = &mut self.lister {
            lister.put_predecessors_first(list, direction);
        }
    }
}

impl<K: PassTimeline> Side<K> {
    fn new(kernel: K, situation: &Situation, windows: &Windows, direction: Direction) -> Self {
        let activities = Activities::new(situation, windows, direction, &kernel);
        Self { kernel, activities }
    }

    fn pass(&mut self, list: &[u32], direction: Direction, goal: Goal, stop: &mut dyn FnMut(u64) -> bool) -> (Passed, u32) {
        let Self { kernel, activities } = self;
        let bounds = match direction {
            Direction::Forward => {
                let end = if goal.end < LATE { kernel.down(goal.end) } else { K::Time::NEVER };
                Bounds { begin: kernel.up(-UNBOUNDED), end, timely: goal.timely }
            }
            Direction::Backward => Bounds { begin: kernel.up(-goal.end), end: K::Time::NEVER, timely: goal.timely },
        };
        let relaxed = goal.stay.map(|stay| activities.relaxed(stay.iter().map(|&end| kernel.up(-end))));
        kernel.serial(activities, list, relaxed.as_deref(), bounds, stop)
    }
}

/// Slots in both directions of time for schedules not much longer than `makespan`; `None` if they cannot serve.
fn sides<W: Word>(situation: &Situation, windows: &Windows, makespan: i64) -> Option<Box<[Side<SlotTimeline<W>>; 2]>>
where
    Avx512: Simd<W>,
    Avx2: Simd<W>,
{
    if situation.is_overlapping {
        return None; // bounds on ends are known to segments alone
    }
    let begin = situation.origin();
    let tick = common_tick(situation, begin);
    let finish = windows.latest_finish.iter().copied().filter(|&finish| finish != UNBOUNDED).max();
    let length = finish.map_or(makespan, |finish| finish.max(makespan)).saturating_sub(begin);
    let horizon = (length.saturating_add(length / 2) / tick).saturating_add(1).saturating_mul(tick);
    let side = |direction, origin| {
        let slots = SlotTimeline::new(situation, direction, origin, tick, horizon)?;
        Some(Side::new(slots, situation, windows, direction))
    };
    Some(Box::new([side(Direction::Forward, begin)?, side(Direction::Backward, -(begin + horizon))?]))
}
