//! Learned clauses with two watched literals each.

use super::trail::{Conflict, Literal, Reason, Trail};

#[derive(Debug, Clone, Copy)]
struct Header {
    start: u32,
    len: u32,
    /// Decision levels among its literals when it was learned; fewer is better.
    levels: u32,
}

#[derive(Debug, Clone, Copy)]
struct Watch {
    /// The clause wakes when the watched half reaches this bound.
    threshold: i32,
    clause: u32,
    /// Another literal of the clause; while it is true there is nothing to do.
    blocker: Literal,
}

/// The clauses.
#[derive(Debug)]
pub struct Clauses {
    literals: Vec<Literal>,
    headers: Vec<Header>,
    /// By the half whose rise makes the watched literal false.
    watches: Vec<Vec<Watch>>,
}

impl Clauses {
    pub fn new(variables: usize) -> Self {
        Self { literals: Vec::new(), headers: Vec::new(), watches: vec![Vec::new(); 2 * variables] }
    }

    pub fn len(&self) -> usize {
        self.headers.len()
    }

    /// The literals of a clause.
    pub fn of(&self, clause: u32) -> &[Literal] {
        let header = self.headers[clause as usize];
        &self.literals[header.start as usize..][..header.len as usize]
    }

    /// Adds a clause of two or more literals; the first two are watched.
    pub fn add(&mut self, literals: &[Literal], levels: u32) -> u32 {
        let clause = self.headers.len() as u32;
        self.headers.push(Header { start: self.literals.len() as u32, len: literals.len() as u32, levels });
        self.literals.extend_from_slice(literals);
        self.watch(literals[0], clause, literals[1]);
        self.watch(literals[1], clause, literals[0]);
        clause
    }

    fn watch(&mut self, literal: Literal, clause: u32, blocker: Literal) {
        let falsified = literal.negated();
        self.watches[falsified.half as usize].push(Watch { threshold: falsified.bound, clause, blocker });
    }

    /// Visits the clauses that lose a watched literal when `half` rises from `old` to `bound`.
    pub fn propagate(&mut self, half: u32, old: i32, bound: i32, trail: &mut Trail) -> Result<(), Conflict> {
        let mut k = 0;
        while k < self.watches[half as usize].len() {
            let Watch { threshold, clause, blocker } = self.watches[half as usize][k];
            if threshold <= old || threshold > bound || trail.is_true(blocker) {
                k += 1;
                continue;
            }
            let header = self.headers[clause as usize];
            let literals = &mut self.literals[header.start as usize..][..header.len as usize];
            if literals[0].half == half ^ 1 {
                literals.swap(0, 1);
            }
            let first = literals[0];
            if trail.is_true(first) {
                self.watches[half as usize][k].blocker = first;
                k += 1;
                continue;
            }
            if let Some(other) = (2..literals.len()).find(|&other| !trail.is_false(literals[other])) {
                literals.swap(1, other);
                let watched = literals[1];
                self.watches[half as usize].swap_remove(k);
                self.watch(watched, clause, first);
                continue;
            }
            if trail.is_false(first) {
                return Err(Conflict::Clause(clause));
            }
            trail.push(first, Reason::Clause(clause))?;
            k += 1;
        }
        Ok(())
    }

    /// At the root: drops all clauses that speak of a variable, and with them those that are true for ever.
    pub fn forget(&mut self, variable: usize, trail: &Trail) {
        let speaks = |clause: u32| self.of(clause).iter().any(|literal| literal.var() == variable);
        let mut order: Vec<u32> = (0..self.headers.len() as u32).filter(|&clause| !speaks(clause)).collect();
        if order.len() < self.headers.len() {
            order.retain(|&clause| !self.of(clause).iter().any(|&literal| trail.is_true(literal)));
            self.keep(order, trail);
        }
    }

    /// At the root: drops clauses that are true for ever, and the worse half of the rest; pairs and clauses of two levels stay.
    pub fn reduce(&mut self, trail: &Trail) {
        let mut order: Vec<u32> = (0..self.headers.len() as u32).collect();
        order.retain(|&clause| !self.of(clause).iter().any(|&literal| trail.is_true(literal)));
        // Good ones first, among equals the young ones.
        order.sort_by_key(|&clause| (self.headers[clause as usize].levels, std::cmp::Reverse(clause)));
        let precious = order.partition_point(|&clause| self.headers[clause as usize].levels <= 2);
        order.truncate(precious.max(order.len() / 2));
        order.sort_unstable();
        self.keep(order, trail);
    }

    /// At the root: drops all clauses but these, none of which is true already.
    fn keep(&mut self, order: Vec<u32>, trail: &Trail) {
        let old = std::mem::replace(self, Self::new(self.watches.len() / 2));
        let mut literals = Vec::new();
        for clause in order {
            literals.clear();
            literals.extend(old.of(clause).iter().copied().filter(|&literal| !trail.is_false(literal)));
            self.add(&literals, old.headers[clause as usize].levels);
        }
    }
}
