//! HEFT's placement loop for networks whose links are all equal.

use super::graph::Cost;
use super::partial_schedule::{Choice, PartialSchedule};
use crate::simd::{SearchKernel, Work, prefetch};
use crate::timeline::unary::ProcessorTimelines;
use crate::timeline::unary::gap_bitmap::GapBitmap;
use crate::timeline::unary::gaps::Fit;

/// Memory is prefetched so many tasks ahead of the current one: first the index of its predecessors, then the list of them, then their
/// finishes. The order of the tasks is known, but their data are scattered.
const PREFETCH_DISTANCE: [usize; 3] = [24, 12, 6];

/// The placement loop for networks whose links are all equal. It makes the choices of the list loop, faster.
///
/// * The last message decides when a task's data are ready on all processors except its sender, so two numbers replace one maximum
///   per processor and predecessor.
/// * Behind the last task of each processor a task always fits; a gap is looked for only where one could end the task earlier, and
///   where the bitmap of the timelines does not rule it out.
pub(crate) struct PlaceUniform<'a, 'b, F> {
    pub(crate) partial: &'a mut PartialSchedule<'b>,
    pub(crate) order: &'a [u32],
    /// The mean cost of a task, which decides the length of the bitmap's slots.
    pub(crate) mean_cost: f64,
    /// The travel time of an amount of data.
    pub(crate) communication: F,
}

impl<F: Fn(f64) -> f64> Work for PlaceUniform<'_, '_, F> {
    type Output = ();

    #[inline(always)]
    fn run(self, kernel: impl SearchKernel) {
        place_all(kernel, self.partial, self.order, self.mean_cost, self.communication);
    }
}

/// Slots of the bitmap in the time of a mean task, and at most for each task.
const SLOTS: f64 = 8.0;
const MOST_SLOTS: usize = 32;

#[inline(always)]
fn place_all(
    kernel: impl SearchKernel,
    partial: &mut PartialSchedule,
    order: &[u32],
    mean_cost: f64,
    communication: impl Fn(f64) -> f64,
) {
    let graph = partial.graph;
    let width = graph.num_processors();
    let most = order.len() * MOST_SLOTS / 64 / width.max(1);
    let mut bitmap = GapBitmap::new(width, partial.now, mean_cost / SLOTS, most);
    for p in (0..width).filter(|&p| partial.timelines.last_end[p].is_finite()) {
        bitmap.add_gap(p, partial.timelines.last_end[p], partial.timelines.longest_fit_from(p, f64::NEG_INFINITY));
    }
    let mut buffer = vec![0.0; width];
    let mut scratch = Scratch { least: vec![0.0; width], end: vec![0.0; width], candidates: vec![0; width.div_ceil(CHUNK)] };
    for (k, &task) in order.iter().enumerate() {
        prefetch_inputs(partial, order, k);
        let task = task as usize;
        if partial.is_placed(task) {
            continue;
        }
        if partial.pulse.worked((width + graph.dag().predecessors().degree(task)) as u64) {
            return;
        }
        let row = graph.row(task, &mut buffer);
        let arrivals = arrivals(partial, task, &communication);
        let Choice { processor, start, finish } =
            earliest_finish(kernel, &partial.timelines, &mut bitmap, row, arrivals, &mut scratch);
        let (busy, gap) = partial.place(task, processor, start, finish);
        bitmap.mark_busy(processor, busy);
        if let Some(fit) = gap {
            bitmap.add_gap(processor, start, fit);
        }
    }
}

/// The time at which a task's data are ready: `here` on the processor `source`, `elsewhere` on all others.
#[derive(Clone, Copy)]
struct ReadyTimes {
    source: usize,
    here: f64,
    elsewhere: f64,
}

#[inline(always)]
fn arrivals(partial: &PartialSchedule, task: usize, communication: &impl Fn(f64) -> f64) -> ReadyTimes {
    let mut a = ReadyTimes { source: 0, here: partial.now, elsewhere: partial.now };
    for (i, data) in partial.graph.incoming(task) {
        let arrival = partial.placed[i].finish + communication(data);
        if arrival > a.elsewhere {
            (a.elsewhere, a.source) = (arrival, partial.placed[i].processor as usize);
        }
    }
    for (i, data) in partial.graph.incoming(task) {
        let placed = partial.placed[i];
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
    candidates: Vec<u64>,
}

/// Numbers that are worked on at once.
const AT_ONCE: usize = 8;

/// The choice of [`PartialSchedule::earliest_finish`].
#[inline(always)]
fn earliest_finish(
    kernel: impl SearchKernel,
    timelines: &ProcessorTimelines,
    bitmap: &mut GapBitmap,
    row: &[f64],
    arrivals: ReadyTimes,
    scratch: &mut Scratch,
) -> Choice {
    let ReadyTimes { source, here, elsewhere } = arrivals;
    let width = row.len();
    let later = |a: f64, b: f64| if a > b { a } else { b };
    let (tail, least, end) = (&timelines.tail[..width], &mut scratch.least[..width], &mut scratch.end[..width]);
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
    let (last_end, fit) = (&timelines.last_end[..width], &bitmap.longest_fit(elsewhere)[..width]);
    let fit_here = bitmap.longest_fit(here)[source];
    for p in 0..width {
        let fit = if p == source { fit_here } else { fit[p] };
        least[p] = if least[p] <= last_end[p] && row[p] <= fit { least[p] } else { f64::INFINITY };
    }
    // The gap of least bound comes first: once a gap holds the task, most others are ruled out.
    mark_candidates(kernel, least, best.finish, &mut scratch.candidates);
    let mut tried = false;
    while let Some(p) = take_least(kernel, least, &mut scratch.candidates, best.finish) {
        match timelines.in_gap(p, ready(p), row[p], best.finish) {
            Fit::At(start) => {
                let finish = start + row[p];
                if finish < best.finish || (finish == best.finish && p <= best.processor) {
                    best = Choice { processor: p, start, finish };
                }
            }
            Fit::Late => {}
            Fit::Nowhere => bitmap.limit_fit(p, ready(p), timelines.longest_fit_from(p, bitmap.word_start(ready(p)))),
        }
        if tried {
            continue;
        }
        // If many gaps are left, the bitmap rules most of them out at once.
        tried = true;
        least[p] = f64::INFINITY;
        if mark_candidates(kernel, least, best.finish, &mut scratch.candidates) > MAX_PROBES {
            let (only, at_source) = (source..=source, least[source]);
            bitmap.raise_bounds(0, elsewhere, row, least);
            least[source] = at_source;
            bitmap.raise_bounds(source, here, &row[only.clone()], &mut least[only]);
            mark_candidates(kernel, least, best.finish, &mut scratch.candidates);
        }
    }
    best
}

/// Up to this many candidates are searched one by one, without the bitmap.
const MAX_PROBES: u32 = 2;

/// Marks the numbers that are at most `limit`, and counts them.
#[inline(always)]
fn mark_candidates(kernel: impl SearchKernel, least: &[f64], limit: f64, candidates: &mut [u64]) -> u32 {
    let mut count = 0;
    for (candidates, least) in candidates.iter_mut().zip(least.chunks(CHUNK)) {
        *candidates = kernel.at_most(least, limit);
        count += candidates.count_ones();
    }
    count
}

/// Numbers per mask.
const CHUNK: usize = 64;

/// Takes the place of the least marked number out of the marks, if that number is at most `limit`.
#[inline(always)]
fn take_least(kernel: impl SearchKernel, values: &[f64], marks: &mut [u64], limit: f64) -> Option<usize> {
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
    let mut minima = [f64::INFINITY; AT_ONCE];
    let mut groups = values.chunks_exact(AT_ONCE);
    for group in &mut groups {
        for (least, &value) in minima.iter_mut().zip(group) {
            *least = if value < *least { value } else { *least };
        }
    }
    let all = groups.remainder().iter().chain(&minima);
    all.fold(f64::INFINITY, |least, &value| if value < least { value } else { least })
}

/// The place of the first number that is at most `limit`; there is one.
#[inline(always)]
fn first_at_most(kernel: impl SearchKernel, values: &[f64], limit: f64) -> usize {
    let mut chunks = values.chunks(CHUNK).enumerate();
    let place = chunks.find_map(|(chunk, values)| match kernel.at_most(values, limit) {
        0 => None,
        found => Some(CHUNK * chunk + found.trailing_zeros() as usize),
    });
    place.expect("the limit is one of the numbers")
}

/// Prefetches the memory of the next tasks.
#[inline(always)]
fn prefetch_inputs(partial: &PartialSchedule, order: &[u32], k: usize) {
    let graph = partial.graph;
    let (start, predecessors) = graph.dag().predecessors().columns();
    if let Some(&task) = order.get(k + PREFETCH_DISTANCE[0]) {
        prefetch(start, task as usize);
        if let Cost::Matrix { cost, num_processors } = graph.costs() {
            let from = task as usize * num_processors;
            for line in (from..from + num_processors).step_by(8) {
                prefetch(cost, line);
            }
        }
    }
    if let Some(&task) = order.get(k + PREFETCH_DISTANCE[1]) {
        let from = start[task as usize] as usize;
        prefetch(predecessors, from);
        prefetch(graph.data_in(), from);
        prefetch(&partial.start, task as usize);
        prefetch(&partial.placed, task as usize);
    }
    if let Some(&task) = order.get(k + PREFETCH_DISTANCE[2]) {
        for &i in graph.dag().predecessors().of(task as usize) {
            prefetch(&partial.placed, i as usize);
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::control::Pulse;
    use crate::dag::list::list_schedule;
    use crate::dag::partial_schedule::PartialSchedule;
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
    fn the_fast_loop_gives_the_schedule_of_the_shared_loop() {
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
                        let mut partial = PartialSchedule::new(&graph, &links, &past, true, &Pulse::default());
                        list_schedule(&mut partial, &rank, |partial, _, row, ready| partial.earliest_finish(row, ready));
                        assert!(partial.into_schedule() == fast, "{num_processors} processors, ratio {ratio}, window {window}");
                    }
                }
            }
        }
    }
}
