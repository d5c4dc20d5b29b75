//! The idle gaps of one processor, in blocks that are skipped when none of their gaps is long enough.
//!
//! Gaps are sorted and disjoint; the open end of the timeline is kept by the caller. A gap shorter than the shortest task of the
//! processor can never be used, so it is never stored, which keeps the lists short on busy processors.

/// Gaps per block.
const BLOCK: usize = 64;

#[derive(Debug, Clone, Copy, PartialEq)]
struct Gap {
    start: f64,
    end: f64,
}

impl Gap {
    /// At least every `w` that fits: `start + w <= end` in floats, so the difference is rounded up.
    #[inline]
    fn room(self) -> f64 {
        let slack = 4.0 * f64::EPSILON;
        (self.end - self.start) * (1.0 + slack) + self.end.abs() * slack
    }
}

/// What is known of a block without looking into it.
#[derive(Debug, Clone, Copy)]
struct Summary {
    end: f64,
    room: f64,
}

/// The gaps of one processor.
#[derive(Debug, Clone, Default)]
pub(crate) struct Gaps {
    blocks: Vec<Vec<Gap>>,
    summary: Vec<Summary>,
    shortest: f64,
}

impl Gaps {
    /// No gaps; `shortest` is the least time that anything takes here.
    pub(crate) fn new(shortest: f64) -> Self {
        Self { shortest, ..Self::default() }
    }

    /// Start and end of the last gap, and the end of the one before; minus infinity where there is none.
    #[inline]
    pub(crate) fn last(&self) -> (f64, f64, f64) {
        const NONE: f64 = f64::NEG_INFINITY;
        let Some(block) = self.blocks.last() else { return (NONE, NONE, NONE) };
        let gap = block[block.len() - 1];
        let before = match block.len() {
            1 => self.summary.len().checked_sub(2).map_or(NONE, |b| self.summary[b].end),
            length => block[length - 2].end,
        };
        (gap.start, gap.end, before)
    }

    /// No gap has room for more.
    #[inline]
    pub(crate) fn room(&self) -> f64 {
        self.summary.iter().fold(f64::NEG_INFINITY, |room, block| room.max(block.room))
    }

    /// The earliest start at or after `ready` in a gap that holds `w`.
    pub(crate) fn earliest(&self, ready: f64, w: f64) -> Option<f64> {
        let need = ready + w;
        let first = self.summary.partition_point(|block| block.end < need);
        for (block, summary) in self.blocks[first..].iter().zip(&self.summary[first..]) {
            if summary.room < w {
                continue;
            }
            let from = block.partition_point(|gap| gap.end < need);
            for gap in &block[from..] {
                let start = ready.max(gap.start);
                if start + w <= gap.end {
                    return Some(start);
                }
            }
        }
        None
    }

    /// Adds the gap behind all others.
    pub(crate) fn push(&mut self, start: f64, end: f64) {
        if start + self.shortest > end {
            return;
        }
        if self.blocks.last().is_none_or(|block| block.len() >= BLOCK) {
            self.blocks.push(Vec::with_capacity(BLOCK + 1));
            self.summary.push(Summary { end, room: f64::NEG_INFINITY });
        }
        let gap = Gap { start, end };
        let last = self.blocks.len() - 1;
        self.blocks[last].push(gap);
        let summary = &mut self.summary[last];
        *summary = Summary { end, room: summary.room.max(gap.room()) };
    }

    /// Takes `[start, end]`, which lies inside one gap, out of it.
    pub(crate) fn take(&mut self, start: f64, end: f64) {
        let b = self.summary.partition_point(|block| block.end < end);
        let block = &mut self.blocks[b];
        let k = block.partition_point(|gap| gap.end < end);
        let gap = block[k];
        debug_assert!(gap.start <= start && end <= gap.end, "the interval must lie inside a gap");
        let left = gap.start + self.shortest <= start;
        // Something without length at the gap's end leaves the left piece, which ends there too.
        let right = end + self.shortest <= gap.end && !(left && start == gap.end);
        match (left, right) {
            (true, true) => {
                block[k].end = start;
                block.insert(k + 1, Gap { start: end, end: gap.end });
            }
            (true, false) => block[k].end = start,
            (false, true) => block[k].start = end,
            (false, false) => {
                block.remove(k);
            }
        }
        if block.len() > BLOCK {
            let rest = block.split_off(BLOCK / 2);
            self.summary.insert(b + 1, summarise(&rest));
            self.blocks.insert(b + 1, rest);
        }
        if self.blocks[b].is_empty() {
            self.blocks.remove(b);
            self.summary.remove(b);
        } else {
            self.summary[b] = summarise(&self.blocks[b]);
        }
    }
}

fn summarise(block: &[Gap]) -> Summary {
    let room = block.iter().fold(f64::NEG_INFINITY, |room, gap| room.max(gap.room()));
    Summary { end: block[block.len() - 1].end, room }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// The definition: busy intervals in order, and the first hole that holds the task.
    fn linear(busy: &[(f64, f64)], ready: f64, w: f64) -> f64 {
        let mut free_from = 0.0_f64;
        for &(start, end) in busy {
            let candidate = ready.max(free_from);
            if candidate + w <= start {
                return candidate;
            }
            free_from = end;
        }
        ready.max(free_from)
    }

    proptest! {
        #[test]
        fn starts_are_those_of_a_linear_scan(
            tasks in prop::collection::vec((0_u32..3000, 0_u32..12), 0..600), shortest in 0_u32..3, unit in prop_oneof![Just(1.0), Just(0.1)],
        ) {
            let mut busy: Vec<(f64, f64)> = Vec::new();
            let mut gaps = Gaps::new(f64::from(shortest) * unit);
            let mut tail = 0.0_f64;
            for (ready, w) in tasks {
                let (ready, w) = (f64::from(ready) * unit, f64::from(w.max(shortest)) * unit);
                let expected = linear(&busy, ready, w);
                let found = gaps.earliest(ready, w);
                prop_assert!(found.is_none() || (w <= gaps.room() && ready + w <= gaps.last().1));
                let start = found.unwrap_or(ready.max(tail));
                prop_assert_eq!(start, expected);
                if found.is_some() {
                    gaps.take(start, start + w);
                } else {
                    gaps.push(tail, start);
                    tail = start + w;
                }
                let k = busy.partition_point(|&interval| interval < (start, start + w));
                busy.insert(k, (start, start + w));
            }
        }
    }
}
