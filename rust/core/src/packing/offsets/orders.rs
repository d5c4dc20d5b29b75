//! Search over orders of first fit: buffers near the peak move to earlier places in the order.

use super::effort::Effort;
use super::first_fit::{Space, first_fit};
use super::problem::Buffers;
use crate::random::Random;
use crate::sort;

/// The furthest short move towards the front.
const SHORT: u64 = 20;

/// All buffers in the order of their keys, ties by index; in any order if the search is called off.
pub(super) fn sorted<K: Ord>(buffers: &Buffers, effort: &mut Effort<'_, '_>, key: impl Fn(usize) -> K) -> Vec<u32> {
    let mut order: Vec<u32> = (0..buffers.len() as u32).collect();
    sort::sort_by(&mut order, |steps| effort.called_off(steps), |&a, &b| key(a as usize).cmp(&key(b as usize)));
    order
}

/// An order and its offsets.
pub(super) struct Orders {
    order: Vec<u32>,
    offset: Vec<i64>,
    peak: i64,
    random: Random,
    space: Space,
}

impl Orders {
    /// Begins with offsets, whose order they were placed in is given.
    pub(super) fn new(buffers: &Buffers, order: Vec<u32>, offset: Vec<i64>, seed: u64) -> Self {
        let peak = buffers.peak(&offset);
        Self { order, offset, peak, random: Random::stream(seed, 1), space: Space::new(buffers) }
    }

    /// Tries so many orders; true if the peak fell.
    pub(super) fn search(&mut self, buffers: &Buffers, bound: i64, count: u64, effort: &mut Effort<'_, '_>) -> bool {
        let before = self.peak;
        let mut trial = self.offset.clone();
        for _ in 0..count {
            if self.peak <= bound || self.order.is_empty() || effort.node(1) {
                break;
            }
            // Mostly what makes the peak, sometimes what lies a little below it.
            let below = (self.peak - bound).min(self.peak / 50) * self.random.below(4) as i64 / 4;
            let high = |&k: &usize| {
                let i = self.order[k] as usize;
                self.offset[i] + buffers.size[i] >= self.peak - below
            };
            let tops: Vec<usize> = (0..self.order.len()).filter(high).collect();
            let from = tops[self.random.below(tops.len() as u64) as usize];
            let to = if self.random.below(2) == 0 {
                self.random.below(from as u64 + 1) as usize
            } else {
                from.saturating_sub(1 + self.random.below(SHORT) as usize)
            };
            let mut order = self.order.clone();
            order[to..=from].rotate_right(1);
            if self.random.below(3) == 0 {
                let (a, b) = (self.random.below(order.len() as u64), self.random.below(order.len() as u64));
                order.swap(a as usize, b as usize);
            }
            if first_fit(buffers, &order, self.peak + 1, &mut self.space, &mut trial, effort) {
                self.peak = buffers.peak(&trial);
                self.order = order;
                std::mem::swap(&mut self.offset, &mut trial);
            }
        }
        self.peak < before
    }

    /// The best offsets, and their peak.
    pub(super) fn best(&self) -> (&[i64], i64) {
        (&self.offset, self.peak)
    }
}
