//! The state of a list scheduler: what is placed where, and where the processors are idle.

use super::Schedule;
use super::gaps::{Before, Fit, Gaps};
use super::graph::TaskGraph;
use super::network::Links;
use super::past::Past;
use super::rank::{RankCost, survey};
use super::sketch::Busy;
use super::tie::Tie;
use crate::control::Pulse;

/// The processors' timelines.
#[derive(Debug, Clone)]
pub(crate) struct Lanes {
    gaps: Vec<Gaps>,
    insertion: bool,
    /// From here on each processor is idle for good.
    pub(crate) tail: Vec<f64>,
    /// The end of each processor's last gap.
    pub(crate) last_end: Vec<f64>,
}

impl Lanes {
    /// Idle processors from `now` on, except for the past.
    pub(crate) fn new(shortest: &[f64], past: &Past, insertion: bool) -> Self {
        let width = shortest.len();
        let mut lanes = Self {
            gaps: shortest.iter().map(|&w| Gaps::new(w)).collect(),
            insertion,
            tail: vec![past.now(); width],
            last_end: vec![f64::NEG_INFINITY; width],
        };
        let mut intervals: Vec<(f64, f64, usize)> = past.fixed().iter().map(|f| (f.start, f.end, f.processor)).collect();
        intervals.sort_by(|a, b| a.0.total_cmp(&b.0).then(a.1.total_cmp(&b.1)));
        for (start, end, p) in intervals {
            if end >= past.now() {
                lanes.append(p, start, end.max(lanes.tail[p]));
            }
        }
        lanes
    }

    /// Idle processors from `now` on, in the memory of what was there before; nothing takes less than `shortest` on a processor.
    pub(crate) fn clear(&mut self, now: f64, shortest: &[f64]) {
        for (gaps, &shortest) in self.gaps.iter_mut().zip(shortest) {
            gaps.clear(shortest);
        }
        self.tail.fill(now);
        self.last_end.fill(f64::NEG_INFINITY);
    }

    /// The earliest start of something that takes `w` and may start at `ready`.
    #[inline]
    pub(crate) fn earliest(&self, p: usize, ready: f64, w: f64) -> f64 {
        let tail = self.tail[p];
        if ready >= tail {
            return ready;
        }
        match self.in_gap(p, ready, w, f64::INFINITY) {
            Fit::At(start) => start,
            Fit::Late | Fit::Nowhere => tail,
        }
    }

    /// The earliest start inside a gap, if one holds it and it ends by `limit`.
    #[inline(always)]
    pub(crate) fn in_gap(&self, p: usize, ready: f64, w: f64, limit: f64) -> Fit {
        if ready + w <= self.last_end[p] { self.gaps[p].earliest(ready, w, limit) } else { Fit::Nowhere }
    }

    /// At least every `w` that fits into a gap of processor `p` that ends at `time` or later.
    pub(crate) fn room_from(&self, p: usize, time: f64) -> f64 {
        self.gaps[p].room_from(time)
    }

    /// Marks `[start, end]`, where the processor is idle, as busy. Says what is busy around it now, and what a gap that it leaves
    /// before it, behind all others, holds at most.
    #[inline]
    pub(crate) fn occupy(&mut self, p: usize, start: f64, end: f64) -> (Busy, Option<f64>) {
        if start >= self.tail[p] {
            self.append(p, start, end)
        } else {
            let busy = self.gaps[p].take(start, end);
            self.last_end[p] = self.gaps[p].last_end();
            (busy, None)
        }
    }

    fn append(&mut self, p: usize, start: f64, end: f64) -> (Busy, Option<f64>) {
        let room = if self.insertion { self.gaps[p].push(self.tail[p], start) } else { None };
        let (before, from) = if room.is_some() { (start, start) } else { (self.last_end[p], self.tail[p]) };
        self.tail[p] = end;
        if room.is_some() {
            self.last_end[p] = start;
        }
        (Busy { before, from, until: end, after: end }, room)
    }

    /// [`occupy`](Self::occupy) on trial: [`undo`](Self::undo) takes it back, the last one first.
    pub(crate) fn try_occupy(&mut self, p: usize, start: f64, end: f64) -> Trial {
        let (tail, last_end) = (self.tail[p], self.last_end[p]);
        let trial = Trial { processor: p, before: self.gaps[p].remember(end, start < tail), tail, last_end };
        self.occupy(p, start, end);
        trial
    }

    /// Takes the last change of a processor's timeline back.
    pub(crate) fn undo(&mut self, trial: &Trial) {
        let p = trial.processor;
        self.gaps[p].undo(&trial.before);
        (self.tail[p], self.last_end[p]) = (trial.tail, trial.last_end);
    }
}

/// A processor's timeline before something was placed there on trial.
#[derive(Debug)]
pub(crate) struct Trial {
    processor: usize,
    before: Before,
    tail: f64,
    last_end: f64,
}

/// When and where a placed task ends.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Placed {
    pub(crate) finish: f64,
    pub(crate) processor: u32,
}

/// Not placed yet.
pub(crate) const NOWHERE: Placed = Placed { finish: f64::NAN, processor: u32::MAX };

/// Everything a list scheduler knows while it works.
#[derive(Debug, Clone)]
pub(crate) struct Board<'a> {
    pub(crate) graph: &'a TaskGraph,
    pub(crate) links: &'a Links<'a>,
    pub(crate) now: f64,
    pub(crate) lanes: Lanes,
    pub(crate) placed: Vec<Placed>,
    pub(crate) start: Vec<f64>,
    /// Stops the construction.
    pub(crate) pulse: Pulse,
}

impl<'a> Board<'a> {
    /// The past and nothing else.
    pub(crate) fn new(graph: &'a TaskGraph, links: &'a Links<'a>, past: &Past, insertion: bool, pulse: &Pulse) -> Self {
        let (_, shortest) = survey(graph, RankCost::Best, pulse);
        Self::with_shortest(graph, links, past, insertion, &shortest, pulse)
    }

    /// The same where the least cost of any task on each processor is known already.
    pub(crate) fn with_shortest(
        graph: &'a TaskGraph,
        links: &'a Links<'a>,
        past: &Past,
        insertion: bool,
        shortest: &[f64],
        pulse: &Pulse,
    ) -> Self {
        let n = graph.num_tasks();
        let lanes = Lanes::new(shortest, past, insertion);
        let (placed, start) = (vec![NOWHERE; n], vec![0.0; n]);
        let mut board = Self { graph, links, now: past.now(), lanes, placed, start, pulse: pulse.clone() };
        for f in past.fixed() {
            board.placed[f.task] = Placed { finish: f.end, processor: f.processor as u32 };
            board.start[f.task] = f.start;
        }
        board
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

    /// Places `task`; the answer is that of [`Lanes::occupy`].
    pub(crate) fn place(&mut self, task: usize, p: usize, start: f64, finish: f64) -> (Busy, Option<f64>) {
        self.placed[task] = Placed { finish, processor: p as u32 };
        self.start[task] = start;
        self.lanes.occupy(p, start, finish)
    }

    /// The processor where `task` ends first, ties by lower index, and its start and finish there.
    pub(crate) fn earliest_finish(&self, row: &[f64], ready: &[f64]) -> Choice {
        self.best(row, ready, Tie::Index, |_, finish| finish)
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
            let start = self.lanes.earliest(p, ready, w);
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
