//! HEFT's placement loop where every link takes the same time.

use super::board::{Board, Choice, Lanes};
use super::gaps::Fit;
use super::graph::Cost;
use super::sketch::Sketch;
use crate::simd::{Search, Work, prefetch};

/// How far ahead of the current task memory is asked for: the rows that say where its predecessors stand, then those, then when
/// they end. The order is known, and its tasks lie anywhere.
const AHEAD: [usize; 3] = [24, 12, 6];

/// The placement loop where every link takes the same time: the list loop's choices, found faster.
///
/// * A task's data are ready everywhere when the last message arrives, except where that message comes from, so two numbers
///   replace one maximum per processor and predecessor.
/// * Behind the last task of each processor there is always room; a gap is looked for only where one could end the task earlier, and
///   where the sketch of the timelines does not rule it out.
pub(crate) struct PlaceUniform<'a, 'b, F> {
    pub(crate) board: &'a mut Board<'b>,
    pub(crate) order: &'a [u32],
    /// What tasks cost on average: it only decides how fine the sketch is.
    pub(crate) mean_cost: f64,
    /// How long data travel.
    pub(crate) communication: F,
}

impl<F: Fn(f64) -> f64> Work for PlaceUniform<'_, '_, F> {
    type Output = ();

    #[inline(always)]
    fn run(self, kernel: impl Search) {
        place_all(kernel, self.board, self.order, self.mean_cost, self.communication);
    }
}

/// Slots of the sketch in the time of a mean task, and at most for each task.
const SLOTS: f64 = 8.0;
const MOST_SLOTS: usize = 32;

#[inline(always)]
fn place_all(kernel: impl Search, board: &mut Board, order: &[u32], mean_cost: f64, communication: impl Fn(f64) -> f64) {
    let graph = board.graph;
    let width = graph.num_processors();
    let most = order.len() * MOST_SLOTS / 64 / width.max(1);
    let mut sketch = Sketch::new(width, board.now, mean_cost / SLOTS, most);
    for p in (0..width).filter(|&p| board.lanes.last_end[p].is_finite()) {
        sketch.widen(p, board.lanes.last_end[p], board.lanes.room_from(p, f64::NEG_INFINITY));
    }
    let mut room = vec![0.0; width];
    let mut scratch = Scratch { least: vec![0.0; width], end: vec![0.0; width], hopeful: vec![0; width.div_ceil(CHUNK)] };
    for (k, &task) in order.iter().enumerate() {
        look_ahead(board, order, k);
        let task = task as usize;
        if board.is_placed(task) {
            continue;
        }
        if board.pulse.worked((width + graph.dag().predecessors().degree(task)) as u64) {
            return;
        }
        let row = graph.row(task, &mut room);
        let arrivals = arrivals(board, task, &communication);
        let Choice { processor, start, finish } = earliest_finish(kernel, &board.lanes, &mut sketch, row, arrivals, &mut scratch);
        let (busy, gap) = board.place(task, processor, start, finish);
        sketch.mark(processor, busy);
        if let Some(room) = gap {
            sketch.widen(processor, start, room);
        }
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
fn earliest_finish(
    kernel: impl Search,
    lanes: &Lanes,
    sketch: &mut Sketch,
    row: &[f64],
    arrivals: Arrivals,
    scratch: &mut Scratch,
) -> Choice {
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
    // The earliest end in a gap, at least; infinite where no gap comes late enough or holds the task.
    let (last_end, room) = (&lanes.last_end[..width], &sketch.room(elsewhere)[..width]);
    let room_here = sketch.room(here)[source];
    for p in 0..width {
        let room = if p == source { room_here } else { room[p] };
        least[p] = if least[p] <= last_end[p] && row[p] <= room { least[p] } else { f64::INFINITY };
    }
    // The most hopeful gaps first: the first one that holds the task rules most others out.
    mark_hopeful(kernel, least, best.finish, &mut scratch.hopeful);
    let mut tried = false;
    while let Some(p) = take_least(kernel, least, &mut scratch.hopeful, best.finish) {
        match lanes.in_gap(p, ready(p), row[p], best.finish) {
            Fit::At(start) => {
                let finish = start + row[p];
                if finish < best.finish || (finish == best.finish && p <= best.processor) {
                    best = Choice { processor: p, start, finish };
                }
            }
            Fit::Late => {}
            Fit::Nowhere => sketch.narrow(p, ready(p), lanes.room_from(p, sketch.stretch(ready(p)))),
        }
        if tried {
            continue;
        }
        // Where many are left, the sketch rules most of them out at once.
        tried = true;
        least[p] = f64::INFINITY;
        if mark_hopeful(kernel, least, best.finish, &mut scratch.hopeful) > FEW {
            let (only, at_source) = (source..=source, least[source]);
            sketch.raise(0, elsewhere, row, least);
            least[source] = at_source;
            sketch.raise(source, here, &row[only.clone()], &mut least[only]);
            mark_hopeful(kernel, least, best.finish, &mut scratch.hopeful);
        }
    }
    best
}

/// Gaps that are looked into one by one.
const FEW: u32 = 2;

/// Marks the numbers that are at most `limit`, and counts them.
#[inline(always)]
fn mark_hopeful(kernel: impl Search, least: &[f64], limit: f64, hopeful: &mut [u64]) -> u32 {
    let mut count = 0;
    for (hopeful, least) in hopeful.iter_mut().zip(least.chunks(CHUNK)) {
        *hopeful = kernel.at_most(least, limit);
        count += hopeful.count_ones();
    }
    count
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

#[cfg(test)]
mod tests {
    use crate::control::Pulse;
    use crate::dag::board::Board;
    use crate::dag::list::list_schedule;
    use crate::dag::{Cost, Fixed, HeftOptions, Links, Network, Past, RankCost, TaskGraph, heft, upward_rank, weights};
    use crate::random::Random;

    /// Four edges into each task from a window before it; costs alike or as they come, some tasks without.
    fn graph(n: usize, num_processors: usize, window: usize, ratio: f64, alike: bool, random: &mut Random) -> TaskGraph {
        let mut edges = Vec::new();
        for j in 1..n {
            let low = j.saturating_sub(window);
            let mut before: Vec<usize> = (0..4).map(|_| low + random.below((j - low) as u64) as usize).collect();
            before.sort_unstable();
            before.dedup();
            edges.extend(before.into_iter().map(|i| (i as u32, j as u32)));
        }
        let data: Vec<f64> = edges.iter().map(|_| 20.0 * ratio * random.unit()).collect();
        let mut cost = Vec::new();
        for _ in 0..n {
            let own = random.below(21) as f64;
            cost.extend(
                (0..num_processors).map(|_| if alike { own * (0.75 + 0.5 * random.unit()) } else { 20.0 * random.unit() }),
            );
        }
        TaskGraph::new(Cost::Matrix { cost, num_processors }, &edges, &data, None).expect("a valid graph")
    }

    #[test]
    fn the_fast_loop_gives_the_schedule_of_the_shared_one() {
        let (network, mut random) = (Network::default(), Random::new(7));
        for (k, num_processors) in [1, 2, 8, 31, 64, 70].into_iter().enumerate() {
            for ratio in [0.1, 1.0, 5.0] {
                for window in [20, 200, 3000] {
                    let graph = graph(3000, num_processors, window, ratio, k % 2 == 0, &mut random);
                    let fixed = vec![Fixed { task: 0, processor: 0, start: 40.0, end: 900.0 }];
                    for past in [Past::default(), Past::new(&graph, fixed, 50.0).expect("a possible past")] {
                        let fast = heft(&graph, &network, &past, HeftOptions::default(), &Pulse::default()).expect("valid");
                        let links = Links::new(&network, &graph).expect("sizes agree");
                        let rank = upward_rank(&graph, &links, &weights(&graph, RankCost::Mean));
                        let mut board = Board::new(&graph, &links, &past, true, &Pulse::default());
                        list_schedule(&mut board, &rank, |board, _, row, ready| board.earliest_finish(row, ready));
                        assert!(board.into_schedule() == fast, "{num_processors} processors, ratio {ratio}, window {window}");
                    }
                }
            }
        }
    }
}
