//! Arrays in, arrays out.

use numpy::{Element, PyArray1, PyArrayMethods, PyReadonlyArray1, PyReadonlyArray2};
use pyo3::exceptions::PyMemoryError;
use pyo3::prelude::*;

use schedkit_core::simd;

use crate::errors::Result;
use crate::spare::FLOATS;

/// A vector as a read-only NumPy array, without a copy.
pub fn readonly<T: Element>(py: Python<'_>, values: Vec<T>) -> Bound<'_, PyArray1<T>> {
    let array = PyArray1::from_vec(py, values);
    if let Ok(view) = array.try_readwrite() {
        let _ = view.make_nonwriteable(); // nobody else has seen the array yet
    }
    array
}

/// Room for an answer; an array may claim rows of no columns beyond what memory holds.
pub fn zeros<T: Clone + Default>(len: usize) -> Result<Vec<T>> {
    let mut values = Vec::new();
    values.try_reserve_exact(len).map_err(|_| PyMemoryError::new_err(format!("cannot hold {len} numbers")))?;
    values.resize(len, T::default());
    Ok(values)
}

/// A copy of a NumPy array's values: other threads may write to the array while the core runs, but not to the copy.
pub fn owned<T: Element + Copy>(array: &PyReadonlyArray1<'_, T>) -> Result<Vec<T>> {
    let values = array.as_slice().map_err(PyErr::from)?;
    let mut copy = simd::fresh(values.len());
    copy.extend_from_slice(values);
    Ok(copy)
}

/// The same in memory of a problem that is gone, for columns that are handed back by [`Spare::keep`](crate::spare::Spare::keep).
pub fn owned_again(array: &PyReadonlyArray1<'_, f64>) -> Result<Vec<f64>> {
    let values = array.as_slice().map_err(PyErr::from)?;
    let mut copy = FLOATS.buffer(values.len());
    copy.extend_from_slice(values);
    Ok(copy)
}

/// The same for a matrix, row by row.
pub fn owned_matrix<T: Element + Copy>(array: &PyReadonlyArray2<'_, T>) -> Result<Vec<T>> {
    Ok(array.as_slice().map_err(PyErr::from)?.to_vec())
}
