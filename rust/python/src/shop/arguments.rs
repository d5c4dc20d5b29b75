//! What Python gives to shops, and how it becomes what the core takes.

use numpy::{PyReadonlyArray1, PyReadonlyArray2};
use pyo3::prelude::*;
use schedkit_core::calendar::Calendar;
use schedkit_core::names::Named;
use schedkit_core::shop::{Blocking, Breakdowns, Priority, Rule, ShopData};
use schedkit_core::weights::Weights;

use crate::convert::owned;
use crate::errors::Result;

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
pub struct ShopColumns<'py> {
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
    pub fn data(self) -> Result<ShopData> {
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
pub enum PriorityArgument<'py> {
    Rule(String),
    Integers(PyReadonlyArray1<'py, i64>),
    Floats(PyReadonlyArray1<'py, f64>),
}

impl PriorityArgument<'_> {
    /// The numbers, made whole and owned.
    pub fn numbers(&self) -> Result<PriorityNumbers> {
        Ok(match self {
            Self::Rule(name) => PriorityNumbers::Rule(Rule::from_name(name)?),
            Self::Integers(numbers) => PriorityNumbers::Integers(owned(numbers)?),
            Self::Floats(numbers) => PriorityNumbers::Floats(owned(numbers)?),
        })
    }
}

/// A priority with numbers of its own.
pub enum PriorityNumbers {
    Rule(Rule),
    Integers(Vec<i64>),
    Floats(Vec<f64>),
}

impl PriorityNumbers {
    pub fn priority(&self, seed: u64) -> Priority<'_> {
        match self {
            Self::Rule(rule) => Priority::Rule(*rule, seed),
            Self::Integers(numbers) => Priority::Integers(numbers),
            Self::Floats(numbers) => Priority::Floats(numbers),
        }
    }
}

/// Breakdowns as Python has them: columns of machines, starts and ends, or the values that they are drawn from.
#[derive(FromPyObject)]
pub enum BreakdownsArgument<'py> {
    Rows(PyReadonlyArray1<'py, i64>, PyReadonlyArray1<'py, i64>, PyReadonlyArray1<'py, i64>),
    Drawn(Option<f64>, Option<f64>, f64),
}

impl BreakdownsArgument<'_> {
    pub fn breakdowns(&self) -> Result<Breakdowns> {
        Ok(match self {
            Self::Rows(machine, start, end) => Breakdowns::Rows(downtimes(machine, start, end)?),
            Self::Drawn(Some(mean_uptime), _, mean_repair) => {
                Breakdowns::Uptime { mean_uptime: *mean_uptime, mean_repair: *mean_repair }
            }
            Self::Drawn(None, probability, mean_repair) => {
                Breakdowns::Probability { probability: probability.unwrap_or(0.0), mean_repair: *mean_repair }
            }
        })
    }
}

/// Rows of three columns of one length.
fn downtimes(
    machine: &PyReadonlyArray1<'_, i64>,
    start: &PyReadonlyArray1<'_, i64>,
    end: &PyReadonlyArray1<'_, i64>,
) -> Result<Vec<(i64, i64, i64)>> {
    let (start, end) = (owned(start)?, owned(end)?);
    Ok(owned(machine)?.into_iter().zip(start).zip(end).map(|((machine, start), end)| (machine, start, end)).collect())
}

/// Rows of priorities as Python has them.
#[derive(FromPyObject)]
pub enum PriorityRows<'py> {
    Integers(PyReadonlyArray2<'py, i64>),
    Floats(PyReadonlyArray2<'py, f64>),
}
