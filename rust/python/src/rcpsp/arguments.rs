//! What comes in from Python for projects: columns, priorities and the fixed past.

use numpy::{PyArray1, PyArrayMethods, PyReadonlyArray1, PyReadonlyArray2, PyUntypedArrayMethods};
use pyo3::prelude::*;
use pyo3::types::PyString;
use schedkit_core::graph::edges_from_integers;
use schedkit_core::memory;
use schedkit_core::names::Named;
use schedkit_core::rcpsp::{self, Modes, ProjectData, Rule, Stores};

use crate::convert::{owned, owned_matrix};
use crate::errors::Result;

/// `(activity, start, end)`; without an end the planned one.
pub type FixedRow = (i64, i64, Option<i64>);

/// The columns of a project without its constraints, by name, as they come in.
#[derive(FromPyObject)]
#[pyo3(from_item_all)]
pub struct ProjectArguments<'py> {
    duration: PyReadonlyArray1<'py, i64>,
    demand: PyReadonlyArray2<'py, i64>,
    capacity: PyReadonlyArray1<'py, i64>,
    precedence: PyReadonlyArray2<'py, i64>,
    activity: Option<PyReadonlyArray1<'py, i64>>,
    nonrenewable: Option<PyReadonlyArray1<'py, i64>>,
    consumption: Option<PyReadonlyArray2<'py, i64>>,
    storage: Option<PyReadonlyArray1<'py, i64>>,
    initial: Option<PyReadonlyArray1<'py, i64>>,
    taken: Option<PyReadonlyArray2<'py, i64>>,
    given: Option<PyReadonlyArray2<'py, i64>>,
    names: Option<Vec<String>>,
    resource_names: Option<Vec<String>>,
}

impl ProjectArguments<'_> {
    /// The data of the core without constraints, and the number of activities.
    pub fn data(self) -> Result<(ProjectData, usize)> {
        let ProjectArguments {
            duration,
            demand,
            capacity,
            precedence,
            activity,
            nonrenewable,
            consumption,
            storage,
            initial,
            taken,
            given,
            names,
            resource_names,
        } = self;
        let vector = |values: &Option<PyReadonlyArray1<'_, i64>>| -> Result<Vec<i64>> {
            Ok(values.as_ref().map(owned).transpose()?.unwrap_or_default())
        };
        let matrix = |values: &Option<PyReadonlyArray2<'_, i64>>| -> Result<Vec<i64>> {
            Ok(values.as_ref().map(owned_matrix).transpose()?.unwrap_or_default())
        };
        let (modes, n) = match &activity {
            Some(activity) => {
                let activity = owned(activity)?;
                let n = rcpsp::num_activities_of_modes(&activity)?;
                let modes = Modes {
                    activity: activity.iter().map(|&i| i as u32).collect(),
                    duration: owned(&duration)?,
                    demand: owned_matrix(&demand)?,
                    nonrenewable: vector(&nonrenewable)?,
                    consumption: matrix(&consumption)?,
                };
                (modes, n)
            }
            None => (Modes::default(), duration.len()),
        };
        memory::require_items(demand.len(), size_of::<i64>())?;
        memory::require_items(n, rcpsp::BYTES_PER_ACTIVITY)?;
        memory::require_items(precedence.len(), rcpsp::BYTES_PER_EDGE)?;
        let stores =
            Stores { storage: vector(&storage)?, initial: vector(&initial)?, taken: matrix(&taken)?, given: matrix(&given)? };
        let data = ProjectData {
            duration: owned(&duration)?,
            demand: owned_matrix(&demand)?,
            capacity: owned(&capacity)?,
            precedence: edges_from_integers(n, &owned_matrix(&precedence)?, "precedence")?,
            modes,
            stores,
            names,
            resource_names,
            ..ProjectData::default()
        };
        Ok((data, n))
    }
}

/// A priority rule by name, or a value for each activity.
pub enum PriorityArgument<'py> {
    Rule(Rule),
    Integers(PyReadonlyArray1<'py, i64>),
    Floats(PyReadonlyArray1<'py, f64>),
}

impl<'py> PriorityArgument<'py> {
    /// A text is a name; arrays hold integers or floats.
    pub fn from_py(value: &Bound<'py, PyAny>) -> Result<Self> {
        if let Ok(name) = value.cast::<PyString>() {
            return Ok(Self::Rule(Rule::from_name(&name.to_string_lossy())?));
        }
        if let Ok(array) = value.cast::<PyArray1<i64>>() {
            return Ok(Self::Integers(array.readonly()));
        }
        Ok(Self::Floats(value.cast::<PyArray1<f64>>().map_err(PyErr::from)?.readonly()))
    }
}
