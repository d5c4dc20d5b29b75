//! The search for schedules within a makespan, or for the proof that there is none, where variables are times in units.

use crate::cp::{ConflictSearch, FixedLengths, Problem, Reasoning, SearchEvent};

/// A search that learns clauses, with the last limit on the makespan.
#[derive(Debug)]
pub struct MakespanSearch {
    search: Box<ConflictSearch<FixedLengths>>,
    reasoning: Reasoning,
    limit: i64,
}

impl MakespanSearch {
    /// Asks for schedules that end by `end`.
    pub fn new(problem: Problem<FixedLengths>, reasoning: Reasoning, end: i64) -> Self {
        let mut search = Box::new(ConflictSearch::new(problem));
        search.limit(std::iter::empty(), end as i32);
        Self { search, reasoning, limit: end }
    }

    /// From now on only schedules that end by `end` count; decisions follow the values of a good schedule.
    pub fn improve(&mut self, guide: impl Iterator<Item = i32>, end: i64) {
        self.limit = end;
        self.search.limit(guide, end as i32);
    }

    /// No schedule is shorter, in units; above the limit if there is none within it.
    pub fn lower_bound(&self) -> i64 {
        if self.search.is_refuted() { self.limit + 1 } else { i64::from(self.search.lower_bound()) }
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
