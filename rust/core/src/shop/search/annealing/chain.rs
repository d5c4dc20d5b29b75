//! One chain of simulated annealing on lists.

use super::current::{Current, Lists};
use super::less;
use super::proving::Known;
use crate::control::Watch;
use crate::random::Random;
use crate::total::Total;

/// Changes of the first round for each operation.
const FIRST_ROUND: u64 = 3000;
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

/// One chain of changes.
pub(super) struct Annealing<'s, 'a, L> {
    known: Known<'s, 'a>,
    current: Current<L>,
    random: Random,
    accepted: u32,
}

impl<'s, 'a, L: Lists<'s>> Annealing<'s, 'a, L> {
    pub fn new(known: Known<'s, 'a>, random: Random) -> Self {
        let current = Current::new(&known.goal, &known.best.1);
        Self { known, current, random, accepted: 0 }
    }

    /// Rounds of annealing until the limits.
    pub fn run(mut self, watch: &mut Watch<'_, Total>) -> Known<'s, 'a> {
        let operations = self.known.goal.shop.num_operations() as u64;
        let mut round = FIRST_ROUND * operations.max(16);
        let temperature = self.first_temperature(watch);
        while self.go_on(watch) {
            self.anneal(temperature, round, watch);
            self.current = Current::new(&self.known.goal, &self.known.best.1);
            round = round.saturating_mul(GROWTH);
        }
        self.known
    }

    fn go_on(&mut self, watch: &mut Watch<'_, Total>) -> bool {
        self.known.prove(watch);
        let open = self.known.is_open() && !self.current.jobs.is_empty();
        open && !watch.worked(self.known.goal.shop.num_operations() as u64)
    }

    /// A share of the mean worsening of some changes.
    fn first_temperature(&mut self, watch: &mut Watch<'_, Total>) -> f64 {
        let (mut sum, mut count) = (0.0, 0.0);
        for _ in 0..SAMPLE {
            if !self.go_on(watch) {
                break;
            }
            self.known.moves += 1;
            if let Some((_, worse)) = self.current.try_out(&self.known.goal, f64::INFINITY, &mut self.random) {
                self.current.list.reject();
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
            self.known.moves += 1;
            let Self { known, current, random, .. } = self;
            let Some((value, worse)) = current.try_out(&known.goal, f64::INFINITY, random) else { continue };
            if worse > 0.0 && random.unit() >= (-worse / temperature).exp() {
                current.list.reject();
                continue;
            }
            current.accept(&known.goal, value);
            self.accepted += 1;
            if self.accepted.is_multiple_of(SORT) {
                current.list.sort();
            }
            if less(value, known.best.0) && known.keep(value, current.list.schedule(), watch) {
                return;
            }
        }
    }
}
