//! Placement of items with several resources on nodes, by priority.
//!
//! [`Placement`] is the checked problem; [`place`] searches for the lexicographic optimum.

mod assignment;
mod bound;
mod exact;
mod exchange;
pub(crate) mod problem;
mod scores;
#[cfg(test)]
mod tests;

pub use problem::{Placement, PlacementData};
pub use scores::{NodeScore, node_scores};

use crate::control::{Limits, Status, Watch};
use crate::error::{Error, InputError};
use crate::memory;
use assignment::{Assignment, first_pass};
use exact::Branching;
use exchange::Exchange;
use problem::NOWHERE;

/// Items up to which branch and bound takes turns with exchanges.
const SMALL: usize = 64;
/// Exchanges of a turn, and nodes of the first turn of branch and bound.
const TURN: u64 = 500;
/// Steps of a node of branch and bound for each item.
const STEPS: u64 = 16;

/// Why an item has no node.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unplaced {
    /// The item.
    pub item: usize,
    /// The allowed node that lacks the least, as a share of its capacity; None without allowed nodes.
    pub node: Option<usize>,
    /// The resource of which that node lacks most, None where only an item that must stay apart is in the way.
    pub resource: Option<usize>,
    /// Units that it lacks.
    pub missing: i64,
    /// Whether the item would not fit there if the node were empty.
    pub is_too_large: bool,
}

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
    /// Why items have no node, by item.
    pub unplaced: Vec<Unplaced>,
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
    let eligible = bound::eligible(problem, &mut |steps| watch.worked(steps));
    if let Some(start) = start {
        let other = started(problem, start)?;
        if other.value.compare(&made.value).is_gt() {
            made = other;
        }
    }
    let mut best = made.value.clone();
    let mut most = bound::bounds(problem, &best.placed, &eligible);
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
                most = bound::bounds(problem, &best.placed, &eligible);
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

/// The assignment of a start that a caller gave.
fn started<'a>(problem: &'a Placement, start: &[i64]) -> Result<Assignment<'a>, InputError> {
    let mut made = Assignment::empty(problem);
    for (item, &node) in start.iter().enumerate().take(problem.num_items) {
        if node < 0 {
            continue;
        }
        let node = node as usize;
        if node >= problem.num_nodes || !problem.is_allowed(item, node) || !made.fits(item, node) {
            return Err(InputError::new("warm_start", "the item may not be there").at([item], node));
        }
        made.put(item, node);
    }
    Ok(made)
}

fn finished(made: &Assignment<'_>, most: &[u32], proven: bool, num_nodes: u64) -> PlacementSolution {
    let problem = made.problem;
    let lost = |&item: &usize| problem.current[item] != NOWHERE && problem.current[item] != made.node[item];
    let unplaced = (0..problem.num_items).filter(|&item| made.node[item] == NOWHERE).map(|item| reason(made, item)).collect();
    PlacementSolution {
        node: made.node.iter().map(|&node| if node == NOWHERE { -1 } else { i64::from(node) }).collect(),
        evicted: (0..problem.num_items).filter(lost).map(|item| item as i64).collect(),
        status: if proven { Status::Optimal } else { Status::Feasible },
        placed: made.value.placed.iter().copied().map(i64::from).collect(),
        bound: most.iter().copied().map(i64::from).collect(),
        unplaced,
        num_nodes,
    }
}

/// Why an item has no node.
fn reason(made: &Assignment<'_>, item: usize) -> Unplaced {
    let problem = made.problem;
    let demand = problem.demand_of(item);
    let mut nearest: Option<(f64, usize, Option<usize>, i64)> = None;
    for node in problem.nodes_of(item) {
        let mut worst: (f64, Option<usize>, i64) = (0.0, None, 0);
        for (r, (need, free)) in demand.iter().zip(made.free_of(node)).enumerate() {
            let share = (need - free) as f64 / problem.capacity_of(node)[r].max(1) as f64;
            if need > free && share > worst.0 {
                worst = (share, Some(r), need - free);
            }
        }
        if nearest.is_none_or(|nearest| worst.0 < nearest.0) {
            nearest = Some((worst.0, node, worst.1, worst.2));
        }
    }
    let Some((_, node, resource, missing)) = nearest else {
        return Unplaced { item, node: None, resource: None, missing: 0, is_too_large: false };
    };
    let is_too_large = demand.iter().zip(problem.capacity_of(node)).any(|(need, most)| need > most);
    Unplaced { item, node: Some(node), resource, missing, is_too_large }
}
