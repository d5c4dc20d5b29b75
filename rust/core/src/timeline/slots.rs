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
    /// Where the stretch of equal base levels ends that a slot belongs to.
    stretch_end: Vec<u32>,
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
        let mut stretch_end = vec![base.len() as u32; base.len()];
        for k in (1..base.len()).rev() {
            stretch_end[k - 1] = if base[k - 1] == base[k] { stretch_end[k] } else { k as u32 };
        }
        Self { guard, base, stretch_end, level: empty.clone(), empty, changed: (0, 0), horizon }
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

    /// The first slot from `from`, which lies before the horizon, at which the need fits for its whole duration.
    pub fn find(&self, simd: impl Simd<W>, from: usize, need: Need<W>) -> usize {
        simd.vectorize(|| simd.first_fit(&self.level, from, need, self.guard))
    }

    /// The first slots `(start, end)` from `from` on between which the need fits wherever the calendars let it work, for its duration in
    /// all, and `held` fits throughout.
    pub fn find_pausable(&self, from: usize, need: Need<W>, held: W) -> (usize, usize) {
        let (mut k, mut start, mut left) = (from, None, need.duration);
        loop {
            if self.level[k].fits(need.demand, self.guard) {
                start = start.or(Some(k));
                left -= 1;
                if left == 0 {
                    return (start.unwrap_or(k), k + 1);
                }
                k += 1;
            } else if self.base[k].fits(need.demand, self.guard) {
                (k, start, left) = (k + 1, None, need.duration); // it is up, and others are in its way
            } else {
                let end = self.stretch_end[k] as usize;
                if start.is_some() && held != W::default() && !self.level[k..end].iter().all(|level| level.fits(held, self.guard))
                {
                    (start, left) = (None, need.duration);
                }
                k = end;
            }
        }
    }

    /// Takes the need out of the slots from `start` on.
    pub fn take(&mut self, simd: impl Simd<W>, start: usize, need: Need<W>) {
        simd.vectorize(|| simd.subtract(&mut self.level, start, need));
        self.mark(start, start + need.duration as usize);
    }

    /// Takes the need out of the slots of a span in which it works, and `held` out of the others.
    pub fn take_pausable(&mut self, (start, end): (usize, usize), need: Need<W>, held: W) {
        for (level, base) in self.level[start..end].iter_mut().zip(&self.base[start..end]) {
            *level = level.minus(if base.fits(need.demand, self.guard) { need.demand } else { held });
        }
        self.mark(start, end);
    }

    fn mark(&mut self, start: usize, end: usize) {
        let (from, to) = self.changed;
        self.changed = if from == to { (start, end) } else { (from.min(start), to.max(end)) };
    }
}
