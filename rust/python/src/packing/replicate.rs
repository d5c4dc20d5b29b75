//! The binding of replication.

use numpy::{PyArray1, PyReadonlyArray2, PyUntypedArrayMethods};
use pyo3::prelude::*;
use schedkit_core::Error;
use schedkit_core::memory;
use schedkit_core::names::Named;
use schedkit_core::packing::{self, Layout, ReplicationMethod};

use crate::anytime::interruptible;
use crate::convert::{owned_matrix, readonly};
use crate::errors::Result;

/// Replications of all layers, one row after the other.
#[derive(IntoPyObject)]
pub struct ReplicationArrays<'py> {
    expert: Bound<'py, PyArray1<i64>>,
    replica_count: Bound<'py, PyArray1<i64>>,
    max_load: Bound<'py, PyArray1<f64>>,
    lower_bound: Bound<'py, PyArray1<f64>>,
}

/// Slots, groups, nodes and devices, by name.
#[derive(FromPyObject)]
#[pyo3(from_item_all)]
pub struct LayoutColumns {
    replicas: usize,
    groups: usize,
    nodes: usize,
    devices: usize,
}

/// Fills the slots of devices with experts, layer by layer; messages name layers if the caller has `layers`.
#[pyfunction]
pub fn replicate_experts<'py>(
    py: Python<'py>,
    load: PyReadonlyArray2<'_, f64>,
    layers: bool,
    layout: LayoutColumns,
    method: &str,
) -> Result<ReplicationArrays<'py>> {
    let method = ReplicationMethod::from_name(method)?;
    let (num_layers, experts) = (load.shape()[0], load.shape()[1]);
    let LayoutColumns { replicas, groups, nodes, devices } = layout;
    let layout = Layout { experts, replicas, groups, nodes, devices };
    layout.checked()?; // for a load without layers, as `replicate` checks the layout with each layer
    let load = owned_matrix(&load)?;
    memory::require_items((num_layers + 1).saturating_mul(replicas.saturating_add(experts)), 16)?; // one more for the devices of slots
    let found = interruptible(py, |pulse| {
        let mut pulse = pulse.clone();
        (0..num_layers)
            .map(|layer| {
                let row = &load[layer * experts..(layer + 1) * experts];
                packing::replicate(row, layout, method, &mut pulse)
                    .map_err(|error| if layers { in_layer(error, layer) } else { error })
            })
            .collect::<std::result::Result<Vec<_>, _>>()
    })??;
    Ok(ReplicationArrays {
        expert: readonly(py, found.iter().flat_map(|layer| layer.expert.iter().map(|&e| i64::from(e))).collect()),
        replica_count: readonly(py, found.iter().flat_map(|layer| layer.replica_count.iter().map(|&c| i64::from(c))).collect()),
        max_load: readonly(py, found.iter().map(|layer| layer.max_load).collect()),
        lower_bound: readonly(py, found.iter().map(|layer| layer.lower_bound).collect()),
    })
}

/// Adds the layer to the position of a value that is to blame.
fn in_layer(error: Error, layer: usize) -> Error {
    match error {
        Error::Input(mut input) if !input.index.is_empty() => {
            input.index.insert(0, layer);
            Error::Input(input)
        }
        other => other,
    }
}
