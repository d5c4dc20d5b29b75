//! Bindings of policies: those of the core, and those written in Python.

use pyo3::IntoPyObjectExt;
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyFloat, PyInt, PyString};
use schedkit_core::online::{self, CustomPolicy, JobView, Parameter, ParameterKind, ParameterValue, Policy, PolicyEntry};

use crate::errors::Result;

/// A policy with its parameters.
#[pyclass(frozen, module = "schedkit._core")]
pub struct OnlinePolicy(pub(crate) Policy);

/// The value of a parameter by its Python type; the core judges whether the policy takes it.
fn parameter_value(value: &Bound<'_, PyAny>) -> PyResult<ParameterValue> {
    if value.is_instance_of::<PyFloat>() {
        return Ok(ParameterValue::Number(value.extract()?));
    }
    if value.is_instance_of::<PyInt>() {
        return Ok(ParameterValue::Seed(value.extract()?));
    }
    if value.is_instance_of::<PyString>() {
        return Ok(ParameterValue::Word(value.extract()?));
    }
    Ok(ParameterValue::Numbers(value.extract()?))
}

fn describe_parameter<'py>(py: Python<'py>, parameter: &Parameter) -> PyResult<Bound<'py, PyDict>> {
    let row = PyDict::new(py);
    row.set_item("name", parameter.name)?;
    row.set_item("doc", parameter.doc)?;
    match parameter.default() {
        Some(ParameterValue::Number(default)) => row.set_item("default", default)?,
        Some(ParameterValue::Seed(default)) => row.set_item("default", default)?,
        Some(ParameterValue::Word(default)) => row.set_item("default", default)?,
        Some(ParameterValue::Numbers(_)) | None => row.set_item("default", py.None())?,
    }
    let (kind, range) = match parameter.kind {
        ParameterKind::Number { range, .. } => ("number", range.into_py_any(py)?),
        ParameterKind::Seed { .. } => ("seed", py.None()),
        ParameterKind::Choice(words) => ("choice", words.into_py_any(py)?),
        ParameterKind::Numbers => ("numbers", py.None()),
    };
    row.set_item("kind", kind)?;
    row.set_item("range", range)?;
    Ok(row)
}

#[pymethods]
impl OnlinePolicy {
    #[new]
    fn new(name: &str, parameters: &Bound<'_, PyDict>) -> Result<Self> {
        let given = parameters.iter().filter(|(_, value)| !value.is_none());
        let given = given.map(|(key, value)| Ok((key.extract::<String>()?, parameter_value(&value)?)));
        let given = given.collect::<PyResult<Vec<_>>>()?;
        Ok(Self(Policy::new(name, given.iter().map(|(key, value)| (key.as_str(), value.clone())))?))
    }

    /// The declarations of all policies: name, aliases, information, `one_server`, costs and parameters.
    #[staticmethod]
    fn declarations(py: Python<'_>) -> PyResult<Vec<Bound<'_, PyDict>>> {
        let describe = |entry: &PolicyEntry| {
            let row = PyDict::new(py);
            row.set_item("name", entry.name)?;
            row.set_item("aliases", entry.aliases)?;
            row.set_item("information", entry.information)?;
            row.set_item("one_server", entry.one_server)?;
            for (name, cost) in
                [("event", entry.costs.event), ("operation", entry.costs.operation), ("pop_many", entry.costs.pop_many)]
            {
                row.set_item(name, cost)?;
            }
            let parameters = entry.parameters.iter().map(|parameter| describe_parameter(py, parameter));
            row.set_item("parameters", parameters.collect::<PyResult<Vec<_>>>()?)?;
            Ok(row)
        };
        online::POLICIES.iter().map(describe).collect()
    }
}

/// The facts of a job that a policy written in Python gets; `revealed` and `since` depend on its information model.
#[pyclass(frozen, get_all, module = "schedkit._core")]
pub struct JobFacts {
    index: u32,
    release_time: f64,
    weight: f64,
    deadline: f64,
    attained: f64,
    revealed: f64,
    since: f64,
}

impl From<&JobView> for JobFacts {
    fn from(view: &JobView) -> Self {
        let &JobView { index, release_time, weight, deadline, attained, revealed, since } = view;
        Self { index, release_time, weight, deadline, attained, revealed, since }
    }
}

/// A policy written in Python; its first exception ends the simulation.
pub struct PythonPolicy<'a, 'py> {
    pub rank: Bound<'py, PyAny>,
    pub review: Bound<'py, PyAny>,
    pub raised: &'a mut Option<PyErr>,
}

impl PythonPolicy<'_, '_> {
    fn number(&mut self, answer: PyResult<Bound<'_, PyAny>>) -> Option<f64> {
        answer.and_then(|value| value.extract()).map_err(|error| *self.raised = Some(error)).ok()
    }
}

impl CustomPolicy for PythonPolicy<'_, '_> {
    fn rank(&mut self, now: f64, job: &JobView) -> Option<f64> {
        let answer = self.rank.call1((now, JobFacts::from(job)));
        self.number(answer)
    }

    fn review(&mut self, job: &JobView) -> Option<f64> {
        let answer = self.review.call1((JobFacts::from(job),));
        self.number(answer)
    }
}
