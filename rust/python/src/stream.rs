//! Bindings of `schedkit_core::dag::stream`.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use numpy::PyReadonlyArray1;
use pyo3::prelude::*;
use schedkit_core::InputError;
use schedkit_core::dag::stream::{self, JobRow, Key, Noise, NoiseModel, Policy, Settings, Snapshot, TaskId, TaskRow, Template};

use crate::anytime::interruptible;
use crate::convert::{owned, readonly};
use crate::dag::{Floats, Ints, Network, TaskGraph};
use crate::errors::Result;

/// `(job, task, processor)` rows and a time.
type Next = (Vec<(usize, usize, usize)>, f64);
type Runs<'py> = (Ints<'py>, Ints<'py>, Ints<'py>, Floats<'py>, Floats<'py>);

/// A planner's state; see [`StreamPlanner::save`].
type Saved<'py> = (
    (usize, u64, u64, f64),
    Vec<Py<TaskGraph>>,
    Vec<(usize, usize, f64, f64)>,
    (Ints<'py>, Ints<'py>, Floats<'py>, Floats<'py>),
    Vec<(usize, usize)>,
    Vec<Option<(usize, usize)>>,
);
type TaskColumns<'py> =
    (PyReadonlyArray1<'py, i64>, PyReadonlyArray1<'py, i64>, PyReadonlyArray1<'py, f64>, PyReadonlyArray1<'py, f64>);

fn settings(policy: &str, key: &str, delta: f64, phi: f64) -> std::result::Result<Settings, InputError> {
    Ok(Settings { policy: Policy::from_name(policy)?, key: Key::from_name(key)?, delta, phi })
}

/// `(completion, busy, plans, (job, task, processor, start, end))`.
#[pyfunction]
#[allow(clippy::too_many_arguments)]
pub fn simulate_stream<'py>(
    py: Python<'py>,
    graphs: Vec<PyRef<'py, TaskGraph>>,
    network: &Network,
    release: PyReadonlyArray1<'_, f64>,
    template: PyReadonlyArray1<'_, i64>,
    policy: &str,
    key: &str,
    delta: f64,
    phi: f64,
    noise_model: &str,
    noise: f64,
    seed: u64,
    keep: bool,
) -> Result<(Floats<'py>, Floats<'py>, u64, Runs<'py>)> {
    let settings = settings(policy, key, delta, phi)?;
    let noise = Noise { model: NoiseModel::from_name(noise_model)?, level: noise };
    let graphs: Vec<_> = graphs.iter().map(|graph| Arc::clone(&graph.0)).collect();
    let release = owned(&release)?;
    // A negative number becomes one that is too large, which the core refuses.
    let template: Vec<usize> = owned(&template)?.into_iter().map(|k| usize::try_from(k).unwrap_or(usize::MAX)).collect();
    let network = network.0.clone();
    let outcome = interruptible(py, move |pulse| {
        let arrivals = stream::Arrivals { release: &release, template: &template };
        stream::simulate_stream(&graphs, &network, arrivals, settings, noise, seed, keep, pulse)
    })??;
    let records = outcome.records;
    let runs = (
        readonly(py, records.iter().map(|r| r.id.job as i64).collect()),
        readonly(py, records.iter().map(|r| r.id.task as i64).collect()),
        readonly(py, records.iter().map(|r| r.processor as i64).collect()),
        readonly(py, records.iter().map(|r| r.start).collect()),
        readonly(py, records.iter().map(|r| r.end).collect()),
    );
    Ok((readonly(py, outcome.completion), readonly(py, outcome.busy), outcome.num_plans, runs))
}

/// Graphs whose ranks are remembered.
const REMEMBERED: usize = 64;

struct Inner {
    planner: stream::Planner,
    /// The graphs seen last, so that jobs of one kind are ranked once.
    prepared: Vec<(Arc<schedkit_core::dag::TaskGraph>, Arc<Template>)>,
}

/// The planner for embedding; one lock around everything.
#[pyclass(frozen, module = "schedkit._core")]
pub struct StreamPlanner(Mutex<Inner>);

impl StreamPlanner {
    fn lock(&self) -> MutexGuard<'_, Inner> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[pymethods]
impl StreamPlanner {
    #[new]
    fn new(
        num_processors: usize,
        network: &Network,
        policy: &str,
        key: &str,
        delta: f64,
        phi: f64,
        strict_time: bool,
    ) -> Result<Self> {
        let settings = settings(policy, key, delta, phi)?;
        let planner = stream::Planner::new(num_processors, network.0.clone(), settings, strict_time)?;
        Ok(Self(Mutex::new(Inner { planner, prepared: Vec::new() })))
    }

    fn submit(&self, graph: &TaskGraph, now: f64) -> Result<usize> {
        let mut inner = self.lock();
        let known =
            inner.prepared.iter().find(|(known, _)| Arc::ptr_eq(known, &graph.0)).map(|(_, template)| Arc::clone(template));
        let template = if let Some(template) = known {
            template
        } else {
            let template = inner.planner.prepare(&graph.0)?;
            if inner.prepared.len() == REMEMBERED {
                inner.prepared.remove(0);
            }
            inner.prepared.push((Arc::clone(&graph.0), Arc::clone(&template)));
            template
        };
        Ok(inner.planner.submit(&template, now)?)
    }

    fn started(&self, job: usize, task: usize, now: f64) -> Result<()> {
        Ok(self.lock().planner.started(TaskId { job, task }, now)?)
    }

    fn finished(&self, job: usize, task: usize, now: f64) -> Result<bool> {
        Ok(self.lock().planner.finished(TaskId { job, task }, now)?)
    }

    /// `(job, task, processor)` rows, and when to ask again for data that are under way.
    fn next_assignments(&self, now: f64) -> Result<Next> {
        let (found, wake) = self.lock().planner.next_assignments(now)?;
        Ok((found.into_iter().map(|a| (a.id.job, a.id.task, a.processor)).collect(), wake))
    }

    fn num_plans(&self) -> u64 {
        self.lock().planner.num_plans()
    }

    fn clock_skew(&self) -> u64 {
        self.lock().planner.clock_skew()
    }

    /// The state, for pickles: `(jobs submitted, plans, clock skew, now)`, graphs, `(number, graph, release, planned)` rows of jobs,
    /// `(phase, processor, start, finish)` columns of their tasks, the plan as `(job, task)` rows, and what runs where.
    fn save<'py>(&self, py: Python<'py>) -> Result<Saved<'py>> {
        let state = self.lock().planner.snapshot();
        let row = |id: &TaskId| (id.job, id.task);
        let tasks = (
            readonly(py, state.tasks.iter().map(|task| i64::from(task.phase)).collect()),
            readonly(py, state.tasks.iter().map(|task| i64::from(task.processor)).collect()),
            readonly(py, state.tasks.iter().map(|task| task.start).collect()),
            readonly(py, state.tasks.iter().map(|task| task.finish).collect()),
        );
        let graphs = state.graphs.into_iter().map(|graph| Py::new(py, TaskGraph(graph))).collect::<PyResult<_>>()?;
        Ok((
            (state.num_jobs, state.num_plans, state.clock_skew, state.now),
            graphs,
            state.jobs.iter().map(|job| (job.number, job.graph, job.release, job.planned)).collect(),
            tasks,
            state.plan.iter().map(row).collect(),
            state.running.iter().map(|id| id.as_ref().map(row)).collect(),
        ))
    }

    /// Goes on where another planner was saved.
    #[allow(clippy::too_many_arguments)]
    fn load(
        &self,
        num_processors: usize,
        network: &Network,
        options: (String, String, f64, f64, bool),
        counters: (usize, u64, u64, f64),
        graphs: Vec<PyRef<'_, TaskGraph>>,
        jobs: Vec<(usize, usize, f64, f64)>,
        tasks: TaskColumns<'_>,
        plan: Vec<(usize, usize)>,
        running: Vec<Option<(usize, usize)>>,
    ) -> Result<()> {
        let (policy, key, delta, phi, strict_time) = options;
        let (num_jobs, num_plans, clock_skew, now) = counters;
        let (phase, processor, start, finish) = (owned(&tasks.0)?, owned(&tasks.1)?, owned(&tasks.2)?, owned(&tasks.3)?);
        if [processor.len(), start.len(), finish.len()] != [phase.len(); 3] {
            return Err(InputError::new("snapshot", "has columns of different lengths").into());
        }
        let task = |k: usize| TaskRow {
            // What is no small number becomes one that the core refuses.
            phase: u8::try_from(phase[k]).unwrap_or(u8::MAX),
            processor: u32::try_from(processor[k]).unwrap_or(u32::MAX),
            start: start[k],
            finish: finish[k],
        };
        let id = |(job, task)| TaskId { job, task };
        let snapshot = Snapshot {
            num_jobs,
            num_plans,
            clock_skew,
            now,
            graphs: graphs.iter().map(|graph| Arc::clone(&graph.0)).collect(),
            jobs: jobs.into_iter().map(|(number, graph, release, planned)| JobRow { number, graph, release, planned }).collect(),
            tasks: (0..phase.len()).map(task).collect(),
            plan: plan.into_iter().map(id).collect(),
            running: running.into_iter().map(|row| row.map(id)).collect(),
        };
        let settings = settings(&policy, &key, delta, phi)?;
        let planner = stream::Planner::restore(num_processors, network.0.clone(), settings, strict_time, &snapshot)?;
        *self.lock() = Inner { planner, prepared: Vec::new() };
        Ok(())
    }
}
