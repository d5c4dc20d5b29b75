//! The treap beneath the peaks: what is pending goes down, the largest points come up, subtrees are split and joined.

use super::{NONE, Node, PeakTree, UNBOUNDED};

/// The bounds of the heat within which the larger of two points stays the larger one: `above` is larger now.
#[inline]
fn bounds(above: (i64, i64), below: (i64, i64)) -> (i64, i64) {
    let (lead, slope) = (above.0 - below.0, above.1 - below.1);
    match slope {
        0 => (-UNBOUNDED, UNBOUNDED),
        1.. => (-(lead / slope), UNBOUNDED),
        _ => (-UNBOUNDED, lead / -slope),
    }
}

impl PeakTree {
    /// Gives all points of a subtree more heat and `add`.
    pub(super) fn pass(&mut self, at: u32, heat: i64, add: i64) {
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
    pub(super) fn push(&mut self, at: u32) {
        let Node { left, right, heat, add, .. } = self.nodes[at as usize];
        if heat != 0 || add != 0 {
            self.pass(left, heat, add);
            self.pass(right, heat, add);
            let node = &mut self.nodes[at as usize];
            (node.heat, node.add) = (0, 0);
        }
    }

    /// Finds the largest point of a subtree with nothing pending, and the bounds within which it stays that.
    pub(super) fn pull(&mut self, at: u32) {
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

    /// Splits a subtree into the points up to this end, and those after it.
    pub(super) fn split(&mut self, at: u32, last: i64) -> (u32, u32) {
        if at == NONE {
            return (NONE, NONE);
        }
        self.push(at);
        let Node { end, left, right, .. } = self.nodes[at as usize];
        if end <= last {
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
    pub(super) fn merge(&mut self, lower: u32, higher: u32) -> u32 {
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
}
