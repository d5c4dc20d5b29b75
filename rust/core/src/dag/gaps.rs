//! The idle gaps of one processor, in blocks that are skipped when none of their gaps is long enough.
//!
//! Gaps are sorted and disjoint; the open end of the timeline is kept by the caller. A gap shorter than the shortest task of the
//! processor can never be used, so it is never stored, which keeps the lists short on busy processors.

/// Gaps per block: one search looks at all their ends at once, so a block is a few cache lines.
const BLOCK: usize = 16;

/// Blocks at the end that are summarised apart: a schedule mostly grows there, whatever room its past has left.
const RECENT: usize = 1;

/// Gaps in order, by column; unused places hold infinity, which no search stops at.
#[derive(Debug, Clone, Copy)]
struct Block {
    start: [f64; BLOCK],
    end: [f64; BLOCK],
    length: usize,
}

impl Block {
    const EMPTY: Self = Self { start: [f64::INFINITY; BLOCK], end: [f64::INFINITY; BLOCK], length: 0 };

    /// The first gap that ends at `time` or later: counting is faster than a binary search, whose steps wait for each other.
    #[inline(always)]
    fn first_ending_from(&self, time: f64) -> usize {
        self.end.iter().fold(0, |count, &end| count + u64::from(end < time)) as usize
    }

    fn insert(&mut self, k: usize, start: f64, end: f64) {
        self.start.copy_within(k..self.length, k + 1);
        self.end.copy_within(k..self.length, k + 1);
        (self.start[k], self.end[k]) = (start, end);
        self.length += 1;
    }

    fn remove(&mut self, k: usize) {
        self.start.copy_within(k + 1..self.length, k);
        self.end.copy_within(k + 1..self.length, k);
        self.truncate(self.length - 1);
    }

    fn truncate(&mut self, length: usize) {
        self.start[length..self.length].fill(f64::INFINITY);
        self.end[length..self.length].fill(f64::INFINITY);
        self.length = length;
    }

    /// The second half, which this block loses.
    fn split(&mut self) -> Self {
        let mut rest = Self::EMPTY;
        for k in BLOCK / 2..self.length {
            rest.insert(rest.length, self.start[k], self.end[k]);
        }
        self.truncate(BLOCK / 2);
        rest
    }

    /// At least every `w` that fits into a gap: `start + w <= end` in floats, so the difference is rounded up.
    fn room(&self) -> f64 {
        let slack = 4.0 * f64::EPSILON;
        let rooms = self.start.iter().zip(&self.end).map(|(start, end)| (end - start) * (1.0 + slack) + end.abs() * slack);
        rooms.take(self.length).fold(f64::NEG_INFINITY, |most, room| if room > most { room } else { most })
    }
}

/// What is known of a block without looking into it, and where it lies.
#[derive(Debug, Clone, Copy)]
struct Summary {
    end: f64,
    room: f64,
    block: usize,
}

/// The gaps of one processor.
#[derive(Debug, Clone, Default)]
pub(crate) struct Gaps {
    /// In no order, so that a new block in the middle moves no other.
    blocks: Vec<Block>,
    unused: Vec<usize>,
    /// In order of time.
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
        let Some((last, others)) = self.summary.split_last() else { return (NONE, NONE, NONE) };
        let block = &self.blocks[last.block];
        let k = block.length - 1;
        let before = if k > 0 { block.end[k - 1] } else { others.last().map_or(NONE, |before| before.end) };
        (block.start[k], block.end[k], before)
    }

    /// The end of the last gap in all but the newest blocks, and an upper bound on what a gap of the newest ones holds.
    #[inline]
    pub(crate) fn recent(&self) -> (f64, f64) {
        let old = self.summary.len().saturating_sub(RECENT);
        let end = old.checked_sub(1).map_or(f64::NEG_INFINITY, |b| self.summary[b].end);
        let room =
            self.summary[old..].iter().fold(f64::NEG_INFINITY, |most, block| if block.room > most { block.room } else { most });
        (end, room)
    }

    /// The earliest start at or after `ready` in a gap that holds `w`, if that ends by `limit`.
    #[inline(always)]
    pub(crate) fn earliest(&self, ready: f64, w: f64, limit: f64) -> Option<f64> {
        let need = ready + w;
        let old = self.summary.len().saturating_sub(RECENT);
        let first = if old > 0 && self.summary[old - 1].end >= need {
            self.summary[..old].partition_point(|block| block.end < need)
        } else {
            old
        };
        for summary in &self.summary[first..] {
            if summary.room < w || summary.end < need {
                continue;
            }
            let block = &self.blocks[summary.block];
            for k in block.first_ending_from(need)..block.length {
                let start = if block.start[k] > ready { block.start[k] } else { ready };
                if start + w > limit {
                    return None;
                }
                if start + w <= block.end[k] {
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
        if self.summary.last().is_none_or(|last| self.blocks[last.block].length == BLOCK) {
            self.add(self.summary.len(), &Block::EMPTY);
        }
        let b = self.summary.len() - 1;
        let block = &mut self.blocks[self.summary[b].block];
        block.insert(block.length, start, end);
        self.summarise(b);
    }

    /// Takes `[start, end]`, which lies inside one gap, out of it.
    pub(crate) fn take(&mut self, start: f64, end: f64) {
        let mut b = self.summary.partition_point(|block| block.end < end);
        if self.blocks[self.summary[b].block].length == BLOCK {
            // Room for one more gap.
            let rest = self.blocks[self.summary[b].block].split();
            self.add(b + 1, &rest);
            self.summarise(b);
            self.summarise(b + 1);
            b += usize::from(self.summary[b].end < end);
        }
        let block = &mut self.blocks[self.summary[b].block];
        let k = block.first_ending_from(end);
        let (from, until) = (block.start[k], block.end[k]);
        debug_assert!(from <= start && end <= until, "the interval must lie inside a gap");
        let left = from + self.shortest <= start;
        // Something without length at the gap's end leaves the left piece, which ends there too.
        let right = end + self.shortest <= until && !(left && start == until);
        match (left, right) {
            (true, true) => {
                block.end[k] = start;
                block.insert(k + 1, end, until);
            }
            (true, false) => block.end[k] = start,
            (false, true) => block.start[k] = end,
            (false, false) => block.remove(k),
        }
        if block.length == 0 {
            self.unused.push(self.summary.remove(b).block);
        } else {
            self.summarise(b);
        }
    }

    /// Makes `block` the one at place `b`.
    fn add(&mut self, b: usize, block: &Block) {
        let place = self.unused.pop().unwrap_or(self.blocks.len());
        if place == self.blocks.len() {
            self.blocks.push(*block);
        } else {
            self.blocks[place] = *block;
        }
        self.summary.insert(b, Summary { end: f64::NEG_INFINITY, room: f64::NEG_INFINITY, block: place });
    }

    fn summarise(&mut self, b: usize) {
        let summary = &mut self.summary[b];
        let block = &self.blocks[summary.block];
        (summary.end, summary.room) = (block.end[block.length - 1], block.room());
    }
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
                let found = gaps.earliest(ready, w, f64::INFINITY);
                let (old, room) = gaps.recent();
                prop_assert!(found.is_none() || ((ready + w <= old || w <= room) && ready + w <= gaps.last().1));
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
