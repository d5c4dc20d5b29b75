//! The prover's part in the search over modes: turns on the search's thread, or a thread of its own.

use std::sync::Mutex;

use super::genetic::{Genetic, LATE, Member};
use super::model::Model;
use super::proof::{Event, Prover};
use super::search::{Best, Search};
use crate::control::{Pace, Stop};
use crate::rcpsp::objective::DueDates;

/// Placements that one step of the prover stands for.
const STEP: u64 = 32;
/// Steps in which the prover looks for any schedule.
const MOST_STEPS: u64 = 1 << 14;
/// Steps after which the prover on a thread of its own reports.
const TURN: u64 = 1 << 13;

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
                self.take(Member { list: Vec::new(), choice, start, value })
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
            if self.take(Member { list: Vec::new(), choice, start, value: end }) {
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
    pub fn beside(&mut self, mut prover: Prover, genetic: &mut Genetic) {
        let exchange = Mutex::new(Exchange::default());
        let (stop, model): (&Stop, &Model) = (self.watch.stop, self.model);
        let lock = || exchange.lock().expect("nothing panics while it holds the lock");
        let prove = || {
            let mut pace = Pace::default();
            while !stop.check() && !lock().over {
                let better = lock().better.take();
                if let Some(best) = better {
                    prover.improve(&best.start, &best.choice, best.value - 1);
                }
                let called = || {
                    let word = lock();
                    word.over || word.better.is_some()
                };
                let event =
                    prover.run(prover.makespan.work() + TURN, |steps| pace.due(10 * STEP * steps) && (stop.check() || called()));
                let refuted = prover.makespan.is_refuted();
                let mut word = lock();
                (word.refuted, word.lower_bound) = (refuted, prover.makespan.lower_bound());
                if let Event::Better(start, choice) = event {
                    let end = end_of(model, &start, &choice);
                    word.found = Some((start.clone(), choice.clone()));
                    drop(word);
                    prover.improve(&start, &choice, end - 1);
                } else if refuted {
                    return;
                }
            }
        };
        std::thread::scope(|scope| {
            // A system that refuses the thread leaves the search without a prover.
            let _ = std::thread::Builder::new().spawn_scoped(scope, prove);
            let mut sent = self.best.value;
            loop {
                if self.best.value < sent && self.best.value < LATE {
                    sent = self.best.value;
                    lock().better = Some(self.best.clone());
                }
                if self.generation(genetic) {
                    break;
                }
                let (found, bound, refuted) = {
                    let mut word = lock();
                    (word.found.take(), word.lower_bound, word.refuted)
                };
                let over = match found {
                    Some((start, choice)) => self.hear(Event::Better(start, choice), bound, false, genetic, |_| {}),
                    None => self.hear(Event::Paused, bound, refuted, genetic, |_| {}),
                };
                if over {
                    break;
                }
            }
            lock().over = true;
        });
    }
}

/// The largest completion, in units.
fn end_of(model: &Model, start: &[i64], choice: &[u32]) -> i64 {
    let running = start.iter().zip(choice).filter(|&(_, &c)| model.runs(c));
    running.map(|(start, &c)| start + model.duration[c as usize]).max().unwrap_or(0)
}

/// Messages between the search thread and the prover thread.
#[derive(Debug, Default)]
struct Exchange {
    found: Option<(Vec<i64>, Vec<u32>)>,
    lower_bound: i64,
    refuted: bool,
    better: Option<Best>,
    over: bool,
}
