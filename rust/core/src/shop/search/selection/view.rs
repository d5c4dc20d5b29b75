//! The graph of a selection in either direction, so that letting a job come earlier and later are written once.

use super::NONE;
use super::graph::Graph;

/// The graph as seen from its beginning (`EARLIER`), or from its end with all arcs turned round.
pub(super) struct View<'g, const EARLIER: bool> {
    pub graph: &'g Graph,
    /// The first and the last node of the job.
    pub first: usize,
    pub last: usize,
}

impl<'g, const EARLIER: bool> View<'g, EARLIER> {
    pub fn new(graph: &'g Graph, job: usize) -> Self {
        Self { graph, first: graph.nodes.first_of[job] as usize, last: graph.nodes.last_of[job] as usize }
    }

    /// The rank of a place, and the place of a rank.
    pub fn turned(&self, place: usize) -> usize {
        if EARLIER { place } else { self.graph.order.len() - 1 - place }
    }

    pub fn rank(&self, node: usize) -> usize {
        self.turned(self.graph.place[node] as usize)
    }

    pub fn at(&self, rank: usize) -> usize {
        self.graph.order[self.turned(rank)] as usize
    }

    /// The node with which an operation enters its machine, and that with which it leaves it.
    pub fn entry(op: usize) -> usize {
        if EARLIER { op } else { op + 1 }
    }

    pub fn exit(op: usize) -> usize {
        if EARLIER { op + 1 } else { op }
    }

    /// The node of the job with a number, and the number of a node of the job.
    pub fn node(&self, number: usize) -> usize {
        if EARLIER { self.first + number } else { self.last - number }
    }

    pub fn number(&self, node: usize) -> usize {
        if EARLIER { node - self.first } else { self.last - node }
    }

    /// The operation that a node leaves.
    pub fn left_by(&self, node: usize) -> Option<usize> {
        let nodes = &self.graph.nodes;
        if EARLIER { (!nodes.is_first[node]).then(|| node - 1) } else { (!nodes.is_last[node]).then_some(node) }
    }

    /// The next node in its job.
    pub fn next(&self, node: usize) -> Option<usize> {
        let nodes = &self.graph.nodes;
        if EARLIER { (!nodes.is_last[node]).then(|| node + 1) } else { (!nodes.is_first[node]).then(|| node - 1) }
    }

    pub fn before(&self, op: usize) -> u32 {
        if EARLIER { self.graph.before[op] } else { self.graph.after[op] }
    }

    pub fn after(&self, op: usize) -> u32 {
        if EARLIER { self.graph.after[op] } else { self.graph.before[op] }
    }

    pub fn waits_for(&self, node: usize) -> u32 {
        if EARLIER { self.graph.waits_for(node) } else { self.graph.lets_in(node) }
    }

    pub fn lets_in(&self, node: usize) -> u32 {
        if EARLIER { self.graph.lets_in(node) } else { self.graph.waits_for(node) }
    }

    /// Whether two nodes exchange machines.
    pub fn are_together(&self, a: usize, b: usize) -> bool {
        let exchange = &self.graph.exchange;
        exchange[a] != NONE && exchange[a] == exchange[b]
    }

    /// The last rank of those that exchange their machines at a rank.
    pub fn end_of_exchange(&self, mut rank: usize) -> usize {
        while rank + 1 < self.graph.order.len() && self.are_together(self.at(rank), self.at(rank + 1)) {
            rank += 1;
        }
        rank
    }
}
