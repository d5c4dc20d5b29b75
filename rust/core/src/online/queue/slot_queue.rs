//! The queue without keys, for callers who keep the keys themselves.

use super::backend::{DEADLINE, QueueBackend};
use super::disclosure::Disclosure;
use super::entry::{Change, QueueEntry, Stats, judge, judge_size};
use super::running_set::RunningSet;
use super::seniority::Seniority;
use super::urgency::UrgencyLevels;
use crate::error::InputError;
use crate::online::Policy;
use crate::online::information::Facts;

/// A queue of slots: it validates arguments, keeps the clock and the statistics, and leaves decisions to the policy's backend.
#[derive(Clone)]
pub struct SlotQueue {
    pub(super) policy: Policy,
    pub(super) backend: Box<dyn QueueBackend>,
    /// Service so far, by slot.
    pub(super) attained: Vec<f64>,
    /// When the job arrived, by slot; NaN for free slots.
    pub(super) added: Vec<f64>,
    pub(super) free: Vec<u32>,
    pub(super) next_index: u32,
    pub(super) next_number: u32,
    pub(super) now: f64,
    pub(super) skew: u64,
    pub(super) strict: bool,
    /// The latest arrival so far.
    pub(super) latest: f64,
    pub(super) served: u64,
    pub(super) flow: f64,
    /// Whether the backend has levels: once a job has had another than 0.
    pub(super) levelled: bool,
    /// Once a job has come back.
    pub(super) seniority: Option<Seniority>,
    pub(super) ran: RunningSet,
}

impl std::fmt::Debug for SlotQueue {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("SlotQueue")
            .field("policy", &self.policy)
            .field("len", &self.len())
            .field("now", &self.now)
            .finish_non_exhaustive()
    }
}

impl SlotQueue {
    /// An empty queue whose clock has not begun. With `strict` a time before the last one is an error.
    ///
    /// # Errors
    /// Parameters out of range, Gittins without a distribution.
    pub fn new(policy: &Policy, strict: bool) -> Result<Self, InputError> {
        Ok(Self {
            backend: policy.queue_backend()?,
            policy: policy.clone(),
            attained: Vec::new(),
            added: Vec::new(),
            free: Vec::new(),
            next_index: 0,
            next_number: 0,
            now: f64::NEG_INFINITY,
            skew: 0,
            strict,
            latest: f64::NEG_INFINITY,
            served: 0,
            flow: 0.0,
            levelled: false,
            seniority: None,
            ran: RunningSet::default(),
        })
    }

    /// Jobs in the queue.
    #[must_use]
    pub fn len(&self) -> usize {
        self.added.len() - self.free.len()
    }

    /// Whether the queue is empty.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// How many times lay before the last one and counted as the last one.
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

    /// Refuses invalid times.
    pub(super) fn judge_time(&self, now: f64) -> Result<(), InputError> {
        judge("now", now, true, "")?;
        if self.strict && now < self.now {
            return Err(InputError::new("now", format!("lies before {:?}, the last time given", self.now)).value(now));
        }
        Ok(())
    }

    /// Moves the clock on; it never goes back.
    pub(super) fn tick(&mut self, now: f64) -> f64 {
        if now < self.now {
            self.skew += 1;
        } else {
            self.now = now;
        }
        self.now
    }

    /// An empty backend like the one in use.
    pub(super) fn empty_backend(&self) -> Result<Box<dyn QueueBackend>, InputError> {
        let backend = self.policy.queue_backend()?;
        Ok(if self.levelled { Box::new(UrgencyLevels::new(backend)) } else { backend })
    }

    /// Adds a job and returns its slot.
    ///
    /// # Errors
    /// Numbers that are not finite, negative sizes, an arrival after `now`, a fact that the policy needs and was not given.
    pub fn add(&mut self, entry: &QueueEntry, now: f64) -> Result<u32, InputError> {
        self.judge_time(now)?;
        let at = self.now.max(now);
        entry.judge(at)?;
        if entry.level != 0 {
            self.use_levels()?;
        }
        let arrival = entry.arrival.unwrap_or(at);
        let index = match entry.index {
            Some(index) => index,
            None => self.index_of(arrival)?,
        };
        let slot = self.free.last().copied().unwrap_or(self.added.len() as u32);
        let facts = Facts {
            index,
            number: self.next_number,
            release_time: arrival,
            weight: entry.weight,
            deadline: entry.deadline,
            revealed: Disclosure { size: entry.size, estimate: entry.estimate, operation: entry.operation, level: entry.level },
        };
        self.backend.add(at, slot, entry.attained, &facts)?;
        self.tick(now);
        self.next_index = self.next_index.max(index + 1);
        self.next_number = self.next_number.wrapping_add(1);
        self.latest = self.latest.max(arrival);
        if let Some(seniority) = &mut self.seniority {
            seniority.enter(slot, arrival, index);
        }
        if self.free.pop().is_none() {
            self.attained.push(entry.attained);
            self.added.push(arrival);
        } else {
            self.attained[slot as usize] = entry.attained;
            self.added[slot as usize] = arrival;
        }
        Ok(slot)
    }

    /// The index of a job that is added now, which decides ties: as jobs come, unless one comes back.
    #[inline]
    pub(super) fn index_of(&mut self, arrival: f64) -> Result<u32, InputError> {
        if self.seniority.is_none() && arrival >= self.latest {
            if self.next_index == u32::MAX {
                self.renumber()?;
            }
            return Ok(self.next_index);
        }
        self.index_by_seniority(arrival)
    }

    /// The job to run now.
    ///
    /// # Errors
    /// An invalid time.
    pub fn peek(&mut self, now: f64) -> Result<Option<u32>, InputError> {
        self.judge_time(now)?;
        let now = self.tick(now);
        Ok(self.backend.first(now))
    }

    /// The job to run now, which leaves.
    ///
    /// # Errors
    /// An invalid time.
    pub fn pop(&mut self, now: f64) -> Result<Option<u32>, InputError> {
        let first = self.peek(now)?;
        if let Some(slot) = first {
            self.served += 1;
            self.flow += self.now - self.added[slot as usize];
            self.remove(slot);
        }
        Ok(first)
    }

    /// Announces that the next `k` jobs are about to be popped at this moment, which some policies find together at less cost.
    pub fn prepare_pops(&mut self, k: usize, now: f64) {
        if now.is_finite() {
            self.backend.prepare_pops(self.now.max(now), k);
        }
    }

    /// Removes a job.
    pub fn remove(&mut self, slot: u32) {
        self.ran.remove(slot);
        if let Some(seniority) = &mut self.seniority {
            seniority.leave(slot, self.added[slot as usize]);
        }
        self.backend.take(slot);
        self.added[slot as usize] = f64::NAN;
        self.free.push(slot);
    }

    /// A job has been run for a while.
    ///
    /// # Errors
    /// An amount that is negative, not finite, or beyond the size that the policy knows; an invalid time.
    pub fn progress(&mut self, slot: u32, amount: f64, now: f64) -> Result<(), InputError> {
        judge("amount", amount, amount >= 0.0, "must be >= 0")?;
        self.judge_time(now)?;
        let limit = self.backend.limit(slot);
        let mut attained = self.attained[slot as usize] + amount;
        if attained > limit {
            if attained > limit * (1.0 + 1e-9) {
                let reason = format!(
                    "exceeds what is left, {:?}; if the size was wrong, reprioritise",
                    limit - self.attained[slot as usize]
                );
                return Err(InputError::new("amount", reason).value(amount));
            }
            attained = limit; // the caller's measurement has rounding errors
        }
        judge("amount", attained, true, "")?;
        let now = self.tick(now);
        if amount > 0.0 {
            let (attained, expired) = self.backend.serve(now, slot, attained);
            self.attained[slot as usize] = attained;
            self.ran.insert(slot, expired);
        }
        Ok(())
    }

    /// The size of a job's next operation is known, the current one being over; or, under a policy that learns sizes late, its size.
    ///
    /// # Errors
    /// A policy that takes none, an impossible size, an invalid time.
    pub fn reveal(&mut self, slot: u32, size: f64, now: f64) -> Result<(), InputError> {
        judge_size("size", Some(size))?;
        self.judge_time(now)?;
        let at = self.now.max(now);
        let (attained, waits) = self.backend.reveal(at, slot, self.attained[slot as usize], size)?;
        self.attained[slot as usize] = attained;
        if self.ran.get(slot).is_some() {
            self.ran.insert(slot, waits);
        }
        self.tick(now);
        Ok(())
    }

    /// A job's facts change; those that the policy may not know are ignored.
    ///
    /// # Errors
    /// As in [`add`](Self::add); a size below the service so far.
    pub fn reprioritise(&mut self, slot: u32, change: &Change, now: f64) -> Result<(), InputError> {
        change.judge()?;
        self.judge_time(now)?;
        if change.level.is_some_and(|level| level != 0) {
            self.use_levels()?;
        }
        let (at, attained) = (self.now.max(now), self.attained[slot as usize]);
        self.backend.change(at, slot, attained, change)?;
        self.tick(now);
        Ok(())
    }

    /// The deadlines of all jobs, by slot.
    #[must_use]
    pub fn deadlines(&self) -> Vec<f64> {
        self.live().map(|slot| f64::from_bits(self.backend.save(slot)[DEADLINE])).collect()
    }

    /// Jobs get other deadlines, all at one moment; those for which `change` gives none keep theirs.
    ///
    /// # Errors
    /// A deadline that is not a number.
    pub fn change_deadlines(&mut self, change: impl Fn(f64) -> Option<f64>) -> Result<(), InputError> {
        for slot in self.live().collect::<Vec<_>>() {
            let deadline = change(f64::from_bits(self.backend.save(slot)[DEADLINE]));
            if deadline.is_some() {
                let change = Change { deadline, ..Change::default() };
                change.judge()?;
                self.backend.change(self.now, slot, self.attained[slot as usize], &change)?;
            }
        }
        Ok(())
    }

    /// The jobs that are served now, in the order in which they were added; each has the rate one over their number.
    ///
    /// # Errors
    /// An invalid time.
    pub fn sharers(&mut self, now: f64, sharers: &mut Vec<u32>) -> Result<(), InputError> {
        self.judge_time(now)?;
        let now = self.tick(now);
        self.backend.sharers(now, sharers);
        Ok(())
    }

    /// How much service each of those may get before the decision has to be made again, if nothing else happens.
    ///
    /// # Errors
    /// An invalid time.
    pub fn horizon(&mut self, now: f64) -> Result<f64, InputError> {
        self.judge_time(now)?;
        let now = self.tick(now);
        Ok(self.backend.horizon(now, &|slot| self.attained[slot as usize]))
    }

    /// Service that a job has had so far.
    #[must_use]
    pub fn attained(&self, slot: u32) -> f64 {
        self.attained[slot as usize]
    }

    /// Statistics. O(n).
    ///
    /// # Errors
    /// An invalid time.
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
        let mut backend = self.backend.copy();
        let mut order = Vec::with_capacity(self.len());
        while let Some(slot) = backend.first(self.now) {
            backend.take(slot);
            order.push(slot);
        }
        order
    }
}
