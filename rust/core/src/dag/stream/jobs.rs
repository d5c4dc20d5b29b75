//! The jobs that have not ended: the state of each task, and the arrival of its data.

use std::collections::HashMap;
use std::hash::{BuildHasherDefault, Hasher};
use std::sync::Arc;

use super::planner::Planner;
use crate::dag::graph::TaskGraph;
use crate::dag::network::Network;
use crate::error::InputError;

/// A task of a job, both counted from 0.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct TaskId {
    /// The job, in order of submission.
    pub job: usize,
    /// The task in its graph.
    pub task: usize,
}

/// A task that may start now, and where.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Assignment {
    /// The task.
    pub id: TaskId,
    /// Its processor.
    pub processor: usize,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Phase {
    Waiting = 0,
    Planned = 1,
    Running = 2,
    Done = 3,
}

impl Phase {
    /// Whether a task in this phase still has to start.
    #[inline]
    pub(super) fn is_pending(self) -> bool {
        matches!(self, Self::Waiting | Self::Planned)
    }

    pub(super) fn of(number: u8) -> Option<Self> {
        [Self::Waiting, Self::Planned, Self::Running, Self::Done].get(usize::from(number)).copied()
    }
}

#[derive(Debug, Clone, Copy)]
pub(super) struct TaskState {
    pub(super) phase: Phase,
    pub(super) open: u32,
    pub(super) processor: u32,
    pub(super) start: f64,
    pub(super) finish: f64,
}

/// A graph with what every job of its kind shares; see [`Planner::prepare`].
#[derive(Debug)]
pub struct Template {
    pub(super) graph: Arc<TaskGraph>,
    pub(super) rank: Vec<f64>,
    pub(super) order: Vec<u32>,
    pub(super) place: Vec<u32>,
    /// The least cost of any task on each processor.
    pub(super) shortest: Vec<f64>,
}

/// The costs of a job's tasks on each processor that has joined since the job arrived; `None` where they cannot run.
#[derive(Debug, Clone, Default)]
pub(super) struct JoinedColumns(pub(super) Vec<Option<Vec<f64>>>);

/// Its entry in the table of jobs fills one cache line, because planning looks jobs up all the time.
#[derive(Debug)]
pub(super) struct Job {
    pub(super) template: Arc<Template>,
    pub(super) release: f64,
    pub(super) left: usize,
    pub(super) planned: f64,
    pub(super) tasks: Box<[TaskState]>,
    /// `None` as long as no processor has joined.
    pub(super) joined: Option<Box<JoinedColumns>>,
}

const _: () = assert!(size_of::<(usize, Job)>() <= 64);

impl Job {
    /// The cost of a task on processor `p`, infinite where it cannot run.
    #[inline]
    pub(super) fn cost(&self, task: usize, p: usize) -> f64 {
        if self.joined.is_none() { self.template.graph.cost(task, p) } else { self.widened_cost(task, p) }
    }

    #[cold]
    fn widened_cost(&self, task: usize, p: usize) -> f64 {
        let graph = &self.template.graph;
        match p.checked_sub(graph.num_processors()) {
            None => graph.cost(task, p),
            Some(k) => self.joined()[k].as_ref().map_or(f64::INFINITY, |column| column[task]),
        }
    }

    /// The columns of the processors that have joined since the job arrived.
    pub(super) fn joined(&self) -> &[Option<Vec<f64>>] {
        self.joined.as_ref().map_or(&[], |columns| &columns.0)
    }

    /// The costs of a task on all processors, computed into `buffer` unless the graph holds them in a row.
    #[inline]
    pub(super) fn row<'a>(&'a self, task: usize, buffer: &'a mut [f64]) -> &'a [f64] {
        if self.joined.is_none() {
            return self.template.graph.row(task, buffer);
        }
        for (p, cost) in buffer.iter_mut().enumerate() {
            *cost = self.widened_cost(task, p);
        }
        buffer
    }

    /// The arrival of the data of a task on processor `q`, by the known or predicted ends of its predecessors.
    #[inline]
    pub(super) fn ready_on(&self, network: &Network, task: usize, q: usize) -> f64 {
        let arrival = |(i, data): (usize, f64)| self.tasks[i].finish + network.time(data, self.tasks[i].processor as usize, q);
        self.template.graph.incoming(task).map(arrival).fold(self.release, f64::max)
    }

    /// The number of predecessors of a task that have not ended.
    pub(super) fn count_open(&self, task: usize) -> u32 {
        let predecessors = self.template.graph.dag().predecessors().of(task);
        predecessors.iter().filter(|&&i| self.tasks[i as usize].phase != Phase::Done).count() as u32
    }
}

/// The jobs that have not ended, by number. Nothing is kept of those that have.
#[derive(Debug, Default)]
pub(super) struct ActiveJobs {
    under_way: HashMap<usize, Job, BuildHasherDefault<NumberHasher>>,
    submitted: usize,
}

impl ActiveJobs {
    /// Capacity for this many jobs is never given back.
    const MIN_CAPACITY: usize = 64;

    /// Number of jobs that were submitted.
    pub(super) fn submitted(&self) -> usize {
        self.submitted
    }

    pub(super) fn set_submitted(&mut self, submitted: usize) {
        self.submitted = submitted;
    }

    /// The numbers of the jobs, in no order.
    pub(super) fn numbers(&self) -> impl Iterator<Item = usize> + '_ {
        self.under_way.keys().copied()
    }

    /// Adds the next job; `None` stands for one that has ended already.
    pub(super) fn push(&mut self, job: Option<Job>) {
        if let Some(job) = job {
            self.under_way.insert(self.submitted, job);
        }
        self.submitted += 1;
    }

    /// Adds a job of an earlier planner; false if there is no such number, or it is taken.
    pub(super) fn restore(&mut self, number: usize, job: Job, submitted: usize) -> bool {
        number < submitted && self.under_way.insert(number, job).is_none()
    }

    #[inline]
    pub(super) fn get(&self, number: usize) -> Option<&Job> {
        self.under_way.get(&number)
    }

    #[inline]
    pub(super) fn get_mut(&mut self, number: usize) -> Option<&mut Job> {
        self.under_way.get_mut(&number)
    }

    /// Forgets a job that has ended.
    pub(super) fn remove(&mut self, number: usize) {
        self.under_way.remove(&number);
        let wanted = self.under_way.len().max(Self::MIN_CAPACITY);
        if self.under_way.capacity() > 8 * wanted {
            self.under_way.shrink_to(2 * wanted);
        }
    }
}

/// Spreads job numbers, which mostly follow each other.
#[derive(Debug, Default)]
pub(super) struct NumberHasher(u64);

impl Hasher for NumberHasher {
    fn write(&mut self, bytes: &[u8]) {
        for &byte in bytes {
            self.write_usize(usize::from(byte));
        }
    }

    #[inline]
    fn write_usize(&mut self, number: usize) {
        // Knuth (1998), The Art of Computer Programming 3, section 6.4: multiplication by the golden ratio.
        self.0 = (self.0 ^ number as u64).wrapping_mul(0x9e37_79b9_7f4a_7c15).rotate_left(26);
    }

    fn finish(&self) -> u64 {
        self.0
    }
}

impl Planner {
    pub(super) fn known(&self, id: TaskId) -> Result<(), InputError> {
        let job = match self.find(id.job) {
            Some(job) => job,
            None if id.job < self.jobs.submitted() => return Err(refuse(id, "belongs to a job that has ended")),
            None => return Err(refuse(id, "belongs to no job that was submitted")),
        };
        if id.task < job.tasks.len() {
            Ok(())
        } else {
            Err(refuse(id, &format!("is unknown, the job has {} tasks", job.tasks.len())))
        }
    }

    /// Refuses jobs that are not under way, with the reason.
    pub(super) fn known_job(&self, job: usize) -> Result<(), &'static str> {
        match self.find(job) {
            Some(_) => Ok(()),
            None if job < self.jobs.submitted() => Err("is a job that has ended"),
            None => Err("is no job that was submitted"),
        }
    }

    pub(super) fn find(&self, job: usize) -> Option<&Job> {
        self.jobs.get(job)
    }

    pub(super) fn job(&self, job: usize) -> &Job {
        self.find(job).expect("planned tasks belong to jobs under way")
    }

    pub(super) fn template(&self, job: usize) -> &Template {
        &self.job(job).template
    }

    pub(super) fn state(&self, id: TaskId) -> &TaskState {
        &self.job(id.job).tasks[id.task]
    }

    pub(super) fn state_mut(&mut self, id: TaskId) -> &mut TaskState {
        &mut self.jobs.get_mut(id.job).expect("planned tasks belong to jobs under way").tasks[id.task]
    }

    pub(super) fn cost(&self, id: TaskId, p: usize) -> f64 {
        self.job(id.job).cost(id.task, p)
    }

    /// [`ready_on`](Job::ready_on) every processor, from now on.
    pub(super) fn arrivals(&self, id: TaskId, ready: &mut [f64]) {
        let job = self.job(id.job);
        let Some((bandwidth, latency)) = self.uniform else {
            for (q, ready) in ready.iter_mut().enumerate() {
                *ready = job.ready_on(&self.network, id.task, q).max(self.now);
            }
            return;
        };
        // The last message decides the arrival on all processors except its sender; see `uniform.rs`.
        let (mut last, mut source) = (self.now, None);
        for (i, data) in job.template.graph.incoming(id.task) {
            let arrival = job.tasks[i].finish + (latency + data / bandwidth);
            if arrival > last {
                (last, source) = (arrival, Some(job.tasks[i].processor as usize));
            }
        }
        ready.fill(last);
        if let Some(source) = source {
            ready[source] = job.ready_on(&self.network, id.task, source).max(self.now);
        }
    }
}

pub(super) fn refuse(id: TaskId, reason: &str) -> InputError {
    InputError::new("task", format!("task {} of job {} {reason}", id.task, id.job))
}
