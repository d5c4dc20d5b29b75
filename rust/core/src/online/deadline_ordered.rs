//! Policies whose rank of a waiting job changes once, by the ranks of [`crate::deadline_ranks`]. Ties: the running job, then index.
//!
//! Ranks are compared when jobs arrive, complete or are asked for; a deadline that passes between two such moments decides nothing by
//! itself.

use super::declaration::{Declared, ParameterValues};
use super::discipline::{Discipline, PolicyState, QueueDiscipline, Running};
use super::heap::{IndexedHeap, ordered};
use super::information::{Facts, Prediction};
use super::ordered::put;
use crate::deadline_ranks::{DatedWork, DeadlineRank};
use crate::error::InputError;

/// What the rank of a job depends on when it has this service.
fn work(facts: &Facts<Prediction>, attained: f64) -> DatedWork {
    let Prediction { estimate, size } = facts.revealed;
    let remaining = (if estimate.is_nan() { size } else { estimate } - attained).max(0.0);
    DatedWork { deadline: facts.deadline, remaining, weight: facts.weight }
}

#[derive(Debug, Clone, Copy)]
struct DatedJob {
    facts: Facts<Prediction>,
    /// Service when it began to wait.
    attained: f64,
}

/// The waiting jobs by a rank that changes once. O(log n) an event, amortised: each wait brings at most one change.
#[derive(Debug, Clone, Default)]
pub struct DeadlineOrdered<R> {
    waiting: IndexedHeap,
    /// The waiting jobs that are in time, by the last moment at which they are.
    in_time: IndexedHeap,
    known: Vec<DatedJob>,
    /// The last moment that was spoken of.
    now: f64,
    rule: std::marker::PhantomData<R>,
}

impl<R: DeadlineRank> Declared for DeadlineOrdered<R> {
    const NAME: &'static str = R::NAME;

    fn from_parameters(_: ParameterValues<'_>) -> Result<Self, InputError> {
        Ok(Self { now: f64::NEG_INFINITY, ..Self::default() })
    }
}

/// Below the rank: the index.
const INDEX_BITS: u32 = 32;

/// By lateness if that comes first, then by rank, then by index.
fn place<R: DeadlineRank>(facts: &Facts<Prediction>, attained: f64, late: bool) -> u128 {
    let (last, rank) = R::place(&work(facts, attained), late);
    u128::from(last) << (64 + INDEX_BITS) | u128::from(ordered(rank)) << INDEX_BITS | u128::from(facts.index)
}

impl<R: DeadlineRank> DeadlineOrdered<R> {
    /// Moves the jobs that are late by now. The clock never goes back.
    fn look_at_clock(&mut self, now: f64) {
        self.now = self.now.max(now);
        while let Some((_, slot)) = self.in_time.first().filter(|&(moment, _)| moment < u128::from(ordered(self.now))) {
            self.in_time.remove(slot);
            self.waiting.remove(slot);
            let DatedJob { facts, attained } = self.known[slot as usize];
            self.waiting.push(place::<R>(&facts, attained, true), slot);
        }
    }

    fn wait(&mut self, now: f64, slot: u32, attained: f64) {
        self.now = self.now.max(now);
        let job = &mut self.known[slot as usize];
        job.attained = attained;
        let moment = R::last_moment_in_time(&work(&job.facts, attained));
        let late = moment < self.now;
        if !late && moment < f64::INFINITY {
            self.in_time.push(u128::from(ordered(moment)), slot);
        }
        self.waiting.push(place::<R>(&job.facts, attained, late), slot);
    }

    fn take(&mut self, slot: u32) {
        self.waiting.remove(slot);
        self.in_time.remove(slot);
    }
}

impl<R: DeadlineRank> Discipline for DeadlineOrdered<R> {
    type Info = Prediction;

    fn arrive(&mut self, now: f64, slot: u32, attained: f64, facts: Facts<Prediction>) {
        put(&mut self.known, slot, DatedJob { facts, attained });
        self.wait(now, slot, attained);
    }

    fn none_wait(&self) -> bool {
        self.waiting.is_empty()
    }

    fn first(&mut self, now: f64) -> Option<u32> {
        self.look_at_clock(now);
        self.waiting.first().map(|(_, slot)| slot)
    }

    fn begin(&mut self, _: f64, slot: u32) {
        self.take(slot);
    }

    fn victim(&mut self, now: f64, running: &[Running]) -> Option<usize> {
        self.look_at_clock(now);
        let (best, _) = self.waiting.first()?;
        let now = self.now;
        let at = |job: &Running| {
            let facts = &self.known[job.slot as usize].facts;
            place::<R>(facts, job.attained, R::last_moment_in_time(&work(facts, job.attained)) < now)
        };
        let (worst, position) = running.iter().enumerate().map(|(k, job)| (at(job), k)).max()?;
        (best >> INDEX_BITS < worst >> INDEX_BITS).then_some(position)
    }

    fn stop(&mut self, now: f64, job: Running) {
        self.wait(now, job.slot, job.attained);
    }

    fn leave(&mut self, slot: u32, waiting: bool) {
        if waiting {
            self.take(slot);
        }
    }
}

impl<R: DeadlineRank + Clone> QueueDiscipline for DeadlineOrdered<R> {
    fn facts(&self, slot: u32) -> Facts<Prediction> {
        self.known[slot as usize].facts
    }

    fn state(&self, _: u32) -> PolicyState {
        PolicyState { phase: 0, joined: 0, mark: 0.0 }
    }

    fn restore(&mut self, now: f64, slot: u32, attained: f64, facts: Facts<Prediction>, _: PolicyState) {
        self.arrive(now, slot, attained, facts);
    }
}
