//! Heterogeneous Earliest Finish Time.

use super::Schedule;
use super::board::{Board, Choice, Lanes};
use super::duplication::place_with_copies;
use super::graph::{Cost, TaskGraph};
use super::list::list_schedule;
use super::network::{Links, Network};
use super::past::Past;
use super::rank::{RankCost, rank_order, survey, upward_rank};
use crate::error::Error;
use crate::simd::{Simd, avx512, prefetch};

/// The variants of HEFT.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct HeftOptions {
    /// What stands for a task's cost in its rank.
    pub rank: RankCost,
    /// Whether a task may go into a gap between tasks placed before, or only behind the last one.
    pub insertion: bool,
    /// Whether entry tasks may run again beside a successor.
    pub entry_duplication: bool,
}

impl Default for HeftOptions {
    fn default() -> Self {
        Self { rank: RankCost::Mean, insertion: true, entry_duplication: false }
    }
}

/// HEFT for `R | prec, c_ij | C_max`: tasks by decreasing upward rank, each to the processor where it ends first.
///
/// Ties: lower task index, then lower processor. O(m P) and the search for gaps; on uniform networks O(m + n P).
/// Topcuoglu, Hariri, Wu (2002), IEEE Transactions on Parallel and Distributed Systems 13.
///
/// # Errors
/// A network of another size, or times that add up beyond the horizon.
///
/// ```
/// use schedkit_core::dag::{Cost, HeftOptions, Network, Past, TaskGraph, heft};
/// let cost = Cost::Matrix { cost: vec![2.0, 3.0, 4.0, 1.0], num_processors: 2 };
/// let graph = TaskGraph::new(cost, &[(0, 1)], &[1.0], None)?;
/// let schedule = heft(&graph, &Network::default(), &Past::default(), HeftOptions::default())?;
/// assert_eq!((schedule.processor, schedule.makespan), (vec![0, 1], 4.0));
/// # Ok::<(), schedkit_core::Error>(())
/// ```
pub fn heft(graph: &TaskGraph, network: &Network, past: &Past, options: HeftOptions) -> Result<Schedule, Error> {
    let links = Links::new(network, graph)?;
    let (weights, shortest) = survey(graph, options.rank);
    let rank = upward_rank(graph, &links, &weights);
    drop(weights);
    let mut board = Board::with_shortest(graph, &links, past, options.insertion, &shortest);
    if options.entry_duplication {
        return Ok(place_with_copies(board, &rank));
    }
    match links.uniform() {
        Some((bandwidth, latency)) => {
            let order = rank_order(graph, &rank);
            drop(rank);
            let mut place = || place_uniform(&mut board, &order, |data| latency + data / bandwidth);
            match avx512() {
                Some(kernel) => Simd::<u64>::vectorize(kernel, place),
                None => place(),
            }
        }
        None => list_schedule(&mut board, &rank, |board, _, row, ready| board.earliest_finish(row, ready)),
    }
    Ok(board.into_schedule())
}

/// How far ahead of the current task memory is asked for: the rows that say where its predecessors stand, then those, then when
/// they end. The order is known, and its tasks lie anywhere.
const AHEAD: [usize; 3] = [24, 12, 6];

/// The placement loop where every link takes the same time: the list loop's choices, found faster.
///
/// * A task's data are ready everywhere when the last message arrives, except where that message comes from, so two numbers
///   replace one maximum per processor and predecessor.
/// * Behind the last task of each processor there is always room; a gap is looked for only where one could end the task earlier.
#[inline(always)]
fn place_uniform(board: &mut Board, order: &[u32], communication: impl Fn(f64) -> f64) {
    let graph = board.graph;
    let width = graph.num_processors();
    let mut room = vec![0.0; width];
    let mut scratch = Scratch { least: vec![0.0; width], end: vec![0.0; width] };
    for (k, &task) in order.iter().enumerate() {
        look_ahead(board, order, k);
        let task = task as usize;
        if board.is_placed(task) {
            continue;
        }
        let row = graph.row(task, &mut room);
        let arrivals = arrivals(board, task, &communication);
        let choice = earliest_finish(&board.lanes, row, arrivals, &mut scratch);
        board.place(task, choice.processor, choice.start, choice.finish);
    }
}

/// When a task's data are ready: `here` on the processor `source`, `elsewhere` on all others.
#[derive(Clone, Copy)]
struct Arrivals {
    source: usize,
    here: f64,
    elsewhere: f64,
}

#[inline(always)]
fn arrivals(board: &Board, task: usize, communication: &impl Fn(f64) -> f64) -> Arrivals {
    let mut a = Arrivals { source: 0, here: board.now, elsewhere: board.now };
    for (i, data) in board.graph.incoming(task) {
        let arrival = board.placed[i].finish + communication(data);
        if arrival > a.elsewhere {
            (a.elsewhere, a.source) = (arrival, board.placed[i].processor as usize);
        }
    }
    for (i, data) in board.graph.incoming(task) {
        let placed = board.placed[i];
        let travel = if placed.processor as usize == a.source { 0.0 } else { communication(data) };
        let arrival = placed.finish + travel;
        a.here = if arrival > a.here { arrival } else { a.here };
    }
    a
}

/// By processor: the end if nothing else ran, and behind the last task.
struct Scratch {
    least: Vec<f64>,
    end: Vec<f64>,
}

/// Numbers that are worked on at once.
const LANES: usize = 8;

/// The choice of [`Board::earliest_finish`].
#[inline(always)]
fn earliest_finish(lanes: &Lanes, row: &[f64], arrivals: Arrivals, scratch: &mut Scratch) -> Choice {
    let Arrivals { source, here, elsewhere } = arrivals;
    let width = row.len();
    let later = |a: f64, b: f64| if a > b { a } else { b };
    let (tail, least, end) = (&lanes.tail[..width], &mut scratch.least[..width], &mut scratch.end[..width]);
    for p in 0..width {
        least[p] = elsewhere + row[p];
        end[p] = later(tail[p], elsewhere) + row[p];
    }
    least[source] = here + row[source];
    end[source] = later(tail[source], here) + row[source];
    let finish = minimum(end);
    let processor = first(end, finish);
    let ready = |p: usize| if p == source { here } else { elsewhere };
    let mut best = Choice { processor, start: later(tail[processor], ready(processor)), finish };
    // The earliest end in a gap: where only the last gap comes late enough, exactly; else at least.
    let (start, stop) = (&lanes.last_start[..width], &lanes.last_end[..width]);
    let (before, room) = (&lanes.end_before[..width], &lanes.room[..width]);
    let hope = |p: usize, least: f64, ready: f64| {
        let in_last = later(ready, start[p]) + row[p];
        let in_last = if in_last <= stop[p] { in_last } else { f64::INFINITY };
        let bound = if least > before[p] { in_last } else { least };
        if least <= stop[p] && row[p] <= room[p] { bound } else { f64::INFINITY }
    };
    let at_source = hope(source, least[source], here);
    for (p, least) in least.iter_mut().enumerate() {
        *least = hope(p, *least, elsewhere);
    }
    least[source] = at_source;
    let mut hopeful = minimum(least);
    // The most hopeful gaps first: the first one that holds the task rules most others out.
    while hopeful <= best.finish {
        let p = first(least, hopeful);
        least[p] = f64::INFINITY;
        if let Some(start) = lanes.in_gap(p, ready(p), row[p]) {
            let finish = start + row[p];
            if finish < best.finish || (finish == best.finish && p <= best.processor) {
                best = Choice { processor: p, start, finish };
            }
        }
        hopeful = minimum(least);
    }
    best
}

/// The least of some numbers.
#[inline(always)]
fn minimum(values: &[f64]) -> f64 {
    let mut minima = [f64::INFINITY; LANES];
    let mut groups = values.chunks_exact(LANES);
    for group in &mut groups {
        for (least, &value) in minima.iter_mut().zip(group) {
            *least = if value < *least { value } else { *least };
        }
    }
    let all = groups.remainder().iter().chain(&minima);
    all.fold(f64::INFINITY, |least, &value| if value < least { value } else { least })
}

/// Where `value` stands first; it does stand somewhere.
#[inline(always)]
fn first(values: &[f64], value: f64) -> usize {
    for (group, values) in values.chunks(LANES).enumerate() {
        let found = values.iter().enumerate().fold(0_u32, |found, (k, &other)| found | u32::from(other == value) << k);
        if found != 0 {
            return group * LANES + found.trailing_zeros() as usize;
        }
    }
    unreachable!("the value was taken from here")
}

/// Asks for the memory that the next tasks will need.
#[inline(always)]
fn look_ahead(board: &Board, order: &[u32], k: usize) {
    let graph = board.graph;
    let (start, predecessors) = graph.dag().predecessors().columns();
    if let Some(&task) = order.get(k + AHEAD[0]) {
        prefetch(start, task as usize);
        if let Cost::Matrix { cost, num_processors } = graph.costs() {
            let from = task as usize * num_processors;
            for line in (from..from + num_processors).step_by(8) {
                prefetch(cost, line);
            }
        }
    }
    if let Some(&task) = order.get(k + AHEAD[1]) {
        let from = start[task as usize] as usize;
        prefetch(predecessors, from);
        prefetch(graph.data_in(), from);
        prefetch(&board.start, task as usize);
        prefetch(&board.placed, task as usize);
    }
    if let Some(&task) = order.get(k + AHEAD[2]) {
        for &i in graph.dag().predecessors().of(task as usize) {
            prefetch(&board.placed, i as usize);
        }
    }
}
