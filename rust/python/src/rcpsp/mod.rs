//! Bindings of `schedkit_core::rcpsp`.

mod answers;
mod arguments;

use numpy::{PyArray2, PyArrayMethods, PyReadonlyArray1, PyReadonlyArray2, PyUntypedArrayMethods};
use pyo3::prelude::*;
use pyo3::types::PyDict;
use schedkit_core::control::{Pulse, Status};
use schedkit_core::memory;
use schedkit_core::names::Named;
use schedkit_core::parallel;
use schedkit_core::rcpsp::{self, Calendar, Key, Options, Past, Priority, Rule, Scheme, format};

use crate::anytime::{Anytime, interruptible};
use crate::constraints;
use crate::convert::{owned, readonly, zeros};
use crate::errors::{BindError, ReasonRow, Result, reason_rows};
use answers::{BatchColumns, Ints, PathColumns, RemainingColumns, ScheduleColumns, SolutionColumns, columns};
use arguments::{FixedRow, PriorityArgument, ProjectArguments};

/// Name and title of each priority rule.
#[pyfunction]
pub fn priority_rules() -> Vec<(&'static str, &'static str)> {
    Rule::all().map(|(name, rule)| (name, rule.entry().title)).collect()
}

/// Name and title of each objective, and whether it counts from due dates.
#[pyfunction]
pub fn project_objectives() -> Vec<(&'static str, &'static str, bool)> {
    let entries = rcpsp::Objective::all().map(|(_, objective)| objective.entry());
    entries.map(|entry| (entry.name, entry.title, entry.needs_due_dates)).collect()
}

/// Judges the columns of a calendar.
#[pyfunction]
pub fn check_calendar(time: PyReadonlyArray1<'_, i64>, capacity: PyReadonlyArray1<'_, i64>, period: Option<i64>) -> Result<()> {
    Calendar::new(owned(&time)?, owned(&capacity)?, period)?;
    Ok(())
}

/// Bytes that a name takes on its way to Python, its letters not counted.
const BYTES_PER_NAME: usize = 120;

/// The validated project.
#[pyclass(frozen, module = "schedkit._core")]
pub struct Project(rcpsp::Project);

#[pymethods]
impl Project {
    /// Columns of constraints may be absent.
    #[new]
    fn new(columns: &Bound<'_, PyDict>) -> Result<Self> {
        let py = columns.py();
        let (mut data, n) = columns.extract::<ProjectArguments<'_>>()?.data()?;
        for constraint in &rcpsp::CONSTRAINTS {
            if let Some(value) = columns.get_item(constraint.name)? {
                constraints::fill(constraint.name, (constraint.column_mut)(&mut data), &value, n)?;
            }
        }
        let build = |pulse: &Pulse| rcpsp::Project::new_interruptible(data, &mut pulse.clone());
        Ok(Self(interruptible(py, build)??))
    }

    /// Reads the content of a file; the format is told by content unless it is named. `path` is for messages.
    #[staticmethod]
    fn read(py: Python<'_>, bytes: &[u8], path: &str, format: Option<&str>) -> Result<Self> {
        let format = format.map(format::Format::from_name).transpose()?;
        let project = interruptible(py, |pulse| format::read_interruptible(bytes, format, &mut pulse.clone()))?;
        project.map(Self).map_err(|error| BindError::File(path.to_owned(), error))
    }

    /// All columns by name and complete; matrices as flat arrays.
    fn columns<'py>(&self, py: Python<'py>) -> Result<Bound<'py, PyDict>> {
        let (data, columns) = (self.0.data(), PyDict::new(py));
        let names = [&data.names, &data.resource_names].into_iter().flatten();
        memory::require(names.flatten().map(|name| BYTES_PER_NAME + 2 * name.len()).sum())?;
        let mut precedence = memory::with_capacity(2 * data.precedence.len())?;
        precedence.extend(data.precedence.iter().flat_map(|&(i, j)| [i64::from(i), i64::from(j)]));
        let (duration, demand) = self.0.modes().map_or((&data.duration, &data.demand), |modes| (&modes.duration, &modes.demand));
        columns.set_item("duration", readonly(py, memory::copied(duration)?))?;
        columns.set_item("demand", readonly(py, memory::copied(demand)?))?;
        let activity = self.0.modes().map(|modes| readonly(py, modes.activity.iter().map(|&i| i64::from(i)).collect()));
        columns.set_item("activity", activity)?;
        let stocks = self.0.modes().map(|modes| readonly(py, modes.nonrenewable.clone()));
        columns.set_item("nonrenewable", stocks)?;
        let used = self.0.modes().map(|modes| readonly(py, modes.consumption.clone()));
        columns.set_item("consumption", used)?;
        for (name, values) in [
            ("storage", &data.stores.storage),
            ("initial", &data.stores.initial),
            ("taken", &data.stores.taken),
            ("given", &data.stores.given),
        ] {
            let values = self.0.has_stores().then(|| memory::copied(values)).transpose()?;
            columns.set_item(name, values.map(|values| readonly(py, values)))?;
        }
        columns.set_item("capacity", readonly(py, memory::copied(&data.capacity)?))?;
        columns.set_item("precedence", readonly(py, precedence))?;
        for constraint in &rcpsp::CONSTRAINTS {
            columns.set_item(constraint.name, constraints::shown(py, (constraint.column)(data))?)?;
        }
        columns.set_item("names", data.names.clone())?;
        columns.set_item("resource_names", data.resource_names.clone())?;
        Ok(columns)
    }

    /// The schedule in which each activity starts at `start_time`.
    fn complete<'py>(&self, py: Python<'py>, start_time: PyReadonlyArray1<'_, i64>) -> Result<ScheduleColumns<'py>> {
        Ok(columns(py, self.0.blanked(rcpsp::Schedule::from_starts(&self.0, owned(&start_time)?))))
    }

    /// The project in which every activity has one mode, that of a row, or does not run, where that is -1.
    fn in_modes(&self, mode: PyReadonlyArray1<'_, i64>) -> Result<Self> {
        Ok(Self(self.0.in_modes(&owned(&mode)?)?))
    }

    /// The rows of the modes that one pass takes if none are given.
    fn first_modes<'py>(&self, py: Python<'py>) -> Result<Ints<'py>> {
        Ok(readonly(py, py.detach(|| rcpsp::first_modes(&self.0))?))
    }

    fn write_psplib(&self) -> Result<String> {
        Ok(format::write_psplib(&self.0)?)
    }

    fn write_rcpsp_max(&self) -> Result<String> {
        Ok(format::write_rcpsp_max(&self.0)?)
    }

    fn write_storage(&self) -> Result<String> {
        Ok(format::write_storage(&self.0)?)
    }

    fn write_json(&self) -> Result<String> {
        Ok(format::write_json(&self.0)?)
    }

    fn critical_path<'py>(&self, py: Python<'py>) -> Result<PathColumns<'py>> {
        let c = interruptible(py, |pulse| rcpsp::critical_path(&self.0, pulse))??;
        Ok(PathColumns {
            earliest_start: readonly(py, c.earliest_start),
            earliest_finish: readonly(py, c.earliest_finish),
            latest_start: readonly(py, c.latest_start),
            latest_finish: readonly(py, c.latest_finish),
            slack: readonly(py, c.slack),
            length: c.length,
        })
    }

    /// Rows `(code, activities, resources, amount, detail)`.
    fn diagnose(&self, py: Python<'_>, fixed: Vec<FixedRow>, now: i64) -> Result<Vec<ReasonRow>> {
        let past = Past::new(&self.0, &fixed, now)?;
        Ok(reason_rows(&interruptible(py, |pulse| rcpsp::diagnose(&self.0, &past, pulse))?))
    }

    /// A time by which everything is done in some schedule, if there is any; None if no such time is known.
    fn sufficient_horizon(&self, fixed: Vec<FixedRow>, now: i64) -> Result<Option<i64>> {
        Ok(rcpsp::sufficient_horizon(&self.0, &Past::new(&self.0, &fixed, now)?))
    }

    /// Bounds and capacities for schedules that end by `end`; None if calendars change more than `most_steps` times before it.
    fn remaining(
        &self,
        py: Python<'_>,
        fixed: Vec<FixedRow>,
        now: i64,
        end: i64,
        most_steps: usize,
    ) -> Result<Option<RemainingColumns>> {
        let past = Past::new(&self.0, &fixed, now)?;
        let found = interruptible(py, |pulse| rcpsp::remaining(&self.0, &past, end, most_steps, pulse))?;
        Ok(found.map(|r| RemainingColumns {
            unit: r.unit,
            length: r.earliest.makespan,
            earliest_start: r.earliest.start_time,
            latest_finish: r.latest_finish,
            is_possible: r.is_possible,
            patterns: r.patterns,
            pattern_of: r.pattern_of,
            levels: r.levels,
            order: self.0.graph().topological_order().to_vec(),
        }))
    }

    fn lower_bound(&self, py: Python<'_>, destructive: bool) -> Result<i64> {
        if self.0.modes().is_some() {
            return Ok(py.detach(|| rcpsp::bound_of_modes(&self.0)));
        }
        interruptible(py, |pulse| rcpsp::interruptible_lower_bound(&self.0, destructive, pulse))
    }

    #[pyo3(signature = (priority, seed, fixed, now))]
    fn serial_sgs<'py>(
        &self,
        py: Python<'py>,
        priority: &Bound<'py, PyAny>,
        seed: u64,
        fixed: Vec<FixedRow>,
        now: i64,
    ) -> Result<ScheduleColumns<'py>> {
        self.one_pass(py, priority, seed, &Past::new(&self.0, &fixed, now)?, Scheme::Serial)
    }

    #[pyo3(signature = (priority, seed, fixed, now))]
    fn parallel_sgs<'py>(
        &self,
        py: Python<'py>,
        priority: &Bound<'py, PyAny>,
        seed: u64,
        fixed: Vec<FixedRow>,
        now: i64,
    ) -> Result<ScheduleColumns<'py>> {
        self.one_pass(py, priority, seed, &Past::new(&self.0, &fixed, now)?, Scheme::Parallel)
    }

    #[allow(clippy::too_many_arguments)]
    fn solve<'py>(
        &self,
        py: Python<'py>,
        request: Anytime<'_>,
        seed: u64,
        threads: Option<usize>,
        warm_start: Option<PyReadonlyArray1<'_, i64>>,
        past: (Vec<FixedRow>, i64),
        objective: &str,
        late: bool,
        modes: (Option<PyReadonlyArray1<'_, i64>>, Vec<(usize, usize)>),
        prover: bool,
    ) -> Result<SolutionColumns<'py>> {
        let past = Past::new(&self.0, &past.0, past.1)?;
        let warm_start = warm_start.as_ref().map(owned).transpose()?;
        let objective = rcpsp::Objective::from_name(objective)?;
        let (mode, fixed_mode) = (modes.0.as_ref().map(owned).transpose()?, modes.1);
        let (mode, fixed_mode) = (mode.as_deref(), fixed_mode.as_slice());
        let (solution, report) = request.run(py, |watch, limits| {
            let (threads, warm_start) = (parallel::resolve(threads), warm_start.as_deref());
            let (past, without_prover) = (Some(&past), !prover);
            let options = Options { seed, threads, warm_start, past, objective, late, mode, fixed_mode, without_prover };
            rcpsp::solve(&self.0, &options, limits, watch)
        })?;
        let s = solution?;
        Ok(SolutionColumns {
            mode: (!s.mode.is_empty()).then(|| readonly(py, s.mode)),
            schedule: (s.status != Status::Infeasible).then(|| columns(py, s.schedule)),
            status: s.status.as_str(),
            lower_bound: s.lower_bound.into(),
            num_schedules: s.num_schedules,
            reasons: reason_rows(&s.reasons),
            report,
        })
    }

    fn justify<'py>(&self, py: Python<'py>, completion_time: PyReadonlyArray1<'_, i64>) -> Result<ScheduleColumns<'py>> {
        let completion_time = owned(&completion_time)?;
        let schedule = interruptible(py, |pulse| rcpsp::justify(&self.0, &completion_time, pulse))??;
        Ok(columns(py, schedule))
    }

    #[pyo3(signature = (priority, threads, starts))]
    fn serial_sgs_many<'py>(
        &self,
        py: Python<'py>,
        priority: &Bound<'py, PyAny>,
        threads: Option<usize>,
        starts: bool,
    ) -> Result<BatchColumns<'py>> {
        if let Ok(rows) = priority.cast::<PyArray2<i64>>() {
            return self.many(py, &rows.readonly(), threads, starts);
        }
        self.many(py, &priority.cast::<PyArray2<f64>>().map_err(PyErr::from)?.readonly(), threads, starts)
    }
}

impl Project {
    /// A project that the core has made.
    pub fn from_core(project: rcpsp::Project) -> Self {
        Self(project)
    }

    /// The core's project.
    pub fn core(&self) -> &rcpsp::Project {
        &self.0
    }

    fn one_pass<'py>(
        &self,
        py: Python<'py>,
        priority: &Bound<'py, PyAny>,
        seed: u64,
        past: &Past,
        scheme: Scheme,
    ) -> Result<ScheduleColumns<'py>> {
        let run = |priority: Priority<'_>| interruptible(py, |pulse| rcpsp::plan(&self.0, past, scheme, priority, seed, pulse));
        let schedule = match PriorityArgument::from_py(priority)? {
            PriorityArgument::Rule(rule) => run(Priority::Rule(rule)),
            PriorityArgument::Integers(values) => run(Priority::Integers(&owned(&values)?)),
            PriorityArgument::Floats(values) => run(Priority::Floats(&owned(&values)?)),
        }??;
        Ok(columns(py, schedule))
    }

    fn many<'py, K: Key + numpy::Element + Copy + Sync>(
        &self,
        py: Python<'py>,
        rows: &PyReadonlyArray2<'_, K>,
        threads: Option<usize>,
        starts: bool,
    ) -> Result<BatchColumns<'py>> {
        let mut makespan = zeros(rows.shape()[0])?;
        let values = rows.as_slice().map_err(PyErr::from)?; // the core copies each row before it looks at it
        let mut start_time = zeros(if starts { values.len() } else { 0 })?;
        let threads = parallel::resolve(threads);
        interruptible(py, |pulse| rcpsp::serial_sgs_many(&self.0, values, threads, pulse, &mut makespan, &mut start_time))??;
        Ok(BatchColumns { makespan: readonly(py, makespan), start_time: starts.then(|| readonly(py, start_time)) })
    }
}
