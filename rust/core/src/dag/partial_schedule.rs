//! The state of a list scheduler: the tasks placed so far, and the idle times of the processors.

use super::Schedule;
use super::graph::TaskGraph;
use super::network::Links;
use super::past::Past;
use super::rank::{RankCost, weights_and_shortest};
use super::tie::Tie;
use crate::control::Pulse;
use crate::timeline::unary::ProcessorTimelines;
use crate::timeline::unary::gap_bitmap::BusyInterval;

/// Finish and processor of a placed task.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Placed {
    pub(crate) finish: f64,
    pub(crate) processor: u32,
}

/// The value for tasks that are not placed.
pub(crate) const NOWHERE: Placed = Placed { finish: f64::NAN, processor: u32::MAX };

/// A schedule under construction.
#[derive(Debug, Clone)]
pub(crate) struct PartialSchedule<'a> {
    pub(crate) graph: &'a TaskGraph,
    pub(crate) links: &'a Links<'a>,
    pub(crate) now: f64,
    pub(crate) timelines: ProcessorTimelines,
    pub(crate) placed: Vec<Placed>,
    pub(crate) start: Vec<f64>,
    /// Stops the construction.
    pub(crate) pulse: Pulse,
}

impl<'a> PartialSchedule<'a> {
    /// A schedule that holds the past alone.
    pub(crate) fn new(graph: &'a TaskGraph, links: &'a Links<'a>, past: &Past, insertion: bool, pulse: &Pulse) -> Self {
        let (_, shortest) = weights_and_shortest(graph, RankCost::Best, pulse);
        Self::with_shortest(graph, links, past, insertion, &shortest, pulse)
    }

    /// As [`new`](Self::new), with the least cost of any task on each processor given.
    pub(crate) fn with_shortest(
        graph: &'a TaskGraph,
        links: &'a Links<'a>,
        past: &Past,
        insertion: bool,
        shortest: &[f64],
        pulse: &Pulse,
    ) -> Self {
        let n = graph.num_tasks();
        let busy = past.fixed().iter().map(|f| (f.start, f.end, f.processor)).collect();
        let timelines = ProcessorTimelines::new(shortest, insertion, past.now(), busy);
        let (placed, start) = (vec![NOWHERE; n], vec![0.0; n]);
        let mut partial = Self { graph, links, now: past.now(), timelines, placed, start, pulse: pulse.clone() };
        for f in past.fixed() {
            partial.placed[f.task] = Placed { finish: f.end, processor: f.processor as u32 };
            partial.start[f.task] = f.start;
        }
        partial
    }

    /// Whether `task` is placed.
    pub(crate) fn is_placed(&self, task: usize) -> bool {
        self.placed[task].processor != u32::MAX
    }

    /// The time from which `task` may start on each processor: its placed predecessors have ended and their data arrived.
    pub(crate) fn ready(&self, task: usize, ready: &mut [f64]) {
        ready.fill(self.now);
        for (i, data) in self.graph.incoming(task) {
            let Placed { finish, processor } = self.placed[i];
            if processor == u32::MAX {
                continue;
            }
            for (q, ready) in ready.iter_mut().enumerate() {
                *ready = ready.max(finish + self.links.time(data, processor as usize, q));
            }
        }
    }

    /// Places `task`; the answer is that of [`ProcessorTimelines::occupy`].
    pub(crate) fn place(&mut self, task: usize, p: usize, start: f64, finish: f64) -> (BusyInterval, Option<f64>) {
        self.placed[task] = Placed { finish, processor: p as u32 };
        self.start[task] = start;
        self.timelines.occupy(p, start, finish)
    }

    /// A task's times on processor `p`.
    pub(crate) fn on(&self, p: usize, costs: &[f64], ready: &[f64]) -> Choice {
        let start = self.timelines.earliest(p, ready[p], costs[p]);
        Choice { processor: p, start, finish: start + costs[p] }
    }

    /// The processor where a task ends first, ties by lower index, and its start and finish there.
    pub(crate) fn earliest_finish(&self, costs: &[f64], ready: &[f64]) -> Choice {
        self.best(costs, ready, Tie::Index, |_, finish| finish)
    }

    /// The processor of least score, given the processor and the finish there.
    #[inline]
    pub(crate) fn best(&self, row: &[f64], ready: &[f64], tie: Tie, score: impl Fn(usize, f64) -> f64) -> Choice {
        let mut best = Choice { processor: usize::MAX, start: 0.0, finish: f64::INFINITY };
        let mut least = f64::INFINITY;
        for (p, (&w, &ready)) in row.iter().zip(ready).enumerate() {
            if w.is_infinite() {
                continue;
            }
            let start = self.timelines.earliest(p, ready, w);
            let finish = start + w;
            let score = score(p, finish);
            if tie.prefers(score, finish, (least, best.finish)) {
                (least, best) = (score, Choice { processor: p, start, finish });
            }
        }
        best
    }

    /// The finished schedule.
    pub(crate) fn into_schedule(self) -> Schedule {
        let completion_time: Vec<f64> = self.placed.iter().map(|placed| placed.finish).collect();
        let processor = self.placed.iter().map(|placed| placed.processor).collect();
        Schedule { makespan: last(&completion_time), processor, start_time: self.start, completion_time, copies: Vec::new() }
    }
}

/// A processor for a task, and the times there.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Choice {
    pub(crate) processor: usize,
    pub(crate) start: f64,
    pub(crate) finish: f64,
}

/// The largest completion time, 0 if there is none.
pub(crate) fn last(completion_time: &[f64]) -> f64 {
    completion_time.iter().copied().reduce(f64::max).unwrap_or(0.0)
}
