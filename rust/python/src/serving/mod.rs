//! Bindings of `schedkit_core::serving`: Python's keys and locks, arrays in and out.
//!
//! As in the policy queue, the lock is never held while foreign code runs.

pub mod admission;
pub mod router;
pub mod simulation;
mod waiting;

use pyo3::prelude::*;
use pyo3::types::{PyBool, PyBytes, PyInt, PyString};
use schedkit_core::serving::{AdmissionOptions, RouterOptions, hash_bytes, hash_digits, hash_integer};

use crate::errors::Result;

/// `(window, samples, reserve, epsilon)`: what admission and routing take where nothing is said.
#[pyfunction]
pub fn serving_defaults() -> (usize, usize, f64, f64) {
    let (admission, router) = (AdmissionOptions::default(), RouterOptions::default());
    (admission.window, admission.samples, admission.reserve, router.epsilon)
}

/// The hash of a key or block, which is an integer or a text; `refuse(value, field, position)` raises for anything else.
fn hash_of(value: &Bound<'_, PyAny>, refuse: &Py<PyAny>, field: &str, position: Option<usize>) -> Result<u64> {
    if value.is_exact_instance_of::<PyInt>()
        && let Ok(number) = value.extract::<i64>()
    {
        return Ok(hash_integer(number));
    }
    if let Ok(text) = value.cast::<PyString>() {
        if let Ok(text) = text.to_cow() {
            return Ok(hash_bytes(text.as_bytes()));
        }
        // A text with half a surrogate pair has no UTF-8 of its own.
        let bytes = text.call_method1("encode", ("utf-8", "surrogatepass"))?;
        return Ok(hash_bytes(bytes.cast::<PyBytes>().map_err(PyErr::from)?.as_bytes()));
    }
    if !value.is_instance_of::<PyBool>() {
        if let Ok(number) = value.extract::<i64>() {
            return Ok(hash_integer(number));
        }
        if let Ok(number) = value.cast::<PyInt>() {
            return Ok(hash_digits(number.str()?.to_cow()?.as_bytes()));
        }
    }
    refuse.bind(value.py()).call1((value, field, position))?;
    Ok(0)
}
