//! The solved subproblems: a table from (set of jobs, start time) to the optimal value and the branch that reached it.
//!
//! Sets are known by 96-bit fingerprints: two different states among ten million share one with probability 10^-15. Open addressing,
//! 24 bytes a slot. When the table may not grow any more, entries that were not used since the last such moment are dropped; so it is when the system
//! refuses the memory.

use crate::memory;

/// A fingerprint of a set of jobs: the bitwise sum of its members' random words.
pub(super) type Fingerprint = u128;

#[derive(Debug, Clone, Copy)]
struct Slot {
    key: u64,
    check: u32,
    /// The branch in the low bits, [`USED`] above; [`EMPTY`] for no entry.
    branch: u32,
    value: i64,
}

const USED: u32 = 1 << 31;
const EMPTY: u32 = u32::MAX;
const FREE: Slot = Slot { key: 0, check: 0, branch: EMPTY, value: 0 };
const FIRST_SIZE: usize = 1 << 10;

/// Bytes of a slot.
const SLOT: usize = size_of::<Slot>();

/// The table.
#[derive(Debug)]
pub(super) struct Memo {
    slots: Vec<Slot>,
    entries: usize,
    /// Most bytes, old and new table together while it grows.
    limit: usize,
}

/// What a state is looked up by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct StateKey {
    key: u64,
    check: u32,
}

impl StateKey {
    #[inline]
    pub(super) fn new(set: Fingerprint, start: i64) -> Self {
        // Odd multipliers spread the start time over all bits; the fingerprint is random already.
        let time = (start as u64).wrapping_mul(0x9e37_79b9_7f4a_7c15);
        let key = (set as u64) ^ time ^ (time >> 29);
        let check = ((set >> 64) as u64).wrapping_add((start as u64).wrapping_mul(0xd6e8_feb8_6659_fd93));
        Self { key, check: (check >> 32) as u32 }
    }
}

impl Memo {
    pub(super) fn new(limit: usize) -> Self {
        Self { slots: vec![FREE; FIRST_SIZE], entries: 0, limit }
    }

    fn home(&self, key: u64) -> usize {
        key as usize & (self.slots.len() - 1)
    }

    /// Where the key is, or would be.
    #[inline]
    fn find(&self, key: StateKey) -> usize {
        let mask = self.slots.len() - 1;
        let mut place = self.home(key.key);
        loop {
            let slot = &self.slots[place];
            if slot.branch == EMPTY || (slot.key == key.key && slot.check == key.check) {
                return place;
            }
            place = (place + 1) & mask;
        }
    }

    /// The value and the branch, if the state has been solved and not been dropped.
    #[inline]
    pub(super) fn get(&mut self, key: StateKey) -> Option<(i64, u32)> {
        let place = self.find(key);
        let slot = &mut self.slots[place];
        if slot.branch == EMPTY {
            return None;
        }
        slot.branch |= USED;
        Some((slot.value, slot.branch & !USED))
    }

    /// Remembers a state.
    pub(super) fn insert(&mut self, key: StateKey, value: i64, branch: u32) {
        if self.entries * 4 >= self.slots.len() * 3 {
            self.evict();
        }
        let place = self.find(key);
        self.entries += usize::from(self.slots[place].branch == EMPTY);
        self.slots[place] = Slot { key: key.key, check: key.check, branch, value };
    }

    fn evict(&mut self) {
        let size = self.slots.len() * 2;
        if self.slots.len() * 3 * SLOT <= self.limit && memory::require_items(size, SLOT).is_ok() {
            let old = std::mem::replace(&mut self.slots, vec![FREE; size]);
            for slot in old.into_iter().filter(|slot| slot.branch != EMPTY) {
                let place = self.find(StateKey { key: slot.key, check: slot.check });
                self.slots[place] = slot;
            }
            return;
        }
        self.drop_unused();
        if self.entries * 2 > self.slots.len() {
            self.slots.fill(FREE); // everything was used: begin anew rather than clean again and again
            self.entries = 0;
        }
    }

    /// Drops what was not used since the last time, in place.
    fn drop_unused(&mut self) {
        let mut place = 0;
        while place < self.slots.len() {
            let slot = self.slots[place];
            if slot.branch != EMPTY && slot.branch & USED == 0 {
                self.remove(place); // another entry may have moved here: look again
            } else {
                place += 1;
            }
        }
        for slot in self.slots.iter_mut().filter(|slot| slot.branch != EMPTY) {
            slot.branch &= !USED;
        }
    }

    /// Removes an entry and closes the gap, so that no search ends too early.
    fn remove(&mut self, place: usize) {
        let mask = self.slots.len() - 1;
        let (mut gap, mut next) = (place, place);
        self.entries -= 1;
        loop {
            next = (next + 1) & mask;
            let slot = self.slots[next];
            if slot.branch == EMPTY {
                self.slots[gap] = FREE;
                return;
            }
            // An entry may move back to the gap unless its home lies behind the gap.
            let home = self.home(slot.key);
            if next.wrapping_sub(home) & mask >= next.wrapping_sub(gap) & mask {
                self.slots[gap] = slot;
                gap = next;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::Random;
    use std::collections::HashMap;

    #[test]
    fn remembers_what_it_keeps_and_stays_below_its_limit() {
        let mut random = Random::new(1);
        let limit = 300_000;
        let mut memo = Memo::new(limit);
        let mut truth = HashMap::new();
        for step in 0..100_000_u64 {
            let (set, start) = (u128::from(random.below(50_000)) << 77, random.between(0, 3));
            let key = StateKey::new(set ^ u128::from(Random::new(set as u64 ^ (set >> 70) as u64).next_u64()), start);
            let id = (key.key, key.check);
            if let Some((value, branch)) = memo.get(key) {
                assert_eq!(truth[&id], (value, branch));
            } else {
                memo.insert(key, step as i64, step as u32);
                truth.insert(id, (step as i64, step as u32));
                assert_eq!(memo.get(key), Some((step as i64, step as u32)));
            }
            assert!(memo.slots.len() * SLOT <= limit && memo.entries < memo.slots.len());
        }
        let kept = memo.slots.iter().filter(|slot| slot.branch != EMPTY).count();
        assert_eq!(kept, memo.entries);
    }
}
