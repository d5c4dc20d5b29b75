//! HEFT's placement loop where every link takes the same time.

use super::board::{Board, Choice, Lanes};
use super::graph::Cost;
use crate::simd::{Search, Work, prefetch};

/// How far ahead of the current task memory is asked for: the rows that say where its predecessors stand, then those, then when
/// they end. The order is known, and its tasks lie anywhere.
const AHEAD: [usize; 3] = [24, 12, 6];

/// The placement loop where every link takes the same time: the list loop's choices, found faster.
///
/// * A task's data are ready everywhere when the last message arrives, except where that message comes from, so two numbers
///   replace one maximum per processor and predecessor.
/// * Behind the last task of each processor there is always room; a gap is looked for only where one could end the task earlier.
pub(crate) struct PlaceUniform<'a, 'b, F> {
    pub(crate) board: &'a mut Board<'b>,
    pub(crate) order: &'a [u32],
    /// How long data travel.
    pub(crate) communication: F,
}

impl<F: Fn(f64) -> f64> Work for PlaceUniform<'_, '_, F> {
    type Output = ();

    #[inline(always)]
    fn run(self, kernel: impl Search) {
        place_all(kernel, self.board, self.order, self.communication);
    }
}

#[inline(always)]
fn place_all(kernel: impl Search, board: &mut Board, order: &[u32], communication: impl Fn(f64) -> f64) {
    let graph = board.graph;
    let width = graph.num_processors();
    let mut room = vec![0.0; width];
    let mut scratch = Scratch { least: vec![0.0; width], end: vec![0.0; width], hopeful: vec![0; width.div_ceil(CHUNK)] };
    for (k, &task) in order.iter().enumerate() {
        look_ahead(board, order, k);
        let task = task as usize;
        if board.is_placed(task) {
            continue;
        }
        let row = graph.row(task, &mut room);
        let arrivals = arrivals(board, task, &communication);
        let choice = earliest_finish(kernel, &board.lanes, row, arrivals, &mut scratch);
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
    /// Marks the processors with a gap that may end the task earlier.
    hopeful: Vec<u64>,
}

/// Numbers that are worked on at once.
const LANES: usize = 8;

/// The choice of [`Board::earliest_finish`].
#[inline(always)]
fn earliest_finish(kernel: impl Search, lanes: &Lanes, row: &[f64], arrivals: Arrivals, scratch: &mut Scratch) -> Choice {
    let Arrivals { source, here, elsewhere } = arrivals;
    let width = row.len();
    let later = |a: f64, b: f64| if a > b { a } else { b };
    let (tail, least, end) = (&lanes.tail[..width], &mut scratch.least[..width], &mut scratch.end[..width]);
    let ready = |p: usize| if p == source { here } else { elsewhere };
    for p in 0..width {
        let ready = ready(p);
        least[p] = ready + row[p];
        end[p] = later(tail[p], ready) + row[p];
    }
    let finish = minimum(end);
    let processor = first_at_most(kernel, end, finish);
    let mut best = Choice { processor, start: later(tail[processor], ready(processor)), finish };
    // The earliest end in a gap: where only the last gap comes late enough, exactly; else at least.
    let (start, stop) = (&lanes.last_start[..width], &lanes.last_end[..width]);
    let before = &lanes.end_before[..width];
    let (recent_end, recent_room) = (&lanes.recent_end[..width], &lanes.recent_room[..width]);
    let hope = |p: usize, least: f64, ready: f64| {
        let in_last = later(ready, start[p]) + row[p];
        let in_last = if in_last <= stop[p] { in_last } else { f64::INFINITY };
        let bound = if least > before[p] { in_last } else { least };
        let room = if least > recent_end[p] { recent_room[p] } else { f64::INFINITY };
        if least <= stop[p] && row[p] <= room { bound } else { f64::INFINITY }
    };
    for (p, least) in least.iter_mut().enumerate() {
        *least = hope(p, *least, ready(p));
    }
    for (hopeful, least) in scratch.hopeful.iter_mut().zip(least.chunks(CHUNK)) {
        *hopeful = kernel.at_most(least, best.finish);
    }
    // The most hopeful gaps first: the first one that holds the task rules most others out.
    while let Some(p) = take_least(kernel, least, &mut scratch.hopeful, best.finish) {
        if let Some(start) = lanes.in_gap(p, ready(p), row[p], best.finish) {
            let finish = start + row[p];
            if finish < best.finish || (finish == best.finish && p <= best.processor) {
                best = Choice { processor: p, start, finish };
            }
        }
    }
    best
}

/// Numbers that one mask tells apart.
const CHUNK: usize = 64;

/// Takes the place of the least marked number out of the marks, if that number is at most `limit`.
#[inline(always)]
fn take_least(kernel: impl Search, values: &[f64], marks: &mut [u64], limit: f64) -> Option<usize> {
    let (mut least, mut chunk) = (f64::INFINITY, usize::MAX);
    for (c, (values, &marks)) in values.chunks(CHUNK).zip(&*marks).enumerate() {
        let value = if marks == 0 { f64::INFINITY } else { kernel.least(values, marks) };
        if value < least {
            (least, chunk) = (value, c);
        }
    }
    if chunk == usize::MAX || least > limit {
        return None;
    }
    let place = (kernel.at_most(&values[chunk * CHUNK..], least) & marks[chunk]).trailing_zeros() as usize;
    marks[chunk] &= !(1 << place);
    Some(chunk * CHUNK + place)
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

/// Where the first number that is at most `limit` stands; there is one.
#[inline(always)]
fn first_at_most(kernel: impl Search, values: &[f64], limit: f64) -> usize {
    let mut chunks = values.chunks(CHUNK).enumerate();
    let place = chunks.find_map(|(chunk, values)| match kernel.at_most(values, limit) {
        0 => None,
        found => Some(CHUNK * chunk + found.trailing_zeros() as usize),
    });
    place.expect("the limit is one of the numbers")
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
