//! Bin completion: whether items fit into a number of bins of one capacity, by branch and bound.
//!
//! One bin is completed after the other. The largest item that is left opens the next bin, and the sets of items that may complete it are
//! tried in turn, the largest items first. The bins together may leave as much unused as their capacities exceed all items; a set that
//! leaves more is not tried. Korf (2002), "A new algorithm for optimal bin packing", AAAI; dominance and bound by Martello and Toth (1990).

mod search;
#[cfg(test)]
mod tests;

use std::collections::HashSet;

use super::bins::l2;
use crate::control::Watch;
use crate::cost;
use crate::random::Random;

/// Failed states that are remembered, at most.
const REMEMBERED: usize = 1 << 20;

/// Numbers of items that bins may hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct CountLimits {
    /// The most items in a bin.
    pub most: usize,
    /// How many bins may hold as many as that.
    pub full_bins: usize,
}

/// The answer to whether items fit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Fit {
    /// The bin of each item.
    Found(Vec<u32>),
    /// They do not.
    Infeasible,
    /// A limit came first.
    Unknown,
}

/// Branching nodes, counted over several searches.
#[derive(Debug, Clone, Copy)]
pub(super) struct Nodes {
    /// Nodes so far.
    pub used: u64,
    /// Where the current search ends.
    pub limit: u64,
}

/// Whether items, the largest first, fit into so many bins of a capacity. The limits on counts must allow all items in all bins.
pub(super) fn fit(
    sorted: &[i64],
    num_bins: usize,
    capacity: i64,
    counts: Option<CountLimits>,
    nodes: &mut Nodes,
    watch: &mut Watch<'_, i64>,
) -> Fit {
    let total: i64 = sorted.iter().sum();
    let excess = i128::from(capacity) * num_bins as i128 - i128::from(total);
    if excess < 0 || sorted.first().is_some_and(|&largest| largest > capacity) {
        return Fit::Infeasible;
    }
    let unused = i64::try_from(excess).unwrap_or(i64::MAX);
    search::Completion::new(sorted, num_bins, capacity, unused, counts).run(sorted, nodes, watch)
}

/// Nodes of a search whose target is far below the best answer.
const FIRST_NODES: u64 = 5_000;

/// The limits between which the least value lies, and how many nodes that took.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Bracket {
    /// No answer has a smaller value.
    pub low: i64,
    /// The value of the best answer.
    pub high: i64,
    /// Branching nodes.
    pub num_nodes: u64,
}

/// Makes the gap between a bound and the value of an answer smaller. `attempt` looks for an answer of at most the given value and returns
/// its value. The first target is the bound, the next ones halve the gap, with some nodes each; where these do not suffice targets move closer
/// to the best answer, and the last one, just below it, has all nodes that are left.
pub(super) fn close_gap(
    (low, high): (i64, i64),
    budget: u64,
    watch: &mut Watch<'_, i64>,
    mut attempt: impl FnMut(i64, &mut Nodes, &mut Watch<'_, i64>) -> Option<Result<i64, ()>>,
) -> Bracket {
    let mut bracket = Bracket { low, high, num_nodes: 0 };
    let mut nodes = Nodes { used: 0, limit: 0 };
    let (mut step, mut most) = (high - low, i64::MAX);
    let mut stopped = watch.improved(high, low, 0);
    while bracket.low < bracket.high && !stopped && !watch.check() {
        nodes.limit = if step == 1 { budget } else { budget.min(nodes.used.saturating_add(FIRST_NODES)) };
        match attempt(bracket.high - step, &mut nodes, watch) {
            Some(Ok(value)) => {
                bracket.high = value;
                stopped = watch.improved(value, bracket.low, nodes.used);
            }
            Some(Err(())) => {
                bracket.low = bracket.high - step + 1;
                stopped = watch.improved(bracket.high, bracket.low, nodes.used);
            }
            None if step == 1 || nodes.used >= budget => break,
            None => most = (step + 1) / 2,
        }
        step = most.min((bracket.high - bracket.low + 1) / 2);
    }
    bracket.num_nodes = nodes.used;
    bracket
}
