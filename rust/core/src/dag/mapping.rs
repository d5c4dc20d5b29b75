//! One-pass mappings and baselines: ready tasks by index, each to the processor that a simple rule names.

use super::Schedule;
use super::board::{Board, Choice};
use super::graph::TaskGraph;
use super::heft::HeftOptions;
use super::list::list_schedule;
use super::network::{Links, Network};
use super::past::Past;
use super::tie::Tie;
use crate::control::Pulse;
use crate::error::Error;
use crate::random::Random;

/// Minimum Completion Time: where the task ends first. Braun et al. (2001), Journal of Parallel and Distributed Computing 61.
///
/// This and its siblings below take ready tasks by index. Ties between processors go to the lower index, even if the task ends later
/// there; with [`Tie::Finish`], [`met`] and [`olb`] give them to the processor where it ends first. O(n log n + m P).
///
/// # Errors
/// As [`heft`](super::heft).
pub fn mct(graph: &TaskGraph, network: &Network, past: &Past, options: HeftOptions, pulse: &Pulse) -> Result<Schedule, Error> {
    by_index(graph, network, past, options, pulse, |board, _, row, ready| board.earliest_finish(row, ready).processor)
}

/// Minimum Execution Time: where the task costs least, however busy. Braun et al. (2001).
///
/// # Errors
/// As [`heft`](super::heft).
pub fn met(graph: &TaskGraph, network: &Network, past: &Past, options: HeftOptions, pulse: &Pulse) -> Result<Schedule, Error> {
    by_index(graph, network, past, options, pulse, |board, _, row, ready| match options.tie {
        Tie::Index => least(row.iter().copied()),
        Tie::Finish => board.best(row, ready, Tie::Finish, |p, _| row[p]).processor,
    })
}

/// Opportunistic Load Balancing: the processor that is free first (behind its last task), whatever the cost. Braun et al. (2001).
///
/// # Errors
/// As [`heft`](super::heft).
pub fn olb(graph: &TaskGraph, network: &Network, past: &Past, options: HeftOptions, pulse: &Pulse) -> Result<Schedule, Error> {
    by_index(graph, network, past, options, pulse, |board, _, row, ready| {
        if options.tie == Tie::Finish {
            return board.best(row, ready, Tie::Finish, |p, _| board.lanes.tail[p]).processor;
        }
        let free = row.iter().zip(&board.lanes.tail);
        least(free.map(|(w, &tail)| if w.is_finite() { tail } else { f64::INFINITY }))
    })
}

/// A baseline: each task anywhere it can run, with equal probability.
///
/// # Errors
/// As [`heft`](super::heft).
pub fn random(
    graph: &TaskGraph,
    network: &Network,
    past: &Past,
    options: HeftOptions,
    seed: u64,
    pulse: &Pulse,
) -> Result<Schedule, Error> {
    let mut random = Random::new(seed);
    by_index(graph, network, past, options, pulse, |_, _, row, _| {
        let possible = row.iter().filter(|w| w.is_finite()).count();
        let chosen = random.below(possible as u64) as usize;
        let nth = row.iter().enumerate().filter(|(_, w)| w.is_finite()).nth(chosen);
        nth.expect("some processor can run the task").0
    })
}

/// A baseline: everything on one processor, the one that can run most tasks, then the one of least total cost, then the lowest;
/// tasks that it cannot run go where they cost least.
///
/// # Errors
/// As [`heft`](super::heft).
pub fn fastest(
    graph: &TaskGraph,
    network: &Network,
    past: &Past,
    options: HeftOptions,
    pulse: &Pulse,
) -> Result<Schedule, Error> {
    let width = graph.num_processors();
    let (mut impossible, mut total, mut room) = (vec![0_usize; width], vec![0.0; width], vec![0.0; width]);
    for i in 0..graph.num_tasks() {
        for (p, &w) in graph.row(i, &mut room).iter().enumerate() {
            if w.is_finite() { total[p] += w } else { impossible[p] += 1 }
        }
    }
    let by_merit = |&p: &usize, &q: &usize| impossible[p].cmp(&impossible[q]).then(total[p].total_cmp(&total[q])).then(p.cmp(&q));
    let home = (0..width).min_by(by_merit).unwrap_or(0);
    by_index(
        graph,
        network,
        past,
        options,
        pulse,
        |_, _, row, _| if row[home].is_finite() { home } else { least(row.iter().copied()) },
    )
}

/// The first of the least values.
fn least(values: impl Iterator<Item = f64>) -> usize {
    values.enumerate().reduce(|best, next| if next.1 < best.1 { next } else { best }).map_or(0, |(p, _)| p)
}

fn by_index(
    graph: &TaskGraph,
    network: &Network,
    past: &Past,
    options: HeftOptions,
    pulse: &Pulse,
    mut choose: impl FnMut(&Board, usize, &[f64], &[f64]) -> usize,
) -> Result<Schedule, Error> {
    let links = Links::new(network, graph)?;
    let mut board = Board::new(graph, &links, past, options.insertion, pulse);
    list_schedule(&mut board, &vec![0.0; graph.num_tasks()], |board, task, row, ready| {
        let p = choose(board, task, row, ready);
        let start = board.lanes.earliest(p, ready[p], row[p]);
        Choice { processor: p, start, finish: start + row[p] }
    });
    Ok(board.into_schedule())
}
