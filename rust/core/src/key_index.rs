//! A hash table that finds the slot of a key. It never sees keys, so the caller decides how and when they are compared.

/// No slot.
const EMPTY: u32 = u32::MAX;

/// Open addressing with linear probing; removal moves later entries back (Knuth 6.4, algorithm R). 8 bytes a place, and at most every
/// second place is taken: long probes cost more than the memory saves.
#[derive(Debug, Clone, Default)]
pub struct KeyIndex {
    /// Hash and slot.
    table: Vec<(u32, u32)>,
    len: usize,
}

/// Spreads a hash, whose upper bits may be all the same, over 32 bits. Eight consecutive hashes stay side by side, so that consecutive
/// integers share cache lines of the table.
#[inline]
#[must_use]
pub fn spread(hash: u64) -> u32 {
    const SHARED: u32 = 3;
    let high = ((hash >> SHARED).wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 32) as u32;
    high << SHARED | hash as u32 & ((1 << SHARED) - 1)
}

impl KeyIndex {
    /// Slots whose keys have this hash.
    #[inline]
    pub fn candidates(&self, hash: u32) -> impl Iterator<Item = u32> + '_ {
        let mask = self.table.len().wrapping_sub(1);
        let mut place = hash as usize;
        std::iter::from_fn(move || {
            while !self.table.is_empty() {
                let (other, slot) = self.table[place & mask];
                place = (place & mask) + 1;
                if slot == EMPTY {
                    return None;
                }
                if other == hash {
                    return Some(slot);
                }
            }
            None
        })
    }

    /// Adds a slot that is not there.
    #[inline]
    pub fn insert(&mut self, hash: u32, slot: u32) {
        if (self.len + 1) * 2 > self.table.len() {
            self.grow();
        }
        self.place(hash, slot);
        self.len += 1;
    }

    fn place(&mut self, hash: u32, slot: u32) {
        let mask = self.table.len() - 1;
        let mut place = hash as usize & mask;
        while self.table[place].1 != EMPTY {
            place = (place + 1) & mask;
        }
        self.table[place] = (hash, slot);
    }

    fn grow(&mut self) {
        let larger = vec![(0, EMPTY); (self.table.len() * 2).max(8)];
        for (hash, slot) in std::mem::replace(&mut self.table, larger) {
            if slot != EMPTY {
                self.place(hash, slot);
            }
        }
    }

    /// Removes a slot that is there.
    #[inline]
    pub fn remove(&mut self, hash: u32, slot: u32) {
        let mask = self.table.len() - 1;
        let mut hole = hash as usize & mask;
        while self.table[hole].1 != slot {
            hole = (hole + 1) & mask;
        }
        let mut next = hole;
        loop {
            next = (next + 1) & mask;
            let (other, moved) = self.table[next];
            if moved == EMPTY {
                break;
            }
            // An entry may move back unless its home lies behind the hole.
            if (next.wrapping_sub(other as usize) & mask) >= (next.wrapping_sub(hole) & mask) {
                self.table[hole] = (other, moved);
                hole = next;
            }
        }
        self.table[hole].1 = EMPTY;
        self.len -= 1;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::collections::BTreeMap;

    proptest! {
        #[test]
        fn equals_a_map(ops in prop::collection::vec((0_u32..60, 0_u32..9), 0..400)) {
            let (mut fast, mut slow) = (KeyIndex::default(), BTreeMap::new());
            for (slot, hash) in ops {
                if let Some(hash) = slow.remove(&slot) {
                    fast.remove(hash, slot);
                } else {
                    fast.insert(hash, slot);
                    slow.insert(slot, hash);
                }
                for hash in 0..9 {
                    let mut found: Vec<u32> = fast.candidates(hash).collect();
                    found.sort_unstable();
                    let expected: Vec<u32> = slow.iter().filter(|item| *item.1 == hash).map(|item| *item.0).collect();
                    prop_assert_eq!(found, expected);
                }
            }
        }
    }
}
