//! Bindings of random workloads and of traces.

use numpy::PyReadonlyArray1;
use pyo3::prelude::*;
use schedkit_core::control::Pulse;
use schedkit_core::online::{self, workload, workload::Distribution};

use super::{Floats, Ints};
use crate::anytime::interruptible;
use crate::convert::{owned, readonly};
use crate::errors::{BindError, Result};

/// Independent draws from the distribution of that name.
#[pyfunction]
pub fn draw_sizes<'py>(py: Python<'py>, kind: &str, parameters: Vec<f64>, n: usize, seed: u64) -> Result<Floats<'py>> {
    let distribution = Distribution::new(kind, &parameters)?;
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

/// The jobs of a trace as columns by name, and how many jobs are unknown and lines repeat.
#[derive(IntoPyObject)]
pub struct TraceColumns<'py> {
    line: Ints<'py>,
    job_number: Ints<'py>,
    submit_time: Floats<'py>,
    run_time: Floats<'py>,
    requested_time: Floats<'py>,
    unknown: usize,
    repeated: usize,
}

/// The jobs of a trace in Standard Workload Format; `path` is for messages.
#[pyfunction]
pub fn read_swf<'py>(py: Python<'py>, bytes: &[u8], path: &str) -> Result<TraceColumns<'py>> {
    let read = |pulse: &Pulse| online::swf::read_interruptible(bytes, &mut pulse.clone())?.jobs();
    let jobs = interruptible(py, read)?.map_err(|error| BindError::File(path.to_owned(), error))?;
    Ok(TraceColumns {
        line: readonly(py, jobs.line),
        job_number: readonly(py, jobs.job_number),
        submit_time: readonly(py, jobs.submit_time),
        run_time: readonly(py, jobs.run_time),
        requested_time: readonly(py, jobs.requested_time),
        unknown: jobs.unknown,
        repeated: jobs.repeated,
    })
}
