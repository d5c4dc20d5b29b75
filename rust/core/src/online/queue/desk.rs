//! The queue without keys: jobs are known by slots. Judges what callers say, keeps the clock and the statistics, and asks the room.

use super::room::{self, Room, WORDS};
use super::rooms;
use super::told::Told;
use crate::error::InputError;
use crate::online::Policy;
use crate::online::information::Facts;

/// Amounts and times are at most this large, so that no sum of them overflows.
const LARGEST: f64 = 1e100;

/// Layout of what is put on record.
const VERSION: u64 = 1;
const HEADER: usize = 10;

/// What a caller may say of a job that he adds.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Entry {
    /// Its size, or that of its first operation.
    pub size: Option<f64>,
    /// Service it has had elsewhere.
    pub attained: f64,
    /// Its weight.
    pub weight: f64,
    /// An estimate of its size.
    pub estimate: Option<f64>,
    /// Its deadline, infinite if it has none.
    pub deadline: f64,
}

impl Default for Entry {
    fn default() -> Self {
        Self { size: None, attained: 0.0, weight: 1.0, estimate: None, deadline: f64::INFINITY }
    }
}

impl Entry {
    /// A job of this size.
    #[must_use]
    pub fn sized(size: f64) -> Self {
        Self { size: Some(size), ..Self::default() }
    }
}

/// What a caller may say anew of a job.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Change {
    /// Its size, or that of its current operation.
    pub size: Option<f64>,
    /// Its weight.
    pub weight: Option<f64>,
    /// An estimate of its size.
    pub estimate: Option<f64>,
    /// Its deadline.
    pub deadline: Option<f64>,
}

/// How the queue has done so far.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Stats {
    /// Keys in the queue.
    pub waiting: usize,
    /// How long the oldest of them has been there, 0 if there is none.
    pub oldest: f64,
    /// Keys that were popped.
    pub served: u64,
    /// Mean time from `add` to `pop` of those, 0 if there are none.
    pub mean_flow_time: f64,
}

/// See the module.
pub struct Desk {
    policy: Policy,
    room: Box<dyn Room>,
    /// Service so far, by slot.
    attained: Vec<f64>,
    /// When the job came, by slot; NaN for slots that nobody has.
    added: Vec<f64>,
    free: Vec<u32>,
    next_index: u32,
    next_number: u32,
    now: f64,
    skew: u64,
    strict: bool,
    served: u64,
    flow: f64,
}

impl Clone for Desk {
    fn clone(&self) -> Self {
        Self {
            policy: self.policy.clone(),
            room: self.room.copy(),
            attained: self.attained.clone(),
            added: self.added.clone(),
            free: self.free.clone(),
            ..*self
        }
    }
}

impl std::fmt::Debug for Desk {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Desk").field("policy", &self.policy).field("len", &self.len()).field("now", &self.now).finish_non_exhaustive()
    }
}

fn judge(field: &'static str, value: f64, fine: bool, reason: &'static str) -> Result<(), InputError> {
    let reason = if value.is_nan() || (value.is_infinite() && field != "deadline") {
        "must be finite"
    } else if fine && (value.abs() <= LARGEST || value == f64::INFINITY) {
        return Ok(());
    } else if fine {
        "exceeds 1e100"
    } else {
        reason
    };
    Err(InputError::new(field, reason).value(value))
}

fn judge_size(field: &'static str, value: Option<f64>) -> Result<(), InputError> {
    value.map_or(Ok(()), |value| judge(field, value, value >= 0.0, "must be >= 0"))
}

impl Desk {
    /// An empty queue whose clock has not begun. With `strict` a time before the last one is an error.
    ///
    /// # Errors
    /// Parameters out of range, Gittins without a distribution.
    pub fn new(policy: &Policy, strict: bool) -> Result<Self, InputError> {
        Ok(Self {
            room: rooms::of(policy)?,
            policy: policy.clone(),
            attained: Vec::new(),
            added: Vec::new(),
            free: Vec::new(),
            next_index: 0,
            next_number: 0,
            now: f64::NEG_INFINITY,
            skew: 0,
            strict,
            served: 0,
            flow: 0.0,
        })
    }

    /// Jobs in the queue.
    #[must_use]
    pub fn len(&self) -> usize {
        self.added.len() - self.free.len()
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Times that lay before the last one and were taken for it.
    #[must_use]
    pub fn clock_skew(&self) -> u64 {
        self.skew
    }

    /// The last time that was given.
    #[must_use]
    pub fn now(&self) -> f64 {
        self.now
    }

    /// The policy.
    #[must_use]
    pub fn policy(&self) -> &Policy {
        &self.policy
    }

    /// Refuses times that are none.
    fn judge_time(&self, now: f64) -> Result<(), InputError> {
        judge("now", now, true, "")?;
        if self.strict && now < self.now {
            return Err(InputError::new("now", format!("lies before {:?}, the last time given", self.now)).value(now));
        }
        Ok(())
    }

    /// The clock moves on; it never goes back.
    fn tick(&mut self, now: f64) -> f64 {
        if now < self.now {
            self.skew += 1;
        } else {
            self.now = now;
        }
        self.now
    }

    /// A job comes; its slot.
    ///
    /// # Errors
    /// Numbers that are not finite, negative sizes, something that the policy needs and was not told.
    pub fn add(&mut self, entry: &Entry, now: f64) -> Result<u32, InputError> {
        judge_size("size", entry.size)?;
        judge_size("estimate", entry.estimate)?;
        judge_size("attained", Some(entry.attained))?;
        judge_size("weight", Some(entry.weight))?;
        judge("deadline", entry.deadline, entry.deadline != f64::NEG_INFINITY, "must be infinite or within 1e100")?;
        self.judge_time(now)?;
        if self.next_index == u32::MAX {
            self.renumber()?;
        }
        let slot = self.free.last().copied().unwrap_or(self.added.len() as u32);
        let release_time = self.now.max(now);
        let facts = Facts {
            index: self.next_index,
            number: self.next_number,
            release_time,
            weight: entry.weight,
            deadline: entry.deadline,
            revealed: Told { size: entry.size, estimate: entry.estimate },
        };
        self.room.add(release_time, slot, entry.attained, facts)?;
        self.tick(now);
        self.next_index += 1;
        self.next_number = self.next_number.wrapping_add(1);
        if self.free.pop().is_none() {
            self.attained.push(entry.attained);
            self.added.push(release_time);
        } else {
            self.attained[slot as usize] = entry.attained;
            self.added[slot as usize] = release_time;
        }
        Ok(slot)
    }

    /// The job to run now.
    ///
    /// # Errors
    /// A time that is none.
    pub fn peek(&mut self, now: f64) -> Result<Option<u32>, InputError> {
        self.judge_time(now)?;
        let now = self.tick(now);
        Ok(self.room.first(now))
    }

    /// The job to run now, which leaves.
    ///
    /// # Errors
    /// A time that is none.
    pub fn pop(&mut self, now: f64) -> Result<Option<u32>, InputError> {
        let first = self.peek(now)?;
        if let Some(slot) = first {
            self.served += 1;
            self.flow += self.now - self.added[slot as usize];
            self.remove(slot);
        }
        Ok(first)
    }

    /// A job leaves.
    pub fn remove(&mut self, slot: u32) {
        self.room.take(slot);
        self.added[slot as usize] = f64::NAN;
        self.free.push(slot);
    }

    /// A job has been run for a while.
    ///
    /// # Errors
    /// An amount that is negative, not finite, or beyond the size that the policy knows; a time that is none.
    pub fn progress(&mut self, slot: u32, amount: f64, now: f64) -> Result<(), InputError> {
        judge("amount", amount, amount >= 0.0, "must be >= 0")?;
        self.judge_time(now)?;
        let limit = self.room.limit(slot);
        let mut attained = self.attained[slot as usize] + amount;
        if attained > limit {
            if attained > limit * (1.0 + 1e-9) {
                let reason = format!("exceeds what is left, {:?}; if the size was wrong, reprioritise", limit - self.attained[slot as usize]);
                return Err(InputError::new("amount", reason).value(amount));
            }
            attained = limit; // the rounding of whoever measured it
        }
        judge("amount", attained, true, "")?;
        let now = self.tick(now);
        if amount > 0.0 {
            self.attained[slot as usize] = self.room.serve(now, slot, attained);
        }
        Ok(())
    }

    /// The size of a job's next operation is known, the current one being over; or, under a policy that learns sizes late, its size.
    ///
    /// # Errors
    /// A policy that takes none, a size that cannot be, a time that is none.
    pub fn reveal(&mut self, slot: u32, size: f64, now: f64) -> Result<(), InputError> {
        judge_size("size", Some(size))?;
        self.judge_time(now)?;
        let at = self.now.max(now);
        self.attained[slot as usize] = self.room.reveal(at, slot, self.attained[slot as usize], size)?;
        self.tick(now);
        Ok(())
    }

    /// A job's facts change; those that the policy may not know are ignored.
    ///
    /// # Errors
    /// As in [`add`](Self::add); a size below the service so far.
    pub fn reprioritise(&mut self, slot: u32, change: &Change, now: f64) -> Result<(), InputError> {
        judge_size("size", change.size)?;
        judge_size("estimate", change.estimate)?;
        judge_size("weight", change.weight)?;
        if let Some(deadline) = change.deadline {
            judge("deadline", deadline, deadline != f64::NEG_INFINITY, "must be infinite or within 1e100")?;
        }
        self.judge_time(now)?;
        let (at, attained) = (self.now.max(now), self.attained[slot as usize]);
        self.room.change(at, slot, attained, change)?;
        self.tick(now);
        Ok(())
    }

    /// Who is served now, in the order in which they came; each has the rate one over their number.
    ///
    /// # Errors
    /// A time that is none.
    pub fn sharers(&mut self, now: f64, sharers: &mut Vec<u32>) -> Result<(), InputError> {
        self.judge_time(now)?;
        let now = self.tick(now);
        self.room.sharers(now, sharers);
        Ok(())
    }

    /// How much service each of those may get before the decision has to be made again, if nothing else happens.
    ///
    /// # Errors
    /// A time that is none.
    pub fn horizon(&mut self, now: f64) -> Result<f64, InputError> {
        self.judge_time(now)?;
        let now = self.tick(now);
        Ok(self.room.horizon(now, &self.attained))
    }

    /// Service that a job has had so far.
    #[must_use]
    pub fn attained(&self, slot: u32) -> f64 {
        self.attained[slot as usize]
    }

    /// Statistics. O(n).
    ///
    /// # Errors
    /// A time that is none.
    pub fn stats(&mut self, now: f64) -> Result<Stats, InputError> {
        self.judge_time(now)?;
        let now = self.tick(now);
        let first = self.added.iter().copied().fold(f64::INFINITY, f64::min); // NaN is skipped
        let mean_flow_time = if self.served == 0 { 0.0 } else { self.flow / self.served as f64 };
        Ok(Stats { waiting: self.len(), oldest: (now - first).max(0.0), served: self.served, mean_flow_time })
    }

    /// Slots in the order in which they would be popped at this moment. O(n log n).
    #[must_use]
    pub fn order(&self) -> Vec<u32> {
        let mut room = self.room.copy();
        let mut order = Vec::with_capacity(self.len());
        while let Some(slot) = room.first(self.now) {
            room.take(slot);
            order.push(slot);
        }
        order
    }

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
        let mut order: Vec<(u64, u32)> = (0..).zip(saved).filter_map(|(slot, job)| job.map(|words| (words[room::INDEX], slot))).collect();
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
    fn renumber(&mut self) -> Result<(), InputError> {
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
    use super::*;

    #[test]
    fn every_policy_outlives_its_count() {
        for (name, policy) in Policy::ALL {
            let Ok(mut desk) = Desk::new(&policy, false) else { continue };
            let entry = |k: u32| Entry { estimate: Some(f64::from(k % 5)), deadline: f64::from(k % 7), ..Entry::sized(f64::from(k % 3)) };
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
