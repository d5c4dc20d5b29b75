//! Ranks: the urgency of each task, and the order in which HEFT takes the tasks.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use super::graph::{Cost, TaskGraph};
use super::network::Links;
use crate::control::Pulse;
use crate::cost;
use crate::names::Named;
use crate::simd::prefetch;
use crate::sort;

/// The number that stands for the costs of a task in ranks, because its processor is not known yet. Processors that cannot run the
/// task are left out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum RankCost {
    /// The sum, then divided.
    #[default]
    Mean,
    /// The middle one, or the mean of the two middle ones.
    Median,
    /// The least.
    Best,
    /// The largest.
    Worst,
}

impl Named for RankCost {
    const FIELD: &'static str = "rank";

    fn all() -> impl Iterator<Item = (&'static str, Self)> + Clone {
        [("mean", Self::Mean), ("median", Self::Median), ("best", Self::Best), ("worst", Self::Worst)].into_iter()
    }
}

impl RankCost {
    fn of(self, row: &[f64], scratch: &mut Vec<f64>) -> f64 {
        let finite = row.iter().copied().filter(|c| c.is_finite());
        match self {
            Self::Mean => {
                let (sum, count) = finite.fold((0.0, 0.0), |(sum, count), c| (sum + c, count + 1.0));
                sum / count
            }
            Self::Best => finite.fold(f64::INFINITY, f64::min),
            Self::Worst => finite.fold(0.0, f64::max),
            Self::Median => {
                scratch.clear();
                scratch.extend(finite);
                scratch.sort_unstable_by(f64::total_cmp);
                let half = scratch.len() / 2;
                if scratch.len() % 2 == 1 { scratch[half] } else { scratch[half - 1].midpoint(scratch[half]) }
            }
        }
    }
}

/// One number per task for its cost. O(n P), with a logarithm for the median.
#[must_use]
pub fn weights(graph: &TaskGraph, kind: RankCost) -> Vec<f64> {
    weights_and_shortest(graph, kind, &Pulse::default()).0
}

/// Rows whose means are made side by side, so that one addition need not wait for the last.
const ROWS: usize = 4;

/// The [`weights`] and, for each processor, the least cost of any task, in one pass over the costs. If `pulse` stops it,
/// the rest of the weights and all least costs are 0: what gaps are kept depends on the least costs, and too many do no harm.
pub(crate) fn weights_and_shortest(graph: &TaskGraph, kind: RankCost, pulse: &Pulse) -> (Vec<f64>, Vec<f64>) {
    let mut pulse = pulse.clone();
    let (n, width) = (graph.num_tasks(), graph.num_processors());
    let (mut buffer, mut scratch) = (vec![0.0; width], Vec::new());
    let (mut weights, mut shortest) = (Vec::with_capacity(n), vec![f64::INFINITY; width]);
    if let (Cost::Matrix { cost, .. }, RankCost::Mean) = (graph.costs(), kind) {
        for block in cost.chunks_exact((ROWS * width).max(1)) {
            if pulse.worked((ROWS * width) as u64) {
                break;
            }
            weights.extend(mean_of_rows(block, width));
            for row in block.chunks_exact(width) {
                lower(&mut shortest, row);
            }
        }
    }
    for i in weights.len()..n {
        if pulse.worked(width as u64) || pulse.stopped() {
            break;
        }
        let row = graph.row(i, &mut buffer);
        weights.push(kind.of(row, &mut scratch));
        lower(&mut shortest, row);
    }
    if weights.len() < n {
        weights.resize(n, 0.0);
        shortest.fill(0.0);
    }
    (weights, shortest)
}

fn lower(shortest: &mut [f64], row: &[f64]) {
    for (least, &w) in shortest.iter_mut().zip(row) {
        *least = if w < *least { w } else { *least };
    }
}

/// [`RankCost::Mean`] of each row of a block, summed from left to right.
fn mean_of_rows(block: &[f64], width: usize) -> [f64; ROWS] {
    let mut rows = block.chunks_exact(width);
    let rows: [&[f64]; ROWS] = std::array::from_fn(|_| rows.next().expect("a block holds that many rows"));
    let mut sum = [0.0; ROWS];
    for p in 0..width {
        for (sum, row) in sum.iter_mut().zip(rows) {
            *sum += row[p];
        }
    }
    // Finite costs cannot overflow, so an infinite sum means a processor to leave out.
    let mean = |k: usize| if sum[k].is_finite() { sum[k] / width as f64 } else { RankCost::Mean.of(rows[k], &mut Vec::new()) };
    std::array::from_fn(mean)
}

/// `rank_u(i) = weight(i) + max over successors j of (mean communication(i, j) + rank_u(j))`: the length of the longest way to an
/// exit. O(n + m). Topcuoglu, Hariri, Wu (2002), equation 2.
#[must_use]
pub fn upward_rank(graph: &TaskGraph, links: &Links, weights: &[f64]) -> Vec<f64> {
    upward_rank_until(graph, links, weights, &Pulse::default())
}

/// [`upward_rank`]; if `pulse` stops it, the rest are lower.
#[must_use]
pub fn upward_rank_until(graph: &TaskGraph, links: &Links, weights: &[f64], pulse: &Pulse) -> Vec<f64> {
    longest_to_exit(graph, weights, |data| links.mean(data), pulse)
}

/// The longest way to an exit without communication, also called static level.
#[must_use]
pub fn bottom_level(graph: &TaskGraph, weights: &[f64]) -> Vec<f64> {
    bottom_level_until(graph, weights, &Pulse::default())
}

/// [`bottom_level`]; if `pulse` stops it, the rest are lower.
#[must_use]
pub fn bottom_level_until(graph: &TaskGraph, weights: &[f64], pulse: &Pulse) -> Vec<f64> {
    longest_to_exit(graph, weights, |_| 0.0, pulse)
}

/// Memory is prefetched so many tasks ahead of the current one.
const PREFETCH_DISTANCE: usize = 16;

fn longest_to_exit(graph: &TaskGraph, weights: &[f64], communication: impl Fn(f64) -> f64, pulse: &Pulse) -> Vec<f64> {
    let mut pulse = pulse.clone();
    let mut rank = weights.to_vec();
    let order = graph.dag().topological_order();
    let (start, successors) = graph.dag().successors().columns();
    for (k, &i) in order.iter().enumerate().rev() {
        if k >= PREFETCH_DISTANCE {
            prefetch(start, order[k - PREFETCH_DISTANCE] as usize);
            let near = order[k - PREFETCH_DISTANCE / 2] as usize;
            prefetch(successors, start[near] as usize);
            prefetch(graph.data_out(), start[near] as usize);
            prefetch(&rank, near);
        }
        let i = i as usize;
        if pulse.worked(cost::NODE + graph.dag().successors().degree(i) as u64) {
            break;
        }
        let rest = graph.outgoing(i).fold(0.0_f64, |rest, (j, data)| rest.max(communication(data) + rank[j]));
        rank[i] += rest;
    }
    rank
}

/// `rank_d(j) = max over predecessors i of (rank_d(i) + weight(i) + mean communication(i, j))`, 0 for entries: the length of the
/// longest way from an entry, the task itself left out. O(n + m). Topcuoglu, Hariri, Wu (2002), equation 4.
#[must_use]
pub fn downward_rank(graph: &TaskGraph, links: &Links, weights: &[f64]) -> Vec<f64> {
    downward_rank_until(graph, links, weights, &Pulse::default())
}

/// [`downward_rank`]; if `pulse` stops it, the rest are 0.
#[must_use]
pub fn downward_rank_until(graph: &TaskGraph, links: &Links, weights: &[f64], pulse: &Pulse) -> Vec<f64> {
    let (mut rank, mut pulse) = (vec![0.0; weights.len()], pulse.clone());
    for &j in graph.dag().topological_order() {
        if pulse.worked(cost::NODE + graph.dag().predecessors().degree(j as usize) as u64) {
            break;
        }
        let before = |(i, data): (usize, f64)| rank[i] + weights[i] + links.mean(data);
        rank[j as usize] = graph.incoming(j as usize).map(before).fold(0.0, f64::max);
    }
    rank
}

/// The tasks by decreasing upward rank, each after its predecessors: always the task of highest rank among those whose
/// predecessors are taken, ties by lower index. O(n log n + m).
///
/// A rank is never below a successor's, so sorting is enough except among equal ranks, which zero costs can give to a task and
/// its successor.
#[must_use]
pub fn rank_order(graph: &TaskGraph, rank: &[f64]) -> Vec<u32> {
    let mut order = sort::descending(rank);
    for equals in order.chunk_by_mut(|&i, &j| rank[i as usize] == rank[j as usize]).filter(|equals| equals.len() > 1) {
        order_equals(graph, rank, equals);
    }
    order
}

/// The order of [`rank_order`] as numbers: n - 1 for the first task, 0 for the last. O(n log n + m).
#[must_use]
pub fn heft_priorities(graph: &TaskGraph, rank: &[f64]) -> Vec<i64> {
    let order = rank_order(graph, rank);
    let mut priority = vec![0; order.len()];
    for (k, &i) in order.iter().rev().enumerate() {
        priority[i as usize] = k as i64;
    }
    priority
}

/// Orders tasks of one rank, given by index, so that each stands after its predecessors.
fn order_equals(graph: &TaskGraph, rank: &[f64], tasks: &mut [u32]) {
    let level = rank[tasks[0] as usize];
    let equals = |i: u32| graph.dag().predecessors().of(i as usize).iter().filter(|&&p| rank[p as usize] == level);
    if tasks.iter().all(|&i| equals(i).all(|&p| p < i)) {
        return;
    }
    let place = |i: u32| tasks.binary_search(&i).expect("a task of this rank");
    let mut waiting: Vec<usize> = tasks.iter().map(|&i| equals(i).count()).collect();
    let mut ready: BinaryHeap<Reverse<u32>> =
        tasks.iter().zip(&waiting).filter(|&(_, &count)| count == 0).map(|(&i, _)| Reverse(i)).collect();
    let mut order = Vec::with_capacity(tasks.len());
    while let Some(Reverse(i)) = ready.pop() {
        order.push(i);
        for &j in graph.dag().successors().of(i as usize).iter().filter(|&&j| rank[j as usize] == level) {
            let count = &mut waiting[place(j)];
            *count -= 1;
            if *count == 0 {
                ready.push(Reverse(j));
            }
        }
    }
    tasks.copy_from_slice(&order);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stopped_survey_claims_no_least_cost() {
        let n = 100_000;
        let mut cost = vec![5.0; n];
        cost[n - 1] = 1.0;
        let graph = TaskGraph::new(Cost::Matrix { cost, num_processors: 1 }, &[], &[], None).unwrap();
        assert_eq!(weights_and_shortest(&graph, RankCost::Best, &Pulse::default()).1, [1.0]);
        // Gaps below the least cost are dropped, so the least of some costs would be wrong.
        assert_eq!(weights_and_shortest(&graph, RankCost::Best, &Pulse::new(|| false)).1, [0.0]);
    }
}
