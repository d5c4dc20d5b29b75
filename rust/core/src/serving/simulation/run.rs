//! The events of a simulation: arrivals, and the ends of steps.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use super::line::Sorted;
use super::replica::{Places, Progress, ReplicaState, Shared};
use super::{ServingColumns, ServingModel, Trace};
use crate::error::InputError;
use crate::serving::numbered_router::{NumberedRouter, RouteRequest};
use crate::serving::prefix_caches::PrefixCaches;

/// Refuses numbers out of range.
fn judge(trace: &Trace<'_>, model: &ServingModel) -> Result<(), InputError> {
    trace.judge()?;
    if model.replicas == 0 {
        return Err(InputError::new("replicas", "must be >= 1").value(0_i64));
    }
    let most = i64::try_from(model.max_batch).unwrap_or(i64::MAX);
    for (field, value) in [("max_batch", most), ("chunk", model.chunk), ("max_new_tokens", model.max_new_tokens.unwrap_or(1))] {
        if value < 1 {
            return Err(InputError::new(field, "must be >= 1").value(value));
        }
    }
    let time = model.step;
    for (k, value) in [time.base, time.prefill, time.running, time.held].into_iter().enumerate() {
        if !(value >= 0.0 && value.is_finite()) {
            return Err(InputError::new("step", "must be finite and >= 0").at([k], value));
        }
    }
    if model.ttft.is_some_and(|ttft| ttft.is_nan() || ttft <= 0.0) {
        return Err(InputError::new("ttft", "must be > 0").value(model.ttft.unwrap_or_default()));
    }
    Ok(())
}

/// Simulates replicas with continuous batching. At one moment steps end first, then requests arrive, then steps begin.
///
/// A step computes a chunk of each prompt that has just joined, and one token for each request whose prompt is computed; the last chunk of
/// a prompt yields the first token. Before each step waiting requests join in the order of the line as far as admission allows, one at
/// least if the batch is empty. If the tokens of the next step would not fit into the cache, requests are evicted; they wait again,
/// and their tokens are computed again. O(steps * log n).
///
/// # Errors
/// Numbers out of range; a request that does not fit into the cache even alone.
pub fn simulate(trace: &Trace<'_>, model: &ServingModel) -> Result<ServingColumns, InputError> {
    judge(trace, model)?;
    let mut router = NumberedRouter::new(model.router)?;
    let mut caches = PrefixCaches::new(model.router.cache_blocks.unwrap_or(usize::MAX));
    let mut replicas = Vec::new();
    for number in 0..model.replicas as u32 {
        router.add(i64::from(number), 1.0)?;
        caches.add(number);
        replicas.push(ReplicaState::new(number, model)?);
    }
    let waits = Progress { first_token: f64::NAN, completion_time: f64::NAN, ..Progress::default() };
    let progress = vec![waits; trace.len()];
    let mut shared = Shared { trace: *trace, model: *model, progress, caches, evictions: 0, recomputed: 0, found: 0, steps: 0 };
    for request in 0..trace.len() {
        let most = trace.prompt_tokens[request] + shared.output(request);
        if most > model.admission.capacity {
            let reason = format!("with its answer it needs {most} tokens, and the cache holds {}", model.admission.capacity);
            return Err(InputError::new("prompt_tokens", reason).at([request], trace.prompt_tokens[request]));
        }
    }
    let mut places: Vec<u32> = (0..trace.len() as u32).collect();
    places.sort_by(|&a, &b| trace.arrival[a as usize].total_cmp(&trace.arrival[b as usize]));
    let places = Places(places);
    let (mut slots, mut served) = (vec![0_u32; trace.len()], vec![0_i64; trace.len()]);
    let (mut next, mut ended, mut touched) = (0, Vec::new(), Vec::new());
    let mut ends: BinaryHeap<Reverse<(Sorted, u32)>> = BinaryHeap::new();
    loop {
        let arrives = places.0.get(next).map(|&request| trace.arrival[request as usize]);
        let ends_at = ends.peek().map(|&Reverse((Sorted(time), _))| time);
        let now = match (arrives, ends_at) {
            (Some(a), Some(b)) => a.min(b),
            (Some(time), None) | (None, Some(time)) => time,
            (None, None) => break,
        };
        while let Some(&Reverse((Sorted(time), number))) = ends.peek().filter(|end| end.0.0.0 == now) {
            debug_assert!(time == now);
            ends.pop();
            replicas[number as usize].end(&mut shared, &places, now, &mut ended)?;
            touched.push(number);
        }
        for request in ended.drain(..) {
            router.finished(slots[request]);
        }
        while let Some(&request) = places.0.get(next).filter(|&&request| trace.arrival[request as usize] == now) {
            let request = request as usize;
            let prefix = trace.blocks(request);
            let wanted =
                RouteRequest { key: crate::serving::hash_integer(request as i64), tokens: trace.prompt_tokens[request], prefix };
            let (slot, id) = router.route(&wanted, now)?;
            (slots[request], served[request]) = (slot, id);
            replicas[id as usize].line.add(next as u32, shared.rank(request), now);
            touched.push(id as u32);
            next += 1;
        }
        touched.sort_unstable();
        touched.dedup();
        for number in touched.drain(..) {
            let replica = &mut replicas[number as usize];
            if !replica.is_busy && replica.has_work() {
                let duration = replica.begin(&mut shared, &places, now)?;
                ends.push(Reverse((Sorted(now + duration), number)));
            }
        }
    }
    Ok(ServingColumns {
        first_token: shared.progress.iter().map(|progress| progress.first_token).collect(),
        completion_time: shared.progress.iter().map(|progress| progress.completion_time).collect(),
        replica: served,
        evictions: shared.evictions,
        recomputed_tokens: shared.recomputed,
        found_tokens: shared.found,
        steps: shared.steps,
    })
}
