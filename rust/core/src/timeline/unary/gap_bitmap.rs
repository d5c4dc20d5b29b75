//! A coarse bitmap of the busy times of all processors, with which a few instructions rule out most gaps.
//!
//! Time is cut into equal slots; 64 slots are a word. The bitmap knows which slots of a processor have no usable idle moment left,
//! and the longest task that the gaps from each word on can hold. The numbers of all processors for one word lie side by side, so what
//! is asked around one moment fits into the nearest cache. It never rules out a gap that would do.

/// Slots in a word.
const SLOTS_PER_WORD: usize = 64;

/// The part of a slot that rounding may cost, and more.
const SLACK: f64 = 1e-6;

/// No time is further from 0 than so many slots, so that sums of times round off far less than [`SLACK`].
const MAX_SLOTS_FROM_ZERO: f64 = (1_u64 << 32) as f64;

/// A part of a processor's time in which no new task can run, as wide as it is known: no gap that is kept begins after
/// `before` and ends before `after`. What is new lies between `from` and `until`.
#[derive(Debug, Clone, Copy)]
pub(crate) struct BusyInterval {
    pub(crate) before: f64,
    pub(crate) from: f64,
    pub(crate) until: f64,
    pub(crate) after: f64,
}

/// The bitmap of a schedule that begins at some moment.
#[derive(Debug, Clone)]
pub(crate) struct GapBitmap {
    width: usize,
    begin: f64,
    /// Length of a slot.
    slot_length: f64,
    /// Stretches at most.
    most: usize,
    /// `busy[word * width + processor]`, a bit per slot.
    busy: Vec<u64>,
    /// `longest_fit[word * width + processor]`: no gap that ends in this word or later holds a longer task.
    longest_fit: Vec<f64>,
    /// The values for words behind the last one: nothing is busy, and no gap is known.
    idle: Vec<u64>,
    no_fit: Vec<f64>,
}

impl GapBitmap {
    /// Nothing is known. Slots last `slot_length`, which doubles whenever more than `most` words would be needed.
    pub(crate) fn new(width: usize, begin: f64, slot_length: f64, most: usize) -> Self {
        let slot_length = if slot_length >= f64::MIN_POSITIVE { slot_length } else { 1.0 };
        let (idle, no_fit) = (vec![0; width], vec![f64::NEG_INFINITY; width]);
        Self { width, begin, slot_length, most: most.max(1), busy: Vec::new(), longest_fit: Vec::new(), idle, no_fit }
    }

    /// The slot of a moment; never less for a later one.
    #[inline(always)]
    fn slot(&self, time: f64) -> usize {
        ((time - self.begin) / self.slot_length) as usize
    }

    /// The slot of a moment, after extending the bitmap to it.
    #[inline(always)]
    fn slot_within(&mut self, time: f64) -> usize {
        while (time - self.begin) / self.slot_length >= (self.most * SLOTS_PER_WORD) as f64
            || time.abs() > self.slot_length * MAX_SLOTS_FROM_ZERO
        {
            self.coarsen();
        }
        let slot = self.slot(time);
        let length = (slot / SLOTS_PER_WORD + 1) * self.width;
        if length > self.busy.len() {
            self.busy.resize(length, 0);
            self.longest_fit.resize(length, f64::NEG_INFINITY);
        }
        slot
    }

    /// Marks the slots of processor `p` in which no idle moment is left.
    #[inline(always)]
    pub(crate) fn mark_busy(&mut self, p: usize, busy: BusyInterval) {
        let until = self.slot_within(busy.until);
        let first = self.slot(busy.from).max(self.slot(busy.before) + 1);
        let stop = (until + 1).min(self.slot(busy.after));
        if first >= stop {
            return;
        }
        let (low, high) = (first / SLOTS_PER_WORD, (stop - 1) / SLOTS_PER_WORD);
        for word in low..=high {
            let from = if word == low { u64::MAX << (first % SLOTS_PER_WORD) } else { u64::MAX };
            let until = if word == high { u64::MAX >> (SLOTS_PER_WORD - 1 - (stop - 1) % SLOTS_PER_WORD) } else { u64::MAX };
            self.busy[word * self.width + p] |= from & until;
        }
    }

    /// Adds a new gap of processor `p`, behind all others, that holds `longest_fit` at most.
    #[inline(always)]
    pub(crate) fn add_gap(&mut self, p: usize, end: f64, longest_fit: f64) {
        let mut word = self.slot_within(end) / SLOTS_PER_WORD;
        while self.longest_fit[word * self.width + p] < longest_fit {
            self.longest_fit[word * self.width + p] = longest_fit;
            word = word.saturating_sub(1);
        }
    }

    /// The beginning of the word around `ready`.
    pub(crate) fn word_start(&self, ready: f64) -> f64 {
        self.begin + ((self.slot(ready) / SLOTS_PER_WORD * SLOTS_PER_WORD) as f64 - SLACK) * self.slot_length
    }

    /// Records that no gap of processor `p` that ends after the beginning of the word around `ready` holds more than `longest_fit`.
    pub(crate) fn limit_fit(&mut self, p: usize, ready: f64, longest_fit: f64) {
        let first = self.slot(ready) / SLOTS_PER_WORD * self.width + p;
        for known in self.longest_fit.iter_mut().skip(first).step_by(self.width) {
            if *known <= longest_fit {
                break;
            }
            *known = longest_fit;
        }
    }

    /// By processor: no gap that ends at `ready` or later holds more.
    #[inline(always)]
    pub(crate) fn longest_fit(&self, ready: f64) -> &[f64] {
        let word = self.slot(ready) / SLOTS_PER_WORD;
        self.longest_fit.get(word * self.width..(word + 1) * self.width).unwrap_or(&self.no_fit)
    }

    #[inline(always)]
    fn busy(&self, word: usize) -> &[u64] {
        self.busy.get(word * self.width..(word + 1) * self.width).unwrap_or(&self.idle)
    }

    /// Raises `bound`, by processor `first`, `first + 1`, ...: no gap lets something that takes `costs` and may start at `ready` end
    /// earlier.
    #[inline(always)]
    pub(crate) fn raise_bounds(&self, first: usize, ready: f64, costs: &[f64], bound: &mut [f64]) {
        let width = costs.len();
        let slot = self.slot(ready);
        let low = &self.busy(slot / SLOTS_PER_WORD)[first..first + width];
        let high = &self.busy(slot / SLOTS_PER_WORD + 1)[first..first + width];
        let bound = &mut bound[..width];
        let offset = (slot % SLOTS_PER_WORD) as u32;
        let (base, rate) = (self.begin + (slot as f64 - SLACK) * self.slot_length, 1.0 / self.slot_length);
        for p in 0..width {
            let blocked = low[p] >> offset | high[p] << 1 << (SLOTS_PER_WORD as u32 - 1 - offset);
            let start = base + first_run(blocked, costs[p] * rate) * self.slot_length;
            let start = if start > ready { start } else { ready };
            let finish = start + costs[p];
            bound[p] = if finish > bound[p] { finish } else { bound[p] };
        }
    }

    /// Doubles the length of the slots.
    #[cold]
    fn coarsen(&mut self) {
        let words = self.busy.len() / self.width.max(1);
        let half = |bits: u64| even_bits(bits & bits >> 1);
        for word in 0..words.div_ceil(2) {
            for p in 0..self.width {
                let (first, second) = (2 * word * self.width + p, (2 * word + 1) * self.width + p);
                let after = self.busy.get(second).copied().unwrap_or(0);
                self.busy[word * self.width + p] = half(self.busy[first]) | half(after) << (SLOTS_PER_WORD / 2);
                self.longest_fit[word * self.width + p] = self.longest_fit[first];
            }
        }
        self.busy.truncate(words.div_ceil(2) * self.width);
        self.longest_fit.truncate(words.div_ceil(2) * self.width);
        self.slot_length *= 2.0;
    }
}

/// The first slot from which on so many slots are not blocked that something of `length` slots may lie there; slots behind the
/// word are not.
#[inline(always)]
fn first_run(mut blocked: u64, length: f64) -> f64 {
    // Adding this rounds to a whole number, which then stands in the lowest bits; there are quicker casts than Rust's, but no safe ones.
    const WHOLE: f64 = (1_u64 << 52) as f64;
    let most = (SLOTS_PER_WORD - 1) as f64;
    // Something that lasts longer than `k` slots touches `k + 1`.
    let touched = (if length < most { length } else { most }) + (0.5 - SLACK);
    let touched = (touched + WHOLE).to_bits() & (2 * SLOTS_PER_WORD as u64 - 1);
    let mut have = u64::from(touched > 0);
    blocked = if touched > 0 { blocked } else { 0 };
    // A slot is as good as blocked if one of the next is; each step at most doubles how many that means.
    for _ in 0..SLOTS_PER_WORD.ilog2() {
        let rest = touched.wrapping_sub(have);
        let shift = if have < rest { have } else { rest };
        blocked |= blocked >> (shift & (SLOTS_PER_WORD as u64 - 1));
        have = have.wrapping_add(shift);
    }
    f64::from((!blocked).trailing_zeros())
}

/// The bits at even places, side by side.
fn even_bits(bits: u64) -> u64 {
    let bits = bits & 0x5555_5555_5555_5555;
    let bits = (bits | bits >> 1) & 0x3333_3333_3333_3333;
    let bits = (bits | bits >> 2) & 0x0f0f_0f0f_0f0f_0f0f;
    let bits = (bits | bits >> 4) & 0x00ff_00ff_00ff_00ff;
    let bits = (bits | bits >> 8) & 0x0000_ffff_0000_ffff;
    (bits | bits >> 16) & 0x0000_0000_ffff_ffff
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::timeline::unary::{ProcessorTimelines, gaps::Fit};
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn no_gap_that_holds_the_task_is_ruled_out(
            tasks in prop::collection::vec((0_usize..2, 0_u32..4000, 0_u32..90, any::<bool>()), 0..400), shortest in 0_u32..3,
            unit in prop_oneof![Just(1.0), Just(0.1), Just(1e9)], slot_length in prop_oneof![Just(0.0), Just(0.3), Just(1.0), Just(7.0)],
            most in prop_oneof![Just(1_usize), Just(10), Just(1000)], begin in prop_oneof![Just(0.0), Just(-1e3), Just(1e17)],
        ) {
            let mut timelines = ProcessorTimelines::new(&[f64::from(shortest) * unit; 2], true, 0.0, Vec::new());
            timelines.tail.fill(begin);
            let mut bitmap = GapBitmap::new(2, begin, slot_length, most);
            for (p, ready, w, learn) in tasks {
                let (ready, w) = (begin + f64::from(ready) * unit, f64::from(w.max(shortest)) * unit);
                let found = timelines.in_gap(p, ready, w, f64::INFINITY);
                if let Fit::At(start) = found {
                    let mut bound = [f64::NEG_INFINITY];
                    bitmap.raise_bounds(p, ready, &[w], &mut bound);
                    prop_assert!(bound[0] <= start + w, "{} > {} + {}", bound[0], start, w);
                    prop_assert!(w <= bitmap.longest_fit(ready)[p]);
                }
                if learn {
                    bitmap.limit_fit(p, ready, timelines.longest_fit_from(p, bitmap.word_start(ready)));
                }
                let start = timelines.earliest(p, ready, w);
                let (busy, gap) = timelines.occupy(p, start, start + w);
                bitmap.mark_busy(p, busy);
                if let Some(longest_fit) = gap {
                    bitmap.add_gap(p, start, longest_fit);
                }
            }
        }
    }

    #[test]
    fn busy_slots_are_ruled_out() {
        let mut bitmap = GapBitmap::new(1, 0.0, 1.0, 100);
        bitmap.add_gap(0, 200.0, 200.0);
        bitmap.mark_busy(0, BusyInterval { before: 3.0, from: 3.0, until: 60.5, after: 60.5 });
        bitmap.mark_busy(0, BusyInterval { before: 62.0, from: 62.0, until: 70.0, after: 70.0 });
        let bound = |ready: f64, w: f64| {
            let mut bound = [0.0];
            bitmap.raise_bounds(0, ready, &[w], &mut bound);
            bound[0]
        };
        assert_eq!(bound(0.5, 2.0), 2.5);
        assert!(bound(1.5, 4.0) > 60.0, "the hole before 3 is too short");
        assert!(bound(10.0, 0.5) > 60.0);
        assert!(bound(10.0, 3.5) > 69.9, "so is that before 62");
        assert_eq!(bitmap.longest_fit(200.0), [200.0]);
        assert_eq!(bitmap.longest_fit(300.0), [f64::NEG_INFINITY]);
    }
}
