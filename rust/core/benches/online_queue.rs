//! The policy queue: nanoseconds an operation with n keys waiting, beside a plain `BinaryHeap` of the same sizes, and memory a key.
//!
//! A pop followed by an add keeps n keys waiting, and is measured twice: with sizes from the same distribution, so that short jobs
//! go through and the long ones wait, and with sizes that rise, so that each key takes a place anywhere in the line. Pops alone are
//! those of a thousand keys in a row. Everything is measured in turns, the best of several; the order of the keys is compared with a
//! sort before anything is timed. Arguments: names of policies, all of them if there are none.
#![allow(missing_docs)]

use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::hint::black_box;
use std::time::Instant;

use schedkit_core::online::queue::QueueEntry;
use schedkit_core::online::workload::Distribution;
use schedkit_core::online::{POLICIES, ParameterValue, Policy, PolicyQueue};

const ROUNDS: usize = 20_000;
const TURNS: usize = 40;
const IN_A_ROW: usize = 1_000;

fn entry(size: f64) -> QueueEntry {
    QueueEntry { estimate: Some(size), deadline: 3.0 * size, ..QueueEntry::sized(size) }
}

fn filled(policy: &Policy, sizes: &[f64]) -> PolicyQueue<u64> {
    let mut queue = PolicyQueue::new(policy).expect("a policy");
    for (key, &size) in (0..).zip(sizes) {
        queue.add(key, &entry(size), key as f64 * 1e-6).expect("a new key");
    }
    queue
}

fn verify(sizes: &[f64]) {
    let mut queue = filled(&Policy::from_name("srpt").expect("a policy"), sizes);
    let mut order: Vec<usize> = (0..sizes.len()).collect();
    order.sort_by(|&a, &b| sizes[a].total_cmp(&sizes[b]));
    let popped = queue.pop_many(sizes.len(), 1e9).expect("pops");
    assert!(popped.iter().zip(&order).all(|(&key, &job)| key == job as u64));
}

fn resident() -> f64 {
    let status = std::fs::read_to_string("/proc/self/statm").unwrap_or_default();
    status.split(' ').nth(1).and_then(|pages| pages.parse::<f64>().ok()).unwrap_or(0.0) * 4096.0
}

/// The best time of a kind of operation so far, in nanoseconds each.
struct Best(f64);

impl Best {
    fn time<T>(&mut self, count: usize, run: impl FnOnce() -> T) -> T {
        let start = Instant::now();
        let result = run();
        self.0 = self.0.min(start.elapsed().as_secs_f64() * 1e9 / count as f64);
        result
    }
}

/// A queue and a heap of the same sizes, and the clock.
struct Line {
    queue: PolicyQueue<u64>,
    heap: BinaryHeap<Reverse<(u64, u64)>>,
    now: f64,
}

impl Line {
    fn pop(&mut self) -> u64 {
        self.now += 1e-6;
        self.queue.pop(self.now).expect("a time").expect("a key")
    }

    fn add(&mut self, key: u64, size: f64) {
        self.queue.add(key, &entry(size), self.now).expect("a new key");
    }

    /// Pops and adds, each size greater than the last by `step` on top of its own.
    fn pairs(&mut self, fresh: &[f64], level: f64, step: f64) {
        for (k, &size) in fresh.iter().enumerate() {
            let key = self.pop();
            self.add(key, level + step * k as f64 + size);
        }
    }

    fn heap_pairs(&mut self, fresh: &[f64], level: f64, step: f64) {
        for (k, &size) in fresh.iter().enumerate() {
            let Reverse((_, key)) = self.heap.pop().expect("a key");
            self.heap.push(Reverse(((level + step * k as f64 + size).to_bits(), key)));
        }
    }
}

fn measure(name: &str, policy: &Policy, n: usize, fresh: &[f64]) {
    let sizes = Distribution::Exponential { mean: 1.0 }.samples(n, 1);
    verify(&sizes);
    let before = resident();
    let queue = filled(policy, &sizes);
    let bytes = (resident() - before) / n as f64;
    let heap = (0..).zip(&sizes).map(|(key, size)| Reverse((size.to_bits(), key))).collect();
    let mut line = Line { queue, heap, now: n as f64 * 1e-6 };
    let [mut pop, mut same, mut rising, mut heap_same, mut heap_rising, mut peek, mut progress, mut many] =
        [const { Best(f64::INFINITY) }; 8];
    let step = 1.0 / n as f64; // as fast as pops empty the line, so that it keeps its shape
    for turn in 0..TURNS {
        same.time(ROUNDS, || line.pairs(fresh, 0.0, 0.0));
        heap_same.time(ROUNDS, || line.heap_pairs(fresh, 0.0, 0.0));
        let row = IN_A_ROW.min(n);
        let keys: Vec<u64> = pop.time(row, || (0..row).map(|_| line.pop()).collect());
        keys.into_iter().zip(fresh).for_each(|(key, &size)| line.add(key, size));
        let keys = many.time(1, || line.queue.pop_many(64, line.now).expect("a time"));
        keys.into_iter().zip(fresh).for_each(|(key, &size)| line.add(key, size));
        peek.time(ROUNDS, || {
            for _ in 0..ROUNDS {
                line.now += 1e-6;
                black_box(line.queue.peek(line.now).expect("a time"));
            }
        });
        progress.time(ROUNDS, || {
            for k in 0..ROUNDS as u64 {
                let _ = black_box(line.queue.progress(&((k + turn as u64) * 7919 % n as u64), 1e-9, line.now));
            }
        });
    }
    for turn in 0..TURNS {
        let level = 100.0 + turn as f64 * step * ROUNDS as f64;
        rising.time(ROUNDS, || line.pairs(fresh, level, step));
        heap_rising.time(ROUNDS, || line.heap_pairs(fresh, level, step));
    }
    println!(
        "{name:16} {n:8} {:7.0} {:9.0} {:9.0} {:11.0} {:11.0} {:8.0} {:12.0} {:17.1} {bytes:13.0}",
        pop.0,
        same.0,
        heap_same.0,
        rising.0,
        heap_rising.0,
        peek.0,
        progress.0,
        many.0 / 1000.0
    );
}

fn main() {
    let asked: Vec<String> = std::env::args().skip(1).filter(|name| !name.starts_with('-')).collect();
    let fresh = Distribution::Exponential { mean: 1.0 }.samples(ROUNDS, 2);
    println!("                              a pop and an add, ns: same sizes         rising sizes");
    println!(
        "policy            waiting  pop ns     queue      heap       queue        heap  peek ns  progress ns  pop_many(64) us   bytes a key"
    );
    for name in POLICIES.iter().map(|entry| entry.name) {
        if !asked.is_empty() && !asked.iter().any(|one| one == name) {
            continue;
        }
        // Gittins is given 32 equally likely sizes of the sample.
        let mut sorted = fresh.clone();
        sorted.sort_by(f64::total_cmp);
        let atoms = (1..=32).map(|i| sorted[i * sorted.len() / 32 - 1]).collect();
        let distribution = (name == "gittins").then_some(("size", ParameterValue::Numbers(atoms)));
        let policy = Policy::new(name, distribution).expect("a policy");
        let lengths: &[usize] = if name == "srpt" { &[1_000, 10_000, 100_000, 1_000_000] } else { &[10_000] };
        for &n in lengths {
            measure(name, &policy, n, &fresh);
        }
    }
}
