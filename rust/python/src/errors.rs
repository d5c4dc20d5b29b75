//! Core errors become Python exceptions, once, here; bindings just use `?`.

use std::borrow::Cow;
use std::fmt::Write as _;

use pyo3::IntoPyObjectExt;
use pyo3::exceptions::{PyMemoryError, PyRuntimeError};
use pyo3::prelude::*;
use pyo3::sync::PyOnceLock;
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

/// The exceptions of the package by name, and `reasons_from_rows`.
static EXCEPTIONS: PyOnceLock<Py<PyAny>> = PyOnceLock::new();

/// Registers the exceptions that the functions of this module raise, by name.
#[pyfunction]
pub fn register_exceptions(py: Python<'_>, exceptions: Py<PyAny>) {
    let _ = EXCEPTIONS.set(py, exceptions); // a package that is loaded again keeps the classes that were registered first
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
    let registered = |name| match EXCEPTIONS.get(py) {
        Some(registered) => registered.bind(py).get_item(name),
        None => Err(PyRuntimeError::new_err("no exceptions are registered")),
    };
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
            fields.set_item("path", path)?;
            fields.set_item("line", e.line)?;
            "CycleError"
        }
        Error::Format(e) => {
            fields.set_item("path", path)?;
            fields.set_item("line", e.line)?;
            "FormatError"
        }
        Error::Infeasible(e) => {
            let build = registered("reasons_from_rows")?;
            fields.set_item("reasons", build.call1((reason_rows(&e.reasons),))?)?;
            "InfeasibleError"
        }
        Error::Memory(e) => return Ok(PyMemoryError::new_err(e.to_string())),
    };
    let message = match path {
        Some(path) => format!("{path}: {error}"),
        None => error.to_string(),
    };
    Ok(PyErr::from_value(registered(kind)?.call((printable(&message),), Some(&fields))?))
}

/// A message without control characters and marks that turn its direction: names may hold anything, terminals obey them.
fn printable(message: &str) -> Cow<'_, str> {
    let hidden = |c: char| {
        c.is_control() || matches!(c, '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
    };
    if !message.contains(hidden) {
        return Cow::Borrowed(message);
    }
    let mut shown = String::with_capacity(message.len() + 8);
    for c in message.chars() {
        match u32::from(c) {
            _ if !hidden(c) => shown.push(c),
            9 => shown.push_str("\\t"),
            10 => shown.push_str("\\n"),
            13 => shown.push_str("\\r"),
            code @ ..=0xff => write!(shown, "\\x{code:02x}").expect("writing to a string"),
            code => write!(shown, "\\u{code:04x}").expect("writing to a string"),
        }
    }
    Cow::Owned(shown)
}

fn value_to_py<'py>(py: Python<'py>, value: &Value) -> PyResult<Bound<'py, PyAny>> {
    match value {
        Value::Int(v) => v.into_bound_py_any(py),
        Value::Float(v) => v.into_bound_py_any(py),
        Value::Word(v) | Value::Text(v) => v.into_bound_py_any(py),
    }
}
