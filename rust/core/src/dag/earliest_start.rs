//! Schedulers that take the ready task and processor of earliest start: ETF and DLS.

use super::Schedule;
use super::frontier;
use super::list::Call;
use super::rank::{RankCost, bottom_level, weights};
use super::registry::ListSchedulerEntry;
use crate::error::Error;

pub(super) const ENTRIES: [ListSchedulerEntry; 2] = [
    ListSchedulerEntry {
        name: "etf",
        title: "Earliest Task First",
        rule: "Takes the ready task and processor of earliest start.",
        notes: "Ties: higher static level (longest way to an exit by mean costs without communication), then lower task; between \
                processors as `tie` says.",
        source: "Hwang, J.-J., Chow, Y.-C., Anger, F. D., Lee, C.-Y. (1989). Scheduling precedence graphs in systems with \
                 interprocessor communication times. SIAM Journal on Computing 18.",
        takes_tie: true,
        start: Some(12),
        example: 8.0,
        run: etf,
        ..frontier::COMMON
    },
    ListSchedulerEntry {
        name: "dls",
        title: "Dynamic Level Scheduling",
        rule: "Takes the ready task and processor of largest dynamic level: static level (longest way to an exit by median costs) \
               minus earliest start plus how much cheaper than its median the task is there.",
        notes: "Ties: lower task; between processors as `tie` says, which hardly matters: the dynamic level falls by as much as the \
                finish rises, so processors of equal level end the task at the same time, except for rounding. The original does not \
                insert: ``insertion=False``.",
        source: "Sih, G. C., Lee, E. A. (1993). A compile-time scheduling heuristic for interconnection-constrained heterogeneous \
                 processor architectures. IEEE Transactions on Parallel and Distributed Systems 4.",
        takes_tie: true,
        start: Some(11),
        run: dls,
        ..frontier::COMMON
    },
];

fn etf(call: &Call) -> Result<Schedule, Error> {
    let level = bottom_level(call.graph, &weights(call.graph, RankCost::Mean));
    Ok(frontier::run(call, |ready| {
        let (p, start) = ready.least(call.options.tie, |p| ready.start[p]);
        (p, -start, level[ready.task])
    }))
}

fn dls(call: &Call) -> Result<Schedule, Error> {
    let median = weights(call.graph, RankCost::Median);
    let level = bottom_level(call.graph, &median);
    Ok(frontier::run(call, |ready| {
        let dynamic = |p: usize| level[ready.task] - ready.start[p] + (median[ready.task] - ready.cost[p]);
        let (p, least) = ready.least(call.options.tie, |p| -dynamic(p));
        (p, -least, 0.0)
    }))
}
