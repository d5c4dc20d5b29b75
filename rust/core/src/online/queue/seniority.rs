//! The order of arrival of jobs that come back: ties go to the job that arrived first, whenever it was added.
//!
//! Jobs are numbered as they are added, which is the order of arrival until a job is added with an earlier arrival. From then on numbers
//! have gaps, and such a job gets one between those of its neighbours.

use std::collections::BTreeSet;
use std::ops::Bound::{Excluded, Unbounded};

use crate::online::heap::ordered;

/// Gaps between jobs that are numbered again.
const WIDEST_GAP: u32 = 1 << 10;

/// The first number after all jobs were numbered again, so that there is room before it.
const FIRST: u32 = 1 << 29;

/// The jobs in the queue by arrival and number, and their numbers.
#[derive(Debug, Clone, Default)]
pub(super) struct Seniority {
    order: BTreeSet<(u64, u32)>,
    /// By slot.
    index: Vec<u32>,
}

impl Seniority {
    /// The number of the job in place `k` of `n` that are numbered again.
    pub fn number(k: u32, n: u32) -> u32 {
        FIRST + k * (FIRST / n.max(1)).clamp(1, WIDEST_GAP)
    }

    pub fn enter(&mut self, slot: u32, arrival: f64, index: u32) {
        self.order.insert((ordered(arrival), index));
        let slots = self.index.len().max(slot as usize + 1);
        self.index.resize(slots, index);
        self.index[slot as usize] = index;
    }

    pub fn leave(&mut self, slot: u32, arrival: f64) {
        self.order.remove(&(ordered(arrival), self.index[slot as usize]));
    }

    /// A number behind all jobs that arrived no later and before all others; `None` if there is none.
    pub fn between(&self, arrival: f64) -> Option<u32> {
        let place = (ordered(arrival), u32::MAX);
        let before = self.order.range(..=place).next_back().map(|&(_, index)| index);
        let after = self.order.range((Excluded(place), Unbounded)).next().map(|&(_, index)| index);
        match (before, after) {
            (None, None) => Some(FIRST),
            (None, Some(after)) => after.checked_sub(WIDEST_GAP),
            (Some(before), None) => before.checked_add(WIDEST_GAP).filter(|&index| index < u32::MAX),
            (Some(before), Some(after)) => Some(before + (after - before) / 2).filter(|&index| index > before),
        }
    }
}
