//! Queue backends: a discipline of the simulator, with the running job kept apart.

use super::disclosure::{Disclosed, Disclosure};
use super::entry::Change;
use crate::error::InputError;
use crate::online::discipline::{CLOSE, PolicyState, QueueDiscipline, Running};
use crate::online::information::Facts;

/// The number of words of a saved job; the first word is its index.
pub(super) const WORDS: usize = 12;
pub(super) const INDEX: usize = 0;
pub(super) const DEADLINE: usize = 4;
/// The level of urgency, which only backends with levels read.
pub(super) const LEVEL: usize = WORDS - 1;
/// A number of the policy.
pub(super) const MARK: usize = WORDS - 2;
/// The order in which jobs began to wait, to policies that go by it.
pub(super) const TURN: usize = WORDS - 3;

/// Whether a backend can be restored from these words.
pub(super) fn is_sound(words: &[u64; WORDS]) -> bool {
    let [_, _, release, weight, deadline, .., phase, joined, mark, _] = *words;
    let number = |bits: u64| !f64::from_bits(bits).is_nan();
    number(release) && number(weight) && number(deadline) && number(mark) && u32::try_from(phase).is_ok() && joined >> 62 == 0
}

/// The jobs of a queue under any policy. Slots are small numbers that are used again.
pub trait QueueBackend: Send + Sync {
    /// Adds a job.
    fn add(&mut self, now: f64, slot: u32, attained: f64, facts: &Facts<Disclosure>) -> Result<(), InputError>;
    /// The job to run now.
    fn first(&mut self, now: f64) -> Option<u32>;
    /// Announces that the next `k` jobs are about to be popped.
    fn prepare_pops(&mut self, _now: f64, _k: usize) {}
    /// Removes a job.
    fn take(&mut self, slot: u32);
    /// A job has been run up to `attained`; returns that, or the end of a phase if it differs only by rounding, and whether a phase has
    /// ended.
    fn serve(&mut self, now: f64, slot: u32, attained: f64) -> (f64, bool);
    /// The most service that a job can have had.
    fn limit(&self, slot: u32) -> f64;
    /// A size is revealed; returns the service that this implies, and whether the job has to wait again.
    fn reveal(&mut self, now: f64, slot: u32, attained: f64, size: f64) -> Result<(f64, bool), InputError>;
    /// A job's facts change, where they are given.
    fn change(&mut self, now: f64, slot: u32, attained: f64, change: &Change) -> Result<(), InputError>;
    /// The jobs that share the server now, in the order in which they were added.
    fn sharers(&mut self, now: f64, sharers: &mut Vec<u32>);
    /// How much service each of them may get before the decision has to be made again.
    fn horizon(&mut self, now: f64, attained: &dyn Fn(u32) -> f64) -> f64;
    /// Whether a waiting job can take the place of a running one.
    fn preempts(&self) -> bool;
    /// Whether the order of two jobs depends on the others that are there.
    fn looks_at_all(&self) -> bool;
    /// Whether a job was run last and cannot be preempted.
    fn holds(&self) -> bool;
    /// The job that was run last waits again.
    fn stop(&mut self, now: f64);
    /// Whether this is the job that was run last and may go on.
    fn runs(&self, slot: u32) -> bool;
    /// When a job was run last.
    fn since(&self) -> f64;
    /// The state of a job as words.
    fn save(&self, slot: u32) -> [u64; WORDS];
    /// Restores a saved job under this index.
    fn restore(&mut self, now: f64, slot: u32, index: u32, attained: f64, words: &[u64; WORDS]);
    /// Restores the running job, after all jobs were restored, and since when it runs.
    fn resume(&mut self, since: f64, running: Option<(u32, f64)>);
    /// The turn of a job that begins to wait now.
    fn turn(&self) -> u64;
    /// A copy.
    fn copy(&self) -> Box<dyn QueueBackend>;
}

impl Clone for Box<dyn QueueBackend> {
    fn clone(&self) -> Self {
        self.copy()
    }
}

/// The backend of a policy that is a discipline of the simulator.
#[derive(Clone)]
pub struct DisciplineBackend<D> {
    discipline: D,
    running: Option<Running>,
    /// When its service was reported last.
    since: f64,
}

impl<D: QueueDiscipline> DisciplineBackend<D> {
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

    /// The job that stays the running one although service of another is reported: the first of several that share a server.
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

impl<D> QueueBackend for DisciplineBackend<D>
where
    D: QueueDiscipline + Clone + Send + Sync + 'static,
    D::Info: Disclosed,
{
    fn add(&mut self, now: f64, slot: u32, attained: f64, facts: &Facts<Disclosure>) -> Result<(), InputError> {
        let revealed = D::Info::disclose(facts.revealed, attained)?;
        if attained > revealed.limit() {
            let size = revealed.limit();
            return Err(InputError::new("attained", format!("exceeds the size of {size:?}")).value(attained));
        }
        let &Facts { index, number, release_time, weight, deadline, .. } = facts;
        self.discipline.arrive(now, slot, attained, Facts { index, number, release_time, weight, deadline, revealed });
        Ok(())
    }

    fn first(&mut self, now: f64) -> Option<u32> {
        match self.running {
            Some(job) if !D::PREEMPTIVE || self.discipline.victim(now, &[job]).is_none() => Some(job.slot),
            _ => self.discipline.first(now),
        }
    }

    fn prepare_pops(&mut self, now: f64, k: usize) {
        self.discipline.prepare_pops(now, k);
    }

    fn take(&mut self, slot: u32) {
        let runs = self.runs(slot);
        if runs {
            self.running = None;
        }
        self.discipline.leave(slot, !runs);
    }

    fn serve(&mut self, now: f64, slot: u32, attained: f64) -> (f64, bool) {
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
        (attained, expired)
    }

    fn limit(&self, slot: u32) -> f64 {
        self.facts(slot).revealed.limit()
    }

    fn reveal(&mut self, now: f64, slot: u32, attained: f64, size: f64) -> Result<(f64, bool), InputError> {
        let (number, attained) = self.facts(slot).revealed.reveals(size, attained)?;
        let stays = self.stays(now, slot);
        self.begin(now, slot, attained);
        let waits = !self.discipline.reveal(now, Running { slot, attained }, size, number);
        if waits {
            self.running = None;
        }
        self.keep(now, stays);
        Ok((attained, waits))
    }

    fn change(&mut self, now: f64, slot: u32, attained: f64, change: &Change) -> Result<(), InputError> {
        let mut facts = self.facts(slot);
        let place = self.discipline.state(slot);
        facts.revealed =
            facts.revealed.changed(Disclosure { size: change.size, estimate: change.estimate, operation: 0, level: 0 });
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

    fn horizon(&mut self, now: f64, attained: &dyn Fn(u32) -> f64) -> f64 {
        let mut sharers = Vec::new();
        let others = self.share(now, &mut sharers);
        let left = |&slot: &u32| self.discipline.target(slot, attained(slot)) - attained(slot);
        sharers.iter().map(left).fold(others, f64::min)
    }

    fn preempts(&self) -> bool {
        D::PREEMPTIVE
    }

    fn looks_at_all(&self) -> bool {
        D::LOOKS_AT_ALL
    }

    fn holds(&self) -> bool {
        !D::PREEMPTIVE && self.running.is_some()
    }

    fn stop(&mut self, now: f64) {
        if let Some(running) = self.running.take() {
            self.discipline.stop(now, running);
        }
    }

    fn runs(&self, slot: u32) -> bool {
        self.running.is_some_and(|job| job.slot == slot)
    }

    fn since(&self) -> f64 {
        self.since
    }

    fn save(&self, slot: u32) -> [u64; WORDS] {
        let Facts { index, number, release_time, weight, deadline, revealed } = self.facts(slot);
        let PolicyState { phase, joined, mark } = self.discipline.state(slot);
        let [a, b, c] = revealed.words();
        let [release, weight, deadline, mark] = [release_time, weight, deadline, mark].map(f64::to_bits);
        [u64::from(index), u64::from(number), release, weight, deadline, a, b, c, u64::from(phase), joined, mark, 0]
    }

    fn restore(&mut self, now: f64, slot: u32, index: u32, attained: f64, words: &[u64; WORDS]) {
        let &[_, number, release, weight, deadline, a, b, c, phase, joined, mark, _] = words;
        let [release_time, weight, deadline, mark] = [release, weight, deadline, mark].map(f64::from_bits);
        let revealed = D::Info::from_words([a, b, c]);
        let facts = Facts { index, number: number as u32, release_time, weight, deadline, revealed };
        self.discipline.restore(now, slot, attained, facts, PolicyState { phase: phase as u32, joined, mark });
    }

    fn resume(&mut self, since: f64, running: Option<(u32, f64)>) {
        if let Some((slot, attained)) = running {
            self.begin(since, slot, attained);
        }
        self.since = since;
    }

    fn turn(&self) -> u64 {
        self.discipline.turn()
    }

    fn copy(&self) -> Box<dyn QueueBackend> {
        Box::new(self.clone())
    }
}

impl<D: QueueDiscipline> DisciplineBackend<D> {
    /// Finds the jobs that share the server, and how much service each may get until others join them.
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
