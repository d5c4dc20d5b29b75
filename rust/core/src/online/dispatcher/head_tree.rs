//! A tournament among groups of keys: which group has the key that comes first.

use super::order_key::OrderKey;

/// The first keys of groups, and a binary tree of winners over them. O(log groups) a change, O(1) a look.
#[derive(Debug, Clone, Default)]
pub(super) struct HeadTree {
    /// By group; [`OrderKey::LAST`] for groups that do not take part.
    heads: Vec<OrderKey>,
    /// The winning group of each node; the root is node 1, the leaves are the second half.
    winners: Vec<u32>,
}

impl HeadTree {
    /// The group whose first key comes first of all, and this key.
    pub fn first(&self) -> Option<(u32, OrderKey)> {
        let &group = self.winners.get(1)?;
        Some((group, self.heads[group as usize])).filter(|(_, head)| *head != OrderKey::LAST)
    }

    /// The first key of a group; [`OrderKey::LAST`] if it does not take part.
    #[inline]
    pub fn head(&self, group: u32) -> OrderKey {
        self.heads[group as usize]
    }

    /// Changes the first key of a group.
    pub fn set(&mut self, group: u32, head: OrderKey) {
        if group as usize >= self.heads.len() {
            self.grow(group as usize + 1);
        }
        self.heads[group as usize] = head;
        let mut node = usize::midpoint(self.heads.len(), group as usize);
        while node > 0 {
            let winner = self.better(node);
            if winner == std::mem::replace(&mut self.winners[node], winner) && winner != group {
                return; // the group neither won here nor wins now, so nothing changes above
            }
            node /= 2;
        }
    }

    fn grow(&mut self, groups: usize) {
        let size = groups.next_power_of_two().max(2);
        self.heads.resize(size, OrderKey::LAST);
        self.winners = vec![0; size];
        for node in (1..size).rev() {
            self.winners[node] = self.better(node);
        }
    }

    /// The winner among the two children of a node.
    fn better(&self, node: usize) -> u32 {
        let size = self.heads.len();
        let child = |child: usize| if child >= size { (child - size) as u32 } else { self.winners[child] };
        let (left, right) = (child(2 * node), child(2 * node + 1));
        if self.heads[right as usize] < self.heads[left as usize] { right } else { left }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn finds_the_least(changes in prop::collection::vec((0_u32..40, 0_u32..90), 0..200)) {
            let mut tree = HeadTree::default();
            let mut heads = [OrderKey::LAST; 40];
            prop_assert_eq!(tree.first(), None);
            for (group, number) in changes {
                // Numbers are distinct between groups, as they are for keys.
                let head = OrderKey { priority: 0, rank: u64::from(number / 9), arrival: 0, number: number * 40 + group };
                let head = if number < 20 { OrderKey::LAST } else { head };
                tree.set(group, head);
                heads[group as usize] = head;
                let least = heads.iter().min().filter(|least| **least != OrderKey::LAST);
                prop_assert_eq!(tree.first().map(|(group, head)| { assert_eq!(heads[group as usize], head); head }), least.copied());
            }
        }
    }
}
