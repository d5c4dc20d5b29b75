//! Schedulers that compare all ready tasks on all processors before each step.
//!
//! What a ready task can do on a processor changes only when something is placed there, so one column is renewed per step:
//! O(n r P) for at most r ready tasks.

use std::cmp::Ordering;

use super::Schedule;
use super::board::Board;
use super::graph::TaskGraph;
use super::heft::HeftOptions;
use super::network::{Links, Network};
use super::past::Past;
use super::rank::{RankCost, bottom_level, weights};
use super::tie::Tie;
use crate::control::Pulse;
use crate::error::Error;

/// A ready task: its costs and its earliest start, each by processor.
struct Ready {
    task: usize,
    cost: Vec<f64>,
    start: Vec<f64>,
}

impl Ready {
    fn finish(&self, p: usize) -> f64 {
        self.start[p] + self.cost[p]
    }

    fn possible(&self) -> impl Iterator<Item = usize> + '_ {
        (0..self.cost.len()).filter(|&p| self.cost[p].is_finite())
    }

    /// The processor where the task ends first, its finish there, and by how much the second best is worse: infinitely, where
    /// there is no second.
    fn best(&self) -> (usize, f64, f64) {
        let (mut best, mut first, mut second) = (0, f64::INFINITY, f64::INFINITY);
        for p in self.possible() {
            let finish = self.finish(p);
            if finish < first {
                (best, first, second) = (p, finish, first);
            } else if finish < second {
                second = finish;
            }
        }
        (best, first, second - first)
    }
}

/// A ready task's best processor and what it is chosen by: the larger merit first, then the larger second merit, then the lower
/// task.
type Offer = (usize, f64, f64);

/// Places everything, always the best offer; if the board's pulse stops it, the schedule is incomplete.
fn schedule(mut board: Board, insertion: bool, offer: impl Fn(&Ready) -> Offer) -> Schedule {
    let (graph, n, width) = (board.graph, board.graph.num_tasks(), board.graph.num_processors());
    let open =
        |board: &Board, i: usize| graph.dag().predecessors().of(i).iter().filter(|&&p| !board.is_placed(p as usize)).count();
    let mut waiting: Vec<usize> = (0..n).map(|i| open(&board, i)).collect();
    let enter = |board: &Board, task: usize| {
        let (mut cost, mut data) = (vec![0.0; width], vec![0.0; width]);
        cost.copy_from_slice(graph.row(task, &mut data));
        board.ready(task, &mut data);
        let start = (0..width).map(|p| board.lanes.earliest(p, data[p], cost[p])).collect();
        let ready = Ready { task, cost, start };
        (offer(&ready), ready)
    };
    let mut frontier: Vec<(Offer, Ready)> = Vec::new();
    let mut entries: Vec<usize> = (0..n).rev().filter(|&i| waiting[i] == 0 && !board.is_placed(i)).collect();
    while let Some(i) = entries.pop() {
        if board.pulse.worked((width * (1 + graph.dag().predecessors().degree(i))) as u64) {
            return board.into_schedule();
        }
        frontier.push(enter(&board, i));
    }
    let better = |a: &(Offer, Ready), b: &(Offer, Ready)| {
        let ((_, a1, a2), (_, b1, b2)) = (a.0, b.0);
        order(a1, b1).then(order(a2, b2)).then(b.1.task.cmp(&a.1.task)) == Ordering::Greater
    };
    while let Some(k) = (0..frontier.len()).reduce(|best, k| if better(&frontier[k], &frontier[best]) { k } else { best })
        && !board.pulse.worked(frontier.len() as u64)
    {
        let ((p, _, _), ready) = frontier.swap_remove(k);
        let (from, until) = (ready.start[p], ready.finish(p));
        board.place(ready.task, p, from, until);
        for (best, other) in &mut frontier {
            // A task that was to run before or after what is placed now still can. Without insertion, what was to run before cannot.
            let before = insertion && other.finish(p) < from;
            if before || other.start[p] > until {
                continue;
            }
            // Starts only ever become later, so the search goes on where the last one ended.
            let start = board.lanes.earliest(p, other.start[p], other.cost[p]);
            if start != other.start[p] {
                other.start[p] = start;
                *best = offer(other);
            }
        }
        for &j in graph.dag().successors().of(ready.task) {
            waiting[j as usize] -= 1;
            if waiting[j as usize] == 0 {
                if board.pulse.worked((width * graph.dag().predecessors().degree(j as usize)) as u64) {
                    return board.into_schedule();
                }
                frontier.push(enter(&board, j as usize));
            }
        }
    }
    board.into_schedule()
}

/// Earliest Task First: the ready task and processor of earliest start; ties between tasks: higher static level (mean costs), then
/// lower task. Ties between processors: the lower index, even if it is slower, or with [`Tie::Finish`] the one where the task ends first.
/// Hwang, Chow, Anger, Lee (1989), SIAM Journal on Computing 18.
///
/// # Errors
/// As [`heft`](super::heft).
pub fn etf(graph: &TaskGraph, network: &Network, past: &Past, options: HeftOptions, pulse: &Pulse) -> Result<Schedule, Error> {
    let links = Links::new(network, graph)?;
    let level = bottom_level(graph, &weights(graph, RankCost::Mean));
    Ok(schedule(Board::new(graph, &links, past, options.insertion, pulse), options.insertion, |ready| {
        let (p, start) = least(ready, options.tie, |p| ready.start[p]);
        (p, -start, level[ready.task])
    }))
}

/// Dynamic Level Scheduling: the ready task and processor of largest `static level - earliest start + (median cost - cost)`; the
/// static level is made of median costs; ties: lower task, then as [`HeftOptions::tie`] says. The level falls by as much as the finish
/// rises, so processors of equal level end the task at the same time, except for rounding.
/// Sih, Lee (1993), IEEE Transactions on Parallel and Distributed Systems 4.
///
/// # Errors
/// As [`heft`](super::heft).
pub fn dls(graph: &TaskGraph, network: &Network, past: &Past, options: HeftOptions, pulse: &Pulse) -> Result<Schedule, Error> {
    let links = Links::new(network, graph)?;
    let median = weights(graph, RankCost::Median);
    let level = bottom_level(graph, &median);
    Ok(schedule(Board::new(graph, &links, past, options.insertion, pulse), options.insertion, |ready| {
        let dynamic = |p: usize| level[ready.task] - ready.start[p] + (median[ready.task] - ready.cost[p]);
        let (p, least) = least(ready, options.tie, |p| -dynamic(p));
        (p, -least, 0.0)
    }))
}

/// Min-Min: the ready task of earliest finish first; ties: lower task, then lower processor. Ibarra, Kim (1977), Journal of the
/// ACM 24; Braun et al. (2001), Journal of Parallel and Distributed Computing 61.
///
/// # Errors
/// As [`heft`](super::heft).
pub fn min_min(
    graph: &TaskGraph,
    network: &Network,
    past: &Past,
    options: HeftOptions,
    pulse: &Pulse,
) -> Result<Schedule, Error> {
    let links = Links::new(network, graph)?;
    Ok(schedule(Board::new(graph, &links, past, options.insertion, pulse), options.insertion, |ready| {
        let (p, finish, _) = ready.best();
        (p, -finish, 0.0)
    }))
}

/// Max-Min: the ready task whose earliest finish is latest first. Ties and sources as [`min_min`].
///
/// # Errors
/// As [`heft`](super::heft).
pub fn max_min(
    graph: &TaskGraph,
    network: &Network,
    past: &Past,
    options: HeftOptions,
    pulse: &Pulse,
) -> Result<Schedule, Error> {
    let links = Links::new(network, graph)?;
    Ok(schedule(Board::new(graph, &links, past, options.insertion, pulse), options.insertion, |ready| {
        let (p, finish, _) = ready.best();
        (p, finish, 0.0)
    }))
}

/// Duplex: the better of [`min_min`] and [`max_min`], the former on a tie. Braun et al. (2001).
///
/// # Errors
/// As [`heft`](super::heft).
pub fn duplex(graph: &TaskGraph, network: &Network, past: &Past, options: HeftOptions, pulse: &Pulse) -> Result<Schedule, Error> {
    let (low, high) = (min_min(graph, network, past, options, pulse)?, max_min(graph, network, past, options, pulse)?);
    Ok(if high.makespan < low.makespan { high } else { low })
}

/// Sufferage: the ready task that would suffer most from its second best processor first; a task with one processor suffers
/// infinitely. Ties as [`min_min`]. Maheswaran, Ali, Siegel, Hensgen, Freund (1999), Journal of Parallel and Distributed
/// Computing 59.
///
/// # Errors
/// As [`heft`](super::heft).
pub fn sufferage(
    graph: &TaskGraph,
    network: &Network,
    past: &Past,
    options: HeftOptions,
    pulse: &Pulse,
) -> Result<Schedule, Error> {
    let links = Links::new(network, graph)?;
    Ok(schedule(Board::new(graph, &links, past, options.insertion, pulse), options.insertion, |ready| {
        let (p, _, sufferage) = ready.best();
        (p, sufferage, 0.0)
    }))
}

/// The order of two numbers, -0 and 0 being equal.
fn order(a: f64, b: f64) -> Ordering {
    (a + 0.0).total_cmp(&(b + 0.0))
}

/// The possible processor of least value.
fn least(ready: &Ready, tie: Tie, value: impl Fn(usize) -> f64) -> (usize, f64) {
    let mut scores = ready.possible().map(|p| (p, value(p)));
    let first = scores.next().expect("some processor can run the task");
    scores.fold(
        first,
        |best, (p, value)| {
            if tie.prefers(value, ready.finish(p), (best.1, ready.finish(best.0))) { (p, value) } else { best }
        },
    )
}
