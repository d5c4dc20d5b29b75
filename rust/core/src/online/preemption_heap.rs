//! A heap that finds which of many running jobs is preempted first, without a look at all of them.

use super::heap::IndexedHeap;

/// With at least this many servers a heap is faster than a look at all of them.
pub(super) const MANY: usize = 16;

/// At most this many keys are updated in one search; if more have fallen, a look at all servers costs less.
const PATIENCE: usize = 16;

/// Running jobs by their keys as of some earlier moment. Keys never rise while a job runs, so what is kept of them are upper bounds.
#[derive(Debug, Default)]
pub(super) struct PreemptionHeap {
    /// By the complement of the key, because the heap gives the least.
    heap: IndexedHeap,
}

impl PreemptionHeap {
    /// Sets the key of a server's job.
    pub fn set(&mut self, server: u32, key: u128) {
        self.heap.remove(server);
        self.heap.push(!key, server);
    }

    /// Removes a server that has no job.
    pub fn remove(&mut self, server: u32) {
        self.heap.remove(server);
    }

    /// The server whose job has the largest key, if that `yields`; `key` says what the keys are now. An error if too many have to be
    /// brought up to date. O(log servers) if keys stand still.
    pub fn largest(&mut self, key: impl Fn(u32) -> u128, yields: impl Fn(u128) -> bool) -> Result<Option<u32>, ()> {
        for _ in 0..PATIENCE {
            let Some((bound, server)) = self.heap.first() else { return Ok(None) };
            if !yields(!bound) {
                return Ok(None); // a job that is not preempted at the bound is not preempted below it
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
