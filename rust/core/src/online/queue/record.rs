//! Queues on record: all that is known as words, for copies that continue exactly, and for counting jobs anew.

use super::desk::Desk;
use super::room::{self, WORDS};
use super::rooms;
use super::said::LARGEST;
use crate::error::InputError;
use crate::online::Policy;

/// Layout of what is put on record.
const VERSION: u64 = 1;
const HEADER: usize = 10;

impl Desk {
    fn live(&self) -> impl Iterator<Item = u32> {
        (0..self.added.len() as u32).filter(|&slot| !self.added[slot as usize].is_nan())
    }

    /// Everything there is to know, and the slots in the order in which they were put on record.
    #[must_use]
    pub fn save(&self) -> (Vec<u64>, Vec<u32>) {
        let slots: Vec<u32> = self.live().collect();
        let runs = slots.iter().position(|&slot| self.room.runs(slot)).map_or(u64::MAX, |k| k as u64);
        let strict = u64::from(self.strict);
        let (now, flow, number) = (self.now.to_bits(), self.flow.to_bits(), u64::from(self.next_number));
        let (since, count) = (self.room.since().to_bits(), slots.len() as u64);
        let mut words = vec![VERSION, now, self.skew, strict, self.served, flow, number, runs, since, count];
        for &slot in &slots {
            words.extend([self.attained[slot as usize], self.added[slot as usize]].map(f64::to_bits));
            words.extend(self.room.save(slot));
        }
        (words, slots)
    }

    /// The queue on record; slots are 0, 1, ... in the order of the record.
    ///
    /// # Errors
    /// A policy that is none, or words that are no record.
    pub fn restore(policy: &Policy, words: &[u64]) -> Result<Self, InputError> {
        const JOB: usize = 2 + WORDS;
        let broken = || InputError::new("state", "is not the record of a queue");
        let (header, jobs) = words.split_at_checked(HEADER).ok_or_else(broken)?;
        let &[version, now, skew, strict, served, flow, number, runs, since, count] = header else { return Err(broken()) };
        if version != VERSION || count >= u64::from(u32::MAX) || jobs.len() as u64 != count * JOB as u64 {
            return Err(broken());
        }
        let mut desk = Self::new(policy, strict != 0)?;
        (desk.now, desk.flow) = (f64::from_bits(now), f64::from_bits(flow));
        (desk.skew, desk.served, desk.next_number) = (skew, served, number as u32);
        desk.attained = jobs.chunks_exact(JOB).map(|job| f64::from_bits(job[0])).collect();
        desk.added = jobs.chunks_exact(JOB).map(|job| f64::from_bits(job[1])).collect();
        let within = |times: &[f64], least: f64| times.iter().all(|time| (least..=LARGEST).contains(time));
        let clock = desk.now == f64::NEG_INFINITY || desk.now.abs() <= LARGEST;
        let sound = |job: &[u64]| room::is_sound(job[2..].try_into().expect("the piece is long enough"));
        if !clock || !desk.flow.is_finite() || !within(&desk.attained, 0.0) || !within(&desk.added, -LARGEST) {
            return Err(broken());
        }
        if !jobs.chunks_exact(JOB).all(sound) || skew >> 62 != 0 || served >> 62 != 0 {
            return Err(broken());
        }
        let saved: Vec<Option<[u64; WORDS]>> =
            jobs.chunks_exact(JOB).map(|job| Some(job[2..].try_into().expect("the piece is long enough"))).collect();
        desk.refill(&saved, u32::try_from(runs).ok(), f64::from_bits(since))?;
        Ok(desk)
    }

    /// Makes a room of jobs on record, by slot, and counts them anew, in the same order.
    fn refill(&mut self, saved: &[Option<[u64; WORDS]>], runs: Option<u32>, since: f64) -> Result<(), InputError> {
        let mut order: Vec<(u64, u32)> =
            (0..).zip(saved).filter_map(|(slot, job)| job.map(|words| (words[room::INDEX], slot))).collect();
        order.sort_unstable();
        let mut index = vec![0; saved.len()];
        for (count, &(_, slot)) in (0..).zip(&order) {
            index[slot as usize] = count;
        }
        self.next_index = order.len() as u32;
        self.room = rooms::of(&self.policy)?;
        let anybody = saved.iter().flatten().next();
        for (slot, job) in (0..).zip(saved) {
            let Some(words) = job.as_ref().or(anybody) else { continue };
            self.room.restore(self.now, slot, index[slot as usize], self.attained[slot as usize], words);
            if job.is_none() {
                self.room.take(slot); // it only stood in for a slot that nobody has
            }
        }
        let runs = runs.filter(|&slot| saved.get(slot as usize).is_some_and(Option::is_some));
        self.room.resume(since, runs.map(|slot| (slot, self.attained[slot as usize])));
        Ok(())
    }

    /// Counts the jobs anew, before the count overflows.
    pub(super) fn renumber(&mut self) -> Result<(), InputError> {
        if self.is_empty() {
            self.attained.clear();
            self.added.clear();
            self.free.clear();
        }
        let slots = 0..self.added.len() as u32;
        let runs = slots.clone().find(|&slot| self.room.runs(slot));
        let saved: Vec<_> = slots.map(|slot| (!self.added[slot as usize].is_nan()).then(|| self.room.save(slot))).collect();
        self.refill(&saved, runs, self.room.since())
    }
}

#[cfg(test)]
mod tests {
    use super::super::said::Entry;
    use super::*;

    #[test]
    fn every_policy_outlives_its_count() {
        for (name, policy) in Policy::ALL {
            let Ok(mut desk) = Desk::new(&policy, false) else { continue };
            let entry =
                |k: u32| Entry { estimate: Some(f64::from(k % 5)), deadline: f64::from(k % 7), ..Entry::sized(f64::from(k % 3)) };
            let mut plain = desk.clone();
            desk.next_index = u32::MAX - 5;
            for k in 0..12 {
                let now = f64::from(k);
                assert_eq!(desk.add(&entry(k), now), plain.add(&entry(k), now), "{name}");
                if k % 4 == 3 {
                    assert_eq!(desk.pop(now), plain.pop(now), "{name}");
                }
            }
            assert!(desk.next_index < 20, "{name}");
            assert_eq!(desk.order(), plain.order(), "{name}");
        }
    }
}
