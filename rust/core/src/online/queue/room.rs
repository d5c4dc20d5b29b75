//! The waiting room behind the queue: a discipline of the simulator with the one job that is being run kept apart.

use super::said::Change;
use super::told::{Tellable, Told};
use crate::error::InputError;
use crate::online::discipline::{CLOSE, Place, Recorded, Running};
use crate::online::information::Facts;

/// Words that put a job on record, the first of which is its index.
pub(super) const WORDS: usize = 11;
pub(super) const INDEX: usize = 0;

/// Whether the words of a record cannot lead a room astray.
pub(super) fn is_sound(words: &[u64; WORDS]) -> bool {
    let [_, _, release, weight, deadline, .., phase, joined, mark] = *words;
    let number = |bits: u64| !f64::from_bits(bits).is_nan();
    number(release) && number(weight) && number(deadline) && number(mark) && u32::try_from(phase).is_ok() && joined >> 62 == 0
}

/// A waiting room of any policy. Slots are small numbers that are used again.
pub(super) trait Room: Send + Sync {
    /// A job comes.
    fn add(&mut self, now: f64, slot: u32, attained: f64, facts: Facts<Told>) -> Result<(), InputError>;
    /// The job to run now.
    fn first(&mut self, now: f64) -> Option<u32>;
    /// The next `k` are about to be asked for.
    fn line_up(&mut self, _now: f64, _k: usize) {}
    /// A job leaves.
    fn take(&mut self, slot: u32);
    /// A job has been run, up to `attained`, or to the end of a phase that lies within rounding; which of them.
    fn serve(&mut self, now: f64, slot: u32, attained: f64) -> f64;
    /// The most service that a job can have had.
    fn limit(&self, slot: u32) -> f64;
    /// Something is revealed; the service that this implies.
    fn reveal(&mut self, now: f64, slot: u32, attained: f64, size: f64) -> Result<f64, InputError>;
    /// A job's facts change, where they are given.
    fn change(&mut self, now: f64, slot: u32, attained: f64, change: &Change) -> Result<(), InputError>;
    /// Who shares the server now, in the order in which they came.
    fn sharers(&mut self, now: f64, sharers: &mut Vec<u32>);
    /// How much service each of them may get before the decision has to be made again.
    fn horizon(&mut self, now: f64, attained: &[f64]) -> f64;
    /// Whether this is the job that was run last and may go on.
    fn runs(&self, slot: u32) -> bool;
    /// When a job was run last.
    fn since(&self) -> f64;
    /// A job on record.
    fn save(&self, slot: u32) -> [u64; WORDS];
    /// A job that was on record, under this index.
    fn restore(&mut self, now: f64, slot: u32, index: u32, attained: f64, words: &[u64; WORDS]);
    /// The job that may go on, everybody being in line, and since when.
    fn resume(&mut self, since: f64, running: Option<(u32, f64)>);
    /// A copy of all of it.
    fn copy(&self) -> Box<dyn Room>;
}

/// The room of a policy that gives a server to one job at a time, or to the sharers of one rank.
#[derive(Clone)]
pub(super) struct Single<D> {
    discipline: D,
    running: Option<Running>,
    /// When that was reported.
    since: f64,
}

impl<D: Recorded> Single<D> {
    pub fn new(discipline: D) -> Self {
        Self { discipline, running: None, since: f64::NEG_INFINITY }
    }

    fn begin(&mut self, now: f64, slot: u32, attained: f64) {
        match self.running {
            Some(running) if running.slot == slot => {}
            running => {
                if let Some(running) = running {
                    self.discipline.stop(now, running);
                }
                self.discipline.begin(now, slot);
            }
        }
        self.running = Some(Running { slot, attained });
    }

    /// The job that stays the running one when another is reported: of those that share a server, the first one of an instant.
    fn stays(&self, now: f64, slot: u32) -> Option<Running> {
        self.running.filter(|job| D::SHARES && self.since == now && job.slot != slot)
    }

    fn keep(&mut self, now: f64, stays: Option<Running>) {
        self.since = now;
        if let Some(job) = stays {
            self.begin(now, job.slot, job.attained);
        }
    }

    fn facts(&self, slot: u32) -> Facts<D::Info> {
        self.discipline.facts(slot)
    }
}

impl<D> Room for Single<D>
where
    D: Recorded + Clone + Send + Sync + 'static,
    D::Info: Tellable,
{
    fn add(&mut self, now: f64, slot: u32, attained: f64, facts: Facts<Told>) -> Result<(), InputError> {
        let revealed = D::Info::told(facts.revealed, attained)?;
        if attained > revealed.limit() {
            let size = revealed.limit();
            return Err(InputError::new("attained", format!("exceeds the size of {size:?}")).value(attained));
        }
        let Facts { index, number, release_time, weight, deadline, .. } = facts;
        self.discipline.arrive(now, slot, attained, Facts { index, number, release_time, weight, deadline, revealed });
        Ok(())
    }

    fn first(&mut self, now: f64) -> Option<u32> {
        match self.running {
            Some(job) if !D::PREEMPTIVE || self.discipline.victim(now, &[job]).is_none() => Some(job.slot),
            _ => self.discipline.first(now),
        }
    }

    fn line_up(&mut self, now: f64, k: usize) {
        self.discipline.line_up(now, k);
    }

    fn take(&mut self, slot: u32) {
        let runs = self.runs(slot);
        if runs {
            self.running = None;
        }
        self.discipline.leave(slot, !runs);
    }

    fn serve(&mut self, now: f64, slot: u32, attained: f64) -> f64 {
        let target = self.discipline.target(slot, attained);
        let expired = target <= attained * (1.0 + CLOSE);
        let attained = if expired && attained <= target * (1.0 + CLOSE) { target } else { attained };
        let stays = self.stays(now, slot);
        self.begin(now, slot, attained);
        let job = Running { slot, attained };
        if expired {
            self.discipline.expire(now, job);
            self.running = None;
        }
        match (self.discipline.claims(slot, expired), expired) {
            (true, true) => self.begin(now, slot, attained),
            (false, false) => {
                self.discipline.stop(now, job);
                self.running = None;
            }
            _ => {}
        }
        self.keep(now, stays);
        attained
    }

    fn limit(&self, slot: u32) -> f64 {
        self.facts(slot).revealed.limit()
    }

    fn reveal(&mut self, now: f64, slot: u32, attained: f64, size: f64) -> Result<f64, InputError> {
        let (number, attained) = self.facts(slot).revealed.reveals(size, attained)?;
        let stays = self.stays(now, slot);
        self.begin(now, slot, attained);
        if !self.discipline.reveal(now, Running { slot, attained }, size, number) {
            self.running = None;
        }
        self.keep(now, stays);
        Ok(attained)
    }

    fn change(&mut self, now: f64, slot: u32, attained: f64, change: &Change) -> Result<(), InputError> {
        let mut facts = self.facts(slot);
        let place = self.discipline.place(slot);
        facts.revealed = facts.revealed.changed(Told { size: change.size, estimate: change.estimate, operation: 0 });
        facts.weight = change.weight.unwrap_or(facts.weight);
        facts.deadline = change.deadline.unwrap_or(facts.deadline);
        if attained > facts.revealed.limit() {
            let reason = format!("below the service of {attained:?} so far");
            return Err(InputError::new("size", reason).value(change.size.unwrap_or(facts.revealed.limit())));
        }
        let runs = self.runs(slot);
        self.take(slot);
        self.discipline.change(now, slot, attained, facts, place);
        if runs && self.discipline.claims(slot, false) {
            self.begin(now, slot, attained);
        }
        Ok(())
    }

    fn sharers(&mut self, now: f64, sharers: &mut Vec<u32>) {
        self.share(now, sharers);
    }

    fn horizon(&mut self, now: f64, attained: &[f64]) -> f64 {
        let mut sharers = Vec::new();
        let others = self.share(now, &mut sharers);
        let left = |&slot: &u32| self.discipline.target(slot, attained[slot as usize]) - attained[slot as usize];
        sharers.iter().map(left).fold(others, f64::min)
    }

    fn runs(&self, slot: u32) -> bool {
        self.running.is_some_and(|job| job.slot == slot)
    }

    fn since(&self) -> f64 {
        self.since
    }

    fn save(&self, slot: u32) -> [u64; WORDS] {
        let Facts { index, number, release_time, weight, deadline, revealed } = self.facts(slot);
        let Place { phase, joined, mark } = self.discipline.place(slot);
        let [a, b, c] = revealed.words();
        let [release, weight, deadline, mark] = [release_time, weight, deadline, mark].map(f64::to_bits);
        [u64::from(index), u64::from(number), release, weight, deadline, a, b, c, u64::from(phase), joined, mark]
    }

    fn restore(&mut self, now: f64, slot: u32, index: u32, attained: f64, words: &[u64; WORDS]) {
        let &[_, number, release, weight, deadline, a, b, c, phase, joined, mark] = words;
        let [release_time, weight, deadline, mark] = [release, weight, deadline, mark].map(f64::from_bits);
        let revealed = D::Info::from_words([a, b, c]);
        let facts = Facts { index, number: number as u32, release_time, weight, deadline, revealed };
        self.discipline.restore(now, slot, attained, facts, Place { phase: phase as u32, joined, mark });
    }

    fn resume(&mut self, since: f64, running: Option<(u32, f64)>) {
        if let Some((slot, attained)) = running {
            self.begin(since, slot, attained);
        }
        self.since = since;
    }

    fn copy(&self) -> Box<dyn Room> {
        Box::new(self.clone())
    }
}

impl<D: Recorded> Single<D> {
    /// Finds those who share; how much service each may get until others join them.
    fn share(&mut self, now: f64, sharers: &mut Vec<u32>) -> f64 {
        let first = match self.running {
            Some(job) if !D::PREEMPTIVE || self.discipline.victim(now, &[job]).is_none() => {
                sharers.push(job.slot);
                return f64::INFINITY;
            }
            _ => self.discipline.first(now),
        };
        let Some(first) = first else { return f64::INFINITY };
        let others = self.discipline.sharers(first, self.running, sharers);
        if sharers.is_empty() {
            sharers.push(first);
        }
        others
    }
}
