//! Bindings of `schedkit_core::rcpsp`.

use numpy::{PyArray1, PyArray2, PyArrayMethods, PyReadonlyArray1, PyReadonlyArray2, PyUntypedArrayMethods};
use pyo3::prelude::*;
use pyo3::types::PyString;
use schedkit_core::control::{Pulse, Status};
use schedkit_core::graph::edges_from_integers;
use schedkit_core::memory;
use schedkit_core::names::Named;
use schedkit_core::parallel;
use schedkit_core::rcpsp::{
    self, Calendar, Key, Options, Past, Priority, ProjectData, Rule, Scheme, format, groups_from_integers,
};

use crate::anytime::{Anytime, Report, interruptible};
use crate::convert::{by_name, owned, owned_matrix, readonly, zeros};
use crate::errors::{BindError, ReasonRow, Result, reason_rows};

type Ints<'py> = Bound<'py, PyArray1<i64>>;

/// A schedule, as keyword arguments of `ProjectSchedule`.
struct ScheduleColumns<'py> {
    start_time: Ints<'py>,
    completion_time: Ints<'py>,
    makespan: i64,
}
by_name!(ScheduleColumns { start_time, completion_time, makespan });

/// The answer of a search; without a schedule if there is none.
#[derive(IntoPyObject)]
struct SolutionColumns<'py> {
    schedule: Option<ScheduleColumns<'py>>,
    status: &'static str,
    lower_bound: i64,
    num_schedules: u64,
    reasons: Vec<ReasonRow>,
    report: Report,
}

/// The time analysis, as keyword arguments of `CriticalPath`.
#[derive(IntoPyObject)]
struct PathColumns<'py> {
    earliest_start: Ints<'py>,
    earliest_finish: Ints<'py>,
    latest_start: Ints<'py>,
    latest_finish: Ints<'py>,
    slack: Ints<'py>,
    length: i64,
}

/// Many schedules: makespans, and flat start times if they were requested.
#[derive(IntoPyObject)]
struct BatchColumns<'py> {
    makespan: Ints<'py>,
    start_time: Option<Ints<'py>>,
}

/// `(activity, start, end)`; without an end the planned one.
type FixedRow = (i64, i64, Option<i64>);
/// The steps of a resource's capacity, as they come in.
#[derive(FromPyObject)]
struct CalendarArgument<'py>(u32, PyReadonlyArray1<'py, i64>, PyReadonlyArray1<'py, i64>, Option<i64>);

/// The columns of a project, by name, as they come in; empty ones stand for nothing.
#[derive(FromPyObject)]
#[pyo3(from_item_all)]
struct ProjectArguments<'py> {
    duration: PyReadonlyArray1<'py, i64>,
    demand: PyReadonlyArray2<'py, i64>,
    capacity: PyReadonlyArray1<'py, i64>,
    precedence: PyReadonlyArray2<'py, i64>,
    lag: PyReadonlyArray1<'py, i64>,
    release_time: PyReadonlyArray1<'py, i64>,
    deadline: PyReadonlyArray1<'py, i64>,
    calendars: Vec<CalendarArgument<'py>>,
    pausable: Vec<bool>,
    disjunctive: Vec<Vec<i64>>,
    names: Option<Vec<String>>,
    resource_names: Option<Vec<String>>,
}

/// The columns of a project, by name and complete, as they go out; matrices as flat arrays.
#[derive(IntoPyObject)]
struct ProjectColumns<'py> {
    duration: Ints<'py>,
    demand: Ints<'py>,
    capacity: Ints<'py>,
    precedence: Ints<'py>,
    lag: Ints<'py>,
    release_time: Ints<'py>,
    deadline: Ints<'py>,
    calendars: Vec<(u32, Ints<'py>, Ints<'py>, Option<i64>)>,
    pausable: Vec<bool>,
    disjunctive: Vec<Vec<u32>>,
    names: Option<Vec<String>>,
    resource_names: Option<Vec<String>>,
}

/// Name and title of each priority rule.
#[pyfunction]
pub fn priority_rules() -> Vec<(&'static str, &'static str)> {
    Rule::all().map(|(name, rule)| (name, rule.entry().title)).collect()
}

/// Judges the columns of a calendar.
#[pyfunction]
pub fn check_calendar(time: PyReadonlyArray1<'_, i64>, capacity: PyReadonlyArray1<'_, i64>, period: Option<i64>) -> Result<()> {
    Calendar::new(owned(&time)?, owned(&capacity)?, period)?;
    Ok(())
}

/// The validated project.
#[pyclass(frozen, module = "schedkit._core")]
pub struct Project(rcpsp::Project);

enum PriorityArgument<'py> {
    Rule(Rule),
    Integers(PyReadonlyArray1<'py, i64>),
    Floats(PyReadonlyArray1<'py, f64>),
}

impl<'py> PriorityArgument<'py> {
    fn from_py(value: &Bound<'py, PyAny>) -> Result<Self> {
        if let Ok(name) = value.cast::<PyString>() {
            return Ok(Self::Rule(Rule::from_name(&name.to_string_lossy())?));
        }
        if let Ok(array) = value.cast::<PyArray1<i64>>() {
            return Ok(Self::Integers(array.readonly()));
        }
        Ok(Self::Floats(value.cast::<PyArray1<f64>>().map_err(PyErr::from)?.readonly()))
    }
}

#[pymethods]
impl Project {
    #[new]
    fn new(columns: ProjectArguments<'_>) -> Result<Self> {
        let ProjectArguments { duration, demand, capacity, precedence, lag, release_time, deadline, .. } = &columns;
        let py = duration.py();
        let members: usize = columns.disjunctive.iter().map(Vec::len).sum();
        memory::require_items(demand.len() + members, size_of::<i64>())?;
        memory::require_items(duration.len(), rcpsp::BYTES_PER_ACTIVITY)?;
        memory::require_items(precedence.len(), rcpsp::BYTES_PER_EDGE)?;
        let calendars = columns.calendars.iter().map(|CalendarArgument(resource, time, capacity, period)| {
            Ok((*resource, Calendar::new(owned(time)?, owned(capacity)?, *period)?))
        });
        let n = duration.len();
        let data = ProjectData {
            duration: owned(duration)?,
            demand: owned_matrix(demand)?,
            capacity: owned(capacity)?,
            precedence: edges_from_integers(n, &owned_matrix(precedence)?, "precedence")?,
            lag: owned(lag)?,
            release_time: owned(release_time)?,
            deadline: owned(deadline)?,
            calendars: calendars.collect::<Result<_>>()?,
            disjunctive: groups_from_integers(n, &columns.disjunctive)?,
            pausable: columns.pausable,
            names: columns.names,
            resource_names: columns.resource_names,
        };
        let build = |pulse: &Pulse| rcpsp::Project::new_interruptible(data, &mut pulse.clone());
        Ok(Self(interruptible(py, build)??))
    }

    /// Reads the content of a file; the format is told by content unless it is named. `path` is for messages.
    #[staticmethod]
    fn read(py: Python<'_>, bytes: &[u8], path: &str, format: Option<&str>) -> Result<Self> {
        let format = format.map(format::Format::from_name).transpose()?;
        let project = py.detach(|| format::read(bytes, format));
        project.map(Self).map_err(|error| BindError::File(path.to_owned(), error))
    }

    /// All columns by name.
    fn columns<'py>(&self, py: Python<'py>) -> ProjectColumns<'py> {
        let data = self.0.data();
        let precedence = data.precedence.iter().flat_map(|&(i, j)| [i64::from(i), i64::from(j)]).collect();
        let calendars = data.calendars.iter().map(|(resource, calendar)| {
            let (time, capacity) = (calendar.time().to_vec(), calendar.capacity().to_vec());
            (*resource, readonly(py, time), readonly(py, capacity), calendar.period())
        });
        ProjectColumns {
            duration: readonly(py, data.duration.clone()),
            demand: readonly(py, data.demand.clone()),
            capacity: readonly(py, data.capacity.clone()),
            precedence: readonly(py, precedence),
            lag: readonly(py, data.lag.clone()),
            release_time: readonly(py, data.release_time.clone()),
            deadline: readonly(py, data.deadline.clone()),
            calendars: calendars.collect(),
            pausable: data.pausable.clone(),
            disjunctive: data.disjunctive.clone(),
            names: data.names.clone(),
            resource_names: data.resource_names.clone(),
        }
    }

    /// The schedule in which each activity starts at `start_time`.
    fn complete<'py>(&self, py: Python<'py>, start_time: PyReadonlyArray1<'_, i64>) -> Result<ScheduleColumns<'py>> {
        Ok(columns(py, rcpsp::Schedule::from_starts(&self.0, owned(&start_time)?)))
    }

    fn write_psplib(&self) -> Result<String> {
        Ok(format::write_psplib(&self.0)?)
    }

    fn write_json(&self) -> String {
        format::write_json(&self.0)
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

    fn lower_bound(&self, py: Python<'_>, destructive: bool) -> Result<i64> {
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

    fn solve<'py>(
        &self,
        py: Python<'py>,
        request: Anytime<'_>,
        seed: u64,
        threads: Option<usize>,
        warm_start: Option<PyReadonlyArray1<'_, i64>>,
        past: (Vec<FixedRow>, i64),
    ) -> Result<SolutionColumns<'py>> {
        let past = Past::new(&self.0, &past.0, past.1)?;
        let warm_start = warm_start.as_ref().map(owned).transpose()?;
        let (solution, report) = request.run(py, |watch, limits| {
            let options =
                Options { seed, threads: parallel::resolve(threads), warm_start: warm_start.as_deref(), past: Some(&past) };
            rcpsp::solve(&self.0, &options, limits, watch)
        })?;
        let s = solution?;
        Ok(SolutionColumns {
            schedule: (s.status != Status::Infeasible).then(|| columns(py, s.schedule)),
            status: s.status.as_str(),
            lower_bound: s.lower_bound,
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

fn columns(py: Python<'_>, schedule: rcpsp::Schedule) -> ScheduleColumns<'_> {
    let rcpsp::Schedule { start_time, completion_time, makespan } = schedule;
    ScheduleColumns { start_time: readonly(py, start_time), completion_time: readonly(py, completion_time), makespan }
}
