//! The construction of the planner's list: predicted times, placement into gaps, order.

use crate::cost;
use std::collections::HashMap;

use super::jobs::{Phase, TaskId, TaskState};
use super::planner::Planner;
use super::policy::JobKey;

impl Planner {
    /// Predicts the times of everything planned, and fills in when each processor is busy.
    pub(super) fn predict(&mut self) {
        self.timelines.clear(self.now, &self.shortest);
        for p in 0..self.width {
            if let Some(id) = self.running[p] {
                let now = self.now;
                let state = self.state_mut(id);
                let end = state.finish.max(now); // overdue: it may end any moment
                state.finish = end;
                let start = state.start;
                if start < now {
                    self.timelines.tail[p] = end;
                } else {
                    self.timelines.occupy(p, start, end);
                }
            }
        }
        for k in 0..self.plan.len() {
            let id = self.plan[k];
            let job = self.jobs.get_mut(id.job).expect("planned tasks belong to jobs under way");
            let p = job.tasks[id.task].processor as usize;
            if self.pulse.worked(cost::EVENT + job.template.graph.dag().predecessors().degree(id.task) as u64) {
                return;
            }
            let start = job.ready_on(&self.network, id.task, p).max(self.timelines.tail[p]);
            let finish = start + job.cost(id.task, p);
            self.timelines.occupy(p, start, finish);
            let state = &mut job.tasks[id.task];
            (state.start, state.finish) = (start, finish);
        }
    }

    /// Adds tasks, in this order, to the plan as it stands.
    pub(super) fn add(&mut self, new: &[TaskId]) {
        self.predict();
        for &id in new {
            if self.pulse.worked(cost::EVENT * self.width as u64) || self.pulse.stopped() {
                break;
            }
            if self.place(id) {
                self.plan.push(id);
            }
        }
        self.sort_plan();
    }

    /// Plans everything that has not started, and new tasks, from nothing.
    pub(super) fn plan_anew(&mut self, new: &[TaskId]) {
        self.num_plans += u64::from(!self.plan.is_empty());
        self.queued.fill(0);
        let mut all = std::mem::take(&mut self.plan);
        all.extend_from_slice(new);
        self.sort_by_key(&mut all);
        self.add(&all);
    }

    /// Places a task on the processor where it ends first, in the earliest gap that holds it; false, and an infinite end, if no
    /// processor can run it or one of its predecessors.
    fn place(&mut self, id: TaskId) -> bool {
        let mut ready = std::mem::take(&mut self.ready);
        let mut row = std::mem::take(&mut self.row);
        self.arrivals(id, &mut ready);
        for &q in &self.lost {
            ready[q] = f64::INFINITY;
        }
        let costs = self.job(id.job).row(id.task, &mut row);
        let mut best = (f64::INFINITY, 0, 0.0);
        for (q, (&w, &ready)) in costs.iter().zip(&ready).enumerate() {
            let start = if w.is_finite() { self.timelines.earliest(q, ready, w) } else { f64::INFINITY };
            if start + w < best.0 {
                best = (start + w, q, start);
            }
        }
        (self.ready, self.row) = (ready, row);
        let (finish, p, start) = best;
        if finish == f64::INFINITY {
            self.wait(id);
            return false;
        }
        self.queued[p] += 1;
        self.timelines.occupy(p, start, finish);
        let state = self.state_mut(id);
        *state = TaskState { phase: Phase::Planned, open: state.open, processor: p as u32, start, finish };
        true
    }

    /// Takes a task out of all plans; nothing is known about its end.
    pub(super) fn wait(&mut self, id: TaskId) {
        let state = self.state_mut(id);
        (state.phase, state.finish) = (Phase::Waiting, f64::INFINITY);
    }

    /// By predicted start; at equal times what ends first, then earlier jobs, then HEFT's order.
    fn sort_plan(&mut self) {
        let key = |&id: &TaskId| {
            let (job, state) = (self.job(id.job), self.state(id));
            (state.start, state.finish, job.template.place[id.task], id)
        };
        let mut keyed: Vec<(f64, f64, u32, TaskId)> = self.plan.iter().map(key).collect();
        keyed.sort_by(|a, b| (a.0.total_cmp(&b.0)).then(a.1.total_cmp(&b.1)).then(a.3.job.cmp(&b.3.job)).then(a.2.cmp(&b.2)));
        for (slot, &(.., id)) in self.plan.iter_mut().zip(&keyed) {
            *slot = id;
        }
    }

    /// Orders tasks by the settings' key, larger first, then earlier jobs, then HEFT's order.
    pub(super) fn sort_by_key(&self, tasks: &mut [TaskId]) {
        let mut remaining: HashMap<usize, f64> = HashMap::new();
        let mut merit = |id: TaskId| {
            let job = self.job(id.job);
            let rank = job.template.rank[id.task];
            match self.settings.key {
                JobKey::UpwardRank => rank,
                JobKey::Aged => rank + (self.now - job.release),
                JobKey::Arrival => 0.0,
                JobKey::Remaining => *remaining.entry(id.job).or_insert_with(|| {
                    let ranks = &job.template.rank;
                    let left = job.tasks.iter().zip(ranks).filter(|(state, _)| state.phase != Phase::Done);
                    -left.map(|(_, &rank)| rank).fold(0.0, f64::max)
                }),
            }
        };
        let key = |&id: &TaskId| (merit(id), self.template(id.job).place[id.task], id);
        let mut keyed: Vec<(f64, u32, TaskId)> = tasks.iter().map(key).collect();
        keyed.sort_by(|a, b| b.0.total_cmp(&a.0).then(a.2.job.cmp(&b.2.job)).then(a.1.cmp(&b.1)));
        for (slot, (.., id)) in tasks.iter_mut().zip(keyed) {
            *slot = id;
        }
    }

    /// Records the planned end of a job.
    pub(super) fn record_planned_end(&mut self, job: usize) {
        if let Some(job) = self.jobs.get_mut(job) {
            job.planned = job.tasks.iter().map(|state| state.finish).fold(job.release, f64::max);
        }
    }

    /// After a late task: plans anew if its job is now predicted to end too late.
    pub(super) fn repair(&mut self, job: usize) {
        self.predict();
        let predicted = self.job(job).tasks.iter().map(|state| state.finish).fold(f64::NEG_INFINITY, f64::max);
        let length = self.template(job).rank.iter().copied().fold(0.0, f64::max);
        if predicted.is_finite() && predicted - self.job(job).planned > self.settings.phi * length {
            self.plan_anew(&[]);
            let mut replanned: Vec<usize> = self.plan.iter().map(|id| id.job).collect();
            replanned.sort_unstable();
            replanned.dedup();
            for job in replanned {
                self.record_planned_end(job);
            }
        }
    }
}
