//! Proofs for the makespan of job shops and flexible job shops by constraint programming ([`crate::cp`]): lower bounds, shorter schedules,
//! and the proof that there are none.

mod loads;
mod model;
mod options;
mod scope;
mod setups;
#[cfg(test)]
mod tests;

use super::Schedule;
use super::problem::{Blocking, Shop};
use crate::cp::{ConflictSearch, FixedLengths, Literal, Reasoning, SearchEvent};
use model::Model;
use setups::timed;
use std::cell::Cell;

/// What a slice of the search brought.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Event {
    /// Nothing is decided yet.
    Paused,
    /// A better schedule than the best known one.
    Better(Schedule),
    /// No schedule is better than the best known one.
    Proved,
}

/// Looks for shorter schedules than the best known one of a shop, and for the proof that there are none. The shop may have release times
/// and blocking, or, where no operation chooses its machine, setups and transport.
///
/// Times are counted in units, the greatest common divisor of all times: some shortest schedule starts everything at multiples.
#[derive(Debug)]
pub struct Prover<'s> {
    search: Box<ConflictSearch<FixedLengths>>,
    shop: &'s Shop,
    model: Model,
    best: i64,
}

impl<'s> Prover<'s> {
    /// Starts from a schedule and a lower bound of the makespan below it; `None` if the shop is too large, has
    /// calendars or no waiting, or has setups or transport with blocking or a choice of machines.
    #[must_use]
    pub fn new(shop: &'s Shop, known: &Schedule, bound: i64) -> Option<Self> {
        let (model, problem) = Model::new(shop, known.makespan(), bound)?;
        let mut prover = Self { search: Box::new(ConflictSearch::new(problem)), shop, model, best: i64::MAX };
        prover.improve(known);
        Some(prover)
    }

    /// A better schedule has become known.
    pub fn improve(&mut self, known: &Schedule) {
        self.best = known.makespan();
        let Self { search, shop, model, .. } = self;
        let start = &known.start_time;
        let blocks = shop.data().blocking != Blocking::None;
        let leave = |op: usize| match start.get(op + 1) {
            Some(&next) if blocks && shop.job(op) == shop.job(op + 1) => next,
            _ => known.completion_time[op],
        };
        let guide = model.guide(start, &known.machine, leave);
        search.limit(guide.into_iter(), model.objective(self.best - 1));
    }

    /// No schedule is shorter, or the best known one is among the shortest.
    #[must_use]
    pub fn lower_bound(&self) -> i64 {
        if self.is_proved() { self.best } else { self.model.time(self.search.lower_bound()) }
    }

    /// Whether no schedule is shorter than the best known one.
    #[must_use]
    pub fn is_proved(&self) -> bool {
        self.search.is_refuted()
    }

    /// The makespan of the best schedule known.
    #[must_use]
    pub fn best(&self) -> i64 {
        self.best
    }

    /// Effort so far, in bounds looked at.
    #[must_use]
    pub fn work(&self) -> u64 {
        self.search.work()
    }

    /// Raises the lower bound by refuting makespans without search. Stops early if `stop` says so.
    pub fn raise(&mut self, stop: impl FnMut() -> bool) {
        self.search.raise(Reasoning { disjunctive: false, energetic: false }, stop);
    }

    /// Searches until something is decided, the effort reaches `most_work`, or `stop` says so, which gets the effort since it was
    /// last asked. The next call goes on where this one paused.
    pub fn run(&mut self, most_work: u64, mut stop: impl FnMut(u64) -> bool) -> Event {
        loop {
            let stopped = Cell::new(false);
            let mut noted = |work| {
                stopped.set(stop(work));
                stopped.get()
            };
            match self.search.run(most_work, &mut noted) {
                SearchEvent::Paused => return Event::Paused,
                SearchEvent::Refuted => return Event::Proved,
                SearchEvent::Solution(parts) => {
                    if let Some(schedule) = self.schedule(&parts) {
                        return Event::Better(schedule);
                    }
                    if stopped.get() || self.search.work() >= most_work {
                        return Event::Paused;
                    }
                }
            }
        }
    }

    /// The schedule of a solution; `None` if its setups make it no better than the best known one, which excludes its orders.
    fn schedule(&mut self, parts: &[i32]) -> Option<Schedule> {
        let Self { model, shop, .. } = self;
        let (machine, duration) = model.options.chosen(shop, parts);
        if model.setups.is_exact {
            let start_time: Vec<i64> = model.options.start.iter().map(|&v| model.time(parts[v as usize])).collect();
            let completion_time = start_time.iter().zip(&duration).map(|(start, duration)| start + duration).collect();
            return Some(Schedule { machine, start_time, completion_time });
        }
        let sequences = model.sequences(shop, parts);
        let schedule = timed(shop, &sequences, &machine, &duration).filter(|schedule| schedule.makespan() < self.best);
        if schedule.is_none() {
            let literals: Vec<Literal> = model.orders(&sequences).collect();
            self.search.exclude(&literals);
        }
        schedule
    }
}
