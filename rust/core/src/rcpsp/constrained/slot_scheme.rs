//! The serial scheme and justification on slots: what the search does most.

use super::schemes::origin;
use super::slot_timeline::{Passed, SlotTimeline, common_tick};
use super::windows::UNBOUNDED;
use super::{Situation, Windows};
use crate::rcpsp::{Direction, Lister, Schedule};
use crate::simd::{Avx512, Simd, Word};

/// Timelines of slots in both directions of time, and what bounds every activity, in slots.
pub struct SlotScheme<W> {
    forward: SlotTimeline<W>,
    backward: SlotTimeline<W>,
    /// No start before, forward.
    ready: Vec<u32>,
    /// Backward, no start before: what fixed successors demand in any case, and what keeps an activity in time.
    hard: Vec<u32>,
    timely: Vec<u32>,
    /// Backward, no start before, in the pass that is under way.
    from: Vec<u32>,
    /// No completion of the forward timeline after is late.
    latest: Vec<i64>,
    is_free: Vec<bool>,
    /// The latest end of a fixed activity.
    fixed_end: i64,
}

/// A pass that came to its end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Passage {
    pub passed: Passed,
    pub placed: u64,
    /// The sum of all delays.
    pub late: i64,
}

impl<W: Word> SlotScheme<W>
where
    Avx512: Simd<W>,
{
    /// For schedules not much longer than `makespan`; `None` if slots cannot serve.
    pub fn new(situation: &Situation, windows: &Windows, makespan: i64) -> Option<Self> {
        let begin = origin(situation);
        let tick = common_tick(situation, begin);
        let finish = windows.latest_finish.iter().copied().filter(|&finish| finish != UNBOUNDED).max();
        let length = finish.map_or(makespan, |finish| finish.max(makespan)).saturating_sub(begin);
        let horizon = (length.saturating_add(length / 2) / tick).saturating_add(1).saturating_mul(tick);
        let forward = SlotTimeline::new(situation, Direction::Forward, begin, tick, horizon)?;
        let backward = SlotTimeline::new(situation, Direction::Backward, -(begin + horizon), tick, horizon)?;
        let n = situation.num_activities();
        let fixed_ends = |i: usize| situation.before(i).filter_map(|(p, lag)| Some(situation.fixed[p]?.1.saturating_add(lag)));
        let fixed_starts = |i: usize| situation.after(i).filter_map(|(j, lag)| Some(situation.fixed[j]?.0.saturating_sub(lag)));
        let ready = (0..n).map(|i| forward.slot(fixed_ends(i).fold(situation.release[i], i64::max))).collect();
        let hard = (0..n).map(|i| fixed_starts(i).min().map_or(0, |by| backward.slot(by.saturating_neg()))).collect();
        let timely = windows.latest_finish.iter().map(|finish| backward.slot(finish.saturating_neg())).collect();
        Some(Self {
            ready,
            hard,
            timely,
            from: vec![0; n],
            latest: windows.latest_finish.clone(),
            is_free: situation.fixed.iter().map(Option::is_none).collect(),
            fixed_end: situation.fixed.iter().flatten().map(|&(_, end)| end).max().unwrap_or(i64::MIN),
            forward,
            backward,
        })
    }

    /// Places the activities of a list one by one as early as possible, until the makespan must exceed `limit`.
    pub fn decode(&mut self, list: &[u32], limit: i64, schedule: &mut Schedule, stop: &mut dyn FnMut(u64) -> bool) -> Passage {
        let is_free = &self.is_free;
        let list = list.iter().copied().filter(|&i| is_free[i as usize]);
        let (passed, placed) = self.forward.serial(list, &self.ready, self.forward.limit(limit), stop);
        let (mut late, mut makespan) = (0_i64, self.fixed_end);
        if passed == Passed::Whole {
            for i in (0..self.is_free.len()).filter(|&i| self.is_free[i]) {
                let end = self.forward.time(self.forward.end[i]);
                (schedule.start_time[i], schedule.completion_time[i]) = (self.forward.time(self.forward.start[i]), end);
                late = late.saturating_add(end.saturating_sub(self.latest[i]).max(0));
                makespan = makespan.max(end);
            }
            schedule.makespan = if self.is_free.is_empty() { 0 } else { makespan };
        }
        Passage { passed, placed, late }
    }

    /// Shifts the schedule of the last pass right, each activity at most to its latest finish or where it is, and writes the starts.
    pub fn shift_right(
        &mut self,
        schedule: &Schedule,
        lister: &mut Lister,
        start_time: &mut [i64],
        stop: &mut dyn FnMut(u64) -> bool,
    ) -> Passage {
        let end = self.backward.slot(-schedule.makespan);
        let horizon = self.backward.slot(i64::MAX);
        for (i, from) in self.from.iter_mut().enumerate() {
            let stay = horizon - self.forward.end[i];
            *from = self.timely[i].min(stay).max(self.hard[i]).max(end);
        }
        let is_free = &self.is_free;
        let list = lister.list_backward(&schedule.completion_time).iter().copied().filter(|&i| is_free[i as usize]);
        let (passed, placed) = self.backward.serial(list, &self.from, u32::MAX, stop);
        for i in (0..self.is_free.len()).filter(|&i| self.is_free[i]) {
            start_time[i] = -self.backward.time(self.backward.end[i]);
        }
        Passage { passed, placed, late: 0 }
    }
}
