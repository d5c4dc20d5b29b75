//! Bindings of `schedkit_core::rcpsp::ramp`.

use numpy::PyArray1;
use pyo3::prelude::*;
use schedkit_core::names::Named;
use schedkit_core::rcpsp::ramp::{self, Flavour, Settings};

use crate::anytime::interruptible;
use crate::convert::readonly;
use crate::errors::Result;
use crate::rcpsp::Project;

/// The settings of a ramp, by name.
#[derive(FromPyObject)]
#[pyo3(from_item_all)]
pub struct RampSettings {
    num_tasks: usize,
    num_levels: usize,
    num_layers: usize,
    num_resources: usize,
    max_duration: i64,
    windowed: f64,
    slack: f64,
    downtime: f64,
    disjunctive: f64,
    witness_ratio: f64,
    flavour: String,
}

/// A level of a ramp.
#[derive(IntoPyObject)]
pub struct RampLevel<'py> {
    level: usize,
    project: Project,
    /// Start times of the witness.
    start_time: Bound<'py, PyArray1<i64>>,
}

/// One instance for each level.
#[pyfunction]
pub fn ramp_generate(py: Python<'_>, settings: RampSettings, seed: u64) -> Result<Vec<RampLevel<'_>>> {
    let settings = Settings {
        num_tasks: settings.num_tasks,
        num_levels: settings.num_levels,
        num_layers: settings.num_layers,
        num_resources: settings.num_resources,
        max_duration: settings.max_duration,
        windowed: settings.windowed,
        slack: settings.slack,
        downtime: settings.downtime,
        disjunctive: settings.disjunctive,
        witness_ratio: settings.witness_ratio,
        flavour: Flavour::from_name(&settings.flavour)?,
    };
    let instances = interruptible(py, |pulse| ramp::generate_interruptible(&settings, seed, &mut pulse.clone()))??;
    let level = |i: ramp::Instance| RampLevel {
        level: i.level,
        project: Project::from_core(i.project),
        start_time: readonly(py, i.witness.start_time),
    };
    Ok(instances.into_iter().map(level).collect())
}
