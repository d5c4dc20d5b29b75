//! Destructive lower bounds (Klein and Scholl 1999): a makespan is assumed, and refuted by what follows from it without search.

use super::disjunctive::edge_finding;
use super::energetic::overloaded;
use super::prover::Prover;
use super::trail::{Conflict, Literal, Reason};

/// Which rules a refutation may use beside time windows (precedence, exclusive pairs, time tabling).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Reasoning {
    /// Edge finding on sets of exclusive activities.
    pub disjunctive: bool,
    /// Work against capacity in every interval.
    pub energetic: bool,
}

impl Reasoning {
    /// All rules.
    pub const ALL: Self = Self { disjunctive: true, energetic: true };
}

/// Beyond these edge finding and interval work would take longer than some milliseconds.
const LARGEST_CLIQUE: usize = 60;
const MOST_INTERVAL_WORK: usize = 5_000_000;

impl Prover {
    /// Raises the lower bound as far as `reasoning` refutes makespans; makespans are probed in growing steps, then by halving. Stops
    /// early if `stop` says so.
    pub fn raise(&mut self, reasoning: Reasoning, mut stop: impl FnMut() -> bool) {
        let mut step = 1;
        // Steps double while makespans are refuted, and halve afterwards.
        let mut growing = true;
        while !self.is_proved() && !stop() {
            let target = (self.least() + step - 1).min(self.most());
            if self.refutes(target, reasoning) {
                self.assert_longer(target);
                if growing {
                    step *= 2;
                }
            } else if step == 1 {
                return;
            } else {
                growing = false;
            }
            if !growing {
                step = (step / 2).max(1);
            }
        }
    }

    /// Whether no schedule has a makespan of at most `target` units.
    fn refutes(&mut self, target: i32, reasoning: Reasoning) -> bool {
        self.return_to(0);
        self.trail.new_level();
        let sink = Literal::at_most(self.sink(), target);
        let refuted = self.trail.push(sink, Reason::Decision).and_then(|()| self.conclude(target, reasoning)).is_err();
        self.return_to(0);
        refuted
    }

    /// Applies all rules until nothing moves.
    fn conclude(&mut self, target: i32, reasoning: Reasoning) -> Result<(), Conflict> {
        loop {
            self.rules.propagate(&mut self.trail, &mut self.work)?;
            let before = self.trail.len();
            if reasoning.disjunctive {
                for clique in self.cliques.iter().filter(|clique| clique.len() <= LARGEST_CLIQUE) {
                    self.work += clique.len() as u64;
                    edge_finding(&self.rules.tasks, clique, &mut self.trail)?;
                }
            }
            if self.trail.len() > before {
                continue;
            }
            let horizon = target as usize;
            let effort = self.rules.tasks.capacity.len() * horizon * (horizon + self.rules.tasks.len());
            if reasoning.energetic && effort <= MOST_INTERVAL_WORK {
                self.work += target as u64;
                if overloaded(&self.rules.tasks, &self.trail, target) {
                    return Err(Conflict::Overload(0));
                }
            }
            return Ok(());
        }
    }
}
