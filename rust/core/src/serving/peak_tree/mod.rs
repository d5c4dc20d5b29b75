//! The largest use of a cache that a batch will come to, kept up to date while requests come and go.
//!
//! Each holding has a point: the step at which it ends, and the tokens that all hold together at that step. A holding that
//! comes adds `base + growth * step` to every point up to its own end, and one that goes takes that away. So a group of
//! neighbouring points gets the same `add`, and the same `heat` for each of its steps, and the largest of them stays the
//! largest while the heat of the group stays within bounds that follow from the points. A treap by end holds the points; each
//! subtree knows its largest point and those bounds (a kinetic heap, Basch, Guibas, Hershberger 1997). A subtree whose bounds
//! are left is searched again.
//!
//! Steps are counted from a fixed start, so that nothing changes while all requests grow at the same pace. The numbers of
//! points are tokens, which fit into 64 bits, but `base` and `heat * step` need not; they are added modulo 2^64, which gives
//! the right tokens.

mod treap;

use crate::random::Random;

/// No node.
const NONE: u32 = u32::MAX;

/// Bounds of the heat for a subtree of one point.
const UNBOUNDED: i64 = i64::MAX / 4;

/// A point and its subtree. Numbers count what is pending for the node itself, but not what is pending for its ancestors.
#[derive(Debug, Clone, Copy)]
struct Node {
    /// Different in every node: holdings that end at the same step have one point.
    end: i64,
    /// Tokens at step `end` of all that hold any then.
    usage: i64,
    /// What the holdings that end here add to their own points, in sum, and how many there are.
    base: i64,
    growth: i64,
    count: u32,
    /// The largest usage in the subtree, and the end of its point.
    most: i64,
    most_end: i64,
    /// Heat for which that point stays the largest one.
    least_heat: i64,
    most_heat: i64,
    /// Pending for both children.
    heat: i64,
    add: i64,
    /// Sums over the subtree.
    sum_base: i64,
    sum_growth: i64,
    order: u32,
    left: u32,
    right: u32,
}

/// What holdings that end at one step come to: they come, or go if the numbers are negative.
#[derive(Debug, Clone, Copy)]
struct Change {
    end: i64,
    base: i64,
    growth: i64,
    count: i32,
}

/// The points of a batch. Each operation is O(log n) expected, and O(log n) more for each subtree whose largest point changes.
#[derive(Debug, Clone)]
pub(super) struct PeakTree {
    nodes: Vec<Node>,
    free: Vec<u32>,
    root: u32,
    /// Orders the nodes along the paths from the root.
    random: Random,
}

impl Default for PeakTree {
    fn default() -> Self {
        Self { nodes: Vec::new(), free: Vec::new(), root: NONE, random: Random::new(0) }
    }
}

impl PeakTree {
    /// The largest usage at any point, 0 if there is none.
    pub fn peak(&self) -> i64 {
        self.node(self.root).map_or(0, |root| root.most)
    }

    /// The largest usage if one more request were there. One path leads to its end; what lies beside it counts as whole
    /// subtrees.
    pub fn peak_with(&self, end: i64, base: i64) -> i64 {
        let (mut at, mut heat, mut add) = (self.root, 0_i64, 0_i64);
        // `base` and `growth` of all that hold tokens at the end of the request, itself included.
        let (mut held, mut growth) = (base, 1_i64);
        let (mut before, mut after) = (i64::MIN, i64::MIN);
        while let Some(node) = self.node(at) {
            let (below, more) = (heat + node.heat, add.wrapping_add(node.add));
            let own = node.usage.wrapping_add(add).wrapping_add(heat.wrapping_mul(node.end));
            if node.end < end {
                let own = own.wrapping_add(node.end);
                before = before.max(own).max(self.most(node.left, below + 1, more));
                at = node.right;
            } else {
                after = after.max(own).max(self.most(node.right, below, more));
                held = held.wrapping_add(node.base);
                growth += node.growth;
                if let Some(right) = self.node(node.right) {
                    held = held.wrapping_add(right.sum_base);
                    growth += right.sum_growth;
                }
                at = node.left;
            }
            (heat, add) = (below, more);
        }
        // At its own end it is the largest of all that end then.
        let own = held.wrapping_add(growth.wrapping_mul(end));
        own.max(after).max(if before == i64::MIN { before } else { before.wrapping_add(base) })
    }

    /// Adds a holding.
    pub fn insert(&mut self, end: i64, base: i64, growth: i64) {
        let (held, grown, known) = self.held_at(end);
        let change = Change { end, base, growth, count: 1 };
        if known {
            self.root = self.change(self.root, change);
            return;
        }
        let usage = held.wrapping_add(base).wrapping_add((grown + growth).wrapping_mul(end));
        let node = Node {
            end,
            usage,
            base,
            growth,
            count: 1,
            most: usage,
            most_end: end,
            least_heat: -UNBOUNDED,
            most_heat: UNBOUNDED,
            heat: 0,
            add: 0,
            sum_base: base,
            sum_growth: growth,
            order: (self.random.next_u64() >> 32) as u32,
            left: NONE,
            right: NONE,
        };
        let at = self.place(node);
        self.root = self.with(self.root, at, change);
    }

    /// Removes a holding that is there.
    pub fn remove(&mut self, end: i64, base: i64, growth: i64) {
        self.root = self.change(self.root, Change { end, base: -base, growth: -growth, count: -1 });
    }

    /// Stores a node and returns its number.
    fn place(&mut self, node: Node) -> u32 {
        let Some(at) = self.free.pop() else {
            self.nodes.push(node);
            return self.nodes.len() as u32 - 1;
        };
        self.nodes[at as usize] = node;
        at
    }

    #[inline]
    fn node(&self, at: u32) -> Option<&Node> {
        self.nodes.get(at as usize)
    }

    /// `base` and `growth` of all that hold tokens at this step, in sum, and whether something ends then.
    fn held_at(&self, step: i64) -> (i64, i64, bool) {
        let (mut at, mut base, mut growth, mut known) = (self.root, 0_i64, 0, false);
        while let Some(node) = self.node(at) {
            if node.end < step {
                at = node.right;
                continue;
            }
            base = base.wrapping_add(node.base);
            growth += node.growth;
            if let Some(right) = self.node(node.right) {
                base = base.wrapping_add(right.sum_base);
                growth += right.sum_growth;
            }
            known |= node.end == step;
            at = node.left;
        }
        (base, growth, known)
    }

    /// The subtree after a change at a point in it. The point goes with the last holding that ends there.
    fn change(&mut self, at: u32, change: Change) -> u32 {
        self.push(at);
        let Node { end, left, right, .. } = self.nodes[at as usize];
        if end > change.end {
            self.nodes[at as usize].left = self.change(left, change);
            self.pull(at);
            return at;
        }
        self.pass(left, change.growth, change.base);
        self.change_point(at, change);
        if end < change.end {
            self.nodes[at as usize].right = self.change(right, change);
            self.pull(at);
            return at;
        }
        let node = &mut self.nodes[at as usize];
        node.base = node.base.wrapping_add(change.base);
        node.growth += change.growth;
        node.count = node.count.wrapping_add_signed(change.count);
        if node.count == 0 {
            self.free.push(at);
            return self.merge(left, right);
        }
        self.pull(at);
        at
    }

    /// Adds what a change means for the usage at a point up to its end.
    fn change_point(&mut self, at: u32, change: Change) {
        let node = &mut self.nodes[at as usize];
        node.usage = node.usage.wrapping_add(change.base).wrapping_add(change.growth.wrapping_mul(node.end));
    }

    /// The subtree with a new point, `at`, for which the change stands.
    fn with(&mut self, root: u32, at: u32, change: Change) -> u32 {
        if root == NONE {
            return at;
        }
        if self.nodes[at as usize].order > self.nodes[root as usize].order {
            let (lower, higher) = self.split(root, change.end);
            self.pass(lower, change.growth, change.base);
            let node = &mut self.nodes[at as usize];
            (node.left, node.right) = (lower, higher);
            self.pull(at);
            return at;
        }
        self.push(root);
        let Node { end, left, right, .. } = self.nodes[root as usize];
        if end < change.end {
            self.pass(left, change.growth, change.base);
            self.change_point(root, change);
            self.nodes[root as usize].right = self.with(right, at, change);
        } else {
            self.nodes[root as usize].left = self.with(left, at, change);
        }
        self.pull(root);
        root
    }

    /// The largest usage in a subtree under more heat and `add`.
    fn most(&self, at: u32, heat: i64, add: i64) -> i64 {
        let Some(node) = self.node(at) else { return i64::MIN };
        if node.least_heat <= heat && heat <= node.most_heat {
            return node.most.wrapping_add(add).wrapping_add(heat.wrapping_mul(node.most_end));
        }
        let (below, more) = (heat + node.heat, add.wrapping_add(node.add));
        let own = node.usage.wrapping_add(add).wrapping_add(heat.wrapping_mul(node.end));
        own.max(self.most(node.left, below, more)).max(self.most(node.right, below, more))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::serving::peak::{Holding, peak, tests::random_batch};

    #[test]
    fn equals_the_plain_formula_while_requests_come_and_go() {
        let mut random = Random::new(3);
        for round in 0..300 {
            let (mut tree, mut batch) = (PeakTree::default(), Vec::new());
            for _ in 0..60 {
                if batch.is_empty() || random.below(5) > 1 {
                    for Holding { remaining, held, growth } in random_batch(&mut random, 2 + round % 4) {
                        let new = tree.peak_with(remaining, held);
                        tree.insert(remaining, held, growth);
                        batch.push(Holding { remaining, held, growth });
                        if growth == 1 {
                            assert_eq!(new, tree.peak());
                        }
                    }
                } else {
                    let gone: Holding = batch.swap_remove(random.below(batch.len() as u64) as usize);
                    tree.remove(gone.remaining, gone.held, gone.growth);
                }
                assert_eq!(tree.peak(), peak(&mut batch.clone()));
            }
        }
    }
}
