//! Buffers of batches of sequences that are gone, kept for the next batch.
//!
//! The system clears fresh memory before its first use, which takes as long as a fast rule. Measured end to end on batches of 100,000
//! instances of 20 jobs, in one process: with the pool, `edd` takes 1 / 1.80 and `mdd` 1 / 1.31 of the time without it.

use std::ops::RangeInclusive;
use std::sync::Mutex;

use numpy::PyArray1;
use pyo3::prelude::*;
use pyo3::types::PyDict;
use schedkit_core::memory;

use crate::convert::readonly;
use crate::errors::Result;

/// The capacity of a buffer that is kept, in numbers: 2 to 16 MB.
const CAPACITY: RangeInclusive<usize> = 1 << 18..=1 << 21;
/// Buffers that are kept: the columns of one batch.
const BUFFERS: usize = 5;

/// Unused buffers, the one that was returned last in front.
static POOL: Mutex<Vec<Vec<i64>>> = Mutex::new(Vec::new());

/// An empty buffer for this many numbers, with less than twice the capacity. If another thread (or, after a fork, what is left of one)
/// holds the pool, the buffer is new.
pub fn buffer(len: usize) -> Result<Vec<i64>> {
    if CAPACITY.contains(&len)
        && let Ok(mut pool) = POOL.try_lock()
        && let Some(place) = pool.iter().position(|buffer| (len..2 * len).contains(&buffer.capacity()))
    {
        return Ok(pool.swap_remove(place));
    }
    Ok(memory::with_capacity(len)?)
}

/// Owns the numbers of an array, and returns their memory to the pool when the array is gone. Nothing ever moves or changes them.
#[pyclass(frozen, module = "schedkit._core")]
struct Column(Vec<i64>);

#[pymethods]
impl Column {
    /// How NumPy reads memory that another object owns: version 3 of the array interface.
    #[getter]
    fn __array_interface__<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyDict>> {
        let interface = PyDict::new(py);
        interface.set_item("version", 3)?;
        interface.set_item("typestr", if cfg!(target_endian = "little") { "<i8" } else { ">i8" })?;
        interface.set_item("shape", (self.0.len(),))?;
        interface.set_item("data", (self.0.as_ptr().addr(), true))?; // read-only
        Ok(interface)
    }
}

impl Drop for Column {
    fn drop(&mut self) {
        if let Ok(mut pool) = POOL.try_lock() {
            self.0.clear();
            pool.truncate(BUFFERS - 1);
            pool.insert(0, std::mem::take(&mut self.0));
        }
    }
}

/// A vector as a read-only NumPy array, without a copy; memory worth keeping returns to the pool in the end.
pub fn column(py: Python<'_>, values: Vec<i64>) -> Result<Bound<'_, PyArray1<i64>>> {
    if !CAPACITY.contains(&values.capacity()) || values.is_empty() {
        return Ok(readonly(py, values));
    }
    let array = py.import("numpy")?.call_method1("asarray", (Column(values),))?;
    Ok(array.cast_into::<PyArray1<i64>>().map_err(PyErr::from)?)
}
