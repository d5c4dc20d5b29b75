//! Bindings of `schedkit_core::check`.

use numpy::PyReadonlyArray1;
use pyo3::prelude::*;
use pyo3::types::PyTuple;
use schedkit_core::check::{self, Claimed, ProjectClaim, Violation};

use crate::anytime::interruptible;
use crate::convert::owned;
use crate::errors::Result;
use crate::rcpsp::Project;

/// `(kind, subject, detail)` rows.
pub type ViolationRows<'py> = Vec<(&'static str, Bound<'py, PyTuple>, String)>;

/// A number as Python has it.
#[derive(FromPyObject, Clone, Copy)]
pub enum Number {
    Integer(i64),
    Float(f64),
}

impl Number {
    /// The number as a claim.
    pub fn claimed(self) -> Claimed {
        match self {
            Self::Integer(claimed) => Claimed::Integer(claimed),
            Self::Float(claimed) => Claimed::Float(claimed),
        }
    }
}

/// `(kind, subject, detail)` for everything that is wrong.
#[pyfunction]
#[allow(clippy::too_many_arguments)]
pub fn check_project<'py>(
    py: Python<'py>,
    project: &Project,
    activity: PyReadonlyArray1<'_, i64>,
    start: PyReadonlyArray1<'_, i64>,
    end: PyReadonlyArray1<'_, i64>,
    mode: Option<PyReadonlyArray1<'_, i64>>,
    makespan: Option<i64>,
    objectives: Vec<(String, Number)>,
    fixed: Vec<(i64, i64, Option<i64>)>,
    now: i64,
) -> Result<ViolationRows<'py>> {
    let (activity, start, end) = (owned(&activity)?, owned(&start)?, owned(&end)?);
    let objectives: Vec<(&str, Claimed)> = objectives.iter().map(|(name, claimed)| (name.as_str(), claimed.claimed())).collect();
    let (start, end) = (&start[..], &end[..]);
    let mode = mode.as_ref().map(owned).transpose()?;
    let mode = mode.as_deref();
    let claim = ProjectClaim { activity: &activity, start, end, mode, makespan, objectives: &objectives, fixed: &fixed, now };
    let found = interruptible(py, |pulse| check::check_project_interruptible(project.core().data(), &claim, pulse))??;
    rows(py, found)
}

/// Violations as rows.
pub fn rows(py: Python<'_>, violations: Vec<Violation>) -> Result<ViolationRows<'_>> {
    violations.into_iter().map(|v| Ok((v.kind.as_str(), PyTuple::new(py, v.subject)?, v.detail))).collect()
}
