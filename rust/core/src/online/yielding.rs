//! Which of many running jobs makes room first, without a look at all of them.

use super::heap::IndexedHeap;

/// From so many servers on a heap is faster than a look at all of them.
pub(super) const MANY: usize = 16;

/// So many keys are brought up to date in one search; if more have fallen, a look at all of them costs less.
const PATIENCE: usize = 16;

/// Running jobs by their keys as of some earlier moment. Keys never rise while a job runs, so what is kept of them are upper bounds.
#[derive(Debug, Default)]
pub(super) struct Yielding {
    /// By the complement of the key, because the heap gives the least.
    heap: IndexedHeap,
}

impl Yielding {
    /// A server has a job with this key.
    pub fn set(&mut self, server: u32, key: u128) {
        self.heap.remove(server);
        self.heap.push(!key, server);
    }

    /// A server has none.
    pub fn remove(&mut self, server: u32) {
        self.heap.remove(server);
    }

    /// The server whose job has the largest key, if that `yields`; `key` says what the keys are now. An error if too many have to be
    /// brought up to date. O(log servers) if keys stand still.
    pub fn largest(&mut self, key: impl Fn(u32) -> u128, yields: impl Fn(u128) -> bool) -> Result<Option<u32>, ()> {
        for _ in 0..PATIENCE {
            let Some((bound, server)) = self.heap.first() else { return Ok(None) };
            if !yields(!bound) {
                return Ok(None); // what does not yield at the bound does not below it
            }
            let now = key(server);
            if !now == bound {
                return Ok(Some(server));
            }
            self.set(server, now);
        }
        Err(())
    }
}
