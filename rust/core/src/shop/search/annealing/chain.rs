//! One chain of simulated annealing on lists.

use super::less;
use crate::control::Watch;
use crate::random::Random;
use crate::shop::Schedule;
use crate::shop::objective::{Combination, Objective};
use crate::shop::problem::Shop;
use crate::total::Total;

/// Every round has so many times more changes than the one before.
const GROWTH: u64 = 2;
/// Changes whose mean worsening is the first temperature, times a share.
const SAMPLE: u32 = 200;
const FIRST_TEMPERATURE: f64 = 0.3;
/// The temperature falls to so much of the first one in a round, after every so many changes a little.
const LAST_TEMPERATURE: f64 = 0.02;
const PACE: u64 = 64;
/// Accepted changes after which the list is sorted by time, so that changes concern short stretches of it.
const SORT: u32 = 512;

/// A schedule as a list that can be changed; every list is a schedule.
pub(in crate::shop::search) trait Lists<'s>: Clone {
    /// Changes of the first round for each operation.
    const FIRST_ROUND: u64;

    /// The list of a schedule.
    fn new(shop: &'s Shop, schedule: &Schedule) -> Self;

    /// The schedule.
    fn schedule(&self) -> Schedule;

    /// When the jobs complete.
    fn completion(&self) -> &[i64];

    /// When the jobs complete with the change that is tried.
    fn tried_completion(&self) -> &[i64];

    /// Changes the list somewhere on the way by which `job` completes when it does. Whether there was something to change; then it has
    /// been tried.
    fn change(&mut self, job: usize, random: &mut Random) -> bool;

    /// Keeps the change that was tried.
    fn accept(&mut self);

    /// Takes the change back that was tried.
    fn reject(&mut self);

    /// Sorts the list by time, which changes no time.
    fn sort(&mut self);
}

/// One chain of changes.
pub(super) struct Annealing<'s, L> {
    shop: &'s Shop,
    objective: Objective,
    bound: Total,
    sequence: L,
    value: Total,
    pub best: (Total, Schedule),
    random: Random,
    pub moves: u64,
    budget: u64,
    accepted: u32,
    /// Jobs that add something to the objective.
    jobs: Vec<u32>,
}

impl<'s, L: Lists<'s>> Annealing<'s, L> {
    pub fn new(
        shop: &'s Shop,
        objective: Objective,
        bound: Total,
        begin: (Total, Schedule),
        random: Random,
        budget: u64,
    ) -> Self {
        let sequence = L::new(shop, &begin.1);
        let value = objective.combined(shop, sequence.completion());
        let mut search = Self {
            shop,
            objective,
            bound,
            sequence,
            value,
            best: begin,
            random,
            moves: 0,
            budget,
            accepted: 0,
            jobs: Vec::new(),
        };
        search.look();
        search
    }

    /// Looks again which jobs add something to the objective.
    fn look(&mut self) {
        self.jobs.clear();
        let (shop, objective) = (self.shop, self.objective);
        let value = |job: usize| objective.of_job(shop, job, self.sequence.completion()[job]);
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

    /// Tries one change; how much worse it is, if there is one.
    fn try_out(&mut self) -> Option<(Total, f64)> {
        self.moves += 1;
        let job = self.jobs[self.random.below(self.jobs.len() as u64) as usize] as usize;
        if !self.sequence.change(job, &mut self.random) {
            return None;
        }
        let value = self.objective.combined(self.shop, self.sequence.tried_completion());
        let worse = match (value, self.value) {
            (Total::Integer(value), Total::Integer(known)) => (value - known) as f64,
            (value, known) => value.as_f64() - known.as_f64(),
        };
        Some((value, worse))
    }

    fn accept(&mut self, value: Total) {
        self.sequence.accept();
        self.value = value;
        self.accepted += 1;
        if self.accepted.is_multiple_of(SORT) {
            self.sequence.sort();
        }
        self.look();
    }

    /// Rounds of annealing until the limits.
    pub fn run(&mut self, watch: &mut Watch<'_, Total>) {
        let operations = self.shop.num_operations() as u64;
        let mut round = L::FIRST_ROUND * operations.max(16);
        let temperature = self.first_temperature(watch);
        while self.go_on(watch) {
            self.anneal(temperature, round, watch);
            self.sequence = L::new(self.shop, &self.best.1);
            self.value = self.objective.combined(self.shop, self.sequence.completion());
            self.look();
            round = round.saturating_mul(GROWTH);
        }
    }

    fn go_on(&mut self, watch: &mut Watch<'_, Total>) -> bool {
        let open = self.moves < self.budget && less(self.bound, self.best.0) && !self.jobs.is_empty();
        open && !watch.worked(self.shop.num_operations() as u64)
    }

    /// A share of the mean worsening of some changes.
    fn first_temperature(&mut self, watch: &mut Watch<'_, Total>) -> f64 {
        let (mut sum, mut count) = (0.0, 0.0);
        for _ in 0..SAMPLE {
            if !self.go_on(watch) {
                break;
            }
            if let Some((_, worse)) = self.try_out() {
                self.sequence.reject();
                if worse > 0.0 {
                    (sum, count) = (sum + worse, count + 1.0);
                }
            }
        }
        if count > 0.0 { FIRST_TEMPERATURE * sum / count } else { 1.0 }
    }

    fn anneal(&mut self, first: f64, round: u64, watch: &mut Watch<'_, Total>) {
        let cooling = LAST_TEMPERATURE.powf(PACE as f64 / round as f64);
        let mut temperature = first;
        for k in 0..round {
            if !self.go_on(watch) {
                return;
            }
            if k % PACE == 0 {
                temperature *= cooling;
            }
            let Some((value, worse)) = self.try_out() else { continue };
            if worse > 0.0 && self.random.unit() >= (-worse / temperature).exp() {
                self.sequence.reject();
                continue;
            }
            self.accept(value);
            if less(value, self.best.0) {
                self.best = (value, self.sequence.schedule());
                if watch.improved(value, self.bound, self.moves) {
                    return;
                }
            }
        }
    }
}
