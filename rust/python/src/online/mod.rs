//! Bindings of `schedkit_core::online`: the stream of jobs and its simulation.

pub mod check;
pub mod policy;
pub mod workload;

use numpy::{PyArray1, PyReadonlyArray1};
use pyo3::prelude::*;
use schedkit_core::error::check_length;
use schedkit_core::names::Named;
use schedkit_core::online::{self, Flow, JobsData, Options, Preempt, Totals};

use crate::anytime::interruptible;
use crate::convert::{owned, readonly};
use crate::errors::Result;
use policy::{OnlinePolicy, PythonPolicy};

type Floats<'py> = Bound<'py, PyArray1<f64>>;
type Ints<'py> = Bound<'py, PyArray1<i64>>;

/// The validated stream of jobs.
#[pyclass(frozen, module = "schedkit._core")]
pub struct Jobs(online::Jobs);

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
            release_time: owned(&release_time)?,
            operation: owned(&operation)?,
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
    ) -> Result<FlowColumns<'py>> {
        let options = options(servers, preempt, switch_cost, segments)?;
        Ok(flow_columns(py, interruptible(py, |pulse| online::simulate_interruptible(&self.0, &policy.0, &options, pulse))??))
    }

    /// Total flow time, weighted total, and the largest flow time of these completion times.
    fn totals(&self, py: Python<'_>, completion_time: PyReadonlyArray1<'_, f64>) -> Result<TotalColumns> {
        let completion_time = completion_time.as_slice().map_err(PyErr::from)?;
        check_length("completion_time", completion_time.len(), self.0.len())?;
        let Totals { flow_time, weighted_flow_time, max_flow_time } = py.detach(|| Totals::of(&self.0, completion_time));
        Ok(TotalColumns { total_flow_time: flow_time, total_weighted_flow_time: weighted_flow_time, max_flow_time })
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
    ) -> Result<FlowColumns<'py>> {
        let options = options(servers, preempt, switch_cost, segments)?;
        let mut raised = None;
        let policy = PythonPolicy { rank, review, raised: &mut raised };
        let flow = online::simulate_custom(&self.0, policy, information, &options)?;
        if let Some(error) = raised {
            return Err(error.into());
        }
        Ok(flow_columns(py, flow))
    }
}

/// The work done, piece by piece.
#[derive(IntoPyObject)]
struct SegmentColumns<'py> {
    job: Ints<'py>,
    server: Ints<'py>,
    start: Floats<'py>,
    end: Floats<'py>,
    rate: Floats<'py>,
}

/// A simulated stream.
#[derive(IntoPyObject)]
struct FlowColumns<'py> {
    completion_time: Floats<'py>,
    num_preemptions: u64,
    segments: Option<SegmentColumns<'py>>,
}

fn flow_columns(py: Python<'_>, flow: Flow) -> FlowColumns<'_> {
    FlowColumns {
        completion_time: readonly(py, flow.completion_time),
        num_preemptions: flow.num_preemptions,
        segments: flow.segments.map(|s| SegmentColumns {
            job: readonly(py, s.job),
            server: readonly(py, s.server),
            start: readonly(py, s.start),
            end: readonly(py, s.end),
            rate: readonly(py, s.rate),
        }),
    }
}

/// Sums over the jobs of a stream.
#[derive(IntoPyObject)]
#[allow(clippy::struct_field_names)] // the names that users give
struct TotalColumns {
    total_flow_time: f64,
    total_weighted_flow_time: f64,
    max_flow_time: f64,
}
