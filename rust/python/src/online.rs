//! Bindings of `schedkit_core::online`.

use numpy::{PyArray1, PyReadonlyArray1};
use pyo3::exceptions::PyTypeError;
use pyo3::prelude::*;
use pyo3::types::PyDict;
use schedkit_core::Error;
use schedkit_core::check::{self, FlowClaim};
use schedkit_core::control::Pulse;
use schedkit_core::error::check_length;
use schedkit_core::online::workload::{self, Distribution};
use schedkit_core::online::{self, Ask, ChunkRule, Flow, Gittins, JobsData, Options, Policy, Preempt, Totals, View};

use crate::anytime::interruptible;
use crate::check::{Rows, rows};
use crate::convert::{owned, owned_again, readonly};
use crate::errors::{BindError, Result};
use crate::spare::FLOATS;

type Floats<'py> = Bound<'py, PyArray1<f64>>;
type Ints<'py> = Bound<'py, PyArray1<i64>>;
type SegmentColumns<'py> = (Ints<'py>, Ints<'py>, Floats<'py>, Floats<'py>, Floats<'py>);
/// Completion times, preemptions, segments.
type Outcome<'py> = (Floats<'py>, u64, Option<SegmentColumns<'py>>);

/// The validated stream of jobs.
#[pyclass(frozen, module = "schedkit._core")]
pub struct Jobs(online::Jobs);

impl Drop for Jobs {
    fn drop(&mut self) {
        self.0.take_columns().into_iter().for_each(|column| FLOATS.keep(column));
    }
}

/// A policy with its parameters.
#[pyclass(frozen, module = "schedkit._core")]
pub struct OnlinePolicy(pub(crate) Policy);

fn parameter<'py, T: for<'a> FromPyObject<'a, 'py>>(parameters: &Bound<'py, PyDict>, name: &str) -> Result<T>
where
    for<'a> <T as FromPyObject<'a, 'py>>::Error: Into<PyErr>,
{
    let value = parameters.get_item(name)?.ok_or_else(|| PyTypeError::new_err(format!("no parameter {name}")))?;
    value.extract::<T>().map_err(|error| BindError::Python(error.into()))
}

#[pymethods]
impl OnlinePolicy {
    #[new]
    fn new(name: &str, parameters: &Bound<'_, PyDict>) -> Result<Self> {
        let mut policy = Policy::from_name(name)?;
        match &mut policy {
            Policy::RoundRobin { quantum } | Policy::Feedback { quantum } => *quantum = parameter(parameters, "quantum")?,
            Policy::RandomFeedback { quantum, gamma, seed } => {
                *quantum = parameter(parameters, "quantum")?;
                *gamma = parameter(parameters, "gamma")?;
                *seed = parameter(parameters, "seed")?;
            }
            Policy::SrptAgeing { rate } => *rate = parameter(parameters, "rate")?,
            Policy::Slf { epsilon } => *epsilon = parameter(parameters, "epsilon")?,
            Policy::ChunkBalance { theta, rule } => {
                *theta = parameter(parameters, "theta")?;
                *rule = ChunkRule::from_name(&parameter::<String>(parameters, "chunk_rule")?)?;
            }
            Policy::Gittins(gittins) if parameters.get_item("size")?.is_some_and(|size| !size.is_none()) => {
                let size: Vec<f64> = parameter(parameters, "size")?;
                let probability: Vec<f64> = parameter(parameters, "probability")?;
                *gittins = Some(Gittins::new(&size, &probability)?);
            }
            _ => {}
        }
        Ok(Self(policy))
    }

    /// Every name.
    #[staticmethod]
    fn names() -> Vec<&'static str> {
        Policy::ALL.into_iter().map(|(name, _)| name).collect()
    }
}

fn optional(column: Option<PyReadonlyArray1<'_, f64>>) -> Result<Option<Vec<f64>>> {
    column.map(|column| owned(&column)).transpose()
}

fn options(servers: usize, preempt: &str, switch_cost: f64, segments: bool) -> Result<Options> {
    Ok(Options { servers, preempt: Preempt::from_name(preempt)?, switch_cost, segments })
}

#[pymethods]
impl Jobs {
    #[new]
    #[pyo3(signature = (release_time, operation, first_operation, weight, estimate, deadline, names))]
    fn new(
        release_time: PyReadonlyArray1<'_, f64>,
        operation: PyReadonlyArray1<'_, f64>,
        first_operation: Option<PyReadonlyArray1<'_, i64>>,
        weight: Option<PyReadonlyArray1<'_, f64>>,
        estimate: Option<PyReadonlyArray1<'_, f64>>,
        deadline: Option<PyReadonlyArray1<'_, f64>>,
        names: Option<Vec<String>>,
    ) -> Result<Self> {
        let first_operation = match first_operation {
            None => Vec::new(),
            Some(column) => owned(&column)?.into_iter().map(|start| start as usize).collect(),
        };
        let data = JobsData {
            release_time: owned_again(&release_time)?,
            operation: owned_again(&operation)?,
            first_operation,
            weight: optional(weight)?,
            estimate: optional(estimate)?,
            deadline: optional(deadline)?,
            names,
        };
        Ok(Self(online::Jobs::new(data)?))
    }

    fn num_jobs(&self) -> usize {
        self.0.len()
    }

    fn release_time<'py>(&self, py: Python<'py>) -> Floats<'py> {
        readonly(py, self.0.release_time().to_vec())
    }

    fn processing_time<'py>(&self, py: Python<'py>) -> Floats<'py> {
        readonly(py, self.0.processing_time().to_vec())
    }

    fn operation<'py>(&self, py: Python<'py>) -> Floats<'py> {
        readonly(py, self.0.data().operation.clone())
    }

    fn first_operation<'py>(&self, py: Python<'py>) -> Option<Ints<'py>> {
        let first = &self.0.data().first_operation;
        (!first.is_empty()).then(|| readonly(py, first.iter().map(|&start| start as i64).collect()))
    }

    fn weight<'py>(&self, py: Python<'py>) -> Option<Floats<'py>> {
        self.0.data().weight.as_ref().map(|column| readonly(py, column.clone()))
    }

    fn estimate<'py>(&self, py: Python<'py>) -> Option<Floats<'py>> {
        self.0.data().estimate.as_ref().map(|column| readonly(py, column.clone()))
    }

    fn deadline<'py>(&self, py: Python<'py>) -> Option<Floats<'py>> {
        self.0.data().deadline.as_ref().map(|column| readonly(py, column.clone()))
    }

    fn names(&self) -> Option<Vec<String>> {
        self.0.data().names.clone()
    }

    fn lower_bound(&self, py: Python<'_>, servers: usize) -> Result<f64> {
        interruptible(py, |pulse| online::lower_bound(&self.0, servers, pulse))
    }

    fn simulate<'py>(
        &self,
        py: Python<'py>,
        policy: &OnlinePolicy,
        servers: usize,
        preempt: &str,
        switch_cost: f64,
        segments: bool,
    ) -> Result<Outcome<'py>> {
        let options = options(servers, preempt, switch_cost, segments)?;
        Ok(outcome(py, interruptible(py, |pulse| online::simulate_interruptible(&self.0, &policy.0, &options, pulse))??))
    }

    /// Total flow time, weighted total, and the largest flow time of these completion times.
    fn totals(&self, py: Python<'_>, completion_time: PyReadonlyArray1<'_, f64>) -> Result<(f64, f64, f64)> {
        let completion_time = completion_time.as_slice().map_err(PyErr::from)?;
        check_length("completion_time", completion_time.len(), self.0.len())?;
        let Totals { flow_time, weighted_flow_time, max_flow_time } = py.detach(|| Totals::of(&self.0, completion_time));
        Ok((flow_time, weighted_flow_time, max_flow_time))
    }

    /// Under a policy written in Python: `rank(now, *view)` and `review(*view)` are called for every question.
    #[allow(clippy::too_many_arguments)]
    fn simulate_outside<'py>(
        &self,
        py: Python<'py>,
        rank: Bound<'py, PyAny>,
        review: Bound<'py, PyAny>,
        information: &str,
        servers: usize,
        preempt: &str,
        switch_cost: f64,
        segments: bool,
    ) -> Result<Outcome<'py>> {
        let options = options(servers, preempt, switch_cost, segments)?;
        let mut raised = None;
        let caller = Caller { rank, review, raised: &mut raised };
        let flow = online::simulate_outside(&self.0, caller, information, &options)?;
        if let Some(error) = raised {
            return Err(error.into());
        }
        Ok(outcome(py, flow))
    }
}

fn outcome(py: Python<'_>, flow: Flow) -> Outcome<'_> {
    let segments = flow
        .segments
        .map(|s| (readonly(py, s.job), readonly(py, s.server), readonly(py, s.start), readonly(py, s.end), readonly(py, s.rate)));
    (readonly(py, flow.completion_time), flow.num_preemptions, segments)
}

/// Asks Python; the first exception ends the simulation.
struct Caller<'a, 'py> {
    rank: Bound<'py, PyAny>,
    review: Bound<'py, PyAny>,
    raised: &'a mut Option<PyErr>,
}

impl Caller<'_, '_> {
    fn keep(&mut self, answer: PyResult<Bound<'_, PyAny>>) -> Option<f64> {
        answer.and_then(|value| value.extract()).map_err(|error| *self.raised = Some(error)).ok()
    }
}

type ViewTuple = (u32, f64, f64, f64, f64, f64, f64);

fn columns(view: &View) -> ViewTuple {
    (view.index, view.release_time, view.weight, view.deadline, view.attained, view.revealed, view.since)
}

impl Ask for Caller<'_, '_> {
    fn rank(&mut self, now: f64, job: &View) -> Option<f64> {
        let answer = self.rank.call1((now, columns(job)));
        self.keep(answer)
    }

    fn review(&mut self, job: &View) -> Option<f64> {
        let answer = self.review.call1((columns(job),));
        self.keep(answer)
    }
}

/// Claimed completion times and what follows from them, attribute by attribute.
#[derive(FromPyObject)]
pub struct FlowObjectives<'py> {
    completion_time: PyReadonlyArray1<'py, f64>,
    flow_time: Option<PyReadonlyArray1<'py, f64>>,
    total_flow_time: Option<f64>,
    total_weighted_flow_time: Option<f64>,
    mean_flow_time: Option<f64>,
    max_flow_time: Option<f64>,
    num_preemptions: Option<u64>,
}

/// `(kind, subject, detail)` for everything that is wrong.
#[pyfunction]
#[allow(clippy::too_many_arguments)]
pub fn check_flow<'py>(
    py: Python<'py>,
    jobs: &Jobs,
    servers: usize,
    preempt: &str,
    job: PyReadonlyArray1<'_, i64>,
    server: PyReadonlyArray1<'_, i64>,
    start: PyReadonlyArray1<'_, f64>,
    end: PyReadonlyArray1<'_, f64>,
    rate: PyReadonlyArray1<'_, f64>,
    objectives: FlowObjectives<'_>,
) -> Result<Rows<'py>> {
    let preempt = Preempt::from_name(preempt)?;
    let (job, server) = (owned(&job)?, owned(&server)?);
    let (start, end, rate) = (owned(&start)?, owned(&end)?, owned(&rate)?);
    let completion_time = owned(&objectives.completion_time)?;
    let flow_time = objectives.flow_time.as_ref().map(owned).transpose()?;
    let data = jobs.0.data();
    let claim = FlowClaim {
        release_time: &data.release_time,
        operation: &data.operation,
        first_operation: &data.first_operation,
        deadline: data.deadline.as_deref(),
        weight: data.weight.as_deref(),
        servers,
        interruptible: (preempt == Preempt::Anywhere, preempt != Preempt::Never),
        job: &job,
        server: &server,
        start: &start,
        end: &end,
        rate: &rate,
        completion_time: &completion_time,
        flow_time: flow_time.as_deref(),
        total_flow_time: objectives.total_flow_time,
        total_weighted_flow_time: objectives.total_weighted_flow_time,
        mean_flow_time: objectives.mean_flow_time,
        max_flow_time: objectives.max_flow_time,
        num_preemptions: objectives.num_preemptions,
        names: data.names.as_deref(),
    };
    let found = interruptible(py, |pulse| check::check_flow_interruptible(&claim, pulse))??;
    rows(py, found)
}

/// Independent draws from the distribution of that name.
#[pyfunction]
pub fn draw_sizes<'py>(py: Python<'py>, kind: &str, parameters: Vec<f64>, n: usize, seed: u64) -> Result<Floats<'py>> {
    let distribution = match (kind, parameters.as_slice()) {
        ("deterministic", &[value]) => Distribution::Deterministic { value },
        ("exponential", &[mean]) => Distribution::Exponential { mean },
        ("pareto", &[shape, minimum]) => Distribution::Pareto { shape, minimum },
        ("bimodal", &[small, large, probability]) => Distribution::Bimodal { small, large, probability },
        ("lognormal", &[mu, sigma]) => Distribution::LogNormal { mu, sigma },
        ("uniform", &[low, high]) => Distribution::Uniform { low, high },
        _ => return Err(PyTypeError::new_err("no such distribution").into()),
    };
    distribution.check()?;
    Ok(readonly(py, py.detach(|| distribution.samples(n, seed))))
}

/// Arrival times of a Poisson process.
#[pyfunction]
pub fn poisson_arrivals(py: Python<'_>, n: usize, rate: f64, seed: u64) -> Floats<'_> {
    readonly(py, py.detach(|| workload::poisson_arrivals(n, rate, seed)))
}

/// Arrival times of a Markovian arrival process.
#[pyfunction]
pub fn map_arrivals(py: Python<'_>, n: usize, d0: Vec<f64>, d1: Vec<f64>, seed: u64) -> Result<Floats<'_>> {
    Ok(readonly(py, py.detach(|| workload::map_arrivals(n, &d0, &d1, seed))?))
}

/// Estimates with log-normal noise.
#[pyfunction]
pub fn log_normal_estimates<'py>(py: Python<'py>, size: PyReadonlyArray1<'_, f64>, sigma: f64, seed: u64) -> Result<Floats<'py>> {
    Ok(readonly(py, workload::log_normal_estimates(&owned(&size)?, sigma, seed)))
}

/// Estimates with bounded noise.
#[pyfunction]
pub fn bounded_estimates<'py>(
    py: Python<'py>,
    size: PyReadonlyArray1<'_, f64>,
    low: f64,
    high: f64,
    seed: u64,
) -> Result<Floats<'py>> {
    Ok(readonly(py, workload::bounded_estimates(&owned(&size)?, low, high, seed)))
}

/// `(line, job number, submit time, run time, requested time)` of the jobs of a trace, how many are unknown, how many lines repeat.
type TraceColumns<'py> = (Ints<'py>, Ints<'py>, Floats<'py>, Floats<'py>, Floats<'py>, usize, usize);

/// The jobs of a trace in Standard Workload Format; `path` is for messages.
#[pyfunction]
pub fn read_swf<'py>(py: Python<'py>, bytes: &[u8], path: &str) -> Result<TraceColumns<'py>> {
    let read = |pulse: &Pulse| online::swf::read_interruptible(bytes, &mut pulse.clone())?.jobs();
    let jobs = interruptible(py, read)?.map_err(|error| BindError::File(path.to_owned(), Error::Format(error)))?;
    let (line, number) = (readonly(py, jobs.line), readonly(py, jobs.job_number));
    let [submit, run, requested] = [jobs.submit_time, jobs.run_time, jobs.requested_time].map(|column| readonly(py, column));
    Ok((line, number, submit, run, requested, jobs.unknown, jobs.repeated))
}
