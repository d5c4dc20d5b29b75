//! Slots for the jobs in the system: the slot of a job that has left is given to a later one.

use crate::memory::{self, OutOfMemory};

/// Puts `job` into the slot that became free last, or into a new one, and returns its number.
///
/// Before the memory doubles, `bytes` for each job are asked for; `refused` gets the error if the system has too little.
#[inline]
pub(super) fn insert<T>(jobs: &mut Vec<T>, free: &mut Vec<u32>, job: T, bytes: usize, refused: impl FnOnce(OutOfMemory)) -> u32 {
    if let Some(slot) = free.pop() {
        jobs[slot as usize] = job;
        return slot;
    }
    if jobs.len() == jobs.capacity()
        && let Err(error) = memory::require_items(2 * jobs.len(), bytes)
    {
        refused(error);
    }
    jobs.push(job);
    jobs.len() as u32 - 1
}
