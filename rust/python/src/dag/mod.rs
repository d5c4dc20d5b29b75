//! Bindings of `schedkit_core::dag`: the task graph.

pub mod algorithms;
mod columns;

use std::sync::Arc;

use numpy::{PyArray1, PyReadonlyArray1, PyReadonlyArray2, PyUntypedArrayMethods};
use pyo3::prelude::*;
use schedkit_core::InputError;
use schedkit_core::control::Pulse;
use schedkit_core::dag::{self, Algorithm, Cost, HeftOptions, Links, RankCost, Tie};
use schedkit_core::graph::edges_from_integers;
use schedkit_core::memory;
use schedkit_core::names::Named;
use schedkit_core::parallel;

use crate::anytime::{Anytime, interruptible};
use crate::convert::{owned, owned_matrix, readonly, zeros};
use crate::errors::Result;
use algorithms::Network;
use columns::{FixedRow, GivenSchedule, ImprovedColumns, ScheduleColumns, past};

pub type Ints<'py> = Bound<'py, PyArray1<i64>>;
pub type Floats<'py> = Bound<'py, PyArray1<f64>>;

/// The validated task graph.
#[pyclass(frozen, module = "schedkit._core")]
pub struct TaskGraph(pub Arc<dag::TaskGraph>);

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
