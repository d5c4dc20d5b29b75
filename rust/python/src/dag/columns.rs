//! Schedules, pasts and runs of tasks, on the way in and out.

use numpy::PyReadonlyArray1;
use pyo3::prelude::*;
use schedkit_core::InputError;
use schedkit_core::check::Run;
use schedkit_core::dag::{self, Past};
use schedkit_core::error::check_length;
use schedkit_core::memory;

use super::{Floats, Ints};
use crate::anytime::Report;
use crate::convert::{by_name, owned, readonly};
use crate::errors::Result;

/// A schedule's columns, as keyword arguments of `DagSchedule`.
pub struct ScheduleColumns<'py> {
    processor: Ints<'py>,
    start_time: Floats<'py>,
    completion_time: Floats<'py>,
    makespan: f64,
    copies: Vec<(usize, u32, f64, f64)>,
}
by_name!(ScheduleColumns { processor, start_time, completion_time, makespan, copies });

impl<'py> ScheduleColumns<'py> {
    pub fn new(py: Python<'py>, schedule: dag::Schedule) -> Self {
        Self {
            processor: readonly(py, schedule.processor.into_iter().map(i64::from).collect()),
            start_time: readonly(py, schedule.start_time),
            completion_time: readonly(py, schedule.completion_time),
            makespan: schedule.makespan,
            copies: schedule.copies.into_iter().map(|copy| (copy.task, copy.processor, copy.start, copy.end)).collect(),
        }
    }
}

/// A `DagSchedule` without copies, by its attributes.
#[derive(FromPyObject)]
pub struct GivenSchedule<'py> {
    processor: PyReadonlyArray1<'py, i64>,
    start_time: PyReadonlyArray1<'py, f64>,
    completion_time: PyReadonlyArray1<'py, f64>,
    makespan: f64,
}

impl GivenSchedule<'_> {
    pub fn schedule(&self) -> Result<dag::Schedule> {
        Ok(dag::Schedule {
            // A negative number becomes one that is too large, which the core refuses.
            processor: owned(&self.processor)?.into_iter().map(|p| u32::try_from(p).unwrap_or(u32::MAX)).collect(),
            start_time: owned(&self.start_time)?,
            completion_time: owned(&self.completion_time)?,
            makespan: self.makespan,
            copies: Vec::new(),
        })
    }
}

/// The answer of a search.
#[derive(IntoPyObject)]
pub struct ImprovedColumns<'py> {
    pub schedule: ScheduleColumns<'py>,
    pub lower_bound: f64,
    pub status: &'static str,
    pub report: Report,
}

/// A row of a past, by its attributes; without an end the task is running and takes what it costs.
#[derive(FromPyObject)]
pub struct FixedRow {
    task: usize,
    processor: usize,
    start: f64,
    end: Option<f64>,
}

pub fn past(graph: &dag::TaskGraph, fixed: &[FixedRow], now: f64) -> std::result::Result<Past, InputError> {
    let row = |row: &FixedRow| dag::FixedRow { task: row.task, processor: row.processor, start: row.start, end: row.end };
    Past::from_rows(graph, &fixed.iter().map(row).collect::<Vec<_>>(), now)
}

/// The runs of tasks, by column.
#[derive(FromPyObject)]
pub struct RunColumns<'py> {
    task: PyReadonlyArray1<'py, i64>,
    processor: PyReadonlyArray1<'py, i64>,
    start: PyReadonlyArray1<'py, f64>,
    end: PyReadonlyArray1<'py, f64>,
}

impl RunColumns<'_> {
    pub fn rows(&self) -> Result<Vec<Run>> {
        let (task, processor) = (self.task.as_slice().map_err(PyErr::from)?, self.processor.as_slice().map_err(PyErr::from)?);
        let (start, end) = (self.start.as_slice().map_err(PyErr::from)?, self.end.as_slice().map_err(PyErr::from)?);
        check_length("processor", processor.len(), task.len())?;
        check_length("start_time", start.len(), task.len())?;
        check_length("completion_time", end.len(), task.len())?;
        let mut rows = memory::with_capacity(task.len())?;
        rows.extend((0..task.len()).map(|k| (task[k], processor[k], start[k], end[k])));
        Ok(rows)
    }
}
