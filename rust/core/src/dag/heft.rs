//! Heterogeneous Earliest Finish Time.

use super::Schedule;
use super::duplication::place_with_copies;
use super::graph::TaskGraph;
use super::list::{Call, list_schedule};
use super::network::{Links, Network};
use super::partial_schedule::PartialSchedule;
use super::past::Past;
use super::rank::{RankCost, rank_order, upward_rank_until, weights_and_shortest};
use super::registry::ListSchedulerEntry;
use super::tie::Tie;
use super::uniform::PlaceUniform;
use crate::control::Pulse;
use crate::error::Error;
use crate::simd;

/// The variants of HEFT.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct HeftOptions {
    /// The number that stands for the costs of a task in its rank.
    pub rank: RankCost,
    /// Whether a task may go into a gap between tasks placed before, or only behind the last one.
    pub insertion: bool,
    /// Whether entry tasks may run again beside a successor.
    pub entry_duplication: bool,
    /// The rule for processors of equal score, for algorithms whose [`ListSchedulerEntry`] takes it.
    pub tie: Tie,
}

impl Default for HeftOptions {
    fn default() -> Self {
        Self { rank: RankCost::Mean, insertion: true, entry_duplication: false, tie: Tie::Index }
    }
}

/// HEFT for `R | prec, c_ij | C_max`: tasks by decreasing upward rank, each to the processor where it ends first.
///
/// Ties: lower task index, then lower processor. O(m P) and the search for gaps; on uniform networks O(m + n P).
/// Topcuoglu, Hariri, Wu (2002), IEEE Transactions on Parallel and Distributed Systems 13.
///
/// # Errors
/// A network of another size, or times that add up beyond the horizon. A schedule that `pulse` cut short is incomplete and must not be
/// used.
///
/// ```
/// use schedkit_core::control::Pulse;
/// use schedkit_core::dag::{Cost, HeftOptions, Network, Past, TaskGraph, heft};
/// let cost = Cost::Matrix { cost: vec![2.0, 3.0, 4.0, 1.0], num_processors: 2 };
/// let graph = TaskGraph::new(cost, &[(0, 1)], &[1.0], None)?;
/// let schedule = heft(&graph, &Network::default(), &Past::default(), HeftOptions::default(), &Pulse::default())?;
/// assert_eq!((schedule.processor, schedule.makespan), (vec![0, 1], 4.0));
/// # Ok::<(), schedkit_core::Error>(())
/// ```
pub fn heft(graph: &TaskGraph, network: &Network, past: &Past, options: HeftOptions, pulse: &Pulse) -> Result<Schedule, Error> {
    run(&Call { graph, links: Links::new(network, graph)?, past, options, seed: 0, pulse })
}

pub(super) const ENTRIES: [ListSchedulerEntry; 1] = [ListSchedulerEntry {
    name: "heft",
    title: "Heterogeneous Earliest Finish Time",
    rule: "Takes the tasks by decreasing upward rank, each to the processor where it ends first, in the earliest gap that holds it.",
    notes: "Ties: lower task, then lower processor. Costs of processors where a task cannot run are left out of its rank.",
    cost: "On a uniform network O(n log n + m + n P), else O(m P), plus the search for gaps.",
    source: "Topcuoglu, H., Hariri, S., Wu, M.-Y. (2002). Performance-effective and low-complexity task scheduling for heterogeneous \
             computing. IEEE Transactions on Parallel and Distributed Systems 13. ListSchedulerEntry duplication: Wang, G., Wang, Y., Liu, H., Guo, \
             H. (2016). HSIP: a novel task scheduling algorithm for heterogeneous computing. Scientific Programming 2016.",
    start: Some(1),
    run,
    ..ListSchedulerEntry::COMMON
}];

fn run(call: &Call) -> Result<Schedule, Error> {
    let &Call { graph, ref links, past, options, pulse, .. } = call;
    let (weights, shortest) = weights_and_shortest(graph, options.rank, pulse);
    if pulse.stopped() {
        return Ok(Schedule::default());
    }
    let rank = upward_rank_until(graph, links, &weights, pulse);
    let mean_cost = weights.iter().sum::<f64>() / weights.len() as f64;
    drop(weights);
    let mut partial = PartialSchedule::with_shortest(graph, links, past, options.insertion, &shortest, pulse);
    if options.entry_duplication {
        return Ok(place_with_copies(partial, &rank));
    }
    match links.uniform() {
        Some((bandwidth, latency)) => {
            let order = rank_order(graph, &rank);
            drop(rank);
            simd::run(PlaceUniform {
                partial: &mut partial,
                order: &order,
                mean_cost,
                communication: |data| latency + data / bandwidth,
            });
        }
        None => list_schedule(&mut partial, &rank, |partial, _, row, ready| partial.earliest_finish(row, ready)),
    }
    Ok(partial.into_schedule())
}
