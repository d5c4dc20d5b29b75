//! Critical Path on a Processor.

use super::graph::TaskGraph;
use super::list::{self, Call, ListScheduler};
use super::partial_schedule::{Choice, PartialSchedule};
use super::rank::{RankCost, downward_rank, upward_rank, weights};
use super::registry::ListSchedulerEntry;
use crate::error::Error;

pub(super) const ENTRIES: [ListSchedulerEntry; 1] = [ListSchedulerEntry {
    name: "cpop",
    title: "Critical Path on a Processor",
    rule: "Takes ready tasks by upward plus downward rank; the tasks of one critical path share the processor that runs them in the \
           least time, all others go where they end first.",
    notes: "Ties: lower task, then lower processor. The path starts at the lowest entry of maximal priority and follows the lowest \
            successor of equal priority, both within 1e-9 times the larger of 1 and the maximum; where no processor can run all of \
            it, its tasks are placed like others.",
    cost: "O(n log n + m P) and the search for gaps.",
    source: "Topcuoglu, H., Hariri, S., Wu, M.-Y. (2002). IEEE Transactions on Parallel and Distributed Systems 13.",
    start: Some(3),
    run: list::run::<Cpop>,
    ..ListSchedulerEntry::COMMON
}];

struct Cpop {
    on_path: Vec<bool>,
    /// The processor that runs the path.
    reserved: Option<usize>,
}

impl ListScheduler for Cpop {
    fn prepare(call: &Call) -> Result<(Self, Vec<f64>), Error> {
        let weights = weights(call.graph, RankCost::Mean);
        let up = upward_rank(call.graph, &call.links, &weights);
        let down = downward_rank(call.graph, &call.links, &weights);
        let priority: Vec<f64> = up.iter().zip(&down).map(|(up, down)| up + down).collect();
        let path = critical_path(call.graph, &priority);
        let mut on_path = vec![false; call.graph.num_tasks()];
        for &i in &path {
            on_path[i] = true;
        }
        Ok((Self { on_path, reserved: cheapest(call.graph, &path) }, priority))
    }

    fn choose(&mut self, _: &Call, partial: &mut PartialSchedule, task: usize, costs: &[f64], ready: &[f64]) -> Choice {
        match self.reserved {
            Some(p) if self.on_path[task] => partial.on(p, costs, ready),
            _ => partial.earliest_finish(costs, ready),
        }
    }
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
