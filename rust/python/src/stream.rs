//! Bindings of `schedkit_core::dag::stream`.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use numpy::{PyArrayMethods, PyReadonlyArray1};
use pyo3::prelude::*;
use schedkit_core::InputError;
use schedkit_core::dag::stream::{
    self, JobKey, JobRow, Noise, NoiseModel, PlannerSettings, PlanningPolicy, Snapshot, TaskId, TaskRow,
};
use schedkit_core::names::Named;

use crate::anytime::interruptible;
use crate::convert::{owned, readonly};
use crate::dag::algorithms::Network;
use crate::dag::{Floats, Ints, TaskGraph};
use crate::errors::Result;

/// `(job, task, processor)` rows and a time.
type Next = (Vec<(usize, usize, usize)>, f64);

/// Every run of a task.
#[derive(IntoPyObject)]
struct StreamRuns<'py> {
    job: Ints<'py>,
    task: Ints<'py>,
    processor: Ints<'py>,
    start: Floats<'py>,
    end: Floats<'py>,
}

/// The outcome of a simulation.
#[derive(IntoPyObject)]
pub struct StreamColumns<'py> {
    completion_time: Floats<'py>,
    busy_time: Floats<'py>,
    num_plans: u64,
    runs: StreamRuns<'py>,
}

/// A job of a planner's state.
#[derive(IntoPyObject, FromPyObject)]
#[pyo3(from_item_all)]
struct JobState {
    number: usize,
    graph: usize,
    release: f64,
    planned: f64,
}

/// A planner's state, for pickles; the task columns hold one row for each task of each job.
#[derive(IntoPyObject, FromPyObject)]
#[pyo3(from_item_all)]
struct PlannerState<'py> {
    num_jobs: usize,
    num_plans: u64,
    clock_skew: u64,
    now: f64,
    graphs: Vec<Bound<'py, TaskGraph>>,
    jobs: Vec<JobState>,
    phase: Ints<'py>,
    processor: Ints<'py>,
    start: Floats<'py>,
    finish: Floats<'py>,
    plan: Vec<(usize, usize)>,
    running: Vec<Option<(usize, usize)>>,
}

fn settings(policy: &str, key: &str, delta: f64, phi: f64) -> std::result::Result<PlannerSettings, InputError> {
    Ok(PlannerSettings { policy: PlanningPolicy::from_name(policy)?, key: JobKey::from_name(key)?, delta, phi })
}

/// Runs a stream of jobs whose durations differ from their estimates.
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
) -> Result<StreamColumns<'py>> {
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
    Ok(StreamColumns {
        completion_time: readonly(py, outcome.completion),
        busy_time: readonly(py, outcome.busy),
        num_plans: outcome.num_plans,
        runs: StreamRuns {
            job: readonly(py, records.iter().map(|r| r.id.job as i64).collect()),
            task: readonly(py, records.iter().map(|r| r.id.task as i64).collect()),
            processor: readonly(py, records.iter().map(|r| r.processor as i64).collect()),
            start: readonly(py, records.iter().map(|r| r.start).collect()),
            end: readonly(py, records.iter().map(|r| r.end).collect()),
        },
    })
}

/// The planner for embedding; one lock around everything.
#[pyclass(frozen, module = "schedkit._core")]
pub struct StreamPlanner(Mutex<stream::Planner>);

impl StreamPlanner {
    fn lock(&self) -> MutexGuard<'_, stream::Planner> {
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
        Ok(Self(Mutex::new(planner)))
    }

    fn submit(&self, graph: &TaskGraph, now: f64) -> Result<usize> {
        Ok(self.lock().submit_graph(&graph.0, now)?)
    }

    fn started(&self, job: usize, task: usize, now: f64) -> Result<()> {
        Ok(self.lock().started(TaskId { job, task }, now)?)
    }

    fn finished(&self, job: usize, task: usize, now: f64) -> Result<bool> {
        Ok(self.lock().finished(TaskId { job, task }, now)?)
    }

    /// `(job, task, processor)` rows, and when to ask again for data that are under way.
    fn next_assignments(&self, now: f64) -> Result<Next> {
        let (found, wake) = self.lock().next_assignments(now)?;
        Ok((found.into_iter().map(|a| (a.id.job, a.id.task, a.processor)).collect(), wake))
    }

    fn num_plans(&self) -> u64 {
        self.lock().num_plans()
    }

    fn clock_skew(&self) -> u64 {
        self.lock().clock_skew()
    }

    /// The state, for pickles.
    fn save<'py>(&self, py: Python<'py>) -> Result<PlannerState<'py>> {
        let state = self.lock().snapshot();
        let pair = |id: &TaskId| (id.job, id.task);
        let job = |job: &JobRow| JobState { number: job.number, graph: job.graph, release: job.release, planned: job.planned };
        Ok(PlannerState {
            num_jobs: state.num_jobs,
            num_plans: state.num_plans,
            clock_skew: state.clock_skew,
            now: state.now,
            graphs: state.graphs.into_iter().map(|graph| Bound::new(py, TaskGraph(graph))).collect::<PyResult<_>>()?,
            jobs: state.jobs.iter().map(job).collect(),
            phase: readonly(py, state.tasks.iter().map(|task| i64::from(task.phase)).collect()),
            processor: readonly(py, state.tasks.iter().map(|task| i64::from(task.processor)).collect()),
            start: readonly(py, state.tasks.iter().map(|task| task.start).collect()),
            finish: readonly(py, state.tasks.iter().map(|task| task.finish).collect()),
            plan: state.plan.iter().map(pair).collect(),
            running: state.running.iter().map(|id| id.as_ref().map(pair)).collect(),
        })
    }

    /// Takes the state of another planner with the same options.
    fn load(&self, state: PlannerState<'_>) -> Result<()> {
        let (phase, processor) = (owned(&state.phase.readonly())?, owned(&state.processor.readonly())?);
        let (start, finish) = (owned(&state.start.readonly())?, owned(&state.finish.readonly())?);
        if [processor.len(), start.len(), finish.len()] != [phase.len(); 3] {
            return Err(InputError::new("snapshot", "has columns of different lengths").into());
        }
        let task = |k: usize| TaskRow {
            // A number out of range becomes one that the core refuses.
            phase: u8::try_from(phase[k]).unwrap_or(u8::MAX),
            processor: u32::try_from(processor[k]).unwrap_or(u32::MAX),
            start: start[k],
            finish: finish[k],
        };
        let id = |(job, task)| TaskId { job, task };
        let job = |job: &JobState| JobRow { number: job.number, graph: job.graph, release: job.release, planned: job.planned };
        let snapshot = Snapshot {
            num_jobs: state.num_jobs,
            num_plans: state.num_plans,
            clock_skew: state.clock_skew,
            now: state.now,
            graphs: state.graphs.iter().map(|graph| Arc::clone(&graph.get().0)).collect(),
            jobs: state.jobs.iter().map(job).collect(),
            tasks: (0..phase.len()).map(task).collect(),
            plan: state.plan.into_iter().map(id).collect(),
            running: state.running.into_iter().map(|row| row.map(id)).collect(),
        };
        let mut planner = self.lock();
        *planner = planner.restored(&snapshot)?;
        Ok(())
    }
}
