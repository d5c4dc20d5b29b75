//! Anytime search over order and placement.

use std::time::{Duration, Instant};

use super::bound::{lower_bound_until, tails};
use super::cooling::Cooling;
use super::exact::try_all;
use super::graph::TaskGraph;
use super::neighbour::propose;
use super::network::{Links, Network};
use super::order_decoder::OrderDecoder;
use super::past::Past;
use super::{Algorithm, HeftOptions, Schedule};
use crate::control::{Limits, Pulse, Status, Watch};
use crate::error::Error;
use crate::memory;
use crate::random::Random;

/// The result of the search.
#[derive(Debug, Clone, PartialEq)]
pub struct Improved {
    /// The best schedule found, never worse than the start.
    pub schedule: Schedule,
    /// No schedule ends earlier.
    pub lower_bound: f64,
    /// Whether the makespan equals the lower bound.
    pub status: Status,
    /// Schedules evaluated.
    pub evaluations: u64,
}

/// Elementary steps that one list algorithm may take here.
const MAX_EFFORT: f64 = 3e7;

/// Seconds for an elementary step, until a run of at least [`MIN_MEASURED_EFFORT`] has taken longer.
const SECONDS_PER_STEP: f64 = 5e-9;
const MIN_MEASURED_EFFORT: f64 = 1e6;

/// The share of the remaining time that one list algorithm may take.
const START_SHARE: f64 = 0.25;

/// Seconds per task and edge before the first step of the search, which sorts the tasks and evaluates the first schedule.
const SECONDS_PER_ITEM: f64 = 1e-7;

/// The share of the time that the lower bound may take.
const BOUND_SHARE: f64 = 0.4;

/// Simulated annealing on order and placement, for `R | prec, c_ij | C_max`.
///
/// The best of `start` and the other list algorithms is changed one task at a time: mostly a task of the critical chain, to
/// another processor, or before or behind another task of its processor. A change is kept if the makespan stays below a random
/// limit that comes down as time or budget run out, on small graphs again and again, from the best schedule so far. Where a graph is so small that all schedules can be tried, they are, and the
/// answer is optimal. One evaluation is one schedule, list schedules included. The random numbers
/// are given by a seed and a number of threads; see the comment on chains.
///
/// # Errors
/// As [`heft`](super::heft).
pub fn improve(
    graph: &TaskGraph,
    network: &Network,
    past: &Past,
    start: Schedule,
    (seed, threads): (u64, usize),
    limits: &Limits,
    watch: &mut Watch<'_, f64>,
) -> Result<Improved, Error> {
    let links = Links::new(network, graph)?;
    memory::require((200 * graph.num_tasks() + 8 * graph.dag().num_edges()).saturating_mul(threads + 1))?;
    let unhindered = past.fixed().is_empty() && past.now() >= 0.0;
    let bound = if unhindered {
        let late = |time: Duration, elapsed: f64| elapsed > BOUND_SHARE * time.as_secs_f64();
        let mut stop = || watch.check() || limits.time.is_some_and(|time| late(time, watch.stop.elapsed()));
        lower_bound_until(graph, network, &mut stop)? + if graph.num_tasks() > 0 { past.now() } else { 0.0 }
    } else {
        f64::NEG_INFINITY
    };
    let mut search = DagSearch { bound, best: start, evaluations: 0, budget: limits.budget.unwrap_or(u64::MAX), watch };
    let stopped = search.watch.improved(search.best.makespan, bound, 0);
    if graph.num_tasks() > past.fixed().len() && !stopped && !search.done() {
        search.try_lists(graph, network, past, limits)?;
        if unhindered && !search.done() {
            search.try_all(graph, &links, past.now());
        }
        // With a budget there is one chain, so that the answer does not depend on the number of threads; else one per thread.
        let others = if limits.budget.is_none() { threads.saturating_sub(1) as u64 } else { 0 };
        let (stop, begin) = (search.watch.stop, search.best.clone());
        let chain = |k: u64| {
            let mut watch = Watch::new(stop);
            let mut search = DagSearch { bound, best: begin.clone(), evaluations: 0, budget: u64::MAX, watch: &mut watch };
            search.anneal(graph, &links, past, Random::stream(seed, k), limits);
            search.best
        };
        let chain = &chain;
        std::thread::scope(|scope| {
            let granted = |k| std::thread::Builder::new().spawn_scoped(scope, move || chain(k)).ok(); // or one chain less
            let chains: Vec<_> = (1..=others).filter_map(granted).collect();
            search.anneal(graph, &links, past, Random::new(seed), limits);
            if search.proven() {
                stop.halt();
            }
            for chain in chains {
                let best = chain.join().expect("a chain does not panic");
                if best.makespan < search.best.makespan {
                    search.found(best);
                }
            }
        });
    }
    let status = if search.proven() { Status::Optimal } else { Status::Feasible };
    Ok(Improved { lower_bound: search.bound.max(f64::MIN), schedule: search.best, status, evaluations: search.evaluations })
}

/// The best schedule so far, and the limits of the search for a better one.
struct DagSearch<'a, 'w> {
    bound: f64,
    best: Schedule,
    evaluations: u64,
    budget: u64,
    watch: &'a mut Watch<'w, f64>,
}

/// The least cost of each task.
fn least_costs(graph: &TaskGraph) -> Vec<f64> {
    let mut buffer = vec![0.0; graph.num_processors()];
    (0..graph.num_tasks()).map(|i| graph.row(i, &mut buffer).iter().copied().fold(f64::INFINITY, f64::min)).collect()
}

/// The schedule of `algorithm`, as a start for a search; `None` if it takes longer than so many seconds.
///
/// # Errors
/// As [`Algorithm::run`].
pub fn start_within(
    graph: &TaskGraph,
    network: &Network,
    past: &Past,
    algorithm: Algorithm,
    seconds: f64,
    pulse: &Pulse,
) -> Result<Option<Schedule>, Error> {
    let limit = Duration::try_from_secs_f64(seconds.max(0.0)).ok();
    let deadline = limit.and_then(|limit| Instant::now().checked_add(limit));
    let pulse = deadline.map_or_else(|| pulse.clone(), |deadline| pulse.clone().until(deadline));
    let schedule = algorithm.run(graph, network, past, HeftOptions::default(), 0, &pulse)?;
    Ok((!pulse.stopped()).then_some(schedule))
}

impl DagSearch<'_, '_> {
    fn proven(&self) -> bool {
        self.best.makespan <= self.bound * (1.0 + 1e-12)
    }

    fn done(&mut self) -> bool {
        self.proven() || self.evaluations >= self.budget || self.watch.check()
    }

    /// Keeps a better schedule; true if the search should stop.
    fn found(&mut self, schedule: Schedule) -> bool {
        self.best = schedule;
        self.watch.improved(self.best.makespan, self.bound, self.evaluations) || self.proven()
    }

    fn try_lists(&mut self, graph: &TaskGraph, network: &Network, past: &Past, limits: &Limits) -> Result<(), Error> {
        // Under a time limit, an algorithm is begun only if the slowest pace so far lets it end within its share of the time.
        let mut pace = SECONDS_PER_STEP;
        for algorithm in Algorithm::starts() {
            if self.done() {
                break;
            }
            let effort = (algorithm.entry().effort)(graph);
            let begin = limits.time.map(|time| (time, self.watch.stop.elapsed()));
            let too_slow = |(time, begin): (Duration, f64)| effort * pace > (time.as_secs_f64() - begin) * START_SHARE;
            if effort > MAX_EFFORT || begin.is_some_and(too_slow) {
                continue;
            }
            // The estimate may be wrong, so a run that exceeds its share of the time is stopped.
            let share = begin.map(|(time, begin)| Duration::from_secs_f64((time.as_secs_f64() - begin).max(0.0) * START_SHARE));
            let deadline = share.and_then(|share| Instant::now().checked_add(share));
            let pulse = deadline.map_or_else(Pulse::default, |deadline| Pulse::default().until(deadline));
            let schedule = algorithm.run(graph, network, past, HeftOptions::default(), 0, &pulse)?;
            if pulse.stopped() {
                continue;
            }
            if let Some((_, begin)) = begin {
                pace = pace.max((self.watch.stop.elapsed() - begin) / effort.max(MIN_MEASURED_EFFORT));
            }
            self.evaluations += 1;
            if schedule.makespan < self.best.makespan && self.found(schedule) {
                break;
            }
        }
        Ok(())
    }

    /// Proves the optimum of a tiny graph.
    fn try_all(&mut self, graph: &TaskGraph, links: &Links, now: f64) {
        let rest = tails(graph, &least_costs(graph));
        let Some(placements) = try_all(graph, links, now, &rest, self.best.makespan) else { return };
        self.evaluations += 1;
        let makespan = placements.iter().fold(now, |makespan, &(.., end)| makespan.max(end));
        self.bound = self.bound.max(if placements.is_empty() { self.best.makespan } else { makespan });
        if !placements.is_empty() {
            let mut schedule = Schedule { makespan, ..self.best.clone() };
            for (task, p, start, end) in placements {
                (schedule.processor[task], schedule.start_time[task], schedule.completion_time[task]) = (p as u32, start, end);
            }
            schedule.copies.clear();
            self.found(schedule);
        }
    }

    fn anneal(&mut self, graph: &TaskGraph, links: &Links, past: &Past, mut random: Random, limits: &Limits) {
        let size = (graph.num_tasks() + graph.dag().num_edges()) as f64;
        let too_late = |time: Duration| SECONDS_PER_ITEM * size > time.as_secs_f64() - self.watch.stop.elapsed();
        if limits.time.is_some_and(too_late) || self.done() {
            return;
        }
        let tails = tails(graph, &least_costs(graph));
        let mut decoder = OrderDecoder::new(graph, links, past, &self.best, tails.clone(), &mut Pulse::default());
        let mut current = decoder.evaluate(0, f64::INFINITY).expect("no limit");
        if current < self.best.makespan && self.found(decoder.schedule()) {
            return;
        }
        let (mut path, mut previous) = (Vec::new(), vec![0; graph.num_tasks()]);
        decoder.critical(&mut path, &mut previous);
        let mut cooling = Cooling::new(self.best.makespan, graph.num_tasks(), self.evaluations, limits);
        let steps = graph.num_tasks() as u64;
        while self.evaluations < self.budget && !self.watch.worked(steps) {
            if cooling.step(self.evaluations, self.watch) {
                decoder = OrderDecoder::new(graph, links, past, &self.best, tails.clone(), &mut Pulse::default());
                current = decoder.evaluate(0, f64::INFINITY).expect("no limit");
                decoder.critical(&mut path, &mut previous);
            }
            let temperature = cooling.temperature();
            let Some(change) = propose(&decoder, graph, &path, &mut random) else {
                self.evaluations += 1; // nothing to change here, but never for ever
                continue;
            };
            for task in &change.group {
                decoder.processor[*task] = change.processor;
            }
            decoder.shift(change.from, change.to);
            let limit = current - temperature * libm::log(1.0 - random.unit());
            self.evaluations += 1;
            if let Some(makespan) = decoder.evaluate(change.first, limit) {
                decoder.commit(change.first);
                current = makespan;
                decoder.critical(&mut path, &mut previous);
                if makespan < self.best.makespan && self.found(decoder.schedule()) {
                    return;
                }
            } else {
                decoder.shift(change.to, change.from);
                for (&task, &old) in change.group.iter().zip(&change.old) {
                    decoder.processor[task] = old;
                }
            }
        }
    }
}
