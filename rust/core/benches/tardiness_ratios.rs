//! Rules over the floor, which is sorting as many packed words; and the rate of batches. Both sides in turns, the best of several
//! runs each, answers compared first. Small instances take turns too, so that no branch predictor learns one by heart.
//!
//! `cargo bench --bench tardiness_ratios`, with `-- sorting`, `-- large` (ten million jobs) or `-- batches` for one part.
#![allow(missing_docs)]

use std::hint::black_box;
use std::time::{Duration, Instant};

use schedkit_core::control::Pulse;
use schedkit_core::random::Random;
use schedkit_core::tardiness::{Answers, Columns, Jobs, Rows, Rule, Scratch, Weights, plain, run_many};

type Instance = (Vec<i64>, Vec<i64>);

/// Where due dates come from.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Due {
    /// Uniform over these shares of the horizon.
    Shares(f64, f64),
    /// The same over 0.3 to 0.5, in order already.
    InOrder,
    AllEqual,
}

const DUE: [(&str, Due); 5] = [
    ("a fifth", Due::Shares(0.3, 0.5)),
    ("all and negative", Due::Shares(-0.3, 0.7)),
    ("a thousandth", Due::Shares(0.5, 0.501)),
    ("in order", Due::InOrder),
    ("all equal", Due::AllEqual),
];

fn draw(n: usize, due: Due, seed: u64) -> Instance {
    let mut random = Random::new(seed);
    let p: Vec<i64> = (0..n).map(|_| random.between(1, 100)).collect();
    let total = p.iter().sum::<i64>() as f64;
    let (low, high) = match due {
        Due::Shares(low, high) => (total * low, total * high),
        Due::InOrder => (total * 0.3, total * 0.5),
        Due::AllEqual => (total * 0.5, total * 0.5),
    };
    let mut d: Vec<i64> = (0..n).map(|_| random.between(low as i64, high as i64)).collect();
    if due == Due::InOrder {
        d.sort_unstable();
    }
    (p, d)
}

fn time(work: impl FnOnce()) -> Duration {
    let start = Instant::now();
    work();
    start.elapsed()
}

/// The best time of each of the works, in turns.
fn best<const N: usize>(repeats: usize, mut works: [&mut dyn FnMut(); N]) -> [Duration; N] {
    let mut least = [Duration::MAX; N];
    for _ in 0..repeats {
        for (least, work) in least.iter_mut().zip(works.iter_mut()) {
            *least = (*least).min(time(&mut *work));
        }
    }
    least
}

fn jobs((p, d): &Instance) -> Jobs<'_> {
    Jobs::new(p, d, Weights::Unit).expect("valid jobs")
}

/// Time over that of `sort_unstable` of as many packed words, which are copied first.
fn sorting(n: usize) {
    let repeats = if n > 1_000_000 { 5 } else { 15 };
    for (name, due) in DUE {
        let instances: Vec<Instance> = (0..(200_000 / n).clamp(1, 500) as u64).map(|seed| draw(n, due, seed)).collect();
        let pack = |(_, d): &Instance| d.iter().zip(0_u64..).map(|(&d, j)| ((d + (1 << 31)) as u64) << 32 | j).collect();
        let words: Vec<Vec<u64>> = instances.iter().map(pack).collect();
        let all: Vec<Jobs> = instances.iter().map(jobs).collect();
        let mut copy = words[0].clone();
        let mut sort = || {
            for words in &words {
                copy.copy_from_slice(words);
                black_box(&mut copy).sort_unstable();
            }
        };
        print!("n {n:>8}  due dates over {name:<17}");
        let rules: &[Rule] = if n > 1_000_000 { &[Rule::Edd] } else { &[Rule::Edd, Rule::Mdd, Rule::Psk] };
        for &rule in rules {
            let mut scratch = Scratch::default();
            if rule == Rule::Edd {
                let mut slow = Scratch::default();
                plain::edd(&all[0], &mut slow);
                rule.run(&all[0], &mut scratch);
                assert!(scratch.sequence == slow.sequence);
            }
            let mut ours = || all.iter().for_each(|jobs| rule.run(black_box(jobs), &mut scratch));
            let [sort, ours] = best(repeats, [&mut sort, &mut ours]);
            if rule == Rule::Edd {
                print!("  sort {:>9.2} ns a job", sort.as_secs_f64() * 1e9 / (n * all.len()) as f64);
            }
            print!("  {} {:5.2}", rule.name(), ours.as_secs_f64() / sort.as_secs_f64());
        }
        println!();
    }
}

/// 100,000 instances of 20 jobs: sequences alone, and all columns into memory that is used again or new.
fn batches() {
    const COUNT: usize = 100_000;
    const WIDTH: usize = 20;
    let rows: Vec<Instance> = (0..COUNT as u64).map(|seed| draw(WIDTH, Due::Shares(0.3, 0.5), seed)).collect();
    let (p, d): (Vec<_>, Vec<_>) = rows.into_iter().unzip();
    let (p, d) = (p.concat(), d.concat());
    let rows = Rows { count: COUNT, width: WIDTH, processing_time: &p, due_date: &d, weight: Weights::Unit };
    for rule in [Rule::Edd, Rule::Mdd, Rule::Mddc, Rule::Atc(2.0)] {
        let run = |columns: &mut [Vec<i64>; 5]| {
            let [sequence, start_time, completion_time, lateness, tardiness] = columns;
            let answers = Answers { sequence, columns: Columns { start_time, completion_time, lateness, tardiness } };
            black_box(run_many(rule, rows, 1, &Pulse::default(), answers).expect("valid rows"));
        };
        let new = || std::array::from_fn(|_| vec![0; COUNT * WIDTH]);
        let (mut scratch, mut old) = (Scratch::default(), new());
        let mut sequences = || {
            for (p, d) in p.chunks(WIDTH).zip(d.chunks(WIDTH)) {
                rule.run(&Jobs::new(p, d, Weights::Unit).expect("valid jobs"), &mut scratch);
            }
        };
        let times = best(7, [&mut sequences, &mut || run(&mut old), &mut || run(&mut new())]);
        let [sequences, reused, fresh] = times.map(|time| time.as_secs_f64() * 1000.0);
        println!(
            "batch {:<6} sequences {sequences:7.1} ms  columns reused {reused:7.1} ms  columns new {fresh:7.1} ms",
            rule.name()
        );
    }
}

fn main() {
    let asked: Vec<String> = std::env::args().collect();
    let wanted = |part: &str| asked.iter().any(|a| a == part) || !asked.iter().any(|a| !a.starts_with('-') && a != &asked[0]);
    if wanted("sorting") {
        [20, 100, 1000, 10_000, 100_000, 1_000_000].into_iter().for_each(sorting);
    }
    if asked.iter().any(|a| a == "large") {
        sorting(10_000_000);
    }
    if wanted("batches") {
        batches();
    }
}
