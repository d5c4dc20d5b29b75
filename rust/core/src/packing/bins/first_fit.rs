//! First fit: each item into the lowest bin with enough residual capacity.

use crate::control::Pulse;
use crate::cost;
use crate::packing::residual_tree::ResidualTree;
use crate::packing::sizes::Size;

/// The bin of each item, in the order given. O(n log n).
pub(super) fn pack<T: Size>(sizes: &[T], capacity: T, pulse: &mut Pulse) -> Vec<u32> {
    let mut tree = ResidualTree::new(sizes.len(), capacity); // a bin that is still empty fits any item, so items open bins in turn
    let mut bin = Vec::with_capacity(sizes.len());
    for &size in sizes {
        if pulse.worked(cost::EVENT) {
            break;
        }
        let b = tree.first(size).expect("as many bins as items");
        tree.set(b, tree.residual(b).minus(size));
        bin.push(b as u32);
    }
    bin
}
