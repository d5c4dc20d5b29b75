//! The idle gaps of one processor, in blocks that are skipped when none of their gaps is long enough.
//!
//! Blocks are grouped once more, so that a search among very many short gaps skips a group at a time.
//!
//! Gaps are sorted and disjoint; the open end of the timeline is kept by the caller. A gap shorter than the shortest task of the
//! processor can never be used, so it is never stored, which keeps the lists short on busy processors.

use super::gap_bitmap::BusyInterval;

/// Gaps per block: one search looks at all their ends at once, so a block is a few cache lines.
const BLOCK: usize = 16;

/// Blocks per group.
const GROUP: usize = 16;

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

    /// At least every `w` that fits into one of the gaps.
    fn longest_fit(&self) -> f64 {
        let fits = self.start.iter().zip(&self.end).map(|(&start, &end)| longest_fit(start, end));
        fits.take(self.length).fold(f64::NEG_INFINITY, |most, longest_fit| if longest_fit > most { longest_fit } else { most })
    }
}

/// A processor's gaps before a change: how many blocks there were, and the one that is about to change.
#[derive(Debug, Clone, Copy)]
pub(crate) struct UndoRecord {
    blocks: usize,
    at: usize,
    block: Option<Block>,
}

/// The result of a search for a gap.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Fit {
    /// The earliest start.
    At(f64),
    /// Into no gap that ends it by the limit, perhaps into a later one.
    Late,
    /// Into no gap at all.
    Nowhere,
}

/// The gaps of one processor.
#[derive(Debug, Clone, Default)]
pub(crate) struct Gaps {
    /// In no order, so that a new block in the middle moves no other.
    blocks: Vec<Block>,
    unused: Vec<u32>,
    /// Blocks in order of time, and the summary of each: the end of its last gap and its [`Block::longest_fit`].
    order: Vec<u32>,
    end: Vec<f64>,
    longest_fit: Vec<f64>,
    /// For each [`GROUP`] of blocks in order of time, the largest of their `longest_fit`.
    group_longest_fit: Vec<f64>,
    shortest: f64,
}

impl Gaps {
    /// No gaps; `shortest` is the least time that anything takes here.
    pub(crate) fn new(shortest: f64) -> Self {
        Self { shortest, ..Self::default() }
    }

    /// Forgets all gaps, but not their memory.
    pub(crate) fn clear(&mut self, shortest: f64) {
        self.shortest = shortest;
        self.blocks.clear();
        self.unused.clear();
        self.order.clear();
        self.end.clear();
        self.longest_fit.clear();
        self.group_longest_fit.clear();
    }

    /// The end of the last gap; minus infinity if there is none.
    #[inline]
    pub(crate) fn last_end(&self) -> f64 {
        self.end.last().copied().unwrap_or(f64::NEG_INFINITY)
    }

    /// At least every `w` that fits into a gap that ends at `time` or later.
    pub(crate) fn longest_fit_from(&self, time: f64) -> f64 {
        let first = self.first_block(time);
        self.longest_fit[first..]
            .iter()
            .fold(f64::NEG_INFINITY, |most, &longest_fit| if longest_fit > most { longest_fit } else { most })
    }

    /// The first block with a gap that ends at `time` or later. A schedule mostly grows at its end.
    #[inline(always)]
    fn first_block(&self, time: f64) -> usize {
        match self.end.len() {
            0 => 0,
            1 => usize::from(self.end[0] < time),
            n if self.end[n - 2] < time => n - usize::from(self.end[n - 1] >= time),
            n => self.end[..n - 1].partition_point(|&end| end < time),
        }
    }

    /// The earliest start at or after `ready` in a gap that holds `w`, if that ends by `limit`.
    #[inline(always)]
    pub(crate) fn earliest(&self, ready: f64, w: f64, limit: f64) -> Fit {
        let need = ready + w;
        let mut b = self.first_block(need);
        while b < self.end.len() {
            if b.is_multiple_of(GROUP) && self.group_longest_fit[b / GROUP] < w {
                b += GROUP;
                if self.end[b.min(self.end.len()) - 1] + w > limit {
                    return Fit::Late;
                }
                continue;
            }
            if self.longest_fit[b] >= w {
                let block = &self.blocks[self.order[b] as usize];
                for k in block.first_ending_from(need)..block.length {
                    let start = if block.start[k] > ready { block.start[k] } else { ready };
                    if start + w > limit {
                        return Fit::Late;
                    }
                    if start + w <= block.end[k] {
                        return Fit::At(start);
                    }
                }
            }
            if self.end[b] + w > limit {
                return Fit::Late;
            }
            b += 1;
        }
        Fit::Nowhere
    }

    /// Adds the gap behind all others, if it is long enough, and says what it holds at most.
    pub(crate) fn push(&mut self, start: f64, end: f64) -> Option<f64> {
        if start + self.shortest > end {
            return None;
        }
        if self.order.last().is_none_or(|&last| self.blocks[last as usize].length == BLOCK) {
            self.add(self.order.len(), &Block::EMPTY);
        }
        let b = self.order.len() - 1;
        let block = &mut self.blocks[self.order[b] as usize];
        block.insert(block.length, start, end);
        let longest_fit = longest_fit(start, end);
        self.end[b] = end;
        self.longest_fit[b] = if longest_fit > self.longest_fit[b] { longest_fit } else { self.longest_fit[b] };
        let group = &mut self.group_longest_fit[b / GROUP];
        *group = if longest_fit > *group { longest_fit } else { *group };
        Some(longest_fit)
    }

    /// Takes `[start, end]`, which lies inside one gap, out of it.
    pub(crate) fn take(&mut self, start: f64, end: f64) -> BusyInterval {
        let mut b = self.first_block(end);
        if self.blocks[self.order[b] as usize].length == BLOCK {
            // Room for one more gap.
            let rest = self.blocks[self.order[b] as usize].split();
            self.add(b + 1, &rest);
            self.update_summary(b);
            self.update_summary(b + 1);
            b += usize::from(self.end[b] < end);
        }
        let block = &mut self.blocks[self.order[b] as usize];
        let k = block.first_ending_from(end);
        let (from, until) = (block.start[k], block.end[k]);
        debug_assert!(from <= start && end <= until, "the interval must lie inside a gap");
        let left = from + self.shortest <= start;
        // Something without length at the gap's end leaves the left piece, which ends there too.
        let right = end + self.shortest <= until && !(left && start == until);
        let before = if k > 0 { block.end[k - 1] } else { from };
        let after = if k + 1 < block.length { block.start[k + 1] } else { until };
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
            self.remove(b);
        } else {
            self.update_summary(b);
        }
        let (before, from) = if left { (start, start) } else { (before, from) };
        let (until, after) = if right { (end, end) } else { (until, after) };
        BusyInterval { before, from, until, after }
    }

    /// The record for [`undo`](Self::undo), made before `[start, end]` is taken, or before a gap is pushed (`taken` is false then).
    pub(crate) fn remember(&self, end: f64, taken: bool) -> UndoRecord {
        let blocks = self.order.len();
        let at = if taken { self.first_block(end) } else { blocks.saturating_sub(1) };
        UndoRecord { blocks, at, block: self.order.get(at).map(|&place| self.blocks[place as usize]) }
    }

    /// Takes the last change back.
    pub(crate) fn undo(&mut self, before: &UndoRecord) {
        let &UndoRecord { blocks, at, block } = before;
        if self.order.len() > blocks {
            self.remove(if block.is_some() { at + 1 } else { 0 });
        }
        let Some(block) = block else { return };
        if self.order.len() < blocks {
            self.add(at, &block);
        } else {
            self.blocks[self.order[at] as usize] = block;
        }
        self.update_summary(at);
    }

    /// Removes the block at place `b`.
    fn remove(&mut self, b: usize) {
        self.unused.push(self.order.remove(b));
        self.end.remove(b);
        self.longest_fit.remove(b);
        self.regroup(b);
    }

    /// Makes `block` the one at place `b`.
    fn add(&mut self, b: usize, block: &Block) {
        let place = self.unused.pop().unwrap_or(self.blocks.len() as u32);
        match self.blocks.get_mut(place as usize) {
            Some(unused) => *unused = *block,
            None => self.blocks.push(*block),
        }
        self.order.insert(b, place);
        self.end.insert(b, f64::NEG_INFINITY);
        self.longest_fit.insert(b, f64::NEG_INFINITY);
        self.regroup(b);
    }

    /// Groups the blocks from place `b` on, which have moved.
    fn regroup(&mut self, b: usize) {
        self.group_longest_fit.truncate(b / GROUP);
        let fits = self.longest_fit[b / GROUP * GROUP..].chunks(GROUP);
        self.group_longest_fit.extend(fits.map(|fits| {
            fits.iter().fold(f64::NEG_INFINITY, |most, &longest_fit| if longest_fit > most { longest_fit } else { most })
        }));
    }

    fn update_summary(&mut self, b: usize) {
        let block = &self.blocks[self.order[b] as usize];
        let (old, longest_fit) = (self.longest_fit[b], block.longest_fit());
        (self.end[b], self.longest_fit[b]) = (block.end[block.length - 1], longest_fit);
        let group = &mut self.group_longest_fit[b / GROUP];
        if longest_fit > *group {
            *group = longest_fit;
        } else if old == *group {
            // The group loses its largest fit.
            let fits = &self.longest_fit[b / GROUP * GROUP..self.longest_fit.len().min((b / GROUP + 1) * GROUP)];
            *group =
                fits.iter().fold(f64::NEG_INFINITY, |most, &longest_fit| if longest_fit > most { longest_fit } else { most });
        }
    }
}

/// At least every `w` that fits into a gap: `start + w <= end` in floats, so the difference is rounded up.
fn longest_fit(start: f64, end: f64) -> f64 {
    let slack = 4.0 * f64::EPSILON;
    (end - start) * (1.0 + slack) + end.abs() * slack
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
                let start = if let Fit::At(start) = found { start } else { ready.max(tail) };
                prop_assert_eq!(start, expected);
                prop_assert!(found == Fit::Nowhere || (w <= gaps.longest_fit_from(ready + w) && ready + w <= gaps.last_end()));
                let within = gaps.earliest(ready, w, start + w);
                prop_assert!(within == found || (found == Fit::Nowhere && within == Fit::Late));
                prop_assert!(gaps.earliest(ready, w, (start + w).next_down()) != Fit::At(start));
                // Every change is made, taken back and made again.
                let inside = found == Fit::At(start);
                let before = gaps.remember(start + w, inside);
                let seen = |gaps: &Gaps| -> Vec<(f64, f64)> {
                    let blocks = gaps.order.iter().map(|&place| &gaps.blocks[place as usize]);
                    blocks.flat_map(|block| (0..block.length).map(|k| (block.start[k], block.end[k]))).collect()
                };
                let (gaps_before, rooms_before) = (seen(&gaps), (gaps.longest_fit.clone(), gaps.end.clone(), gaps.group_longest_fit.clone()));
                for again in [true, false] {
                    if inside {
                        gaps.take(start, start + w);
                    } else {
                        gaps.push(tail, start);
                    }
                    if again {
                        gaps.undo(&before);
                        prop_assert_eq!(&seen(&gaps), &gaps_before);
                        prop_assert_eq!(&(gaps.longest_fit.clone(), gaps.end.clone(), gaps.group_longest_fit.clone()), &rooms_before);
                    }
                }
                if !inside {
                    tail = start + w;
                }
                let k = busy.partition_point(|&interval| interval < (start, start + w));
                busy.insert(k, (start, start + w));
            }
        }
    }
}
