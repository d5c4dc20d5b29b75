//! Bindings of the rules, for one instance and for batches.

use numpy::PyArray1;
use pyo3::exceptions::PyMemoryError;
use pyo3::prelude::*;
use schedkit_core::memory;
use schedkit_core::names::Named;
use schedkit_core::parallel;
use schedkit_core::tardiness::{self, InstanceRows, Rule, Summary, Table, Total, Weights};

use super::{Ints, JobColumns, SequenceColumns, WeightArgument, fill_sequence, sequence_columns};
use crate::anytime::{deadline, interruptible, limited};
use crate::buffer_pool::{buffer, column};
use crate::convert::readonly;
use crate::errors::{BindError, Result};

/// Rows without jobs take no memory, but their answers do: no more of them than this.
const EMPTY_ROWS: usize = 10_000_000;

/// An entry of the table of rules.
#[derive(IntoPyObject)]
pub struct RuleColumns {
    name: &'static str,
    title: &'static str,
    notes: &'static str,
    cost: &'static str,
    source: &'static str,
    example: ([u32; 6], i64),
}

/// The table of rules, in the order in which names are listed.
#[pyfunction]
pub fn tardiness_rules() -> Vec<RuleColumns> {
    let columns = |(name, rule): (_, Rule)| {
        let &tardiness::RuleEntry { title, notes, cost, source, example, .. } = rule.entry();
        RuleColumns { name, title, notes, cost, source, example }
    };
    Rule::all().map(columns).collect()
}

/// Runs a rule on one instance.
#[pyfunction]
pub fn tardiness_rule<'py>(py: Python<'py>, rule: &str, k: f64, jobs: JobColumns<'_>) -> Result<SequenceColumns<'py>> {
    let rule = Rule::from_name(rule)?.with_look_ahead(k)?;
    let jobs = jobs.owned()?;
    let jobs = jobs.jobs()?;
    memory::require_items(jobs.len(), tardiness::BYTES_PER_JOB + 5 * size_of::<i64>())?;
    sequence_columns(py, jobs.len(), |sequence, columns, pulse| {
        let mut scratch = tardiness::Scratch::with_pulse(pulse.clone());
        rule.run(&jobs, &mut scratch);
        if pulse.stopped() {
            return Ok::<_, BindError>(None);
        }
        fill_sequence(sequence, &scratch.sequence);
        Ok(tardiness::evaluate_interruptible(&jobs, &scratch.sequence, columns, pulse))
    })
}

/// The sequence of a rule, nothing else. What it has not scheduled after so many seconds follows in order of due dates.
#[pyfunction]
pub fn tardiness_start<'py>(py: Python<'py>, rule: &str, jobs: JobColumns<'_>, seconds: Option<f64>) -> Result<Ints<'py>> {
    let rule = Rule::from_name(rule)?;
    let deadline = deadline(seconds);
    let jobs = jobs.owned()?;
    let jobs = jobs.jobs()?;
    memory::require_items(jobs.len(), tardiness::BYTES_PER_JOB)?;
    let sequence = interruptible(py, |pulse| {
        let mut scratch = tardiness::Scratch::with_pulse(limited(pulse, deadline, None));
        rule.start(&jobs, &mut scratch);
        scratch.sequence.into_iter().map(i64::from).collect()
    })?;
    Ok(readonly(py, sequence))
}

/// The columns of the sequences of a batch, flat, and one objective for each; as keyword arguments of `SequenceSchedule`.
#[derive(IntoPyObject)]
pub struct BatchColumns<'py> {
    sequence: Ints<'py>,
    start_time: Ints<'py>,
    completion_time: Ints<'py>,
    lateness: Ints<'py>,
    tardiness: Ints<'py>,
    total_tardiness: Ints<'py>,
    total_weighted_tardiness: TotalColumn<'py>,
    max_lateness: Ints<'py>,
    max_tardiness: Ints<'py>,
    num_tardy: Ints<'py>,
}

/// Totals in the type of the weights.
#[derive(IntoPyObject)]
enum TotalColumn<'py> {
    Integers(Ints<'py>),
    Floats(Bound<'py, PyArray1<f64>>),
}

/// Runs a rule on the rows of flat matrices, `shape.1` jobs each.
#[pyfunction]
pub fn tardiness_rule_many<'py>(
    py: Python<'py>,
    rule: &str,
    k: f64,
    jobs: JobColumns<'_>,
    shape: (usize, usize),
    threads: Option<usize>,
) -> Result<BatchColumns<'py>> {
    let rule = Rule::from_name(rule)?.with_look_ahead(k)?;
    if shape.1 == 0 && shape.0 > EMPTY_ROWS {
        return Err(PyMemoryError::new_err(format!("cannot hold the numbers of {} instances without jobs", shape.0)).into());
    }
    // No copies here: the core copies each row before it looks at it.
    let processing_time = jobs.processing_time.as_slice().map_err(PyErr::from)?;
    let due_date = jobs.due_date.as_slice().map_err(PyErr::from)?;
    let weight = match &jobs.weight {
        None => Weights::Unit,
        Some(WeightArgument::Integers(w)) => Weights::Integers(w.as_slice().map_err(PyErr::from)?),
        Some(WeightArgument::Floats(w)) => Weights::Floats(w.as_slice().map_err(PyErr::from)?),
    };
    let rows = InstanceRows { count: shape.0, width: shape.1, processing_time, due_date, weight };
    let room = || buffer(processing_time.len());
    memory::require_items(processing_time.len(), 5 * size_of::<i64>())?;
    let mut table =
        Table { sequence: room()?, start_time: room()?, completion_time: room()?, lateness: room()?, tardiness: room()? };
    let threads = parallel::resolve(threads);
    let all = interruptible(py, |pulse| tardiness::run_many(rule, rows, threads, pulse, &mut table))??;
    let number = |of: fn(&Summary) -> i64| readonly(py, all.iter().map(of).collect());
    let integer = |s: &Summary| if let Total::Integer(total) = s.total_weighted_tardiness { total } else { 0 };
    Ok(BatchColumns {
        sequence: column(py, table.sequence)?,
        start_time: column(py, table.start_time)?,
        completion_time: column(py, table.completion_time)?,
        lateness: column(py, table.lateness)?,
        tardiness: column(py, table.tardiness)?,
        total_tardiness: number(|s| s.total_tardiness),
        total_weighted_tardiness: match weight {
            Weights::Floats(_) => {
                TotalColumn::Floats(readonly(py, all.iter().map(|s| s.total_weighted_tardiness.as_f64()).collect()))
            }
            Weights::Unit | Weights::Integers(_) => TotalColumn::Integers(readonly(py, all.iter().map(integer).collect())),
        },
        max_lateness: number(|s| s.max_lateness),
        max_tardiness: number(|s| s.max_tardiness),
        num_tardy: number(|s| s.num_tardy),
    })
}
