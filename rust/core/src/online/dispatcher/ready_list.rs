//! The ready keys of one demand, in their order; finds the first one whose estimate is short enough.
//!
//! The keys stand in sorted blocks, and every block knows its shortest estimate. A search looks at one number for each block, then at one
//! block: for ten thousand keys, some hundred numbers that stand side by side. Blocks were chosen over a balanced tree because a tree
//! follows a pointer for each comparison.

use std::collections::VecDeque;

use super::order_key::OrderKey;

/// Keys in a block at most.
const BLOCK: usize = 64;

/// Ready keys in their order.
#[derive(Debug, Clone, Default)]
pub(super) struct ReadyList {
    /// Never empty ones.
    blocks: VecDeque<Block>,
    /// The shortest estimate in each block, infinite if none has one.
    shortest: VecDeque<f64>,
}

#[derive(Debug, Clone)]
struct Block {
    /// Keys leave at the front and come at the back, mostly.
    keys: VecDeque<OrderKey>,
    /// Infinite for keys without an estimate.
    estimates: VecDeque<f64>,
}

impl Block {
    fn shortest(&self) -> f64 {
        self.estimates.iter().copied().fold(f64::INFINITY, f64::min)
    }
}

impl ReadyList {
    /// Whether there are no keys.
    pub fn is_empty(&self) -> bool {
        self.blocks.is_empty()
    }

    /// The first key.
    pub fn first(&self) -> Option<OrderKey> {
        self.blocks.front().map(|block| block.keys[0])
    }

    /// The shortest estimate, infinite if no key has one.
    pub fn shortest(&self) -> f64 {
        self.shortest.iter().copied().fold(f64::INFINITY, f64::min)
    }

    /// The first key with an estimate that `suits`; shorter estimates must suit if longer ones do.
    pub fn first_with(&self, suits: impl Fn(f64) -> bool) -> Option<OrderKey> {
        let suits = |estimate: f64| estimate < f64::INFINITY && suits(estimate);
        let block = &self.blocks[self.shortest.iter().position(|&estimate| suits(estimate))?];
        block.estimates.iter().position(|&estimate| suits(estimate)).map(|k| block.keys[k])
    }

    /// The block where a key stands or belongs.
    fn block_of(&self, key: OrderKey) -> usize {
        let last = |block: &Block| block.keys[block.keys.len() - 1];
        match self.blocks.back() {
            Some(block) if last(block) >= key => self.blocks.partition_point(|block| last(block) < key),
            _ => self.blocks.len().saturating_sub(1), // keys often come in their order
        }
    }

    /// Adds a key that is not there.
    pub fn insert(&mut self, key: OrderKey, estimate: f64) {
        let mut at = self.block_of(key);
        if self.blocks.is_empty() {
            self.add_block(0, Block { keys: VecDeque::with_capacity(BLOCK), estimates: VecDeque::with_capacity(BLOCK) });
        } else if self.blocks[at].keys.len() == BLOCK {
            // A block that is filled in order stays full; another one is divided.
            let from = if self.blocks[at].keys[BLOCK - 1] < key { BLOCK } else { BLOCK / 2 };
            let block = &mut self.blocks[at];
            let tail = Block { keys: block.keys.split_off(from), estimates: block.estimates.split_off(from) };
            self.shortest[at] = block.shortest();
            let goes_to_tail = from == BLOCK || tail.keys[0] < key;
            self.add_block(at + 1, tail);
            at += usize::from(goes_to_tail);
        }
        let block = &mut self.blocks[at];
        let place = block.keys.partition_point(|other| *other < key);
        block.keys.insert(place, key);
        block.estimates.insert(place, estimate);
        self.shortest[at] = self.shortest[at].min(estimate);
    }

    fn add_block(&mut self, at: usize, block: Block) {
        self.shortest.insert(at, block.shortest());
        self.blocks.insert(at, block);
    }

    /// Removes a key that is there.
    pub fn remove(&mut self, key: OrderKey) {
        let is_first = self.blocks[0].keys[0] == key; // as it mostly is
        let at = if is_first { 0 } else { self.block_of(key) };
        let block = &mut self.blocks[at];
        let place = if is_first { 0 } else { block.keys.partition_point(|other| *other < key) };
        debug_assert_eq!(block.keys.get(place), Some(&key), "only ready keys are removed");
        block.keys.remove(place);
        let estimate = block.estimates.remove(place).unwrap_or(f64::INFINITY);
        if block.keys.is_empty() {
            self.blocks.remove(at);
            self.shortest.remove(at);
        } else if estimate <= self.shortest[at] {
            self.shortest[at] = block.shortest();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::collections::BTreeMap;

    proptest! {
        #[test]
        fn equals_an_ordered_map(ops in prop::collection::vec((0_u64..4, 0_u32..300, 0_u32..9), 0..900), limit in 0_u32..9) {
            let (mut fast, mut slow) = (ReadyList::default(), BTreeMap::new());
            for (rank, number, estimate) in ops {
                let key = OrderKey { priority: 0, rank, arrival: 0, number };
                let estimate = if estimate == 8 { f64::INFINITY } else { f64::from(estimate) };
                if slow.remove(&key).is_some() {
                    fast.remove(key);
                } else {
                    fast.insert(key, estimate);
                    slow.insert(key, estimate);
                }
                prop_assert_eq!(fast.first(), slow.keys().next().copied());
                prop_assert_eq!(fast.is_empty(), slow.is_empty());
                let found = slow.iter().find(|item| *item.1 < f64::INFINITY && *item.1 <= f64::from(limit)).map(|item| *item.0);
                prop_assert_eq!(fast.first_with(|estimate| estimate <= f64::from(limit)), found);
            }
        }
    }
}
