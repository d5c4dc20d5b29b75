//! The prover's part in the search over modes: turns on the search's thread, or a thread of its own.

use super::super::beside::{Helper, News, beside};
use super::genetic::{Genetic, LATE, Member};
use super::model::Model;
use super::proof::{Event, Prover};
use super::search::{Best, Search};
use crate::control::Stop;
use crate::rcpsp::objective::DueDates;
use crate::rcpsp::prover::MakespanSearch;

/// Placements that one step of the prover stands for.
const STEP: u64 = 32;
/// Steps in which the prover looks for any schedule.
const MOST_STEPS: u64 = 1 << 14;

impl Search<'_, '_> {
    /// A prover that starts from the best schedule, if it is feasible.
    pub fn prover(&self) -> Option<Prover> {
        let horizon = self.model.horizon();
        if self.best.value >= LATE {
            return Prover::new(self.model, horizon);
        }
        let mut prover = Prover::new(self.model, self.best.value - 1)?;
        prover.improve(&self.best.start, &self.best.choice, self.best.value - 1);
        Some(prover)
    }

    /// Asks the prover for any schedule, where none is known yet that keeps windows and stocks, for an objective that it does not prove; true
    /// if the search is over.
    pub fn any(&mut self, genetic: &mut Genetic, due: &DueDates) -> bool {
        let Some(mut prover) = self.prover() else { return false };
        match prover.run(MOST_STEPS, |steps| self.watch.worked(10 * STEP * steps)) {
            Event::Paused => false,
            Event::Proved => {
                self.infeasible = self.is_complete();
                self.infeasible
            }
            Event::Better(start, choice) => {
                let finish: Vec<i64> =
                    start.iter().zip(&choice).map(|(start, &c)| start + self.model.duration[c as usize]).collect();
                let value = self.objective.value(due, &self.model.completions(&finish, &choice));
                genetic.admit(&start, &choice, value);
                self.take(Member { list: Vec::new(), choice, start, value, criticality: 0 })
            }
        }
    }

    /// Whether a refutation without any schedule known proves that there is none: some schedule ends within the horizon, if there is any.
    fn is_complete(&self) -> bool {
        let deadlines = || self.model.deadline.iter();
        let sequential = self.model.before.iter().flatten().all(|link| link.from_finish && !link.to_finish && link.lag >= 0);
        sequential || deadlines().all(|&time| time == i64::MAX) || deadlines().all(|&time| time < i64::MAX)
    }

    /// Lets the prover work for so many steps; true if the search is over.
    pub fn listen(&mut self, prover: &mut Prover, steps: u64, genetic: &mut Genetic, charged: bool) -> bool {
        let before = prover.makespan.work();
        let event = prover.run(before + steps, |steps| self.watch.worked(10 * STEP * steps));
        if charged {
            // What it takes beyond its turn is not charged.
            self.placements += (prover.makespan.work() - before).min(steps) * STEP;
        }
        self.hear(event, prover.makespan.lower_bound(), prover.makespan.is_refuted(), genetic, |best| {
            prover.improve(&best.start, &best.choice, best.value - 1);
        })
    }

    fn hear(&mut self, event: Event, bound: i64, refuted: bool, genetic: &mut Genetic, mut improved: impl FnMut(&Best)) -> bool {
        if let Event::Better(start, choice) = event {
            let end = end_of(self.model, &start, &choice);
            genetic.admit(&start, &choice, end);
            if self.take(Member { list: Vec::new(), choice, start, value: end, criticality: 0 }) {
                return true;
            }
            improved(&self.best);
            return false;
        }
        if refuted {
            if self.best.value >= LATE {
                self.infeasible = self.is_complete();
                return true;
            }
            self.raise(self.best.value.min(bound));
            return self.best.value <= self.lower_bound;
        }
        if self.best.value < LATE { self.raise(bound) } else { false }
    }

    pub fn in_turns(&mut self, mut prover: Option<Prover>, genetic: &mut Genetic) {
        let mut sent = self.best.value;
        loop {
            let before = self.placements;
            if self.generation(genetic) {
                return;
            }
            let spent = self.placements - before;
            if let Some(prover) = &mut prover {
                if self.best.value < sent && self.best.value < LATE {
                    prover.improve(&self.best.start, &self.best.choice, self.best.value - 1);
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
                if self.best.value < sent && self.best.value < LATE {
                    sent = self.best.value;
                    exchange.send(self.best.clone());
                }
                if self.generation(genetic) {
                    return;
                }
                let News { found, lower_bound, refuted } = exchange.take();
                let over = match found {
                    Some(Best { start, choice, .. }) => {
                        self.hear(Event::Better(start, choice), lower_bound, false, genetic, |_| {})
                    }
                    None => self.hear(Event::Paused, lower_bound, refuted, genetic, |_| {}),
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
    model: &'m Model,
}

impl Helper for Turns<'_> {
    type Best = Best;

    fn turn(&mut self, most_work: u64, stop: &mut dyn FnMut(u64) -> bool) -> Option<Best> {
        let Event::Better(start, choice) = self.prover.run(most_work, stop) else { return None };
        let value = end_of(self.model, &start, &choice);
        Some(Best { start, choice, value })
    }

    fn improve(&mut self, best: &Best) {
        self.prover.improve(&best.start, &best.choice, best.value - 1);
    }

    fn makespan(&self) -> &MakespanSearch {
        &self.prover.makespan
    }
}

/// The largest completion, in units.
fn end_of(model: &Model, start: &[i64], choice: &[u32]) -> i64 {
    let running = start.iter().zip(choice).filter(|&(_, &c)| model.runs(c));
    running.map(|(start, &c)| start + model.duration[c as usize]).max().unwrap_or(0)
}
