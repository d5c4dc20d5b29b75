//! The state machine behind streaming: jobs come, tasks start and end, and the planner says what runs where next.
//!
//! The plan is one list of tasks that have not started, ordered by predicted start; each processor runs its tasks in that order,
//! each as soon as the processor is free and its data are there. Predicted times are renewed from what really happened before
//! anything is added, so the order never contradicts precedence and nothing can wait in a circle.

use std::collections::VecDeque;
use std::sync::Arc;

use super::jobs::{Assignment, Job, Phase, State, TaskId, Template, refuse};
use super::policy::{Policy, Settings};
use crate::dag::graph::{HORIZON, TaskGraph};
use crate::dag::network::{Links, Network};
use crate::dag::rank::{RankCost, rank_order, upward_rank, weights};
use crate::error::{Error, InputError};

/// Plans jobs that arrive over time.
#[derive(Debug)]
pub struct Planner {
    pub(super) network: Network,
    /// `(bandwidth, latency)` if all links are equal.
    pub(super) uniform: Option<(f64, f64)>,
    pub(super) width: usize,
    pub(super) settings: Settings,
    /// The jobs from number `ended` on; `None` once a job has ended.
    pub(super) jobs: VecDeque<Option<Job>>,
    /// All jobs below have ended.
    pub(super) ended: usize,
    pub(super) plan: Vec<TaskId>,
    pub(super) running: Vec<Option<TaskId>>,
    /// How many planned tasks each processor has.
    pub(super) queued: Vec<u32>,
    pub(super) busy: Vec<Vec<(f64, f64)>>,
    pub(super) ready: Vec<f64>,
    pub(super) row: Vec<f64>,
    pub(super) num_plans: u64,
    pub(super) now: f64,
}

impl Planner {
    /// A planner without jobs.
    ///
    /// # Errors
    /// Thresholds that are negative, a network of another size.
    pub fn new(num_processors: usize, network: Network, settings: Settings) -> Result<Self, InputError> {
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
            jobs: VecDeque::new(),
            ended: 0,
            plan: Vec::new(),
            running: vec![None; num_processors],
            queued: vec![0; num_processors],
            busy: vec![Vec::new(); num_processors],
            ready: vec![0.0; num_processors],
            row: vec![0.0; num_processors],
            num_plans: 0,
            now: f64::NEG_INFINITY,
        })
    }

    /// How often tasks that had a plan were planned anew.
    #[must_use]
    pub fn num_plans(&self) -> u64 {
        self.num_plans
    }

    /// When `job` arrived, or `None` if it has ended or never came.
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
        let rank = upward_rank(graph, &links, &weights(graph, RankCost::Mean));
        let order = rank_order(graph, &rank);
        let mut place = vec![0; order.len()];
        for (k, &i) in order.iter().enumerate() {
            place[i as usize] = k as u32;
        }
        Ok(Arc::new(Template { graph: Arc::clone(graph), rank, order, place }))
    }

    /// A job of a prepared kind arrives; returns its number.
    ///
    /// # Errors
    /// A time before the last one, or not finite.
    pub fn submit(&mut self, template: &Arc<Template>, now: f64) -> Result<usize, InputError> {
        self.check_time(now)?;
        self.now = now;
        let graph = &template.graph;
        let open = |i: usize| graph.dag().predecessors().degree(i) as u32;
        let state = |i: usize| State { phase: Phase::Waiting, open: open(i), processor: 0, start: now, finish: now };
        let tasks: Vec<State> = (0..graph.num_tasks()).map(state).collect();
        let job = self.ended + self.jobs.len();
        let left = tasks.len();
        let job_data = Job { template: Arc::clone(template), release: now, left, planned: now, tasks };
        self.jobs.push_back((left > 0).then_some(job_data));
        if left == 0 {
            self.forget_ended();
            return Ok(job);
        }
        let mut new: Vec<TaskId> = template.order.iter().map(|&i| TaskId { job, task: i as usize }).collect();
        match self.settings.policy {
            Policy::PlanOnArrival | Policy::Repair => self.add(&new),
            Policy::Reschedule => self.plan_anew(&new),
            Policy::Frontier => {
                new.retain(|id| self.state(*id).open == 0);
                self.add(&new);
            }
        }
        self.note_end(job);
        Ok(job)
    }

    /// A task has started.
    ///
    /// # Errors
    /// A task that is not planned or waits for predecessors, a processor that is busy, a time before the last one.
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
        self.now = now;
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
    /// A task that is not running, a time before the last one.
    pub fn finished(&mut self, id: TaskId, now: f64) -> Result<bool, InputError> {
        self.check_time(now)?;
        self.known(id)?;
        if self.state(id).phase != Phase::Running {
            return Err(refuse(id, "is not running"));
        }
        self.now = now;
        let p = self.state(id).processor as usize;
        let planned = self.state(id).start + self.cost(id, p);
        self.running[p] = None;
        let state = self.state_mut(id);
        (state.phase, state.finish) = (Phase::Done, now);
        let late = now - planned > self.settings.delta * self.cost(id, p);
        let graph = Arc::clone(&self.template(id.job).graph);
        let slot = id.job - self.ended;
        let job = self.jobs[slot].as_mut().expect("a known job");
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
            self.jobs[slot] = None;
            self.forget_ended();
            return Ok(true);
        }
        match self.settings.policy {
            Policy::Frontier if !new.is_empty() => {
                self.sort_by_key(&mut new);
                self.add(&new);
            }
            Policy::Repair if late => self.repair(id.job),
            _ => {}
        }
        Ok(false)
    }

    /// The tasks that may start now: the first planned one of every idle processor, if its data are there. Nothing changes until
    /// they are reported as [`started`](Self::started). The second value is when the next data arrive that an idle processor
    /// waits for, infinite if none does.
    ///
    /// # Errors
    /// A time before the last one.
    pub fn next_assignments(&mut self, now: f64) -> Result<(Vec<Assignment>, f64), InputError> {
        self.check_time(now)?;
        self.now = now;
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

    fn check_time(&self, now: f64) -> Result<(), InputError> {
        if !(-HORIZON..=HORIZON).contains(&now) {
            return Err(InputError::new("now", format!("must be finite, at most {HORIZON:e}")).value(now));
        }
        if now < self.now {
            return Err(InputError::new("now", format!("is before {:?}, the last time given", self.now)).value(now));
        }
        Ok(())
    }

    /// Gives the memory of jobs back, oldest first.
    fn forget_ended(&mut self) {
        while let Some(None) = self.jobs.front() {
            self.jobs.pop_front();
            self.ended += 1;
        }
    }
}
