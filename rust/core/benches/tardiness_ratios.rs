//! Rules over the floor, which is sorting as many packed words; and the rate of batches. Both sides in turns, answers compared first.
//! Of every instance the best time of many counts, which a busy machine disturbs least; instances take turns, so that no branch
//! predictor learns one by heart.
//!
//! `cargo bench --bench tardiness_ratios`, with `-- sorting`, `-- large` (ten million jobs) or `-- batches` for one part. `-- turns` waits
//! for names of rules on standard input, and answers each with the milliseconds of a batch into used and into new memory.
#![allow(missing_docs)]

use std::hint::black_box;
use std::time::{Duration, Instant};

use schedkit_core::control::Pulse;
use schedkit_core::names::Named;
use schedkit_core::random::Random;
use schedkit_core::tardiness::{InstanceRows, Jobs, Rule, Scratch, Table, Weights, edd, mdd, plain, psk, run_many};

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

fn jobs((p, d): &Instance) -> Jobs<'_> {
    Jobs::new(p, d, Weights::Unit).expect("valid jobs")
}

/// Time over that of `sort_unstable` of as many packed words `(due date, index)`, which are copied first; and over that of words that hold
/// all that `edd` sorts by, `(due date, time, index)`.
fn sorting(n: usize) {
    let repeats = if n > 100_000 { 7 } else { 30 };
    for (name, due) in DUE {
        let instances: Vec<Instance> = (0..(200_000 / n).clamp(1, 500) as u64).map(|seed| draw(n, due, seed)).collect();
        let group = (2000 / n).max(1); // are timed together: no time is too short for the clock
        let all: Vec<Jobs> = instances.iter().map(jobs).collect();
        let words = |times: bool| {
            let pack = move |((d, p), j): ((&i64, &i64), u64)| {
                ((d + (1 << 30)) as u64) << 32 | if times { (*p as u64) << 25 } else { 0 } | j
            };
            instances.iter().map(|(p, d)| d.iter().zip(p).zip(0..).map(pack).collect()).collect::<Vec<Vec<u64>>>()
        };
        let (plain, whole) = (words(false), words(true));
        let mut copy = plain[0].clone();
        let mut sort = |group: &[Vec<u64>]| {
            for words in group {
                copy.copy_from_slice(words);
                black_box(&mut copy).sort_unstable();
            }
        };
        let mut scratch = Scratch::default();
        let rules: &[fn(&Jobs, &mut Scratch)] = if n > 1_000_000 { &[edd] } else { &[edd, mdd, psk] };
        verify(&all[0], &mut scratch);
        let mut least = [const { Vec::new() }; 5];
        for least in &mut least {
            least.resize(all.len().div_ceil(group), Duration::MAX);
        }
        let [by_plain, by_whole, by_rule @ ..] = &mut least;
        let better = |least: &mut Duration, time: Duration| *least = (*least).min(time);
        for _ in 0..repeats {
            let groups = all.chunks(group).zip(plain.chunks(group)).zip(whole.chunks(group));
            for (k, ((jobs, plain), whole)) in groups.enumerate() {
                better(&mut by_plain[k], time(|| sort(plain)));
                better(&mut by_whole[k], time(|| sort(whole)));
                for (least, rule) in by_rule.iter_mut().zip(rules) {
                    better(&mut least[k], time(|| jobs.iter().for_each(|jobs| rule(black_box(jobs), &mut scratch))));
                }
            }
        }
        let [plain, whole, edd, mdd, psk] = least.map(|least| least.iter().map(Duration::as_secs_f64).sum::<f64>());
        let job = plain * 1e9 / (n * all.len()) as f64;
        print!(
            "n {n:>8}  due dates over {name:<17} sort {job:6.2} ns a job  edd {:5.2} (of whole words {:.2})",
            edd / plain,
            edd / whole
        );
        println!("{}", if n > 1_000_000 { String::new() } else { format!("  mdd {:5.2}  psk {:5.2}", mdd / plain, psk / plain) });
    }
}

fn verify(jobs: &Jobs, scratch: &mut Scratch) {
    let mut slow = Scratch::default();
    plain::edd(jobs, &mut slow);
    edd(jobs, scratch);
    assert!(scratch.sequence == slow.sequence);
}

/// 100,000 instances of 20 jobs.
struct Batch {
    processing_time: Vec<i64>,
    due_date: Vec<i64>,
    table: Table,
}

impl Batch {
    const COUNT: usize = 100_000;
    const WIDTH: usize = 20;

    fn new() -> Self {
        let rows: Vec<Instance> = (0..Self::COUNT as u64).map(|seed| draw(Self::WIDTH, Due::Shares(0.3, 0.5), seed)).collect();
        let (p, d): (Vec<_>, Vec<_>) = rows.into_iter().unzip();
        Self { processing_time: p.concat(), due_date: d.concat(), table: Table::with_capacity(Self::COUNT * Self::WIDTH) }
    }

    fn run(&self, rule: Rule, table: &mut Table) {
        let (p, d) = (&self.processing_time[..], &self.due_date[..]);
        let rows =
            InstanceRows { count: Self::COUNT, width: Self::WIDTH, processing_time: p, due_date: d, weight: Weights::Unit };
        black_box(run_many(rule, rows, 1, &Pulse::default(), table).expect("valid rows"));
    }

    /// Milliseconds of one run each: all columns into memory that was used before, and into new memory.
    fn milliseconds(&mut self, rule: Rule) -> [f64; 2] {
        let mut old = std::mem::take(&mut self.table);
        for column in [&mut old.sequence, &mut old.start_time, &mut old.completion_time, &mut old.lateness, &mut old.tardiness] {
            column.clear();
        }
        let times =
            [time(|| self.run(rule, &mut old)), time(|| self.run(rule, &mut Table::with_capacity(Self::COUNT * Self::WIDTH)))];
        self.table = old;
        times.map(|time| time.as_secs_f64() * 1000.0)
    }
}

fn batches() {
    let mut batch = Batch::new();
    for rule in ["edd", "mdd", "mddc", "atc"].map(|name| Rule::from_name(name).expect("a rule")) {
        let runs: Vec<[f64; 2]> = (0..15).map(|_| batch.milliseconds(rule)).collect();
        let best = |k: usize| runs.iter().map(|run| run[k]).fold(f64::INFINITY, f64::min);
        println!("batch {:<6} columns reused {:7.1} ms  columns new {:7.1} ms", rule.name(), best(0), best(1));
    }
}

fn turns() {
    let mut batch = Batch::new();
    for line in std::io::stdin().lines() {
        let rule = Rule::from_name(line.expect("a line").trim()).expect("a rule");
        let [reused, new] = batch.milliseconds(rule);
        println!("{reused} {new}");
    }
}

fn main() {
    let asked: Vec<String> = std::env::args().collect();
    let named = |part: &str| asked.iter().any(|a| a == part);
    let wanted = |part: &str| named(part) || !asked.iter().any(|a| !a.starts_with('-') && a != &asked[0]);
    if wanted("sorting") {
        [20, 100, 1000, 10_000, 100_000, 1_000_000].into_iter().for_each(sorting);
    }
    if named("large") {
        sorting(10_000_000);
    }
    if wanted("batches") {
        batches();
    }
    if named("turns") {
        turns();
    }
}
