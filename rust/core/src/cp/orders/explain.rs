//! True literals that implied what the rules for orders concluded.

use super::{NONE, Orders, ordered};
use crate::cp::trail::{Literal, Trail};

impl Orders {
    /// The literals that made `Reason::Order` hold for `literal`.
    pub fn explain_order(&self, literal: Literal, first: u32, out: &mut Vec<Literal>) {
        let (from, to, lag) = self.arc(first);
        out.push(ordered(first));
        out.push(if literal.is_lower() {
            Literal::at_least(from, literal.bound - lag)
        } else {
            Literal::at_most(to, lag - literal.bound)
        });
    }

    /// The literals that made `Reason::Late` hold for `literal`: the opposite order would begin at `mark` or later.
    pub fn explain_late(&self, literal: Literal, mark: i32, out: &mut Vec<Literal>) {
        let (from, to, lag) = self.arc(literal.half ^ 1);
        out.push(Literal::at_least(from, mark));
        out.push(Literal::at_most(to, mark + lag - 1));
    }

    /// The literal that made `Reason::Implied` hold.
    pub fn explain_implied(first: u32) -> Literal {
        ordered(first)
    }

    /// The literals that made `Reason::Behind` hold for `literal`: those that come before, none of which begins before `from`.
    pub fn explain_behind(
        &self,
        trail: &Trail,
        literal: Literal,
        (interval, from): (u32, i32),
        position: u32,
        out: &mut Vec<Literal>,
    ) {
        let (i, side) = (interval as usize, literal.half & 1);
        let machine = &self.machines[self.machine_of[i] as usize];
        let n = machine.members.len();
        let own = machine.members.iter().position(|&k| k as usize == i).expect("it is a member");
        let length = |i: usize| self.occupations[i].length;
        // In the direction of `side`.
        let wanted = if side == 0 { literal.bound } else { literal.bound - self.occupations[i].lag };
        let mut slack = -i64::from(wanted - from);
        let mut members: Vec<(usize, u32)> = Vec::new();
        for (k, &a) in machine.members.iter().enumerate() {
            let half = machine.before[if side == 0 { k * n + own } else { own * n + k }];
            let a = a as usize;
            if half != NONE && trail.was_true(ordered(half), position) && trail.was_true(self.begins(a, side, from), position) {
                members.push((a, half));
                slack += i64::from(length(a));
            }
        }
        debug_assert!(slack >= 0);
        // One of them stays: where less is wanted than `from`, none would be needed to fill the time, but nothing would follow.
        let mut kept = members.len();
        members.retain(|&(a, _)| {
            let spare = i64::from(length(a)) <= slack && kept > 1;
            if spare {
                (slack, kept) = (slack - i64::from(length(a)), kept - 1);
            }
            !spare
        });
        for (a, half) in members {
            out.push(ordered(half));
            out.push(self.begins(a, side, from - slack as i32));
        }
    }

    /// The literals that made `Reason::Edge` hold for `literal`: a set that fills the time from `from` to `until`, together with the
    /// interval that comes behind it.
    pub fn explain_edge(
        &self,
        trail: &Trail,
        literal: Literal,
        (side, from, until): (u32, i32, i32),
        position: u32,
        out: &mut Vec<Literal>,
    ) {
        let (first, last) = self.pair(literal.half);
        let (inner, outer) = if side == 0 { (first, last) } else { (last, first) };
        let length = |i: usize| self.occupations[i].length;
        let mut slack = i64::from(length(outer)) - i64::from(until - from) - 1;
        let mut members = self.inside(trail, outer, (side, from, until), position, &mut slack);
        members.retain(|&a| {
            let spare = i64::from(length(a)) <= slack;
            slack -= if spare { i64::from(length(a)) } else { 0 };
            !spare
        });
        let until = until + slack as i32;
        out.push(self.begins(outer, side, from));
        for &a in &members {
            out.push(self.begins(a, side, from));
            out.push(self.ends(a, side, until));
        }
        if !members.contains(&inner) {
            out.push(self.ends(inner, side, until));
        }
    }

    /// The literals of a set that does not fit between `from` and `until`.
    pub fn explain_overloaded(
        &self,
        trail: &Trail,
        machine: u32,
        (from, until): (i32, i32),
        position: u32,
        out: &mut Vec<Literal>,
    ) {
        let length = |i: usize| self.occupations[i].length;
        let mut slack = -i64::from(until - from) - 1;
        let some = self.machines[machine as usize].members[0] as usize;
        let mut members = self.inside(trail, some, (0, from, until), position, &mut slack);
        let holds = [self.begins(some, 0, from), self.ends(some, 0, until)];
        if holds.iter().all(|&literal| trail.was_true(literal, position)) {
            members.push(some);
            slack += i64::from(length(some));
        }
        debug_assert!(slack >= 0);
        members.retain(|&a| {
            let spare = i64::from(length(a)) <= slack;
            slack -= if spare { i64::from(length(a)) } else { 0 };
            !spare
        });
        for &a in &members {
            out.push(self.begins(a, 0, from));
            out.push(self.ends(a, 0, until + slack as i32));
        }
    }

    /// The intervals on the machine of `outer`, but for that one, that lay between `from` and `until`; adds their lengths to `slack`.
    fn inside(
        &self,
        trail: &Trail,
        outer: usize,
        (side, from, until): (u32, i32, i32),
        position: u32,
        slack: &mut i64,
    ) -> Vec<usize> {
        let machine = &self.machines[self.machine_of[outer] as usize];
        let mut members = Vec::new();
        for a in machine.members.iter().map(|&a| a as usize).filter(|&a| a != outer) {
            let length = self.occupations[a].length;
            let holds = [self.begins(a, side, from), self.ends(a, side, until)];
            if length > 0 && holds.iter().all(|&literal| trail.was_true(literal, position)) {
                members.push(a);
                *slack += i64::from(length);
            }
        }
        members
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cp::orders::{Occupation, Pair};
    use crate::cp::trail::Reason;

    #[test]
    fn what_must_come_before_explains_every_start_up_to_its_completion() {
        // Intervals 0 and 1 come before 2 and begin at 20 and 21, so 2 begins at 35 or later.
        let occupations = (0..).zip([10, 5, 7]).map(|(until, lag)| Occupation { until, lag, length: lag }).collect();
        let pairs = [(0, 1), (0, 2), (1, 2)].map(|intervals| Pair { intervals, gaps: (0, 0) });
        let orders = Orders::new(vec![vec![0, 1, 2]], occupations, pairs.to_vec(), 1);
        let mut trail = Trail::new(7, 100, 100);
        for literal in [Literal::at_least(0, 20), Literal::at_least(1, 21), Literal::at_least(4, 1), Literal::at_least(5, 1)] {
            trail.push(literal, Reason::Decision).unwrap();
        }
        for start in 6..=35 {
            let mut literals = Vec::new();
            orders.explain_behind(&trail, Literal::at_least(2, start), (2, 20), trail.len() as u32, &mut literals);
            assert!(literals.iter().all(|&literal| trail.is_true(literal)));
            let begin = |i: usize| literals.iter().find(|literal| literal.half == 2 * i as u32).map(|literal| literal.bound);
            let before = |i: usize| begin(i).filter(|_| literals.contains(&Literal::at_least(4 + i, 1)));
            let (first, second) = (before(0).map(|begin| begin + 10), before(1).map(|begin| begin + 5));
            let both = before(0).zip(before(1)).map(|(a, b)| a.min(b) + 15);
            assert!([first, second, both].into_iter().flatten().any(|completion| completion >= start), "{start}: {literals:?}");
        }
    }
}
