//! The intervals that a search places, and what they need.

use super::lengths::Lengths;

/// Intervals and resources. The last interval is the objective: it takes no time, needs nothing, and starts as early as possible.
#[derive(Debug)]
pub struct Intervals<L> {
    /// Their lengths.
    pub lengths: L,
    /// The units that each interval needs of each resource, row by row.
    pub demand: Vec<i64>,
    /// The most that there is of each resource.
    pub capacity: Vec<i64>,
    /// Where less is there: from this slot on, until the next entry, these units of each resource. Empty if there is never less.
    pub steps: Vec<(i32, Vec<i64>)>,
}

impl<L: Lengths> Intervals<L> {
    /// The number of intervals, the objective included.
    pub fn len(&self) -> usize {
        self.lengths.len()
    }

    /// The units that an interval needs.
    pub fn demand_of(&self, i: usize) -> &[i64] {
        &self.demand[i * self.capacity.len()..][..self.capacity.len()]
    }

    /// The units that there are in a slot.
    pub fn capacity_at(&self, slot: i32) -> &[i64] {
        match self.steps.partition_point(|&(from, _)| from <= slot) {
            0 => &self.capacity,
            next => &self.steps[next - 1].1,
        }
    }

    /// Whether two intervals exceed a capacity together whenever they overlap.
    pub fn exclusive(&self, i: usize, j: usize) -> bool {
        let solid = |i: usize| self.lengths.fixed(i).is_some_and(|length| length > 0);
        let pair = self.demand_of(i).iter().zip(self.demand_of(j));
        solid(i) && solid(j) && pair.zip(&self.capacity).any(|((a, b), c)| a + b > *c)
    }
}
