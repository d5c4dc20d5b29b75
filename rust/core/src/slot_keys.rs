//! Keys of any type for callers' requests that are kept by number: slots, which are used again.

use std::hash::{BuildHasher, Hash, RandomState};

use crate::key_index::{KeyIndex, spread};

/// Keys by slot, and slots by key.
#[derive(Debug, Clone)]
pub struct SlotKeys<K, S = RandomState> {
    index: KeyIndex,
    /// By slot: the key and its hash; nothing for slots that are not in use.
    keys: Vec<Option<(K, u32)>>,
    hasher: S,
}

impl<K: Hash + Eq, S: BuildHasher> SlotKeys<K, S> {
    /// No keys, with a hasher of the caller.
    pub fn new(hasher: S) -> Self {
        Self { index: KeyIndex::default(), keys: Vec::new(), hasher }
    }

    /// The slot of a key.
    #[inline]
    pub fn find(&self, key: &K) -> Option<u32> {
        let hash = spread(self.hasher.hash_one(key));
        self.index.candidates(hash).find(|&slot| self.get(slot) == Some(key))
    }

    /// Puts a key that is not there into a slot that is not in use.
    pub fn enter(&mut self, slot: u32, key: K) {
        let hash = spread(self.hasher.hash_one(&key));
        let entry = Some((key, hash));
        if slot as usize == self.keys.len() {
            self.keys.push(entry);
        } else {
            self.keys[slot as usize] = entry;
        }
        self.index.insert(hash, slot);
    }

    /// The key in a slot.
    pub fn get(&self, slot: u32) -> Option<&K> {
        self.keys[slot as usize].as_ref().map(|(key, _)| key)
    }

    /// Takes the key out of a slot in use.
    ///
    /// # Panics
    /// If there is none.
    pub fn leave(&mut self, slot: u32) -> K {
        let (key, hash) = self.keys[slot as usize].take().expect("a slot in use has a key");
        self.index.remove(hash, slot);
        key
    }
}
