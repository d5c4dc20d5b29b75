//! Pairing heaps that share one arena, so that two of them become one in a single comparison.

/// No node.
pub const NONE: u32 = u32::MAX;

#[derive(Debug, Clone, Copy)]
struct Node {
    key: f64,
    child: u32,
    sibling: u32,
}

/// Minimum heaps over small integers; a heap is known by its root. Fredman, Sedgewick, Sleator, Tarjan (1986).
#[derive(Debug, Clone, Default)]
pub struct PairingHeaps {
    nodes: Vec<Node>,
    /// Scratch: the heaps to be paired, or the nodes to be visited.
    pile: Vec<u32>,
}

impl PairingHeaps {
    /// A heap of one node.
    pub fn single(&mut self, node: u32, key: f64) -> u32 {
        let fresh = Node { key, child: NONE, sibling: NONE };
        let place = node as usize;
        if place >= self.nodes.len() {
            self.nodes.resize(place + 1, fresh);
        }
        self.nodes[place] = fresh;
        node
    }

    /// The key of a node.
    pub fn key(&self, node: u32) -> f64 {
        self.nodes[node as usize].key
    }

    /// Makes one heap of two; either may be empty.
    pub fn merge(&mut self, a: u32, b: u32) -> u32 {
        if a == NONE || b == NONE {
            return a.min(b);
        }
        let (root, under) = if self.key(b) < self.key(a) { (b, a) } else { (a, b) };
        self.nodes[under as usize].sibling = self.nodes[root as usize].child;
        self.nodes[root as usize].child = under;
        root
    }

    /// Takes the root off; the root of what remains. O(log n) amortised.
    pub fn pop(&mut self, root: u32) -> u32 {
        let mut child = self.nodes[root as usize].child;
        while child != NONE {
            let mate = std::mem::replace(&mut self.nodes[child as usize].sibling, NONE);
            let rest = if mate == NONE { NONE } else { std::mem::replace(&mut self.nodes[mate as usize].sibling, NONE) };
            let pair = self.merge(child, mate);
            self.pile.push(pair);
            child = rest;
        }
        let mut heap = NONE;
        while let Some(pair) = self.pile.pop() {
            heap = self.merge(heap, pair);
        }
        heap
    }

    /// All nodes of a heap, in no particular order.
    pub fn members(&mut self, root: u32, members: &mut Vec<u32>) {
        self.pile.push(root);
        while let Some(node) = self.pile.pop() {
            if node != NONE {
                members.push(node);
                self.pile.extend([self.nodes[node as usize].child, self.nodes[node as usize].sibling]);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn merged_heaps_give_everything_in_order(first in prop::collection::vec(0_u8..50, 0..60), second in
        prop::collection::vec(0_u8..50, 0..60)) {
            let mut heaps = PairingHeaps::default();
            let mut roots = [NONE; 2];
            let mut node = 0;
            for (root, keys) in roots.iter_mut().zip([&first, &second]) {
                for &key in keys {
                    let single = heaps.single(node, f64::from(key));
                    *root = heaps.merge(*root, single);
                    node += 1;
                }
            }
            let mut root = heaps.merge(roots[0], roots[1]);
            let mut members = Vec::new();
            heaps.members(root, &mut members);
            members.sort_unstable();
            prop_assert_eq!(members, (0..node).collect::<Vec<_>>());
            let mut expected: Vec<f64> = first.iter().chain(&second).map(|&k| f64::from(k)).collect();
            expected.sort_by(f64::total_cmp);
            for key in expected {
                prop_assert_eq!(heaps.key(root), key);
                root = heaps.pop(root);
            }
            prop_assert_eq!(root, NONE);
        }
    }
}
