//! Tasks that fail, jobs that are cancelled, processors that are lost, and the tasks that must run again because of them.

use std::collections::HashSet;

use super::jobs::{Phase, TaskId, refuse};
use super::planner::Planner;
use super::policy::PlanningPolicy;
use crate::error::InputError;

impl Planner {
    /// A running task has failed. It is planned again, and so are the predecessors whose data are lost, and all that needs them.
    /// Returns the tasks that had ended and run again.
    ///
    /// # Errors
    /// A task that is not running, a time as for [`submit`](Self::submit).
    pub fn failed(&mut self, id: TaskId, now: f64) -> Result<Vec<TaskId>, InputError> {
        self.check_time(now)?;
        self.known(id)?;
        if self.state(id).phase != Phase::Running {
            return Err(refuse(id, "is not running"));
        }
        self.advance_clock(now);
        let p = self.state(id).processor as usize;
        self.running[p] = None;
        self.wait(id);
        let again = self.restore_data(vec![id]);
        let mut seeds = again.clone();
        seeds.push(id);
        self.plan_again(&seeds);
        Ok(again)
    }

    /// A job is given up: its running tasks end now, and none of its tasks starts any more.
    ///
    /// # Errors
    /// A job that was never submitted or has ended, a time as for [`submit`](Self::submit).
    pub fn cancel(&mut self, job: usize, now: f64) -> Result<(), InputError> {
        self.check_time(now)?;
        self.known_job(job).map_err(|reason| InputError::new("job", reason).value(i64::try_from(job).unwrap_or(i64::MAX)))?;
        self.advance_clock(now);
        for k in 0..self.plan.len() {
            let id = self.plan[k];
            if id.job == job {
                let p = self.state(id).processor as usize;
                self.queued[p] -= 1;
            }
        }
        self.plan.retain(|id| id.job != job);
        for slot in &mut self.running {
            if slot.is_some_and(|id| id.job == job) {
                *slot = None;
            }
        }
        self.jobs.remove(job);
        Ok(())
    }

    /// A processor is lost with what runs there and the data of all tasks that ran there. What has to start on it is planned
    /// elsewhere; tasks run again whose data are needed by a task that has not started. Returns the tasks that had ended and run
    /// again, by job and task.
    ///
    /// ```
    /// use schedkit_core::dag::stream::{Planner, PlannerSettings, TaskId};
    /// use schedkit_core::dag::{Cost, Network, TaskGraph};
    /// let cost = Cost::Matrix { cost: vec![2.0, 3.0, 1.0, 2.0], num_processors: 2 };
    /// let graph = TaskGraph::new(cost, &[(0, 1)], &[1.0], None)?.into();
    /// let mut planner = Planner::new(2, Network::default(), PlannerSettings::default(), false)?;
    /// let job = planner.submit_graph(&graph, 0.0)?;
    /// let first = TaskId { job, task: 0 };
    /// planner.started(first, 0.0)?;
    /// planner.finished(first, 2.0)?;
    /// assert_eq!(planner.processor_lost(0, 2.0)?, [first]); // task 1 needs its data
    /// assert_eq!(planner.next_assignments(2.0)?.0[0].id, first);
    /// # Ok::<(), schedkit_core::Error>(())
    /// ```
    ///
    /// # Errors
    /// A processor that is unknown or was lost before, a time as for [`submit`](Self::submit).
    pub fn processor_lost(&mut self, p: usize, now: f64) -> Result<Vec<TaskId>, InputError> {
        self.check_time(now)?;
        self.present(p)?;
        self.advance_clock(now);
        self.lost.push(p);
        let mut seeds: Vec<TaskId> = self.plan.iter().copied().filter(|&id| self.state(id).processor as usize == p).collect();
        if let Some(id) = self.running[p].take() {
            self.wait(id);
            seeds.push(id);
        }
        let pending = self.pending();
        let again = self.restore_data(pending);
        seeds.extend_from_slice(&again);
        self.plan_again(&seeds);
        Ok(again)
    }

    /// The processors that were lost, in that order.
    #[must_use]
    pub fn lost_processors(&self) -> &[usize] {
        &self.lost
    }

    /// The tasks that have to start and that no present processor can run, by job and task. They, and all that need them, wait
    /// until a processor joins that can.
    #[must_use]
    pub fn unrunnable(&self) -> Vec<TaskId> {
        let lost = self.lost_flags();
        let present: Vec<usize> = (0..self.width).filter(|&p| !lost[p]).collect();
        let mut found = self.pending();
        found.retain(|&id| present.iter().all(|&p| self.cost(id, p).is_infinite()));
        found
    }

    /// The tasks that have to start, by job and task.
    pub(super) fn pending(&self) -> Vec<TaskId> {
        let mut numbers: Vec<usize> = self.jobs.numbers().collect();
        numbers.sort_unstable();
        let of = |job: usize| {
            let tasks = self.job(job).tasks.iter().enumerate();
            tasks.filter(|(_, state)| state.phase.is_pending()).map(move |(task, _)| TaskId { job, task })
        };
        numbers.into_iter().flat_map(of).collect()
    }

    /// Whether each processor was lost.
    pub(super) fn lost_flags(&self) -> Vec<bool> {
        let mut flags = vec![false; self.width];
        for &p in &self.lost {
            flags[p] = true;
        }
        flags
    }

    /// Whether the data of a task were there, and are lost.
    pub(super) fn data_are_lost(&self, id: TaskId, lost: &[bool]) -> bool {
        let state = self.state(id);
        state.phase == Phase::Done && lost[state.processor as usize]
    }

    /// Makes tasks wait again that have ended and whose data are lost, if they are needed by one of `starting`, which have to start,
    /// directly or for another one that runs again. Returns them by job and task.
    fn restore_data(&mut self, mut starting: Vec<TaskId>) -> Vec<TaskId> {
        let mut again = Vec::new();
        if self.lost.is_empty() {
            return again;
        }
        let lost = self.lost_flags();
        while let Some(id) = starting.pop() {
            let predecessors = self.template(id.job).graph.dag().predecessors().of(id.task).to_vec();
            for i in predecessors {
                let needed = TaskId { job: id.job, task: i as usize };
                if self.data_are_lost(needed, &lost) {
                    self.wait(needed);
                    self.jobs.get_mut(id.job).expect("a job under way").left += 1;
                    again.push(needed);
                    starting.push(needed);
                }
            }
        }
        again.sort_unstable();
        again
    }

    /// Plans tasks again, with all tasks that have to start and depend on them: under [`PlanningPolicy::Reschedule`] with all
    /// others, else behind the plans of the others.
    fn plan_again(&mut self, seeds: &[TaskId]) {
        let affected = self.with_descendants(seeds);
        for &id in &affected {
            let open = self.job(id.job).count_open(id.task);
            self.state_mut(id).open = open;
        }
        if self.settings.policy == PlanningPolicy::Reschedule {
            let waiting: Vec<TaskId> = affected.iter().copied().filter(|&id| self.state(id).phase == Phase::Waiting).collect();
            self.plan_anew(&waiting);
        } else {
            self.plan_behind(&affected);
        }
        let mut jobs: Vec<usize> = affected.iter().map(|id| id.job).collect();
        jobs.sort_unstable();
        jobs.dedup();
        for job in jobs {
            self.record_planned_end(job);
        }
    }

    fn plan_behind(&mut self, affected: &[TaskId]) {
        let before = self.plan.len();
        for &id in affected {
            let state = *self.state(id);
            if state.phase == Phase::Planned {
                self.queued[state.processor as usize] -= 1;
            }
            self.wait(id);
        }
        let mut plan = std::mem::take(&mut self.plan);
        plan.retain(|&id| self.state(id).phase == Phase::Planned);
        self.plan = plan;
        self.num_plans += u64::from(self.plan.len() < before);
        let mut new = self.plannable(affected);
        self.sort_by_key(&mut new);
        self.add(&new);
    }

    /// Those of these tasks that the policy plans now.
    pub(super) fn plannable(&self, tasks: &[TaskId]) -> Vec<TaskId> {
        let frontier = self.settings.policy == PlanningPolicy::Frontier;
        tasks.iter().copied().filter(|&id| !frontier || self.state(id).open == 0).collect()
    }

    /// These tasks, and those that depend on them and have to start.
    fn with_descendants(&self, seeds: &[TaskId]) -> Vec<TaskId> {
        let mut seen: HashSet<TaskId> = seeds.iter().copied().collect();
        let mut found: Vec<TaskId> = seeds.to_vec();
        let mut next = 0;
        while let Some(&id) = found.get(next) {
            next += 1;
            let job = self.job(id.job);
            for &j in job.template.graph.dag().successors().of(id.task) {
                let successor = TaskId { job: id.job, task: j as usize };
                if job.tasks[successor.task].phase.is_pending() && seen.insert(successor) {
                    found.push(successor);
                }
            }
        }
        found
    }
}
