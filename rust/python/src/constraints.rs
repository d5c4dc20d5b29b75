//! The columns of a project's constraints, of whichever shape, to and from Python.

use numpy::{PyArray1, PyReadonlyArray1};
use pyo3::prelude::*;
use schedkit_core::memory;
use schedkit_core::rcpsp::{self, Calendar, Column, ColumnMut, ProjectData, Weights, groups_from_integers, relations_from_names};

use crate::convert::{owned, readonly};
use crate::errors::Result;

/// `(name, shape, number that stands for none)` of each constraint, in the order in which they are judged.
#[pyfunction]
pub fn project_constraints() -> Vec<(&'static str, &'static str, Option<i64>)> {
    let empty = ProjectData::default();
    let columns = rcpsp::CONSTRAINTS.iter().map(|constraint| (constraint.name, (constraint.column)(&empty)));
    columns.map(|(name, column)| (name, column.shape(), column.absent())).collect()
}

/// The steps of a resource's capacity, as they come in.
#[derive(FromPyObject)]
struct CalendarArgument<'py>(u32, PyReadonlyArray1<'py, i64>, PyReadonlyArray1<'py, i64>, Option<i64>);

/// Fills the column called `name` of a project with `n` activities.
pub fn fill(name: &'static str, column: ColumnMut<'_>, value: &Bound<'_, PyAny>, n: usize) -> Result<()> {
    match column {
        ColumnMut::OfPairs(ticks, ..) | ColumnMut::OfActivities(ticks, _) => *ticks = owned(&value.extract()?)?,
        ColumnMut::Relations(relations) => *relations = relations_from_names(name, &value.extract::<Vec<String>>()?)?,
        ColumnMut::Flags(flags) => *flags = value.extract()?,
        ColumnMut::Weights(weights) => {
            *weights = match value.extract::<PyReadonlyArray1<'_, i64>>() {
                Ok(integers) => Weights::Integers(owned(&integers)?),
                Err(_) => Weights::Floats(owned(&value.extract()?)?),
            };
        }
        ColumnMut::OfResources(calendars) => {
            for CalendarArgument(resource, time, capacity, period) in value.extract::<Vec<_>>()? {
                calendars.push((resource, Calendar::new(owned(&time)?, owned(&capacity)?, period)?));
            }
        }
        ColumnMut::Groups(groups) => {
            let given: Vec<Vec<i64>> = value.extract()?;
            memory::require_items(given.iter().map(Vec::len).sum(), size_of::<i64>())?;
            *groups = groups_from_integers(name, n, &given)?;
        }
    }
    Ok(())
}

/// The column as Python gets it.
pub fn shown<'py>(py: Python<'py>, column: Column<'_>) -> Result<Bound<'py, PyAny>> {
    let ints = |column: &[i64]| -> Result<Bound<'py, PyArray1<i64>>> { Ok(readonly(py, memory::copied(column)?)) };
    Ok(match column {
        Column::OfPairs(ticks, ..) | Column::OfActivities(ticks, _) => ints(ticks)?.into_any(),
        Column::Relations(relations) => {
            let names: Vec<&str> = relations.iter().map(|relation| relation.name()).collect();
            names.into_pyobject(py)?.into_any()
        }
        Column::Weights(Weights::Unit) => py.None().into_bound(py),
        Column::Weights(Weights::Integers(weights)) => ints(weights)?.into_any(),
        Column::Weights(Weights::Floats(weights)) => readonly(py, memory::copied(weights)?).into_any(),
        Column::Flags(flags) => flags.to_vec().into_pyobject(py)?.into_any(),
        Column::OfResources(calendars) => {
            let rows = calendars.iter().map(|(r, c)| Ok((*r, ints(c.time())?, ints(c.capacity())?, c.period())));
            rows.collect::<Result<Vec<_>>>()?.into_pyobject(py)?.into_any()
        }
        Column::Groups(groups) => groups.to_vec().into_pyobject(py)?.into_any(),
    })
}
