//! Bindings of `schedkit_core::tardiness` for batches.

use numpy::PyReadonlyArray1;
use pyo3::IntoPyObject;
use pyo3::exceptions::PyMemoryError;
use pyo3::prelude::*;
use pyo3::types::PyTuple;
use schedkit_core::names::Named;
use schedkit_core::parallel;
use schedkit_core::tardiness::{self, Rows, Rule, Summary, Table, Total, Weights};

use crate::anytime::interruptible;
use crate::convert::readonly;
use crate::errors::Result;
use crate::spare::{INTEGERS, column};
use crate::tardiness::{Output, Schedule, WeightArgument};

/// Rows without jobs take no memory, but their answers do: no more of them than this.
const EMPTY_ROWS: usize = 10_000_000;

/// Runs a rule on the rows of flat matrices, `width` jobs each.
#[pyfunction]
#[allow(clippy::too_many_arguments)]
pub fn tardiness_rule_many<'py>(
    py: Python<'py>,
    rule: &str,
    k: f64,
    processing_time: PyReadonlyArray1<'_, i64>,
    due_date: PyReadonlyArray1<'_, i64>,
    weight: Option<WeightArgument<'_>>,
    shape: (usize, usize),
    threads: Option<usize>,
) -> Result<Schedule<'py>> {
    let rule = Rule::from_name(rule)?.with_look_ahead(k)?;
    if shape.1 == 0 && shape.0 > EMPTY_ROWS {
        return Err(PyMemoryError::new_err(format!("cannot hold the numbers of {} instances without jobs", shape.0)).into());
    }
    // No copies here: the core copies each row before it looks at it.
    let (p, d) = (processing_time.as_slice().map_err(PyErr::from)?, due_date.as_slice().map_err(PyErr::from)?);
    let w = match &weight {
        None => Weights::Unit,
        Some(WeightArgument::Integers(w)) => Weights::Integers(w.as_slice().map_err(PyErr::from)?),
        Some(WeightArgument::Floats(w)) => Weights::Floats(w.as_slice().map_err(PyErr::from)?),
    };
    let rows = Rows { count: shape.0, width: shape.1, processing_time: p, due_date: d, weight: w };
    let floats = matches!(w, Weights::Floats(_));
    let threads = parallel::resolve(threads);
    if threads == 1 {
        let room = || INTEGERS.buffer(p.len());
        let mut table =
            Table { sequence: room()?, start_time: room()?, completion_time: room()?, lateness: room()?, tardiness: room()? };
        let summaries = interruptible(py, |pulse| tardiness::run_rows(rule, rows, pulse, &mut table))??;
        let Table { sequence, start_time, completion_time, lateness, tardiness } = table;
        let of = |values| column(py, values);
        let columns = [of(sequence)?, of(start_time)?, of(completion_time)?, of(lateness)?, of(tardiness)?];
        return Ok((columns, many_summaries(py, &summaries, floats)?));
    }
    let output = Output::new(py, p.len())?;
    let summaries = output.fill(py, |answers, pulse| tardiness::run_many(rule, rows, threads, pulse, answers))??;
    Ok(output.finish(many_summaries(py, &summaries, floats)?))
}

fn many_summaries<'py>(py: Python<'py>, all: &[Summary], floats: bool) -> Result<Bound<'py, PyTuple>> {
    let column = |of: fn(&Summary) -> i64| readonly(py, all.iter().map(of).collect());
    let integer = |s: &Summary| if let Total::Integer(total) = s.total_weighted_tardiness { total } else { 0 };
    let float = |s: &Summary| if let Total::Float(total) = s.total_weighted_tardiness { total } else { 0.0 };
    let weighted = if floats {
        readonly(py, all.iter().map(float).collect()).into_any()
    } else {
        readonly(py, all.iter().map(integer).collect()).into_any()
    };
    let columns = (
        column(|s| s.total_tardiness),
        weighted,
        column(|s| s.max_lateness),
        column(|s| s.max_tardiness),
        column(|s| s.num_tardy),
    );
    Ok(columns.into_pyobject(py)?)
}
