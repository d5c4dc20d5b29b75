//! Bindings of `schedkit_core::dag`.

use std::sync::Arc;
use std::time::{Duration, Instant};

use numpy::{PyArray1, PyReadonlyArray1, PyReadonlyArray2, PyUntypedArrayMethods};
use pyo3::prelude::*;
use pyo3::types::PyFloat;
use schedkit_core::check::{DagClaim, Run, check_dag_interruptible};
use schedkit_core::dag::{self, Algorithm, Cost, Fixed, HeftOptions, Links, Past, PerLink, RankCost, Tie};
use schedkit_core::error::check_length;
use schedkit_core::graph::edges_from_integers;
use schedkit_core::memory;
use schedkit_core::parallel;
use schedkit_core::{Error, InputError};

use crate::anytime::{Anytime, Report, interruptible};
use crate::check::{Rows, rows};
use crate::convert::{owned, owned_matrix, readonly, zeros};
use crate::errors::Result;

pub type Ints<'py> = Bound<'py, PyArray1<i64>>;
pub type Floats<'py> = Bound<'py, PyArray1<f64>>;
type Copies = Vec<(usize, u32, f64, f64)>;
pub type Plan<'py> = (Ints<'py>, Floats<'py>, Floats<'py>, f64, Copies);

/// The validated task graph.
#[pyclass(frozen, module = "schedkit._core")]
pub struct TaskGraph(pub Arc<dag::TaskGraph>);

/// The validated network.
#[pyclass(frozen, module = "schedkit._core")]
pub struct Network(pub dag::Network);

#[pymethods]
impl TaskGraph {
    #[new]
    #[pyo3(signature = (cost, edges, data, names))]
    fn new(
        cost: PyReadonlyArray2<'_, f64>,
        edges: PyReadonlyArray2<'_, i64>,
        data: Option<PyReadonlyArray1<'_, f64>>,
        names: Option<Vec<String>>,
    ) -> Result<Self> {
        let (n, num_processors) = (cost.shape()[0], cost.shape()[1]);
        if n > 0 && num_processors == 0 {
            return Err(InputError::new("cost", "needs at least one processor").into());
        }
        Self::build(cost.py(), n, Cost::Matrix { cost: owned_matrix(&cost)?, num_processors }, &edges, data.as_ref(), names)
    }

    #[staticmethod]
    #[pyo3(signature = (work, speed, edges, data, names))]
    fn from_work(
        work: PyReadonlyArray1<'_, f64>,
        speed: PyReadonlyArray1<'_, f64>,
        edges: PyReadonlyArray2<'_, i64>,
        data: Option<PyReadonlyArray1<'_, f64>>,
        names: Option<Vec<String>>,
    ) -> Result<Self> {
        let cost = Cost::Related { work: owned(&work)?, speed: owned(&speed)? };
        Self::build(work.py(), work.len(), cost, &edges, data.as_ref(), names)
    }

    /// `(tasks, processors, edges)`.
    fn shape(&self) -> (usize, usize, usize) {
        (self.0.num_tasks(), self.0.num_processors(), self.0.dag().num_edges())
    }

    /// The matrix of costs, flat; made on the fly where none is kept.
    fn cost<'py>(&self, py: Python<'py>) -> Result<Floats<'py>> {
        match self.0.costs() {
            Cost::Matrix { cost, .. } => Ok(readonly(py, memory::copied(cost)?)),
            Cost::Related { work, speed } => {
                let mut cost = memory::with_capacity(work.len() * speed.len())?;
                cost.extend(work.iter().flat_map(|w| speed.iter().map(move |s| w / s)));
                Ok(readonly(py, cost))
            }
        }
    }

    /// `(work, speed)` if no matrix is kept.
    fn related<'py>(&self, py: Python<'py>) -> Option<(Floats<'py>, Floats<'py>)> {
        match self.0.costs() {
            Cost::Matrix { .. } => None,
            Cost::Related { work, speed } => Some((readonly(py, work.clone()), readonly(py, speed.clone()))),
        }
    }

    /// The edges as flat pairs, in the caller's order.
    fn edges<'py>(&self, py: Python<'py>) -> Result<Ints<'py>> {
        memory::require_items(self.0.dag().num_edges(), 40)?; // the collected pairs grow by doubling
        Ok(readonly(py, self.0.edges().into_iter().flat_map(|(i, j)| [i64::from(i), i64::from(j)]).collect()))
    }

    /// The data in the order of the edges.
    fn data<'py>(&self, py: Python<'py>) -> Result<Floats<'py>> {
        memory::require_items(self.0.dag().num_edges(), 8)?;
        Ok(readonly(py, self.0.data()))
    }

    /// The costs of given tasks on given processors; processors that do not exist give 0.
    fn placement_cost<'py>(&self, py: Python<'py>, processor: PyReadonlyArray1<'_, i64>) -> Result<Floats<'py>> {
        let width = self.0.num_processors();
        let known = |p: i64| usize::try_from(p).ok().filter(|&p| p < width);
        let processor = processor.as_slice().map_err(PyErr::from)?;
        let cost = processor.iter().enumerate().map(|(i, &p)| known(p).map_or(0.0, |p| self.0.cost(i, p))).collect();
        Ok(readonly(py, cost))
    }

    /// A rank by name, made of the named cost.
    fn rank<'py>(&self, py: Python<'py>, which: &str, cost: &str, network: &Network) -> Result<Floats<'py>> {
        let kind = RankCost::from_name(cost)?;
        memory::require_items(self.0.num_tasks(), 40)?;
        let rank = interruptible(py, |pulse| {
            let weights = dag::weights(&self.0, kind);
            if which == "bottom" {
                return Ok(dag::bottom_level_until(&self.0, &weights, pulse));
            }
            let links = Links::new(&network.0, &self.0)?;
            let rank = if which == "downward" { dag::downward_rank_until } else { dag::upward_rank_until };
            Ok::<_, InputError>(rank(&self.0, &links, &weights, pulse))
        })??;
        Ok(readonly(py, rank))
    }

    /// Larger numbers first: the order in which HEFT takes the tasks.
    fn priorities<'py>(&self, py: Python<'py>, cost: &str, network: &Network) -> Result<Ints<'py>> {
        let kind = RankCost::from_name(cost)?;
        memory::require_items(self.0.num_tasks(), 60)?;
        let priority = interruptible(py, |pulse| {
            let links = Links::new(&network.0, &self.0)?;
            let rank = dag::upward_rank_until(&self.0, &links, &dag::weights(&self.0, kind), pulse);
            let order = dag::rank_order(&self.0, &rank);
            let mut priority = vec![0_i64; order.len()];
            for (k, &i) in order.iter().rev().enumerate() {
                priority[i as usize] = k as i64;
            }
            Ok::<_, InputError>(priority)
        })??;
        Ok(readonly(py, priority))
    }

    /// `(processor, start_time, completion_time, makespan)` of the best schedule, its lower bound, status, evaluations, and the
    /// report of the search.
    #[allow(clippy::too_many_arguments, clippy::type_complexity)]
    fn improve<'py>(
        &self,
        py: Python<'py>,
        network: &Network,
        processor: PyReadonlyArray1<'_, i64>,
        start_time: PyReadonlyArray1<'_, f64>,
        completion_time: PyReadonlyArray1<'_, f64>,
        makespan: f64,
        seed: u64,
        threads: Option<usize>,
        fixed: Vec<FixedRow>,
        now: f64,
        options: Anytime<'_>,
    ) -> Result<(Plan<'py>, f64, &'static str, Report<f64>)> {
        let start = dag::Schedule {
            processor: owned(&processor)?.into_iter().map(|p| p as u32).collect(),
            start_time: owned(&start_time)?,
            completion_time: owned(&completion_time)?,
            makespan,
            copies: Vec::new(),
        };
        let (improved, report) = options.run(py, |watch, limits| {
            let past = past(&self.0, fixed, now)?;
            dag::improve(&self.0, &network.0, &past, start, (seed, parallel::resolve(threads)), limits, watch)
        })?;
        let improved = improved?;
        Ok((plan(py, improved.schedule), improved.lower_bound, improved.status.as_str(), report))
    }

    /// Makespans under many draws of the costs, of an algorithm that knows them.
    #[allow(clippy::too_many_arguments)]
    fn replan_many<'py>(
        &self,
        py: Python<'py>,
        network: &Network,
        algorithm: &str,
        tie: &str,
        factor: PyReadonlyArray2<'_, f64>,
        fixed: Vec<FixedRow>,
        now: f64,
        seed: u64,
        threads: Option<usize>,
    ) -> Result<Floats<'py>> {
        let past = past(&self.0, fixed, now)?;
        let algorithm = Algorithm::from_name(algorithm)?;
        let options = HeftOptions { tie: Tie::from_name(tie)?, ..HeftOptions::default() };
        let (factor, rows) = (owned_matrix(&factor)?, factor.shape()[0]);
        let threads = parallel::resolve(threads);
        let makespan = interruptible(py, |pulse| {
            dag::replan_many(&self.0, &network.0, algorithm, options, &factor, &past, seed, threads, pulse)
        })??;
        self.of_draws(py, makespan, rows)
    }

    /// Makespans of a fixed plan under many draws of the costs.
    #[allow(clippy::too_many_arguments)]
    fn execute_many<'py>(
        &self,
        py: Python<'py>,
        network: &Network,
        processor: PyReadonlyArray1<'_, i64>,
        start_time: PyReadonlyArray1<'_, f64>,
        completion_time: PyReadonlyArray1<'_, f64>,
        factor: PyReadonlyArray2<'_, f64>,
        threads: Option<usize>,
    ) -> Result<Floats<'py>> {
        let plan = dag::Schedule {
            // A negative number becomes one that is too large, which the core refuses.
            processor: owned(&processor)?.into_iter().map(|p| u32::try_from(p).unwrap_or(u32::MAX)).collect(),
            start_time: owned(&start_time)?,
            completion_time: owned(&completion_time)?,
            ..dag::Schedule::default()
        };
        let (factor, rows) = (owned_matrix(&factor)?, factor.shape()[0]);
        let threads = parallel::resolve(threads);
        let makespan = interruptible(py, |pulse| dag::execute_many(&self.0, &network.0, &plan, &factor, threads, pulse))??;
        self.of_draws(py, makespan, rows)
    }

    fn lower_bound(&self, py: Python<'_>, network: &Network) -> Result<f64> {
        let bound = interruptible(py, |pulse| {
            let mut pulse = pulse.clone();
            dag::lower_bound_until(&self.0, &network.0, &mut || pulse.worked(u64::MAX))
        })??;
        Ok(bound)
    }

    /// The past as `(task, processor, start, end)` rows, validated.
    fn past(&self, fixed: Vec<FixedRow>, now: f64) -> Result<Vec<(usize, usize, f64, f64)>> {
        let past = past(&self.0, fixed, now)?;
        Ok(past.fixed().iter().map(|f| (f.task, f.processor, f.start, f.end)).collect())
    }

    /// Runs a static algorithm.
    #[allow(clippy::too_many_arguments)]
    fn schedule<'py>(
        &self,
        py: Python<'py>,
        network: &Network,
        algorithm: &str,
        rank: &str,
        insertion: bool,
        entry_duplication: bool,
        tie: &str,
        seed: u64,
        fixed: Vec<FixedRow>,
        now: f64,
    ) -> Result<Plan<'py>> {
        let algorithm = Algorithm::from_name(algorithm)?;
        let options = HeftOptions { rank: RankCost::from_name(rank)?, insertion, entry_duplication, tie: Tie::from_name(tie)? };
        let schedule = interruptible(py, |pulse| {
            let past = past(&self.0, fixed, now)?;
            algorithm.run(&self.0, &network.0, &past, options, seed, pulse)
        })??;
        Ok(plan(py, schedule))
    }

    /// A start for a search: what the algorithm gives, or `None` if it takes longer than so many seconds.
    fn start<'py>(
        &self,
        py: Python<'py>,
        network: &Network,
        algorithm: &str,
        fixed: Vec<FixedRow>,
        now: f64,
        seconds: f64,
    ) -> Result<Option<Plan<'py>>> {
        let algorithm = Algorithm::from_name(algorithm)?;
        let limit = Duration::try_from_secs_f64(seconds.max(0.0)).ok();
        let deadline = limit.and_then(|limit| Instant::now().checked_add(limit));
        let (schedule, stopped) = interruptible(py, |pulse| {
            let pulse = deadline.map_or_else(|| pulse.clone(), |deadline| pulse.clone().until(deadline));
            let past = past(&self.0, fixed, now)?;
            let schedule = algorithm.run(&self.0, &network.0, &past, HeftOptions::default(), 0, &pulse)?;
            Ok::<_, Error>((schedule, pulse.stopped()))
        })??;
        Ok((!stopped).then(|| plan(py, schedule)))
    }
}

impl TaskGraph {
    /// One makespan per draw: a graph without tasks takes no time, however often it is drawn.
    fn of_draws<'py>(&self, py: Python<'py>, makespan: Vec<f64>, draws: usize) -> Result<Floats<'py>> {
        Ok(readonly(py, if self.0.num_tasks() == 0 { zeros(draws)? } else { makespan }))
    }

    fn build(
        py: Python<'_>,
        n: usize,
        cost: Cost,
        edges: &PyReadonlyArray2<'_, i64>,
        data: Option<&PyReadonlyArray1<'_, f64>>,
        names: Option<Vec<String>>,
    ) -> Result<Self> {
        memory::require_items(edges.len() / 2, 24)?;
        let edges = edges_from_integers(n, edges.as_slice().map_err(PyErr::from)?, "edges")?;
        let data = match data {
            Some(data) => owned(data)?,
            None => Vec::new(),
        };
        let graph = interruptible(py, |pulse| {
            let data = if data.is_empty() { vec![0.0; edges.len()] } else { data };
            dag::TaskGraph::new_interruptible(cost, &edges, &data, names, &mut pulse.clone())
        })??;
        Ok(Self(Arc::new(graph)))
    }
}

/// `(task, processor, start, end)`; without an end the task is running and takes what it costs.
pub type FixedRow = (usize, usize, f64, Option<f64>);

/// The validated past.
pub fn past(graph: &dag::TaskGraph, fixed: Vec<FixedRow>, now: f64) -> std::result::Result<Past, InputError> {
    let planned = |task: usize, processor: usize, start: f64| {
        let known = task < graph.num_tasks() && processor < graph.num_processors();
        if known { (start + graph.cost(task, processor)).max(now) } else { start }
    };
    let complete = |(task, processor, start, end): FixedRow| Fixed {
        task,
        processor,
        start,
        end: end.unwrap_or_else(|| planned(task, processor, start)),
    };
    Past::new(graph, fixed.into_iter().map(complete).collect(), now)
}

/// `(processor, start_time, completion_time, makespan, copies)`.
pub fn plan(py: Python<'_>, schedule: dag::Schedule) -> Plan<'_> {
    (
        readonly(py, schedule.processor.into_iter().map(i64::from).collect()),
        readonly(py, schedule.start_time),
        readonly(py, schedule.completion_time),
        schedule.makespan,
        schedule.copies.into_iter().map(|copy| (copy.task, copy.processor, copy.start, copy.end)).collect(),
    )
}

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

/// `(kind, subject, detail)` for everything that is wrong.
#[pyfunction]
#[allow(clippy::too_many_arguments)]
pub fn check_dag<'py>(
    py: Python<'py>,
    graph: &TaskGraph,
    network: &Network,
    runs: RunColumns<'_>,
    copies: RunColumns<'_>,
    makespan: Option<f64>,
    fixed: Vec<Run>,
    now: f64,
) -> Result<Rows<'py>> {
    let (runs, copies) = (runs.rows()?, copies.rows()?);
    let claim = DagClaim { runs: &runs, copies: &copies, makespan, fixed: &fixed, now };
    let found = interruptible(py, |pulse| check_dag_interruptible(&graph.0, &network.0, &claim, pulse))??;
    rows(py, found)
}

/// Who runs where and when, column by column.
#[derive(FromPyObject)]
pub struct RunColumns<'py> {
    task: PyReadonlyArray1<'py, i64>,
    processor: PyReadonlyArray1<'py, i64>,
    start: PyReadonlyArray1<'py, f64>,
    end: PyReadonlyArray1<'py, f64>,
}

impl RunColumns<'_> {
    fn rows(&self) -> Result<Vec<Run>> {
        let (task, processor) = (self.task.as_slice().map_err(PyErr::from)?, self.processor.as_slice().map_err(PyErr::from)?);
        let (start, end) = (self.start.as_slice().map_err(PyErr::from)?, self.end.as_slice().map_err(PyErr::from)?);
        check_length("processor", processor.len(), task.len())?;
        check_length("start_time", start.len(), task.len())?;
        check_length("completion_time", end.len(), task.len())?;
        let mut rows = memory::with_capacity(task.len())?;
        rows.extend((0..task.len()).map(|k| (task[k], processor[k], start[k], end[k])));
        Ok(rows)
    }
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
        let pasts = graphs.iter().zip(fixed).map(|(graph, rows)| Ok((&**graph, past(graph, rows, now)?)));
        let graphs = pasts.collect::<std::result::Result<Vec<_>, InputError>>()?;
        dag::schedule_many(&graphs, &network.0, algorithm, options, seed, parallel::resolve(threads), pulse)
    })??;
    Ok(readonly(py, makespan))
}
