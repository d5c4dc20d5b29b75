//! Decisions for model servers: `admit` and `advance` with n requests that run, `route` among n replicas.
#![allow(missing_docs)]

use std::hint::black_box;
use std::time::Duration;

use criterion::{BenchmarkId, Criterion, criterion_group, criterion_main};
use schedkit_core::InputError;
use schedkit_core::names::Named;
use schedkit_core::random::Random;
use schedkit_core::serving::{
    AdmissionOptions, AdmissionPolicy, Holding, NumberedAdmission, NumberedRouter, Request, RouteRequest, RouterOptions,
    RoutingPolicy, peak,
};

const SIZES: [usize; 4] = [16, 256, 4096, 65_536];
/// The longest answer.
const LONGEST: i64 = 600;

/// A batch of n requests in a cache with room for a few more, what they hold, and the tokens left of each.
fn full_batch(policy: AdmissionPolicy, n: usize) -> (NumberedAdmission, Vec<Holding>) {
    let options = AdmissionOptions { capacity: 1500 * n as i64, policy, ..AdmissionOptions::default() };
    let mut admission = NumberedAdmission::new(options).expect("options in range");
    let mut random = Random::new(1);
    let request = |prompt_tokens| Request { prompt_tokens, max_new_tokens: LONGEST, ..Request::default() };
    for _ in 0..200 {
        let slot = admission.start(&request(100)).expect("a sound request");
        admission.finished(slot, random.between(1, LONGEST)).expect("it runs");
    }
    let mut batch: Vec<Holding> = Vec::new();
    for key in 0..n {
        let tokens = random.between(10, 1000);
        admission.start(&request(tokens)).expect("a sound request");
        batch.push(Holding { remaining: LONGEST, held: tokens, growth: 1 });
        if key % (n / 64).max(1) == 0 {
            admission.advance(1).expect("small sums");
            for holding in &mut batch {
                (holding.remaining, holding.held) = (holding.remaining - 1, holding.held + 1);
            }
        }
    }
    (admission, batch)
}

fn admit(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("admit");
    group.sample_size(20).warm_up_time(Duration::from_millis(300)).measurement_time(Duration::from_secs(1));
    for (name, policy) in AdmissionPolicy::all() {
        for n in SIZES {
            let (mut admission, mut batch) = full_batch(policy, n);
            if policy == AdmissionPolicy::Future {
                assert_eq!(admission.peak(), peak(&mut batch), "the plain formula gives the same");
            }
            for (rows, label) in [(1, name.to_owned()), (8, format!("{name}, 8 that join"))] {
                let waiting = vec![
                    Request { prompt_tokens: 400 / rows, max_new_tokens: LONGEST / rows, ..Request::default() };
                    rows as usize
                ];
                let id = BenchmarkId::new(label, n);
                group.bench_function(id, |b| {
                    b.iter(|| admission.admit(black_box(&waiting).iter().map(|&request| Ok::<_, InputError>(request))));
                });
            }
        }
    }
    group.finish();
}

/// A batch of n requests of which each is followed by a new one when it ends.
struct Steady {
    admission: NumberedAdmission,
    /// The slots of the requests that end at each step, modulo the longest answer.
    ends: Vec<Vec<(u32, i64)>>,
    step: usize,
    random: Random,
}

impl Steady {
    fn new(policy: AdmissionPolicy, n: usize) -> Self {
        let options = AdmissionOptions { capacity: 1 << 50, policy, ..AdmissionOptions::default() };
        let admission = NumberedAdmission::new(options).expect("options in range");
        let mut steady = Self { admission, ends: vec![Vec::new(); LONGEST as usize + 1], step: 0, random: Random::new(2) };
        for _ in 0..n {
            steady.start();
        }
        for _ in 0..2 * LONGEST {
            steady.step();
        }
        steady
    }

    fn start(&mut self) {
        let request = Request { prompt_tokens: 100, max_new_tokens: LONGEST, ..Request::default() };
        let slot = self.admission.start(&request).expect("a sound request");
        let length = self.random.between(1, LONGEST);
        let place = (self.step + length as usize) % self.ends.len();
        self.ends[place].push((slot, length));
    }

    /// A step of the server: all produce a token, some end, as many begin.
    fn step(&mut self) {
        self.step += 1;
        self.admission.advance(1).expect("small sums");
        let place = self.step % self.ends.len();
        for (slot, length) in std::mem::take(&mut self.ends[place]) {
            self.admission.finished(slot, length).expect("it runs");
            self.start();
        }
    }
}

fn advance(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("a step: advance, and requests that end and begin");
    group.sample_size(20).warm_up_time(Duration::from_millis(300)).measurement_time(Duration::from_secs(1));
    for (name, policy) in AdmissionPolicy::all() {
        for n in SIZES {
            let mut steady = Steady::new(policy, n);
            group.bench_function(BenchmarkId::new(name, n), |b| b.iter(|| steady.step()));
            assert_eq!(steady.admission.len(), n);
        }
    }
    group.finish();
}

fn route(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("route and finished");
    group.sample_size(20).warm_up_time(Duration::from_millis(300)).measurement_time(Duration::from_secs(1));
    for (name, policy) in RoutingPolicy::all() {
        for n in &SIZES[..3] {
            let options = RouterOptions { policy, cache_blocks: Some(4000), ..RouterOptions::default() };
            let mut router = NumberedRouter::new(options).expect("options in range");
            for id in 0..*n {
                router.add(id as i64, 1.0).expect("a new replica");
            }
            let mut random = Random::new(3);
            let prefixes: Vec<Vec<u64>> = (0..500).map(|f| (0..=random.below(20)).map(|k| f * 1000 + k).collect()).collect();
            let mut slots = std::collections::VecDeque::new();
            let mut key = 0;
            let mut route = |router: &mut NumberedRouter| {
                key += 1;
                let request = RouteRequest { key, tokens: 1000, prefix: &prefixes[key as usize % 500] };
                slots.push_back(router.route(&request, 0.0).expect("there are replicas").0);
                if slots.len() > 4 * n {
                    router.finished(slots.pop_front().expect("it is not empty"));
                }
            };
            for _ in 0..4 * n {
                route(&mut router);
            }
            group.bench_function(BenchmarkId::new(name, n), |b| b.iter(|| route(&mut router)));
            assert_eq!(router.len(), 4 * n);
        }
    }
    group.finish();
}

criterion_group!(decisions, admit, advance, route);
criterion_main!(decisions);
