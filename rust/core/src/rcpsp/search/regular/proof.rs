//! The prover's turns in a search for the least maximal lateness.

use super::ObjectiveSearch;
use super::population::Score;
use super::tails::Tails;
use crate::rcpsp::Objective;
use crate::rcpsp::prover::{Prover, Reasoning};
use crate::rcpsp::search::prover_thread::{News, turn};
use crate::rcpsp::search::{RESERVE, STEPS};

/// The prover on the project with tails, once it has begun.
#[derive(Default)]
pub(super) struct LatenessProof {
    prover: Option<(Tails, Prover)>,
    is_tried: bool,
    /// Placements that its turns stand for.
    spent: u64,
}

/// Schedules before the first turn, where a budget alone limits the search.
const BEGIN: u64 = 500;

impl LatenessProof {
    /// Starts the prover with the destructive bound; true if that ends the search. Other objectives have no prover.
    pub fn open(&mut self, own: &mut ObjectiveSearch) -> bool {
        self.is_tried = true;
        if own.judge.objective != Objective::MAX_LATENESS {
            return false;
        }
        let search = &mut own.search;
        let Some(tails) = Tails::new(search.instance.project, search.past, own.judge.due, own.bound) else { return false };
        let (start_time, makespan) = tails.lengthen(&search.best.start_time, &search.best.completion_time);
        let Some(mut prover) = Prover::new(&tails.project, &tails.past, Some((&start_time, makespan))) else { return false };
        prover.raise(Reasoning::ALL, || search.watch.check());
        let bound = prover.lower_bound() - tails.shift;
        self.prover = Some((tails, prover));
        own.raise(bound)
    }

    /// Gives the prover as much work as the search has had; true if the search is over.
    pub fn turn(&mut self, own: &mut ObjectiveSearch, is_budgeted: bool) -> bool {
        let n = own.judge.instance.project.num_activities() as u64;
        if !self.is_tried && (!is_budgeted || own.search.placements >= BEGIN * n) && self.open(own) {
            return true;
        }
        let Some((tails, prover)) = &mut self.prover else { return false };
        let length = (own.search.placements - self.spent).saturating_sub(self.spent);
        if length == 0 || length.saturating_add(RESERVE * n) > own.search.left() / 2 {
            return false;
        }
        let (start_time, makespan) = tails.lengthen(&own.search.best.start_time, &own.search.best.completion_time);
        if prover.best().is_none_or(|best| makespan < best) {
            prover.shorten(&start_time, makespan);
        }
        let News { better, lower_bound, placements, .. } =
            turn(prover, length, |placements| own.search.watch.worked(STEPS * placements));
        self.spent += placements;
        own.search.placements += placements;
        let bound = lower_bound - tails.shift;
        if let Some(better) = better {
            let start_time = tails.shorten(better.start_time);
            let schedule = own.judge.instance.schedule(start_time);
            let value = own.judge.objective.value(own.judge.due, &schedule.completion_time);
            let score = Score { late: 0, value, makespan: schedule.makespan };
            if score < own.best && own.improve(score, schedule.start_time) {
                return true;
            }
        }
        own.raise(bound)
    }
}
