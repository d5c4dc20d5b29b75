//! The bindings of placement on nodes, of the scores of nodes, and of moves between them.

use numpy::{PyArray1, PyReadonlyArray1, PyReadonlyArray2, PyUntypedArrayMethods};
use pyo3::prelude::*;
use schedkit_core::InputError;
use schedkit_core::names::Named;
use schedkit_core::packing::{self, Cluster, ClusterData, NodeScore, Placement, PlacementData};

use crate::anytime::{Anytime, Report, interruptible};
use crate::convert::{owned, owned_matrix, readonly};
use crate::errors::Result;

/// The columns of a placement problem as they come in.
#[derive(FromPyObject)]
#[pyo3(from_item_all)]
pub struct PlacementColumns<'py> {
    demand: PyReadonlyArray2<'py, i64>,
    capacity: PyReadonlyArray2<'py, i64>,
    priority: PyReadonlyArray1<'py, i64>,
    current: PyReadonlyArray1<'py, i64>,
    allowed: Vec<(i64, Vec<i64>)>,
    apart: Vec<Vec<i64>>,
}

impl PlacementColumns<'_> {
    fn problem(self) -> Result<Placement> {
        Ok(Placement::new(PlacementData {
            demand: owned_matrix(&self.demand)?,
            capacity: owned_matrix(&self.capacity)?,
            shape: shape(self.demand.shape(), self.capacity.shape())?,
            priority: Some(owned(&self.priority)?),
            current: Some(owned(&self.current)?),
            allowed: self.allowed,
            apart: self.apart,
        })?)
    }
}

/// Numbers of items, nodes and resources; demands and capacities must have the same resources.
fn shape(demand: &[usize], capacity: &[usize]) -> Result<(usize, usize, usize)> {
    if demand[1] != capacity[1] && demand[0] > 0 && capacity[0] > 0 {
        let reason = format!("has {} columns, expected {}, one for each column of capacity", demand[1], capacity[1]);
        return Err(InputError::new("demand", reason).into());
    }
    Ok((demand[0], capacity[0], if capacity[0] > 0 { capacity[1] } else { demand[1] }))
}

/// A placement, by column.
#[derive(IntoPyObject)]
pub struct PlacementArrays<'py> {
    node: Bound<'py, PyArray1<i64>>,
    evicted: Bound<'py, PyArray1<i64>>,
    tier: Bound<'py, PyArray1<i64>>,
    placed: Bound<'py, PyArray1<i64>>,
    bound: Bound<'py, PyArray1<i64>>,
    status: &'static str,
    num_nodes: u64,
    report: Report,
}

/// Searches for a placement of items on nodes.
#[pyfunction]
pub fn place_items<'py>(
    py: Python<'py>,
    columns: PlacementColumns<'_>,
    start: Option<PyReadonlyArray1<'_, i64>>,
    seed: u64,
    anytime: Anytime<'_>,
) -> Result<PlacementArrays<'py>> {
    let problem = columns.problem()?;
    let start = start.as_ref().map(owned).transpose()?;
    let (found, report) = anytime.run(py, |watch, limits| packing::place(&problem, start.as_deref(), limits, seed, watch))?;
    let found = found?;
    Ok(PlacementArrays {
        node: readonly(py, found.node),
        evicted: readonly(py, found.evicted),
        tier: readonly(py, problem.tiers().to_vec()),
        placed: readonly(py, found.placed),
        bound: readonly(py, found.bound),
        status: found.status.as_str(),
        num_nodes: found.num_nodes,
        report,
    })
}

/// A row `(item, node, resource, missing, is_too_large)`: why an item has no node.
type UnplacedRow = (usize, Option<usize>, Option<usize>, i64, bool);

/// Why items have no node in a placement.
#[pyfunction]
pub fn unplaced_items(
    py: Python<'_>,
    columns: PlacementColumns<'_>,
    node: PyReadonlyArray1<'_, i64>,
) -> Result<Vec<UnplacedRow>> {
    let (problem, node) = (columns.problem()?, owned(&node)?);
    let found = interruptible(py, |pulse| packing::unplaced(&problem, &node, &mut pulse.clone()))??;
    Ok(found.iter().map(|u| (u.item, u.node, u.resource, u.missing, u.is_too_large)).collect())
}

/// The scores of all nodes for one item.
#[pyfunction]
pub fn node_scores<'py>(
    py: Python<'py>,
    demand: PyReadonlyArray1<'_, i64>,
    free: PyReadonlyArray2<'_, i64>,
    capacity: PyReadonlyArray2<'_, i64>,
    score: &str,
) -> Result<Bound<'py, PyArray1<i64>>> {
    let (demand, free, capacity) = (owned(&demand)?, owned_matrix(&free)?, owned_matrix(&capacity)?);
    Ok(readonly(py, packing::node_scores(&demand, &free, &capacity, NodeScore::from_name(score)?)?))
}

/// Moves between nodes, by column.
#[derive(IntoPyObject)]
pub struct RepackingColumns {
    moves: Vec<packing::Move>,
    value: f64,
    bound: f64,
    status: &'static str,
    num_nodes: u64,
    report: Report,
}

/// Searches for moves that leave the least fragments.
#[pyfunction]
#[allow(clippy::too_many_arguments)]
pub fn repack_items(
    py: Python<'_>,
    demand: PyReadonlyArray2<'_, i64>,
    capacity: PyReadonlyArray2<'_, i64>,
    current: PyReadonlyArray1<'_, i64>,
    spread: Vec<bool>,
    block: i64,
    max_moves: usize,
    seed: u64,
    anytime: Anytime<'_>,
) -> Result<RepackingColumns> {
    let shape = shape(demand.shape(), capacity.shape())?;
    let cluster = Cluster::new(ClusterData {
        demand: owned_matrix(&demand)?,
        capacity: owned_matrix(&capacity)?,
        shape,
        current: owned(&current)?,
        spread,
        block,
    })?;
    let (found, report) = anytime.run(py, |watch, limits| packing::repack(&cluster, max_moves, limits, seed, watch))?;
    let found = found?;
    Ok(RepackingColumns {
        moves: found.moves,
        value: found.value,
        bound: found.bound,
        status: found.status.as_str(),
        num_nodes: found.num_nodes,
        report,
    })
}
