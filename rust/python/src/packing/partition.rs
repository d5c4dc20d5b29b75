//! The binding of partition.

use numpy::{PyArray1, PyReadonlyArray1};
use pyo3::prelude::*;
use schedkit_core::names::Named;
use schedkit_core::packing::{self, Partition, PartitionMethod, PartitionOptions};

use super::{LoadColumn, SizeColumn, bin_column};
use crate::anytime::{Anytime, Objective, Report, interruptible};
use crate::convert::{owned, readonly};
use crate::errors::Result;

/// A partition, by column.
#[derive(IntoPyObject)]
pub struct PartitionArrays<'py> {
    bin: Bound<'py, PyArray1<i64>>,
    load: LoadColumn<'py>,
    max_load: Objective,
    lower_bound: Objective,
}

/// What a partition has to respect, by name.
#[derive(FromPyObject)]
#[pyo3(from_item_all)]
pub struct PartitionColumns<'py> {
    max_count: Option<usize>,
    equal_count: bool,
    speeds: Option<PyReadonlyArray1<'py, f64>>,
}

/// Distributes items over bins by a heuristic method.
#[pyfunction]
pub fn partition_items<'py>(
    py: Python<'py>,
    sizes: SizeColumn<'_>,
    k: usize,
    method: &str,
    options: PartitionColumns<'_>,
) -> Result<PartitionArrays<'py>> {
    let method = PartitionMethod::from_name(method)?;
    let speeds = options.speeds.as_ref().map(owned).transpose()?;
    let PartitionColumns { max_count, equal_count, .. } = options;
    let options = PartitionOptions { max_count, equal_count, speeds: speeds.as_deref() };
    match sizes {
        SizeColumn::Integers(sizes) => {
            let sizes = owned(&sizes)?;
            let found = interruptible(py, |pulse| packing::partition(&sizes, k, method, &options, &mut pulse.clone()))??;
            Ok(arrays(py, found, LoadColumn::Integers, readonly))
        }
        SizeColumn::Floats(sizes) => {
            let sizes = owned(&sizes)?;
            let found = interruptible(py, |pulse| packing::partition(&sizes, k, method, &options, &mut pulse.clone()))??;
            Ok(arrays(py, found, LoadColumn::Floats, readonly))
        }
    }
}

/// The answer of the exact method, by column.
#[derive(IntoPyObject)]
pub struct ExactPartitionArrays<'py> {
    bin: Bound<'py, PyArray1<i64>>,
    load: Bound<'py, PyArray1<i64>>,
    max_load: Objective,
    lower_bound: Objective,
    num_nodes: u64,
    report: Report,
}

/// Distributes items of integer sizes over bins so that the largest load is least.
#[pyfunction]
pub fn partition_exact<'py>(
    py: Python<'py>,
    sizes: PyReadonlyArray1<'_, i64>,
    k: usize,
    options: PartitionColumns<'_>,
    anytime: Anytime<'_>,
) -> Result<ExactPartitionArrays<'py>> {
    let (sizes, speeds) = (owned(&sizes)?, options.speeds.as_ref().map(owned).transpose()?);
    let PartitionColumns { max_count, equal_count, .. } = options;
    let options = PartitionOptions { max_count, equal_count, speeds: speeds.as_deref() };
    let (found, report) = anytime.run(py, |watch, limits| packing::partition_exact(&sizes, k, &options, limits, watch))?;
    let (found, num_nodes) = found?;
    Ok(ExactPartitionArrays {
        bin: bin_column(py, found.bin),
        load: readonly(py, found.load),
        max_load: found.max_load.into(),
        lower_bound: found.lower_bound.into(),
        num_nodes,
        report,
    })
}

/// The columns of a partition whose loads become an array of their type.
fn arrays<'py, T, A>(
    py: Python<'py>,
    found: Partition<T>,
    column: fn(A) -> LoadColumn<'py>,
    array: fn(Python<'py>, Vec<T>) -> A,
) -> PartitionArrays<'py> {
    PartitionArrays {
        bin: bin_column(py, found.bin),
        load: column(array(py, found.load)),
        max_load: found.max_load.into(),
        lower_bound: found.lower_bound.into(),
    }
}
