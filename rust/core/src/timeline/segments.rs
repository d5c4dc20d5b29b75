//! The kernel for any horizon: packed levels between the moments at which they change.

use crate::word_layout::WordLayout;

/// From `time[k]` up to `time[k + 1]` (up to `frontier`, for the last one) the calendars give `base[k]`, of which `level[k]` is
/// free. Each level has as many words as the lanes need.
#[derive(Debug, Clone, Default)]
pub struct Profile {
    pub time: Vec<i64>,
    pub base: Vec<u64>,
    pub level: Vec<u64>,
    /// Where knowledge ends; `i64::MAX` if the last level holds for ever.
    pub frontier: i64,
}

/// A stretch of segments that an activity may take.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Slot {
    pub start: i64,
    pub end: i64,
    first: usize,
    last: usize,
}

impl Slot {
    /// The slot of something that takes no time.
    pub fn instant(time: i64) -> Self {
        Self { start: time, end: time, first: 0, last: 0 }
    }

    /// A slot that lies between two places of a kernel.
    pub fn between((start, end): (i64, i64), (first, last): (usize, usize)) -> Self {
        Self { start, end, first, last }
    }

    /// Where it lies.
    pub fn places(&self) -> (usize, usize) {
        (self.first, self.last)
    }
}

/// What an activity needs of a profile.
#[derive(Debug, Clone, Copy)]
pub struct Need<'a> {
    pub demand: &'a [u64],
    pub duration: i64,
    pub pausable: bool,
}

/// The answer of a search for a slot.
pub enum Found {
    Slot(Slot),
    /// The search came to the frontier; anything that fits starts at this moment or later.
    Frontier(i64),
}

impl Profile {
    pub fn copy_from(&mut self, other: &Self) {
        self.time.clone_from(&other.time);
        self.base.clone_from(&other.base);
        self.level.clone_from(&other.level);
        self.frontier = other.frontier;
    }

    /// Adds a segment from the frontier on, which ends at `until`.
    pub fn extend(&mut self, base: &[u64], level: &[u64], until: i64) {
        self.time.push(self.frontier);
        self.base.extend_from_slice(base);
        self.level.extend_from_slice(level);
        self.frontier = until;
    }

    /// The earliest slot that starts at `from` or later. Where it does not fit while it is up, nothing that starts before ends
    /// before either, so the search goes on behind.
    ///
    /// Adds to `seen` how many segments were looked at.
    #[inline]
    pub fn find(&self, lanes: &WordLayout, need: Need, from: i64, seen: &mut u64) -> Found {
        match lanes.words() {
            1 => self.find_with(lanes, need, from, seen, 1), // a constant lets the compiler drop the inner loops
            words => self.find_with(lanes, need, from, seen, words),
        }
    }

    #[inline(always)]
    fn find_with(&self, lanes: &WordLayout, need: Need, from: i64, seen: &mut u64, words: usize) -> Found {
        let mut k = self.time.partition_point(|&t| t <= from).saturating_sub(1);
        if from >= self.frontier {
            return Found::Frontier(from);
        }
        let begun = k;
        let (mut now, mut left) = (from, need.duration);
        let mut start: Option<(i64, usize)> = None;
        loop {
            let end = self.time.get(k + 1).copied().unwrap_or(self.frontier);
            let words_of = k * words..(k + 1) * words;
            if lanes.fits(&self.level[words_of.clone()], need.demand) {
                let (start, first) = *start.get_or_insert((now, k));
                if end.saturating_sub(now) >= left {
                    *seen += (k + 1 - begun) as u64;
                    return Found::Slot(Slot { start, end: now + left, first, last: k });
                }
                left -= end - now;
            } else if !need.pausable || lanes.fits(&self.base[words_of], need.demand) {
                (start, left) = (None, need.duration);
            }
            if end == self.frontier {
                *seen += (k + 1 - begun) as u64;
                return Found::Frontier(start.map_or(end, |(start, _)| start));
            }
            now = end;
            k += 1;
        }
    }

    /// Takes the demand out of a slot that was just found, wherever the activity is up.
    pub fn take(&mut self, lanes: &WordLayout, need: Need, slot: Slot) {
        let words = lanes.words();
        let Slot { start, end, mut first, mut last } = slot;
        let next = self.time.get(last + 1).copied().unwrap_or(self.frontier);
        if end < next {
            self.split(last, end, words);
        }
        if self.time[first] < start {
            self.split(first, start, words);
            first += 1;
            last += 1;
        }
        for k in first..=last {
            let words_of = k * words..(k + 1) * words;
            if lanes.fits(&self.base[words_of.clone()], need.demand) {
                self.level[words_of].iter_mut().zip(need.demand).for_each(|(level, demand)| *level -= demand);
            }
        }
    }

    /// Cuts segment `k` in two at `time`.
    fn split(&mut self, k: usize, time: i64, words: usize) {
        self.time.insert(k + 1, time);
        for column in [&mut self.base, &mut self.level] {
            let end = column.len();
            column.extend_from_within(end - words..);
            column.copy_within(k * words..end - words, (k + 1) * words);
        }
    }
}
