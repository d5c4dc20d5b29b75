//! Bin packing in one dimension: as few bins of one capacity as possible.

mod best_fit;
mod bound;
mod exact;
mod first_fit;
mod mffd;
#[cfg(test)]
mod tests;

pub(super) use bound::l2;
pub use exact::pack_bins_exact;

use super::sizes::{Size, check_sizes, descending, loads};
use crate::control::Pulse;
use crate::cost;
use crate::error::{Error, InputError, TIME_LIMIT};
use crate::memory;
use crate::names::Named;

/// Bytes that a method takes for each item, at most.
const BYTES_PER_ITEM: usize = 96;

/// A heuristic method of bin packing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BinMethod {
    /// Each item, in order of index, into the lowest bin with enough residual capacity.
    FirstFit,
    /// Each item, in order of index, into the fullest bin with enough residual capacity; ties: lowest bin.
    BestFit,
    /// First fit, the largest items first.
    FirstFitDecreasing,
    /// Best fit, the largest items first.
    BestFitDecreasing,
    /// Modified first fit decreasing (Johnson and Garey 1985).
    Mffd,
}

impl Named for BinMethod {
    const FIELD: &'static str = "method";

    fn all() -> impl Iterator<Item = (&'static str, Self)> + Clone {
        [
            ("first_fit", Self::FirstFit),
            ("best_fit", Self::BestFit),
            ("first_fit_decreasing", Self::FirstFitDecreasing),
            ("best_fit_decreasing", Self::BestFitDecreasing),
            ("mffd", Self::Mffd),
        ]
        .into_iter()
    }
}

/// Items in bins.
#[derive(Debug, Clone, PartialEq)]
pub struct BinPacking<T> {
    /// The bin of each item.
    pub bin: Vec<u32>,
    /// The sum of the sizes in each bin.
    pub load: Vec<T>,
    /// No packing has fewer bins.
    pub lower_bound: usize,
}

/// Packs items into bins of a capacity, numbered as they open.
///
/// O(n log n). First fit decreasing uses at most 11/9 of the least number of bins, plus 6/9 (Dosa 2007), best fit decreasing at most 11/9,
/// plus 4 (Johnson et al. 1974), and modified first fit decreasing at most 71/60, plus 31/6 (Johnson and Garey 1985).
///
/// # Errors
/// Sizes that are negative, not finite or larger than the capacity; a capacity that is not positive; refused memory.
///
/// ```
/// use schedkit_core::control::Pulse;
/// use schedkit_core::packing::{BinMethod, pack_bins};
/// let packed = pack_bins(&[4_i64, 8, 1, 4, 2, 1], 10, BinMethod::BestFitDecreasing, &mut Pulse::default())?;
/// assert_eq!((packed.bin, packed.load, packed.lower_bound), (vec![1, 0, 1, 1, 0, 1], vec![10, 10], 2));
/// # Ok::<(), schedkit_core::Error>(())
/// ```
pub fn pack_bins<T: Size>(sizes: &[T], capacity: T, method: BinMethod, pulse: &mut Pulse) -> Result<BinPacking<T>, Error> {
    check(sizes, capacity)?;
    memory::require_items(sizes.len(), BYTES_PER_ITEM)?;
    let stopped = BinPacking { bin: Vec::new(), load: Vec::new(), lower_bound: 0 };
    let order = descending(sizes, pulse);
    if pulse.stopped() {
        return Ok(stopped);
    }
    let sorted: Vec<T> = order.iter().map(|&i| sizes[i as usize]).collect();
    let decreasing = |packed: Vec<u32>| {
        let mut bin = vec![0; packed.len()];
        order.iter().zip(packed).for_each(|(&i, b)| bin[i as usize] = b);
        bin
    };
    let bin = match method {
        BinMethod::FirstFit => first_fit::pack(sizes, capacity, pulse),
        BinMethod::BestFit => best_fit::pack(sizes, capacity, pulse),
        BinMethod::FirstFitDecreasing => decreasing(first_fit::pack(&sorted, capacity, pulse)),
        BinMethod::BestFitDecreasing => decreasing(best_fit::pack(&sorted, capacity, pulse)),
        BinMethod::Mffd => decreasing(mffd::pack(&sorted, capacity, pulse)),
    };
    if pulse.stopped() {
        return Ok(stopped);
    }
    let num_bins = bin.iter().max().map_or(0, |&b| b as usize + 1);
    let load = loads(sizes, &bin, num_bins);
    let lower_bound = bound::lower_bound(&sorted, capacity, pulse).min(num_bins);
    pulse.worked(cost::NODE * sizes.len() as u64);
    Ok(BinPacking { bin, load, lower_bound })
}

/// Refuses sizes and capacities that no method takes.
fn check<T: Size>(sizes: &[T], capacity: T) -> Result<(), InputError> {
    let limit = TIME_LIMIT as f64;
    if capacity <= T::default() || !capacity.as_f64().is_finite() {
        return Err(InputError::new("capacity", "must be positive and finite").value(capacity));
    }
    check_sizes("sizes", sizes)?;
    if capacity.key() > TIME_LIMIT && T::WHOLE && capacity.as_f64() > limit {
        return Err(InputError::new("capacity", "must be at most 2**53").value(capacity));
    }
    let mut large = sizes.iter().enumerate().filter(|&(_, &size)| size > capacity);
    match large.next() {
        None => Ok(()),
        Some((i, &size)) => {
            Err(InputError::new("sizes", format!("exceeds the capacity {}", Into::<crate::error::Value>::into(capacity)))
                .at([i], size)
                .more(large.count()))
        }
    }
}
