//! Learning: the clause that follows from a conflict, the first one on the way back with a single literal of the present level (1UIP,
//! first unique implication point).

use super::trail::{Literal, ROOT, Trail};
use super::vsids::Vsids;

const NOTHING: i32 = i32::MIN;

/// A conjunction of true literals that cannot be; of each half only the strongest is kept, for it implies the others.
#[derive(Debug)]
pub struct Learner {
    need: Vec<i32>,
    position: Vec<u32>,
    touched: Vec<u32>,
    /// Literals that became true on the present level.
    open: usize,
    /// The clause, the asserted literal first, then one of the level to return to.
    pub clause: Vec<Literal>,
    pub levels: u32,
    pub back_to: usize,
    seen_level: Vec<u32>,
    stamp: u32,
}

impl Learner {
    pub fn new(variables: usize) -> Self {
        Self {
            need: vec![NOTHING; 2 * variables],
            position: vec![ROOT; 2 * variables],
            touched: Vec::new(),
            open: 0,
            clause: Vec::new(),
            levels: 0,
            back_to: 0,
            seen_level: Vec::new(),
            stamp: 0,
        }
    }

    fn add(&mut self, literal: Literal, trail: &Trail, scores: &mut Vsids) {
        debug_assert!(trail.is_true(literal));
        let position = trail.position(literal);
        let half = literal.half as usize;
        if position == ROOT || self.need[half] >= literal.bound {
            return;
        }
        if self.need[half] == NOTHING {
            self.touched.push(literal.half);
        } else if self.position[half] >= trail.level_start() {
            self.open -= 1;
        }
        self.need[half] = literal.bound;
        self.position[half] = position;
        self.open += usize::from(position >= trail.level_start());
        scores.bump(literal);
    }

    /// Works out the clause from `conflict`, true literals some of which became true on the present level.
    /// `explain(literal, position, out)` gives true literals that implied `literal`.
    pub fn learn(
        &mut self,
        conflict: &[Literal],
        trail: &Trail,
        scores: &mut Vsids,
        mut explain: impl FnMut(Literal, u32, &mut Vec<Literal>),
    ) {
        let mut reasons = Vec::new();
        self.open = 0;
        for &literal in conflict {
            self.add(literal, trail, scores);
        }
        let mut index = trail.len();
        let asserted = loop {
            index -= 1;
            let half = trail.entry(index).half;
            let bound = self.need[half as usize];
            if bound == NOTHING || self.position[half as usize] != index as u32 {
                continue;
            }
            let literal = Literal { half, bound };
            if self.open == 1 {
                break literal;
            }
            self.open -= 1;
            self.need[half as usize] = NOTHING;
            reasons.clear();
            explain(literal, index as u32, &mut reasons);
            for &reason in &reasons {
                self.add(reason, trail, scores);
            }
        };
        self.minimise(asserted.half, trail, &mut reasons, &mut explain);
        self.write(asserted, trail);
    }

    /// Drops literals that the others imply.
    fn minimise(
        &mut self,
        asserted: u32,
        trail: &Trail,
        reasons: &mut Vec<Literal>,
        explain: &mut impl FnMut(Literal, u32, &mut Vec<Literal>),
    ) {
        let mut touched = std::mem::take(&mut self.touched);
        touched.retain(|&half| {
            if self.need[half as usize] == NOTHING {
                return false; // resolved away, or listed more than once
            }
            let position = self.position[half as usize];
            if half == asserted || trail.is_decision(position) {
                return true;
            }
            reasons.clear();
            explain(Literal { half, bound: self.need[half as usize] }, position, reasons);
            let implied = reasons.iter().all(|&reason| {
                self.need[reason.half as usize] >= reason.bound && reason.half != half || trail.position(reason) == ROOT
            });
            if implied {
                self.need[half as usize] = NOTHING;
            }
            !implied
        });
        self.touched = touched;
    }

    fn write(&mut self, asserted: Literal, trail: &Trail) {
        self.clause.clear();
        self.clause.push(asserted.negated());
        self.seen_level.resize(trail.level() + 1, 0);
        self.stamp += 1;
        (self.levels, self.back_to) = (1, 0);
        for half in self.touched.drain(..) {
            let bound = std::mem::replace(&mut self.need[half as usize], NOTHING);
            if half == asserted.half || bound == NOTHING {
                continue;
            }
            self.clause.push(Literal { half, bound }.negated());
            let level = trail.level_of(self.position[half as usize]);
            if self.seen_level[level] != self.stamp {
                self.seen_level[level] = self.stamp;
                self.levels += 1;
            }
            if level > self.back_to {
                self.back_to = level;
                let last = self.clause.len() - 1;
                self.clause.swap(1, last);
            }
        }
    }
}
