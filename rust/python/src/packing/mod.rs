//! Bindings of `schedkit_core::packing`, one file for each method.

pub mod bins;
pub mod memory_offsets;
pub mod partition;
pub mod placement;
pub mod replicate;

use numpy::{PyArray1, PyReadonlyArray1};
use pyo3::prelude::*;

use crate::convert::readonly;

/// Sizes as Python has them: a column of integers or of floats.
#[derive(FromPyObject)]
pub enum SizeColumn<'py> {
    Integers(PyReadonlyArray1<'py, i64>),
    Floats(PyReadonlyArray1<'py, f64>),
}

/// Loads in the type of their sizes.
#[derive(IntoPyObject)]
pub enum LoadColumn<'py> {
    Integers(Bound<'py, PyArray1<i64>>),
    Floats(Bound<'py, PyArray1<f64>>),
}

/// Indices of bins as Python has them.
pub fn bin_column(py: Python<'_>, bin: Vec<u32>) -> Bound<'_, PyArray1<i64>> {
    readonly(py, bin.into_iter().map(i64::from).collect())
}
