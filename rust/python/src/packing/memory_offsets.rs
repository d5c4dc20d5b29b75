//! The binding of memory offsets.

use numpy::{PyArray1, PyReadonlyArray1};
use pyo3::prelude::*;
use schedkit_core::packing::{self, Buffers};

use crate::anytime::{Anytime, Report};
use crate::convert::{owned, readonly};
use crate::errors::Result;

/// The columns of buffers as they come in, and the rules for their offsets.
#[derive(FromPyObject)]
#[pyo3(from_item_all)]
pub struct BufferColumns<'py> {
    start: PyReadonlyArray1<'py, i64>,
    end: PyReadonlyArray1<'py, i64>,
    size: PyReadonlyArray1<'py, i64>,
    alignment: i64,
    capacity: Option<i64>,
    fixed: Vec<(i64, i64)>,
}

/// Offsets, by column; None where there are none.
#[derive(IntoPyObject)]
pub struct OffsetColumns<'py> {
    offset: Option<Bound<'py, PyArray1<i64>>>,
    peak: Option<i64>,
    lower_bound: i64,
    status: &'static str,
    conflict: Option<Vec<usize>>,
    num_nodes: u64,
    report: Report,
}

/// Searches for offsets of buffers; `start` holds offsets that are feasible.
#[pyfunction]
pub fn memory_offsets<'py>(
    py: Python<'py>,
    columns: BufferColumns<'_>,
    start: Option<PyReadonlyArray1<'_, i64>>,
    seed: u64,
    anytime: Anytime<'_>,
) -> Result<OffsetColumns<'py>> {
    let buffers = Buffers::new(
        owned(&columns.start)?,
        owned(&columns.end)?,
        owned(&columns.size)?,
        columns.alignment,
        columns.capacity,
        &columns.fixed,
    )?;
    let start = start.as_ref().map(owned).transpose()?;
    let (found, report) = anytime.run(py, |watch, limits| packing::offsets(&buffers, start.as_deref(), limits, seed, watch))?;
    let found = found?;
    Ok(OffsetColumns {
        offset: found.offset.map(|offset| readonly(py, offset)),
        peak: found.peak,
        lower_bound: found.lower_bound,
        status: found.status.as_str(),
        conflict: found.conflict,
        num_nodes: found.num_nodes,
        report,
    })
}
