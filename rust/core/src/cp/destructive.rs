//! Destructive lower bounds (Klein and Scholl 1999): a value of the objective is assumed, and refuted by what follows without search.

use super::conflict_search::ConflictSearch;
use super::edge_finding::edge_finding;
use super::energetic::overloaded;
use super::lengths::Lengths;
use super::trail::{Conflict, Literal, Reason};

/// Which rules a refutation may use beside time windows (precedence, exclusive pairs, time tabling).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Reasoning {
    /// Edge finding on sets of exclusive intervals.
    pub disjunctive: bool,
    /// Work against capacity in every interval.
    pub energetic: bool,
}

impl Reasoning {
    /// All rules.
    pub const ALL: Self = Self { disjunctive: true, energetic: true };
}

/// Refutations after which the bound stays as it is: some ten milliseconds.
const MOST_WORK: u64 = 30_000;
/// Elementary steps of edge finding or interval work that take as long as looking at one bound.
const STEPS: usize = 500;

impl<L: Lengths> ConflictSearch<L> {
    /// Raises the lower bound as far as `reasoning` refutes values of the objective; they are probed in growing steps, then by halving. Stops early
    /// if `stop` says so.
    pub fn raise(&mut self, reasoning: Reasoning, mut stop: impl FnMut() -> bool) {
        let most_work = self.work + MOST_WORK;
        let unit = self.propagators.orders.as_ref().map_or(1, |orders| orders.unit);
        let (mut step, mut growing) = (1_i32, true);
        while !self.is_refuted() && self.work < most_work && !stop() {
            let target = self.last_equal(self.least().saturating_add((step - 1).saturating_mul(unit)));
            if self.refutes(target, reasoning, most_work) {
                self.assert_longer(target);
            } else if step == 1 {
                return;
            } else {
                growing = false;
            }
            step = if growing { step.saturating_mul(2) } else { (step / 2).max(1) };
        }
    }

    /// Whether the objective exceeds `target`; false if `most_work` does not suffice.
    fn refutes(&mut self, target: i32, reasoning: Reasoning, most_work: u64) -> bool {
        self.return_to(0);
        self.trail.new_level();
        let objective = Literal::at_most(self.objective(), target);
        let possible = self.trail.push(objective, Reason::Decision).and_then(|()| self.conclude(target, reasoning, most_work));
        self.return_to(0);
        possible.is_err()
    }

    /// Applies all rules until nothing moves.
    fn conclude(&mut self, target: i32, reasoning: Reasoning, most_work: u64) -> Result<(), Conflict> {
        let n = self.propagators.intervals.len();
        loop {
            self.propagators.propagate(&mut self.trail, &mut self.work)?;
            let before = self.trail.len();
            if reasoning.disjunctive {
                for clique in &self.cliques {
                    let effort = clique.len().pow(3) / STEPS + 1;
                    if self.work + effort as u64 <= most_work {
                        self.work += effort as u64;
                        let lengths = &self.propagators.intervals.lengths;
                        edge_finding(|i| lengths.fixed(i).expect("none of a set pauses"), clique, &mut self.trail)?;
                    }
                }
            }
            if self.trail.len() > before {
                continue;
            }
            // All work is done by the objective, unless that counts costs.
            let horizon = if self.propagators.costs.is_some() { self.propagators.cumulative.slots() } else { target };
            let effort = self.propagators.intervals.capacity.len() * horizon as usize * (horizon as usize + n) / STEPS;
            if reasoning.energetic && self.work + effort as u64 <= most_work {
                self.work += effort as u64;
                if overloaded(&self.propagators.intervals, &self.trail, horizon) {
                    return Err(Conflict::Overload(0));
                }
            }
            return Ok(());
        }
    }
}
