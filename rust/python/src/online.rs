//! Bindings of `schedkit_core::online`.

use numpy::{PyArray1, PyReadonlyArray1};
use pyo3::IntoPyObjectExt;
use pyo3::prelude::*;
use pyo3::types::{IntoPyDict, PyDict, PyFloat, PyInt, PyString};
use schedkit_core::Error;
use schedkit_core::check::{self, FlowClaim};
use schedkit_core::control::Pulse;
use schedkit_core::error::check_length;
use schedkit_core::online::workload::{self, Distribution};
use schedkit_core::online::{
    self, CustomPolicy, Flow, JobView, JobsData, Options, Parameter, ParameterKind, ParameterValue, Policy, PolicyEntry, Preempt,
    Totals,
};

use crate::anytime::interruptible;
use crate::check::{Rows, rows};
use crate::convert::{owned, owned_again, readonly};
use crate::errors::{BindError, Result};
use crate::spare::FLOATS;

type Floats<'py> = Bound<'py, PyArray1<f64>>;
type Ints<'py> = Bound<'py, PyArray1<i64>>;

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

/// The value of a parameter by its Python type; the core judges whether the policy takes it.
fn parameter_value(value: &Bound<'_, PyAny>) -> PyResult<ParameterValue> {
    if value.is_instance_of::<PyFloat>() {
        return Ok(ParameterValue::Number(value.extract()?));
    }
    if value.is_instance_of::<PyInt>() {
        return Ok(ParameterValue::Seed(value.extract()?));
    }
    if value.is_instance_of::<PyString>() {
        return Ok(ParameterValue::Word(value.extract()?));
    }
    Ok(ParameterValue::Numbers(value.extract()?))
}

fn describe_parameter<'py>(py: Python<'py>, parameter: &Parameter) -> PyResult<Bound<'py, PyDict>> {
    let row = PyDict::new(py);
    row.set_item("name", parameter.name)?;
    row.set_item("doc", parameter.doc)?;
    match parameter.default() {
        Some(ParameterValue::Number(default)) => row.set_item("default", default)?,
        Some(ParameterValue::Seed(default)) => row.set_item("default", default)?,
        Some(ParameterValue::Word(default)) => row.set_item("default", default)?,
        Some(ParameterValue::Numbers(_)) | None => row.set_item("default", py.None())?,
    }
    let (kind, range) = match parameter.kind {
        ParameterKind::Number { range, .. } => ("number", range.into_py_any(py)?),
        ParameterKind::Seed { .. } => ("seed", py.None()),
        ParameterKind::Choice(words) => ("choice", words.into_py_any(py)?),
        ParameterKind::Numbers => ("numbers", py.None()),
    };
    row.set_item("kind", kind)?;
    row.set_item("range", range)?;
    Ok(row)
}

#[pymethods]
impl OnlinePolicy {
    #[new]
    fn new(name: &str, parameters: &Bound<'_, PyDict>) -> Result<Self> {
        let given = parameters.iter().filter(|(_, value)| !value.is_none());
        let given = given.map(|(key, value)| Ok((key.extract::<String>()?, parameter_value(&value)?)));
        let given = given.collect::<PyResult<Vec<_>>>()?;
        Ok(Self(Policy::new(name, given.iter().map(|(key, value)| (key.as_str(), value.clone())))?))
    }

    /// The declarations of all policies: name, aliases, information, `one_server`, costs and parameters.
    #[staticmethod]
    fn declarations(py: Python<'_>) -> PyResult<Vec<Bound<'_, PyDict>>> {
        let describe = |entry: &PolicyEntry| {
            let row = PyDict::new(py);
            row.set_item("name", entry.name)?;
            row.set_item("aliases", entry.aliases)?;
            row.set_item("information", entry.information)?;
            row.set_item("one_server", entry.one_server)?;
            for (name, cost) in
                [("event", entry.costs.event), ("operation", entry.costs.operation), ("pop_many", entry.costs.pop_many)]
            {
                row.set_item(name, cost)?;
            }
            let parameters = entry.parameters.iter().map(|parameter| describe_parameter(py, parameter));
            row.set_item("parameters", parameters.collect::<PyResult<Vec<_>>>()?)?;
            Ok(row)
        };
        online::POLICIES.iter().map(describe).collect()
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
    #[allow(clippy::too_many_arguments)] // one for each column
    fn new(
        py: Python<'_>,
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
        Ok(Self(interruptible(py, |pulse| online::Jobs::new_interruptible(data, &mut pulse.clone()))??))
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
    ) -> Result<Bound<'py, PyDict>> {
        let options = options(servers, preempt, switch_cost, segments)?;
        flow_columns(py, interruptible(py, |pulse| online::simulate_interruptible(&self.0, &policy.0, &options, pulse))??)
    }

    /// Total flow time, weighted total, and the largest flow time of these completion times.
    fn totals<'py>(&self, py: Python<'py>, completion_time: PyReadonlyArray1<'_, f64>) -> Result<Bound<'py, PyDict>> {
        let completion_time = completion_time.as_slice().map_err(PyErr::from)?;
        check_length("completion_time", completion_time.len(), self.0.len())?;
        let Totals { flow_time, weighted_flow_time, max_flow_time } = py.detach(|| Totals::of(&self.0, completion_time));
        let totals =
            [("total_flow_time", flow_time), ("total_weighted_flow_time", weighted_flow_time), ("max_flow_time", max_flow_time)];
        Ok(totals.into_py_dict(py)?)
    }

    /// Runs the stream through a policy written in Python, which answers `rank(now, facts)` and `review(facts)`.
    #[allow(clippy::too_many_arguments)]
    fn simulate_custom<'py>(
        &self,
        py: Python<'py>,
        rank: Bound<'py, PyAny>,
        review: Bound<'py, PyAny>,
        information: &str,
        servers: usize,
        preempt: &str,
        switch_cost: f64,
        segments: bool,
    ) -> Result<Bound<'py, PyDict>> {
        let options = options(servers, preempt, switch_cost, segments)?;
        let mut raised = None;
        let policy = PythonPolicy { rank, review, raised: &mut raised };
        let flow = online::simulate_custom(&self.0, policy, information, &options)?;
        if let Some(error) = raised {
            return Err(error.into());
        }
        flow_columns(py, flow)
    }
}

/// A simulated stream as columns by name.
fn flow_columns(py: Python<'_>, flow: Flow) -> Result<Bound<'_, PyDict>> {
    let columns = PyDict::new(py);
    columns.set_item("completion_time", readonly(py, flow.completion_time))?;
    columns.set_item("num_preemptions", flow.num_preemptions)?;
    let segments = flow.segments.map(|s| {
        let segments = PyDict::new(py);
        segments.set_item("job", readonly(py, s.job))?;
        segments.set_item("server", readonly(py, s.server))?;
        segments.set_item("start", readonly(py, s.start))?;
        segments.set_item("end", readonly(py, s.end))?;
        segments.set_item("rate", readonly(py, s.rate))?;
        PyResult::Ok(segments)
    });
    columns.set_item("segments", segments.transpose()?)?;
    Ok(columns)
}

/// What a policy written in Python is told of a job; `revealed` and `since` depend on its information model.
#[pyclass(frozen, get_all, module = "schedkit._core")]
pub struct JobFacts {
    index: u32,
    release_time: f64,
    weight: f64,
    deadline: f64,
    attained: f64,
    revealed: f64,
    since: f64,
}

impl From<&JobView> for JobFacts {
    fn from(view: &JobView) -> Self {
        let &JobView { index, release_time, weight, deadline, attained, revealed, since } = view;
        Self { index, release_time, weight, deadline, attained, revealed, since }
    }
}

/// A policy written in Python; its first exception ends the simulation.
struct PythonPolicy<'a, 'py> {
    rank: Bound<'py, PyAny>,
    review: Bound<'py, PyAny>,
    raised: &'a mut Option<PyErr>,
}

impl PythonPolicy<'_, '_> {
    fn number(&mut self, answer: PyResult<Bound<'_, PyAny>>) -> Option<f64> {
        answer.and_then(|value| value.extract()).map_err(|error| *self.raised = Some(error)).ok()
    }
}

impl CustomPolicy for PythonPolicy<'_, '_> {
    fn rank(&mut self, now: f64, job: &JobView) -> Option<f64> {
        let answer = self.rank.call1((now, JobFacts::from(job)));
        self.number(answer)
    }

    fn review(&mut self, job: &JobView) -> Option<f64> {
        let answer = self.review.call1((JobFacts::from(job),));
        self.number(answer)
    }
}

/// Claimed segments, column by column.
#[derive(FromPyObject)]
#[pyo3(from_item_all)]
pub struct SegmentClaim<'py> {
    job: PyReadonlyArray1<'py, i64>,
    server: PyReadonlyArray1<'py, i64>,
    start: PyReadonlyArray1<'py, f64>,
    end: PyReadonlyArray1<'py, f64>,
    rate: PyReadonlyArray1<'py, f64>,
}

/// Claimed completion times and objectives, by name; none for those that are not claimed.
#[derive(FromPyObject)]
#[pyo3(from_item_all)]
#[allow(clippy::struct_field_names)] // the names that users give
pub struct FlowObjectives<'py> {
    completion_time: PyReadonlyArray1<'py, f64>,
    flow_time: Option<PyReadonlyArray1<'py, f64>>,
    total_flow_time: Option<f64>,
    total_weighted_flow_time: Option<f64>,
    mean_flow_time: Option<f64>,
    max_flow_time: Option<f64>,
}

/// The violations in a claimed simulation, as `(kind, subject, detail)` rows.
#[pyfunction]
pub fn check_flow<'py>(
    py: Python<'py>,
    jobs: &Jobs,
    servers: usize,
    preempt: &str,
    segments: SegmentClaim<'_>,
    objectives: FlowObjectives<'_>,
) -> Result<Rows<'py>> {
    let preempt = Preempt::from_name(preempt)?;
    let (job, server) = (owned(&segments.job)?, owned(&segments.server)?);
    let (start, end, rate) = (owned(&segments.start)?, owned(&segments.end)?, owned(&segments.rate)?);
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
        names: data.names.as_deref(),
    };
    let found = interruptible(py, |pulse| check::check_flow_interruptible(&claim, pulse))??;
    rows(py, found)
}

/// Independent draws from the distribution of that name.
#[pyfunction]
pub fn draw_sizes<'py>(py: Python<'py>, kind: &str, parameters: Vec<f64>, n: usize, seed: u64) -> Result<Floats<'py>> {
    let distribution = Distribution::from_name(kind, &parameters)?;
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

/// The jobs of a trace in Standard Workload Format as columns by name, and how many jobs are unknown and lines repeat; `path` is for
/// messages.
#[pyfunction]
pub fn read_swf<'py>(py: Python<'py>, bytes: &[u8], path: &str) -> Result<Bound<'py, PyDict>> {
    let read = |pulse: &Pulse| online::swf::read_interruptible(bytes, &mut pulse.clone())?.jobs();
    let jobs = interruptible(py, read)?.map_err(|error| BindError::File(path.to_owned(), Error::Format(error)))?;
    let columns = PyDict::new(py);
    columns.set_item("line", readonly(py, jobs.line))?;
    columns.set_item("job_number", readonly(py, jobs.job_number))?;
    columns.set_item("submit_time", readonly(py, jobs.submit_time))?;
    columns.set_item("run_time", readonly(py, jobs.run_time))?;
    columns.set_item("requested_time", readonly(py, jobs.requested_time))?;
    columns.set_item("unknown", jobs.unknown)?;
    columns.set_item("repeated", jobs.repeated)?;
    Ok(columns)
}
