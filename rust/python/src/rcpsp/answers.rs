//! What goes out to Python for projects: schedules, answers and analyses, by column.

use numpy::PyArray1;
use pyo3::prelude::*;
use schedkit_core::rcpsp;

use crate::anytime::{Objective, Report};
use crate::convert::{by_name, readonly};
use crate::errors::ReasonRow;

pub type Ints<'py> = Bound<'py, PyArray1<i64>>;

/// A schedule, as keyword arguments of `ProjectSchedule`.
pub struct ScheduleColumns<'py> {
    pub start_time: Ints<'py>,
    pub completion_time: Ints<'py>,
    pub makespan: i64,
}
by_name!(ScheduleColumns { start_time, completion_time, makespan });

/// The answer of a search; without a schedule if there is none.
#[derive(IntoPyObject)]
pub struct SolutionColumns<'py> {
    pub schedule: Option<ScheduleColumns<'py>>,
    pub mode: Option<Ints<'py>>,
    pub status: &'static str,
    pub lower_bound: Objective,
    pub num_schedules: u64,
    pub reasons: Vec<ReasonRow>,
    pub report: Report,
}

/// The time analysis, as keyword arguments of `CriticalPath`.
#[derive(IntoPyObject)]
pub struct PathColumns<'py> {
    pub earliest_start: Ints<'py>,
    pub earliest_finish: Ints<'py>,
    pub latest_start: Ints<'py>,
    pub latest_finish: Ints<'py>,
    pub slack: Ints<'py>,
    pub length: i64,
}

/// Many schedules: makespans, and flat start times if they were requested.
#[derive(IntoPyObject)]
pub struct BatchColumns<'py> {
    pub makespan: Ints<'py>,
    pub start_time: Option<Ints<'py>>,
}

/// What a fixed past leaves to plan, and an order with predecessors first.
#[derive(IntoPyObject)]
pub struct RemainingColumns {
    pub unit: i64,
    pub length: i64,
    pub earliest_start: Vec<i64>,
    pub latest_finish: Vec<i64>,
    pub is_possible: bool,
    pub patterns: Vec<Vec<(i64, i64)>>,
    pub pattern_of: Vec<(usize, usize)>,
    pub levels: Vec<(i64, Vec<i64>)>,
    pub order: Vec<u32>,
}

/// The columns of a schedule.
pub fn columns(py: Python<'_>, schedule: rcpsp::Schedule) -> ScheduleColumns<'_> {
    let rcpsp::Schedule { start_time, completion_time, makespan } = schedule;
    ScheduleColumns { start_time: readonly(py, start_time), completion_time: readonly(py, completion_time), makespan }
}
