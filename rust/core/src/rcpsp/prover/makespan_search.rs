//! The search for schedules within a makespan, or for the proof that there is none, where variables are times in units.

use crate::cp::{ConflictSearch, FixedLengths, Problem, Reasoning, SearchEvent};

/// A search that learns clauses, with the last limit on the makespan, or on the costs that take its place.
#[derive(Debug)]
pub struct MakespanSearch {
    search: Box<ConflictSearch<FixedLengths>>,
    reasoning: Reasoning,
    limit: i64,
    counts_costs: bool,
}

impl MakespanSearch {
    /// Asks for schedules that end by `end`.
    pub fn new(problem: Problem<FixedLengths>, reasoning: Reasoning, end: i64) -> Self {
        let mut search = Box::new(ConflictSearch::new(problem));
        search.limit(std::iter::empty(), end as i32);
        Self { search, reasoning, limit: end, counts_costs: false }
    }

    /// Asks for schedules whose costs, which the problem has, are at most `most` in all.
    pub fn of_costs(problem: Problem<FixedLengths>, reasoning: Reasoning, most: i64) -> Self {
        let mut search = Box::new(ConflictSearch::new(problem));
        search.limit_total(std::iter::empty(), most);
        Self { search, reasoning, limit: most, counts_costs: true }
    }

    /// From now on only schedules within this limit count; decisions follow the values of a good schedule.
    pub fn improve(&mut self, guide: impl Iterator<Item = i32>, limit: i64) {
        self.limit = limit;
        if self.counts_costs {
            self.search.limit_total(guide, limit);
        } else {
            self.search.limit(guide, limit as i32);
        }
    }

    /// No schedule is shorter, in units, or costs less; above the limit if there is none within it.
    pub fn lower_bound(&self) -> i64 {
        match self.counts_costs {
            _ if self.search.is_refuted() => self.limit + 1,
            true => self.search.total(),
            false => i64::from(self.search.lower_bound()),
        }
    }

    pub fn is_refuted(&self) -> bool {
        self.search.is_refuted()
    }

    /// Effort so far.
    pub fn work(&self) -> u64 {
        self.search.work()
    }

    /// Refutes makespans without search, as far as that goes.
    pub fn raise(&mut self, stop: impl FnMut() -> bool) {
        self.search.raise(self.reasoning, stop);
    }

    /// Searches until something is decided, the effort reaches `most_work`, or `stop` says so, which gets the effort since it was last
    /// asked. The next call goes on where this one paused.
    pub fn run(&mut self, most_work: u64, stop: impl FnMut(u64) -> bool) -> SearchEvent {
        self.search.run(most_work, stop)
    }
}
