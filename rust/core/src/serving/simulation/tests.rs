//! Simulations against recursions and invariants.

use super::*;
use crate::control::Pulse;
use crate::names::Named;
use crate::random::Random;
use crate::serving::{AdmissionPolicy, RoutingPolicy, Victim};

struct Requests {
    arrival: Vec<f64>,
    prompt: Vec<i64>,
    output: Vec<i64>,
}

impl Requests {
    fn new(random: &mut Random, n: usize) -> Self {
        Self {
            arrival: (0..n).map(|_| random.between(0, 200) as f64 / 4.0).collect(),
            prompt: (0..n).map(|_| random.between(1, 30)).collect(),
            output: (0..n).map(|_| random.between(1, 20)).collect(),
        }
    }

    fn trace(&self) -> Trace<'_> {
        Trace { arrival: &self.arrival, prompt_tokens: &self.prompt, output_tokens: &self.output, prefix: None, block_tokens: 1 }
    }
}

fn model() -> ServingModel {
    ServingModel {
        replicas: 1,
        router: RouterOptions { policy: RoutingPolicy::RoundRobin, ..RouterOptions::default() },
        order: LineOrder::Fcfs,
        admission: AdmissionOptions {
            capacity: 1 << 40,
            policy: AdmissionPolicy::Future,
            reserve: 0.0,
            ..AdmissionOptions::default()
        },
        max_batch: usize::MAX,
        chunk: i64::MAX,
        step: StepTime { base: 0.5, prefill: 0.25, running: 0.125, held: 0.0 },
        max_new_tokens: None,
        ttft: None,
    }
}

#[test]
fn one_request_at_a_time_is_a_queue_in_the_order_of_arrival() {
    let mut random = Random::new(6);
    for chunk in [i64::MAX, 7] {
        let requests = Requests::new(&mut random, 40);
        let columns = simulate(&requests.trace(), &ServingModel { max_batch: 1, chunk, ..model() }).unwrap();
        let mut order: Vec<usize> = (0..40).collect();
        order.sort_by(|&a, &b| requests.arrival[a].total_cmp(&requests.arrival[b]));
        let mut now = 0.0_f64;
        for request in order {
            let (prompt, output) = (requests.prompt[request], requests.output[request]);
            let prefill_steps = (prompt - 1) / chunk + 1;
            now = now.max(requests.arrival[request]) + prefill_steps as f64 * 0.625 + prompt as f64 * 0.25;
            assert_eq!(columns.first_token[request], now);
            now += (output - 1) as f64 * 0.625;
            assert_eq!(columns.completion_time[request], now);
        }
    }
}

#[test]
fn every_request_ends_and_the_cache_suffices() {
    let mut random = Random::new(7);
    for round in 0..200 {
        let requests = Requests::new(&mut random, 30);
        for (_, policy) in AdmissionPolicy::all() {
            for (_, victim) in Victim::all() {
                let capacity = if round % 5 == 0 { 1 << 40 } else { random.between(50, 200) };
                let admission = AdmissionOptions { capacity, policy, victim, reserve: 0.0, ..AdmissionOptions::default() };
                let chunk = if round % 3 == 0 { random.between(1, 10) } else { i64::MAX };
                let (_, order) = LineOrder::all().nth(random.below(4) as usize).unwrap();
                let model = ServingModel { admission, chunk, order, replicas: 1 + round % 3, ttft: Some(4.0), ..model() };
                let columns = simulate(&requests.trace(), &model).unwrap();
                for request in 0..30 {
                    let least = (requests.output[request] - 1) as f64 * 0.625;
                    assert!(columns.first_token[request] >= requests.arrival[request] + 0.625);
                    assert!(columns.completion_time[request] >= columns.first_token[request] + least);
                }
                if capacity == 1 << 40 || policy == AdmissionPolicy::Future || policy == AdmissionPolicy::Conservative {
                    assert_eq!((columns.evictions, columns.recomputed_tokens), (0, 0), "{policy:?}");
                }
                // A request that is evicted before its first step has nothing to compute again.
                assert!(columns.evictions > 0 || columns.recomputed_tokens == 0);
            }
        }
    }
}

#[test]
fn cached_prefixes_are_not_computed_again() {
    let requests = Requests { arrival: vec![0.0, 100.0, 200.0], prompt: vec![10, 10, 8], output: vec![1, 1, 1] };
    let prefix: (&[u64], &[usize]) = (&[1, 2, 3, 1, 2, 4, 1, 2], &[0, 3, 6, 8]);
    let trace = Trace { prefix: Some(prefix), block_tokens: 4, ..requests.trace() };
    let columns = simulate(&trace, &model()).unwrap();
    assert_eq!(columns.found_tokens, 8 + 7); // of the last prompt one token is computed, although all its blocks are there
    let durations: Vec<f64> = columns.completion_time.iter().zip(&requests.arrival).map(|(end, start)| end - start).collect();
    assert_eq!(durations, [0.625 + 2.5, 0.625 + 0.5, 0.625 + 0.25]);
}

#[test]
fn a_stopped_simulation_has_no_answer() {
    let mut random = Random::new(8);
    let requests = Requests::new(&mut random, 400);
    let trace = requests.trace();
    assert_eq!(simulate_interruptible(&trace, &model(), &mut Pulse::new(|| false)), Ok(None));
    let whole = simulate_interruptible(&trace, &model(), &mut Pulse::new(|| true)).unwrap();
    assert_eq!(whole, Some(simulate(&trace, &model()).unwrap()));
}

#[test]
fn times_beyond_the_floats_are_refused() {
    let requests = Requests { arrival: vec![0.0], prompt: vec![10], output: vec![2] };
    for step in [StepTime { base: 1e308, ..model().step }, StepTime { prefill: 1e308, ..model().step }] {
        let error = simulate(&requests.trace(), &ServingModel { step, ..model() }).unwrap_err().to_string();
        assert_eq!(error, "step: times get beyond the range of floats");
    }
}
