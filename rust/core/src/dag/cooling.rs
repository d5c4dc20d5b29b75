//! The cooling schedule of the search.

use crate::control::{Limits, Watch};

/// How far above the present makespan a change may end, on average: in each round from a share of the makespan down to a
/// thousandth of that. Small graphs see many rounds, mild and hot ones in turn; large ones a part of the first.
pub(super) struct Cooling {
    makespan: f64,
    first: u64,
    limits: Limits,
    /// Evaluations of one round.
    length: u64,
    round: usize,
    /// Where the round began: evaluations, and the share of the limits that was used up.
    begin: (u64, f64),
    progress: f64,
    next: u64,
}

impl Cooling {
    /// Evaluations between two looks at the clock.
    const PERIOD: u64 = 64;
    /// Evaluations of one round per task.
    const ROUND: u64 = 1500;
    /// Where the rounds start, as a share of the makespan.
    const HEAT: [f64; 3] = [0.01, 0.2, 0.05];

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
        self.makespan * Self::HEAT[self.round % Self::HEAT.len()] * libm::pow(0.001, self.progress)
    }
}
