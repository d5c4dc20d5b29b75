//! Parallel tempering: chains of changes at temperatures that stay, which exchange their lists (Geyer 1991).
//!
//! Where values are rugged, a chain that cools down stays where it is; here each list is heated and cooled again and again, by as much as
//! it needs.

use super::current::{Current, Goal, Lists};
use super::less;
use super::proving::Known;
use crate::control::Watch;
use crate::random::Random;
use crate::shop::objective::Combination;
use crate::total::Total;

/// Lists, each at a temperature of its own.
pub(super) const LISTS: usize = 10;
/// The lowest and the highest temperature for sums, in parts of what it costs if a job completes later by a mean duration.
const SUM: (f64, f64) = (0.5, 8.0);

/// Lists at rising temperatures.
pub(super) struct Tempering<'s, 'a, L> {
    known: Known<'s, 'a>,
    lists: Vec<Current<L>>,
    random: Random,
}

impl<'s, 'a, L: Lists<'s>> Tempering<'s, 'a, L> {
    pub fn new(known: Known<'s, 'a>, random: Random) -> Self {
        let lists = vec![Current::new(&known.goal, &known.best.1); LISTS];
        Self { known, lists, random }
    }

    /// Changes all lists in turn, then exchanges some, until the limits. What the prover finds becomes the coolest list.
    pub fn run(mut self, watch: &mut Watch<'_, Total>) -> Known<'s, 'a> {
        let temperatures = self.temperatures();
        loop {
            if self.known.prove(watch) {
                let better = Current::new(&self.known.goal, &self.known.best.1);
                if less(better.value, self.lists[0].value) {
                    self.lists[0] = better;
                }
            }
            for (k, &temperature) in temperatures.iter().enumerate() {
                for _ in 0..self.known.goal.shop.num_operations() {
                    if !self.go_on(k, watch) || self.change(k, temperature, watch) {
                        return self.known;
                    }
                }
            }
            self.lists.iter_mut().for_each(|list| list.list.sort());
            for k in (1..LISTS).rev() {
                let better = self.lists[k - 1].value.as_f64() - self.lists[k].value.as_f64();
                let chance = better * (1.0 / temperatures[k - 1] - 1.0 / temperatures[k]);
                if chance >= 0.0 || self.random.unit() < chance.exp() {
                    self.lists.swap(k - 1, k);
                }
            }
        }
    }

    /// A geometric sequence of temperatures.
    fn temperatures(&self) -> Vec<f64> {
        let scale = self.cost_of_delay();
        let (lowest, highest) =
            if self.known.goal.objective.combination() == Combination::Largest { L::TEMPERATURES } else { SUM };
        let step = |k: usize| (highest / lowest).powf(k as f64 / (LISTS - 1) as f64);
        (0..LISTS).map(|k| scale * lowest * step(k)).collect()
    }

    /// By how much the objective rises if a job completes later by a mean duration; for sums the mean over the jobs. 1 if it does not rise.
    fn cost_of_delay(&self) -> f64 {
        let Goal { shop, objective, .. } = self.known.goal;
        let (work, count) = ((0..shop.num_jobs()).map(|j| shop.total_work(j)).sum::<i64>(), shop.num_operations().max(1));
        let delay = (work / count as i64).max(1);
        let later: Vec<i64> = self.lists[0].list.completion().iter().map(|&time| time.saturating_add(delay)).collect();
        let rise = objective.combined(shop, &later).as_f64() - self.lists[0].value.as_f64();
        let jobs = if objective.combination() == Combination::Largest { 1 } else { shop.num_jobs().max(1) };
        if rise > 0.0 { rise / jobs as f64 } else { 1.0 }
    }

    fn go_on(&mut self, k: usize, watch: &mut Watch<'_, Total>) -> bool {
        let open = self.known.is_open() && !self.lists[k].jobs.is_empty();
        open && !watch.worked(self.known.goal.shop.num_operations() as u64)
    }

    /// Tries a change of a list; whether to stop.
    fn change(&mut self, k: usize, temperature: f64, watch: &mut Watch<'_, Total>) -> bool {
        self.known.moves += 1;
        let Self { known, lists, random } = self;
        let allowed = -temperature * (1.0 - random.unit()).ln();
        let list = &mut lists[k];
        let Some((value, worse)) = list.try_out(&known.goal, allowed, random) else { return false };
        if worse > allowed {
            list.list.reject();
            return false;
        }
        list.accept(&known.goal, value);
        less(value, known.best.0) && known.keep(value, list.list.schedule(), watch)
    }
}
