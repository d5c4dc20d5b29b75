//! First fit: buffers in an order, each at the lowest offset where it overlaps none that is placed.

use std::ops::Range;

use super::effort::Effort;
use super::problem::Buffers;

/// Starts of buffers in a stretch of time, at least.
const STARTS: usize = 16;
/// Entries of all stretches for each buffer, at most.
const ENTRIES: usize = 4;

/// A placed buffer.
#[derive(Debug, Clone, Copy)]
struct Placed {
    offset: i64,
    top: i64,
    start: i64,
    end: i64,
}

/// Placed buffers by stretches of time, so that those of another time are passed over at once.
#[derive(Debug, Clone, Default)]
pub(super) struct Space {
    /// Where each stretch begins; the first one reaches back, and the last one on, without end.
    begin: Vec<i64>,
    /// The placed buffers that are alive in each stretch, by ascending offset.
    stretch: Vec<Vec<Placed>>,
    /// Buffers of several stretches, while a place is looked for.
    gathered: Vec<Placed>,
}

impl Space {
    /// Space for these buffers, none of which is placed. Stretches are short where few buffers last over many of them.
    pub(super) fn new(buffers: &Buffers) -> Self {
        let mut starts = buffers.start.clone();
        starts.sort_unstable();
        let mut every = STARTS;
        loop {
            let mut begin: Vec<i64> = starts.iter().copied().step_by(every).collect();
            begin.dedup();
            let mut space = Self { begin, ..Self::default() };
            let entries: usize = (0..buffers.len()).map(|i| space.alive(buffers.start[i], buffers.end[i]).len()).sum();
            if entries <= ENTRIES * buffers.len() || space.begin.len() <= 1 {
                space.stretch = vec![Vec::new(); space.begin.len()];
                return space;
            }
            every *= 2;
        }
    }

    /// Forgets all buffers.
    pub(super) fn clear(&mut self) {
        self.stretch.iter_mut().for_each(Vec::clear);
    }

    /// The stretches in which a buffer is alive.
    fn alive(&self, start: i64, end: i64) -> Range<usize> {
        let first = self.begin.partition_point(|&begin| begin <= start).saturating_sub(1);
        let reach = self.begin[first..].partition_point(|&begin| begin < end);
        first..(first + reach).max(first + 1)
    }

    /// The lowest aligned offset at which the buffer overlaps no placed one, and the number of buffers looked at.
    pub(super) fn lowest(&mut self, buffers: &Buffers, i: usize) -> (i64, u64) {
        let (start, end) = (buffers.start[i], buffers.end[i]);
        let stretches = self.alive(start, end);
        if stretches.len() == 1 {
            return lowest_among(buffers, i, &self.stretch[stretches.start]);
        }
        self.gathered.clear();
        let mut steps = 0;
        for k in stretches.clone() {
            // Those that begin before a later stretch are found in an earlier one.
            let from = if k == stretches.start { i64::MIN } else { self.begin[k] };
            let here = self.stretch[k].iter().filter(|other| other.start < end && start < other.end && other.start >= from);
            self.gathered.extend(here);
            steps += self.stretch[k].len() as u64;
        }
        self.gathered.sort_unstable_by_key(|other| other.offset);
        let (place, looked) = lowest_among(buffers, i, &self.gathered);
        (place, steps + 4 * looked)
    }

    /// Places a buffer.
    pub(super) fn insert(&mut self, buffers: &Buffers, i: usize, offset: i64) {
        let (start, end) = (buffers.start[i], buffers.end[i]);
        let placed = Placed { offset, top: offset + buffers.size[i], start, end };
        for k in self.alive(start, end) {
            let slot = self.stretch[k].partition_point(|other| other.offset <= offset);
            self.stretch[k].insert(slot, placed);
        }
    }
}

/// The lowest aligned offset at which the buffer overlaps none of these, which come by ascending offset, and the number looked at.
fn lowest_among(buffers: &Buffers, i: usize, placed: &[Placed]) -> (i64, u64) {
    let (start, end, size) = (buffers.start[i], buffers.end[i], buffers.size[i]);
    let mut place = 0_i64;
    for (k, other) in placed.iter().enumerate() {
        if other.start < end && start < other.end && other.top > place {
            if other.offset >= place + size {
                return (place, k as u64 + 1);
            }
            place = buffers.aligned(other.top);
        }
    }
    (place, placed.len() as u64 + 1)
}

/// Places all buffers in the given order, the fixed ones first. Returns false, with `offset` incomplete, if the search is to stop or a buffer
/// would reach `limit`.
pub(super) fn first_fit(
    buffers: &Buffers,
    order: &[u32],
    limit: i64,
    space: &mut Space,
    offset: &mut [i64],
    effort: &mut Effort<'_, '_>,
) -> bool {
    space.clear();
    for (i, given) in buffers.fixed.iter().enumerate() {
        if let Some(given) = *given {
            space.insert(buffers, i, given);
            offset[i] = given;
        }
    }
    for &i in order {
        let i = i as usize;
        if buffers.fixed[i].is_some() {
            continue;
        }
        let (place, steps) = space.lowest(buffers, i);
        if place + buffers.size[i] >= limit || effort.worked(steps / 8 + 1) {
            return false;
        }
        space.insert(buffers, i, place);
        offset[i] = place;
    }
    true
}
