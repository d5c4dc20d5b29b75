//! From priorities to a precedence-feasible list: the order in which the serial scheme takes the activities.

use super::padded::Padded;
use super::{Direction, Project};
use crate::bitset::{Eligible, RankSet};
use crate::error::Value;

/// A number that can be a priority.
pub trait Key: Copy {
    /// An unsigned integer in the same order; equal numbers (0.0 and -0.0) give equal integers.
    fn ordered(self) -> u64;
    /// The number as an index below `n`, if it is one.
    fn index(self, n: usize) -> Option<usize>;
    /// Neither infinite nor NaN.
    fn is_finite(self) -> bool;
    /// For messages.
    fn value(self) -> Value;
}

impl Key for i64 {
    #[inline]
    fn ordered(self) -> u64 {
        (self as u64) ^ (1 << 63)
    }
    #[inline]
    fn index(self, n: usize) -> Option<usize> {
        ((self as u64) < n as u64).then_some(self as usize)
    }
    fn is_finite(self) -> bool {
        true
    }
    fn value(self) -> Value {
        self.into()
    }
}

impl Key for f64 {
    #[inline]
    fn ordered(self) -> u64 {
        let bits = (self + 0.0).to_bits();
        if bits >> 63 == 0 { bits | 1 << 63 } else { !bits }
    }
    #[inline]
    fn index(self, n: usize) -> Option<usize> {
        let i = self as i64;
        (i as f64 == self && (i as u64) < n as u64).then_some(i as usize)
    }
    fn is_finite(self) -> bool {
        self.is_finite()
    }
    fn value(self) -> Value {
        self.into()
    }
}

/// Scratch space that turns priorities into lists without allocating.
#[derive(Debug, Clone)]
pub struct Lister {
    edges: Vec<(u32, u32)>,
    by_rank: Vec<u32>,
    /// Rank by activity; one more entry for the padding.
    rank: Vec<u32>,
    sorted: Vec<u64>,
    links: [Links; 2],
    /// Predecessors not taken yet; one more entry for the padding.
    waiting: Vec<u32>,
    eligible: RankSet,
    list: Vec<u32>,
}

impl Lister {
    /// Scratch for one project.
    #[must_use]
    pub fn new(project: &Project) -> Self {
        let n = project.num_activities();
        Self {
            edges: project.graph().edges().collect(),
            by_rank: vec![0; n],
            rank: vec![0; n + 1],
            sorted: Vec::with_capacity(n),
            links: [Direction::Forward, Direction::Backward].map(|direction| Links::new(project, direction)),
            waiting: vec![0; n + 1],
            eligible: RankSet::new(n),
            list: vec![0; n],
        }
    }

    /// The order in which the serial scheme takes the activities: among those whose predecessors are all taken the lowest
    /// priority, ties by index. O(n log n + m), O(n + m) if the priorities are a permutation of `0..n`.
    pub fn list<K: Key>(&mut self, priority: &[K]) -> &[u32] {
        self.sort(priority);
        // Counted to the end, without a branch to mispredict: most rows either break many edges or none.
        let broken = self.edges.iter().filter(|&&(i, j)| self.rank[i as usize] > self.rank[j as usize]).count();
        if broken == 0 {
            return &self.by_rank; // already precedence-feasible: nothing to select
        }
        self.select(Direction::Forward);
        &self.list
    }

    /// The order in which the serial scheme takes the activities when time runs backward from the end: among those whose successors
    /// are all taken the largest completion, ties by larger index.
    pub fn list_backward(&mut self, completion_time: &[i64]) -> &[u32] {
        self.sort(completion_time);
        self.by_rank.reverse();
        let n = self.by_rank.len();
        self.rank[..n].iter_mut().for_each(|rank| *rank = n as u32 - 1 - *rank);
        self.select(Direction::Backward);
        &self.list
    }

    /// Activities by (priority, index), and each one's rank.
    pub fn sort<K: Key>(&mut self, priority: &[K]) -> (&[u32], &[u32]) {
        if !self.try_permutation(priority) {
            self.sort_packed(priority);
            for (k, &i) in self.by_rank.iter().enumerate() {
                self.rank[i as usize] = k as u32;
            }
        }
        (&self.by_rank, &self.rank[..self.by_rank.len()])
    }

    /// Sorts one integer per activity, the priority's leading bits above the index: several times faster than sorting pairs.
    fn sort_packed<K: Key>(&mut self, priority: &[K]) {
        let keys = || priority.iter().map(|key| key.ordered());
        let (low, high) = (keys().min().unwrap_or(0), keys().max().unwrap_or(0));
        let index_bits = (priority.len() as u64 | 1).ilog2() + 1;
        let lost = (u64::BITS - (high - low).leading_zeros() + index_bits).saturating_sub(u64::BITS);
        self.sorted.clear();
        self.sorted.extend(keys().zip(0..).map(|(key, i)| (key - low) >> lost << index_bits | i));
        self.sorted.sort_unstable();
        for (i, packed) in self.by_rank.iter_mut().zip(&self.sorted) {
            *i = (packed & ((1 << index_bits) - 1)) as u32;
        }
        if lost > 0 && self.sorted.windows(2).any(|pair| pair[0] >> index_bits == pair[1] >> index_bits) {
            self.by_rank.sort_by_key(|&i| (priority[i as usize].ordered(), i)); // leading bits tie: sort on, nearly in order
        }
    }

    /// Distinct integers in `0..n` are ranks already.
    fn try_permutation<K: Key>(&mut self, priority: &[K]) -> bool {
        let n = priority.len();
        self.by_rank.fill(u32::MAX);
        for (i, &key) in priority.iter().enumerate() {
            let Some(rank) = key.index(n) else { return false };
            if self.by_rank[rank] != u32::MAX {
                return false;
            }
            self.by_rank[rank] = i as u32;
            self.rank[i] = rank as u32;
        }
        true
    }

    /// Takes the lowest rank among the eligible activities until none is left.
    fn select(&mut self, direction: Direction) {
        let Self { links, waiting, eligible, by_rank, rank, list, .. } = self;
        let links = &links[direction as usize];
        if by_rank.len() <= 128 {
            links.select(&mut 0_u128, by_rank, rank, waiting, list);
        } else {
            links.select(eligible, by_rank, rank, waiting, list);
        }
    }
}

/// The precedence graph in one direction of time.
#[derive(Debug, Clone)]
struct Links {
    successors: Padded,
    num_predecessors: Vec<u32>,
}

impl Links {
    fn new(project: &Project, direction: Direction) -> Self {
        let (graph, n) = (project.graph(), project.num_activities());
        // The padding's counter starts at 0 and wraps, so it does not come back to 0.
        let predecessors = (0..n).map(|i| direction.predecessors(graph).degree(i) as u32);
        Self { successors: Padded::new(direction.successors(graph), n), num_predecessors: predecessors.chain([0]).collect() }
    }

    #[inline(always)]
    fn select(&self, eligible: &mut impl Eligible, by_rank: &[u32], rank: &[u32], waiting: &mut [u32], list: &mut [u32]) {
        waiting.copy_from_slice(&self.num_predecessors);
        for (&waiting, &rank) in waiting.iter().zip(&rank[..by_rank.len()]) {
            eligible.insert_if(waiting == 0, rank as usize);
        }
        for slot in list.iter_mut() {
            // The graph has no cycle, so there is an eligible activity for every place of the list.
            let i = by_rank[eligible.pop_first().expect("acyclic")];
            *slot = i;
            self.successors.each(i, |j| {
                waiting[j as usize] = waiting[j as usize].wrapping_sub(1);
                eligible.insert_if(waiting[j as usize] == 0, rank[j as usize] as usize);
            });
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_keep_their_order() {
        let floats = [f64::MIN, -1.5, -0.0, 5e-324, 1.0, f64::MAX];
        assert!(floats.windows(2).all(|w| w[0].ordered() < w[1].ordered()));
        assert_eq!((-0.0_f64).ordered(), 0.0_f64.ordered());
        let ints = [i64::MIN, -1, 0, 1, i64::MAX];
        assert!(ints.windows(2).all(|w| w[0].ordered() < w[1].ordered()));
        assert_eq!((3.0_f64.index(4), 4.0_f64.index(4), 0.5_f64.index(4), (-1.0_f64).index(4)), (Some(3), None, None, None));
        assert_eq!((3_i64.index(4), 4_i64.index(4), (-1_i64).index(4)), (Some(3), None, None));
    }
}
