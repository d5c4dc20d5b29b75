//! Bindings of `schedkit_core::rcpsp`.

use std::path::PathBuf;

use numpy::{PyArray1, PyArray2, PyArrayMethods, PyReadonlyArray1, PyReadonlyArray2, PyUntypedArrayMethods};
use pyo3::prelude::*;
use pyo3::types::PyString;
use schedkit_core::graph::edges_from_integers;
use schedkit_core::parallel;
use schedkit_core::rcpsp::{self, Key, Options, Priority, ProjectData, Rule, format};

use crate::anytime::{Anytime, Report};
use crate::convert::{owned, owned_matrix, readonly, zeros};
use crate::errors::{BindError, Result, read_file};

type Ints<'py> = Bound<'py, PyArray1<i64>>;
type Starts<'py> = (Ints<'py>, Ints<'py>, i64);

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
    #[pyo3(signature = (duration, demand, capacity, precedence, names, resource_names))]
    fn new(
        duration: PyReadonlyArray1<'_, i64>,
        demand: PyReadonlyArray2<'_, i64>,
        capacity: PyReadonlyArray1<'_, i64>,
        precedence: PyReadonlyArray2<'_, i64>,
        names: Option<Vec<String>>,
        resource_names: Option<Vec<String>>,
    ) -> Result<Self> {
        let precedence = edges_from_integers(duration.len(), &owned_matrix(&precedence)?, "precedence")?;
        let data = ProjectData {
            duration: owned(&duration)?,
            demand: owned_matrix(&demand)?,
            capacity: owned(&capacity)?,
            precedence,
            names,
            resource_names,
        };
        Ok(Self(rcpsp::Project::new(data)?))
    }

    /// Reads a file; the format is told by content unless it is named.
    #[staticmethod]
    fn read(py: Python<'_>, path: PathBuf, format: Option<&str>) -> Result<Self> {
        let format = format.map(format::Format::from_name).transpose()?;
        let bytes = read_file(&path)?;
        let project = py.detach(|| format::read(&bytes, format));
        project.map(Self).map_err(|error| BindError::File(path.display().to_string(), error))
    }

    /// The columns `(duration, demand, capacity, precedence, names, resource_names)`; matrices as flat arrays.
    #[allow(clippy::type_complexity)]
    fn columns<'py>(
        &self,
        py: Python<'py>,
    ) -> (Ints<'py>, Ints<'py>, Ints<'py>, Ints<'py>, Option<Vec<String>>, Option<Vec<String>>) {
        let data = self.0.data();
        let precedence = data.precedence.iter().flat_map(|&(i, j)| [i64::from(i), i64::from(j)]).collect();
        (
            readonly(py, data.duration.clone()),
            readonly(py, data.demand.clone()),
            readonly(py, data.capacity.clone()),
            readonly(py, precedence),
            data.names.clone(),
            data.resource_names.clone(),
        )
    }

    fn write_psplib(&self) -> String {
        format::write_psplib(&self.0)
    }

    fn write_json(&self) -> String {
        format::write_json(&self.0)
    }

    /// `(earliest_start, earliest_finish, latest_start, latest_finish, slack, length)`.
    fn critical_path<'py>(&self, py: Python<'py>) -> (Ints<'py>, Ints<'py>, Ints<'py>, Ints<'py>, Ints<'py>, i64) {
        let c = rcpsp::critical_path(&self.0);
        (
            readonly(py, c.earliest_start),
            readonly(py, c.earliest_finish),
            readonly(py, c.latest_start),
            readonly(py, c.latest_finish),
            readonly(py, c.slack),
            c.length,
        )
    }

    fn lower_bound(&self, py: Python<'_>, destructive: bool) -> i64 {
        if destructive { py.detach(|| rcpsp::destructive_lower_bound(&self.0)) } else { rcpsp::lower_bound(&self.0) }
    }

    fn serial_sgs<'py>(&self, py: Python<'py>, priority: &Bound<'py, PyAny>, seed: u64) -> Result<Starts<'py>> {
        self.one_pass(py, priority, seed, rcpsp::serial_sgs)
    }

    fn parallel_sgs<'py>(&self, py: Python<'py>, priority: &Bound<'py, PyAny>, seed: u64) -> Result<Starts<'py>> {
        self.one_pass(py, priority, seed, rcpsp::parallel_sgs)
    }

    /// `((start_time, completion_time, makespan), status, lower_bound, num_schedules, report)`.
    #[allow(clippy::type_complexity)]
    fn solve<'py>(
        &self,
        py: Python<'py>,
        request: Anytime<'_>,
        seed: u64,
        threads: Option<usize>,
        warm_start: Option<PyReadonlyArray1<'_, i64>>,
    ) -> Result<(Starts<'py>, &'static str, i64, u64, Report<i64>)> {
        let warm_start = warm_start.as_ref().map(owned).transpose()?;
        let (solution, report) = request.run(py, |watch, limits| {
            let options = Options { seed, threads: parallel::resolve(threads), warm_start: warm_start.as_deref() };
            rcpsp::solve(&self.0, &options, limits, watch)
        })?;
        let s = solution?;
        Ok((columns(py, s.schedule), s.status.as_str(), s.lower_bound, s.num_schedules, report))
    }

    fn justify<'py>(&self, py: Python<'py>, completion_time: PyReadonlyArray1<'_, i64>) -> Result<Starts<'py>> {
        let completion_time = owned(&completion_time)?;
        let schedule = py.detach(|| rcpsp::justify(&self.0, &completion_time))?;
        Ok(columns(py, schedule))
    }

    /// Makespans, and flat start times if asked for.
    #[pyo3(signature = (priority, threads, starts))]
    fn serial_sgs_many<'py>(
        &self,
        py: Python<'py>,
        priority: &Bound<'py, PyAny>,
        threads: Option<usize>,
        starts: bool,
    ) -> Result<(Ints<'py>, Option<Ints<'py>>)> {
        if let Ok(rows) = priority.cast::<PyArray2<i64>>() {
            return self.many(py, &rows.readonly(), threads, starts);
        }
        self.many(py, &priority.cast::<PyArray2<f64>>().map_err(PyErr::from)?.readonly(), threads, starts)
    }
}

impl Project {
    /// The core's project.
    pub fn core(&self) -> &rcpsp::Project {
        &self.0
    }

    fn one_pass<'py>(
        &self,
        py: Python<'py>,
        priority: &Bound<'py, PyAny>,
        seed: u64,
        scheme: impl Fn(&rcpsp::Project, Priority<'_>, u64) -> std::result::Result<rcpsp::Schedule, schedkit_core::InputError> + Sync,
    ) -> Result<Starts<'py>> {
        let schedule = match PriorityArgument::from_py(priority)? {
            PriorityArgument::Rule(rule) => py.detach(|| scheme(&self.0, Priority::Rule(rule), seed)),
            PriorityArgument::Integers(values) => {
                let values = owned(&values)?;
                py.detach(|| scheme(&self.0, Priority::Integers(&values), seed))
            }
            PriorityArgument::Floats(values) => {
                let values = owned(&values)?;
                py.detach(|| scheme(&self.0, Priority::Floats(&values), seed))
            }
        }?;
        Ok(columns(py, schedule))
    }

    fn many<'py, K: Key + numpy::Element + Copy + Sync>(
        &self,
        py: Python<'py>,
        rows: &PyReadonlyArray2<'_, K>,
        threads: Option<usize>,
        starts: bool,
    ) -> Result<(Ints<'py>, Option<Ints<'py>>)> {
        let mut makespan = zeros(rows.shape()[0])?;
        let values = rows.as_slice().map_err(PyErr::from)?; // the core copies each row before it looks at it
        let mut start_time = zeros(if starts { values.len() } else { 0 })?;
        py.detach(|| rcpsp::serial_sgs_many(&self.0, values, parallel::resolve(threads), &mut makespan, &mut start_time))?;
        Ok((readonly(py, makespan), starts.then(|| readonly(py, start_time))))
    }
}

fn columns(py: Python<'_>, schedule: rcpsp::Schedule) -> Starts<'_> {
    (readonly(py, schedule.start_time), readonly(py, schedule.completion_time), schedule.makespan)
}
