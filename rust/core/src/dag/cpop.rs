//! Critical Path on a Processor.

use super::Schedule;
use super::board::{Board, Choice};
use super::graph::TaskGraph;
use super::heft::HeftOptions;
use super::list::list_schedule;
use super::network::{Links, Network};
use super::past::Past;
use super::rank::{RankCost, downward_rank, upward_rank, weights};
use crate::control::Pulse;
use crate::error::Error;

/// CPOP for `R | prec, c_ij | C_max`: ready tasks by upward plus downward rank; the critical path's tasks share the processor
/// where their costs add up least, all others go where they end first.
///
/// The critical path starts at the lowest-index entry of maximal priority and follows the lowest-index successor of equal
/// priority, both within 1e-9 times the larger of 1 and the maximum; where no processor can run it as a whole, its tasks are
/// placed like others. Ties: lower task index, then lower processor. O(n log n + m P).
/// Topcuoglu, Hariri, Wu (2002), IEEE Transactions on Parallel and Distributed Systems 13.
///
/// # Errors
/// As [`heft`](super::heft).
pub fn cpop(graph: &TaskGraph, network: &Network, past: &Past, options: HeftOptions, pulse: &Pulse) -> Result<Schedule, Error> {
    let links = Links::new(network, graph)?;
    let weights = weights(graph, RankCost::Mean);
    let up = upward_rank(graph, &links, &weights);
    let down = downward_rank(graph, &links, &weights);
    let priority: Vec<f64> = up.iter().zip(&down).map(|(up, down)| up + down).collect();
    let path = critical_path(graph, &priority);
    let mut on_path = vec![false; graph.num_tasks()];
    for &i in &path {
        on_path[i] = true;
    }
    let home = cheapest(graph, &path);
    let mut board = Board::new(graph, &links, past, options.insertion, pulse);
    list_schedule(&mut board, &priority, |board, task, row, ready| match home {
        Some(p) if on_path[task] => {
            let start = board.lanes.earliest(p, ready[p], row[p]);
            Choice { processor: p, start, finish: start + row[p] }
        }
        _ => board.earliest_finish(row, ready),
    });
    Ok(board.into_schedule())
}

fn critical_path(graph: &TaskGraph, priority: &[f64]) -> Vec<usize> {
    let most = priority.iter().copied().fold(0.0, f64::max);
    let tolerance = 1e-9 * most.max(1.0);
    let critical = |i: usize| (priority[i] - most).abs() <= tolerance;
    let entry = |i: usize| graph.dag().predecessors().degree(i) == 0;
    let mut path: Vec<usize> = (0..priority.len()).find(|&i| entry(i) && critical(i)).into_iter().collect();
    while let Some(&i) = path.last() {
        let next = graph.dag().successors().of(i).iter().map(|&j| j as usize).filter(|&j| critical(j)).min();
        let Some(j) = next else { break };
        path.push(j);
    }
    path
}

/// The processor that runs all of `tasks` in the least time; `None` if none can.
fn cheapest(graph: &TaskGraph, tasks: &[usize]) -> Option<usize> {
    let mut best = (f64::INFINITY, None);
    for p in 0..graph.num_processors() {
        let total = tasks.iter().fold(0.0, |total, &i| total + graph.cost(i, p));
        if total < best.0 {
            best = (total, Some(p));
        }
    }
    best.1
}
