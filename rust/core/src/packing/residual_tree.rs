//! The residual capacity of bins, as a tree that finds the lowest bin with enough of it.

use super::sizes::Size;

/// The residual capacity of bins, in a binary tree whose inner nodes hold the largest residual below them.
pub(super) struct ResidualTree<T> {
    residual: Vec<T>,
    leaves: usize,
}

impl<T: Size> ResidualTree<T> {
    /// Bins that all have the same residual capacity.
    pub fn new(num_bins: usize, residual: T) -> Self {
        let leaves = num_bins.next_power_of_two();
        let mut residuals = vec![T::BELOW; 2 * leaves];
        residuals[leaves..leaves + num_bins].fill(residual);
        for node in (1..leaves).rev() {
            residuals[node] =
                if residuals[2 * node] >= residuals[2 * node + 1] { residuals[2 * node] } else { residuals[2 * node + 1] };
        }
        Self { residual: residuals, leaves }
    }

    /// The lowest bin that has this much.
    #[inline]
    pub fn first(&self, size: T) -> Option<usize> {
        if self.residual[1] < size {
            return None;
        }
        let mut node = 1;
        while node < self.leaves {
            node *= 2;
            node += usize::from(self.residual[node] < size);
        }
        Some(node - self.leaves)
    }

    /// The residual capacity of a bin.
    #[inline]
    pub fn residual(&self, bin: usize) -> T {
        self.residual[self.leaves + bin]
    }

    /// Changes the residual capacity of a bin.
    #[inline]
    pub fn set(&mut self, bin: usize, residual: T) {
        let mut node = self.leaves + bin;
        self.residual[node] = residual;
        while node > 1 {
            node /= 2;
            let larger = if self.residual[2 * node] >= self.residual[2 * node + 1] {
                self.residual[2 * node]
            } else {
                self.residual[2 * node + 1]
            };
            if self.residual[node] == larger {
                break;
            }
            self.residual[node] = larger;
        }
    }
}
