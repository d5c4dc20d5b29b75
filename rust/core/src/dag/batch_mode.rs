//! Schedulers that choose among all ready tasks by their best finishes: Min-Min, Max-Min, Duplex and Sufferage.

use super::Schedule;
use super::by_index::BRAUN;
use super::frontier::{self, Ready};
use super::list::Call;
use super::registry::ListSchedulerEntry;
use crate::error::Error;

pub(super) const ENTRIES: [ListSchedulerEntry; 4] = [
    ListSchedulerEntry {
        name: "min_min",
        title: "Min-Min",
        rule: "Takes the ready task that can end first, to the processor where it does.",
        source: "Ibarra, O. H., Kim, C. E. (1977). Heuristic algorithms for scheduling independent tasks on nonidentical processors. \
                 Journal of the ACM 24.",
        start: Some(8),
        run: min_min,
        ..frontier::COMMON
    },
    ListSchedulerEntry {
        name: "max_min",
        title: "Max-Min",
        rule: "Takes the ready task whose earliest end is latest, to the processor where it ends first.",
        source: BRAUN,
        start: Some(9),
        run: max_min,
        ..frontier::COMMON
    },
    ListSchedulerEntry {
        name: "duplex",
        title: "Duplex",
        rule: "Takes the better of the schedules of `min_min` and `max_min`.",
        notes: "On a tie `min_min` wins.",
        cost: "The sum of both.",
        source: BRAUN,
        run: duplex,
        ..frontier::COMMON
    },
    ListSchedulerEntry {
        name: "sufferage",
        title: "Sufferage",
        rule: "Takes the ready task that would lose most if it went to its second best processor, to its best one.",
        notes: "Ties: lower task, then lower processor. The loss of a task that can run on one processor only is infinite.",
        source: "Maheswaran, M., Ali, S., Siegel, H. J., Hensgen, D., Freund, R. F. (1999). Dynamic mapping of a class of independent \
                 tasks onto heterogeneous computing systems. Journal of Parallel and Distributed Computing 59.",
        start: Some(10),
        run: sufferage,
        ..frontier::COMMON
    },
];

fn min_min(call: &Call) -> Result<Schedule, Error> {
    let offer = |ready: &Ready| {
        let (p, finish, _) = ready.best();
        (p, -finish, 0.0)
    };
    Ok(frontier::run(call, offer))
}

fn max_min(call: &Call) -> Result<Schedule, Error> {
    let offer = |ready: &Ready| {
        let (p, finish, _) = ready.best();
        (p, finish, 0.0)
    };
    Ok(frontier::run(call, offer))
}

fn sufferage(call: &Call) -> Result<Schedule, Error> {
    let offer = |ready: &Ready| {
        let (p, _, sufferage) = ready.best();
        (p, sufferage, 0.0)
    };
    Ok(frontier::run(call, offer))
}

fn duplex(call: &Call) -> Result<Schedule, Error> {
    let (low, high) = (min_min(call)?, max_min(call)?);
    Ok(if high.makespan < low.makespan { high } else { low })
}
