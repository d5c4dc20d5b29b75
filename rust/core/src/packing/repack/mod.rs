//! Moves of items between nodes that win back usable space: virtual machine rescheduling.
//!
//! Free units of resource 0 beyond a multiple of `block` are fragments, which no item of that size can use. [`repack`] looks for a sequence of
//! moves, each of which fits when it is made, that leaves the least fragments.

mod choices;
mod cluster;
mod departures;
mod exact;
mod greedy;
mod pairs;
mod prices;
mod state;
#[cfg(test)]
mod tests;

use crate::control::{Limits, Status, Watch};
use crate::error::Error;
use crate::memory;
use crate::random::Random;
pub use cluster::{Cluster, ClusterData};
use exact::Sequences;
use state::State;

/// Pairs of item and node up to which all sequences of moves are searched.
const SMALL: usize = 400;
/// Bytes that a search takes for each item, at most.
const BYTES_PER_ITEM: usize = 256;
/// Steps between two looks at the limits.
const STEPS: u64 = 64;

/// One move: the item, the node it leaves, and the node it goes to.
pub type Move = (i64, i64, i64);

/// The answer of [`repack`].
#[derive(Debug, Clone, PartialEq)]
pub struct Repacking {
    /// The moves, in the order in which they are made.
    pub moves: Vec<Move>,
    /// The fragments that are left, over all free units; 0 if nothing is free.
    pub value: f64,
    /// No sequence of as many moves leaves a smaller value.
    pub bound: f64,
    /// Optimal if the value equals the bound, or all sequences were searched.
    pub status: Status,
    /// Sequences of moves that were made or begun.
    pub num_nodes: u64,
}

/// Anytime search for at most `max_moves` moves that leave the least fragments.
///
/// The best single moves in turn come first, ties by item, then by node. A search that adds pairs of moves where no single one leaves fewer
/// fragments follows, and a bound from prices of moves. In small clusters all sequences of moves are searched, as far as bounds do not rule
/// them out; in others searches choose among the better moves at random.
///
/// # Errors
/// Refused memory.
pub fn repack(
    cluster: &Cluster,
    max_moves: usize,
    limits: &Limits,
    seed: u64,
    watch: &mut Watch<'_, f64>,
) -> Result<Repacking, Error> {
    memory::require_items(cluster.num_items(), BYTES_PER_ITEM)?;
    let begin = State::new(cluster);
    let total = begin.total_free();
    let share = |fragments: i64| if total == 0 { 0.0 } else { fragments as f64 / total as f64 };
    let budget = limits.budget.unwrap_or(u64::MAX);
    let mut work = |steps: u64| watch.worked(steps);
    let (mut moves, mut best) = greedy::in_turn(&begin, max_moves, &mut work);
    let mut bound = begin.bound(max_moves);
    let mut nodes = 0;
    if best > bound && budget > 0 {
        nodes = 1;
        let (found, fragments) = greedy::with_pairs(&begin, max_moves, None, &mut work);
        if fragments < best {
            (moves, best) = (found, fragments);
        }
    }
    if best > bound {
        bound = prices::bound(&begin, max_moves, best, &mut work);
    }
    let mut stopped = watch.improved(share(best), share(bound), nodes) || watch.check();
    if cluster.num_items().saturating_mul(cluster.num_nodes()) <= SMALL && best > bound && !stopped {
        let mut node = || {
            nodes += 1;
            nodes > budget || watch.worked(STEPS * cluster.num_items() as u64)
        };
        let mut search = Sequences::new(begin.clone(), best, bound, &mut node);
        let complete = search.run(max_moves);
        if let Some((found, fragments)) = search.found.take() {
            (moves, best) = (found, fragments);
        }
        if complete {
            bound = best;
        }
        stopped = watch.improved(share(best), share(bound), nodes) || !complete;
    }
    let mut random = Random::new(seed);
    while best > bound && !stopped && nodes < budget && max_moves > 0 {
        nodes += 1;
        let mut work = |steps: u64| watch.worked(steps);
        let (found, fragments) = greedy::with_pairs(&begin, max_moves, Some(&mut random), &mut work);
        if fragments < best {
            (moves, best) = (found, fragments);
            stopped = watch.improved(share(best), share(bound), nodes);
        }
        stopped = stopped || watch.worked(1);
    }
    let status = if best <= bound { Status::Optimal } else { Status::Feasible };
    Ok(Repacking { moves, value: share(best), bound: share(bound), status, num_nodes: nodes })
}
