//! Bindings of `schedkit_core::rcpsp::ramp`.

use numpy::PyArray1;
use pyo3::prelude::*;
use schedkit_core::names::Named;
use schedkit_core::rcpsp::ramp::{self, Flavour, Settings};

use crate::anytime::interruptible;
use crate::convert::readonly;
use crate::errors::Result;
use crate::rcpsp::Project;

/// `(level, project, start times of the witness)`.
type Row<'py> = (usize, Project, Bound<'py, PyArray1<i64>>);

/// One row a level; `counts` are tasks, levels, layers and resources, `shares` windowed, slack, downtime, disjunctive and the
/// witness's ratio.
#[pyfunction]
pub fn ramp_generate<'py>(
    py: Python<'py>,
    counts: (usize, usize, usize, usize),
    max_duration: i64,
    shares: (f64, f64, f64, f64, f64),
    flavour: &str,
    seed: u64,
) -> Result<Vec<Row<'py>>> {
    let settings = Settings {
        num_tasks: counts.0,
        num_levels: counts.1,
        num_layers: counts.2,
        num_resources: counts.3,
        max_duration,
        windowed: shares.0,
        slack: shares.1,
        downtime: shares.2,
        disjunctive: shares.3,
        witness_ratio: shares.4,
        flavour: Flavour::from_name(flavour)?,
    };
    let instances = interruptible(py, |pulse| ramp::generate_interruptible(&settings, seed, &mut pulse.clone()))??;
    let row = |i: ramp::Instance| (i.level, Project::from_core(i.project), readonly(py, i.witness.start_time));
    Ok(instances.into_iter().map(row).collect())
}
