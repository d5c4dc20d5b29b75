//! The activities that run at a moment of the parallel scheme.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

/// What runs, by completion; equal ones in the order they were started.
pub(super) trait Running {
    fn clear(&mut self);
    fn push(&mut self, end: i64, i: u32);
    /// The next completion.
    fn next(&self) -> Option<i64>;
    /// One that completes now.
    fn pop(&mut self, now: i64) -> Option<u32>;
}

/// The earliest completion last.
pub(super) type Row = Vec<(i64, u32)>;

/// Activities of a project up to which a row is faster than a heap.
pub(super) const SHORT_ROW: usize = 4096;

impl Running for Row {
    fn clear(&mut self) {
        self.clear();
    }

    #[inline(always)]
    fn push(&mut self, end: i64, i: u32) {
        let place = self.iter().rposition(|&(other, _)| other > end).map_or(0, |k| k + 1);
        self.insert(place, (end, i));
    }

    #[inline(always)]
    fn next(&self) -> Option<i64> {
        self.last().map(|&(end, _)| end)
    }

    #[inline(always)]
    fn pop(&mut self, now: i64) -> Option<u32> {
        self.pop_if(|&mut (end, _)| end == now).map(|(_, i)| i)
    }
}

/// Completions, numbers of starts, activities.
#[derive(Debug, Default)]
pub(super) struct Heap {
    running: BinaryHeap<Reverse<(i64, u64, u32)>>,
    starts: u64,
}

impl Running for Heap {
    fn clear(&mut self) {
        self.running.clear();
    }

    fn push(&mut self, end: i64, i: u32) {
        self.starts += 1;
        self.running.push(Reverse((end, self.starts, i)));
    }

    fn next(&self) -> Option<i64> {
        self.running.peek().map(|&Reverse((end, ..))| end)
    }

    fn pop(&mut self, now: i64) -> Option<u32> {
        if self.next() == Some(now) { self.running.pop().map(|Reverse((_, _, i))| i) } else { None }
    }
}
