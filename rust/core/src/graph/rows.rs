//! Lists of neighbours, one behind the other.

use crate::control::Pulse;

/// Compressed sparse rows: the neighbours of node `i` and, beside each, the number of its edge as the caller gave it.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Rows {
    start: Vec<u32>,
    target: Vec<u32>,
    edge: Vec<u32>,
}

impl Rows {
    /// Groups `(from, to)` pairs by `from`, keeping their order; O(n + m).
    pub(crate) fn group(n: usize, pairs: impl Iterator<Item = (u32, u32)> + Clone, pulse: &mut Pulse) -> Self {
        let mut start = vec![0_u32; n + 1];
        for (from, _) in pairs.clone() {
            if pulse.worked(1) {
                return Self::none(n);
            }
            start[from as usize + 1] += 1;
        }
        for i in 0..n {
            start[i + 1] += start[i];
        }
        let m = start[n] as usize;
        let (mut target, mut edge, mut fill) = (vec![0; m], vec![0; m], start.clone());
        for (k, (from, to)) in pairs.enumerate() {
            if pulse.worked(1) {
                return Self::none(n);
            }
            let slot = &mut fill[from as usize];
            target[*slot as usize] = to;
            edge[*slot as usize] = k as u32;
            *slot += 1;
        }
        Self { start, target, edge }
    }

    /// Nodes without neighbours, for answers that are not wanted any more.
    pub(super) fn none(n: usize) -> Self {
        Self { start: vec![0; n + 1], target: Vec::new(), edge: Vec::new() }
    }

    /// The neighbours of `node`.
    #[inline]
    #[must_use]
    pub fn of(&self, node: usize) -> &[u32] {
        &self.target[self.start[node] as usize..self.start[node + 1] as usize]
    }

    /// The edge numbers beside [`of`](Self::of).
    #[inline]
    #[must_use]
    pub fn edges_of(&self, node: usize) -> &[u32] {
        &self.edge[self.start[node] as usize..self.start[node + 1] as usize]
    }

    /// Where the neighbours of `node` stand among all: the index into columns kept beside these rows.
    #[inline]
    #[must_use]
    pub fn range(&self, node: usize) -> std::ops::Range<usize> {
        self.start[node] as usize..self.start[node + 1] as usize
    }

    /// The columns as they lie in memory: where each node's neighbours start, and all neighbours.
    #[must_use]
    pub fn columns(&self) -> (&[u32], &[u32]) {
        (&self.start, &self.target)
    }

    /// The number of the edge at each place of [`range`](Self::range).
    #[must_use]
    pub fn edge_numbers(&self) -> &[u32] {
        &self.edge
    }

    /// How many neighbours `node` has.
    #[inline]
    #[must_use]
    pub fn degree(&self, node: usize) -> usize {
        (self.start[node + 1] - self.start[node]) as usize
    }
}
