//! Bindings of `schedkit_core::shop`: the shop, dispatching, and the checker.

pub mod environment;

use std::sync::Arc;

use numpy::{PyArray1, PyReadonlyArray1, PyReadonlyArray2, PyUntypedArrayMethods};
use pyo3::prelude::*;
use schedkit_core::calendar::Calendar;
use schedkit_core::check::{self, Claimed, ShopClaim};
use schedkit_core::control::{Limits, Status, Watch};
use schedkit_core::names::Named;
use schedkit_core::parallel;
use schedkit_core::shop::{
    self, Blocking, FixedRow, Horizon, Minimum, Objective, Past, Priority, Rule, Schedule, Scheme, ShopData, Solution,
};
use schedkit_core::total::Total;
use schedkit_core::weights::Weights;

use crate::anytime::{self, Anytime, Report, interruptible};
use crate::check::{Number, ViolationRows, rows};
use crate::convert::{owned, owned_matrix, readonly};
use crate::errors::Result;

type Ints<'py> = Bound<'py, PyArray1<i64>>;

/// Weights as Python has them.
#[derive(FromPyObject)]
enum WeightArgument<'py> {
    Integers(PyReadonlyArray1<'py, i64>),
    Floats(PyReadonlyArray1<'py, f64>),
}

/// A machine and its column of ticks.
type MachineColumn<'py> = (i64, PyReadonlyArray1<'py, i64>);

/// A machine and the steps of its capacity.
type MachineCalendar<'py> = (i64, PyReadonlyArray1<'py, i64>, PyReadonlyArray1<'py, i64>, Option<i64>);

/// The columns of a shop, by name, as they come in; a column of no rows stands for none.
#[derive(FromPyObject)]
#[pyo3(from_item_all)]
struct ShopColumns<'py> {
    job_start: PyReadonlyArray1<'py, i64>,
    choice_start: PyReadonlyArray1<'py, i64>,
    machine: PyReadonlyArray1<'py, i64>,
    duration: PyReadonlyArray1<'py, i64>,
    num_machines: usize,
    release_time: PyReadonlyArray1<'py, i64>,
    due_date: PyReadonlyArray1<'py, i64>,
    weight: Option<WeightArgument<'py>>,
    family: PyReadonlyArray1<'py, i64>,
    setup: Vec<MachineColumn<'py>>,
    initial_setup: Vec<MachineColumn<'py>>,
    transport: PyReadonlyArray1<'py, i64>,
    blocking: Option<String>,
    no_wait: bool,
    calendars: Vec<MachineCalendar<'py>>,
    names: Option<Vec<String>>,
    machine_names: Option<Vec<String>>,
}

impl ShopColumns<'_> {
    fn data(self) -> Result<ShopData> {
        let offsets = |column: &PyReadonlyArray1<'_, i64>| -> Result<Vec<usize>> {
            Ok(owned(column)?.into_iter().map(|offset| usize::try_from(offset).unwrap_or(usize::MAX)).collect())
        };
        let columns = |given: &[MachineColumn<'_>]| -> Result<Vec<(i64, Vec<i64>)>> {
            given.iter().map(|(machine, ticks)| Ok((*machine, owned(ticks)?))).collect()
        };
        let calendar = |(machine, time, capacity, period): &MachineCalendar<'_>| -> Result<(i64, Calendar)> {
            Ok((*machine, Calendar::new(owned(time)?, owned(capacity)?, *period)?))
        };
        Ok(ShopData {
            job_start: offsets(&self.job_start)?,
            choice_start: offsets(&self.choice_start)?,
            machine: owned(&self.machine)?,
            duration: owned(&self.duration)?,
            num_machines: self.num_machines,
            release_time: owned(&self.release_time)?,
            due_date: owned(&self.due_date)?,
            weight: match &self.weight {
                None => Weights::Unit,
                Some(WeightArgument::Integers(weights)) => Weights::Integers(owned(weights)?),
                Some(WeightArgument::Floats(weights)) => Weights::Floats(owned(weights)?),
            },
            family: owned(&self.family)?,
            setup: columns(&self.setup)?,
            initial_setup: columns(&self.initial_setup)?,
            transport: owned(&self.transport)?,
            blocking: self.blocking.as_deref().map_or(Ok(Blocking::None), Blocking::from_name)?,
            no_wait: self.no_wait,
            calendars: self.calendars.iter().map(calendar).collect::<Result<_>>()?,
            names: self.names,
            machine_names: self.machine_names,
        })
    }
}

/// A priority as Python has it: the name of a rule, or a number for each operation.
#[derive(FromPyObject)]
enum PriorityArgument<'py> {
    Rule(String),
    Integers(PyReadonlyArray1<'py, i64>),
    Floats(PyReadonlyArray1<'py, f64>),
}

/// Rows of priorities as Python has them.
#[derive(FromPyObject)]
enum PriorityRows<'py> {
    Integers(PyReadonlyArray2<'py, i64>),
    Floats(PyReadonlyArray2<'py, f64>),
}

/// `(operation, machine, start, end)` of work that has started.
type FixedTuple = (i64, i64, i64, Option<i64>);

/// The columns of a schedule, and its objectives by name.
#[derive(IntoPyObject)]
pub struct ScheduleColumns<'py> {
    machine: Ints<'py>,
    start_time: Ints<'py>,
    completion_time: Ints<'py>,
    objectives: Vec<(&'static str, anytime::Objective)>,
}

/// The answer of a search.
#[derive(IntoPyObject)]
pub struct SolutionColumns<'py> {
    schedule: ScheduleColumns<'py>,
    status: &'static str,
    lower_bound: anytime::Objective,
    num_moves: u64,
    report: Report,
}

/// The values of batches: integers, or floats if the weights are floats.
#[derive(IntoPyObject)]
enum Values<'py> {
    Integers(Ints<'py>),
    Floats(Bound<'py, PyArray1<f64>>),
}

/// A checked shop.
#[pyclass(frozen, module = "schedkit._core")]
pub struct Shop(Arc<shop::Shop>);

impl Shop {
    fn columns<'py>(&self, py: Python<'py>, schedule: Schedule) -> ScheduleColumns<'py> {
        let objectives = Objective::all().map(|(name, objective)| (name, objective.value(&self.0, &schedule).into())).collect();
        ScheduleColumns {
            machine: readonly(py, schedule.machine.into_iter().map(i64::from).collect()),
            start_time: readonly(py, schedule.start_time),
            completion_time: readonly(py, schedule.completion_time),
            objectives,
        }
    }

    fn solution<'py>(
        &self,
        py: Python<'py>,
        schedule: Schedule,
        status: Status,
        lower_bound: Total,
        num_moves: u64,
        report: Report,
    ) -> SolutionColumns<'py> {
        let schedule = self.columns(py, schedule);
        SolutionColumns { schedule, status: status.as_str(), lower_bound: lower_bound.into(), num_moves, report }
    }

    fn past(&self, fixed: &[FixedTuple], now: i64) -> Result<Past> {
        let row = |&(operation, machine, start, end): &FixedTuple| FixedRow { operation, machine, start, end };
        Ok(Past::new(&self.0, &fixed.iter().map(row).collect::<Vec<_>>(), now)?)
    }
}

#[pymethods]
impl Shop {
    #[new]
    fn new(columns: ShopColumns<'_>) -> Result<Self> {
        Ok(Self(Arc::new(shop::Shop::new(columns.data()?)?)))
    }

    /// The schedule by a rule or by numbers.
    fn dispatch<'py>(
        &self,
        py: Python<'py>,
        priority: PriorityArgument<'_>,
        scheme: &str,
        seed: u64,
        fixed: Vec<FixedTuple>,
        now: i64,
    ) -> Result<ScheduleColumns<'py>> {
        let (integers, floats);
        let priority = match &priority {
            PriorityArgument::Rule(name) => Priority::Rule(Rule::from_name(name)?, seed),
            PriorityArgument::Integers(numbers) => {
                integers = owned(numbers)?;
                Priority::Integers(&integers)
            }
            PriorityArgument::Floats(numbers) => {
                floats = owned(numbers)?;
                Priority::Floats(&floats)
            }
        };
        let (scheme, past) = (Scheme::from_name(scheme)?, self.past(&fixed, now)?);
        let schedule = interruptible(py, |pulse| shop::dispatch(&self.0, &priority, scheme, &past, &mut pulse.clone()))??;
        Ok(self.columns(py, schedule))
    }

    /// The values of an objective for each row of priorities.
    fn dispatch_many<'py>(
        &self,
        py: Python<'py>,
        priority: PriorityRows<'_>,
        scheme: &str,
        objective: &str,
    ) -> Result<Bound<'py, PyAny>> {
        let (scheme, objective) = (Scheme::from_name(scheme)?, Objective::from_name(objective)?);
        let width = |shape: &[usize]| {
            let expected = self.0.num_operations();
            let reason = format!("has {} columns, expected {expected}, one for each operation", shape[1]);
            if shape[1] == expected { Ok(shape[0]) } else { Err(schedkit_core::InputError::new("priority", reason)) }
        };
        let n = self.0.num_operations();
        let values = match &priority {
            PriorityRows::Integers(rows) => {
                let (count, numbers) = (width(rows.shape())?, owned_matrix(rows)?);
                let all = (0..count).map(|k| Priority::Integers(&numbers[k * n..(k + 1) * n]));
                interruptible(py, |pulse| shop::dispatch_many(&self.0, all, scheme, objective, &mut pulse.clone()))??
            }
            PriorityRows::Floats(rows) => {
                let (count, numbers) = (width(rows.shape())?, owned_matrix(rows)?);
                let all = (0..count).map(|k| Priority::Floats(&numbers[k * n..(k + 1) * n]));
                interruptible(py, |pulse| shop::dispatch_many(&self.0, all, scheme, objective, &mut pulse.clone()))??
            }
        };
        let integers: Option<Vec<i64>> =
            values.iter().map(|value| if let Total::Integer(value) = value { Some(*value) } else { None }).collect();
        let column = match integers {
            Some(integers) => Values::Integers(readonly(py, integers)),
            None => Values::Floats(readonly(py, values.into_iter().map(Total::as_f64).collect())),
        };
        Ok(column.into_pyobject(py)?.into_any())
    }

    /// A bound on the makespan.
    fn lower_bound(&self, py: Python<'_>) -> i64 {
        py.detach(|| shop::lower_bound(&self.0))
    }

    /// Searches for a schedule of least objective; `start` holds the machines and start times of a feasible one.
    fn solve<'py>(
        &self,
        py: Python<'py>,
        objective: &str,
        start: Option<(PyReadonlyArray1<'_, i64>, PyReadonlyArray1<'_, i64>)>,
        seed: u64,
        threads: Option<usize>,
        anytime: Anytime<'_>,
    ) -> Result<SolutionColumns<'py>> {
        let start = match &start {
            Some((machine, start)) => Some(Schedule::from_starts(&self.0, &owned(machine)?, owned(start)?)?),
            None => None,
        };
        let threads = parallel::resolve(threads);
        let objective = Objective::from_name(objective)?;
        let search = |watch: &mut Watch<'_, Total>, limits: &Limits| {
            shop::minimise(&self.0, objective, start.as_ref(), limits, seed, threads, watch)
        };
        let (found, report) = anytime.run(py, search)?;
        let Minimum { schedule, status, lower_bound, num_moves, .. } = found?;
        Ok(self.solution(py, schedule, status, lower_bound, num_moves, report))
    }

    /// Searches windows of operations one after the other.
    fn roll<'py>(
        &self,
        py: Python<'py>,
        horizon: (usize, usize),
        fixed: Vec<FixedTuple>,
        now: i64,
        seed: u64,
        anytime: Anytime<'_>,
    ) -> Result<SolutionColumns<'py>> {
        let (past, horizon) = (self.past(&fixed, now)?, Horizon { window: horizon.0, step: horizon.1 });
        let (found, report) = anytime.run(py, |watch, limits| shop::roll(&self.0, horizon, &past, limits, seed, watch))?;
        let Solution { schedule, status, lower_bound, num_moves } = found?;
        Ok(self.solution(py, schedule, status, lower_bound.into(), num_moves, report))
    }

    /// The objectives of any schedule that has a place for each operation.
    fn complete<'py>(
        &self,
        py: Python<'py>,
        machine: PyReadonlyArray1<'_, i64>,
        start: PyReadonlyArray1<'_, i64>,
    ) -> Result<ScheduleColumns<'py>> {
        let (machine, start) = (owned(&machine)?, owned(&start)?);
        Ok(self.columns(py, Schedule::from_starts(&self.0, &machine, start)?))
    }

    /// `(kind, subject, detail)` for everything that is wrong.
    #[allow(clippy::too_many_arguments)]
    fn check<'py>(
        &self,
        py: Python<'py>,
        operation: PyReadonlyArray1<'_, i64>,
        machine: PyReadonlyArray1<'_, i64>,
        start: PyReadonlyArray1<'_, i64>,
        end: PyReadonlyArray1<'_, i64>,
        objectives: Vec<(String, Number)>,
        fixed: Vec<FixedTuple>,
        now: i64,
    ) -> Result<ViolationRows<'py>> {
        let (operation, machine, start, end) = (owned(&operation)?, owned(&machine)?, owned(&start)?, owned(&end)?);
        let objectives: Vec<(&str, Claimed)> =
            objectives.iter().map(|(name, claimed)| (name.as_str(), claimed.claimed())).collect();
        let claim = ShopClaim {
            operation: &operation,
            machine: &machine,
            start: &start,
            end: &end,
            objectives: &objectives,
            fixed: &fixed,
            now,
        };
        let found = interruptible(py, |pulse| check::check_shop_interruptible(self.0.data(), &claim, pulse))??;
        rows(py, found)
    }
}

/// `(name, title, notes)` of the rules, in the order in which names are listed.
#[pyfunction]
pub fn shop_rules() -> Vec<(&'static str, &'static str, &'static str)> {
    Rule::all().map(|(name, rule)| (name, rule.entry().title, rule.entry().notes)).collect()
}

/// `(name, title)` of the objectives, in the order in which names are listed.
#[pyfunction]
pub fn shop_objectives() -> Vec<(&'static str, &'static str)> {
    Objective::all().map(|(name, objective)| (name, objective.entry().title)).collect()
}
