//! Arrays in, arrays out. What grows with the input is allocated fallibly: Python gets a `MemoryError`.

use numpy::{Element, PyArray1, PyArrayMethods, PyReadonlyArray1, PyReadonlyArray2};
use pyo3::prelude::*;
use schedkit_core::memory;

use crate::errors::Result;

/// Loads NumPy's C interface. The `numpy` crate does that at the first use and panics if it fails, which it does when a signal handler
/// raises an exception at that moment. Signal handlers run on the main thread alone, so another thread loads the interface, once, when
/// the module is imported.
pub fn connect_numpy(py: Python<'_>) -> PyResult<()> {
    fn first_use(py: Python<'_>) {
        let _ = PyArray1::<i64>::zeros(py, 1, false).try_readonly();
        let _ = PyArray1::<f64>::zeros(py, 1, false).try_readwrite();
    }
    py.import("numpy.lib")?; // a NumPy that cannot be imported is an ordinary error
    let connected = py.detach(|| std::thread::Builder::new().spawn(|| Python::attach(first_use)).is_ok_and(|t| t.join().is_ok()));
    if !connected {
        first_use(py); // the system refuses threads
    }
    Ok(())
}

/// Raises `MemoryError` if so many bytes cannot be had now. Lists of Python objects become columns before a binding sees them, so whoever
/// hands over a long one asks first.
#[pyfunction]
pub fn require_memory(bytes: usize) -> Result<()> {
    Ok(memory::require(bytes)?)
}

/// A vector as a read-only NumPy array, without a copy.
pub fn readonly<T: Element>(py: Python<'_>, values: Vec<T>) -> Bound<'_, PyArray1<T>> {
    let array = PyArray1::from_vec(py, values);
    if let Ok(view) = array.try_readwrite() {
        let _ = view.make_nonwriteable(); // the array is not shared yet
    }
    array
}

/// A NumPy array of zeros for an answer, in memory that NumPy allocates.
pub fn zeroed_array<T: Element>(py: Python<'_>, len: usize) -> Result<Bound<'_, PyArray1<T>>> {
    memory::require_items(len, size_of::<T>())?; // NumPy's own failure would be a panic here
    Ok(PyArray1::zeros(py, len, false))
}

/// Room for an answer; an array may claim rows of no columns beyond what memory holds.
pub fn zeros<T: Clone + Default>(len: usize) -> Result<Vec<T>> {
    Ok(memory::filled(len, T::default())?)
}

/// Items that are copied between two looks at Python's signals: some milliseconds.
const PART: usize = 1 << 21;

/// A copy that signals stop.
fn copied<T: Copy>(py: Python<'_>, values: &[T]) -> Result<Vec<T>> {
    let mut copy = memory::with_capacity(values.len())?;
    for part in values.chunks(PART) {
        if values.len() > PART {
            py.check_signals()?;
        }
        copy.extend_from_slice(part);
    }
    Ok(copy)
}

/// A copy of a NumPy array's values: other threads may write to the array while the core runs, but not to the copy.
pub fn owned<T: Element + Copy>(array: &PyReadonlyArray1<'_, T>) -> Result<Vec<T>> {
    copied(array.py(), array.as_slice().map_err(PyErr::from)?)
}

/// A copy of a matrix's values, row by row.
pub fn owned_matrix<T: Element + Copy>(array: &PyReadonlyArray2<'_, T>) -> Result<Vec<T>> {
    copied(array.py(), array.as_slice().map_err(PyErr::from)?)
}

/// Makes a struct of columns a dict. Other than the derived conversion, it interns the names, which takes a tenth off short calls.
macro_rules! by_name {
    ($type:ident { $($field:ident),* $(,)? }) => {
        impl<'py> pyo3::IntoPyObject<'py> for $type<'py> {
            type Target = pyo3::types::PyDict;
            type Output = pyo3::Bound<'py, pyo3::types::PyDict>;
            type Error = pyo3::PyErr;

            fn into_pyobject(self, py: pyo3::Python<'py>) -> pyo3::PyResult<Self::Output> {
                let columns = pyo3::types::PyDict::new(py);
                $(columns.set_item(pyo3::intern!(py, stringify!($field)), self.$field)?;)*
                Ok(columns)
            }
        }
    };
}
pub(crate) use by_name;
