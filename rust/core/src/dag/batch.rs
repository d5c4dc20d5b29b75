//! Many schedules in one call: many graphs, or one graph under many draws of its costs.

use super::Schedule;
use super::graph::TaskGraph;
use super::heft::HeftOptions;
use super::network::{Links, Network};
use super::order_decoder::OrderDecoder;
use super::partial_schedule::last;
use super::past::Past;
use super::registry::Algorithm;
use crate::control::Pulse;
use crate::cost;
use crate::error::{Error, InputError, check_length};
use crate::memory;
use crate::parallel;

/// A planned task may start earlier than its predecessor by this much, times the larger of 1 and the largest time: sums of times in
/// another order differ by rounding.
const TOLERANCE: f64 = 1e-9;

/// The makespan that `algorithm` gives each graph after its past; the answer does not depend on `threads`. If `pulse` stops it, here and
/// below, the answer is incomplete.
///
/// # Errors
/// As [`heft`](super::heft), for the first graph that is refused; a rule for ties that the algorithm would ignore.
#[allow(clippy::too_many_arguments)]
pub fn schedule_many(
    graphs: &[(&TaskGraph, Past)],
    network: &Network,
    algorithm: Algorithm,
    options: HeftOptions,
    seed: u64,
    threads: usize,
    pulse: &Pulse,
) -> Result<Vec<f64>, Error> {
    algorithm.check(options)?;
    let mut makespan: Vec<Result<f64, Error>> = vec![Ok(0.0); graphs.len()];
    parallel::fill(
        threads,
        &mut makespan,
        &mut [] as &mut [f64],
        || pulse.clone(),
        |pulse, k, slot, _| {
            let (graph, past) = &graphs[k];
            if stopped(pulse, graph) {
                return;
            }
            let schedule = algorithm.run(graph, network, past, options, seed, pulse);
            *slot = schedule.map(|schedule| schedule.makespan);
        },
    );
    makespan.into_iter().collect()
}

/// The makespan that `algorithm` gives the graph with the costs of task `i` multiplied by `factor[k * n + i]`, for each `k`. The
/// algorithm knows the multiplied costs; the tasks of `past` keep their times.
///
/// # Errors
/// Factors that are negative or not finite, costs that add up beyond the horizon.
#[allow(clippy::too_many_arguments)]
pub fn replan_many(
    graph: &TaskGraph,
    network: &Network,
    algorithm: Algorithm,
    options: HeftOptions,
    factor: &[f64],
    past: &Past,
    seed: u64,
    threads: usize,
    pulse: &Pulse,
) -> Result<Vec<f64>, Error> {
    algorithm.check(options)?;
    memory::require(graph.bytes().saturating_mul(threads))?;
    let mut makespan: Vec<Result<f64, Error>> = vec![Ok(0.0); draws(graph, factor)?];
    let n = graph.num_tasks();
    parallel::fill(
        threads,
        &mut makespan,
        &mut [] as &mut [f64],
        || (graph.clone(), pulse.clone()),
        |(drawn, pulse), k, slot, _| {
            if stopped(pulse, graph) {
                return;
            }
            *slot = drawn
                .rescale(graph, &factor[k * n..(k + 1) * n])
                .map_err(Error::from)
                .and_then(|()| algorithm.run(drawn, network, past, options, seed, pulse).map(|schedule| schedule.makespan));
        },
    );
    makespan.into_iter().collect()
}

/// The makespan of a fixed plan under each draw. Every task keeps its processor and its place in the processor's order; it starts as
/// soon as the processor is free and its data have arrived.
///
/// # Errors
/// As [`replan_many`]; a plan of another size, on processors that cannot run a task, against the precedence, or with copies.
pub fn execute_many(
    graph: &TaskGraph,
    network: &Network,
    plan: &Schedule,
    factor: &[f64],
    threads: usize,
    pulse: &Pulse,
) -> Result<Vec<f64>, Error> {
    let (n, width) = (graph.num_tasks(), graph.num_processors());
    let links = Links::new(network, graph)?;
    check_length("schedule", plan.processor.len(), n)?;
    check_length("schedule", plan.start_time.len(), n)?;
    check_length("schedule", plan.completion_time.len(), n)?;
    let refuse = |reason: String| Err(InputError::new("schedule", reason).into());
    let name = |i: usize| graph.names().map_or_else(|| i.to_string(), |names| format!("'{}'", names[i]));
    if let Some(i) =
        (0..n).find(|&i| plan.processor[i] as usize >= width || graph.cost(i, plan.processor[i] as usize).is_infinite())
    {
        return refuse(format!("task {} cannot run on processor {}", name(i), plan.processor[i]));
    }
    let tolerance = TOLERANCE * plan.completion_time.iter().fold(1.0, |most: f64, time| most.max(time.abs()));
    let early = |&(i, j): &(u32, u32)| plan.start_time[j as usize] < plan.start_time[i as usize] - tolerance;
    if let Some((i, j)) = graph.edges().into_iter().find(early) {
        return refuse(format!("task {} starts before its predecessor {}", name(j as usize), name(i as usize)));
    }
    if !plan.copies.is_empty() {
        return refuse("has copies, which cannot be executed here".into());
    }
    let mut makespan: Vec<Result<f64, Error>> = vec![Ok(0.0); draws(graph, factor)?];
    memory::require(graph.bytes().saturating_add(100 * n).saturating_mul(threads + 1))?;
    let order = OrderDecoder::new(graph, &links, &Past::default(), plan, vec![0.0; n], &mut pulse.clone()).order;
    parallel::fill(
        threads,
        &mut makespan,
        &mut [] as &mut [f64],
        || (graph.clone(), vec![0.0; n], pulse.clone()),
        |(drawn, finish, pulse), k, slot, _| {
            if stopped(pulse, graph) {
                return;
            }
            let rescaled = drawn.rescale(graph, &factor[k * n..(k + 1) * n]);
            *slot = rescaled.map_err(Error::from).map(|()| execute(drawn, &links, &order, &plan.processor, finish, pulse));
        },
    );
    makespan.into_iter().collect()
}

/// The makespan if the tasks start one after the other in this order, each behind the last one of its processor.
fn execute(graph: &TaskGraph, links: &Links, order: &[u32], processor: &[u32], finish: &mut [f64], pulse: &mut Pulse) -> f64 {
    let mut free = vec![0.0_f64; graph.num_processors()];
    for &i in order {
        let i = i as usize;
        if pulse.worked(cost::PAIR + graph.dag().predecessors().degree(i) as u64) {
            return 0.0;
        }
        let p = processor[i] as usize;
        let arrival = |(j, data): (usize, f64)| finish[j] + links.time(data, processor[j] as usize, p);
        let start = graph.incoming(i).map(arrival).fold(free[p], f64::max);
        finish[i] = start + graph.cost(i, p);
        free[p] = finish[i];
    }
    last(finish)
}

/// Counts the work of one graph; true if the rest is left undone.
fn stopped(pulse: &mut Pulse, graph: &TaskGraph) -> bool {
    let steps = graph.num_tasks() * graph.num_processors() + graph.dag().num_edges();
    pulse.worked(steps as u64) || pulse.stopped()
}

/// Number of draws.
fn draws(graph: &TaskGraph, factor: &[f64]) -> Result<usize, InputError> {
    let n = graph.num_tasks();
    let mut bad = factor.iter().enumerate().filter(|&(_, f)| !(f.is_finite() && *f >= 0.0));
    if let Some((k, &f)) = bad.next() {
        return Err(InputError::new("factor", "must be finite and >= 0").at([k / n, k % n], f).more(bad.count()));
    }
    Ok(factor.len().checked_div(n).unwrap_or(0))
}
