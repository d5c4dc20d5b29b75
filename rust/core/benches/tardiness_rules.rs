//! Rules, sequence only, with reused memory, against `sort_unstable` of as many packed words, and against their definitions.
//!
//! Every answer is compared with the definition's before it is timed, where the definition is fast enough.
#![allow(missing_docs)]

use std::hint::black_box;

use criterion::{BatchSize, BenchmarkId, Criterion, criterion_group, criterion_main};
use schedkit_core::random::Random;
use schedkit_core::tardiness::{Jobs, Rule, Scratch, Weights, plain};

/// Processing times 1 to 100, due dates over a fifth of the horizon: the middle of the benchmarks.
///
/// Times 2^18 as long do not fit one word together with due date and index: they take the general path.
fn draw(n: usize, wide: bool) -> (Vec<i64>, Vec<i64>) {
    let mut random = Random::new(1);
    let unit = if wide { 1 << 18 } else { 1 };
    let p: Vec<i64> = (0..n).map(|_| random.between(1, 100 * unit)).collect();
    let total: i64 = p.iter().sum();
    let d = (0..n).map(|_| random.between(total * 3 / 10, total / 2)).collect();
    (p, d)
}

fn sorting(c: &mut Criterion) {
    let mut group = c.benchmark_group("tardiness/sorting");
    group.sample_size(10);
    for n in [1000, 100_000, 1_000_000] {
        let (p, d) = draw(n, false);
        let jobs = Jobs::new(&p, &d, Weights::Unit).expect("valid jobs");
        let words: Vec<u64> = d.iter().zip(0_u64..).map(|(&d, j)| (d as u64) << 32 | j).collect();
        group.bench_function(BenchmarkId::new("sort_unstable", n), |b| {
            b.iter_batched_ref(|| words.clone(), |words| words.sort_unstable(), BatchSize::LargeInput);
        });
        let mut scratch = Scratch::default();
        for rule in [Rule::Edd, Rule::Mdd, Rule::Psk] {
            if n <= 1000 {
                rule.run(&jobs, &mut scratch);
                let fast = scratch.sequence.clone();
                match rule {
                    Rule::Edd => plain::edd(&jobs, &mut scratch),
                    Rule::Mdd => plain::mdd(&jobs, &mut scratch),
                    _ => plain::psk(&jobs, &mut scratch),
                }
                assert_eq!(fast, scratch.sequence);
            }
            group.bench_function(BenchmarkId::new(rule.name(), n), |b| {
                b.iter(|| rule.run(black_box(&jobs), &mut scratch));
            });
        }
        let (p, d) = draw(n, true);
        let jobs = Jobs::new(&p, &d, Weights::Unit).expect("valid jobs");
        group.bench_function(BenchmarkId::new("edd, general", n), |b| {
            b.iter(|| Rule::Edd.run(black_box(&jobs), &mut scratch));
        });
    }
}

fn staircase(c: &mut Criterion) {
    let mut group = c.benchmark_group("tardiness/mddc");
    group.sample_size(10);
    for n in [500, 5000] {
        let (p, d) = draw(n, false);
        let jobs = Jobs::new(&p, &d, Weights::Unit).expect("valid jobs");
        let (mut fast, mut slow) = (Scratch::default(), Scratch::default());
        Rule::Mddc.run(&jobs, &mut fast);
        plain::mddc(&jobs, &mut slow);
        assert_eq!(fast.sequence, slow.sequence);
        group.bench_function(BenchmarkId::new("mddc", n), |b| b.iter(|| Rule::Mddc.run(black_box(&jobs), &mut fast)));
        group.bench_function(BenchmarkId::new("definition", n), |b| b.iter(|| plain::mddc(black_box(&jobs), &mut slow)));
        group.bench_function(BenchmarkId::new("augmented_mddc", n), |b| {
            b.iter(|| Rule::AugmentedMddc.run(black_box(&jobs), &mut fast));
        });
    }
}

criterion_group!(benches, sorting, staircase);
criterion_main!(benches);
