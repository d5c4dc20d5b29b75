//! Task graphs with any numbers on any network under every algorithm: an error, or a schedule that the checker accepts.
#![no_main]

use arbitrary::Arbitrary;
use libfuzzer_sys::fuzz_target;
use schedkit_core::check::{DagClaim, check_dag};
use schedkit_core::control::Pulse;
use schedkit_core::dag::{Algorithm, Cost, HeftOptions, Network, Past, PerLink, TaskGraph, lower_bound};
use schedkit_core::names::Named;

#[derive(Arbitrary, Debug)]
struct Input {
    num_processors: u8,
    cost: Vec<f64>,
    edges: Vec<(u8, u8, f64)>,
    bandwidth: f64,
    latency: f64,
    insertion: bool,
    entry_duplication: bool,
    seed: u64,
    /// Forward edges and sizes of everyday meet the algorithms, anything else the validation.
    tame: bool,
}

fuzz_target!(|input: Input| {
    let tame = |value: f64| if input.tame { value.abs() % 16.0 } else { value };
    let width = usize::from(input.num_processors % 4) + 1;
    let n = (input.cost.len() / width).min(24);
    let values: Vec<f64> = input.cost[..n * width].iter().map(|&value| tame(value)).collect();
    let mut edges: Vec<_> = input.edges.iter().take(60).map(|&(i, j, _)| (u32::from(i), u32::from(j))).collect();
    if input.tame {
        let most = n.max(1) as u32;
        edges = edges.into_iter().map(|(i, j)| (i % most, j % most)).filter(|(i, j)| i < j).collect();
        edges.sort_unstable();
        edges.dedup();
    }
    let data: Vec<f64> = input.edges.iter().map(|edge| tame(edge.2)).take(edges.len()).collect();
    let Ok(graph) = TaskGraph::new(Cost::Matrix { cost: values, num_processors: width }, &edges, &data, None) else { return };
    let (bandwidth, latency) = (PerLink::Uniform(input.bandwidth), PerLink::Uniform(tame(input.latency)));
    let Ok(network) = Network::new(bandwidth, latency) else { return };
    let options =
        HeftOptions { insertion: input.insertion, entry_duplication: input.entry_duplication, ..HeftOptions::default() };
    for (_, algorithm) in Algorithm::all() {
        let name = algorithm.name();
        let Ok(schedule) = algorithm.run(&graph, &network, &Past::default(), options, input.seed, &Pulse::default()) else {
            continue;
        };
        let runs: Vec<_> = (0..graph.num_tasks())
            .map(|i| (i as i64, i64::from(schedule.processor[i]), schedule.start_time[i], schedule.completion_time[i]))
            .collect();
        let copies: Vec<_> = schedule.copies.iter().map(|c| (c.task as i64, i64::from(c.processor), c.start, c.end)).collect();
        let claim = DagClaim { runs: &runs, copies: &copies, makespan: Some(schedule.makespan), fixed: &[], now: 0.0 };
        assert_eq!(check_dag(&graph, &network, &claim), [], "{name}");
        if let Ok(bound) = lower_bound(&graph, &network) {
            assert!(bound <= schedule.makespan * (1.0 + 1e-9), "{name}: {bound} > {}", schedule.makespan);
        }
    }
});
