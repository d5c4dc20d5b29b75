//! Nodes, the items on them, and the fragments that these leave.

use super::Move;
use crate::error::{InputError, TIME_LIMIT, check_each, check_length};
use crate::packing::place::problem::check_matrix;

/// Columns of a cluster, matrices row by row.
#[derive(Debug, Clone, Default)]
pub struct ClusterData {
    /// Units of each resource that each item needs, items by resources; resource 0 makes fragments.
    pub demand: Vec<i64>,
    /// Units of each resource that each node has, nodes by resources.
    pub capacity: Vec<i64>,
    /// Number of items, of nodes and of resources.
    pub shape: (usize, usize, usize),
    /// The node of each item, -1 for an item that is nowhere and does not move.
    pub current: Vec<i64>,
    /// The size of usable blocks of resource 0.
    pub block: i64,
}

/// A checked cluster, in which all items fit on their nodes.
#[derive(Debug, Clone)]
pub struct Cluster(ClusterData);

impl Cluster {
    /// Checks the columns once.
    ///
    /// # Errors
    /// Matrices or columns of another size than the shape says; no resource; negative numbers, sums beyond 2^53; nodes that do not exist, or
    /// whose items need more than there is; a block below 1.
    pub fn new(data: ClusterData) -> Result<Self, InputError> {
        let (n, m, d) = data.shape;
        check_matrix("demand", &data.demand, n, d)?;
        check_matrix("capacity", &data.capacity, m, d)?;
        if d == 0 {
            return Err(InputError::new("capacity", "has no resources, expected at least resource 0, whose fragments count"));
        }
        check_length("current", data.current.len(), n)?;
        let known = |node: i64| (-1..m as i64).contains(&node);
        check_each("current", &data.current, "there is no such node (-1 stands for none)", known)?;
        if !(1..=TIME_LIMIT).contains(&data.block) {
            return Err(InputError::new("block", "must be from 1 to 2**53").value(data.block));
        }
        let mut used = vec![0; m * d];
        for (item, &node) in data.current.iter().enumerate() {
            for r in (0..d).take_while(|_| node >= 0) {
                let at = node as usize * d + r;
                used[at] += data.demand[item * d + r];
                if used[at] > data.capacity[at] {
                    let reason = format!(
                        "the items up to here need {} units of resource {r} on node {node}, which has {}",
                        used[at], data.capacity[at]
                    );
                    return Err(InputError::new("current", reason).at([item], node));
                }
            }
        }
        Ok(Self(data))
    }

    /// Number of items.
    #[must_use]
    pub fn num_items(&self) -> usize {
        self.0.shape.0
    }

    /// Number of nodes.
    #[must_use]
    pub fn num_nodes(&self) -> usize {
        self.0.shape.1
    }
}

/// Where the items are after some moves.
#[derive(Debug, Clone)]
pub(super) struct State<'a> {
    data: &'a ClusterData,
    pub node: Vec<i64>,
    free: Vec<i64>,
    pub fragments: i64,
    pub moves: Vec<Move>,
}

impl<'a> State<'a> {
    /// No moves yet.
    pub(super) fn new(cluster: &'a Cluster) -> Self {
        let data = &cluster.0;
        let d = data.shape.2;
        let mut free = data.capacity.clone();
        for (item, &node) in data.current.iter().enumerate().filter(|(_, node)| **node >= 0) {
            for r in 0..d {
                free[node as usize * d + r] -= data.demand[item * d + r];
            }
        }
        let fragments = free.iter().step_by(d).map(|free| free % data.block).sum();
        Self { data, node: data.current.clone(), free, fragments, moves: Vec::new() }
    }

    /// Number of items and of nodes.
    pub(super) fn shape(&self) -> (usize, usize) {
        (self.data.shape.0, self.data.shape.1)
    }

    /// Free units of resource 0 on all nodes, which no move changes.
    pub(super) fn total_free(&self) -> i64 {
        self.free.iter().step_by(self.data.shape.2).sum()
    }

    /// No sequence of so many moves leaves fewer fragments: a move changes two nodes, and fragments differ from all that is free by whole
    /// blocks.
    pub(super) fn bound(&self, moves: usize) -> i64 {
        let mut fragments: Vec<i64> = self.free.iter().step_by(self.data.shape.2).map(|free| free % self.data.block).collect();
        fragments.sort_unstable_by(|a, b| b.cmp(a));
        let gone: i64 = fragments.iter().take(moves.saturating_mul(2)).sum();
        let (left, block) = (self.fragments - gone, self.data.block);
        let rest = self.total_free() % block;
        if left <= rest { rest } else { rest + (left - rest + block - 1) / block * block }
    }

    /// The fragments of a node if so many units became free there.
    #[inline]
    pub(super) fn fragments_with(&self, node: usize, units: i64) -> i64 {
        (self.free[node * self.data.shape.2] + units) % self.data.block
    }

    /// Units of resource 0 that an item needs.
    #[inline]
    pub(super) fn units(&self, item: usize) -> i64 {
        self.data.demand[item * self.data.shape.2]
    }

    /// Whether an item fits on a node.
    #[inline]
    pub(super) fn fits(&self, item: usize, node: usize) -> bool {
        let d = self.data.shape.2;
        self.data.demand[item * d..(item + 1) * d]
            .iter()
            .zip(&self.free[node * d..(node + 1) * d])
            .all(|(need, free)| need <= free)
    }

    /// By how much a move changes the fragments.
    #[inline]
    pub(super) fn change(&self, item: usize, target: usize) -> i64 {
        let (source, units) = (self.node[item] as usize, self.units(item));
        self.fragments_with(source, units) - self.fragments_with(source, 0) + self.fragments_with(target, -units)
            - self.fragments_with(target, 0)
    }

    /// Moves an item to a node where it fits.
    pub(super) fn make(&mut self, item: usize, target: usize) {
        self.fragments += self.change(item, target);
        let source = self.node[item];
        self.shift(item, target);
        self.moves.push((item as i64, source, target as i64));
    }

    /// Takes the last move back.
    pub(super) fn undo(&mut self) {
        if let Some((item, source, _)) = self.moves.pop() {
            self.fragments += self.change(item as usize, source as usize);
            self.shift(item as usize, source as usize);
        }
    }

    fn shift(&mut self, item: usize, target: usize) {
        let d = self.data.shape.2;
        let source = self.node[item] as usize;
        for r in 0..d {
            let need = self.data.demand[item * d + r];
            self.free[source * d + r] += need;
            self.free[target * d + r] -= need;
        }
        self.node[item] = target as i64;
    }
}
