//! Bindings of `schedkit_core::dag::stream`.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use numpy::{PyArray2, PyArrayMethods, PyReadonlyArray1, PyReadonlyArray2, ToPyArray};
use pyo3::prelude::*;
use schedkit_core::InputError;
use schedkit_core::dag::stream::{
    self, JobKey, JobRow, Noise, NoiseModel, PlannerSettings, PlanningPolicy, Snapshot, TaskId, TaskRow,
};
use schedkit_core::dag::{NewLinks, PerLink};
use schedkit_core::names::Named;

use crate::anytime::interruptible;
use crate::convert::{owned, owned_matrix, readonly};
use crate::dag::algorithms::Network;
use crate::dag::{Floats, Ints, TaskGraph};
use crate::errors::Result;

/// `(job, task, processor)` rows and a time.
type Next = (Vec<(usize, usize, usize)>, f64);
/// `(job, task)` rows.
type Tasks = Vec<(usize, usize)>;

/// A value for all links, or a matrix `[source, target]`.
#[derive(IntoPyObject)]
enum LinkValues<'py> {
    Uniform(f64),
    Matrix(Bound<'py, PyArray2<f64>>),
}

/// The links of a processor that joins: one value, one for each other processor, or two rows of them (to the new one, from it).
#[derive(FromPyObject)]
enum JoiningLinks<'py> {
    One(f64),
    Each(PyReadonlyArray1<'py, f64>),
    EachWay(PyReadonlyArray2<'py, f64>),
}

impl JoiningLinks<'_> {
    fn native(&self) -> Result<NewLinks> {
        Ok(match self {
            Self::One(value) => NewLinks::One(*value),
            Self::Each(values) => NewLinks::Each(owned(values)?),
            Self::EachWay(rows) => {
                let mut to = owned_matrix(rows)?;
                let from = to.split_off(to.len() / 2);
                NewLinks::EachWay { to, from }
            }
        })
    }
}

fn native_links(links: Option<&JoiningLinks<'_>>) -> Result<Option<NewLinks>> {
    links.map(JoiningLinks::native).transpose()
}

fn link_values<'py>(py: Python<'py>, values: &PerLink) -> PyResult<LinkValues<'py>> {
    Ok(match values {
        PerLink::Uniform(value) => LinkValues::Uniform(*value),
        PerLink::Matrix { values, size } => LinkValues::Matrix(values.to_pyarray(py).reshape([*size, *size])?),
    })
}

fn pair(id: TaskId) -> (usize, usize) {
    (id.job, id.task)
}

fn pairs(ids: Vec<TaskId>) -> Tasks {
    ids.into_iter().map(pair).collect()
}

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
    joined: Vec<Option<Vec<f64>>>,
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
    lost: Vec<usize>,
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

    fn started(&self, job: usize, task: usize, now: f64, processor: Option<usize>) -> Result<()> {
        Ok(self.lock().started_on(TaskId { job, task }, processor, now)?)
    }

    fn failed(&self, job: usize, task: usize, now: f64) -> Result<Tasks> {
        Ok(pairs(self.lock().failed(TaskId { job, task }, now)?))
    }

    fn cancel(&self, job: usize, now: f64) -> Result<()> {
        Ok(self.lock().cancel(job, now)?)
    }

    fn processor_lost(&self, processor: usize, now: f64) -> Result<Tasks> {
        Ok(pairs(self.lock().processor_lost(processor, now)?))
    }

    fn processor_joined(
        &self,
        cost: Vec<(usize, PyReadonlyArray1<'_, f64>)>,
        now: f64,
        bandwidth: Option<JoiningLinks<'_>>,
        latency: Option<JoiningLinks<'_>>,
    ) -> Result<usize> {
        let cost = cost.iter().map(|(job, column)| Ok((*job, owned(column)?))).collect::<Result<Vec<_>>>()?;
        let (bandwidth, latency) = (native_links(bandwidth.as_ref())?, native_links(latency.as_ref())?);
        Ok(self.lock().processor_joined(cost, now, bandwidth.as_ref(), latency.as_ref())?)
    }

    fn unrunnable(&self) -> Tasks {
        pairs(self.lock().unrunnable())
    }

    fn lost_processors(&self) -> Vec<usize> {
        self.lock().lost_processors().to_vec()
    }

    fn num_processors(&self) -> usize {
        self.lock().num_processors()
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

    /// Bandwidth and latency of all links.
    fn links<'py>(&self, py: Python<'py>) -> Result<(LinkValues<'py>, LinkValues<'py>)> {
        let network = self.lock().network().clone();
        Ok((link_values(py, network.bandwidth())?, link_values(py, network.latency())?))
    }

    /// The state, for pickles, and with it the links of the processors that there are.
    fn save<'py>(&self, py: Python<'py>) -> Result<(PlannerState<'py>, (LinkValues<'py>, LinkValues<'py>))> {
        let (state, network) = {
            let planner = self.lock();
            (planner.snapshot(), planner.network().clone())
        };
        let job = |(job, joined): (&JobRow, Vec<_>)| JobState {
            number: job.number,
            graph: job.graph,
            release: job.release,
            planned: job.planned,
            joined,
        };
        let columns = PlannerState {
            num_jobs: state.num_jobs,
            num_plans: state.num_plans,
            clock_skew: state.clock_skew,
            now: state.now,
            graphs: state.graphs.into_iter().map(|graph| Bound::new(py, TaskGraph(graph))).collect::<PyResult<_>>()?,
            jobs: state.jobs.iter().zip(state.joined).map(job).collect(),
            phase: readonly(py, state.tasks.iter().map(|task| i64::from(task.phase)).collect()),
            processor: readonly(py, state.tasks.iter().map(|task| i64::from(task.processor)).collect()),
            start: readonly(py, state.tasks.iter().map(|task| task.start).collect()),
            finish: readonly(py, state.tasks.iter().map(|task| task.finish).collect()),
            plan: pairs(state.plan),
            running: state.running.into_iter().map(|id| id.map(pair)).collect(),
            lost: state.lost,
        };
        Ok((columns, (link_values(py, network.bandwidth())?, link_values(py, network.latency())?)))
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
            lost: state.lost,
            joined: state.jobs.into_iter().map(|job| job.joined).collect(),
        };
        let mut planner = self.lock();
        *planner = planner.restored(&snapshot)?;
        Ok(())
    }
}
