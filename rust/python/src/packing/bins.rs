//! The binding of bin packing.

use numpy::{PyArray1, PyReadonlyArray1};
use pyo3::prelude::*;
use schedkit_core::names::Named;
use schedkit_core::packing::{self, BinMethod, BinPacking};

use super::{LoadColumn, SizeColumn, bin_column};
use crate::anytime::{Anytime, Report, interruptible};
use crate::convert::{owned, readonly};
use crate::errors::Result;

/// Items in bins, by column.
#[derive(IntoPyObject)]
pub struct BinArrays<'py> {
    bin: Bound<'py, PyArray1<i64>>,
    load: LoadColumn<'py>,
    lower_bound: usize,
}

/// Packs items into bins by a heuristic method; the capacity has the type of the sizes.
#[pyfunction]
pub fn pack_bins<'py>(
    py: Python<'py>,
    sizes: SizeColumn<'_>,
    capacity: Bound<'_, PyAny>,
    method: &str,
) -> Result<BinArrays<'py>> {
    let method = BinMethod::from_name(method)?;
    match sizes {
        SizeColumn::Integers(sizes) => {
            let (sizes, capacity) = (owned(&sizes)?, capacity.extract::<i64>()?);
            let found = interruptible(py, |pulse| packing::pack_bins(&sizes, capacity, method, &mut pulse.clone()))??;
            Ok(arrays(py, found, LoadColumn::Integers, readonly))
        }
        SizeColumn::Floats(sizes) => {
            let (sizes, capacity) = (owned(&sizes)?, capacity.extract::<f64>()?);
            let found = interruptible(py, |pulse| packing::pack_bins(&sizes, capacity, method, &mut pulse.clone()))??;
            Ok(arrays(py, found, LoadColumn::Floats, readonly))
        }
    }
}

/// The answer of the exact method, by column.
#[derive(IntoPyObject)]
pub struct ExactBinArrays<'py> {
    bin: Bound<'py, PyArray1<i64>>,
    load: Bound<'py, PyArray1<i64>>,
    lower_bound: usize,
    num_nodes: u64,
    report: Report,
}

/// Packs items of integer sizes into the least number of bins.
#[pyfunction]
pub fn pack_bins_exact<'py>(
    py: Python<'py>,
    sizes: PyReadonlyArray1<'_, i64>,
    capacity: i64,
    anytime: Anytime<'_>,
) -> Result<ExactBinArrays<'py>> {
    let sizes = owned(&sizes)?;
    let (found, report) = anytime.run(py, |watch, limits| packing::pack_bins_exact(&sizes, capacity, limits, watch))?;
    let (found, num_nodes) = found?;
    let (bin, load) = (bin_column(py, found.bin), readonly(py, found.load));
    Ok(ExactBinArrays { bin, load, lower_bound: found.lower_bound, num_nodes, report })
}

/// The columns of a packing whose loads become an array of their type.
fn arrays<'py, T, A>(
    py: Python<'py>,
    found: BinPacking<T>,
    column: fn(A) -> LoadColumn<'py>,
    array: fn(Python<'py>, Vec<T>) -> A,
) -> BinArrays<'py> {
    BinArrays { bin: bin_column(py, found.bin), load: column(array(py, found.load)), lower_bound: found.lower_bound }
}
