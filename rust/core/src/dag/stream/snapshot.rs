//! The state of a planner as plain columns, so that a program can store it and go on later.

use std::collections::HashMap;
use std::sync::Arc;

use super::jobs::{Job, JoinedColumns, Phase, TaskId, TaskState, Template};
use super::planner::Planner;
use super::policy::PlannerSettings;
use crate::dag::graph::{HORIZON, TaskGraph};
use crate::dag::network::Network;
use crate::error::{Error, InputError};

/// A job that has not ended.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct JobRow {
    /// Its number, in order of submission.
    pub number: usize,
    /// Its graph among [`Snapshot::graphs`].
    pub graph: usize,
    /// Its arrival.
    pub release: f64,
    /// Its planned end.
    pub planned: f64,
}

/// A task of such a job.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct TaskRow {
    /// 0 for a task that waits, 1 planned, 2 running, 3 done.
    pub phase: u8,
    /// Its processor, once it is planned.
    pub processor: u32,
    /// Its start, as far as that is known.
    pub start: f64,
    /// Its end, as far as that is known.
    pub finish: f64,
}

/// The state of a planner, apart from its settings, its network and the number of its processors.
#[derive(Debug, Clone, Default)]
pub struct Snapshot {
    /// Number of jobs that were submitted.
    pub num_jobs: usize,
    /// Number of times that planned tasks were planned anew.
    pub num_plans: u64,
    /// Times that lay before the last one.
    pub clock_skew: u64,
    /// The last time that was given, minus infinity before the first.
    pub now: f64,
    /// The graphs of the jobs that have not ended, each once.
    pub graphs: Vec<Arc<TaskGraph>>,
    /// These jobs, by number.
    pub jobs: Vec<JobRow>,
    /// Their tasks, job after job.
    pub tasks: Vec<TaskRow>,
    /// The tasks that are planned, in the order of the plan.
    pub plan: Vec<TaskId>,
    /// The task that runs on each processor.
    pub running: Vec<Option<TaskId>>,
    /// The processors that were lost, in that order.
    pub lost: Vec<usize>,
    /// For each job its costs on the processors that its graph does not have, `None` where it cannot run.
    pub joined: Vec<Vec<Option<Vec<f64>>>>,
}

impl Planner {
    /// Copies the state.
    #[must_use]
    pub fn snapshot(&self) -> Snapshot {
        let mut numbers: Vec<usize> = self.jobs.numbers().collect();
        numbers.sort_unstable();
        let mut known: HashMap<*const TaskGraph, usize> = HashMap::new();
        let mut snapshot = Snapshot {
            num_jobs: self.jobs.submitted(),
            num_plans: self.num_plans,
            clock_skew: self.skew,
            now: self.now,
            plan: self.plan.clone(),
            running: self.running.clone(),
            lost: self.lost.clone(),
            ..Snapshot::default()
        };
        for number in numbers {
            let job = self.job(number);
            let graph = *known.entry(Arc::as_ptr(&job.template.graph)).or_insert_with(|| {
                snapshot.graphs.push(Arc::clone(&job.template.graph));
                snapshot.graphs.len() - 1
            });
            snapshot.jobs.push(JobRow { number, graph, release: job.release, planned: job.planned });
            let row = |s: &TaskState| TaskRow { phase: s.phase as u8, processor: s.processor, start: s.start, finish: s.finish };
            snapshot.tasks.extend(job.tasks.iter().map(row));
            snapshot.joined.push(job.joined().to_vec());
        }
        snapshot
    }

    /// A planner in the state of another one, which gives the answers that the other one would give.
    ///
    /// # Errors
    /// As [`new`](Self::new); a snapshot that contradicts itself.
    pub fn restore(
        num_processors: usize,
        network: Network,
        settings: PlannerSettings,
        strict_time: bool,
        snapshot: &Snapshot,
    ) -> Result<Self, Error> {
        let mut planner = Self::new(num_processors, network, settings, strict_time)?;
        let ranked = |graph: &Arc<TaskGraph>| match graph.num_processors() {
            width if width <= num_processors => planner.ranked(graph, &planner.network.leading(width)),
            _ => Err(refuse("holds a graph of more processors")),
        };
        let templates = snapshot.graphs.iter().map(ranked).collect::<Result<Vec<_>, _>>()?;
        (planner.num_plans, planner.skew) = (snapshot.num_plans, snapshot.clock_skew);
        planner.now = if snapshot.now == f64::NEG_INFINITY { snapshot.now } else { finite(snapshot.now)? };
        if snapshot.running.len() != num_processors {
            return Err(refuse("holds another number of processors"));
        }
        for &p in &snapshot.lost {
            planner.present(p).map_err(|_| refuse("has lost an unknown processor, or one twice"))?;
            planner.lost.push(p);
        }
        if snapshot.joined.len() != snapshot.jobs.len() {
            return Err(refuse("holds costs of another number of jobs"));
        }
        let mut tasks = snapshot.tasks.as_slice();
        for (row, joined) in snapshot.jobs.iter().zip(&snapshot.joined) {
            let template = templates.get(row.graph).ok_or_else(|| refuse("names an unknown graph"))?;
            let (own, rest) = tasks.split_at_checked(template.rank.len()).ok_or_else(|| refuse("holds too few tasks"))?;
            tasks = rest;
            let job = planner.restored_job(template, row, own, joined)?;
            for (k, column) in joined.iter().enumerate() {
                let least = &mut planner.shortest[template.graph.num_processors() + k];
                *least = column.iter().flatten().copied().fold(*least, f64::min);
            }
            if !planner.jobs.restore(row.number, job, snapshot.num_jobs) {
                return Err(refuse("holds a job twice or one that was never submitted"));
            }
            planner.lower_shortest(template);
        }
        planner.jobs.set_submitted(snapshot.num_jobs);
        for &id in &snapshot.plan {
            let state = planner.state_in_phase(id, Phase::Planned)?;
            planner.queued[state.processor as usize] += 1;
        }
        planner.refuse_lost_data()?;
        for (p, id) in snapshot.running.iter().enumerate() {
            if let &Some(id) = id
                && planner.state_in_phase(id, Phase::Running)?.processor as usize != p
            {
                return Err(refuse("has a task run on two processors"));
            }
        }
        let count = |phase: u8| snapshot.tasks.iter().filter(|row| row.phase == phase).count();
        let mut plan = snapshot.plan.clone();
        plan.sort_unstable();
        plan.dedup();
        let consistent = tasks.is_empty()
            && plan.len() == snapshot.plan.len()
            && count(Phase::Planned as u8) == plan.len()
            && count(Phase::Running as u8) == snapshot.running.iter().flatten().count();
        if !consistent {
            return Err(refuse("plans or runs other tasks than its jobs have"));
        }
        (planner.plan, planner.running) = (snapshot.plan.clone(), snapshot.running.clone());
        Ok(planner)
    }

    /// As [`restore`](Self::restore), with the options of this planner.
    ///
    /// # Errors
    /// As [`restore`](Self::restore).
    pub fn restored(&self, snapshot: &Snapshot) -> Result<Self, Error> {
        Self::restore(self.width, self.network.clone(), self.settings, self.strict_time, snapshot)
    }

    fn restored_job(
        &self,
        template: &Arc<Template>,
        row: &JobRow,
        tasks: &[TaskRow],
        joined: &[Option<Vec<f64>>],
    ) -> Result<Job, Error> {
        let fits = |column: &Vec<f64>| column.len() == tasks.len() && column.iter().all(|&w| w >= 0.0);
        if template.graph.num_processors() + joined.len() != self.width || !joined.iter().flatten().all(fits) {
            return Err(refuse("holds costs for other processors or tasks"));
        }
        let mut job = Job {
            template: Arc::clone(template),
            release: finite(row.release)?,
            left: 0,
            planned: finite_or_unknown(row.planned)?,
            tasks: Box::default(),
            joined: (!joined.is_empty()).then(|| Box::new(JoinedColumns(joined.to_vec()))),
        };
        let dag = template.graph.dag();
        let done = |i: usize| tasks[i].phase == Phase::Done as u8;
        let state = |(i, task): (usize, &TaskRow)| {
            let phase = Phase::of(task.phase).ok_or_else(|| refuse("holds an unknown phase"))?;
            let placed = phase != Phase::Waiting;
            let p = task.processor as usize;
            if placed && (p >= self.width || job.cost(i, p).is_infinite()) {
                return Err(refuse("has a task where it cannot run"));
            }
            if matches!(phase, Phase::Planned | Phase::Running) && self.lost.contains(&p) {
                return Err(refuse("has a task on a lost processor"));
            }
            let mut open = dag.predecessors().of(i).iter().filter(|&&p| !done(p as usize)).count();
            if !phase.is_pending() {
                // Predecessors may run a second time because others need their data.
                if open > 0 && self.lost.is_empty() {
                    return Err(refuse("has a task run before its predecessors have ended"));
                }
                open = 0;
            }
            let finish = if placed { finite(task.finish)? } else { finite_or_unknown(task.finish)? };
            Ok(TaskState { phase, open: open as u32, processor: task.processor, start: finite(task.start)?, finish })
        };
        let states = tasks.iter().enumerate().map(state).collect::<Result<Box<[_]>, Error>>()?;
        job.left = states.iter().filter(|state| state.phase != Phase::Done).count();
        if job.left == 0 {
            return Err(refuse("holds a job that has ended"));
        }
        job.tasks = states;
        Ok(job)
    }

    /// Refuses a state in which a task has to start whose input is lost and is not made again.
    fn refuse_lost_data(&self) -> Result<(), Error> {
        if self.lost.is_empty() {
            return Ok(());
        }
        let lost = self.lost_flags();
        for id in self.pending() {
            let predecessors = self.template(id.job).graph.dag().predecessors().of(id.task);
            if predecessors.iter().any(|&i| self.data_are_lost(TaskId { job: id.job, task: i as usize }, &lost)) {
                return Err(refuse("has a task whose data are lost"));
            }
        }
        Ok(())
    }

    fn state_in_phase(&self, id: TaskId, phase: Phase) -> Result<TaskState, Error> {
        self.known(id)?;
        let state = *self.state(id);
        if state.phase == phase { Ok(state) } else { Err(refuse("has a task in two phases")) }
    }
}

fn finite(time: f64) -> Result<f64, Error> {
    // Predicted ends lie beyond the times that callers may give, but never far beyond.
    if time.abs() <= 4.0 * HORIZON { Ok(time) } else { Err(refuse("holds a time that is not finite")) }
}

/// As [`finite`]; infinite if a task waits that no processor can run.
fn finite_or_unknown(time: f64) -> Result<f64, Error> {
    if time == f64::INFINITY { Ok(time) } else { finite(time) }
}

fn refuse(reason: &'static str) -> Error {
    InputError::new("snapshot", reason).into()
}
