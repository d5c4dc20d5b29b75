//! Bindings of the checker of streams.

use numpy::PyReadonlyArray1;
use pyo3::prelude::*;
use schedkit_core::check::{self, FlowClaim};
use schedkit_core::names::Named;
use schedkit_core::online::Preempt;

use super::Jobs;
use crate::anytime::interruptible;
use crate::check::{ViolationRows, rows};
use crate::convert::owned;
use crate::errors::Result;

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
) -> Result<ViolationRows<'py>> {
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
