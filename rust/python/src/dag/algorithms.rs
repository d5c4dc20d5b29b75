//! Functions on several graphs, the table of list schedulers, the network and the checker.

use std::sync::Arc;

use numpy::{PyReadonlyArray2, PyUntypedArrayMethods};
use pyo3::prelude::*;
use pyo3::types::PyFloat;
use schedkit_core::InputError;
use schedkit_core::check::{DagClaim, Run, check_dag_interruptible};
use schedkit_core::dag::{self, Algorithm, HeftOptions, PerLink, Tie};
use schedkit_core::names::Named;
use schedkit_core::parallel;

use super::columns::{FixedRow, RunColumns, past};
use super::{Floats, TaskGraph};
use crate::anytime::interruptible;
use crate::check::{ViolationRows, rows};
use crate::convert::{owned_matrix, readonly};
use crate::errors::Result;

/// An entry of the table of list schedulers.
#[derive(IntoPyObject)]
pub struct ListSchedulerColumns {
    name: &'static str,
    title: &'static str,
    rule: &'static str,
    notes: &'static str,
    cost: &'static str,
    source: &'static str,
    takes_tie: bool,
    example: f64,
}

/// The table of list schedulers, in the order in which names are listed.
#[pyfunction]
pub fn list_schedulers() -> Vec<ListSchedulerColumns> {
    let columns = |(name, algorithm): (_, Algorithm)| {
        let &dag::ListSchedulerEntry { title, rule, notes, cost, source, takes_tie, example, .. } = algorithm.entry();
        ListSchedulerColumns { name, title, rule, notes, cost, source, takes_tie, example }
    };
    Algorithm::all().map(columns).collect()
}

/// The validated network.
#[pyclass(frozen, module = "schedkit._core")]
pub struct Network(pub dag::Network);

#[pymethods]
impl Network {
    #[new]
    fn new(bandwidth: &Bound<'_, PyAny>, latency: &Bound<'_, PyAny>) -> Result<Self> {
        Ok(Self(dag::Network::new(per_link(bandwidth)?, per_link(latency)?)?))
    }
}

/// A number, or a square matrix.
fn per_link(value: &Bound<'_, PyAny>) -> Result<PerLink> {
    if let Ok(number) = value.cast::<PyFloat>() {
        return Ok(PerLink::Uniform(number.extract()?));
    }
    let matrix: PyReadonlyArray2<'_, f64> = value.extract()?;
    Ok(PerLink::Matrix { values: owned_matrix(&matrix)?, size: matrix.shape()[0] })
}

/// The violations of a schedule, as `(kind, subject, detail)` rows.
#[pyfunction]
#[allow(clippy::too_many_arguments)]
pub fn check_dag<'py>(
    py: Python<'py>,
    graph: &TaskGraph,
    network: &Network,
    runs: RunColumns<'_>,
    copies: RunColumns<'_>,
    makespan: Option<f64>,
    fixed: Vec<FixedRow>,
    now: f64,
) -> Result<ViolationRows<'py>> {
    let (runs, copies, past) = (runs.rows()?, copies.rows()?, past(&graph.0, &fixed, now)?);
    let fixed: Vec<Run> = past.fixed().iter().map(|f| (f.task as i64, f.processor as i64, f.start, f.end)).collect();
    let claim = DagClaim { runs: &runs, copies: &copies, makespan, fixed: &fixed, now };
    let found = interruptible(py, |pulse| check_dag_interruptible(&graph.0, &network.0, &claim, pulse))??;
    rows(py, found)
}

/// The makespan that an algorithm gives each graph after its past.
#[pyfunction]
#[allow(clippy::too_many_arguments)]
pub fn schedule_many<'py>(
    py: Python<'py>,
    graphs: Vec<PyRef<'py, TaskGraph>>,
    network: &Network,
    algorithm: &str,
    tie: &str,
    fixed: Vec<Vec<FixedRow>>,
    now: f64,
    seed: u64,
    threads: Option<usize>,
) -> Result<Floats<'py>> {
    let algorithm = Algorithm::from_name(algorithm)?;
    let options = HeftOptions { tie: Tie::from_name(tie)?, ..HeftOptions::default() };
    let graphs: Vec<Arc<dag::TaskGraph>> = graphs.iter().map(|graph| Arc::clone(&graph.0)).collect();
    let makespan = interruptible(py, |pulse| {
        let pasts = graphs.iter().zip(fixed).map(|(graph, rows)| Ok((&**graph, past(graph, &rows, now)?)));
        let graphs = pasts.collect::<std::result::Result<Vec<_>, InputError>>()?;
        dag::schedule_many(&graphs, &network.0, algorithm, options, seed, parallel::resolve(threads), pulse)
    })??;
    Ok(readonly(py, makespan))
}
