//! Mappings of one pass: the ready task of lowest index goes to the processor that a simple rule names. With [`Tie::Finish`], `met` and
//! `olb` give ties to the processor where the task ends first.

use super::list::{self, Call, ListScheduler};
use super::partial_schedule::{Choice, PartialSchedule};
use super::registry::ListSchedulerEntry;
use super::tie::Tie;
use crate::error::Error;

pub(super) const BRAUN: &str = "Braun, T. D. et al. (2001). A comparison of eleven static heuristics for mapping a class of independent tasks \
                     onto heterogeneous distributed computing systems. Journal of Parallel and Distributed Computing 61.";

pub(super) const ENTRIES: [ListSchedulerEntry; 3] = [
    ListSchedulerEntry {
        name: "mct",
        title: "Minimum Completion Time",
        rule: "Takes ready tasks by index, each to the processor where it ends first.",
        source: BRAUN,
        start: Some(6),
        run: list::run::<MinimumCompletion>,
        ..ListSchedulerEntry::COMMON
    },
    ListSchedulerEntry {
        name: "met",
        title: "Minimum Execution Time",
        rule: "Takes ready tasks by index, each to the processor where it costs least, however busy that is.",
        notes: "Ties: lower task; between processors as `tie` says.",
        source: BRAUN,
        takes_tie: true,
        run: list::run::<MinimumExecution>,
        ..ListSchedulerEntry::COMMON
    },
    ListSchedulerEntry {
        name: "olb",
        title: "Opportunistic Load Balancing",
        rule: "Takes ready tasks by index, each to the processor that is free first behind its last task, whatever the cost.",
        notes: "Ties: lower task; between processors as `tie` says.",
        source: BRAUN,
        takes_tie: true,
        run: list::run::<LoadBalancing>,
        ..ListSchedulerEntry::COMMON
    },
];

/// Equal priorities, so that the lower index comes first.
pub(super) fn by_index<S>(scheduler: S, call: &Call) -> Result<(S, Vec<f64>), Error> {
    Ok((scheduler, vec![0.0; call.graph.num_tasks()]))
}

struct MinimumCompletion;

impl ListScheduler for MinimumCompletion {
    fn prepare(call: &Call) -> Result<(Self, Vec<f64>), Error> {
        by_index(Self, call)
    }
}

struct MinimumExecution;

impl ListScheduler for MinimumExecution {
    fn prepare(call: &Call) -> Result<(Self, Vec<f64>), Error> {
        by_index(Self, call)
    }

    fn choose(&mut self, call: &Call, partial: &mut PartialSchedule, _: usize, costs: &[f64], ready: &[f64]) -> Choice {
        match call.options.tie {
            Tie::Index => partial.on(first_least(costs.iter().copied()), costs, ready), // without a search for gaps on each processor
            Tie::Finish => partial.best(costs, ready, Tie::Finish, |p, _| costs[p]),
        }
    }
}

struct LoadBalancing;

impl ListScheduler for LoadBalancing {
    fn prepare(call: &Call) -> Result<(Self, Vec<f64>), Error> {
        by_index(Self, call)
    }

    fn score(&self, partial: &PartialSchedule, _: usize, p: usize, _: f64, _: f64) -> f64 {
        partial.timelines.tail[p]
    }
}

/// The place of the first of the least values.
pub(super) fn first_least(values: impl Iterator<Item = f64>) -> usize {
    values.enumerate().reduce(|best, next| if next.1 < best.1 { next } else { best }).map_or(0, |(p, _)| p)
}
