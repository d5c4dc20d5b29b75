//! SRPT without segments and switch costs, specialised for millions of jobs: completion times and the number of preemptions.
//!
//! The event simulator is the oracle of every variant and several times slower. Its clock counts from the beginning of a busy period,
//! so the last digits of completion times may differ for release times that are no whole numbers.
//!
//! | variant | chosen when | oracle |
//! | --- | --- | --- |
//! | `serve::<false>` | one server, release times in any order | event simulator |
//! | `serve::<true>` | one server, jobs in order of release | event simulator |
//! | `srpt_registers` | as before, and the processor has AVX-512 | `serve::<true>` |
//! | `srpt_servers` | several servers | event simulator |
//!
//! A job costs its mispredicted branches: how many jobs complete before it arrives, whether it takes the server, and how many waiting
//! jobs are shorter. Branch-free insertions that need no wide registers (counting, shifts of fixed width, selects) were measured to be
//! slower.

use super::declaration::{Costs, RunnablePolicy, declare};
use super::hybrid_heap::{HybridHeap, Item, NO_JOB};
use super::information::Facts;
use super::ordered::Ordered;
use super::queue::{Disclosure, QueueBackend};
use super::ranks::Srpt;
use super::{Flow, Jobs, Options, Preempt, engine, registry, srpt_registers, srpt_servers};
use crate::control::Pulse;
use crate::error::{Error, InputError};
use crate::memory::{self, OutOfMemory};
use crate::simd;

/// The array of completion times grows by this many at once, so that they are in the cache when the jobs complete soon after.
pub(super) const BLOCK: usize = 1024;

/// SRPT as a policy: the rank [`Srpt`], specialised where that is possible.
#[derive(Default)]
pub(super) struct SrptPolicy;

declare!(SrptPolicy, "srpt", COSTS: Costs = Costs { event: "O(log n), O(1) while few wait", ..Costs::HEAP });

impl RunnablePolicy for SrptPolicy {
    fn simulate(&self, jobs: &Jobs, options: &Options, pulse: &Pulse) -> Result<Flow, Error> {
        if options.preempt == Preempt::Anywhere && !options.segments && options.switch_cost == 0.0 {
            return Ok(run(jobs, options.servers, pulse)?);
        }
        Ok(engine::run(jobs, Ordered::new(Srpt), options, pulse)?)
    }

    fn queue_backend(&self) -> Result<Box<dyn QueueBackend>, InputError> {
        Ok(registry::ordered_backend(Srpt))
    }

    fn has_waiting_rank(&self) -> bool {
        true
    }

    fn waiting_rank(&self, facts: Facts<Disclosure>) -> Result<f64, InputError> {
        registry::rank_without_service(&Srpt, facts)
    }
}

/// SRPT on `servers` identical servers, with migration. O(n (log n + servers)) at worst, O(n) while few jobs wait.
fn run(jobs: &Jobs, servers: usize, pulse: &Pulse) -> Result<Flow, OutOfMemory> {
    memory::require_items(jobs.len(), size_of::<f64>())?;
    let (completion_time, num_preemptions) = if servers <= 1 {
        run_one_server(jobs, jobs.processing_time(), pulse)
    } else {
        srpt_servers::run(jobs, servers.min(jobs.len().max(1)), pulse)
    };
    Ok(Flow { completion_time, num_preemptions, segments: None })
}

/// SRPT on one server; `size` replaces the jobs' own sizes.
pub(super) fn run_one_server(jobs: &Jobs, size: &[f64], pulse: &Pulse) -> (Vec<f64>, u64) {
    match jobs.in_order() {
        true if simd::avx512().is_some() => srpt_registers::serve(jobs, size, pulse),
        true => serve::<true>(jobs, size, pulse),
        false => serve::<false>(jobs, size, pulse),
    }
}

/// The plain loop. With jobs in order of their indices no arriving job can win a tie; else ties need a look.
pub(super) fn serve<const IN_ORDER: bool>(jobs: &Jobs, size: &[f64], pulse: &Pulse) -> (Vec<f64>, u64) {
    let n = jobs.len();
    let release = &jobs.release_time()[..n];
    let size = &size[..n];
    let mut completion_time = simd::fresh(n);
    let mut preemptions = 0;
    let mut waiting = HybridHeap::new(pulse);
    let mut last = 0;
    // The running job, when it will complete, and since when it runs.
    let (mut running, mut end, mut since) = (NO_JOB.1, f64::INFINITY, f64::INFINITY);
    for block in (0..n).step_by(BLOCK) {
        if waiting.stopped(BLOCK) {
            break;
        }
        let until = n.min(block + BLOCK);
        completion_time.resize(if IN_ORDER { until } else { n }, 0.0);
        let completion_time = completion_time.as_mut_slice();
        for k in block..until {
            let job = if IN_ORDER { k } else { jobs.arrival(k) };
            let (now, p) = (release[job], size[job]);
            while end <= now {
                completion_time[running as usize] = end;
                let ((remaining, next), shorter) = waiting.pop(last);
                last = shorter;
                (running, end, since) = (next, end + remaining, end);
            }
            if p == 0.0 {
                completion_time[job] = now;
                continue;
            }
            last = waiting.free_place(last);
            let (left, item) = (end - now, (p, job as u32));
            // The running job stays unless the new one is shorter; it has no such claim at the moment when it starts.
            if p < left || (!IN_ORDER && p == left && since == now && item.1 < running) {
                preemptions += u64::from(since < now && running != NO_JOB.1);
                last = waiting.push_first(last, (left, running));
                if !IN_ORDER {
                    waiting.settle_tie(last);
                }
                (running, end, since) = (item.1, now + p, now);
            } else {
                last = waiting.insert::<IN_ORDER>(last, item);
            }
        }
    }
    finish(&mut completion_time, (end, running), &mut waiting, last);
    (completion_time, preemptions)
}

/// Completes the jobs that are left after the last arrival.
pub(super) fn finish(completion_time: &mut [f64], (mut end, mut running): Item, waiting: &mut HybridHeap, mut last: usize) {
    while running != NO_JOB.1 {
        completion_time[running as usize] = end;
        let ((remaining, next), shorter) = waiting.pop(last);
        last = shorter;
        (running, end) = (next, end + remaining);
    }
}
