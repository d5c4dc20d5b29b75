//! A coarse sketch of all timelines, in which a few instructions rule out most gaps.
//!
//! Time is cut into equal slots, 64 of them a stretch. The sketch knows which slots of a processor have no usable idle moment left,
//! and how much the gaps from each stretch on can hold. The numbers of all processors for one stretch lie side by side, so what
//! is asked around one moment fits into the nearest cache. It never rules out a gap that would do.

/// Slots in a stretch.
const STRETCH: usize = 64;

/// The part of a slot that rounding may cost, and more.
const SLACK: f64 = 1e-6;

/// No time is further from 0 than so many slots, so that sums of times round off far less than [`SLACK`].
const FARTHEST: f64 = (1_u64 << 32) as f64;

/// A stretch of a processor's time in which nothing new can run, as wide as it is known: no gap that is kept begins after
/// `before` and ends before `after`. What is new lies between `from` and `until`.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Busy {
    pub(crate) before: f64,
    pub(crate) from: f64,
    pub(crate) until: f64,
    pub(crate) after: f64,
}

/// The sketch of a schedule that begins at some moment.
#[derive(Debug, Clone)]
pub(crate) struct Sketch {
    width: usize,
    begin: f64,
    /// Length of a slot.
    grain: f64,
    /// Stretches at most.
    most: usize,
    /// `busy[stretch * width + processor]`, a bit per slot.
    busy: Vec<u64>,
    /// In the same order: no gap that ends in this stretch or later holds more.
    room: Vec<f64>,
    /// What the stretches behind the last one know.
    idle: Vec<u64>,
    roomless: Vec<f64>,
}

impl Sketch {
    /// Nothing is known. Slots last `grain`, which doubles whenever more than `most` stretches would be needed.
    pub(crate) fn new(width: usize, begin: f64, grain: f64, most: usize) -> Self {
        let grain = if grain >= f64::MIN_POSITIVE { grain } else { 1.0 };
        let (idle, roomless) = (vec![0; width], vec![f64::NEG_INFINITY; width]);
        Self { width, begin, grain, most: most.max(1), busy: Vec::new(), room: Vec::new(), idle, roomless }
    }

    /// The slot of a moment; never less for a later one.
    #[inline(always)]
    fn slot(&self, time: f64) -> usize {
        ((time - self.begin) / self.grain) as usize
    }

    /// The same, after making room for it.
    #[inline(always)]
    fn reach(&mut self, time: f64) -> usize {
        while (time - self.begin) / self.grain >= (self.most * STRETCH) as f64 || time.abs() > self.grain * FARTHEST {
            self.coarsen();
        }
        let slot = self.slot(time);
        let length = (slot / STRETCH + 1) * self.width;
        if length > self.busy.len() {
            self.busy.resize(length, 0);
            self.room.resize(length, f64::NEG_INFINITY);
        }
        slot
    }

    /// Marks the slots of processor `p` in which no idle moment is left.
    #[inline(always)]
    pub(crate) fn mark(&mut self, p: usize, busy: Busy) {
        let until = self.reach(busy.until);
        let first = self.slot(busy.from).max(self.slot(busy.before) + 1);
        let stop = (until + 1).min(self.slot(busy.after));
        if first >= stop {
            return;
        }
        let (low, high) = (first / STRETCH, (stop - 1) / STRETCH);
        for stretch in low..=high {
            let from = if stretch == low { u64::MAX << (first % STRETCH) } else { u64::MAX };
            let until = if stretch == high { u64::MAX >> (STRETCH - 1 - (stop - 1) % STRETCH) } else { u64::MAX };
            self.busy[stretch * self.width + p] |= from & until;
        }
    }

    /// Learns of a new gap of processor `p`, behind all others, that holds `room` at most.
    #[inline(always)]
    pub(crate) fn widen(&mut self, p: usize, end: f64, room: f64) {
        let mut stretch = self.reach(end) / STRETCH;
        while self.room[stretch * self.width + p] < room {
            self.room[stretch * self.width + p] = room;
            stretch = stretch.saturating_sub(1);
        }
    }

    /// The beginning of the stretch around `ready`.
    pub(crate) fn stretch(&self, ready: f64) -> f64 {
        self.begin + ((self.slot(ready) / STRETCH * STRETCH) as f64 - SLACK) * self.grain
    }

    /// Learns that no gap of processor `p` that ends after the beginning of the stretch around `ready` holds more than `room`.
    pub(crate) fn narrow(&mut self, p: usize, ready: f64, room: f64) {
        let first = self.slot(ready) / STRETCH * self.width + p;
        for known in self.room.iter_mut().skip(first).step_by(self.width) {
            if *known <= room {
                break;
            }
            *known = room;
        }
    }

    /// By processor: no gap that ends at `ready` or later holds more.
    #[inline(always)]
    pub(crate) fn room(&self, ready: f64) -> &[f64] {
        let stretch = self.slot(ready) / STRETCH;
        self.room.get(stretch * self.width..(stretch + 1) * self.width).unwrap_or(&self.roomless)
    }

    #[inline(always)]
    fn busy(&self, stretch: usize) -> &[u64] {
        self.busy.get(stretch * self.width..(stretch + 1) * self.width).unwrap_or(&self.idle)
    }

    /// Raises `bound`, by processor `first`, `first + 1`, ...: no gap lets something that takes `costs` and may start at `ready` end
    /// earlier.
    #[inline(always)]
    pub(crate) fn raise(&self, first: usize, ready: f64, costs: &[f64], bound: &mut [f64]) {
        let width = costs.len();
        let slot = self.slot(ready);
        let low = &self.busy(slot / STRETCH)[first..first + width];
        let high = &self.busy(slot / STRETCH + 1)[first..first + width];
        let bound = &mut bound[..width];
        let offset = (slot % STRETCH) as u32;
        let (base, rate) = (self.begin + (slot as f64 - SLACK) * self.grain, 1.0 / self.grain);
        for p in 0..width {
            let blocked = low[p] >> offset | high[p] << 1 << (STRETCH as u32 - 1 - offset);
            let start = base + first_run(blocked, costs[p] * rate) * self.grain;
            let start = if start > ready { start } else { ready };
            let finish = start + costs[p];
            bound[p] = if finish > bound[p] { finish } else { bound[p] };
        }
    }

    /// Doubles the length of the slots.
    #[cold]
    fn coarsen(&mut self) {
        let stretches = self.busy.len() / self.width.max(1);
        let half = |bits: u64| even_bits(bits & bits >> 1);
        for stretch in 0..stretches.div_ceil(2) {
            for p in 0..self.width {
                let (first, second) = (2 * stretch * self.width + p, (2 * stretch + 1) * self.width + p);
                let after = self.busy.get(second).copied().unwrap_or(0);
                self.busy[stretch * self.width + p] = half(self.busy[first]) | half(after) << (STRETCH / 2);
                self.room[stretch * self.width + p] = self.room[first];
            }
        }
        self.busy.truncate(stretches.div_ceil(2) * self.width);
        self.room.truncate(stretches.div_ceil(2) * self.width);
        self.grain *= 2.0;
    }
}

/// The first slot from which on so many slots are not blocked that something of `length` slots may lie there; slots behind the
/// stretch are not.
#[inline(always)]
fn first_run(mut blocked: u64, length: f64) -> f64 {
    // Adding this rounds to a whole number, which then stands in the lowest bits; there are quicker casts than Rust's, but no safe ones.
    const WHOLE: f64 = (1_u64 << 52) as f64;
    let most = (STRETCH - 1) as f64;
    // Something that lasts longer than `k` slots touches `k + 1`.
    let touched = (if length < most { length } else { most }) + (0.5 - SLACK);
    let touched = (touched + WHOLE).to_bits() & (2 * STRETCH as u64 - 1);
    let mut have = u64::from(touched > 0);
    blocked = if touched > 0 { blocked } else { 0 };
    // A slot is as good as blocked if one of the next is; each step at most doubles how many that means.
    for _ in 0..STRETCH.ilog2() {
        let rest = touched.wrapping_sub(have);
        let shift = if have < rest { have } else { rest };
        blocked |= blocked >> (shift & (STRETCH as u64 - 1));
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
    use crate::dag::Past;
    use crate::dag::board::Lanes;
    use crate::dag::gaps::Fit;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn no_gap_that_would_do_is_ruled_out(
            tasks in prop::collection::vec((0_usize..2, 0_u32..4000, 0_u32..90, any::<bool>()), 0..400), shortest in 0_u32..3,
            unit in prop_oneof![Just(1.0), Just(0.1), Just(1e9)], grain in prop_oneof![Just(0.0), Just(0.3), Just(1.0), Just(7.0)],
            most in prop_oneof![Just(1_usize), Just(10), Just(1000)], begin in prop_oneof![Just(0.0), Just(-1e3), Just(1e17)],
        ) {
            let mut lanes = Lanes::new(&[f64::from(shortest) * unit; 2], &Past::default(), true);
            lanes.tail.fill(begin);
            let mut sketch = Sketch::new(2, begin, grain, most);
            for (p, ready, w, learn) in tasks {
                let (ready, w) = (begin + f64::from(ready) * unit, f64::from(w.max(shortest)) * unit);
                let found = lanes.in_gap(p, ready, w, f64::INFINITY);
                if let Fit::At(start) = found {
                    let mut bound = [f64::NEG_INFINITY];
                    sketch.raise(p, ready, &[w], &mut bound);
                    prop_assert!(bound[0] <= start + w, "{} > {} + {}", bound[0], start, w);
                    prop_assert!(w <= sketch.room(ready)[p]);
                }
                if learn {
                    sketch.narrow(p, ready, lanes.room_from(p, sketch.stretch(ready)));
                }
                let start = lanes.earliest(p, ready, w);
                let (busy, gap) = lanes.occupy(p, start, start + w);
                sketch.mark(p, busy);
                if let Some(room) = gap {
                    sketch.widen(p, start, room);
                }
            }
        }
    }

    #[test]
    fn what_is_full_is_ruled_out() {
        let mut sketch = Sketch::new(1, 0.0, 1.0, 100);
        sketch.widen(0, 200.0, 200.0);
        sketch.mark(0, Busy { before: 3.0, from: 3.0, until: 60.5, after: 60.5 });
        sketch.mark(0, Busy { before: 62.0, from: 62.0, until: 70.0, after: 70.0 });
        let bound = |ready: f64, w: f64| {
            let mut bound = [0.0];
            sketch.raise(0, ready, &[w], &mut bound);
            bound[0]
        };
        assert_eq!(bound(0.5, 2.0), 2.5);
        assert!(bound(1.5, 4.0) > 60.0, "the hole before 3 is too short");
        assert!(bound(10.0, 0.5) > 60.0);
        assert!(bound(10.0, 3.5) > 69.9, "so is that before 62");
        assert_eq!(sketch.room(200.0), [200.0]);
        assert_eq!(sketch.room(300.0), [f64::NEG_INFINITY]);
    }
}
