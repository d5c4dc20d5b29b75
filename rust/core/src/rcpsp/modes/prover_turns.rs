//! The prover's part in the search over modes: turns on the search's thread, or a thread of its own.

use super::super::beside::{Helper, News, beside};
use super::genetic::{Genetic, Member};
use super::model::Model;
use super::proof::{Event, Prover};
use super::search::{Best, Search};
use crate::control::Stop;
use crate::rcpsp::Objective;
use crate::rcpsp::prover::MakespanSearch;

/// Placements that one step of the prover stands for.
const STEP: u64 = 32;
/// Steps in which the prover looks for any schedule.
const MOST_STEPS: u64 = 1 << 14;

impl Search<'_, '_> {
    /// A prover that starts from the best schedule, if it is feasible.
    pub fn prover(&self) -> Option<Prover> {
        let mut prover = match (self.is_makespan(), self.best.is_kept()) {
            (true, true) => Prover::new(self.model, self.best.key() - 1),
            (true, false) => {
                return Prover::new(self.model, self.model.sufficient_horizon().unwrap_or_else(|| self.model.horizon()));
            }
            (false, true) => {
                let costs = self.costs.as_ref()?;
                let (base, most) = (costs.of_key(self.lower_bound), self.limit()?);
                if most < base { None } else { Prover::of_costs(self.model, self.model.horizon_of_best()?, costs, (base, most)) }
            }
            (false, false) => None,
        }?;
        self.guide(&mut prover);
        Some(prover)
    }

    fn is_makespan(&self) -> bool {
        self.objective == Objective::MAKESPAN
    }

    /// The largest end, or the largest costs, of a schedule that is better than the best one.
    fn limit(&self) -> Option<i64> {
        let Best { start, choice, .. } = &self.best;
        match &self.costs {
            None => Some(self.best.key() - 1),
            Some(costs) => costs.total(&self.completions(start, choice)).map(|total| total - 1),
        }
    }

    /// Tells the prover of the best schedule.
    fn guide(&self, prover: &mut Prover) {
        if let Some(limit) = self.limit() {
            prover.improve(&self.best.start, &self.best.choice, limit);
        }
    }

    /// Completions in ticks.
    fn completions(&self, start: &[i64], choice: &[u32]) -> Vec<i64> {
        let finish: Vec<i64> = start.iter().zip(choice).map(|(&start, &c)| self.model.end(c as usize, start)).collect();
        self.model.completions(&finish, choice)
    }

    /// The value of a schedule that keeps all constraints.
    fn value_of(&self, start: &[i64], choice: &[u32]) -> i128 {
        i128::from(if self.is_makespan() {
            end_of(self.model, start, choice)
        } else {
            self.objective.value(self.due, &self.completions(start, choice))
        })
    }

    /// Asks the prover for any schedule, where none is known yet that keeps windows and stocks, for an objective that it does not prove; true
    /// if the search is over.
    pub fn any(&mut self, genetic: &mut Genetic) -> bool {
        let horizon = self.model.sufficient_horizon().unwrap_or_else(|| self.model.horizon());
        let Some(mut prover) = Prover::new(self.model, horizon) else { return false };
        match prover.run(MOST_STEPS, |steps| self.watch.worked(10 * STEP * steps)) {
            Event::Paused => false,
            Event::Proved => {
                self.infeasible = self.model.sufficient_horizon().is_some();
                self.infeasible
            }
            Event::Better(start, choice) => {
                let value = self.value_of(&start, &choice);
                genetic.admit(&start, &choice, value);
                self.take(Member { list: Vec::new(), choice, start, value, criticality: 0 })
            }
        }
    }

    /// Lets the prover work for so many steps; true if the search is over.
    pub fn listen(&mut self, prover: &mut Prover, steps: u64, genetic: &mut Genetic, charged: bool) -> bool {
        let before = prover.makespan.work();
        let event = prover.run(before + steps, |steps| self.watch.worked(10 * STEP * steps));
        if charged {
            // What it takes beyond its turn is not charged.
            self.placements += (prover.makespan.work() - before).min(steps) * STEP;
        }
        let is_better = matches!(event, Event::Better(..));
        let is_over = self.hear(event, prover.makespan.lower_bound(), prover.makespan.is_refuted(), genetic);
        if is_better && !is_over {
            self.guide(prover);
        }
        is_over
    }

    fn hear(&mut self, event: Event, bound: i64, refuted: bool, genetic: &mut Genetic) -> bool {
        if let Event::Better(start, choice) = event {
            let value = self.value_of(&start, &choice);
            genetic.admit(&start, &choice, value);
            return self.take(Member { list: Vec::new(), choice, start, value, criticality: 0 });
        }
        if refuted && !self.best.is_kept() {
            self.infeasible = self.model.sufficient_horizon().is_some();
            return true;
        }
        let bound = match &self.costs {
            Some(_) if refuted => self.best.key(),
            Some(costs) => costs.key(bound),
            None if refuted => self.best.key().min(bound),
            None => bound,
        };
        if refuted {
            self.raise(bound);
            return self.best.key() <= self.lower_bound;
        }
        if self.best.is_kept() { self.raise(bound) } else { false }
    }

    pub fn in_turns(&mut self, mut prover: Option<Prover>, proves: bool, genetic: &mut Genetic) {
        let mut waits = proves && prover.is_none() && !self.best.is_kept() && !self.is_makespan();
        let mut sent = self.best.value;
        loop {
            let before = self.placements;
            if self.generation(genetic) {
                return;
            }
            let spent = self.placements - before;
            if waits && self.best.is_kept() {
                (waits, prover) = (false, self.prover());
            }
            if let Some(prover) = &mut prover {
                if self.best.value < sent && self.best.is_kept() {
                    self.guide(prover);
                }
                if spent / STEP * STEP * 2 < self.left() && self.listen(prover, spent / STEP, genetic, true) {
                    return;
                }
                sent = self.best.value;
            }
        }
    }

    /// Runs the prover on a thread of its own.
    pub fn beside(&mut self, prover: Prover, genetic: &mut Genetic) {
        let (stop, model): (&Stop, &Model) = (self.watch.stop, self.model);
        beside(Turns { prover, model }, stop, 10 * STEP, |exchange| {
            let mut sent = self.best.value;
            loop {
                if self.best.value < sent && self.best.is_kept() {
                    sent = self.best.value;
                    exchange.send(self.best.clone());
                }
                if self.generation(genetic) {
                    return;
                }
                let News { found, lower_bound, refuted } = exchange.take();
                let over = match found {
                    Some(Best { start, choice, .. }) => self.hear(Event::Better(start, choice), lower_bound, false, genetic),
                    None => self.hear(Event::Paused, lower_bound, refuted, genetic),
                };
                if over {
                    return;
                }
            }
        });
    }
}

/// The prover of a model, beside the search.
struct Turns<'m> {
    prover: Prover,
    model: &'m Model<'m>,
}

impl Helper for Turns<'_> {
    type Best = Best;

    fn turn(&mut self, most_work: u64, stop: &mut dyn FnMut(u64) -> bool) -> Option<Best> {
        let Event::Better(start, choice) = self.prover.run(most_work, stop) else { return None };
        let value = i128::from(end_of(self.model, &start, &choice));
        Some(Best { start, choice, value })
    }

    fn improve(&mut self, best: &Best) {
        self.prover.improve(&best.start, &best.choice, best.key() - 1);
    }

    fn makespan(&self) -> &MakespanSearch {
        &self.prover.makespan
    }
}

/// The largest completion, in units.
fn end_of(model: &Model, start: &[i64], choice: &[u32]) -> i64 {
    let running = start.iter().zip(choice).filter(|&(_, &c)| model.runs(c));
    running.map(|(&start, &c)| model.end(c as usize, start)).max().unwrap_or(0)
}
