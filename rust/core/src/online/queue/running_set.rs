//! Several jobs that run at a time: the set that should run, and the job that should leave it.

use std::collections::HashSet;

use super::backend::{INDEX, QueueBackend};
use super::slot_queue::SlotQueue;
use crate::error::InputError;

/// Not in the set.
const ABSENT: u32 = u32::MAX;

/// The jobs that were run and are still in the queue.
#[derive(Debug, Clone, Default)]
pub(super) struct RunningSet {
    /// Each with whether it has to wait again: its quantum, its level or its chunk has ended.
    members: Vec<(u32, bool)>,
    /// By slot; shorter than the slots if the last ones were never run.
    position: Vec<u32>,
}

impl RunningSet {
    #[inline]
    pub fn insert(&mut self, slot: u32, waits: bool) {
        let at = slot as usize;
        if at >= self.position.len() {
            self.position.resize(at + 1, ABSENT);
        }
        if self.position[at] == ABSENT {
            self.position[at] = self.members.len() as u32;
            self.members.push((slot, waits));
        } else {
            self.members[self.position[at] as usize].1 = waits;
        }
    }

    #[inline]
    pub fn remove(&mut self, slot: u32) {
        let Some(position) = self.position.get_mut(slot as usize).filter(|position| **position != ABSENT) else { return };
        let place = std::mem::replace(position, ABSENT) as usize;
        self.members.swap_remove(place);
        if let Some(&(moved, _)) = self.members.get(place) {
            self.position[moved as usize] = place as u32;
        }
    }

    /// Whether a job is in the set, and if so, whether it has to wait again.
    pub fn get(&self, slot: u32) -> Option<bool> {
        let place = *self.position.get(slot as usize)?;
        self.members.get(place as usize).map(|&(_, waits)| waits)
    }

    fn slots(&self) -> Vec<u32> {
        self.members.iter().map(|&(slot, _)| slot).collect()
    }
}

impl SlotQueue {
    /// The jobs that should run if `k` can run at a time, in the order in which they would be popped from this queue. Jobs that were run
    /// and are still in the queue count as running: they win ties, and under policies that do not preempt they stay.
    /// O((k + running) log n), or O(n log n) under policies that compare all jobs at once.
    ///
    /// # Errors
    /// An invalid time.
    pub fn peek_many(&mut self, k: usize, now: f64) -> Result<Vec<u32>, InputError> {
        self.judge_time(now)?;
        let now = self.tick(now);
        let mut chosen = self.sorted(&self.ran.slots(), now)?;
        chosen.truncate(k);
        let mut stay = chosen.len();
        let waiting = self.first_waiting(k, now);
        let mut waiting = waiting.into_iter();
        chosen.extend(waiting.by_ref().take(k - stay));
        while self.backend.preempts()
            && let Some(last) = stay.checked_sub(1)
            && let Some(next) = waiting.next()
            && self.goes_before(next, chosen[last], now)?
        {
            (chosen[last], stay) = (next, last);
        }
        if !self.backend.looks_at_all() {
            return self.sorted(&chosen, now);
        }
        let chosen: HashSet<u32> = chosen.into_iter().collect();
        Ok(self.order().into_iter().filter(|slot| chosen.contains(slot)).collect())
    }

    /// The running job that should leave first, so that one that was not run yet gets its place; `None` if all should go on. Running are
    /// the jobs that were run and are still in the queue; they win ties. O(running log n).
    ///
    /// # Errors
    /// An invalid time.
    pub fn victim(&mut self, now: f64) -> Result<Option<u32>, InputError> {
        self.judge_time(now)?;
        let now = self.tick(now);
        let Some(last) = self.sorted(&self.ran.slots(), now)?.pop().filter(|_| self.backend.preempts()) else { return Ok(None) };
        match self.first_waiting(1, now).first() {
            Some(&next) => Ok(self.goes_before(next, last, now)?.then_some(last)),
            None => Ok(None),
        }
    }

    /// The first `k` jobs that were not run. They are taken out with those before them and put back to their turns.
    fn first_waiting(&mut self, k: usize, now: f64) -> Vec<u32> {
        let since = self.backend.since();
        let (mut taken, mut found, mut running) = (Vec::new(), Vec::new(), None);
        while found.len() < k
            && let Some(slot) = self.backend.first(now)
        {
            taken.push((slot, self.backend.save(slot)));
            running = running.or(self.backend.runs(slot).then_some(slot));
            self.backend.take(slot);
            if self.ran.get(slot).is_none() {
                found.push(slot);
            }
        }
        for (slot, words) in taken {
            self.backend.restore(now, slot, words[INDEX] as u32, self.attained[slot as usize], &words);
        }
        if let Some(slot) = running {
            self.backend.resume(since, Some((slot, self.attained[slot as usize])));
        }
        found
    }

    /// Jobs in the order in which they would be popped.
    fn sorted(&self, slots: &[u32], now: f64) -> Result<Vec<u32>, InputError> {
        if slots.len() < 2 {
            return Ok(slots.to_vec());
        }
        let mut backend = self.empty_backend()?;
        for (own, &slot) in (0..).zip(slots) {
            self.copy_into(&mut *backend, own, slot, None, now);
        }
        if let Some((own, &slot)) = (0..).zip(slots).find(|&(_, &slot)| self.backend.runs(slot)) {
            backend.resume(self.backend.since(), Some((own, self.attained[slot as usize])));
        }
        let mut sorted = Vec::with_capacity(slots.len());
        while let Some(own) = backend.first(now) {
            backend.take(own);
            sorted.push(slots[own as usize]);
        }
        Ok(sorted)
    }

    /// Whether a waiting job goes before one that runs.
    fn goes_before(&self, waiting: u32, running: u32, now: f64) -> Result<bool, InputError> {
        let mut backend = self.empty_backend()?;
        let waits = self.ran.get(running) == Some(true);
        let index = |place: u32| (!waits).then_some(place); // the running one wins ties unless it has to wait again
        self.copy_into(&mut *backend, 0, running, index(0), now);
        self.copy_into(&mut *backend, 1, waiting, index(1), now);
        if !waits {
            backend.resume(now, Some((0, self.attained[running as usize])));
        }
        Ok(backend.first(now) == Some(1))
    }

    fn copy_into(&self, backend: &mut dyn QueueBackend, own: u32, slot: u32, index: Option<u32>, now: f64) {
        let words = self.backend.save(slot);
        let index = index.unwrap_or(words[INDEX] as u32);
        backend.restore(now, own, index, self.attained[slot as usize], &words);
    }
}
