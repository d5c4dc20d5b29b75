//! Unary machines: when each of several processors is idle, with placements that can be taken back.
//!
//! | file | does | gain |
//! | --- | --- | --- |
//! | `mod.rs` | [`ProcessorTimelines`]: the gaps and the open end of each processor | |
//! | `gaps.rs` | the gaps of one processor, in blocks and groups of blocks that a search skips | a search among many short gaps skips 256 at a time |
//! | `gap_bitmap.rs` | a bitmap of all timelines that rules out most gaps at once | used where all links take equal times; see `dag/uniform.rs` |

pub(crate) mod gap_bitmap;
pub(crate) mod gaps;

use gap_bitmap::BusyInterval;
use gaps::{Fit, Gaps, UndoRecord};

/// The processors' timelines.
#[derive(Debug, Clone)]
pub(crate) struct ProcessorTimelines {
    gaps: Vec<Gaps>,
    insertion: bool,
    /// From here on each processor is idle for good.
    pub(crate) tail: Vec<f64>,
    /// The end of each processor's last gap.
    pub(crate) last_end: Vec<f64>,
}

impl ProcessorTimelines {
    /// Processors that are idle from `now` on, except for the `(start, end, processor)` of `busy`; nothing takes less than `shortest`
    /// on a processor. Without `insertion`, gaps between placements are not kept.
    pub(crate) fn new(shortest: &[f64], insertion: bool, now: f64, mut busy: Vec<(f64, f64, usize)>) -> Self {
        let width = shortest.len();
        let mut timelines = Self {
            gaps: shortest.iter().map(|&w| Gaps::new(w)).collect(),
            insertion,
            tail: vec![now; width],
            last_end: vec![f64::NEG_INFINITY; width],
        };
        busy.sort_by(|a, b| a.0.total_cmp(&b.0).then(a.1.total_cmp(&b.1)));
        for (start, end, p) in busy {
            if end >= now {
                timelines.append(p, start, end.max(timelines.tail[p]));
            }
        }
        timelines
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
    pub(crate) fn longest_fit_from(&self, p: usize, time: f64) -> f64 {
        self.gaps[p].longest_fit_from(time)
    }

    /// Marks `[start, end]`, where the processor is idle, as busy. Says what is busy around it now, and what a gap that it leaves
    /// before it, behind all others, holds at most.
    #[inline]
    pub(crate) fn occupy(&mut self, p: usize, start: f64, end: f64) -> (BusyInterval, Option<f64>) {
        if start >= self.tail[p] {
            self.append(p, start, end)
        } else {
            let busy = self.gaps[p].take(start, end);
            self.last_end[p] = self.gaps[p].last_end();
            (busy, None)
        }
    }

    fn append(&mut self, p: usize, start: f64, end: f64) -> (BusyInterval, Option<f64>) {
        let longest_fit = if self.insertion { self.gaps[p].push(self.tail[p], start) } else { None };
        let (before, from) = if longest_fit.is_some() { (start, start) } else { (self.last_end[p], self.tail[p]) };
        self.tail[p] = end;
        if longest_fit.is_some() {
            self.last_end[p] = start;
        }
        (BusyInterval { before, from, until: end, after: end }, longest_fit)
    }

    /// [`occupy`](Self::occupy) on trial: [`undo`](Self::undo) takes it back, the last one first.
    pub(crate) fn try_occupy(&mut self, p: usize, start: f64, end: f64) -> TrialPlacement {
        let (tail, last_end) = (self.tail[p], self.last_end[p]);
        let trial = TrialPlacement { processor: p, before: self.gaps[p].remember(end, start < tail), tail, last_end };
        self.occupy(p, start, end);
        trial
    }

    /// Takes the last change of a processor's timeline back.
    pub(crate) fn undo(&mut self, trial: &TrialPlacement) {
        let p = trial.processor;
        self.gaps[p].undo(&trial.before);
        (self.tail[p], self.last_end[p]) = (trial.tail, trial.last_end);
    }
}

/// A processor's timeline before something was placed there on trial.
#[derive(Debug)]
pub(crate) struct TrialPlacement {
    processor: usize,
    before: UndoRecord,
    tail: f64,
    last_end: f64,
}
