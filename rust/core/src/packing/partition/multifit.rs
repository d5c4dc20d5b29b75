//! MULTIFIT: first fit decreasing into bins of a capacity that a binary search makes small.

use super::counts::Counts;
use super::{bound, largest, lpt};
use crate::control::Pulse;
use crate::cost;
use crate::packing::residual_tree::ResidualTree;
use crate::packing::sizes::{Size, loads};

/// The bin of each item. Begins with the partition of `lpt`, and keeps the best that it finds. O(n log k) for each capacity.
///
/// Coffman, Garey and Johnson (1978), "An application of bin-packing to multiprocessor scheduling", SIAM Journal on Computing 7.
pub(super) fn assign<T: Size>(sorted: &[T], k: usize, counts: &Counts, pulse: &mut Pulse) -> Vec<u32> {
    let mut best = lpt::assign(sorted, k, counts.cleared(), pulse);
    let mut high = largest(&loads(sorted, &best, k));
    let mut low = bound::lower_bound(sorted, k, None, false);
    while let Some(capacity) = T::between(low, high) {
        match first_fit(sorted, k, capacity, counts.cleared(), pulse) {
            Some(found) => {
                let load = largest(&loads(sorted, &found, k));
                if load < high {
                    best = found;
                }
                high = if load < capacity { load } else { capacity };
            }
            None => low = capacity.above(),
        }
        if pulse.stopped() {
            break;
        }
    }
    best
}

/// First fit into k bins of a capacity, if that holds all items.
fn first_fit<T: Size>(sorted: &[T], k: usize, capacity: T, mut counts: Counts, pulse: &mut Pulse) -> Option<Vec<u32>> {
    let mut tree = ResidualTree::new(k, capacity);
    let mut bin = Vec::with_capacity(sorted.len());
    for &size in sorted {
        if pulse.worked(cost::EVENT) {
            return None;
        }
        let b = tree.first(size)?;
        counts.add(b);
        tree.set(b, if counts.open(b) { tree.residual(b).minus(size) } else { T::BELOW });
        bin.push(b as u32);
    }
    Some(bin)
}
