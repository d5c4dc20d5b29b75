//! Bindings of `schedkit_core::packing`, one file for each method.

use numpy::PyReadonlyArray1;
use pyo3::prelude::*;

/// Sizes as Python has them: a column of integers or of floats.
#[derive(FromPyObject)]
pub enum SizeColumn<'py> {
    Integers(PyReadonlyArray1<'py, i64>),
    Floats(PyReadonlyArray1<'py, f64>),
}
