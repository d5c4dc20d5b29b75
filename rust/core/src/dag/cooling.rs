//! The cooling schedule of the search.

use crate::control::{Limits, Watch};

/// The temperature: the mean amount by which a change may exceed the present makespan. In each round it falls from a share of the
/// makespan to a thousandth of that. Small graphs take many rounds, of low and high temperatures in turn; large ones a part of the first.
pub(super) struct Cooling {
    makespan: f64,
    first: u64,
    limits: Limits,
    /// Evaluations of one round.
    length: u64,
    round: usize,
    /// Evaluations at the beginning of the round, and the share of the limits that was used up then.
    begin: (u64, f64),
    progress: f64,
    next: u64,
}

impl Cooling {
    /// Evaluations between two looks at the clock.
    const PERIOD: u64 = 64;
    /// Evaluations of one round per task.
    const ROUND: u64 = 1500;
    /// Temperatures at the beginning of rounds, as shares of the makespan.
    const FIRST_TEMPERATURE: [f64; 3] = [0.01, 0.2, 0.05];

    pub(super) fn new(makespan: f64, tasks: usize, first: u64, limits: &Limits) -> Self {
        let length = Self::ROUND * tasks as u64;
        Self { makespan, first, limits: limits.clone(), length, round: 0, begin: (first, 0.0), progress: 0.0, next: first }
    }

    /// Looks at the limits now and then; true if a round has begun just now.
    pub(super) fn step(&mut self, evaluations: u64, watch: &Watch<'_, f64>) -> bool {
        if evaluations < self.next {
            return false;
        }
        self.next = evaluations + Self::PERIOD;
        let of_budget =
            self.limits.budget.map_or(0.0, |budget| (evaluations - self.first) as f64 / (budget - self.first).max(1) as f64);
        let of_time = self.limits.time.map_or(0.0, |time| watch.stop.elapsed() / time.as_secs_f64().max(1e-9));
        let used = of_budget.max(of_time).min(1.0);
        let (since, used_before) = self.begin;
        let of_round = (evaluations - since) as f64 / self.length as f64;
        self.progress = of_round.max((used - used_before) / (1.0 - used_before).max(1e-9)).min(1.0);
        let over = of_round >= 1.0;
        if over {
            self.round += 1;
            (self.begin, self.progress) = ((evaluations, used), 0.0);
        }
        over
    }

    /// The mean distance.
    pub(super) fn temperature(&self) -> f64 {
        self.makespan * Self::FIRST_TEMPERATURE[self.round % Self::FIRST_TEMPERATURE.len()] * libm::pow(0.001, self.progress)
    }
}
