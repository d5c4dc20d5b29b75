//! What the simulator and the queue ask of a policy that gives each server to one job at a time.
//!
//! Jobs are known by *slots*: small numbers that are used again when a job has left.

use super::heap::{IndexedHeap, key, value};
use super::information::{Facts, Information};
use super::twice::Twice;

/// A job that is being served, and the service it has had.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Running {
    /// Which job.
    pub slot: u32,
    /// Service so far.
    pub attained: f64,
}

/// The waiting room and the rule that picks from it.
pub trait Discipline {
    /// What the policy may know.
    type Info: Information;
    /// Whether a running job can lose its server before it completes.
    const PREEMPTIVE: bool = true;
    /// Whether a running job's [`key`](Self::key) never rises before it loses its server, so that the largest key of many running jobs
    /// can be kept in a heap.
    const FALLS: bool = false;

    /// A job arrives (or returns, with service `attained` elsewhere) and waits.
    fn arrive(&mut self, now: f64, slot: u32, attained: f64, facts: Facts<Self::Info>);
    /// Whether nobody waits.
    fn nobody_waits(&self) -> bool;
    /// The waiting job that gets a free server.
    fn first(&mut self, now: f64) -> Option<u32>;
    /// A waiting job gets a server, whether or not it is the first.
    fn begin(&mut self, now: f64, slot: u32);
    /// Takes out the waiting job that gets a free server.
    #[inline]
    fn start(&mut self, now: f64) -> Option<u32> {
        let slot = self.first(now)?;
        self.begin(now, slot);
        Some(slot)
    }
    /// Which of the running jobs has to make room for a waiting one. Ties: the running job stays.
    fn victim(&mut self, now: f64, running: &[Running]) -> Option<usize>;
    /// Where a running job stands among the running ones: the one with the largest key makes room first. For disciplines that fall.
    fn key(&self, _job: Running) -> u128 {
        0
    }
    /// Whether a running job with this key makes room for a waiting one. For disciplines that fall.
    fn yields(&self, _key: u128) -> bool {
        false
    }
    /// A running job loses its server and waits again.
    fn stop(&mut self, now: f64, job: Running);
    /// The attained service at which a running job has to return, whoever else there is; it does so by `expire`.
    fn target(&self, _slot: u32, _attained: f64) -> f64 {
        f64::INFINITY
    }
    /// A running job has reached its target and waits again.
    fn expire(&mut self, now: f64, job: Running) {
        self.stop(now, job);
    }
    /// An operation has ended and the next one, of `size`, is revealed; false if the job has to wait again (and it does).
    fn reveal(&mut self, _now: f64, _job: Running, _size: f64, _number: u32) -> bool {
        true
    }
    /// A job has completed or been taken away; `waiting` tells whether it was in the waiting room.
    fn leave(&mut self, slot: u32, waiting: bool);
    /// Whether to give up at once (a policy written outside has failed).
    fn halted(&self) -> bool {
        false
    }
}

/// What the policy itself remembers of a job beyond its facts and service; the meaning is the policy's own.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Place {
    /// Phase, level or class.
    pub phase: u32,
    /// Since when it is in line.
    pub joined: u64,
    /// A service that matters.
    pub mark: f64,
}

/// What the queue asks on top of the simulator: jobs that are changed or put on record while they are in line.
pub trait Recorded: Discipline {
    /// Whether jobs may share a server, so that several are run at a time.
    const SHARES: bool = false;

    /// What is known of a job; what the policy does not care about may be missing.
    fn facts(&self, slot: u32) -> Facts<Self::Info>;
    /// What the policy remembers of it.
    fn place(&self, slot: u32) -> Place;
    /// Puts a job on record back in line, where it was.
    fn restore(&mut self, now: f64, slot: u32, attained: f64, facts: Facts<Self::Info>, place: Place);
    /// A job that has left comes back with other facts; its turn stays unless they decide it.
    fn change(&mut self, now: f64, slot: u32, attained: f64, facts: Facts<Self::Info>, place: Place) {
        self.restore(now, slot, attained, facts, place);
    }
    /// Whether a job that was served, to the end of its phase or not, stays ahead of others of equal rank.
    fn claims(&self, _slot: u32, expired: bool) -> bool {
        !expired
    }
    /// The next `k` are about to be asked for at this moment, which may be found together at less cost.
    fn line_up(&mut self, _now: f64, _k: usize) {}
    /// If the waiting job `first`, which goes before the running one, shares its server: all who do, and how much service each may get
    /// until others join them.
    fn sharers(&self, _first: u32, _running: Option<Running>, _sharers: &mut Vec<u32>) -> f64 {
        f64::INFINITY
    }
}

/// A rule that gives each job a number, lowest first, which depends on the job's own facts and service alone.
///
/// This is the class of SOAP policies (Scully, Harchol-Balter, Scheller-Wolf 2018).
pub trait Rank {
    /// What the rule may know.
    type Info: Information;
    /// Whether a running job can lose its server before it completes.
    const PREEMPTIVE: bool = true;
    /// Whether jobs of equal rank may share a server.
    const SHARES: bool = false;
    /// Whether the rank never rises within a phase, however little service comes at a time.
    const FALLS: bool = !Self::SHARES;

    /// The rank of a job with this much service, in this phase of the rule.
    fn rank(&self, facts: &Facts<Self::Info>, attained: f64, phase: u32) -> f64;

    /// The attained service at which the phase ends.
    fn phase_end(&self, _facts: &Facts<Self::Info>, _attained: f64, _phase: u32) -> f64 {
        f64::INFINITY
    }

    /// Both at once, for rules that find them together.
    #[inline]
    fn rank_and_end(&self, facts: &Facts<Self::Info>, attained: f64, phase: u32) -> (f64, f64) {
        (self.rank(facts, attained, phase), self.phase_end(facts, attained, phase))
    }

    /// The phase after `phase` that this much service belongs to.
    #[inline]
    fn phase_at(&self, facts: &Facts<Self::Info>, attained: f64, mut phase: u32) -> u32 {
        while self.phase_end(facts, attained, phase) <= attained {
            phase += 1;
        }
        phase
    }

    /// Whether the rank rises with service in this phase, at rate [`slope`](Self::slope), so that jobs of equal rank share the
    /// server.
    fn rises(&self, _facts: &Facts<Self::Info>, _phase: u32) -> bool {
        false
    }

    /// In phases that rise: a number that grows by one with each unit of service; the rank is `slope` times as much.
    #[inline]
    fn level(&self, facts: &Facts<Self::Info>, attained: f64, phase: u32) -> Twice {
        self.rank(facts, attained, phase).into()
    }

    /// In phases that do not rise, under rules that share: the rank without rounding.
    #[inline]
    fn rank_in_full(&self, facts: &Facts<Self::Info>, attained: Twice, phase: u32) -> Twice {
        self.rank(facts, attained.round(), phase).into()
    }

    /// Rank per unit of service in phases that rise.
    #[inline]
    fn slope(&self) -> f64 {
        1.0
    }

    /// Under rules that share: how much of a rank may be the rounding of service that was reported in pieces.
    #[inline]
    fn rounding(&self, _: &Facts<Self::Info>, rank: f64) -> f64 {
        CLOSE * rank.abs()
    }

    /// The part of a job's service at which its size becomes known, for the model in which that happens late.
    fn reveals_at(&self) -> Option<f64> {
        None
    }

    /// Decides between waiting jobs of equal rank, lowest first; `joined` counts the entries into phases.
    #[inline]
    fn tie(&self, facts: &Facts<Self::Info>, _joined: u64) -> u64 {
        u64::from(facts.index)
    }
}

/// Remembers what is known of the job in a slot.
#[inline]
pub(super) fn put<T>(known: &mut Vec<T>, slot: u32, what: T) {
    if slot as usize == known.len() {
        known.push(what);
    } else {
        known[slot as usize] = what;
    }
}

/// Numbers that are made of reported service count as equal when they are this close, relatively: rounding parts nobody.
pub(super) const CLOSE: f64 = 1e-12;

/// What the waiting room keeps of a job.
#[derive(Debug, Clone, Copy)]
struct Known<I> {
    facts: Facts<I>,
    phase: u32,
    joined: u64,
    /// The attained service at which the phase ends, as of when the job began to wait.
    target: f64,
}

/// A waiting room ordered by a rank. O(log n) an event.
#[derive(Debug, Clone)]
pub struct Ordered<R: Rank> {
    rule: R,
    waiting: IndexedHeap,
    known: Vec<Known<R::Info>>,
    joined: u64,
}

impl<R: Rank> Ordered<R> {
    /// An empty waiting room.
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
        let behind = u64::from(R::SHARES && self.rule.rises(&known.facts, known.phase)) << 63; // who shares yields to who does not
        self.waiting.push(key(rank, self.rule.tie(&known.facts, known.joined) | behind), slot);
    }

    /// The largest rank that counts as equal to this one of a job in a slot, under rules that share.
    fn equals(&self, slot: u32, rank: f64) -> f64 {
        rank + self.rule.rounding(&self.known[slot as usize].facts, rank)
    }

    /// Enters the phase that this much service belongs to; later in line if that is another one.
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
        let known = Known { facts, phase: 0, joined: self.joined, target: f64::INFINITY };
        self.joined += 1;
        put(&mut self.known, slot, known);
        if R::SHARES || attained > 0.0 {
            self.advance(slot, attained);
        }
        self.wait(slot, attained);
    }

    #[inline]
    fn nobody_waits(&self) -> bool {
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

impl<R: Rank> Recorded for Ordered<R> {
    const SHARES: bool = R::SHARES;

    fn facts(&self, slot: u32) -> Facts<R::Info> {
        self.known[slot as usize].facts
    }

    fn place(&self, slot: u32) -> Place {
        let known = &self.known[slot as usize];
        Place { phase: known.phase, joined: known.joined, mark: known.target }
    }

    fn restore(&mut self, _: f64, slot: u32, attained: f64, facts: Facts<R::Info>, place: Place) {
        put(&mut self.known, slot, Known { facts, phase: place.phase, joined: place.joined, target: place.mark });
        self.joined = self.joined.max(place.joined + 1);
        self.wait(slot, attained);
        self.known[slot as usize].target = place.mark;
    }

    fn change(&mut self, now: f64, slot: u32, attained: f64, facts: Facts<R::Info>, place: Place) {
        let end = self.rule.phase_end(&facts, attained, place.phase);
        self.restore(now, slot, attained, facts, Place { mark: end, ..place });
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
            return rank; // nobody shares, and no rounding parts equals
        }
        let bound = self.equals(first, rank);
        // One that does not share goes before all who do, the running one first.
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
