//! The dispatcher: nanoseconds a decision, and a decision with its report and a new key, with n keys waiting for three resources.
//!
//! The system stays full: the key that ends first is reported, a new one is submitted, and `next` decides. Demands are drawn from 192
//! different ones, and once more from 9,216; durations equal their estimates. The decision alone is measured by its own clock readings,
//! whose cost is measured and taken off. Means of a hundred calls are taken, and their median counts, so that other programs on the
//! machine do not. Conservative backfilling compares a new key with all that wait, so it is measured with fewer of them.
#![allow(missing_docs)]

use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::hint::black_box;
use std::time::Instant;

use schedkit_core::names::Named;
use schedkit_core::online::dispatcher::{Backfill, DispatchOrder, NumberedDispatcher, Request};
use schedkit_core::random::Random;

const DECISIONS: usize = 50_000;
/// Decisions of conservative backfilling.
const RESERVED: usize = 5_000;
const CHUNK: usize = 100;

/// Different demands: their number and the most units of each resource that a key needs.
const FEW: (usize, [u64; 3]) = (192, [16, 3, 4]);
const MANY: (usize, [u64; 3]) = (9_216, [64, 9, 16]);

struct Work {
    demand: Vec<[i64; 3]>,
    estimate: Vec<f64>,
}

impl Work {
    fn draw(count: usize, [cpu, gpu, disk]: [u64; 3]) -> Self {
        let mut random = Random::new(1);
        let mut below = |limit: u64| random.below(limit) as i64;
        let demand = (0..count).map(|_| [1 + below(cpu), below(gpu), 1 + below(disk)]).collect();
        let estimate = (0..count).map(|_| 1.0 + below(1_000_000) as f64 / 1e5).collect();
        Self { demand, estimate }
    }

    fn submit(&self, dispatcher: &mut NumberedDispatcher, key: usize, now: f64) {
        let request = Request { demand: &self.demand[key], estimate: Some(self.estimate[key]), ..Request::default() };
        dispatcher.submit(&request, &[], now).expect("a sound request");
    }
}

/// Nanoseconds of a decision and of a cycle, and starts in each.
fn measure(backfill: Backfill, waiting: usize, total: usize, work: &Work) -> (f64, f64, f64) {
    let order = DispatchOrder::from_name("fcfs").expect("a name");
    let mut dispatcher = NumberedDispatcher::new(&[64, 8, 16], order, backfill).expect("capacities");
    for key in 0..waiting {
        work.submit(&mut dispatcher, key, 0.0);
    }
    let mut started = dispatcher.next(0.0).expect("a time");
    let mut ends: BinaryHeap<Reverse<(u64, u32)>> = BinaryHeap::new();
    let (mut starts, mut now, mut key) = (0, 0.0_f64, waiting);
    let (mut decisions, mut cycles) = (Vec::new(), Vec::new());
    while key < waiting + total {
        let (mut spent, begun) = (0.0, Instant::now());
        for _ in 0..CHUNK {
            starts += started.len();
            ends.extend(started.iter().map(|&key| Reverse(((now + work.estimate[key as usize]).to_bits(), key))));
            let Reverse((end, ended)) = ends.pop().expect("something runs");
            now = f64::from_bits(end);
            dispatcher.finished(ended, now).expect("it runs");
            work.submit(&mut dispatcher, key, now);
            key += 1;
            let before = Instant::now();
            dispatcher.next_into(now, &mut started).expect("a time");
            spent += before.elapsed().as_secs_f64();
        }
        cycles.push(begun.elapsed().as_secs_f64());
        decisions.push(spent);
    }
    (median(decisions), median(cycles), starts as f64 / total as f64)
}

/// The median of the times of chunks, in nanoseconds a call.
fn median(mut seconds: Vec<f64>) -> f64 {
    seconds.sort_by(f64::total_cmp);
    1e9 * seconds[seconds.len() / 2] / CHUNK as f64
}

/// What reading the clock adds to a time, in nanoseconds.
fn clock() -> f64 {
    let chunk = |_| (0..CHUNK).map(|_| black_box(Instant::now()).elapsed().as_secs_f64()).sum();
    median((0..1000).map(chunk).collect())
}

fn main() {
    let clock = clock();
    let print = |backfill: (&str, Backfill), waiting: usize, total: usize, (demands, limits): (usize, [u64; 3])| {
        let work = Work::draw(waiting + total, limits);
        let (decision, cycle, starts) = measure(backfill.1, waiting, total, &work);
        let (name, decision) = (backfill.0, (decision - clock).max(0.0));
        println!(
            "{name:>12} {waiting:>7} waiting, {demands:>4} demands: {decision:6.0} ns a decision with {starts:.2} starts, {cycle:6.0} ns a cycle"
        );
    };
    for backfill in Backfill::all() {
        let conservative = backfill.1 == Backfill::Conservative;
        let total = if conservative { RESERVED } else { DECISIONS };
        let (few, many): (&[usize], &[usize]) =
            if conservative { (&[100, 1_000, 10_000], &[]) } else { (&[1_000, 10_000, 100_000, 1_000_000], &[10_000, 100_000]) };
        for (sizes, demands) in [(few, FEW), (many, MANY)] {
            for &waiting in sizes {
                print(backfill, waiting, total, demands);
            }
        }
    }
}
