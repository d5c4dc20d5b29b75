//! The schedule from which changes are tried, as a list.

use crate::random::Random;
use crate::shop::Schedule;
use crate::shop::objective::{Combination, Objective};
use crate::shop::problem::Shop;
use crate::total::Total;

/// What is searched for.
#[derive(Clone, Copy)]
pub(super) struct Goal<'s> {
    pub shop: &'s Shop,
    pub objective: Objective,
    /// No schedule has less.
    pub bound: Total,
}

/// What became of a change.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::shop::search) enum Change {
    /// There was nothing to change.
    None,
    /// It was given up, because some job completes after the limit. There is nothing to take back.
    Late,
    /// It was tried.
    Tried,
}

/// A schedule as a list that can be changed; every list is a schedule.
pub(in crate::shop::search) trait Lists<'s>: Clone {
    /// The lowest and the highest temperature of tempering where the largest value of a job counts, in parts of what it costs if a job
    /// completes later by a mean duration.
    const TEMPERATURES: (f64, f64) = (0.08, 0.3);

    /// The list of a schedule.
    fn new(shop: &'s Shop, schedule: &Schedule) -> Self;

    /// The schedule.
    fn schedule(&self) -> Schedule;

    /// When the jobs complete.
    fn completion(&self) -> &[i64];

    /// When the jobs complete with the change that is tried.
    fn tried_completion(&self) -> &[i64];

    /// Tries a change of the list somewhere on the way by which `job` completes when it does. It may give up as soon as some job completes
    /// after `limit`.
    fn change(&mut self, job: usize, limit: i64, random: &mut Random) -> Change;

    /// Keeps the change that was tried.
    fn accept(&mut self);

    /// Takes the change back that was tried.
    fn reject(&mut self);

    /// Sorts the list by time, which changes no time.
    fn sort(&mut self);
}

/// A list with its value.
#[derive(Clone)]
pub(super) struct Current<L> {
    pub list: L,
    pub value: Total,
    /// Jobs that add something to the objective.
    pub jobs: Vec<u32>,
}

impl<'s, L: Lists<'s>> Current<L> {
    pub fn new(goal: &Goal<'s>, schedule: &Schedule) -> Self {
        let list = L::new(goal.shop, schedule);
        let value = goal.objective.combined(goal.shop, list.completion());
        let mut current = Self { list, value, jobs: Vec::new() };
        current.look(goal);
        current
    }

    /// Looks again which jobs add something to the objective.
    fn look(&mut self, goal: &Goal) {
        self.jobs.clear();
        let (shop, objective) = (goal.shop, goal.objective);
        let value = |job: usize| objective.of_job(shop, job, self.list.completion()[job]);
        let largest = (0..shop.num_jobs()).filter_map(value).max();
        for job in 0..shop.num_jobs() {
            let counts = match (objective.combination(), value(job)) {
                (_, None) => false,
                (Combination::Largest, value) => value == largest,
                (_, Some(value)) => value > 0,
            };
            if counts && !shop.operations(job).is_empty() {
                self.jobs.push(job as u32);
            }
        }
    }

    /// Tries one change, which is given up where it is known to be worse by more than `allowed`; its value, and how much worse it is, if
    /// there is one.
    pub fn try_out(&mut self, goal: &Goal, allowed: f64, random: &mut Random) -> Option<(Total, f64)> {
        let job = self.jobs[random.below(self.jobs.len() as u64) as usize] as usize;
        let limit = match self.value {
            Total::Integer(value) if goal.objective.is_makespan() => value.saturating_add(allowed as i64),
            _ => i64::MAX,
        };
        if self.list.change(job, limit, random) != Change::Tried {
            return None;
        }
        let value = goal.objective.combined(goal.shop, self.list.tried_completion());
        let worse = match (value, self.value) {
            (Total::Integer(value), Total::Integer(known)) => (value - known) as f64,
            (value, known) => value.as_f64() - known.as_f64(),
        };
        Some((value, worse))
    }

    /// Keeps the change that was tried.
    pub fn accept(&mut self, goal: &Goal, value: Total) {
        self.list.accept();
        self.value = value;
        self.look(goal);
    }
}
