//! Bin packing by branch and bound.

use super::{BinMethod, BinPacking, bound, check, pack_bins};
use crate::control::{Limits, Pulse, Watch};
use crate::error::Error;
use crate::memory;
use crate::packing::completion::{Fit, close_gap, fit};
use crate::packing::sizes::{descending, loads};

/// Bytes that the search takes for each item, at most.
const BYTES_PER_ITEM: usize = 256;

/// Packs items of integer sizes into the least number of bins; also the number of branching nodes.
///
/// Begins with the best of best fit decreasing, first fit decreasing and modified first fit decreasing, and with the bound L2; then asks
/// bin completion whether fewer bins suffice. The packing is optimal if its number of bins equals `lower_bound`. With a budget of nodes and
/// no time limit no clock is read.
///
/// # Errors
/// As [`pack_bins`](super::pack_bins).
///
/// ```
/// use schedkit_core::control::{Limits, Stop, Watch};
/// use schedkit_core::packing::pack_bins_exact;
/// let limits = Limits::default();
/// let stop = Stop::new(&limits);
/// let (packed, _) = pack_bins_exact(&[5, 4, 4, 3, 2, 2], 10, &limits, &mut Watch::new(&stop))?;
/// assert_eq!((packed.load.len(), packed.lower_bound), (2, 2));
/// # Ok::<(), schedkit_core::Error>(())
/// ```
pub fn pack_bins_exact(
    sizes: &[i64],
    capacity: i64,
    limits: &Limits,
    watch: &mut Watch<'_, i64>,
) -> Result<(BinPacking<i64>, u64), Error> {
    check(sizes, capacity)?;
    memory::require_items(sizes.len(), BYTES_PER_ITEM)?;
    let mut pulse = Pulse::default();
    let order = descending(sizes, &mut pulse);
    let sorted: Vec<i64> = order.iter().map(|&i| sizes[i as usize]).collect();
    let mut best = pack_bins(&sorted, capacity, BinMethod::BestFitDecreasing, &mut pulse)?;
    for method in [BinMethod::FirstFitDecreasing, BinMethod::Mffd] {
        if watch.check() {
            break;
        }
        let other = pack_bins(&sorted, capacity, method, &mut pulse)?;
        if other.load.len() < best.load.len() {
            best = other;
        }
    }
    let low = bound::l2(&sorted, capacity, &mut pulse);
    let bracket = close_gap(
        (low as i64, best.load.len() as i64),
        limits.budget.unwrap_or(u64::MAX),
        watch,
        |target, nodes, watch| match fit(&sorted, target as usize, capacity, None, nodes, watch) {
            Fit::Found(bin) => {
                let num_bins = bin.iter().max().map_or(0, |&b| b as usize + 1);
                best.bin = bin;
                Some(Ok(num_bins as i64))
            }
            Fit::Infeasible => Some(Err(())),
            Fit::Unknown => None,
        },
    );
    let mut bin = vec![0; sizes.len()];
    order.iter().zip(&best.bin).for_each(|(&i, &b)| bin[i as usize] = b);
    let load = loads(sizes, &bin, bracket.high as usize);
    Ok((BinPacking { bin, load, lower_bound: bracket.low as usize }, bracket.num_nodes))
}
