//! How long intervals last, depending on when they start.

use std::fmt::Debug;
use std::sync::Arc;

use super::step_map::StepMap;

/// The lengths of all intervals. Ends never fall when starts rise.
pub trait Lengths: Debug {
    /// Whether lengths may depend on starts, starts may be excluded, and distances may be maps.
    const GENERAL: bool;

    /// The number of intervals.
    fn len(&self) -> usize;

    /// The end of interval `i` if it starts at `start`.
    fn end(&self, i: usize, start: i32) -> i32;

    /// The least start of interval `i` whose end is `end` or later.
    fn start_for(&self, i: usize, end: i32) -> i32;

    /// Whether interval `i`, while it runs, uses its resources in a slot.
    fn works(&self, i: usize, slot: i32) -> bool;

    /// The length of interval `i` if it is the same for all starts and without pauses.
    fn fixed(&self, i: usize) -> Option<i32>;

    /// Whether interval `i` takes any time.
    fn lasts(&self, i: usize) -> bool;
}

/// Lengths that do not depend on starts.
#[derive(Debug)]
pub struct FixedLengths(pub Vec<i32>);

impl Lengths for FixedLengths {
    const GENERAL: bool = false;

    fn len(&self) -> usize {
        self.0.len()
    }

    #[inline]
    fn end(&self, i: usize, start: i32) -> i32 {
        start + self.0[i]
    }

    #[inline]
    fn start_for(&self, i: usize, end: i32) -> i32 {
        end - self.0[i]
    }

    #[inline]
    fn works(&self, _: usize, _: i32) -> bool {
        true
    }

    fn fixed(&self, i: usize) -> Option<i32> {
        Some(self.0[i])
    }

    #[inline]
    fn lasts(&self, i: usize) -> bool {
        self.0[i] > 0
    }
}

/// Ends by start, and the slots in which an interval rests.
#[derive(Debug)]
pub struct Pauses {
    /// The end for each start.
    pub end: StepMap,
    /// Right-open intervals of slots, in order.
    pub rests: Vec<(i32, i32)>,
}

/// Lengths some of which depend on starts: such an interval pauses at given times.
#[derive(Debug)]
pub struct TableLengths {
    /// The number of slots that each interval works.
    pub work: Vec<i32>,
    /// The pauses of those that have any.
    pub pauses: Vec<Option<Arc<Pauses>>>,
}

impl Lengths for TableLengths {
    const GENERAL: bool = true;

    fn len(&self) -> usize {
        self.work.len()
    }

    #[inline]
    fn end(&self, i: usize, start: i32) -> i32 {
        self.pauses[i].as_ref().map_or(start + self.work[i], |pauses| pauses.end.at(start))
    }

    #[inline]
    fn start_for(&self, i: usize, end: i32) -> i32 {
        self.pauses[i].as_ref().map_or(end - self.work[i], |pauses| pauses.end.inverse(end))
    }

    #[inline]
    fn works(&self, i: usize, slot: i32) -> bool {
        self.pauses[i].as_ref().is_none_or(|pauses| {
            let next = pauses.rests.partition_point(|&(first, _)| first <= slot);
            next == 0 || pauses.rests[next - 1].1 <= slot
        })
    }

    fn fixed(&self, i: usize) -> Option<i32> {
        self.pauses[i].is_none().then(|| self.work[i])
    }

    #[inline]
    fn lasts(&self, i: usize) -> bool {
        self.work[i] > 0
    }
}
