//! Online flow time, `1, P | pmtn, r_j, online | sum F_j`: jobs arrive; their sizes are known, estimated, or revealed bit by bit.
//!
//! [`Jobs`] is the validated stream and [`Policy`] names the rule; [`simulate`] runs one through the other. What a policy may
//! know is its [`information`] model, enforced by construction. Policies that are a [`discipline::Rank`] share their waiting
//! [`ordered::Ordered`]; the others bring their own [`discipline::Discipline`].

mod balance;
mod bound;
mod custom;
mod deadline_ordered;
mod declaration;
pub mod discipline;
pub mod dispatcher;
mod double_double;
mod engine;
mod gittins;
mod groups;
pub mod heap;
mod hrrn;
mod hybrid_heap;
pub mod information;
mod job_slots;
mod jobs;
mod levels;
pub mod ordered;
mod pairing_heap;
mod policy;
mod preemption_heap;
mod processor_sharing;
pub mod queue;
pub mod ranks;
mod recorder;
pub mod registry;
mod shared;
mod srpt;
mod srpt_registers;
mod srpt_servers;
pub mod swf;
mod weight_classes;
pub mod workload;

use crate::memory::{self, OutOfMemory};
use crate::names::Named;

pub use balance::{Balance, ChunkRule};
pub use bound::lower_bound;
pub use custom::{CustomPolicy, JobView, simulate_custom};
pub use declaration::{Costs, Parameter, ParameterKind, ParameterValue, SharesServer};
pub use dispatcher::Dispatcher;
pub use gittins::Gittins;
pub use hrrn::Hrrn;
pub use jobs::{Jobs, JobsData};
pub use levels::{Feedback, RandomFeedback, RoundRobin};
pub use policy::{Policy, simulate, simulate_interruptible};
pub use queue::PolicyQueue;
pub use registry::{POLICIES, PolicyEntry};
pub use weight_classes::WeightClasses;

/// Where a running job may lose its server.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Preempt {
    /// At any time.
    #[default]
    Anywhere,
    /// Between two of its operations.
    Operation,
    /// Not before it completes.
    Never,
}

impl Named for Preempt {
    const FIELD: &'static str = "preempt";
    const NOUN: &'static str = "mode";

    fn all() -> impl Iterator<Item = (&'static str, Self)> + Clone {
        [("anywhere", Self::Anywhere), ("operation", Self::Operation), ("never", Self::Never)].into_iter()
    }
}

/// The machine that the jobs run on.
#[derive(Debug, Clone, PartialEq)]
pub struct Options {
    /// Identical servers, at least 1.
    pub servers: usize,
    /// Where jobs may be interrupted.
    pub preempt: Preempt,
    /// Time that a server loses whenever it starts another job than the one it ran last (the first one included).
    pub switch_cost: f64,
    /// Whether to record which job ran when and where.
    pub segments: bool,
}

impl Default for Options {
    fn default() -> Self {
        Self { servers: 1, preempt: Preempt::Anywhere, switch_cost: 0.0, segments: false }
    }
}

/// Which job ran when and where, ordered by start time, server and job.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Segments {
    /// Jobs.
    pub job: Vec<i64>,
    /// Servers.
    pub server: Vec<i64>,
    /// Starts.
    pub start: Vec<f64>,
    /// Ends.
    pub end: Vec<f64>,
    /// Part of the server that the job has: 1 unless jobs share.
    pub rate: Vec<f64>,
}

impl Segments {
    /// Reserves memory for one more segment. All columns grow together, so one comparison suffices nearly always.
    #[inline]
    fn reserve(&mut self) -> Result<(), OutOfMemory> {
        if self.job.len() < self.job.capacity().min(self.rate.capacity()) { Ok(()) } else { self.grow() }
    }

    #[cold]
    fn grow(&mut self) -> Result<(), OutOfMemory> {
        let more = self.job.len().max(1024);
        memory::reserve(&mut self.job, more)?;
        memory::reserve(&mut self.server, more)?;
        memory::reserve(&mut self.start, more)?;
        memory::reserve(&mut self.end, more)?;
        memory::reserve(&mut self.rate, more)
    }

    fn push(&mut self, job: u32, server: usize, start: f64, end: f64, rate: f64) {
        self.job.push(i64::from(job));
        self.server.push(server as i64);
        self.start.push(start);
        self.end.push(end);
        self.rate.push(rate);
    }

    fn sorted(self) -> Result<Self, OutOfMemory> {
        // The order and what sorts it, and the new columns.
        memory::require_items(self.job.len(), 16 + 5 * size_of::<f64>())?;
        let mut order: Vec<usize> = (0..self.job.len()).collect();
        let by = |a: usize, b: usize| {
            self.start[a].total_cmp(&self.start[b]).then(self.server[a].cmp(&self.server[b])).then(self.job[a].cmp(&self.job[b]))
        };
        order.sort_by(|&a, &b| by(a, b));
        let pick = |column: &[f64]| order.iter().map(|&k| column[k]).collect();
        Ok(Self {
            job: order.iter().map(|&k| self.job[k]).collect(),
            server: order.iter().map(|&k| self.server[k]).collect(),
            start: pick(&self.start),
            end: pick(&self.end),
            rate: pick(&self.rate),
        })
    }
}

/// Bytes that a job in the system takes at most, with what its policy keeps of it.
const JOB: usize = 320;

/// Whether this much work, or time, is lost in the rounding of the clock.
#[inline]
fn negligible(work: f64, now: f64) -> bool {
    now + 0.25 * work == now
}

/// The result of a simulation.
#[derive(Debug, Clone, PartialEq)]
pub struct Flow {
    /// Completion times, by job.
    pub completion_time: Vec<f64>,
    /// How often an unfinished job ceased to be served.
    pub num_preemptions: u64,
    /// The segments, if they were requested.
    pub segments: Option<Segments>,
}

/// Sums and the maximum of the flow times, completion minus release.
#[derive(Debug, Clone, PartialEq)]
pub struct Totals {
    /// Their sum.
    pub flow_time: f64,
    /// Their weighted sum.
    pub weighted_flow_time: f64,
    /// The largest, 0 for no jobs.
    pub max_flow_time: f64,
}

impl Totals {
    /// Sums and the maximum over the jobs that were simulated. Sums run in eight interleaved strands, so that they do not wait for one
    /// another; the order is part of the definition, so the answer is the same everywhere.
    #[must_use]
    pub fn of(jobs: &Jobs, completion: &[f64]) -> Self {
        const STRANDS: usize = 8;
        let release = jobs.release_time();
        let (mut sum, mut max) = ([0.0; STRANDS], [0.0_f64; STRANDS]);
        for (c, r) in completion.chunks(STRANDS).zip(release.chunks(STRANDS)) {
            for ((sum, max), (c, r)) in sum.iter_mut().zip(&mut max).zip(c.iter().zip(r)) {
                let flow = c - r;
                *sum += flow;
                *max = if flow > *max { flow } else { *max };
            }
        }
        let flow_time = sum.iter().sum();
        let weighted_flow_time = match &jobs.data().weight {
            None => flow_time,
            Some(weight) => completion.iter().zip(release).zip(weight).map(|((c, r), w)| (c - r) * w).sum(),
        };
        Self { flow_time, weighted_flow_time, max_flow_time: max.into_iter().fold(0.0, f64::max) }
    }
}

impl Flow {
    /// Sums and the maximum of the flow times of these jobs, which were simulated.
    #[must_use]
    pub fn totals(&self, jobs: &Jobs) -> Totals {
        Totals::of(jobs, &self.completion_time)
    }
}
