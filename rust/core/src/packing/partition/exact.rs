//! Partition by branch and bound.

use super::counts::Counts;
use super::{Partition, PartitionOptions, bound, check, differencing, in_order_of_items, largest, lpt, multifit};
use crate::control::{Limits, Pulse, Watch};
use crate::error::{Error, InputError};
use crate::memory;
use crate::packing::completion::{CountLimits, Fit, close_gap, fit};
use crate::packing::sizes::{descending, loads};

/// Bytes that the search takes for each item, and for each bin, at most.
const BYTES: usize = 256;

/// Distributes items of integer sizes over `k` bins so that the largest load is least; also the number of branching nodes.
///
/// Begins with the best of the heuristic methods that take the options, and with the bounds of `bound.rs`; then asks bin completion whether
/// the items fit into k bins of a smaller capacity. The partition is optimal if its largest load equals `lower_bound`. With a budget of
/// nodes and no time limit no clock is read.
///
/// # Errors
/// As [`partition`](super::partition); speeds.
///
/// ```
/// use schedkit_core::control::{Limits, Stop, Watch};
/// use schedkit_core::packing::{PartitionOptions, partition_exact};
/// let limits = Limits::default();
/// let stop = Stop::new(&limits);
/// let (found, _) = partition_exact(&[8, 7, 6, 5, 4], 2, &PartitionOptions::default(), &limits, &mut Watch::new(&stop))?;
/// assert_eq!((found.max_load, found.lower_bound), (15.into(), 15.into()));
/// # Ok::<(), schedkit_core::Error>(())
/// ```
pub fn partition_exact(
    sizes: &[i64],
    k: usize,
    options: &PartitionOptions<'_>,
    limits: &Limits,
    watch: &mut Watch<'_, i64>,
) -> Result<(Partition<i64>, u64), Error> {
    check(sizes, k, options)?;
    if options.speeds.is_some() {
        return Err(InputError::new("speeds", "only method 'lpt' takes speeds").into());
    }
    memory::require_items(sizes.len() + k, BYTES)?;
    let mut pulse = Pulse::default();
    let order = descending(sizes, &mut pulse);
    let sorted: Vec<i64> = order.iter().map(|&i| sizes[i as usize]).collect();
    let counts = Counts::new(sizes.len(), k, options.max_count, options.equal_count);
    let mut best = differencing::assign(&sorted, &order, k, counts.cleared(), &mut pulse);
    let others = [
        (!watch.check()).then(|| lpt::assign(&sorted, k, counts.cleared(), &mut Pulse::default())),
        (!options.equal_count && !watch.check()).then(|| multifit::assign(&sorted, k, &counts, &mut Pulse::default())),
    ];
    for other in others.into_iter().flatten() {
        if largest(&loads(&sorted, &other, k)) < largest(&loads(&sorted, &best, k)) {
            best = other;
        }
    }
    let high = largest(&loads(&sorted, &best, k));
    let low = bound::lower_bound(&sorted, k, options.max_count, options.equal_count);
    let limited = counts.limits().map(|(most, full_bins)| CountLimits { most, full_bins });
    let bracket = close_gap((low, high), limits.budget.unwrap_or(u64::MAX), watch, |target, nodes, watch| {
        match fit(&sorted, k, target, limited, nodes, watch) {
            Fit::Found(bin) => {
                best = bin;
                Some(Ok(largest(&loads(&sorted, &best, k))))
            }
            Fit::Infeasible => Some(Err(())),
            Fit::Unknown => None,
        }
    });
    let bin = in_order_of_items(&order, &best);
    let load = loads(sizes, &bin, k);
    Ok((Partition { bin, load, max_load: bracket.high.into(), lower_bound: bracket.low.into() }, bracket.num_nodes))
}
