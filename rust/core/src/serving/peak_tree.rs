//! The largest use of a cache that a batch will come to, kept up to date while requests come and go.
//!
//! Each holding has a point: the step at which it ends, and the tokens that all hold together at that step. A holding that comes adds
//! `base + growth * step` to every point up to its own end, and one that goes takes that away. So a group of neighbouring points gets the
//! same `add`, and the same `heat` for each of its steps, and the largest of them stays the largest while the heat of the group stays
//! within bounds that follow from the points. A treap by end holds the points; each subtree knows its largest point and those bounds
//! (a kinetic heap, Basch, Guibas, Hershberger 1997). A subtree whose bounds are left is searched again.
//!
//! Steps are counted from a fixed start, so that nothing changes while all requests grow at the same pace. The numbers of points are
//! tokens, which fit into 64 bits, but `base` and `heat * step` need not; they are added modulo 2^64, which gives the right tokens.

use crate::random::Random;

/// No node.
const NONE: u32 = u32::MAX;

/// Bounds of the heat for a subtree of one point.
const UNBOUNDED: i64 = i64::MAX / 4;

/// A point and its subtree. Numbers count what is pending for the node itself, but not what is pending for its ancestors.
#[derive(Debug, Clone, Copy)]
struct Node {
    end: i64,
    /// Tokens at step `end` of all that hold any then.
    usage: i64,
    /// What the holding adds to its own points.
    base: i64,
    growth: i64,
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
    order: u64,
    left: u32,
    right: u32,
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

/// The bounds of the heat within which the larger of two points stays the larger one: `above` is larger now.
fn bounds(above: (i64, i64), below: (i64, i64)) -> (i64, i64) {
    let (lead, slope) = (above.0 - below.0, above.1 - below.1);
    match slope {
        0 => (-UNBOUNDED, UNBOUNDED),
        1.. => (-(lead / slope), UNBOUNDED),
        _ => (-UNBOUNDED, lead / -slope),
    }
}

impl PeakTree {
    /// The largest usage at any point, 0 if there is none.
    pub fn peak(&self) -> i64 {
        self.node(self.root).map_or(0, |root| root.most)
    }

    /// The largest usage if one more request were there.
    pub fn peak_with(&self, end: i64, base: i64) -> i64 {
        let (held, growth) = self.held_at(end);
        let before = self.most_until(self.root, end, 1, 0);
        let after = self.most_after(self.root, end, 0, 0);
        let own = held.wrapping_add(base).wrapping_add((growth + 1).wrapping_mul(end));
        own.max(after).max(if before == i64::MIN { before } else { before.wrapping_add(base) })
    }

    /// Adds a holding and returns the number of its point.
    pub fn insert(&mut self, end: i64, base: i64, growth: i64) -> u32 {
        let (held, grown) = self.held_at(end);
        let usage = held.wrapping_add(base).wrapping_add((grown + growth).wrapping_mul(end));
        let (until, after) = self.split(self.root, (end, NONE));
        self.pass(until, growth, base);
        let order = self.random.next_u64();
        let node = Node {
            end,
            usage,
            base,
            growth,
            most: usage,
            most_end: end,
            least_heat: -UNBOUNDED,
            most_heat: UNBOUNDED,
            heat: 0,
            add: 0,
            sum_base: base,
            sum_growth: growth,
            order,
            left: NONE,
            right: NONE,
        };
        let at = self.place(node);
        // Points of equal end stand in the order of their numbers.
        let (lower, higher) = self.split(until, (end, at));
        let until = self.merge(lower, at);
        let until = self.merge(until, higher);
        self.root = self.merge(until, after);
        at
    }

    /// Removes the holding of a point.
    pub fn remove(&mut self, at: u32) {
        let Node { end, base, growth, .. } = self.nodes[at as usize];
        let (until, after) = self.split(self.root, (end, NONE));
        self.pass(until, -growth, -base);
        let until = self.without(until, (end, at));
        self.root = self.merge(until, after);
        self.free.push(at);
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

    fn node(&self, at: u32) -> Option<&Node> {
        self.nodes.get(at as usize)
    }

    /// `base` and `growth` of all that hold tokens at this step, in sum.
    fn held_at(&self, step: i64) -> (i64, i64) {
        let (mut at, mut base, mut growth) = (self.root, 0_i64, 0);
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
            at = node.left;
        }
        (base, growth)
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

    /// The largest usage at the points up to this end, under more heat and `add`.
    fn most_until(&self, at: u32, end: i64, heat: i64, add: i64) -> i64 {
        let Some(node) = self.node(at) else { return i64::MIN };
        let (below, more) = (heat + node.heat, add.wrapping_add(node.add));
        if node.end > end {
            return self.most_until(node.left, end, below, more);
        }
        let own = node.usage.wrapping_add(add).wrapping_add(heat.wrapping_mul(node.end));
        own.max(self.most(node.left, below, more)).max(self.most_until(node.right, end, below, more))
    }

    /// The largest usage at the points after this end, under more heat and `add`.
    fn most_after(&self, at: u32, end: i64, heat: i64, add: i64) -> i64 {
        let Some(node) = self.node(at) else { return i64::MIN };
        let (below, more) = (heat + node.heat, add.wrapping_add(node.add));
        if node.end <= end {
            return self.most_after(node.right, end, below, more);
        }
        let own = node.usage.wrapping_add(add).wrapping_add(heat.wrapping_mul(node.end));
        own.max(self.most_after(node.left, end, below, more)).max(self.most(node.right, below, more))
    }

    /// Gives all points of a subtree more heat and `add`.
    fn pass(&mut self, at: u32, heat: i64, add: i64) {
        let Some(node) = self.nodes.get_mut(at as usize) else { return };
        node.usage = node.usage.wrapping_add(add).wrapping_add(heat.wrapping_mul(node.end));
        node.most = node.most.wrapping_add(add).wrapping_add(heat.wrapping_mul(node.most_end));
        node.heat += heat;
        node.add = node.add.wrapping_add(add);
        node.least_heat -= heat;
        node.most_heat -= heat;
        if node.least_heat > 0 || node.most_heat < 0 {
            self.push(at);
            self.pull(at);
        }
    }

    /// Hands what is pending to the children.
    fn push(&mut self, at: u32) {
        let Node { left, right, heat, add, .. } = self.nodes[at as usize];
        if heat != 0 || add != 0 {
            self.pass(left, heat, add);
            self.pass(right, heat, add);
            let node = &mut self.nodes[at as usize];
            (node.heat, node.add) = (0, 0);
        }
    }

    /// Finds the largest point of a subtree with nothing pending, and the bounds within which it stays that.
    fn pull(&mut self, at: u32) {
        let mut node = self.nodes[at as usize];
        let own = (node.usage, node.end);
        let children = [node.left, node.right].map(|child| self.node(child).copied());
        let points = children.map(|child| child.map(|child| (child.most, child.most_end)));
        let mut most = own;
        for &point in points.iter().flatten() {
            most = most.max(point);
        }
        let (mut least_heat, mut most_heat) = (-UNBOUNDED, UNBOUNDED);
        for point in points.into_iter().flatten().chain([own]) {
            let (least, greatest) = bounds(most, point);
            (least_heat, most_heat) = (least_heat.max(least), most_heat.min(greatest));
        }
        (node.sum_base, node.sum_growth) = (node.base, node.growth);
        for child in children.iter().flatten() {
            (least_heat, most_heat) = (least_heat.max(child.least_heat), most_heat.min(child.most_heat));
            node.sum_base = node.sum_base.wrapping_add(child.sum_base);
            node.sum_growth += child.sum_growth;
        }
        ((node.most, node.most_end), node.least_heat, node.most_heat) = (most, least_heat, most_heat);
        self.nodes[at as usize] = node;
    }

    /// Splits a subtree into the points up to this end and number, and those after it.
    fn split(&mut self, at: u32, last: (i64, u32)) -> (u32, u32) {
        if at == NONE {
            return (NONE, NONE);
        }
        self.push(at);
        let Node { end, left, right, .. } = self.nodes[at as usize];
        if (end, at) <= last {
            let (lower, higher) = self.split(right, last);
            self.nodes[at as usize].right = lower;
            self.pull(at);
            (at, higher)
        } else {
            let (lower, higher) = self.split(left, last);
            self.nodes[at as usize].left = higher;
            self.pull(at);
            (lower, at)
        }
    }

    /// Joins two subtrees, all points of the first of which come before those of the second.
    fn merge(&mut self, lower: u32, higher: u32) -> u32 {
        if lower == NONE || higher == NONE {
            return lower.min(higher);
        }
        if self.nodes[lower as usize].order >= self.nodes[higher as usize].order {
            self.push(lower);
            let right = self.merge(self.nodes[lower as usize].right, higher);
            self.nodes[lower as usize].right = right;
            self.pull(lower);
            lower
        } else {
            self.push(higher);
            let left = self.merge(lower, self.nodes[higher as usize].left);
            self.nodes[higher as usize].left = left;
            self.pull(higher);
            higher
        }
    }

    /// The subtree without a point of it.
    fn without(&mut self, at: u32, point: (i64, u32)) -> u32 {
        self.push(at);
        let Node { end, left, right, .. } = self.nodes[at as usize];
        if at == point.1 {
            return self.merge(left, right);
        }
        if point < (end, at) {
            self.nodes[at as usize].left = self.without(left, point);
        } else {
            self.nodes[at as usize].right = self.without(right, point);
        }
        self.pull(at);
        at
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
                        let at = tree.insert(remaining, held, growth);
                        batch.push((at, Holding { remaining, held, growth }));
                        if growth == 1 {
                            assert_eq!(new, tree.peak());
                        }
                    }
                } else {
                    let (at, _) = batch.swap_remove(random.below(batch.len() as u64) as usize);
                    tree.remove(at);
                }
                let mut plain: Vec<Holding> = batch.iter().map(|&(_, holding)| holding).collect();
                assert_eq!(tree.peak(), peak(&mut plain));
            }
        }
    }
}
