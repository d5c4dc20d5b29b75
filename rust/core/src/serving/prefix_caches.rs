//! A picture of the caches of all replicas: which blocks of prompts each one holds.

use std::collections::HashMap;
use std::hash::{BuildHasherDefault, Hasher};

use super::hashing::mix;

/// No entry.
const NONE: u32 = u32::MAX;

/// Hashes numbers that are hashes already, or pairs of small numbers.
#[derive(Debug, Clone, Default)]
struct MixingHasher(u64);

impl Hasher for MixingHasher {
    fn finish(&self) -> u64 {
        self.0
    }
    fn write(&mut self, _: &[u8]) {
        unreachable!("only numbers are hashed");
    }
    fn write_u64(&mut self, number: u64) {
        self.0 = mix(number);
    }
}

type ByNumber<V> = HashMap<u64, V, BuildHasherDefault<MixingHasher>>;

/// A block in the cache of a replica, between the blocks that were used just before and just after it.
#[derive(Debug, Clone, Copy)]
struct Entry {
    block: u32,
    older: u32,
    newer: u32,
}

/// The blocks of one replica in the order of their last use.
#[derive(Debug, Clone, Copy)]
struct RecentUse {
    oldest: u32,
    newest: u32,
    len: usize,
}

const UNUSED: RecentUse = RecentUse { oldest: NONE, newest: NONE, len: 0 };

/// The blocks that each replica holds. A block that is used becomes the most recent one; beyond `capacity` the least recent
/// goes.
#[derive(Debug, Clone)]
pub(super) struct PrefixCaches {
    /// Blocks of a replica, `usize::MAX` for no limit.
    capacity: usize,
    /// Small numbers of the blocks, by hash.
    numbers: ByNumber<u32>,
    /// By number: the hash, and how many replicas hold the block.
    blocks: Vec<(u64, u32)>,
    free_blocks: Vec<u32>,
    /// Sets of replicas by number of the block, `words` words each.
    holders: Vec<u64>,
    words: usize,
    /// Entries by block and replica.
    places: ByNumber<u32>,
    entries: Vec<Entry>,
    free_entries: Vec<u32>,
    recent: Vec<RecentUse>,
    /// Room for the entries of a prefix.
    found: Vec<u32>,
}

fn place_key(block: u32, replica: u32) -> u64 {
    u64::from(block) << 32 | u64::from(replica)
}

impl PrefixCaches {
    /// Empty caches.
    pub fn new(capacity: usize) -> Self {
        Self {
            capacity,
            numbers: ByNumber::default(),
            blocks: Vec::new(),
            free_blocks: Vec::new(),
            holders: Vec::new(),
            words: 0,
            places: ByNumber::default(),
            entries: Vec::new(),
            free_entries: Vec::new(),
            recent: Vec::new(),
            found: Vec::new(),
        }
    }

    /// Makes an empty cache for the replica of this number.
    pub fn add(&mut self, replica: u32) {
        let words = replica as usize / 64 + 1;
        if words > self.words {
            let wider =
                |block: &[u64]| block.iter().copied().chain(std::iter::repeat_n(0, words - block.len())).collect::<Vec<_>>();
            self.holders = match self.words {
                0 => vec![0; words * self.blocks.len()],
                before => self.holders.chunks(before).flat_map(wider).collect(),
            };
            self.words = words;
        }
        let numbers = self.recent.len().max(replica as usize + 1);
        self.recent.resize(numbers, UNUSED);
        self.recent[replica as usize] = UNUSED;
    }

    /// Empties the cache of a replica.
    pub fn clear(&mut self, replica: u32) {
        while self.recent[replica as usize].oldest != NONE {
            self.drop_oldest(replica);
        }
    }

    /// The set of replicas that hold a block; `None` if none does.
    pub fn holders(&self, hash: u64) -> Option<Vec<u64>> {
        let block = *self.numbers.get(&hash)? as usize;
        Some(self.holders[block * self.words..][..self.words].to_vec())
    }

    /// Leaves of a set of replicas those that hold the longest prefix; returns its length in blocks. The set is not empty, and
    /// stays as it is if none of them holds the first block. O(blocks * replicas / 64).
    pub fn keep_longest(&self, prefix: &[u64], set: &mut [u64]) -> usize {
        for (length, hash) in prefix.iter().enumerate() {
            let Some(&block) = self.numbers.get(hash) else { return length };
            let holders = &self.holders[block as usize * self.words..][..self.words];
            if set.iter().zip(holders).all(|(set, holders)| set & holders == 0) {
                return length;
            }
            for (set, holders) in set.iter_mut().zip(holders) {
                *set &= holders;
            }
        }
        prefix.len()
    }

    /// How many blocks of a prefix a replica holds, from its beginning on.
    pub fn held(&self, prefix: &[u64], replica: u32) -> usize {
        prefix.iter().take_while(|&&hash| self.find(hash, replica) != NONE).count()
    }

    /// A replica uses the blocks of a prefix. The first one counts as used last, so that prefixes lose their ends first.
    pub fn touch(&mut self, prefix: &[u64], replica: u32) {
        let mut found = std::mem::take(&mut self.found);
        self.find_all(prefix, replica, &mut found);
        for (&hash, &entry) in prefix.iter().zip(&found).rev() {
            let entry = match entry {
                NONE => self.find_or_enter(hash, replica),
                entry => entry,
            };
            self.unlink(entry, replica);
            self.link(entry, replica);
        }
        self.found = found;
        while self.recent[replica as usize].len > self.capacity {
            self.drop_oldest(replica);
        }
    }

    /// The entries of the blocks of a prefix in the cache of a replica. After a block that was used with the same prefix before,
    /// the next older entry is that of the next block, which spares a look into the large table of places.
    fn find_all(&self, prefix: &[u64], replica: u32, found: &mut Vec<u32>) {
        found.clear();
        let mut next = NONE;
        for &hash in prefix {
            let entry = match self.entries.get(next as usize) {
                Some(entry) if self.blocks[entry.block as usize].0 == hash => next,
                _ => self.find(hash, replica),
            };
            found.push(entry);
            next = self.entries.get(entry as usize).map_or(NONE, |entry| entry.older);
        }
    }

    /// The hashes of the blocks of a replica, the least recently used first.
    pub fn oldest_first(&self, replica: u32) -> Vec<u64> {
        let mut hashes = Vec::new();
        let mut entry = self.recent[replica as usize].oldest;
        while entry != NONE {
            let Entry { block, newer, .. } = self.entries[entry as usize];
            hashes.push(self.blocks[block as usize].0);
            entry = newer;
        }
        hashes
    }

    fn number_of(&mut self, hash: u64) -> u32 {
        if let Some(&block) = self.numbers.get(&hash) {
            return block;
        }
        let block = self.free_blocks.pop().unwrap_or(self.blocks.len() as u32);
        if block as usize == self.blocks.len() {
            self.blocks.push((hash, 0));
            self.holders.extend(std::iter::repeat_n(0, self.words));
        } else {
            self.blocks[block as usize] = (hash, 0);
        }
        self.numbers.insert(hash, block);
        block
    }

    /// The entry of a block in the cache of a replica.
    fn find(&self, hash: u64, replica: u32) -> u32 {
        let block = self.numbers.get(&hash);
        block.and_then(|&block| self.places.get(&place_key(block, replica))).map_or(NONE, |&entry| entry)
    }

    /// The entry of a block, which enters as the most recent one if the cache does not hold it.
    fn find_or_enter(&mut self, hash: u64, replica: u32) -> u32 {
        match self.find(hash, replica) {
            NONE => {
                let block = self.number_of(hash);
                let entry = self.enter(block, replica);
                self.link(entry, replica);
                entry
            }
            entry => entry,
        }
    }

    fn enter(&mut self, block: u32, replica: u32) -> u32 {
        let fresh = Entry { block, older: NONE, newer: NONE };
        let entry = self.free_entries.pop().unwrap_or(self.entries.len() as u32);
        if entry as usize == self.entries.len() {
            self.entries.push(fresh);
        } else {
            self.entries[entry as usize] = fresh;
        }
        self.places.insert(place_key(block, replica), entry);
        self.blocks[block as usize].1 += 1;
        self.holders[block as usize * self.words + replica as usize / 64] |= 1 << (replica % 64);
        self.recent[replica as usize].len += 1;
        entry
    }

    fn link(&mut self, entry: u32, replica: u32) {
        let recent = &mut self.recent[replica as usize];
        let before = std::mem::replace(&mut recent.newest, entry);
        if before == NONE {
            recent.oldest = entry;
        } else {
            self.entries[before as usize].newer = entry;
        }
        let own = &mut self.entries[entry as usize];
        (own.older, own.newer) = (before, NONE);
    }

    fn unlink(&mut self, entry: u32, replica: u32) {
        let Entry { older, newer, .. } = self.entries[entry as usize];
        let recent = &mut self.recent[replica as usize];
        match older {
            NONE => recent.oldest = newer,
            older => self.entries[older as usize].newer = newer,
        }
        match newer {
            NONE => recent.newest = older,
            newer => self.entries[newer as usize].older = older,
        }
    }

    fn drop_oldest(&mut self, replica: u32) {
        let entry = self.recent[replica as usize].oldest;
        self.unlink(entry, replica);
        self.recent[replica as usize].len -= 1;
        let block = self.entries[entry as usize].block;
        self.free_entries.push(entry);
        self.places.remove(&place_key(block, replica));
        self.holders[block as usize * self.words + replica as usize / 64] &= !(1 << (replica % 64));
        let (hash, holders) = &mut self.blocks[block as usize];
        *holders -= 1;
        if *holders == 0 {
            self.numbers.remove(hash);
            self.free_blocks.push(block);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::Random;

    #[test]
    fn equals_lists_in_the_order_of_use() {
        let mut random = Random::new(9);
        for round in 0..40 {
            let capacity = if round % 4 == 0 { usize::MAX } else { random.between(1, 12) as usize };
            let mut caches = PrefixCaches::new(capacity);
            let replicas = random.between(1, 70) as u32;
            let mut plain: Vec<Vec<u64>> = Vec::new();
            for replica in 0..replicas {
                caches.add(replica);
                plain.push(Vec::new());
            }
            for _ in 0..200 {
                let first = random.below(5) * 100;
                let prefix: Vec<u64> = (first..first + random.below(6)).collect();
                let replica = random.below(u64::from(replicas)) as u32;
                if random.below(40) == 0 {
                    caches.clear(replica);
                    plain[replica as usize].clear();
                }
                caches.touch(&prefix, replica);
                let list = &mut plain[replica as usize];
                list.retain(|block| !prefix.contains(block));
                list.extend(prefix.iter().rev());
                let surplus = list.len().saturating_sub(capacity);
                list.drain(..surplus);
                let held = |replica: u32| prefix.iter().take_while(|block| plain[replica as usize].contains(block)).count();
                let mut set = vec![0; caches.words];
                for replica in (0..replicas).filter(|replica| replica % 3 > 0 || *replica == 0) {
                    set[replica as usize / 64] |= 1 << (replica % 64);
                }
                let members =
                    |set: &[u64]| (0..replicas).filter(|r| set[*r as usize / 64] >> (r % 64) & 1 == 1).collect::<Vec<_>>();
                let before = members(&set);
                let longest = before.iter().map(|&r| held(r)).max().unwrap();
                assert_eq!(caches.keep_longest(&prefix, &mut set), longest);
                assert_eq!(members(&set), before.into_iter().filter(|&r| held(r) == longest).collect::<Vec<_>>());
                assert!((0..replicas).all(|replica| caches.held(&prefix, replica) == held(replica)));
            }
        }
    }
}
