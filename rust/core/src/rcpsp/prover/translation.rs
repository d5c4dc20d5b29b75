//! The way back from slots to times, for projects with constraints or a fixed past.

use crate::rcpsp::{Project, Schedule};

use super::clock::Clock;

/// How times of a project and slots of its intervals belong together.
#[derive(Debug)]
pub(super) struct Translation {
    /// The activities that are intervals.
    pub free: Vec<usize>,
    /// Stops while calendars close to all activities.
    pub common: Clock,
    /// Never stops.
    pub real: Clock,
    /// Whether each interval, the makespan included, is read on the clock that never stops.
    pub on_real: Vec<bool>,
    /// The earliest start of each activity.
    pub earliest: Vec<i64>,
    /// Start and end of those that are fixed.
    pub fixed: Vec<Option<(i64, i64)>>,
    /// No makespan is shorter, because of fixed activities and earliest starts.
    pub done: i64,
}

impl Translation {
    /// The clock that an interval is read on.
    pub fn clock(&self, interval: usize) -> &Clock {
        if self.on_real[interval] { &self.real } else { &self.common }
    }

    /// The slots of these start times, by interval.
    pub fn slots<'a>(&'a self, start_time: &'a [i64]) -> impl Iterator<Item = i32> + 'a {
        self.free.iter().enumerate().map(|(k, &i)| self.clock(k).elapsed(start_time[i]) as i32)
    }

    /// The start times that these slots stand for; what takes no time happens when its predecessors are done.
    pub fn start_time(&self, project: &Project, slots: &[i32]) -> Vec<i64> {
        let n = project.num_activities();
        let mut place = vec![usize::MAX; n];
        self.free.iter().enumerate().for_each(|(k, &i)| place[i] = k);
        let (mut start, mut end) = (vec![0; n], vec![0; n]);
        let (rows, relation, lag) = (project.graph().predecessors(), &project.data().relation, &project.data().lag);
        for &i in project.graph().topological_order() {
            let i = i as usize;
            (start[i], end[i]) = if let Some(span) = self.fixed[i] {
                span
            } else if project.duration()[i] > 0 {
                let start = self.common.moment(i64::from(slots[place[i]]));
                (start, project.completion(i, start))
            } else {
                let before = rows.of(i).iter().zip(rows.edges_of(i)).map(|(&j, &edge)| {
                    let event = if relation[edge as usize].from_finish() { &end } else { &start };
                    event[j as usize] + lag[edge as usize]
                });
                let start = before.fold(self.earliest[i], i64::max);
                (start, start)
            };
        }
        start
    }

    /// The schedule of these start times, with fixed activities as they are.
    pub fn schedule(&self, project: &Project, start_time: Vec<i64>) -> Schedule {
        let planned = |i: usize| project.completion(i, start_time[i]);
        let completion_time: Vec<i64> =
            (0..start_time.len()).map(|i| self.fixed[i].map_or_else(|| planned(i), |(_, end)| end)).collect();
        let makespan = completion_time.iter().copied().max().unwrap_or(0);
        Schedule { start_time, completion_time, makespan }
    }

    /// The largest objective of schedules shorter than `makespan`; `None` if there are none.
    pub fn shorter(&self, makespan: i64) -> Option<i32> {
        (self.done < makespan).then(|| self.clock(self.free.len()).elapsed(makespan - 1) as i32)
    }

    /// No schedule is shorter if no objective is smaller.
    pub fn makespan(&self, objective: i32) -> i64 {
        let clock = self.clock(self.free.len());
        match i64::from(objective).min(clock.total()) {
            ..=0 => self.done,
            reading => clock.end(reading).max(self.done),
        }
    }
}
