//! Rules, sequence only, with reused memory, against `sort_unstable` of as many packed words, and against their definitions.
//!
//! Every answer is compared with the definition's before it is timed, where the definition is fast enough.
#![allow(missing_docs)]

use std::hint::black_box;

use criterion::{BatchSize, BenchmarkId, Criterion, criterion_group, criterion_main};
use schedkit_core::names::Named;
use schedkit_core::random::Random;
use schedkit_core::tardiness::{Jobs, Rule, Scratch, Weights, augmented_mddc, edd, mddc, plain};

/// Processing times 1 to 100 and due dates between two shares of the horizon.
///
/// Times 2^18 as long do not fit one word together with due date and index: they take the general path.
fn draw(n: usize, shares: [f64; 2], unit: i64) -> (Vec<i64>, Vec<i64>) {
    let mut random = Random::new(1);
    let p: Vec<i64> = (0..n).map(|_| random.between(1, 100 * unit)).collect();
    let total = p.iter().sum::<i64>() as f64;
    let [low, high] = shares.map(|share| (total * share) as i64);
    let d = (0..n).map(|_| random.between(low, high)).collect();
    (p, d)
}

/// The middle of the benchmarks: due dates over a fifth of the horizon.
const MIDDLE: [f64; 2] = [0.3, 0.5];
/// As wide as the benchmarks have them, with negative ones; and narrow, so that many are equal.
const OTHERS: [(&str, [f64; 2]); 2] = [("edd, wide", [-0.3, 0.7]), ("edd, narrow", [0.5, 0.501])];

fn sorting(c: &mut Criterion) {
    let mut group = c.benchmark_group("tardiness/sorting");
    group.sample_size(10);
    for n in [100, 1000, 10_000, 100_000, 1_000_000, 10_000_000] {
        let (p, d) = draw(n, MIDDLE, 1);
        let jobs = Jobs::new(&p, &d, Weights::Unit).expect("valid jobs");
        let words: Vec<u64> = d.iter().zip(0_u64..).map(|(&d, j)| (d as u64) << 32 | j).collect();
        group.bench_function(BenchmarkId::new("sort_unstable", n), |b| {
            b.iter_batched_ref(|| words.clone(), |words| words.sort_unstable(), BatchSize::LargeInput);
        });
        let mut scratch = Scratch::default();
        for rule in ["edd", "mdd", "psk"].map(rule) {
            if n > 1_000_000 && rule.name() != "edd" {
                continue;
            }
            if n <= 1000 || rule.name() == "edd" {
                verify(rule, &jobs, &mut scratch);
            }
            group.bench_function(BenchmarkId::new(rule.name(), n), |b| {
                b.iter(|| rule.run(black_box(&jobs), &mut scratch));
            });
        }
        let general = ("edd, general", MIDDLE, 1 << 18);
        for (name, shares, unit) in OTHERS.map(|(name, shares)| (name, shares, 1)).into_iter().chain([general]) {
            if n > 1_000_000 && unit > 1 {
                continue; // total tardiness would not fit 63 bits: refused
            }
            let (p, d) = draw(n, shares, unit);
            let jobs = Jobs::new(&p, &d, Weights::Unit).expect("valid jobs");
            verify(rule("edd"), &jobs, &mut scratch);
            group.bench_function(BenchmarkId::new(name, n), |b| {
                b.iter(|| edd(black_box(&jobs), &mut scratch));
            });
        }
    }
}

fn rule(name: &str) -> Rule {
    Rule::from_name(name).expect("a rule")
}

/// The rule's sequence is that of its definition.
fn verify(rule: Rule, jobs: &Jobs, scratch: &mut Scratch) {
    rule.run(jobs, scratch);
    let mut slow = Scratch::default();
    match rule.name() {
        "edd" => plain::edd(jobs, &mut slow),
        "mdd" => plain::mdd(jobs, &mut slow),
        "psk" => plain::psk(jobs, &mut slow),
        _ => plain::mddc(jobs, &mut slow),
    }
    assert!(scratch.sequence == slow.sequence, "{}", rule.name());
}

fn staircase(c: &mut Criterion) {
    let mut group = c.benchmark_group("tardiness/mddc");
    group.sample_size(10);
    for n in [500, 5000] {
        let (p, d) = draw(n, MIDDLE, 1);
        let jobs = Jobs::new(&p, &d, Weights::Unit).expect("valid jobs");
        let (mut fast, mut slow) = (Scratch::default(), Scratch::default());
        verify(rule("mddc"), &jobs, &mut fast);
        group.bench_function(BenchmarkId::new("mddc", n), |b| b.iter(|| mddc(black_box(&jobs), &mut fast)));
        group.bench_function(BenchmarkId::new("definition", n), |b| b.iter(|| plain::mddc(black_box(&jobs), &mut slow)));
        group.bench_function(BenchmarkId::new("augmented_mddc", n), |b| {
            b.iter(|| augmented_mddc(black_box(&jobs), &mut fast));
        });
    }
}

criterion_group!(benches, sorting, staircase);
criterion_main!(benches);
