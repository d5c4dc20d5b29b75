//! Bindings of `schedkit_core::dag`.

use std::sync::Arc;

use numpy::{PyArray1, PyReadonlyArray1, PyReadonlyArray2, PyUntypedArrayMethods};
use pyo3::prelude::*;
use pyo3::types::PyFloat;
use schedkit_core::InputError;
use schedkit_core::check::{DagClaim, Run, check_dag_interruptible};
use schedkit_core::control::Pulse;
use schedkit_core::dag::{self, Algorithm, Cost, HeftOptions, Links, Past, PerLink, RankCost, Tie};
use schedkit_core::error::check_length;
use schedkit_core::graph::edges_from_integers;
use schedkit_core::memory;
use schedkit_core::names::Named;
use schedkit_core::parallel;

use crate::anytime::{Anytime, Report, interruptible};
use crate::check::{ViolationRows, rows};
use crate::convert::{owned, owned_matrix, readonly, zeros};
use crate::errors::Result;

pub type Ints<'py> = Bound<'py, PyArray1<i64>>;
pub type Floats<'py> = Bound<'py, PyArray1<f64>>;

/// A schedule's columns, as keyword arguments of `DagSchedule`.
#[derive(IntoPyObject)]
pub struct ScheduleColumns<'py> {
    processor: Ints<'py>,
    start_time: Floats<'py>,
    completion_time: Floats<'py>,
    makespan: f64,
    copies: Vec<(usize, u32, f64, f64)>,
}

impl<'py> ScheduleColumns<'py> {
    fn new(py: Python<'py>, schedule: dag::Schedule) -> Self {
        Self {
            processor: readonly(py, schedule.processor.into_iter().map(i64::from).collect()),
            start_time: readonly(py, schedule.start_time),
            completion_time: readonly(py, schedule.completion_time),
            makespan: schedule.makespan,
            copies: schedule.copies.into_iter().map(|copy| (copy.task, copy.processor, copy.start, copy.end)).collect(),
        }
    }
}

/// A `DagSchedule` without copies, by its attributes.
#[derive(FromPyObject)]
pub struct GivenSchedule<'py> {
    processor: PyReadonlyArray1<'py, i64>,
    start_time: PyReadonlyArray1<'py, f64>,
    completion_time: PyReadonlyArray1<'py, f64>,
    makespan: f64,
}

impl GivenSchedule<'_> {
    fn schedule(&self) -> Result<dag::Schedule> {
        Ok(dag::Schedule {
            // A negative number becomes one that is too large, which the core refuses.
            processor: owned(&self.processor)?.into_iter().map(|p| u32::try_from(p).unwrap_or(u32::MAX)).collect(),
            start_time: owned(&self.start_time)?,
            completion_time: owned(&self.completion_time)?,
            makespan: self.makespan,
            copies: Vec::new(),
        })
    }
}

/// The answer of a search.
#[derive(IntoPyObject)]
struct ImprovedColumns<'py> {
    schedule: ScheduleColumns<'py>,
    lower_bound: f64,
    status: &'static str,
    report: Report,
}

/// A row of a past, by its attributes; without an end the task is running and takes what it costs.
#[derive(FromPyObject)]
pub struct FixedRow {
    task: usize,
    processor: usize,
    start: f64,
    end: Option<f64>,
}

fn past(graph: &dag::TaskGraph, fixed: &[FixedRow], now: f64) -> std::result::Result<Past, InputError> {
    let row = |row: &FixedRow| dag::FixedRow { task: row.task, processor: row.processor, start: row.start, end: row.end };
    Past::from_rows(graph, &fixed.iter().map(row).collect::<Vec<_>>(), now)
}

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

    /// The cost of each task on the processor given beside it; 0 if there is no such processor.
    fn placement_cost<'py>(&self, py: Python<'py>, processor: PyReadonlyArray1<'_, i64>) -> Result<Floats<'py>> {
        Ok(readonly(py, self.0.placement_cost(processor.as_slice().map_err(PyErr::from)?)))
    }

    fn upward_rank<'py>(&self, py: Python<'py>, cost: &str, network: &Network) -> Result<Floats<'py>> {
        self.rank(py, cost, network, dag::upward_rank_until)
    }

    fn downward_rank<'py>(&self, py: Python<'py>, cost: &str, network: &Network) -> Result<Floats<'py>> {
        self.rank(py, cost, network, dag::downward_rank_until)
    }

    fn bottom_level<'py>(&self, py: Python<'py>, cost: &str) -> Result<Floats<'py>> {
        let kind = RankCost::from_name(cost)?;
        memory::require_items(self.0.num_tasks(), 40)?;
        let rank = interruptible(py, |pulse| dag::bottom_level_until(&self.0, &dag::weights(&self.0, kind), pulse))?;
        Ok(readonly(py, rank))
    }

    /// Larger numbers first: the order in which HEFT takes the tasks.
    fn heft_priorities<'py>(&self, py: Python<'py>, cost: &str, network: &Network) -> Result<Ints<'py>> {
        self.rank(py, cost, network, |graph, links, weights, pulse| {
            dag::heft_priorities(graph, &dag::upward_rank_until(graph, links, weights, pulse))
        })
    }

    /// The best schedule that a search finds from `start`.
    #[allow(clippy::too_many_arguments)]
    fn improve<'py>(
        &self,
        py: Python<'py>,
        network: &Network,
        start: GivenSchedule<'_>,
        seed: u64,
        threads: Option<usize>,
        fixed: Vec<FixedRow>,
        now: f64,
        options: Anytime<'_>,
    ) -> Result<ImprovedColumns<'py>> {
        let start = start.schedule()?;
        let (improved, report) = options.run(py, |watch, limits| {
            let past = past(&self.0, &fixed, now)?;
            dag::improve(&self.0, &network.0, &past, start, (seed, parallel::resolve(threads)), limits, watch)
        })?;
        let dag::Improved { schedule, lower_bound, status, .. } = improved?;
        Ok(ImprovedColumns { schedule: ScheduleColumns::new(py, schedule), lower_bound, status: status.as_str(), report })
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
        let past = past(&self.0, &fixed, now)?;
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
    fn execute_many<'py>(
        &self,
        py: Python<'py>,
        network: &Network,
        plan: GivenSchedule<'_>,
        factor: PyReadonlyArray2<'_, f64>,
        threads: Option<usize>,
    ) -> Result<Floats<'py>> {
        let (plan, factor, rows) = (plan.schedule()?, owned_matrix(&factor)?, factor.shape()[0]);
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
    ) -> Result<ScheduleColumns<'py>> {
        let algorithm = Algorithm::from_name(algorithm)?;
        let options = HeftOptions { rank: RankCost::from_name(rank)?, insertion, entry_duplication, tie: Tie::from_name(tie)? };
        let schedule = interruptible(py, |pulse| {
            let past = past(&self.0, &fixed, now)?;
            algorithm.run(&self.0, &network.0, &past, options, seed, pulse)
        })??;
        Ok(ScheduleColumns::new(py, schedule))
    }

    /// The schedule of an algorithm, as a start for a search; `None` if it takes longer than so many seconds.
    fn start_within<'py>(
        &self,
        py: Python<'py>,
        network: &Network,
        algorithm: &str,
        fixed: Vec<FixedRow>,
        now: f64,
        seconds: f64,
    ) -> Result<Option<ScheduleColumns<'py>>> {
        let algorithm = Algorithm::from_name(algorithm)?;
        let schedule = interruptible(py, |pulse| {
            let past = past(&self.0, &fixed, now)?;
            dag::start_within(&self.0, &network.0, &past, algorithm, seconds, pulse)
        })??;
        Ok(schedule.map(|schedule| ScheduleColumns::new(py, schedule)))
    }
}

impl TaskGraph {
    /// One makespan per draw: a graph without tasks takes no time, however often it is drawn.
    fn of_draws<'py>(&self, py: Python<'py>, makespan: Vec<f64>, draws: usize) -> Result<Floats<'py>> {
        Ok(readonly(py, if self.0.num_tasks() == 0 { zeros(draws)? } else { makespan }))
    }

    /// Numbers of all tasks that are made of the named cost.
    fn rank<'py, T: numpy::Element + Send>(
        &self,
        py: Python<'py>,
        cost: &str,
        network: &Network,
        rank: fn(&dag::TaskGraph, &Links, &[f64], &Pulse) -> Vec<T>,
    ) -> Result<Bound<'py, PyArray1<T>>> {
        let kind = RankCost::from_name(cost)?;
        memory::require_items(self.0.num_tasks(), 60)?;
        let numbers = interruptible(py, |pulse| {
            let weights = dag::weights(&self.0, kind);
            Ok::<_, InputError>(rank(&self.0, &Links::new(&network.0, &self.0)?, &weights, pulse))
        })??;
        Ok(readonly(py, numbers))
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

/// The runs of tasks, by column.
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
        let pasts = graphs.iter().zip(fixed).map(|(graph, rows)| Ok((&**graph, past(graph, &rows, now)?)));
        let graphs = pasts.collect::<std::result::Result<Vec<_>, InputError>>()?;
        dag::schedule_many(&graphs, &network.0, algorithm, options, seed, parallel::resolve(threads), pulse)
    })??;
    Ok(readonly(py, makespan))
}
