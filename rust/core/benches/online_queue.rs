//! The policy queue: nanoseconds an operation with n keys waiting, beside a plain `BinaryHeap` of the same sizes, and memory a key.
//! Everything is measured in one run; the order of the keys is compared with a sort before anything is timed.
#![allow(missing_docs)]

use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::hint::black_box;
use std::time::Instant;

use schedkit_core::online::queue::Entry;
use schedkit_core::online::workload::Distribution;
use schedkit_core::online::{Gittins, Policy, PolicyQueue};

const ROUNDS: usize = 100_000;

fn entry(size: f64) -> Entry {
    Entry { estimate: Some(size), deadline: 3.0 * size, ..Entry::sized(size) }
}

fn filled(policy: &Policy, sizes: &[f64]) -> PolicyQueue<u64> {
    let mut queue = PolicyQueue::new(policy).expect("a policy");
    for (key, &size) in (0..).zip(sizes) {
        queue.add(key, &entry(size), key as f64 * 1e-6).expect("a new key");
    }
    queue
}

/// The best of five, in nanoseconds a round.
fn best(rounds: usize, mut run: impl FnMut()) -> f64 {
    (0..5)
        .map(|_| {
            let start = Instant::now();
            run();
            start.elapsed().as_secs_f64() * 1e9 / rounds as f64
        })
        .fold(f64::INFINITY, f64::min)
}

fn verify(sizes: &[f64]) {
    let mut queue = filled(&Policy::Srpt, sizes);
    let mut order: Vec<usize> = (0..sizes.len()).collect();
    order.sort_by(|&a, &b| sizes[a].total_cmp(&sizes[b]));
    let popped = queue.pop_many(sizes.len(), 1e9).expect("pops");
    assert!(popped.iter().zip(&order).all(|(&key, &job)| key == job as u64));
}

fn resident() -> f64 {
    let status = std::fs::read_to_string("/proc/self/statm").unwrap_or_default();
    status.split(' ').nth(1).and_then(|pages| pages.parse::<f64>().ok()).unwrap_or(0.0) * 4096.0
}

fn main() {
    let fresh = Distribution::Exponential { mean: 1.0 }.samples(ROUNDS, 2);
    println!("policy            waiting   pop+add ns   heap ns   peek ns   progress ns   pop_many(64) us   bytes a key");
    for (name, policy) in Policy::ALL {
        let policy = match policy {
            Policy::Gittins(None) => Policy::Gittins(Gittins::from_sample(&fresh, 32).ok()),
            other => other,
        };
        let sizes_of_line: &[usize] = if name == "srpt" { &[1_000, 10_000, 100_000, 1_000_000] } else { &[10_000] };
        for &n in sizes_of_line {
            let sizes = Distribution::Exponential { mean: 1.0 }.samples(n, 1);
            verify(&sizes);
            let before = resident();
            let mut queue = filled(&policy, &sizes);
            let bytes = (resident() - before) / n as f64;
            let mut now = n as f64 * 1e-6;
            let pair = best(ROUNDS, || {
                for &size in &fresh {
                    now += 1e-6;
                    let key = queue.pop(now).expect("a time").expect("a key");
                    queue.add(key, &entry(size), now).expect("a new key");
                }
            });
            let mut heap: BinaryHeap<Reverse<(u64, u64)>> =
                (0..).zip(&sizes).map(|(key, size)| Reverse((size.to_bits(), key))).collect();
            let plain = best(ROUNDS, || {
                for &size in &fresh {
                    let Reverse((_, key)) = heap.pop().expect("a key");
                    heap.push(Reverse((size.to_bits(), key)));
                }
            });
            let peek = best(ROUNDS, || {
                for _ in 0..ROUNDS {
                    now += 1e-6;
                    black_box(queue.peek(now).expect("a time"));
                }
            });
            let progress = best(ROUNDS, || {
                for k in 0..ROUNDS as u64 {
                    let _ = black_box(queue.progress(&(k * 7919 % n as u64), 1e-9, now));
                }
            });
            let mut many = f64::INFINITY;
            for _ in 0..200 {
                let start = Instant::now();
                let keys = queue.pop_many(64, now).expect("a time");
                many = many.min(start.elapsed().as_secs_f64() * 1e6);
                for (key, &size) in keys.into_iter().zip(&fresh) {
                    queue.add(key, &entry(size), now).expect("a new key");
                }
            }
            println!("{name:16} {n:8} {pair:12.0} {plain:9.0} {peek:9.0} {progress:13.0} {many:17.1} {bytes:13.0}");
        }
    }
}
