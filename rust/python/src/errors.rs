//! Core errors become Python exceptions, once, here; bindings just use `?`.

use std::path::Path;

use pyo3::IntoPyObjectExt;
use pyo3::exceptions::{PyFileNotFoundError, PyMemoryError, PyOSError};
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyTuple};
use schedkit_core::error::Value;
use schedkit_core::memory::OutOfMemory;
use schedkit_core::{CycleError, Error, FormatError, Infeasible, InputError, Reason};

/// `(code, activities, resources, amount, detail)`, from which Python builds its reasons.
pub type ReasonRow = (&'static str, Vec<usize>, Vec<usize>, Option<i64>, String);

/// Reasons as rows.
pub fn reason_rows(reasons: &[Reason]) -> Vec<ReasonRow> {
    let row = |r: &Reason| (r.code, r.activities.clone(), r.resources.clone(), r.amount, r.detail.clone());
    reasons.iter().map(row).collect()
}

/// What a binding can fail with.
pub enum BindError {
    /// Refused by the core.
    Core(Error),
    /// Refused by the core while reading this file.
    File(String, Error),
    /// Raised by Python.
    Python(PyErr),
}

pub type Result<T> = std::result::Result<T, BindError>;

impl BindError {
    /// Blames the element at `index` of the argument, which came as a column.
    pub fn at(self, index: usize) -> Self {
        match self {
            Self::Core(Error::Input(mut error)) if error.index.is_empty() => {
                error.index.push(index);
                Self::Core(Error::Input(error))
            }
            other => other,
        }
    }
}

impl From<PyErr> for BindError {
    fn from(error: PyErr) -> Self {
        Self::Python(error)
    }
}

macro_rules! from_core {
    ($($type:ty),*) => {$(
        impl From<$type> for BindError {
            fn from(error: $type) -> Self {
                Self::Core(error.into())
            }
        }
    )*};
}
from_core!(Error, InputError, CycleError, FormatError, Infeasible, OutOfMemory);

impl From<BindError> for PyErr {
    fn from(error: BindError) -> Self {
        let (path, error) = match error {
            BindError::Python(error) => return error,
            BindError::Core(error) => (None, error),
            BindError::File(path, error) => (Some(path), error),
        };
        Python::attach(|py| raise(py, path.as_deref(), &error).unwrap_or_else(|failure| failure))
    }
}

fn raise(py: Python<'_>, path: Option<&str>, error: &Error) -> PyResult<PyErr> {
    let errors = py.import("schedkit.errors")?;
    let fields = PyDict::new(py);
    let kind = match error {
        Error::Input(e) => {
            fields.set_item("field", &*e.field)?;
            match e.index.as_slice() {
                [] => {}
                [index] => fields.set_item("index", index)?,
                several => fields.set_item("index", PyTuple::new(py, several)?)?,
            }
            if let Some(value) = &e.value {
                fields.set_item("value", value_to_py(py, value)?)?;
            }
            "InvalidInputError"
        }
        Error::Cycle(e) => {
            fields.set_item("field", &*e.field)?;
            fields.set_item("cycle", &e.cycle)?;
            "CycleError"
        }
        Error::Format(e) => {
            fields.set_item("path", path)?;
            fields.set_item("line", e.line)?;
            "FormatError"
        }
        Error::Infeasible(e) => {
            let build = errors.getattr("reasons_from_rows")?;
            fields.set_item("reasons", build.call1((reason_rows(&e.reasons),))?)?;
            "InfeasibleError"
        }
        Error::Memory(e) => return Ok(PyMemoryError::new_err(e.to_string())),
    };
    let message = match path {
        Some(path) => format!("{path}: {error}"),
        None => error.to_string(),
    };
    Ok(PyErr::from_value(errors.getattr(kind)?.call((message,), Some(&fields))?))
}

fn value_to_py<'py>(py: Python<'py>, value: &Value) -> PyResult<Bound<'py, PyAny>> {
    match value {
        Value::Int(v) => v.into_bound_py_any(py),
        Value::Float(v) => v.into_bound_py_any(py),
        Value::Text(v) => v.into_bound_py_any(py),
    }
}

/// Reads a whole file; a missing one is Python's `FileNotFoundError`.
pub fn read_file(path: impl AsRef<Path>) -> Result<Vec<u8>> {
    let path = path.as_ref();
    let name = || path.as_os_str().to_owned(); // not every name is UTF-8
    std::fs::read(path).map_err(|error| match error.kind() {
        std::io::ErrorKind::NotFound => PyFileNotFoundError::new_err((2, "No such file or directory", name())).into(),
        // With the path, as Python's own open gives it.
        _ => match error.raw_os_error() {
            Some(code) => PyOSError::new_err((code, error.to_string(), name())).into(),
            None => PyErr::from(error).into(),
        },
    })
}
