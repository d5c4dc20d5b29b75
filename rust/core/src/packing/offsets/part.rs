//! Buffers between two moments at which nothing is alive, and the search for their offsets.

use std::cmp::Reverse;

use super::effort::Effort;
use super::exact::Outcome;
use super::first_fit::{Space, first_fit};
use super::orders::{Orders, sorted};
use super::problem::Buffers;
use super::restarts::Restarts;
use super::sections::load_bound;
use super::sweep::{better_answer, first_answer};
use crate::memory;

/// Parts beyond so many buffers are searched by orders alone.
const MOST_BUFFERS: usize = 4096;
/// The same for pairs of buffers that overlap in time.
const MOST_PAIRS: usize = 1 << 22;
/// Bytes that the model of a tree search takes for each such pair.
const BYTES_PER_PAIR: usize = 16;
/// Nodes of the first tree search of each kind, and by what they grow from round to round.
const FIRST_NODES: u64 = 500;
const GROWTH: (u64, u64) = (11, 10);
/// How many times as many nodes a search without jumps has, and how many at least.
const PATIENCE: u64 = 2;
const LEAST_NODES: u64 = 4000;
/// Tree searches with jumps in a round.
const SEARCHES: u64 = 6;
/// Nodes for which one order is tried, and the orders of a round where there are no tree searches.
const NODES_PER_ORDER: u64 = 25;
const ORDERS_ALONE: u64 = 8;

/// The search for the offsets of one part.
pub(super) struct Part {
    /// The indices of its buffers in the whole problem.
    pub members: Vec<usize>,
    /// The best offsets, and their peak.
    pub offset: Vec<i64>,
    pub peak: i64,
    /// No peak is below.
    pub bound: i64,
    buffers: Buffers,
    restarts: Option<Restarts>,
    orders: Option<Orders>,
    seed: u64,
    nodes: u64,
    /// How far the next target lies from the bound to the best peak, in 64ths.
    share: i64,
}

/// The parts of a problem, in the order of time.
pub(super) fn parts(buffers: &Buffers, seed: u64, effort: &mut Effort<'_, '_>) -> Vec<Part> {
    let order = sorted(buffers, effort, |i| buffers.start[i]);
    let mut groups: Vec<Vec<usize>> = Vec::new();
    let mut reach = i64::MIN;
    for i in order.into_iter().map(|i| i as usize) {
        // In any order if the search was called off: then all are one group.
        if groups.is_empty() || (!effort.stopped() && buffers.start[i] >= reach) {
            groups.push(Vec::new());
        }
        reach = reach.max(buffers.end[i]);
        groups.last_mut().expect("there is a group").push(i);
    }
    groups.into_iter().map(|members| Part::new(buffers, members, seed, effort)).collect()
}

impl Part {
    fn new(whole: &Buffers, mut members: Vec<usize>, seed: u64, effort: &mut Effort<'_, '_>) -> Self {
        members.sort_unstable();
        let buffers = whole.subset(&members);
        let bound = load_bound(&buffers, &mut |steps| effort.called_off(steps)).0;
        let offset = first_answer(&buffers, effort);
        let peak = buffers.peak(&offset);
        Self { members, offset, peak, bound, buffers, restarts: None, orders: None, seed, nodes: FIRST_NODES, share: 32 }
    }

    /// Sweeps, and first fit in several orders, unless the peak is low enough already.
    pub(super) fn first_answers(&mut self, enough: i64, effort: &mut Effort<'_, '_>) {
        let buffers = &self.buffers;
        let enough = enough.max(self.bound);
        if let Some(better) = better_answer(buffers, self.peak, enough, effort) {
            self.peak = buffers.peak(&better);
            self.offset = better;
        }
        let width = |i: usize| buffers.end[i] - buffers.start[i];
        let size = |i: usize| buffers.size[i];
        let area = |i: usize| i128::from(size(i)) * i128::from(width(i));
        let mut trial = vec![0; buffers.len()];
        let mut space = None;
        for k in 0..4 {
            if self.peak <= enough || effort.stopped() {
                break;
            }
            let order = match k {
                0 => sorted(buffers, effort, |i| Reverse((size(i), width(i)))),
                1 => sorted(buffers, effort, |i| Reverse(area(i))),
                2 => sorted(buffers, effort, |i| Reverse((width(i), size(i)))),
                _ => sorted(buffers, effort, |i| buffers.start[i]),
            };
            let space = space.get_or_insert_with(|| Space::new(buffers));
            if first_fit(buffers, &order, self.peak, space, &mut trial, effort) {
                self.offset.copy_from_slice(&trial);
                self.peak = buffers.peak(&trial);
                self.orders = Some(Orders::new(buffers, order, trial.clone(), self.seed));
            }
        }
    }

    /// Takes offsets from elsewhere if they are better.
    pub(super) fn offer(&mut self, whole: &[i64], effort: &mut Effort<'_, '_>) {
        let offset: Vec<i64> = self.members.iter().map(|&i| whole[i]).collect();
        let peak = self.buffers.peak(&offset);
        if peak < self.peak {
            let order = sorted(&self.buffers, effort, |i| offset[i]);
            self.orders = Some(Orders::new(&self.buffers, order, offset.clone(), self.seed));
            (self.offset, self.peak) = (offset, peak);
        }
    }

    /// A round of searches for a peak of at most `enough`, or for a lower one where `enough` is at most the bound. Refuted means that
    /// there is none of at most `enough`.
    pub(super) fn round(&mut self, enough: Option<i64>, bound: i64, effort: &mut Effort<'_, '_>) -> Outcome {
        let bound = bound.max(self.bound);
        self.prepare();
        let below = self.peak - 1;
        let target = enough.unwrap_or(bound + (below - bound) * self.share / 64);
        if let Some(mut restarts) = self.restarts.take() {
            let outcome = self.tree_searches(&mut restarts, enough.unwrap_or(below), target, effort);
            self.restarts = Some(restarts);
            if outcome != Outcome::Stopped {
                return outcome;
            }
        }
        let count = if self.restarts.is_some() { self.nodes / NODES_PER_ORDER } else { ORDERS_ALONE };
        let mut orders = self.orders.take().unwrap_or_else(|| {
            let order = sorted(&self.buffers, effort, |i| self.offset[i]);
            Orders::new(&self.buffers, order, self.offset.clone(), self.seed)
        });
        let improved = orders.search(&self.buffers, enough.unwrap_or(bound), count, effort) && orders.best().1 < self.peak;
        if improved {
            self.offset.copy_from_slice(orders.best().0);
            self.peak = orders.best().1;
        }
        self.orders = Some(orders);
        self.nodes = (self.nodes * GROWTH.0 / GROWTH.1).min(1 << 40);
        if improved && enough.is_none_or(|enough| self.peak <= enough) { Outcome::Found } else { Outcome::Stopped }
    }

    /// Makes the model of the tree searches, unless the part is too large.
    fn prepare(&mut self) {
        if self.restarts.is_some() || self.buffers.len() > MOST_BUFFERS {
            return;
        }
        let mut ends = self.buffers.end.clone();
        ends.sort_unstable();
        let mut starts = self.buffers.start.clone();
        starts.sort_unstable();
        let pairs: usize = starts.iter().enumerate().map(|(k, &start)| k - ends.partition_point(|&end| end <= start)).sum();
        if pairs <= MOST_PAIRS && memory::require_items(pairs + self.buffers.len(), BYTES_PER_PAIR).is_ok() {
            self.restarts = Some(Restarts::new(self.buffers.clone(), self.seed));
        }
    }

    /// Searches that may refute a peak of at most `below`, and searches with jumps for one of at most `target`.
    fn tree_searches(&mut self, restarts: &mut Restarts, below: i64, target: i64, effort: &mut Effort<'_, '_>) -> Outcome {
        for k in 0..SEARCHES {
            let (capacity, nodes) = if k == 0 { (below, (PATIENCE * self.nodes).max(LEAST_NODES)) } else { (target, self.nodes) };
            let (outcome, offset) = restarts.search(capacity, nodes, k > 0, effort);
            match outcome {
                Outcome::Found => {
                    self.peak = self.buffers.peak(&offset);
                    self.offset = offset;
                    self.share /= 2;
                    return Outcome::Found;
                }
                Outcome::Refuted => {
                    self.bound = self.bound.max(capacity + 1);
                    return Outcome::Refuted;
                }
                Outcome::Stopped if effort.stopped() => return Outcome::Stopped,
                Outcome::Stopped => {}
            }
        }
        self.share = i64::midpoint(self.share, 64);
        Outcome::Stopped
    }
}
