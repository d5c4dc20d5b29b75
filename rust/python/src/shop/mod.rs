//! Bindings of `schedkit_core::shop`: the shop, dispatching, and the checker.

mod arguments;
pub mod environment;

use std::sync::Arc;

use numpy::{PyArray1, PyReadonlyArray1, PyUntypedArrayMethods};
use pyo3::prelude::*;
use schedkit_core::check::{self, Claimed, ShopClaim};
use schedkit_core::control::{Limits, Pulse, Status, Watch};
use schedkit_core::names::Named;
use schedkit_core::parallel;
use schedkit_core::shop::{
    self, FixedRow, Horizon, Interrupted, Minimum, Objective, Past, Priority, Rule, Schedule, Scheme, Simulation, Solution,
};
use schedkit_core::total::Total;

use crate::anytime::{self, Anytime, Report, interruptible};
use crate::check::{Number, ViolationRows, rows};
use crate::convert::{owned, owned_matrix, readonly};
use crate::errors::Result;
use arguments::{BreakdownsArgument, PriorityArgument, PriorityRows, ShopColumns};

type Ints<'py> = Bound<'py, PyArray1<i64>>;

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

/// What happened in a simulation.
#[derive(IntoPyObject)]
pub struct SimulationColumns<'py> {
    schedule: ScheduleColumns<'py>,
    down_machine: Ints<'py>,
    down_start: Ints<'py>,
    down_end: Ints<'py>,
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
        let numbers = priority.numbers()?;
        let priority = numbers.priority(seed);
        let (scheme, past) = (Scheme::from_name(scheme)?, self.past(&fixed, now)?);
        let schedule = interruptible(py, |pulse| shop::dispatch(&self.0, &priority, scheme, &past, &mut pulse.clone()))??;
        Ok(self.columns(py, schedule))
    }

    /// What happens by a rule or numbers while machines stop and come back.
    fn simulate<'py>(
        &self,
        py: Python<'py>,
        priority: PriorityArgument<'_>,
        breakdowns: BreakdownsArgument<'_>,
        interrupted: &str,
        seed: u64,
    ) -> Result<SimulationColumns<'py>> {
        let (numbers, breakdowns) = (priority.numbers()?, breakdowns.breakdowns()?);
        let (priority, interrupted) = (numbers.priority(seed), Interrupted::from_name(interrupted)?);
        let simulated = |pulse: &Pulse| shop::simulate(&self.0, &priority, &breakdowns, interrupted, seed, &mut pulse.clone());
        let Simulation { schedule, down } = interruptible(py, simulated)??;
        Ok(SimulationColumns {
            schedule: self.columns(py, schedule),
            down_machine: readonly(py, down.iter().map(|down| down.machine as i64).collect()),
            down_start: readonly(py, down.iter().map(|down| down.start).collect()),
            down_end: readonly(py, down.iter().map(|down| down.end).collect()),
        })
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
        down: Vec<(i64, i64, i64)>,
        restart: bool,
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
            down: &down,
            restart,
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
