//! The events of a simulation: arrivals, and the ends of steps.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use super::line::Sorted;
use super::replica::ReplicaState;
use super::shared::{Places, Progress, Shared};
use super::{ServingColumns, ServingModel, Trace};
use crate::control::Pulse;
use crate::cost::EVENT;
use crate::error::{Error, InputError};
use crate::memory::{self, OutOfMemory};
use crate::serving::AdmissionPolicy;
use crate::serving::hash_integer;
use crate::serving::numbered_router::{MOST_REPLICAS, NumberedRouter, RouteRequest};
use crate::serving::prefix_caches::PrefixCaches;

/// Refuses numbers out of range.
fn judge(trace: &Trace<'_>, model: &ServingModel) -> Result<(), InputError> {
    trace.judge()?;
    if model.replicas == 0 {
        return Err(InputError::new("replicas", "must be >= 1").value(0_i64));
    }
    if model.replicas > MOST_REPLICAS {
        return Err(InputError::new("replicas", format!("must be at most {MOST_REPLICAS}")).value(model.replicas));
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

/// Bytes that a request takes at most while it waits, and of what is reported of it.
const BYTES_PER_REQUEST: usize = 448;
/// Bytes that it takes in a batch, and for each draw of its length.
const BYTES_IN_BATCH: usize = 384;
const BYTES_PER_DRAW: usize = 512;
/// Bytes that a block of a prompt takes in the cache of a replica.
const BYTES_PER_BLOCK: usize = 160;
/// Bytes of a replica without requests.
const BYTES_PER_REPLICA: usize = 2048;

/// Asks for the memory that a simulation takes at most.
fn require_memory(trace: &Trace<'_>, model: &ServingModel) -> Result<(), OutOfMemory> {
    let least = trace.prompt_tokens.iter().copied().min().unwrap_or(1);
    let fit = usize::try_from(model.admission.capacity / least).unwrap_or(usize::MAX).saturating_add(1);
    let in_batches = trace.len().min(model.max_batch.min(fit).saturating_mul(model.replicas));
    let draws = match model.admission.policy {
        AdmissionPolicy::PastFuture => model.admission.samples,
        _ => 1,
    };
    let blocks = trace.prefix.map_or(0, |(blocks, _)| blocks.len());
    let parts = [
        (trace.len(), BYTES_PER_REQUEST),
        (in_batches, BYTES_IN_BATCH.saturating_add(draws.saturating_mul(BYTES_PER_DRAW))),
        (blocks, BYTES_PER_BLOCK),
        (model.replicas, BYTES_PER_REPLICA),
    ];
    memory::require(parts.iter().fold(0, |sum: usize, (count, bytes)| sum.saturating_add(count.saturating_mul(*bytes))))
}

/// Simulates replicas with continuous batching. At one moment steps end first, then requests arrive, then steps begin.
///
/// A step computes a chunk of each prompt that has just joined, and one token for each request whose prompt is computed; the
/// last chunk of a prompt yields the first token. Before each step waiting requests join in the order of the line as far as
/// admission allows, one at least if the batch is empty. If the tokens of the next step would not fit into the cache, requests
/// are evicted; they wait again, and their tokens are computed again. O(steps * log n).
///
/// # Errors
/// Numbers out of range; a request that does not fit into the cache even alone; times beyond the floats; memory that the system
/// refuses.
pub fn simulate(trace: &Trace<'_>, model: &ServingModel) -> Result<ServingColumns, Error> {
    Ok(simulate_interruptible(trace, model, &mut Pulse::default())?.expect("nothing stops it"))
}

/// [`simulate`], which the pulse can stop; `None` then.
///
/// # Errors
/// Those of [`simulate`].
pub fn simulate_interruptible(
    trace: &Trace<'_>,
    model: &ServingModel,
    pulse: &mut Pulse,
) -> Result<Option<ServingColumns>, Error> {
    judge(trace, model)?;
    require_memory(trace, model)?;
    let mut simulation = Simulation::new(trace, model)?;
    if pulse.worked(u64::MAX) || !simulation.run(pulse)? {
        return Ok(None);
    }
    simulation.finish().map(Some)
}

/// All replicas and what comes to them.
struct Simulation<'a> {
    shared: Shared<'a>,
    router: NumberedRouter,
    replicas: Vec<ReplicaState>,
    /// Requests in the order of their arrivals.
    places: Places,
    /// How many have arrived.
    next: usize,
    /// By request: its slot in the router, and its replica.
    slots: Vec<u32>,
    served: Vec<i64>,
    /// When the steps that run end, and on which replica.
    ends: BinaryHeap<Reverse<(Sorted, u32)>>,
    /// Replicas that may begin a step now.
    touched: Vec<u32>,
}

impl<'a> Simulation<'a> {
    fn new(trace: &Trace<'a>, model: &ServingModel) -> Result<Self, Error> {
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
        let shared = Shared { trace: *trace, model: *model, progress, caches, evictions: 0, recomputed: 0, found: 0, steps: 0 };
        for request in 0..trace.len() {
            let most = trace.prompt_tokens[request] + shared.output(request);
            if most > model.admission.capacity {
                let reason = format!("with its answer it needs {most} tokens, and the cache holds {}", model.admission.capacity);
                return Err(InputError::new("prompt_tokens", reason).at([request], trace.prompt_tokens[request]).into());
            }
        }
        let mut places: Vec<u32> = (0..trace.len() as u32).collect();
        places.sort_by(|&a, &b| trace.arrival[a as usize].total_cmp(&trace.arrival[b as usize]));
        let (slots, served) = (vec![0; trace.len()], vec![0; trace.len()]);
        let (ends, touched) = (BinaryHeap::new(), Vec::new());
        Ok(Self { shared, router, replicas, places: Places(places), next: 0, slots, served, ends, touched })
    }

    /// The next moment at which anything happens.
    fn moment(&self) -> Option<f64> {
        let arrives = self.places.0.get(self.next).map(|&request| self.shared.trace.arrival[request as usize]);
        let ends = self.ends.peek().map(|&Reverse((Sorted(time), _))| time);
        match (arrives, ends) {
            (Some(a), Some(b)) => Some(a.min(b)),
            (one, other) => one.or(other),
        }
    }

    /// Goes from moment to moment until nothing happens any more; false if the pulse has stopped it.
    fn run(&mut self, pulse: &mut Pulse) -> Result<bool, Error> {
        let mut ended = Vec::new();
        while let Some(now) = self.moment() {
            while let Some(&Reverse((_, number))) = self.ends.peek().filter(|end| end.0.0.0 == now) {
                self.ends.pop();
                self.replicas[number as usize].end(&mut self.shared, &self.places, now, &mut ended)?;
                self.touched.push(number);
            }
            for request in ended.drain(..) {
                self.router.finished(self.slots[request]);
            }
            if !self.arrive(now, pulse)? || !self.begin(now, pulse)? {
                return Ok(false);
            }
        }
        Ok(true)
    }

    /// Routes the requests that arrive at this moment; false if the pulse has stopped it.
    fn arrive(&mut self, now: f64, pulse: &mut Pulse) -> Result<bool, Error> {
        let trace = self.shared.trace;
        while let Some(&request) = self.places.0.get(self.next).filter(|&&request| trace.arrival[request as usize] == now) {
            let request = request as usize;
            let key = hash_integer(request as i64);
            let wanted = RouteRequest { key, tokens: trace.prompt_tokens[request], prefix: trace.blocks(request) };
            let (slot, id) = self.router.route(&wanted, now)?;
            (self.slots[request], self.served[request]) = (slot, id);
            self.replicas[id as usize].line.add(self.next as u32, self.shared.rank(request), now);
            self.touched.push(id as u32);
            self.next += 1;
            if pulse.worked(EVENT + wanted.prefix.len() as u64 + self.shared.model.replicas as u64 / 64) {
                return Ok(false);
            }
        }
        Ok(true)
    }

    /// Begins steps on the replicas that may; false if the pulse has stopped it.
    fn begin(&mut self, now: f64, pulse: &mut Pulse) -> Result<bool, Error> {
        self.touched.sort_unstable();
        self.touched.dedup();
        for number in self.touched.drain(..) {
            let replica = &mut self.replicas[number as usize];
            if replica.is_busy || !replica.has_work() {
                continue;
            }
            let duration = replica.begin(&mut self.shared, &self.places, now, pulse)?;
            let end = now + duration;
            if pulse.worked(EVENT) {
                return Ok(false);
            }
            if !end.is_finite() {
                return Err(InputError::new("step", "times get beyond the range of floats").into());
            }
            self.ends.push(Reverse((Sorted(end), number)));
        }
        Ok(true)
    }

    fn finish(self) -> Result<ServingColumns, Error> {
        let Self { shared, served, .. } = self;
        let column = |read: fn(&Progress) -> f64| -> Result<Vec<f64>, Error> {
            let mut column = memory::with_capacity(shared.progress.len())?;
            column.extend(shared.progress.iter().map(read));
            Ok(column)
        };
        Ok(ServingColumns {
            first_token: column(|progress| progress.first_token)?,
            completion_time: column(|progress| progress.completion_time)?,
            replica: served,
            evictions: shared.evictions,
            recomputed_tokens: shared.recomputed,
            found_tokens: shared.found,
            steps: shared.steps,
        })
    }
}
