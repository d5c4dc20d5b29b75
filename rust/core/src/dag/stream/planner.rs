//! The state machine behind streaming: jobs come, tasks start and end, and the planner says what runs where next.
//!
//! The plan is one list of tasks that have not started, ordered by predicted start; each processor runs its tasks in that order,
//! each as soon as the processor is free and its data are there. Predicted times are renewed from what really happened before
//! anything is added, so the order never contradicts precedence and nothing can wait in a circle.

use std::sync::Arc;

use super::jobs::{ActiveJobs, Assignment, Job, Phase, TaskId, TaskState, Template, refuse};
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
    /// Number of planned tasks of each processor.
    pub(super) queued: Vec<u32>,
    /// The predicted busy times of each processor.
    pub(super) timelines: ProcessorTimelines,
    /// The least cost of any task of any job on each processor.
    pub(super) shortest: Vec<f64>,
    pub(super) ready: Vec<f64>,
    pub(super) row: Vec<f64>,
    /// The graphs that were submitted last, so that jobs of one kind are ranked once.
    prepared: Vec<Arc<Template>>,
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
        if graph.num_processors() != self.width {
            let reason = format!("has {} processors, expected {}", graph.num_processors(), self.width);
            return Err(InputError::new("graph", reason).into());
        }
        let links = Links::new(&self.network, graph)?;
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
    /// A time that is not finite, or before the last one if time is strict; too little memory.
    pub fn submit(&mut self, template: &Arc<Template>, now: f64) -> Result<usize, Error> {
        self.check_time(now)?;
        // The memory for planning all tasks.
        memory::require((self.plan.len() + template.rank.len()).saturating_mul(200))?;
        let now = self.advance_clock(now);
        self.lower_shortest(template);
        let graph = &template.graph;
        let open = |i: usize| graph.dag().predecessors().degree(i) as u32;
        let state = |i: usize| TaskState { phase: Phase::Waiting, open: open(i), processor: 0, start: now, finish: now };
        let tasks: Vec<TaskState> = (0..graph.num_tasks()).map(state).collect();
        let job = self.jobs.submitted();
        let left = tasks.len();
        let job_data = Job { template: Arc::clone(template), release: now, left, planned: now, tasks };
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

    /// A task has started.
    ///
    /// # Errors
    /// A task that is not planned or waits for predecessors, a processor that is busy, a time as for [`submit`](Self::submit).
    pub fn started(&mut self, id: TaskId, now: f64) -> Result<(), InputError> {
        self.check_time(now)?;
        self.known(id)?;
        let state = *self.state(id);
        let place = self.plan.iter().position(|&other| other == id);
        let (Some(place), Phase::Planned, 0) = (place, state.phase, state.open) else {
            return Err(refuse(id, "is not waiting to start, or its predecessors have not ended"));
        };
        let p = state.processor as usize;
        if let Some(other) = self.running[p] {
            return Err(refuse(id, &format!("starts on processor {p}, which runs task {} of job {}", other.task, other.job)));
        }
        let now = self.advance_clock(now);
        self.plan.remove(place);
        self.queued[p] -= 1;
        self.running[p] = Some(id);
        let cost = self.cost(id, p);
        let state = self.state_mut(id);
        (state.phase, state.start) = (Phase::Running, now);
        state.finish = now + cost;
        Ok(())
    }

    /// A task has ended; true if it was the last of its job.
    ///
    /// # Errors
    /// A task that is not running, a time as for [`submit`](Self::submit).
    pub fn finished(&mut self, id: TaskId, now: f64) -> Result<bool, InputError> {
        self.check_time(now)?;
        self.known(id)?;
        if self.state(id).phase != Phase::Running {
            return Err(refuse(id, "is not running"));
        }
        let now = self.advance_clock(now);
        let p = self.state(id).processor as usize;
        let planned = self.state(id).start + self.cost(id, p);
        self.running[p] = None;
        let state = self.state_mut(id);
        (state.phase, state.finish) = (Phase::Done, now);
        let late = now - planned > self.settings.delta * self.cost(id, p);
        let graph = Arc::clone(&self.template(id.job).graph);
        let job = self.jobs.get_mut(id.job).expect("a known job");
        job.left -= 1;
        let mut new: Vec<TaskId> = Vec::new();
        for &j in graph.dag().successors().of(id.task) {
            let next = &mut job.tasks[j as usize];
            next.open -= 1;
            if next.open == 0 {
                new.push(TaskId { job: id.job, task: j as usize });
            }
        }
        if job.left == 0 {
            self.jobs.remove(id.job);
            return Ok(true);
        }
        match self.settings.policy {
            PlanningPolicy::Frontier if !new.is_empty() => {
                self.sort_by_key(&mut new);
                self.add(&new);
            }
            PlanningPolicy::Repair if late => self.repair(id.job),
            _ => {}
        }
        Ok(false)
    }

    /// The tasks that may start now: the first planned one of every idle processor, if its data are there. Nothing changes until
    /// they are reported as [`started`](Self::started). The second value is when the next data arrive that an idle processor
    /// waits for, infinite if none does.
    ///
    /// # Errors
    /// A time as for [`submit`](Self::submit).
    pub fn next_assignments(&mut self, now: f64) -> Result<(Vec<Assignment>, f64), InputError> {
        self.check_time(now)?;
        let now = self.advance_clock(now);
        let mut seen: Vec<bool> = (0..self.width).map(|p| self.running[p].is_some() || self.queued[p] == 0).collect();
        let mut idle = seen.iter().filter(|busy| !**busy).count();
        let (mut found, mut wake) = (Vec::new(), f64::INFINITY);
        for &id in &self.plan {
            if idle == 0 {
                break;
            }
            let state = self.state(id);
            let p = state.processor as usize;
            if seen[p] {
                continue;
            }
            seen[p] = true;
            idle -= 1;
            if state.open == 0 {
                let ready = self.ready_on(id, p);
                if ready <= now {
                    found.push(Assignment { id, processor: p });
                } else {
                    wake = wake.min(ready);
                }
            }
        }
        Ok((found, wake))
    }

    /// Refuses times that are not finite, and times that go back if time is strict.
    fn check_time(&self, now: f64) -> Result<(), InputError> {
        if !(-HORIZON..=HORIZON).contains(&now) {
            return Err(InputError::new("now", format!("must be finite, at most {HORIZON:e}")).value(now));
        }
        if self.strict_time && now < self.now {
            return Err(InputError::new("now", format!("is before {:?}, the last time given", self.now)).value(now));
        }
        Ok(())
    }

    /// Advances the clock, never back, and returns its time.
    fn advance_clock(&mut self, now: f64) -> f64 {
        if now < self.now {
            self.skew += 1;
        } else {
            self.now = now;
        }
        self.now
    }
}
