//! Large neighbourhoods (Shaw 1998): a part of a solution is free, the rest keeps its order, and the search looks for a better one.
//!
//! The order is kept on a condition, a literal that is assumed first. A clause learned on the way that does not speak of the condition
//! holds for the whole problem and stays.

use super::branch::luby;
use super::conflict_search::{ConflictSearch, REDUCTION, RESTART};
use super::lengths::Lengths;
use super::partial_order::partial_order;
use super::trail::Literal;

/// What the search of a neighbourhood came to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Repair {
    /// A solution within the limit on the objective: the start of each interval but the objective.
    Solution(Vec<i32>),
    /// The neighbourhood has none.
    Exhausted,
    /// Nothing is known: the limit on conflicts was reached, the caller said stop, or no neighbourhood can be searched any more.
    Abandoned,
    /// There is no solution at all within the limit.
    Refuted,
}

impl<L: Lengths> ConflictSearch<L> {
    /// Whether the condition is open: a neighbourhood without a solution may have made it false for ever.
    pub fn can_repair(&self) -> bool {
        self.propagators.network.condition().is_some_and(|condition| !self.trail.is_true(condition.negated()))
    }

    /// Looks for a solution within the limit in which the intervals that are not `free` keep the order of the best known solution, with
    /// at most `most_conflicts` conflicts, or until `stop` says so, which gets the effort since it was last asked.
    pub fn repair(&mut self, free: &[bool], most_conflicts: u64, mut stop: impl FnMut(u64) -> bool) -> Repair {
        let Some(condition) = self.propagators.network.condition() else { return Repair::Abandoned };
        self.return_to(0);
        self.at_root(true);
        if self.refuted {
            return Repair::Refuted;
        }
        if !self.can_repair() {
            return Repair::Abandoned;
        }
        let kept: Vec<bool> = free.iter().map(|free| !free).collect();
        let arcs = partial_order(&self.propagators.intervals, &self.guide, &kept);
        self.propagators.clauses.forget(condition.var(), &self.trail);
        if self.conflicts >= self.next_reduction {
            self.propagators.clauses.reduce(&self.trail);
            self.next_reduction = self.conflicts + REDUCTION / 2 + self.propagators.clauses.len() as u64;
        }
        self.propagators.network.keep(&arcs);
        let result = self.search_neighbourhood(condition, most_conflicts, &mut stop);
        self.return_to(0);
        result
    }

    fn search_neighbourhood(&mut self, condition: Literal, most: u64, stop: &mut impl FnMut(u64) -> bool) -> Repair {
        let (mut known, end, mut runs) = (self.work, self.conflicts + most, 1);
        let mut restart_at = self.conflicts + RESTART;
        loop {
            match self.propagators.propagate(&mut self.trail, &mut self.work) {
                Err(conflict) => {
                    let literals = self.propagators.explain_conflict(&self.trail, conflict);
                    let level = |&literal: &Literal| self.trail.level_of(self.trail.position(literal));
                    if literals.iter().map(level).max().unwrap_or(0) == 1 {
                        return Repair::Exhausted;
                    }
                    self.learn(&literals);
                    if self.refuted {
                        return Repair::Refuted;
                    }
                    if self.conflicts >= end {
                        return Repair::Abandoned;
                    }
                }
                Ok(()) if self.trail.level() == 0 => {
                    self.at_root(true);
                    if self.refuted {
                        return Repair::Refuted;
                    }
                    if !self.can_repair() {
                        return Repair::Exhausted;
                    }
                    self.assume(condition);
                }
                Ok(()) if self.conflicts >= restart_at => {
                    runs += 1;
                    restart_at = self.conflicts + RESTART * luby(runs);
                    self.return_to(1);
                }
                Ok(()) => match self.choose() {
                    Some(literal) => self.assume(literal),
                    None => return Repair::Solution(self.starts()),
                },
            }
            let work = self.work - std::mem::replace(&mut known, self.work);
            if stop(work) {
                return Repair::Abandoned;
            }
        }
    }
}
