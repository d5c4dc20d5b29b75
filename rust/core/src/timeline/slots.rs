//! The kernel for short horizons: one packed level for every time slot.

use crate::simd::{Need, PADDING, Simd, Word};

/// What is free in every slot, beside what the calendars give and what the fixed past leaves of that.
///
/// Behind the horizon everything is free, so that every search ends.
#[derive(Debug, Clone)]
pub struct Slots<W> {
    guard: W,
    /// What the calendars give.
    base: Vec<W>,
    /// What is free before anything is placed.
    empty: Vec<W>,
    level: Vec<W>,
    /// The slots that differ from `empty` lie between these two.
    changed: (usize, usize),
    horizon: usize,
}

impl<W: Word> Slots<W> {
    /// Slots with these levels up to the horizon, `full` behind it. `longest` is the longest duration in slots.
    pub fn new(guard: W, full: W, mut base: Vec<W>, mut empty: Vec<W>, longest: usize) -> Self {
        let horizon = base.len();
        for column in [&mut base, &mut empty] {
            column.resize(horizon + longest + 2 * PADDING, full);
        }
        Self { guard, base, level: empty.clone(), empty, changed: (0, 0), horizon }
    }

    /// Number of slots that are known.
    pub fn horizon(&self) -> usize {
        self.horizon
    }

    /// Takes everything out that was placed.
    pub fn clear(&mut self) {
        let (from, to) = self.changed;
        self.level[from..to].copy_from_slice(&self.empty[from..to]);
        self.changed = (0, 0);
    }

    /// Finds the first slots from `from` on for a need and takes it out; within a loop that is vectorized.
    #[inline(always)]
    pub fn place(&mut self, simd: impl Simd<W>, from: usize, need: Need<W>) -> (usize, usize) {
        let start = simd.first_fit(&self.level, from, need, self.guard);
        let end = start + need.duration as usize;
        if end <= self.horizon {
            simd.subtract(&mut self.level, start, need);
            self.mark(start, end);
        }
        (start, end)
    }

    /// The same for a need that may pause.
    #[inline(always)]
    pub fn place_pausable(&mut self, simd: impl Simd<W>, from: usize, need: Need<W>, held: W) -> (usize, usize) {
        let (start, end) = self.find_pausable_with(simd, from, need, held);
        if end <= self.horizon {
            self.subtract_up((start, end), need, held);
        }
        (start, end)
    }

    /// The first slot from `from`, which lies before the horizon, at which the need fits for its whole duration.
    pub fn find(&self, simd: impl Simd<W>, from: usize, need: Need<W>) -> usize {
        simd.vectorize(|| simd.first_fit(&self.level, from, need, self.guard))
    }

    /// The first slots `(start, end)` from `from`, which lies before the horizon, between which the need fits wherever the calendars let
    /// it work, for its duration in all, and `held` fits throughout.
    pub fn find_pausable(&self, simd: impl Simd<W>, from: usize, need: Need<W>, held: W) -> (usize, usize) {
        simd.vectorize(|| self.find_pausable_with(simd, from, need, held))
    }

    #[inline(always)]
    fn find_pausable_with(&self, simd: impl Simd<W>, from: usize, need: Need<W>, held: W) -> (usize, usize) {
        let Self { guard, base, level, .. } = self;
        let mut k = from / 64 * 64;
        let mut looked = u64::MAX << (from - k);
        let (mut start, mut left) = (None, need.duration);
        loop {
            let mut free = simd.free(level, k, need.demand, *guard) & looked;
            // Where it is up and others are in its way, or where it may not even pause.
            let mut busy = !free & simd.free(base, k, need.demand, *guard) & looked;
            if held != W::default() {
                busy |= !free & !simd.free(level, k, held, *guard) & looked;
            }
            looked = u64::MAX;
            loop {
                let until = busy.trailing_zeros();
                let run = if until == 64 { free } else { free & ((1 << until) - 1) };
                let count = run.count_ones();
                if count > 0 {
                    start = start.or(Some(k + run.trailing_zeros() as usize));
                }
                if count >= left {
                    let end = k + place_of_one(run, left - 1) as usize + 1;
                    return (start.unwrap_or(end - 1), end);
                }
                left -= count;
                if until == 64 {
                    break;
                }
                (start, left) = (None, need.duration);
                let behind = until + (busy >> until).trailing_ones();
                if behind == 64 {
                    break;
                }
                (free, busy) = (free & u64::MAX << behind, busy & u64::MAX << behind);
            }
            k += 64;
        }
    }

    /// Takes the need out of the slots from `start` on.
    pub fn take(&mut self, simd: impl Simd<W>, start: usize, need: Need<W>) {
        simd.vectorize(|| simd.subtract(&mut self.level, start, need));
        self.mark(start, start + need.duration as usize);
    }

    /// Takes the need out of the slots of a span in which it works, and `held` out of the others.
    pub fn take_pausable(&mut self, simd: impl Simd<W>, (start, end): (usize, usize), need: Need<W>, held: W) {
        simd.vectorize(|| self.subtract_up((start, end), need, held));
    }

    #[inline(always)]
    fn subtract_up(&mut self, (start, end): (usize, usize), need: Need<W>, held: W) {
        for (level, base) in self.level[start..end].iter_mut().zip(&self.base[start..end]) {
            *level = level.minus(if base.fits(need.demand, self.guard) { need.demand } else { held });
        }
        self.mark(start, end);
    }

    #[inline(always)]
    fn mark(&mut self, start: usize, end: usize) {
        let (from, to) = self.changed;
        self.changed = if from == to { (start, end) } else { (from.min(start), to.max(end)) };
    }
}

/// The position of the `k`-th one, counted from 0, of a word that has more than `k`.
#[inline(always)]
fn place_of_one(mut word: u64, k: u32) -> u32 {
    for _ in 0..k {
        word &= word - 1;
    }
    word.trailing_zeros()
}
