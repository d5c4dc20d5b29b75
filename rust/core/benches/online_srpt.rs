//! SRPT against the floor: sorting as many sizes. Everything is measured in one run, each the best of several, and answers are
//! compared before anything is timed.
#![allow(missing_docs)]

use std::hint::black_box;
use std::time::{Duration, Instant};

use schedkit_core::online::workload::{Distribution, poisson_arrivals};
use schedkit_core::online::{Jobs, JobsData, Options, POLICIES, Policy, simulate};

/// The best of `repeats` runs; each gets a fresh input that is not timed.
fn best<T, R>(repeats: usize, mut input: impl FnMut() -> T, mut run: impl FnMut(T) -> R) -> Duration {
    (0..repeats)
        .map(|_| {
            let fresh = input();
            let start = Instant::now();
            black_box(run(fresh));
            start.elapsed()
        })
        .min()
        .expect("at least one run")
}

fn stream(n: usize, load: f64, servers: usize, size: Distribution, mean: f64) -> Jobs {
    let data = JobsData {
        release_time: poisson_arrivals(n, load * servers as f64 / mean, 1),
        operation: size.samples(n, 2),
        estimate: Some(size.samples(n, 3)),
        ..JobsData::default()
    };
    Jobs::new(data).expect("a valid stream")
}

fn sorting(jobs: &Jobs, repeats: usize) -> Duration {
    let bits: Vec<u64> = jobs.processing_time().iter().map(|p| p.to_bits()).collect();
    best(
        repeats,
        || bits.clone(),
        |mut bits| {
            bits.sort_unstable();
            bits
        },
    )
}

/// The fast path against the general simulator with segments, on a slice.
fn verify() {
    let srpt = Policy::from_name("srpt").expect("a policy");
    for servers in [1, 16] {
        let jobs = stream(20_000, 0.9, servers, Distribution::Exponential { mean: 1.0 }, 1.0);
        let fast = simulate(&jobs, &srpt, &Options { servers, ..Options::default() }).expect("simulates");
        let slow = simulate(&jobs, &srpt, &Options { servers, segments: true, ..Options::default() }).expect("simulates");
        let worst = fast.completion_time.iter().zip(&slow.completion_time).map(|(a, b)| (a - b).abs()).fold(0.0, f64::max);
        assert!(worst < 1e-6, "the fast path differs by {worst}");
    }
}

fn main() {
    verify();
    let srpt = Policy::from_name("srpt").expect("a policy");
    let arguments: Vec<String> = std::env::args().collect();
    let sizes: &[usize] = if arguments.iter().any(|a| a == "--large") { &[1_000_000, 10_000_000] } else { &[1_000_000] };
    let exponential = Distribution::Exponential { mean: 1.0 };
    let pareto = Distribution::Pareto { shape: 1.5, minimum: 1.0 };
    println!("SRPT over sort_unstable of the sizes' bits");
    for &n in sizes {
        let repeats = if n > 1_000_000 { 5 } else { 25 };
        for (name, size, mean) in [("exponential", exponential, 1.0), ("pareto 1.5", pareto, 3.0)] {
            for (load, servers) in [(0.9, 1), (0.9, 16), (1.2, 1)] {
                let jobs = stream(n, load, servers, size, mean);
                let options = Options { servers, ..Options::default() };
                // In turns, so that a noisy moment hits both.
                let turns = (0..repeats).map(|_| (sorting(&jobs, 1), best(1, || (), |()| simulate(&jobs, &srpt, &options))));
                let (sort, least) =
                    turns.fold((Duration::MAX, Duration::MAX), |least, turn| (least.0.min(turn.0), least.1.min(turn.1)));
                let (ratio, each) = (least.as_secs_f64() / sort.as_secs_f64(), least.as_nanos() as f64 / n as f64);
                println!("n {n:>8}  {name:<11}  load {load}  servers {servers:>2}: {ratio:5.2}  ({each:.0} ns a job)");
            }
        }
    }
    println!("million jobs a second at load 0.9, one server, exponential sizes");
    let jobs = stream(1_000_000, 0.9, 1, exponential, 1.0);
    for name in POLICIES.iter().map(|entry| entry.name) {
        let policy = Policy::from_name(name).expect("a policy");
        let time = best(3, || (), |()| simulate(&jobs, &policy, &Options::default()));
        println!("{name:<17} {:6.2}", 1.0 / time.as_secs_f64());
    }
}
