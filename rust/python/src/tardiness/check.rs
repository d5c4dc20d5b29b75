//! Bindings of the checker of sequences.

use numpy::PyReadonlyArray1;
use pyo3::prelude::*;
use schedkit_core::check::{self, SequenceClaim, SequenceProblem};

use super::JobColumns;
use crate::anytime::interruptible;
use crate::check::{Number, ViolationRows, rows};
use crate::convert::owned;
use crate::errors::Result;

/// A claimed schedule, attribute by attribute.
#[derive(FromPyObject)]
pub struct Claim<'py> {
    sequence: PyReadonlyArray1<'py, i64>,
    start_time: Option<PyReadonlyArray1<'py, i64>>,
    completion_time: Option<PyReadonlyArray1<'py, i64>>,
    lateness: Option<PyReadonlyArray1<'py, i64>>,
    tardiness: Option<PyReadonlyArray1<'py, i64>>,
    total_tardiness: Option<i64>,
    total_weighted_tardiness: Option<Number>,
    max_lateness: Option<i64>,
    max_tardiness: Option<i64>,
    num_tardy: Option<i64>,
    /// Names of the jobs.
    names: Option<Vec<String>>,
}

/// `(kind, subject, detail)` for everything that is wrong; columns by job have the length of the instance.
#[pyfunction]
pub fn check_sequence<'py>(py: Python<'py>, jobs: JobColumns<'_>, claim: Claim<'_>) -> Result<ViolationRows<'py>> {
    let copy = |column: &Option<PyReadonlyArray1<'_, i64>>| column.as_ref().map(owned).transpose();
    let jobs = jobs.owned()?;
    let (sequence, start, end) = (owned(&claim.sequence)?, copy(&claim.start_time)?, copy(&claim.completion_time)?);
    let (lateness, late) = (copy(&claim.lateness)?, copy(&claim.tardiness)?);
    let problem = SequenceProblem {
        processing_time: &jobs.processing_time,
        due_date: &jobs.due_date,
        weight: jobs.weight.view(),
        names: claim.names.as_deref(),
    };
    let judged = SequenceClaim {
        sequence: &sequence,
        times: start.as_deref().zip(end.as_deref()),
        lateness: lateness.as_deref(),
        tardiness: late.as_deref(),
        total_tardiness: claim.total_tardiness,
        total_weighted_tardiness: claim.total_weighted_tardiness.map(Number::claimed),
        max_lateness: claim.max_lateness,
        max_tardiness: claim.max_tardiness,
        num_tardy: claim.num_tardy,
    };
    let found = interruptible(py, |pulse| check::check_sequence_interruptible(&problem, &judged, pulse))??;
    rows(py, found)
}
