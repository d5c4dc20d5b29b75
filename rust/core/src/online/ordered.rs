//! The discipline that keeps waiting jobs in order of a rank.

use super::discipline::{Discipline, PolicyState, QueueDiscipline, Rank, Running};
use super::heap::{IndexedHeap, key, value};
use super::information::{Facts, Information};

/// Stores the data of the job in a slot.
#[inline]
pub(super) fn put<T>(known: &mut Vec<T>, slot: u32, what: T) {
    if slot as usize == known.len() {
        known.push(what);
    } else {
        known[slot as usize] = what;
    }
}

/// A job under a rank.
#[derive(Debug, Clone, Copy)]
struct RankedJob<I> {
    facts: Facts<I>,
    phase: u32,
    joined: u64,
    /// The attained service at which the phase ends, as of when the job began to wait.
    target: f64,
}

/// The waiting jobs, ordered by a rank. O(log n) an event.
#[derive(Debug, Clone)]
pub struct Ordered<R: Rank> {
    rule: R,
    waiting: IndexedHeap,
    known: Vec<RankedJob<R::Info>>,
    joined: u64,
}

impl<R: Rank> Ordered<R> {
    /// A discipline without jobs.
    pub fn new(rule: R) -> Self {
        Self { rule, waiting: IndexedHeap::default(), known: Vec::new(), joined: 0 }
    }

    #[inline]
    fn rank(&self, slot: u32, attained: f64) -> f64 {
        let known = &self.known[slot as usize];
        self.rule.rank(&known.facts, attained, known.phase)
    }

    #[inline]
    fn wait(&mut self, slot: u32, attained: f64) {
        let known = &mut self.known[slot as usize];
        let (rank, target) = self.rule.rank_and_end(&known.facts, attained, known.phase);
        known.target = target;
        // A job that shares a server yields to one that does not.
        let behind = u64::from(R::SHARES && self.rule.rises(&known.facts, known.phase)) << 63;
        self.waiting.push(key(rank, self.rule.tie(&known.facts, known.joined) | behind), slot);
    }

    /// The largest rank that counts as equal to this one of a job in a slot, under rules that share.
    fn equals(&self, slot: u32, rank: f64) -> f64 {
        rank + self.rule.rounding(&self.known[slot as usize].facts, rank)
    }

    /// Enters the phase that this much service belongs to; a job that enters another phase gets a later turn.
    fn advance(&mut self, slot: u32, attained: f64) {
        let known = &mut self.known[slot as usize];
        let before = known.phase;
        known.phase = self.rule.phase_at(&known.facts, attained, known.phase);
        if known.phase != before {
            known.joined = self.joined;
            self.joined += 1;
        }
    }
}

impl<R: Rank> Discipline for Ordered<R> {
    type Info = R::Info;
    const PREEMPTIVE: bool = R::PREEMPTIVE;
    const FALLS: bool = R::FALLS;

    #[inline]
    fn arrive(&mut self, _: f64, slot: u32, attained: f64, facts: Facts<R::Info>) {
        let known = RankedJob { facts, phase: 0, joined: self.joined, target: f64::INFINITY };
        self.joined += 1;
        put(&mut self.known, slot, known);
        if R::SHARES || attained > 0.0 {
            self.advance(slot, attained);
        }
        self.wait(slot, attained);
    }

    #[inline]
    fn none_wait(&self) -> bool {
        self.waiting.is_empty()
    }

    #[inline]
    fn first(&mut self, _: f64) -> Option<u32> {
        self.waiting.first().map(|(_, slot)| slot)
    }

    #[inline]
    fn begin(&mut self, _: f64, slot: u32) {
        self.waiting.remove(slot);
    }

    #[inline]
    fn victim(&mut self, _: f64, running: &[Running]) -> Option<usize> {
        if self.waiting.is_empty() {
            return None;
        }
        let (worst, position) = running.iter().enumerate().map(|(k, &job)| (self.key(job), k)).max()?;
        self.yields(worst).then_some(position)
    }

    #[inline]
    fn key(&self, job: Running) -> u128 {
        let known = &self.known[job.slot as usize];
        key(self.rank(job.slot, job.attained), self.rule.tie(&known.facts, known.joined))
    }

    #[inline]
    fn yields(&self, worst: u128) -> bool {
        let Some((best, first)) = self.waiting.first() else { return false };
        let best = if R::SHARES { key(self.equals(first, value(best)), 0) } else { best };
        best >> 64 < worst >> 64
    }

    #[inline]
    fn stop(&mut self, _: f64, job: Running) {
        self.wait(job.slot, job.attained);
    }

    #[inline]
    fn target(&self, slot: u32, _: f64) -> f64 {
        self.known[slot as usize].target
    }

    #[inline]
    fn expire(&mut self, _: f64, job: Running) {
        self.advance(job.slot, job.attained);
        self.wait(job.slot, job.attained);
    }

    #[inline]
    fn reveal(&mut self, _: f64, job: Running, size: f64, number: u32) -> bool {
        let facts = &mut self.known[job.slot as usize].facts;
        facts.revealed = facts.revealed.later(size, number, job.attained);
        true
    }

    #[inline]
    fn leave(&mut self, slot: u32, waiting: bool) {
        if waiting {
            self.waiting.remove(slot);
        }
    }
}

impl<R: Rank> QueueDiscipline for Ordered<R> {
    const SHARES: bool = R::SHARES;

    fn facts(&self, slot: u32) -> Facts<R::Info> {
        self.known[slot as usize].facts
    }

    fn state(&self, slot: u32) -> PolicyState {
        let known = &self.known[slot as usize];
        PolicyState { phase: known.phase, joined: known.joined, mark: known.target }
    }

    fn turn(&self) -> u64 {
        self.joined
    }

    fn restore(&mut self, _: f64, slot: u32, attained: f64, facts: Facts<R::Info>, place: PolicyState) {
        put(&mut self.known, slot, RankedJob { facts, phase: place.phase, joined: place.joined, target: place.mark });
        self.joined = self.joined.max(place.joined + 1);
        self.wait(slot, attained);
        self.known[slot as usize].target = place.mark;
    }

    fn change(&mut self, now: f64, slot: u32, attained: f64, facts: Facts<R::Info>, place: PolicyState) {
        let end = self.rule.phase_end(&facts, attained, place.phase);
        self.restore(now, slot, attained, facts, PolicyState { mark: end, ..place });
        if end <= attained {
            self.waiting.remove(slot);
            self.advance(slot, attained);
            self.wait(slot, attained);
        }
    }

    fn claims(&self, slot: u32, expired: bool) -> bool {
        let known = &self.known[slot as usize];
        if R::SHARES { !self.rule.rises(&known.facts, known.phase) } else { !expired }
    }

    fn sharers(&self, first: u32, running: Option<Running>, sharers: &mut Vec<u32>) -> f64 {
        let rises = |slot: u32| self.rule.rises(&self.known[slot as usize].facts, self.known[slot as usize].phase);
        let Some((best, _)) = self.waiting.first().filter(|_| R::SHARES) else { return f64::INFINITY };
        let rank = value(best);
        if rank == f64::INFINITY {
            return rank; // no job shares, and no rounding error separates equal ranks
        }
        let bound = self.equals(first, rank);
        // A job that does not share goes before all jobs that do, the running one first.
        if let Some(job) = running.filter(|job| self.rank(job.slot, job.attained) <= bound) {
            sharers.push(job.slot);
            return f64::INFINITY;
        }
        let next = self.waiting.up_to(key(bound, u64::MAX), sharers);
        if let Some(&alone) =
            sharers.iter().filter(|&&slot| !rises(slot)).min_by_key(|&&slot| self.known[slot as usize].facts.index)
        {
            sharers.clear();
            sharers.push(alone);
            return f64::INFINITY;
        }
        sharers.sort_unstable_by_key(|&slot| self.known[slot as usize].facts.index);
        let next = next.map_or(f64::INFINITY, value);
        let running = running.map_or(f64::INFINITY, |job| self.rank(job.slot, job.attained));
        (next.min(running) - rank) / self.rule.slope()
    }
}
