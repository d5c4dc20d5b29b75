//! The state machine behind streaming: jobs come, tasks start and end, and the planner says what runs where next.
//!
//! The plan is one list of tasks that have not started, ordered by predicted start; each processor runs its tasks in that order,
//! each as soon as the processor is free and its data are there. Predicted times are renewed from what really happened before
//! anything is added, so the order never contradicts precedence and nothing can wait in a circle.

use std::sync::Arc;

use super::jobs::{ActiveJobs, Job, Phase, TaskId, TaskState, Template};
use super::policy::{PlannerSettings, PlanningPolicy};
use crate::control::Pulse;
use crate::dag::graph::{HORIZON, TaskGraph};
use crate::dag::network::{Links, Network};
use crate::dag::rank::{RankCost, rank_order, upward_rank_until, weights_and_shortest};
use crate::error::{Error, InputError};
use crate::memory;
use crate::timeline::unary::ProcessorTimelines;

/// Graphs whose ranks are remembered.
const MAX_PREPARED: usize = 64;

/// Plans jobs that arrive over time.
#[derive(Debug)]
pub struct Planner {
    pub(super) network: Network,
    /// `(bandwidth, latency)` if all links are equal.
    pub(super) uniform: Option<(f64, f64)>,
    pub(super) width: usize,
    pub(super) settings: PlannerSettings,
    pub(super) strict_time: bool,
    /// Times that lay before the last one and were taken for it.
    pub(super) skew: u64,
    pub(super) jobs: ActiveJobs,
    pub(super) plan: Vec<TaskId>,
    pub(super) running: Vec<Option<TaskId>>,
    /// The processors that were lost, in that order.
    pub(super) lost: Vec<usize>,
    /// Number of planned tasks of each processor.
    pub(super) queued: Vec<u32>,
    /// The predicted busy times of each processor.
    pub(super) timelines: ProcessorTimelines,
    /// The least cost of any task of any job on each processor.
    pub(super) shortest: Vec<f64>,
    pub(super) ready: Vec<f64>,
    pub(super) row: Vec<f64>,
    /// The graphs that were submitted last, so that jobs of one kind are ranked once.
    pub(super) prepared: Vec<Arc<Template>>,
    pub(super) num_plans: u64,
    pub(super) now: f64,
    /// Stops long planning; what is planned then is not used.
    pub(super) pulse: Pulse,
}

impl Planner {
    /// A planner without jobs. With `strict_time` a time before the last one is an error; without it counts as the last one, and in
    /// [`clock_skew`](Self::clock_skew).
    ///
    /// # Errors
    /// Thresholds that are negative, a network of another size.
    pub fn new(
        num_processors: usize,
        network: Network,
        settings: PlannerSettings,
        strict_time: bool,
    ) -> Result<Self, InputError> {
        settings.check()?;
        if num_processors == 0 {
            return Err(InputError::new("num_processors", "must be >= 1").value(0_i64));
        }
        if let Some(size) = network.num_processors().filter(|&size| size != num_processors) {
            return Err(InputError::new("network", format!("has {size} processors, expected {num_processors}")));
        }
        Ok(Self {
            uniform: network.uniform(),
            network,
            width: num_processors,
            settings,
            strict_time,
            skew: 0,
            jobs: ActiveJobs::default(),
            plan: Vec::new(),
            running: vec![None; num_processors],
            lost: Vec::new(),
            queued: vec![0; num_processors],
            timelines: ProcessorTimelines::new(&vec![f64::INFINITY; num_processors], true, 0.0, Vec::new()),
            shortest: vec![f64::INFINITY; num_processors],
            ready: vec![0.0; num_processors],
            row: vec![0.0; num_processors],
            prepared: Vec::new(),
            num_plans: 0,
            now: f64::NEG_INFINITY,
            pulse: Pulse::default(),
        })
    }

    /// Stops long planning when `pulse` says so; the planner must not be used any more then.
    #[must_use]
    pub fn with_pulse(self, pulse: &Pulse) -> Self {
        Self { pulse: pulse.clone(), ..self }
    }

    /// Number of processors, lost ones included: the columns of the next graph.
    #[must_use]
    pub fn num_processors(&self) -> usize {
        self.width
    }

    /// The links between all processors, lost ones included.
    #[must_use]
    pub fn network(&self) -> &Network {
        &self.network
    }

    /// Times that lay before the last one and were taken for it.
    #[must_use]
    pub fn clock_skew(&self) -> u64 {
        self.skew
    }

    /// Number of times that planned tasks were planned anew.
    #[must_use]
    pub fn num_plans(&self) -> u64 {
        self.num_plans
    }

    /// The arrival of `job`, or `None` if it has ended or was never submitted.
    #[must_use]
    pub fn release(&self, job: usize) -> Option<f64> {
        self.find(job).map(|job| job.release)
    }

    /// Ranks a graph once for all jobs of its kind.
    ///
    /// # Errors
    /// Another number of processors, or times that add up beyond the horizon.
    pub fn prepare(&self, graph: &Arc<TaskGraph>) -> Result<Arc<Template>, Error> {
        self.check_width(graph)?;
        self.ranked(graph, &self.network)
    }

    fn check_width(&self, graph: &TaskGraph) -> Result<(), InputError> {
        if graph.num_processors() == self.width {
            return Ok(());
        }
        let reason = format!("has {} processors, expected {}", graph.num_processors(), self.width);
        Err(InputError::new("graph", reason))
    }

    /// Ranks a graph for the processors that it has, with the links between them.
    pub(super) fn ranked(&self, graph: &Arc<TaskGraph>, network: &Network) -> Result<Arc<Template>, Error> {
        let links = Links::new(network, graph)?;
        memory::require(graph.num_tasks().saturating_mul(60))?;
        let (weights, shortest) = weights_and_shortest(graph, RankCost::Mean, &self.pulse);
        let rank = upward_rank_until(graph, &links, &weights, &self.pulse);
        let order = rank_order(graph, &rank);
        let mut place = vec![0; order.len()];
        for (k, &i) in order.iter().enumerate() {
            place[i as usize] = k as u32;
        }
        Ok(Arc::new(Template { graph: Arc::clone(graph), rank, order, place, shortest }))
    }

    pub(super) fn lower_shortest(&mut self, template: &Template) {
        for (least, &w) in self.shortest.iter_mut().zip(&template.shortest) {
            *least = least.min(w);
        }
    }

    /// A job arrives; returns its number. The ranks of the last graphs are remembered.
    ///
    /// # Errors
    /// As [`prepare`](Self::prepare) and [`submit`](Self::submit).
    pub fn submit_graph(&mut self, graph: &Arc<TaskGraph>, now: f64) -> Result<usize, Error> {
        if let Some(template) = self.prepared.iter().find(|template| Arc::ptr_eq(&template.graph, graph)).map(Arc::clone) {
            return self.submit(&template, now);
        }
        let template = self.prepare(graph)?;
        if self.prepared.len() == MAX_PREPARED {
            self.prepared.remove(0);
        }
        self.prepared.push(Arc::clone(&template));
        self.submit(&template, now)
    }

    /// A job of a prepared kind arrives; returns its number.
    ///
    /// # Errors
    /// A time that is not finite, or before the last one if time is strict; a graph that was prepared before a processor joined;
    /// too little memory.
    pub fn submit(&mut self, template: &Arc<Template>, now: f64) -> Result<usize, Error> {
        self.check_time(now)?;
        self.check_width(&template.graph)?;
        // The memory for planning all tasks.
        memory::require((self.plan.len() + template.rank.len()).saturating_mul(200))?;
        let now = self.advance_clock(now);
        self.lower_shortest(template);
        let graph = &template.graph;
        let open = |i: usize| graph.dag().predecessors().degree(i) as u32;
        let state = |i: usize| TaskState { phase: Phase::Waiting, open: open(i), processor: 0, start: now, finish: now };
        let tasks: Box<[TaskState]> = (0..graph.num_tasks()).map(state).collect();
        let job = self.jobs.submitted();
        let left = tasks.len();
        let job_data = Job { template: Arc::clone(template), release: now, left, planned: now, tasks, joined: None };
        self.jobs.push((left > 0).then_some(job_data));
        if left == 0 {
            return Ok(job);
        }
        let mut new: Vec<TaskId> = template.order.iter().map(|&i| TaskId { job, task: i as usize }).collect();
        match self.settings.policy {
            PlanningPolicy::PlanOnArrival | PlanningPolicy::Repair => self.add(&new),
            PlanningPolicy::Reschedule => self.plan_anew(&new),
            PlanningPolicy::Frontier => {
                new.retain(|id| self.state(*id).open == 0);
                self.add(&new);
            }
        }
        self.record_planned_end(job);
        Ok(job)
    }

    /// Refuses processors that are unknown or lost.
    pub(super) fn present(&self, p: usize) -> Result<(), InputError> {
        let reason = if p >= self.width {
            format!("is unknown, expected 0 <= processor < {}", self.width)
        } else if self.lost.contains(&p) {
            "was lost".into()
        } else {
            return Ok(());
        };
        Err(InputError::new("processor", reason).value(i64::try_from(p).unwrap_or(i64::MAX)))
    }

    /// Refuses times that are not finite, and times that go back if time is strict.
    pub(super) fn check_time(&self, now: f64) -> Result<(), InputError> {
        if !(-HORIZON..=HORIZON).contains(&now) {
            return Err(InputError::new("now", format!("must be finite, at most {HORIZON:e}")).value(now));
        }
        if self.strict_time && now < self.now {
            return Err(InputError::new("now", format!("is before {:?}, the last time given", self.now)).value(now));
        }
        Ok(())
    }

    /// Advances the clock, never back, and returns its time.
    pub(super) fn advance_clock(&mut self, now: f64) -> f64 {
        if now < self.now {
            self.skew += 1;
        } else {
            self.now = now;
        }
        self.now
    }
}
