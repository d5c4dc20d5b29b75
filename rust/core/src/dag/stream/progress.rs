//! The ordinary course of a job: tasks are assigned, start, and end.

use std::sync::Arc;

use super::jobs::{Assignment, Phase, TaskId, TaskState, refuse};
use super::planner::Planner;
use super::policy::PlanningPolicy;
use crate::error::InputError;

impl Planner {
    /// A task has started on its processor.
    ///
    /// # Errors
    /// As [`started_on`](Self::started_on).
    pub fn started(&mut self, id: TaskId, now: f64) -> Result<(), InputError> {
        self.started_on(id, None, now)
    }

    /// A task has started on a processor, which may differ from the planned one; `None` stands for that.
    ///
    /// # Errors
    /// A task that is not planned or waits for predecessors; a processor that is unknown, lost or busy, or cannot run the task; a
    /// time as for [`submit`](Self::submit).
    pub fn started_on(&mut self, id: TaskId, processor: Option<usize>, now: f64) -> Result<(), InputError> {
        self.check_time(now)?;
        self.known(id)?;
        let state = *self.state(id);
        let place = self.plan.iter().position(|&other| other == id);
        let (Some(place), Phase::Planned, 0) = (place, state.phase, state.open) else {
            return Err(refuse(id, "is not waiting to start, or its predecessors have not ended"));
        };
        let planned = state.processor as usize;
        let p = processor.unwrap_or(planned);
        self.present(p)?;
        if self.cost(id, p).is_infinite() {
            return Err(refuse(id, &format!("cannot run on processor {p}")));
        }
        if let Some(other) = self.running[p] {
            return Err(refuse(id, &format!("starts on processor {p}, which runs task {} of job {}", other.task, other.job)));
        }
        let now = self.advance_clock(now);
        self.plan.remove(place);
        self.queued[planned] -= 1;
        self.running[p] = Some(id);
        let finish = now + self.cost(id, p);
        let state = self.state_mut(id);
        *state = TaskState { phase: Phase::Running, open: 0, processor: p as u32, start: now, finish };
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
            if !next.phase.is_pending() {
                continue; // this was another run, for others
            }
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
            let job = self.job(id.job);
            let state = &job.tasks[id.task];
            let p = state.processor as usize;
            if seen[p] {
                continue;
            }
            seen[p] = true;
            idle -= 1;
            if state.open == 0 {
                let ready = job.ready_on(&self.network, id.task, p);
                if ready <= now {
                    found.push(Assignment { id, processor: p });
                } else {
                    wake = wake.min(ready);
                }
            }
        }
        Ok((found, wake))
    }
}
