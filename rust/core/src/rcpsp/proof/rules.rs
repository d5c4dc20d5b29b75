//! Everything that draws conclusions, and the explanation of each.

use super::clauses::Clauses;
use super::network::{Network, Tasks};
use super::timetable::Timetable;
use super::trail::{Conflict, Entry, Literal, Reason, Trail};

#[derive(Debug)]
pub struct Rules {
    pub tasks: Tasks,
    pub network: Network,
    pub timetable: Timetable,
    pub clauses: Clauses,
    /// Entries of the trail whose consequences in network and clauses are drawn.
    head: usize,
}

impl Rules {
    pub fn new(tasks: Tasks, network: Network, timetable: Timetable) -> Self {
        Self { clauses: Clauses::new(tasks.len()), tasks, network, timetable, head: 0 }
    }

    /// Draws all conclusions; returns how many bounds it looked at.
    pub fn propagate(&mut self, trail: &mut Trail, work: &mut u64) -> Result<(), Conflict> {
        loop {
            while self.head < trail.len() {
                let entry = trail.entry(self.head);
                self.head += 1;
                *work += 1;
                self.network.propagate(&self.tasks, entry.half, trail)?;
                self.clauses.propagate(entry.half, entry.old, entry.bound, trail)?;
            }
            self.timetable.take_in(&self.tasks, trail)?;
            self.timetable.propagate(&self.tasks, trail)?;
            if self.head == trail.len() {
                return Ok(());
            }
        }
    }

    /// The trail has lost its entry number `index`, the latest.
    pub fn take_back(&mut self, index: usize, entry: &Entry) {
        self.head = self.head.min(index);
        self.timetable.take_back(&self.tasks, index, entry);
    }

    /// At the root, with all conclusions drawn: what holds now holds for ever.
    pub fn commit(&mut self, trail: &mut Trail) {
        trail.commit();
        self.timetable.commit();
        self.head = 0;
    }

    /// True literals that implied `literal`, for which `reason` was given when the trail was `position` long.
    pub fn explain(&self, trail: &Trail, literal: Literal, reason: Reason, position: u32, out: &mut Vec<Literal>) {
        match reason {
            Reason::Decision => unreachable!("nobody asks why something was assumed"),
            Reason::Clause(clause) => {
                let others = self.clauses.of(clause).iter().filter(|other| other.half != literal.half);
                out.extend(others.map(|other| other.negated()));
            }
            Reason::Edge { from, lag } => out.push(Literal { half: from, bound: literal.bound - lag }),
            Reason::Pair { other, mark } => Network::explain_pair(&self.tasks, literal, other as usize, mark, out),
            Reason::Timetable { moment } => {
                let task = literal.task();
                out.push(if literal.is_lower() {
                    Literal::at_least(task, moment - self.tasks.duration[task] + 1)
                } else {
                    Literal::at_most(task, moment)
                });
                self.timetable.explain(&self.tasks, trail, moment, Some(task), position, out);
            }
        }
    }

    /// True literals that cannot all hold.
    pub fn explain_conflict(&self, trail: &Trail, conflict: Conflict) -> Vec<Literal> {
        let (mut literals, now) = (Vec::new(), trail.len() as u32);
        match conflict {
            Conflict::Clause(clause) => literals.extend(self.clauses.of(clause).iter().map(|literal| literal.negated())),
            Conflict::Overload(moment) => self.timetable.explain(&self.tasks, trail, moment, None, now, &mut literals),
            Conflict::Crossed(literal, reason) => {
                self.explain(trail, literal, reason, now, &mut literals);
                literals.push(Literal { half: literal.half ^ 1, bound: 1 - literal.bound });
            }
        }
        literals
    }
}
