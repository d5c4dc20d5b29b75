//! Best fit: each item into the fullest bin with enough residual capacity, ties to the lowest bin.

use std::collections::BTreeSet;

use crate::bitset::RankSet;
use crate::control::Pulse;
use crate::cost;
use crate::packing::sizes::Size;

/// Integer capacities up to this one have a list of bins for each residual.
const LISTED: i64 = 1 << 20;
const NONE: u32 = u32::MAX;

/// The bin of each item, in the order given. O(n log n).
pub(super) fn pack<T: Size>(sizes: &[T], capacity: T, pulse: &mut Pulse) -> Vec<u32> {
    if T::WHOLE && capacity.key() <= LISTED.min(64 * sizes.len() as i64) {
        place(sizes, capacity, &mut ResidualLists::new(capacity.key() as usize + 1, sizes.len()), pulse)
    } else {
        place(sizes, capacity, &mut ResidualSet::default(), pulse)
    }
}

/// Open bins by their residual.
trait OpenBins<T> {
    /// Takes the lowest of the bins with the least residual that suffices, with that residual.
    fn take(&mut self, size: T) -> Option<(T, u32)>;
    /// Puts a bin in.
    fn put(&mut self, residual: T, bin: u32);
}

fn place<T: Size>(sizes: &[T], capacity: T, residuals: &mut impl OpenBins<T>, pulse: &mut Pulse) -> Vec<u32> {
    let mut bin = Vec::with_capacity(sizes.len());
    let mut opened = 0;
    for &size in sizes {
        if pulse.worked(cost::EVENT) {
            break;
        }
        let (residual, b) = residuals.take(size).unwrap_or_else(|| {
            opened += 1;
            (capacity, opened - 1)
        });
        residuals.put(residual.minus(size), b);
        bin.push(b);
    }
    bin
}

/// An ordered set of residuals and bins.
#[derive(Default)]
struct ResidualSet<T> {
    set: BTreeSet<(i64, u32)>,
    residual: Vec<T>,
}

impl<T: Size> OpenBins<T> for ResidualSet<T> {
    fn take(&mut self, size: T) -> Option<(T, u32)> {
        let &(key, bin) = self.set.range((size.key(), 0)..).next()?;
        self.set.remove(&(key, bin));
        Some((self.residual[bin as usize], bin))
    }

    fn put(&mut self, residual: T, bin: u32) {
        let b = bin as usize;
        if b == self.residual.len() {
            self.residual.push(residual);
        } else {
            self.residual[b] = residual;
        }
        self.set.insert((residual.key(), bin));
    }
}

/// A skew heap of bins for each residual, and the set of residuals that have any.
struct ResidualLists {
    residuals: RankSet,
    /// The root of the heap of each residual.
    root: Vec<u32>,
    left: Vec<u32>,
    right: Vec<u32>,
}

impl ResidualLists {
    fn new(num_residuals: usize, num_bins: usize) -> Self {
        let links = vec![NONE; num_bins];
        Self { residuals: RankSet::new(num_residuals), root: vec![NONE; num_residuals], left: links.clone(), right: links }
    }

    /// Joins two heaps of bins, the lowest bin at the root.
    fn merged(&mut self, a: u32, b: u32) -> u32 {
        let mut top = NONE;
        let (mut a, mut b, mut above) = (a, b, NONE);
        loop {
            if a > b {
                std::mem::swap(&mut a, &mut b); // an empty heap is the highest number of all
            }
            if above == NONE {
                top = a;
            } else {
                self.left[above as usize] = a;
            }
            if b == NONE {
                return top;
            }
            // The children change places; the new left one is joined with the other heap.
            let node = a as usize;
            let right = self.right[node];
            self.right[node] = self.left[node];
            (above, a) = (a, right);
        }
    }
}

impl<T: Size> OpenBins<T> for ResidualLists {
    fn take(&mut self, size: T) -> Option<(T, u32)> {
        let residual = self.residuals.next(size.key() as usize)?;
        let bin = self.root[residual];
        let rest = self.merged(self.left[bin as usize], self.right[bin as usize]);
        self.root[residual] = rest;
        if rest == NONE {
            self.residuals.remove(residual);
        }
        Some((T::from_key(residual as i64), bin))
    }

    fn put(&mut self, residual: T, bin: u32) {
        let place = residual.key() as usize;
        (self.left[bin as usize], self.right[bin as usize]) = (NONE, NONE);
        self.root[place] = self.merged(self.root[place], bin);
        self.residuals.insert(place);
    }
}
