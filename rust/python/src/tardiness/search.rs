//! Bindings of the searches: exact, over subsets, and local.

use numpy::PyReadonlyArray1;
use pyo3::prelude::*;
use schedkit_core::memory;
use schedkit_core::parallel;
use schedkit_core::tardiness::{self, Jobs};

use super::{JobColumns, SequenceColumns, fill_sequence, sequence_columns};
use crate::anytime::{Anytime, Objective, Report};
use crate::convert::owned;
use crate::errors::{BindError, Result};

/// The answer of a search.
#[derive(IntoPyObject)]
pub struct SearchColumns<'py> {
    schedule: SequenceColumns<'py>,
    status: &'static str,
    lower_bound: Objective,
    num_moves: u64,
    num_nodes: u64,
    report: Report,
}

/// The columns of a sequence that a search found.
fn columns<'py>(py: Python<'py>, jobs: &Jobs, sequence: &[u32]) -> Result<SequenceColumns<'py>> {
    sequence_columns(py, jobs.len(), |column, columns, _| {
        fill_sequence(column, sequence);
        Ok::<_, BindError>(Some(tardiness::evaluate(jobs, sequence, columns)))
    })
}

/// Exact total tardiness.
#[pyfunction]
pub fn tardiness_solve_exact<'py>(
    py: Python<'py>,
    jobs: JobColumns<'_>,
    memory_limit: Option<usize>,
    anytime: Anytime<'_>,
) -> Result<SearchColumns<'py>> {
    let jobs = jobs.owned()?;
    let jobs = jobs.jobs()?;
    memory::require_items(jobs.len(), 2 * tardiness::BYTES_PER_JOB)?;
    let memory = memory_limit.unwrap_or(tardiness::MEMORY);
    let (found, report) = anytime.run(py, |watch, limits| tardiness::solve_exact(&jobs, limits, memory, watch))?;
    Ok(SearchColumns {
        schedule: columns(py, &jobs, &found.sequence)?,
        status: found.status.as_str(),
        lower_bound: found.lower_bound.into(),
        num_moves: 0,
        num_nodes: found.num_nodes,
        report,
    })
}

/// Exact total weighted tardiness of at most [`tardiness::MOST_JOBS`] jobs.
#[pyfunction]
pub fn tardiness_solve_subsets<'py>(py: Python<'py>, jobs: JobColumns<'_>, anytime: Anytime<'_>) -> Result<SearchColumns<'py>> {
    let jobs = jobs.owned()?;
    let jobs = jobs.jobs()?;
    if jobs.len() <= tardiness::MOST_JOBS {
        memory::require_items(1 << jobs.len(), size_of::<i64>())?;
    }
    let (found, report) = anytime.run(py, |watch, _| tardiness::solve_subsets(&jobs, watch))?;
    let found = found?;
    Ok(SearchColumns {
        schedule: columns(py, &jobs, &found.sequence)?,
        status: found.status.as_str(),
        lower_bound: found.lower_bound.into(),
        num_moves: 0,
        num_nodes: 0,
        report,
    })
}

/// Iterated dynasearch from the better of two starts, each a permutation of the jobs.
#[pyfunction]
pub fn tardiness_improve<'py>(
    py: Python<'py>,
    jobs: JobColumns<'_>,
    start: PyReadonlyArray1<'_, i64>,
    warm_start: Option<PyReadonlyArray1<'_, i64>>,
    seed: u64,
    threads: Option<usize>,
    anytime: Anytime<'_>,
) -> Result<SearchColumns<'py>> {
    let jobs = jobs.owned()?;
    let jobs = jobs.jobs()?;
    let threads = parallel::resolve(threads);
    memory::require_items(jobs.len(), threads.min(64).saturating_add(1) * tardiness::BYTES_PER_JOB)?;
    let warm_start = warm_start.as_ref().map(owned).transpose()?;
    py.check_signals()?;
    let start = tardiness::best_start(&jobs, &owned(&start)?, warm_start.as_deref())?;
    py.check_signals()?;
    let (found, report) = anytime.run(py, |watch, limits| tardiness::improve(&jobs, &start, limits, seed, threads, watch))?;
    Ok(SearchColumns {
        schedule: columns(py, &jobs, &found.sequence)?,
        status: found.status.as_str(),
        lower_bound: found.lower_bound.into(),
        num_moves: found.num_moves,
        num_nodes: 0,
        report,
    })
}
