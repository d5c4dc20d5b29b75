//! The prover's part in annealing and tempering for the makespan.

use super::current::Goal;
use super::less;
use crate::control::Watch;
use crate::shop::Schedule;
use crate::shop::search::proof::{News, Proof};
use crate::total::Total;

/// Changes between two turns of the prover.
const TURN: u64 = 4096;

/// The best schedule of a search, the bound, and a prover that may raise it.
pub(super) struct Known<'s, 'a> {
    pub goal: Goal<'s>,
    pub best: (Total, Schedule),
    /// Changes tried, and what the effort of the prover stands for.
    pub moves: u64,
    pub budget: u64,
    proof: Proof<'a>,
    next_turn: u64,
}

impl<'s, 'a> Known<'s, 'a> {
    pub fn new(goal: Goal<'s>, best: (Total, Schedule), budget: u64, proof: Proof<'a>) -> Self {
        Self { goal, best, moves: 0, budget, proof, next_turn: 0 }
    }

    /// Whether a better schedule is looked for: the budget has something left, and the bound is not reached.
    pub fn is_open(&self) -> bool {
        self.moves < self.budget && less(self.goal.bound, self.best.0)
    }

    /// Keeps a better schedule; true if the search should return now.
    pub fn keep(&mut self, value: Total, schedule: Schedule, watch: &mut Watch<'_, Total>) -> bool {
        self.best = (value, schedule);
        watch.improved(value, self.goal.bound, self.moves)
    }

    /// Gives the prover its turn if it is due, and takes over what it has found; whether that is a better schedule.
    pub fn prove(&mut self, watch: &mut Watch<'_, Total>) -> bool {
        if self.moves < self.next_turn {
            return false;
        }
        let Self { best: (Total::Integer(value), schedule), moves, budget, proof, .. } = self else { return false };
        let left = budget.saturating_sub(*moves);
        let news = proof.news((*moves, left), *value, || schedule.clone(), |steps| watch.worked(steps));
        let is_better = news.is_some_and(|news| self.learn(news, watch));
        self.next_turn = self.moves + TURN;
        is_better
    }

    /// Takes over what a prover has found; whether that is a better schedule.
    pub fn learn(&mut self, news: News, watch: &mut Watch<'_, Total>) -> bool {
        let News { better, lower_bound, moves } = news;
        self.moves += moves;
        let (value, bound) = (self.best.0, self.goal.bound);
        if less(bound, lower_bound.into()) {
            self.goal.bound = lower_bound.into();
        }
        if let Some(schedule) = better.filter(|better| less(better.makespan().into(), value)) {
            self.best = (schedule.makespan().into(), schedule);
        }
        let is_better = less(self.best.0, value);
        if is_better || less(bound, self.goal.bound) {
            watch.improved(self.best.0, self.goal.bound, self.moves);
        }
        is_better
    }
}
