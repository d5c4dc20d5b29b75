//! Memory of problems and answers that are gone, for those to come.
//!
//! A million numbers are copied in half a millisecond. Touching fresh memory for them takes twice as long on top, because the system
//! clears it first; who builds one stream of jobs after another, or asks for one batch of sequences after another, pays that once.

use std::ops::RangeInclusive;
use std::sync::Mutex;

use numpy::PyArray1;
use pyo3::prelude::*;
use pyo3::types::PyDict;
use schedkit_core::memory;

use crate::convert::readonly;
use crate::errors::Result;

/// How many numbers a buffer that is kept holds: 2 to 16 MB.
const NUMBERS: RangeInclusive<usize> = 1 << 18..=1 << 21;

/// Columns of a stream of jobs.
pub static FLOATS: Spare<f64> = Spare::new(2);
/// Columns of a batch of sequences.
pub static INTEGERS: Spare<i64> = Spare::new(5);

/// Buffers that nobody uses, the one kept last in front.
pub struct Spare<T> {
    buffers: Mutex<Vec<Vec<T>>>,
    most: usize,
}

impl<T> Spare<T> {
    const fn new(most: usize) -> Self {
        Self { buffers: Mutex::new(Vec::new()), most }
    }

    /// An empty buffer with room for this many numbers, and less than twice the room it takes. Whoever finds another thread here
    /// (or, after a fork, what is left of one) does without.
    pub fn buffer(&self, len: usize) -> Result<Vec<T>> {
        if NUMBERS.contains(&len)
            && let Ok(mut spare) = self.buffers.try_lock()
            && let Some(place) = spare.iter().position(|buffer| (len..2 * len).contains(&buffer.capacity()))
        {
            return Ok(spare.swap_remove(place));
        }
        Ok(memory::with_capacity(len)?)
    }

    /// Keeps the memory of these numbers, which nobody needs any more, in the place of what was kept longest.
    pub fn keep(&self, mut buffer: Vec<T>) {
        if NUMBERS.contains(&buffer.capacity())
            && let Ok(mut spare) = self.buffers.try_lock()
        {
            buffer.clear();
            spare.truncate(self.most - 1);
            spare.insert(0, buffer);
        }
    }
}

/// Owns the numbers of an array, and keeps their memory when the array is gone. Nothing ever moves or changes them.
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
        INTEGERS.keep(std::mem::take(&mut self.0));
    }
}

/// A vector as a read-only NumPy array, without a copy; memory worth keeping comes back to [`INTEGERS`] in the end.
pub fn column(py: Python<'_>, values: Vec<i64>) -> Result<Bound<'_, PyArray1<i64>>> {
    if !NUMBERS.contains(&values.capacity()) || values.is_empty() {
        return Ok(readonly(py, values));
    }
    let array = py.import("numpy")?.call_method1("asarray", (Column(values),))?;
    Ok(array.cast_into::<PyArray1<i64>>().map_err(PyErr::from)?)
}
