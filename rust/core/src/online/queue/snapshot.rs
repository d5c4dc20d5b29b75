//! Snapshots of queues as words, for copies that continue exactly, and for numbering jobs again.

use super::backend::{self, LEVEL, WORDS};
use super::entry::LARGEST;
use super::seniority::Seniority;
use super::slot_queue::SlotQueue;
use crate::error::InputError;
use crate::online::Policy;
use crate::online::heap::ordered;

/// Version of the layout of snapshots.
const VERSION: u64 = 2;
const HEADER: usize = 10;

impl SlotQueue {
    pub(super) fn live(&self) -> impl Iterator<Item = u32> {
        (0..self.added.len() as u32).filter(|&slot| !self.added[slot as usize].is_nan())
    }

    /// The complete state, and the slots in the order in which they were saved.
    #[must_use]
    pub fn save(&self) -> (Vec<u64>, Vec<u32>) {
        let slots: Vec<u32> = self.live().collect();
        let runs = slots.iter().position(|&slot| self.backend.runs(slot)).map_or(u64::MAX, |k| k as u64);
        let strict = u64::from(self.strict);
        let (now, flow, number) = (self.now.to_bits(), self.flow.to_bits(), u64::from(self.next_number));
        let (since, count) = (self.backend.since().to_bits(), slots.len() as u64);
        let mut words = vec![VERSION, now, self.skew, strict, self.served, flow, number, runs, since, count];
        for &slot in &slots {
            words.extend([self.attained[slot as usize], self.added[slot as usize]].map(f64::to_bits));
            words.push(self.ran.get(slot).map_or(0, |expired| 1 + u64::from(expired)));
            words.extend(self.backend.save(slot));
        }
        (words, slots)
    }

    /// The queue of a snapshot; slots are 0, 1, ... in the order of the snapshot.
    ///
    /// # Errors
    /// Words that are no snapshot of a queue with this policy.
    pub fn restore(policy: &Policy, words: &[u64]) -> Result<Self, InputError> {
        const JOB: usize = 3 + WORDS;
        let broken = || InputError::new("state", "is not the record of a queue");
        let (header, jobs) = words.split_at_checked(HEADER).ok_or_else(broken)?;
        let &[version, now, skew, strict, served, flow, number, runs, since, count] = header else { return Err(broken()) };
        if version != VERSION || count >= u64::from(u32::MAX) || jobs.len() as u64 != count * JOB as u64 {
            return Err(broken());
        }
        let mut queue = Self::new(policy, strict != 0)?;
        (queue.now, queue.flow) = (f64::from_bits(now), f64::from_bits(flow));
        (queue.skew, queue.served, queue.next_number) = (skew, served, number as u32);
        queue.attained = jobs.chunks_exact(JOB).map(|job| f64::from_bits(job[0])).collect();
        queue.added = jobs.chunks_exact(JOB).map(|job| f64::from_bits(job[1])).collect();
        let within = |times: &[f64], least: f64| times.iter().all(|time| (least..=LARGEST).contains(time));
        let clock = queue.now == f64::NEG_INFINITY || queue.now.abs() <= LARGEST;
        let sound = |job: &[u64]| job[2] <= 2 && backend::is_sound(job[3..].try_into().expect("the piece is long enough"));
        if !clock || !queue.flow.is_finite() || !within(&queue.attained, 0.0) || !within(&queue.added, -LARGEST) {
            return Err(broken());
        }
        if !jobs.chunks_exact(JOB).all(sound) || skew >> 62 != 0 || served >> 62 != 0 {
            return Err(broken());
        }
        let saved: Vec<Option<[u64; WORDS]>> =
            jobs.chunks_exact(JOB).map(|job| Some(job[3..].try_into().expect("the piece is long enough"))).collect();
        for (slot, job) in (0..).zip(jobs.chunks_exact(JOB)).filter(|(_, job)| job[2] > 0) {
            queue.ran.insert(slot, job[2] == 2);
        }
        queue.latest = queue.added.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        queue.levelled = saved.iter().flatten().any(|words| words[LEVEL] != 0);
        queue.refill(&saved, u32::try_from(runs).ok(), f64::from_bits(since))?;
        Ok(queue)
    }

    /// Makes a backend of saved jobs, by slot, and numbers them again in the same order.
    fn refill(&mut self, saved: &[Option<[u64; WORDS]>], runs: Option<u32>, since: f64) -> Result<(), InputError> {
        let mut order: Vec<(u64, u32)> =
            (0..).zip(saved).filter_map(|(slot, job)| job.map(|words| (words[backend::INDEX], slot))).collect();
        if self.seniority.is_some() {
            order.sort_unstable_by_key(|&(index, slot)| (ordered(self.added[slot as usize]), index, slot));
        } else {
            order.sort_unstable();
        }
        let mut index = vec![0; saved.len()];
        for (count, &(_, slot)) in (0..).zip(&order) {
            let gaps = self.seniority.is_some();
            index[slot as usize] = if gaps { Seniority::number(count, order.len() as u32) } else { count };
        }
        self.next_index = order.last().map_or(0, |&(_, slot)| index[slot as usize] + 1);
        if let Some(seniority) = &mut self.seniority {
            *seniority = Seniority::default();
            for &(_, slot) in &order {
                seniority.enter(slot, self.added[slot as usize], index[slot as usize]);
            }
        }
        self.backend = self.empty_backend()?;
        let first = saved.iter().flatten().next();
        for (slot, job) in (0..).zip(saved) {
            let Some(words) = job.as_ref().or(first) else { continue };
            self.backend.restore(self.now, slot, index[slot as usize], self.attained[slot as usize], words);
            if job.is_none() {
                self.backend.take(slot); // a placeholder for a free slot
            }
        }
        let runs = runs.filter(|&slot| saved.get(slot as usize).is_some_and(Option::is_some));
        self.backend.resume(since, runs.map(|slot| (slot, self.attained[slot as usize])));
        Ok(())
    }

    /// The index of a job that comes back, between those that arrived before and after.
    pub(super) fn index_by_seniority(&mut self, arrival: f64) -> Result<u32, InputError> {
        if self.is_empty() {
            (self.seniority, self.latest) = (None, f64::NEG_INFINITY);
            return self.index_of(arrival);
        }
        if self.seniority.is_none() {
            self.seniority = Some(Seniority::default());
            self.renumber()?;
        }
        let between = |queue: &Self| queue.seniority.as_ref().and_then(|seniority| seniority.between(arrival));
        if between(self).is_none() {
            self.renumber()?;
        }
        between(self).ok_or_else(|| InputError::new("arrival", "there are too many keys in the queue to place it between them"))
    }

    /// Lays the backend out for levels of urgency.
    pub(super) fn use_levels(&mut self) -> Result<(), InputError> {
        if self.levelled {
            return Ok(());
        }
        self.levelled = true;
        self.renumber()
    }

    /// Numbers the jobs again, before their numbers overflow.
    pub(super) fn renumber(&mut self) -> Result<(), InputError> {
        if self.is_empty() {
            self.attained.clear();
            self.added.clear();
            self.free.clear();
        }
        let slots = 0..self.added.len() as u32;
        let runs = slots.clone().find(|&slot| self.backend.runs(slot));
        let saved: Vec<_> = slots.map(|slot| (!self.added[slot as usize].is_nan()).then(|| self.backend.save(slot))).collect();
        self.refill(&saved, runs, self.backend.since())
    }
}

#[cfg(test)]
mod tests {
    use super::super::entry::QueueEntry;
    use super::*;
    use crate::online::POLICIES;

    #[test]
    fn order_stays_when_jobs_are_numbered_again() {
        for entry in POLICIES {
            let name = entry.name;
            let policy = Policy::from_name(name).unwrap();
            let Ok(mut queue) = SlotQueue::new(&policy, false) else { continue };
            let entry = |k: u32| QueueEntry {
                estimate: Some(f64::from(k % 5)),
                deadline: f64::from(k % 7),
                ..QueueEntry::sized(f64::from(k % 3))
            };
            let mut plain = queue.clone();
            queue.next_index = u32::MAX - 5;
            for k in 0..12 {
                let now = f64::from(k);
                assert_eq!(queue.add(&entry(k), now), plain.add(&entry(k), now), "{name}");
                if k % 4 == 3 {
                    assert_eq!(queue.pop(now), plain.pop(now), "{name}");
                }
            }
            assert!(queue.next_index < 20, "{name}");
            assert_eq!(queue.order(), plain.order(), "{name}");
        }
    }
}
