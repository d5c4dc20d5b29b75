//! HEFT on random graphs: the fast loop against an obvious one that scans every busy interval of every processor.

use std::hint::black_box;
use std::time::Duration;

use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use schedkit_core::control::Pulse;
use schedkit_core::dag::{Cost, HeftOptions, Links, Network, Past, RankCost, TaskGraph, heft, rank_order, upward_rank, weights};
use schedkit_core::random::Random;

/// Four edges into each task from a window of `4 sqrt(n)` tasks before it; costs 1 to 20, data 0 to 20.
fn graph(n: usize, num_processors: usize) -> TaskGraph {
    let mut random = Random::new(1);
    let window = 4 * (n as f64).sqrt() as usize;
    let mut edges = Vec::new();
    for j in 1..n {
        let low = j.saturating_sub(window);
        let mut before: Vec<usize> = (0..4).map(|_| low + random.below((j - low) as u64) as usize).collect();
        before.sort_unstable();
        before.dedup();
        edges.extend(before.into_iter().map(|i| (i as u32, j as u32)));
    }
    let data: Vec<f64> = edges.iter().map(|_| 20.0 * random.unit()).collect();
    let cost = (0..n * num_processors).map(|_| 1.0 + 19.0 * random.unit()).collect();
    TaskGraph::new(Cost::Matrix { cost, num_processors }, &edges, &data, None).expect("a valid graph")
}

/// The definition: every processor's busy intervals from the first to the last, for every task.
fn naive(graph: &TaskGraph, network: &Network) -> f64 {
    let links = Links::new(network, graph).expect("a valid network");
    let order = rank_order(graph, &upward_rank(graph, &links, &weights(graph, RankCost::Mean)));
    let mut busy: Vec<Vec<(f64, f64)>> = vec![Vec::new(); graph.num_processors()];
    let mut placed = vec![(0, 0.0_f64); graph.num_tasks()];
    for &task in &order {
        let task = task as usize;
        let mut best = (f64::INFINITY, 0, 0.0);
        for (p, intervals) in busy.iter().enumerate() {
            let arrival = |(i, data): (usize, f64)| placed[i].1 + links.time(data, placed[i].0, p);
            let ready = graph.incoming(task).map(arrival).fold(0.0, f64::max);
            let (w, mut start) = (graph.cost(task, p), ready);
            for &(from, until) in intervals {
                if start + w <= from {
                    break;
                }
                start = start.max(until);
            }
            if start + w < best.0 {
                best = (start + w, p, start);
            }
        }
        let (finish, p, start) = best;
        let place = busy[p].partition_point(|&interval| interval < (start, finish));
        busy[p].insert(place, (start, finish));
        placed[task] = (p, finish);
    }
    placed.iter().map(|&(_, finish)| finish).fold(0.0, f64::max)
}

fn benches(criterion: &mut Criterion) {
    let network = Network::default();
    let run = |graph: &TaskGraph| {
        heft(graph, &network, &Past::default(), HeftOptions::default(), &Pulse::default()).expect("valid").makespan
    };
    let mut group = criterion.benchmark_group("heft");
    group.sample_size(10).warm_up_time(Duration::from_millis(300)).measurement_time(Duration::from_secs(2));
    for num_processors in [8, 64] {
        for n in [1_000, 10_000, 100_000, 1_000_000] {
            let graph = graph(n, num_processors);
            let makespan = run(&graph);
            if n <= 10_000 {
                assert_eq!(makespan, naive(&graph, &network), "both loops give one schedule");
            }
            group.throughput(Throughput::Elements(n as u64));
            let id = format!("{num_processors} processors");
            group.bench_with_input(BenchmarkId::new(&id, n), &graph, |b, graph| {
                b.iter(|| assert_eq!(run(black_box(graph)), makespan));
            });
            if n == 10_000 && num_processors == 8 {
                group.bench_with_input(BenchmarkId::new("linear scan, 8 processors", n), &graph, |b, graph| {
                    b.iter(|| assert_eq!(naive(black_box(graph), &network), makespan));
                });
            }
        }
    }
    group.finish();
}

criterion_group!(heft_benches, benches);
criterion_main!(heft_benches);
