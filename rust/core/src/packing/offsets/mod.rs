//! Offsets of buffers in one address space: dynamic storage allocation.
//!
//! [`Buffers`] is the checked problem, [`offsets`] searches for a low peak, or for offsets within a capacity.

mod conflict;
mod dead_ends;
mod descent;
mod effort;
mod exact;
mod first_fit;
mod model;
mod orders;
mod part;
mod problem;
mod restarts;
mod sections;
mod skyline;
mod sweep;
#[cfg(test)]
mod tests;

pub use problem::Buffers;

use crate::control::{Limits, Status, Watch};
use crate::error::Error;
use crate::memory;
use effort::Effort;
use part::Part;

/// Bytes that a search takes for each buffer, at most, where pairs are few.
const BYTES_PER_BUFFER: usize = 512;

/// The answer of [`offsets`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OffsetSolution {
    /// The offset of each buffer; None if none were found that fit.
    pub offset: Option<Vec<i64>>,
    /// The largest offset plus size.
    pub peak: Option<i64>,
    /// No peak is less.
    pub lower_bound: i64,
    /// What is proven.
    pub status: Status,
    /// Where nothing fits: buffers that do not fit together, but without any one of them. None if the search ended before it had them.
    pub conflict: Option<Vec<usize>>,
    /// Nodes of tree searches, and orders tried.
    pub num_nodes: u64,
}

/// The load bound: the largest sum of sizes alive at one moment, with what alignment and fixed offsets add.
///
/// ```
/// use schedkit_core::packing::{Buffers, load_bound};
/// let buffers = Buffers::new(vec![0, 1, 2], vec![2, 3, 4], vec![4, 3, 4], 1, None, &[])?;
/// assert_eq!(load_bound(&buffers), 7);
/// # Ok::<(), schedkit_core::InputError>(())
/// ```
#[must_use]
pub fn load_bound(buffers: &Buffers) -> i64 {
    sections::load_bound(buffers, &mut |_| false).0
}

/// Anytime search for the offsets of least peak, or, with a capacity, for offsets that fit.
///
/// First fit in several orders gives the first answer. Tree searches with learning restarts, tree searches that may refute a peak,
/// and a search over orders of first fit take turns on the part of the highest peak. With a budget of nodes and no time limit no clock is
/// read, and equal seeds give equal answers.
///
/// # Errors
/// Refused memory.
///
/// ```
/// use schedkit_core::control::{Limits, Stop, Watch};
/// use schedkit_core::packing::{Buffers, offsets};
/// let buffers = Buffers::new(vec![0, 1, 2], vec![2, 3, 4], vec![4, 3, 4], 1, None, &[])?;
/// let limits = Limits { budget: Some(1000), ..Limits::default() };
/// let found = offsets(&buffers, None, &limits, 0, &mut Watch::new(&Stop::new(&limits)))?;
/// assert_eq!((found.peak, found.lower_bound), (Some(7), 7));
/// # Ok::<(), schedkit_core::Error>(())
/// ```
pub fn offsets(
    buffers: &Buffers,
    start: Option<&[i64]>,
    limits: &Limits,
    seed: u64,
    watch: &mut Watch<'_, i64>,
) -> Result<OffsetSolution, Error> {
    memory::require_items(buffers.len(), BYTES_PER_BUFFER)?;
    let mut effort = Effort::new(watch, limits.budget.unwrap_or(u64::MAX));
    let (bound, moment) = sections::load_bound(buffers, &mut |steps| effort.called_off(steps));
    if let Some(conflict) = conflict::fixed_conflict(buffers, buffers.capacity) {
        return Ok(infeasible(bound, Some(conflict), &effort));
    }
    if let Some(capacity) = buffers.capacity.filter(|&capacity| bound > capacity) {
        let alive = (0..buffers.len()).filter(|&i| buffers.start[i] <= moment && moment < buffers.end[i]).collect();
        let conflict = conflict::reduced(buffers, alive, capacity, seed, &mut effort);
        return Ok(infeasible(bound, conflict, &effort));
    }
    let mut parts = part::parts(buffers, seed, &mut effort);
    let mut reported = i64::MAX;
    if let Some(start) = start {
        for part in &mut parts {
            part.offer(start, &mut effort);
        }
    }
    report(&parts, &mut reported, &mut effort);
    for part in &mut parts {
        part.first_answers(buffers.capacity.unwrap_or(bound), &mut effort);
    }
    loop {
        let bound = report(&parts, &mut reported, &mut effort);
        let Some(worst) = (0..parts.len()).min_by_key(|&k| (std::cmp::Reverse(parts[k].peak), k)) else { break };
        let peak = parts[worst].peak;
        if let Some(capacity) = buffers.capacity
            && let Some(part) = parts.iter().position(|part| part.bound > capacity)
        {
            let conflict = conflict::reduced(buffers, parts.swap_remove(part).members, capacity, seed, &mut effort);
            return Ok(infeasible(bound, conflict, &effort));
        }
        if peak <= bound || buffers.capacity.is_some_and(|capacity| peak <= capacity) || effort.check() {
            break;
        }
        parts[worst].round(buffers.capacity, bound, &mut effort);
    }
    Ok(assembled(buffers, &parts, effort.nodes))
}

/// Reports the peak of all parts if it is below what was reported before; returns the bound.
fn report(parts: &[Part], reported: &mut i64, effort: &mut Effort<'_, '_>) -> i64 {
    let bound = parts.iter().map(|part| part.bound).max().unwrap_or(0);
    if let Some(peak) = parts.iter().map(|part| part.peak).max().filter(|peak| peak < reported) {
        *reported = peak;
        effort.improved(peak, bound);
    }
    bound
}

fn infeasible(lower_bound: i64, conflict: Option<Vec<usize>>, effort: &Effort<'_, '_>) -> OffsetSolution {
    OffsetSolution { offset: None, peak: None, lower_bound, status: Status::Infeasible, conflict, num_nodes: effort.nodes }
}

/// The answer of all parts together.
fn assembled(buffers: &Buffers, parts: &[Part], num_nodes: u64) -> OffsetSolution {
    let mut offset = vec![0; buffers.len()];
    for part in parts {
        for (&i, &place) in part.members.iter().zip(&part.offset) {
            offset[i] = place;
        }
    }
    let peak = buffers.peak(&offset);
    let lower_bound = parts.iter().map(|part| part.bound).max().unwrap_or(0);
    let unknown = OffsetSolution { offset: None, peak: None, lower_bound, status: Status::Unknown, conflict: None, num_nodes };
    if buffers.capacity.is_some_and(|capacity| peak > capacity) {
        return unknown;
    }
    let status = if peak <= lower_bound { Status::Optimal } else { Status::Feasible };
    OffsetSolution { offset: Some(offset), peak: Some(peak), status, ..unknown }
}
