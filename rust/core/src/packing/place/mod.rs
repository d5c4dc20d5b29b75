//! Placement of items with several resources on nodes, by priority.
//!
//! [`Placement`] is the checked problem; [`place`] searches for the lexicographic optimum.

mod assignment;
mod bound;
mod exact;
mod exchange;
mod first_pass;
pub(crate) mod problem;
mod reason;
mod scores;
#[cfg(test)]
mod tests;

pub use problem::{Placement, PlacementData};
pub use reason::{Unplaced, unplaced};
pub use scores::{NodeScore, node_scores};

use crate::control::{Limits, Status, Watch};
use crate::error::Error;
use crate::memory;
use assignment::Assignment;
use bound::Bounds;
use exact::Branching;
use exchange::Exchange;
use first_pass::first_pass;
use problem::NOWHERE;

/// Items up to which branch and bound takes turns with exchanges.
const SMALL: usize = 64;
/// Exchanges of a turn, and nodes of the first turn of branch and bound.
const TURN: u64 = 500;
/// Steps of a node of branch and bound for each item.
const STEPS: u64 = 16;

/// The answer of [`place`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PlacementSolution {
    /// The node of each item, -1 for none.
    pub node: Vec<i64>,
    /// Items that run and lose their node, ascending.
    pub evicted: Vec<i64>,
    /// Optimal if no assignment is lexicographically better.
    pub status: Status,
    /// Placed items by tier, from the highest priority.
    pub placed: Vec<i64>,
    /// An upper bound of each, which holds as long as the bounds before it are reached.
    pub bound: Vec<i64>,
    /// Exchanges tried and nodes of branch and bound.
    pub num_nodes: u64,
}

/// Anytime search for a placement of items on nodes: as many items of the highest priority as possible, then of the next one, and so on,
/// then as few evictions as possible.
///
/// The first pass keeps running items on their nodes and places others by best fit of decreasing dominant share, tier by tier. Exchanges
/// then empty and fill some nodes anew; up to 64 items branch and bound takes turns with them. With a budget and no time limit no clock
/// is read, and equal seeds give equal answers.
///
/// # Errors
/// A start that does not respect the problem; refused memory.
pub fn place(
    problem: &Placement,
    start: Option<&[i64]>,
    limits: &Limits,
    seed: u64,
    watch: &mut Watch<'_, i64>,
) -> Result<PlacementSolution, Error> {
    memory::require_items(problem.num_groups, problem.num_nodes.div_ceil(8))?;
    memory::require_items(problem.num_items + problem.num_nodes, 16 * problem.num_resources + 128)?;
    let mut made = first_pass(problem, &mut |steps| watch.worked(steps));
    let bounds = Bounds::new(problem, &mut |steps| watch.worked(steps));
    if let Some(start) = start {
        let other = Assignment::of(problem, start, "warm_start")?;
        if other.value.compare(&made.value).is_gt() {
            made = other;
        }
    }
    let mut best = made.value.clone();
    let mut most = bounds.given(&best.placed);
    let reached = |value: &assignment::Value, most: &[u32]| value.evicted == 0 && value.placed == most;
    let mut proven = reached(&best, &most);
    let report = |watch: &mut Watch<'_, i64>, made: &Assignment<'_>, most: &[u32], nodes: u64| {
        let missing = |counts: &[u32]| problem.num_items as i64 - counts.iter().map(|&count| i64::from(count)).sum::<i64>();
        watch.improved(missing(&made.value.placed), missing(most), nodes)
    };
    let mut stopped = report(watch, &made, &most, 0) || watch.check();
    let budget = limits.budget.unwrap_or(u64::MAX);
    let (mut nodes, mut turn) = (0, TURN);
    let mut exchange = Exchange::new(&made, seed);
    while !proven && !stopped && nodes < budget && problem.num_nodes > 0 {
        for _ in 0..TURN {
            let (better, steps) = exchange.trial(&mut made);
            nodes += 1;
            if better {
                best = made.value.clone();
                most = bounds.given(&best.placed);
                proven = reached(&best, &most);
                stopped = report(watch, &made, &most, nodes);
            }
            stopped = stopped || watch.worked(steps);
            if proven || stopped || nodes >= budget {
                break;
            }
        }
        if problem.num_items > SMALL || proven || stopped || nodes >= budget {
            continue;
        }
        let last = (nodes + turn).min(budget);
        let mut node = || {
            nodes += 1;
            stopped = stopped || watch.worked(STEPS * problem.num_items as u64);
            stopped || nodes >= last
        };
        let mut search = Branching::new(problem, &best, &most, &mut node);
        proven = search.run();
        let found = search.found.take();
        turn *= 2;
        if let Some(found) = found {
            made = assigned(problem, &found);
            best = made.value.clone();
            exchange.load(&made);
            stopped = report(watch, &made, &most, nodes) || stopped;
        }
    }
    if proven {
        most.clone_from(&best.placed);
    }
    Ok(finished(&made, &most, proven, nodes))
}

/// The assignment of nodes that are known to fit.
fn assigned<'a>(problem: &'a Placement, node: &[u32]) -> Assignment<'a> {
    let mut made = Assignment::empty(problem);
    for (item, &node) in node.iter().enumerate() {
        if node != NOWHERE {
            made.put(item, node as usize);
        }
    }
    made
}

fn finished(made: &Assignment<'_>, most: &[u32], proven: bool, num_nodes: u64) -> PlacementSolution {
    let problem = made.problem;
    let lost = |&item: &usize| problem.current[item] != NOWHERE && problem.current[item] != made.node[item];
    PlacementSolution {
        node: made.node.iter().map(|&node| if node == NOWHERE { -1 } else { i64::from(node) }).collect(),
        evicted: (0..problem.num_items).filter(lost).map(|item| item as i64).collect(),
        status: if proven { Status::Optimal } else { Status::Feasible },
        placed: made.value.placed.iter().copied().map(i64::from).collect(),
        bound: most.iter().copied().map(i64::from).collect(),
        num_nodes,
    }
}
