//! Where the items are after some moves, and the fragments that they leave.

use std::ops::Range;

use super::Move;
use super::cluster::Cluster;

/// Where the items are after some moves.
#[derive(Debug, Clone)]
pub(super) struct State<'a> {
    pub cluster: &'a Cluster,
    pub node: Vec<i64>,
    pub free: Vec<i64>,
    /// Free units of resource 0 of each node beyond a multiple of the block.
    rest: Vec<i64>,
    pub fragments: i64,
    pub moves: Vec<Move>,
}

impl<'a> State<'a> {
    /// No moves yet.
    pub(super) fn new(cluster: &'a Cluster) -> Self {
        let (data, d) = (&cluster.data, cluster.data.shape.2);
        let mut free = data.capacity.clone();
        for (item, &node) in data.current.iter().enumerate().filter(|(_, node)| **node >= 0) {
            for at in node as usize..node as usize + cluster.width(item) {
                for r in 0..d {
                    free[at * d + r] -= cluster.need[item * d + r];
                }
            }
        }
        let rest: Vec<i64> = free.iter().step_by(d).map(|free| free % data.block).collect();
        let fragments = rest.iter().sum();
        Self { cluster, node: data.current.clone(), free, rest, fragments, moves: Vec::new() }
    }

    /// Number of items and of nodes.
    pub(super) fn shape(&self) -> (usize, usize) {
        (self.cluster.num_items(), self.cluster.num_nodes())
    }

    /// Free units of resource 0 on all nodes, which no move changes.
    pub(super) fn total_free(&self) -> i64 {
        self.free.iter().step_by(self.cluster.data.shape.2).sum()
    }

    /// No sequence of so many moves leaves fewer fragments. They differ from all that is free by whole blocks, and a move wins at most one
    /// block for each node that its item leaves, from the fragments of the nodes that it touches.
    pub(super) fn bound(&self, moves: usize) -> i64 {
        let leaves = moves.saturating_mul(self.cluster.max_width());
        let mut rest = self.rest.clone();
        rest.sort_unstable_by(|a, b| b.cmp(a));
        let touched: i64 = rest.iter().take(leaves.saturating_mul(2)).sum();
        let blocks = (touched / self.cluster.data.block).min(i64::try_from(leaves).unwrap_or(i64::MAX));
        self.fragments - blocks * self.cluster.data.block
    }

    /// The nodes that an item takes if its first one is this.
    #[inline]
    pub(super) fn taken(&self, item: usize, first: usize) -> Range<usize> {
        first..first + self.cluster.width(item)
    }

    /// The first nodes where an item may be.
    pub(super) fn places(&self, item: usize) -> impl Iterator<Item = usize> + use<> {
        (0..self.cluster.num_nodes()).step_by(self.cluster.width(item))
    }

    /// The first node of the place of an item that takes this node.
    #[inline]
    pub(super) fn place_at(&self, item: usize, node: usize) -> usize {
        node - node % self.cluster.width(item)
    }

    /// The fragments of the nodes from this one that an item takes.
    #[inline]
    pub(super) fn fragments_at(&self, item: usize, first: usize) -> i64 {
        self.rest[self.taken(item, first)].iter().sum()
    }

    /// Blocks that become whole where an item leaves, not counting those that it frees by its size alone.
    #[inline]
    pub(super) fn won(&self, item: usize) -> i64 {
        let (block, first) = (self.cluster.data.block, self.node[item] as usize);
        let units = self.cluster.units(item) % block;
        self.rest[self.taken(item, first)].iter().map(|&rest| i64::from(rest + units >= block)).sum()
    }

    /// Blocks that are broken where an item arrives, not counting those that it takes by its size alone.
    #[inline]
    pub(super) fn lost(&self, item: usize, target: usize) -> i64 {
        let units = self.cluster.units(item) % self.cluster.data.block;
        self.rest[self.taken(item, target)].iter().map(|&rest| i64::from(rest < units)).sum()
    }

    /// Whether an item fits on a node.
    #[inline]
    pub(super) fn fits(&self, item: usize, target: usize) -> bool {
        let d = self.cluster.data.shape.2;
        let need = &self.cluster.need[item * d..(item + 1) * d];
        self.taken(item, target).all(|node| need.iter().zip(&self.free[node * d..]).all(|(need, free)| need <= free))
    }

    /// By how much a move changes the fragments.
    #[inline]
    pub(super) fn change(&self, item: usize, target: usize) -> i64 {
        (self.lost(item, target) - self.won(item)) * self.cluster.data.block
    }

    /// Moves an item to a node where it fits.
    pub(super) fn make(&mut self, item: usize, target: usize) {
        let source = self.node[item];
        self.shift(item, target);
        self.moves.push((item as i64, source, target as i64));
    }

    /// Takes the last move back.
    pub(super) fn undo(&mut self) {
        if let Some((item, source, _)) = self.moves.pop() {
            self.shift(item as usize, source as usize);
        }
    }

    fn shift(&mut self, item: usize, target: usize) {
        self.fragments += self.change(item, target);
        self.add(item, self.node[item] as usize, 1);
        self.add(item, target, -1);
        self.node[item] = target as i64;
    }

    /// Frees what an item needs on its nodes, or takes it with sign -1.
    fn add(&mut self, item: usize, first: usize, sign: i64) {
        let d = self.cluster.data.shape.2;
        for node in self.taken(item, first) {
            for r in 0..d {
                self.free[node * d + r] += sign * self.cluster.need[item * d + r];
            }
            self.rest[node] = self.free[node * d] % self.cluster.data.block;
        }
    }
}
