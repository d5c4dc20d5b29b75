//! Bindings of `schedkit_core::dag::stream`.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use numpy::PyReadonlyArray1;
use pyo3::prelude::*;
use schedkit_core::InputError;
use schedkit_core::dag::stream::{self, Key, Noise, NoiseModel, Policy, Settings, TaskId, Template};

use crate::anytime::{Anytime, Report};
use crate::convert::{owned, readonly};
use crate::dag::{Floats, Ints, Network, TaskGraph};
use crate::errors::Result;

/// `(job, task, processor)` rows and a time.
type Next = (Vec<(usize, usize, usize)>, f64);
type Runs<'py> = (Ints<'py>, Ints<'py>, Ints<'py>, Floats<'py>, Floats<'py>);

fn settings(policy: &str, key: &str, delta: f64, phi: f64) -> std::result::Result<Settings, InputError> {
    Ok(Settings { policy: Policy::from_name(policy)?, key: Key::from_name(key)?, delta, phi })
}

/// `(completion, busy, plans, (job, task, processor, start, end))` and the report of the run.
#[pyfunction]
#[allow(clippy::too_many_arguments, clippy::type_complexity)]
pub fn simulate_stream<'py>(
    py: Python<'py>,
    graphs: Vec<PyRef<'py, TaskGraph>>,
    network: &Network,
    release: PyReadonlyArray1<'_, f64>,
    template: PyReadonlyArray1<'_, i64>,
    policy: &str,
    key: &str,
    delta: f64,
    phi: f64,
    noise_model: &str,
    noise: f64,
    seed: u64,
    keep: bool,
    options: Anytime<'_>,
) -> Result<((Floats<'py>, Floats<'py>, u64, Runs<'py>), Report<f64>)> {
    let settings = settings(policy, key, delta, phi)?;
    let noise = Noise { model: NoiseModel::from_name(noise_model)?, level: noise };
    let graphs: Vec<_> = graphs.iter().map(|graph| Arc::clone(&graph.0)).collect();
    let release = owned(&release)?;
    // A negative number becomes one that is too large, which the core refuses.
    let template: Vec<usize> = owned(&template)?.into_iter().map(|k| usize::try_from(k).unwrap_or(usize::MAX)).collect();
    let network = network.0.clone();
    let (outcome, report) = options.run(py, move |watch, _| {
        let arrivals = stream::Arrivals { release: &release, template: &template };
        stream::simulate_stream(&graphs, &network, arrivals, settings, noise, seed, keep, watch)
    })?;
    let outcome = outcome?;
    let records = outcome.records;
    let runs = (
        readonly(py, records.iter().map(|r| r.id.job as i64).collect()),
        readonly(py, records.iter().map(|r| r.id.task as i64).collect()),
        readonly(py, records.iter().map(|r| r.processor as i64).collect()),
        readonly(py, records.iter().map(|r| r.start).collect()),
        readonly(py, records.iter().map(|r| r.end).collect()),
    );
    Ok(((readonly(py, outcome.completion), readonly(py, outcome.busy), outcome.num_plans, runs), report))
}

/// Graphs whose ranks are remembered.
const REMEMBERED: usize = 64;

struct Inner {
    planner: stream::Planner,
    /// The graphs seen last, so that jobs of one kind are ranked once.
    prepared: Vec<(Arc<schedkit_core::dag::TaskGraph>, Arc<Template>)>,
}

/// The planner for embedding; one lock around everything.
#[pyclass(frozen, module = "schedkit._core")]
pub struct StreamPlanner(Mutex<Inner>);

impl StreamPlanner {
    fn lock(&self) -> MutexGuard<'_, Inner> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[pymethods]
impl StreamPlanner {
    #[new]
    fn new(num_processors: usize, network: &Network, policy: &str, key: &str, delta: f64, phi: f64) -> Result<Self> {
        let planner = stream::Planner::new(num_processors, network.0.clone(), settings(policy, key, delta, phi)?)?;
        Ok(Self(Mutex::new(Inner { planner, prepared: Vec::new() })))
    }

    fn submit(&self, graph: &TaskGraph, now: f64) -> Result<usize> {
        let mut inner = self.lock();
        let known =
            inner.prepared.iter().find(|(known, _)| Arc::ptr_eq(known, &graph.0)).map(|(_, template)| Arc::clone(template));
        let template = if let Some(template) = known {
            template
        } else {
            let template = inner.planner.prepare(&graph.0)?;
            if inner.prepared.len() == REMEMBERED {
                inner.prepared.remove(0);
            }
            inner.prepared.push((Arc::clone(&graph.0), Arc::clone(&template)));
            template
        };
        Ok(inner.planner.submit(&template, now)?)
    }

    fn started(&self, job: usize, task: usize, now: f64) -> Result<()> {
        Ok(self.lock().planner.started(TaskId { job, task }, now)?)
    }

    fn finished(&self, job: usize, task: usize, now: f64) -> Result<bool> {
        Ok(self.lock().planner.finished(TaskId { job, task }, now)?)
    }

    /// `(job, task, processor)` rows, and when to ask again for data that are under way.
    fn next_assignments(&self, now: f64) -> Result<Next> {
        let (found, wake) = self.lock().planner.next_assignments(now)?;
        Ok((found.into_iter().map(|a| (a.id.job, a.id.task, a.processor)).collect(), wake))
    }

    fn num_plans(&self) -> u64 {
        self.lock().planner.num_plans()
    }
}
