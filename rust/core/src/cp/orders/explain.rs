//! True literals that implied what the rules for orders concluded.

use super::{Machine, NONE, Orders, ordered};
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
        (interval, machine, from): (u32, u16, i32),
        position: u32,
        out: &mut Vec<Literal>,
    ) {
        let (i, side) = (interval as usize, literal.half & 1);
        let machine = &self.machines[machine as usize];
        let n = machine.members.len();
        let own = machine.place_of(i);
        // In the direction of `side`.
        let wanted = if side == 0 { literal.bound } else { literal.bound - self.occupations[i].lag };
        let mut slack = -i64::from(wanted - from);
        let mut members: Vec<(usize, u32)> = Vec::new();
        for (k, &a) in machine.members.iter().enumerate() {
            let half = machine.before[if side == 0 { k * n + own } else { own * n + k }];
            if half != NONE
                && trail.was_true(ordered(half), position)
                && trail.was_true(self.begins(a as usize, side, from), position)
                && machine.was_present(k, trail, position)
            {
                members.push((k, half));
                slack += i64::from(machine.length[k]);
            }
        }
        debug_assert!(slack >= 0);
        // One of them stays: where less is wanted than `from`, none would be needed to fill the time, but nothing would follow.
        let mut kept = members.len();
        members.retain(|&(k, _)| {
            let spare = i64::from(machine.length[k]) <= slack && kept > 1;
            if spare {
                (slack, kept) = (slack - i64::from(machine.length[k]), kept - 1);
            }
            !spare
        });
        for (k, half) in members {
            out.push(ordered(half));
            out.push(self.begins(machine.members[k] as usize, side, from - slack as i32));
            out.extend(machine.presence_of(k));
        }
    }

    /// The literals that made `Reason::Edge` hold for `literal`: a set that fills the time from `from` to `until`, together with the
    /// interval that comes behind it.
    pub fn explain_edge(
        &self,
        trail: &Trail,
        literal: Literal,
        (side, machine, from, until): (u32, u16, i32, i32),
        position: u32,
        out: &mut Vec<Literal>,
    ) {
        let (first, last) = self.pair(literal.half);
        let (inner, outer) = if side == 0 { (first, last) } else { (last, first) };
        let machine = &self.machines[machine as usize];
        let (inner, outer) = (machine.place_of(inner), machine.place_of(outer));
        let mut slack = i64::from(machine.length[outer]) - i64::from(until - from) - 1;
        let mut members = self.inside(trail, machine, Some(outer), (side, from, until), position, &mut slack);
        machine.thin_out(&mut members, &mut slack);
        let until = until + slack as i32;
        out.push(self.begins(machine.members[outer] as usize, side, from));
        out.extend(machine.presence_of(outer));
        for &k in &members {
            let a = machine.members[k] as usize;
            out.extend([self.begins(a, side, from), self.ends(a, side, until)]);
            out.extend(machine.presence_of(k));
        }
        if !members.contains(&inner) {
            out.push(self.ends(machine.members[inner] as usize, side, until));
            out.extend(machine.presence_of(inner));
        }
    }

    /// The literals that made `Reason::Absent` hold for `literal`: a set that fills the time from `from` to `until`, and the window of the
    /// interval that does not fit in.
    pub fn explain_absent(
        &self,
        trail: &Trail,
        literal: Literal,
        (machine, from, until): (u16, i32, i32),
        position: u32,
        out: &mut Vec<Literal>,
    ) {
        let machine = &self.machines[machine as usize];
        let own = machine.presence.iter().position(|&half| half == literal.half ^ 1).expect("it is a member");
        let mut slack = i64::from(machine.length[own]) - i64::from(until - from) - 1;
        let mut members = self.inside(trail, machine, Some(own), (0, from, until), position, &mut slack);
        machine.thin_out(&mut members, &mut slack);
        let until = until + slack as i32;
        for &k in members.iter().chain([&own]) {
            let a = machine.members[k] as usize;
            out.extend([self.begins(a, 0, from), self.ends(a, 0, until)]);
            out.extend(machine.presence_of(k).filter(|_| k != own));
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
        let machine = &self.machines[machine as usize];
        let mut slack = -i64::from(until - from) - 1;
        let mut members = self.inside(trail, machine, None, (0, from, until), position, &mut slack);
        debug_assert!(slack >= 0);
        machine.thin_out(&mut members, &mut slack);
        for &k in &members {
            let a = machine.members[k] as usize;
            out.extend([self.begins(a, 0, from), self.ends(a, 0, until + slack as i32)]);
            out.extend(machine.presence_of(k));
        }
    }

    /// The places of the intervals on a machine, but for `outer`, that lay between `from` and `until`; adds their lengths to `slack`.
    fn inside(
        &self,
        trail: &Trail,
        machine: &Machine,
        outer: Option<usize>,
        (side, from, until): (u32, i32, i32),
        position: u32,
        slack: &mut i64,
    ) -> Vec<usize> {
        let mut members = Vec::new();
        for (k, &a) in machine.members.iter().enumerate().filter(|&(k, _)| Some(k) != outer) {
            let holds = [self.begins(a as usize, side, from), self.ends(a as usize, side, until)];
            if machine.length[k] > 0
                && holds.iter().all(|&literal| trail.was_true(literal, position))
                && machine.was_present(k, trail, position)
            {
                members.push(k);
                *slack += i64::from(machine.length[k]);
            }
        }
        members
    }
}

impl Machine {
    /// The place of an interval among the members.
    fn place_of(&self, interval: usize) -> usize {
        self.members.iter().position(|&i| i as usize == interval).expect("it is a member")
    }

    /// The literal that a member is there, if it may be elsewhere.
    fn presence_of(&self, k: usize) -> Option<Literal> {
        Some(self.presence[k]).filter(|&half| half != NONE).map(ordered)
    }

    /// Whether a member was there when the trail was `position` long.
    fn was_present(&self, k: usize, trail: &Trail, position: u32) -> bool {
        self.presence_of(k).is_none_or(|literal| trail.was_true(literal, position))
    }

    /// Drops members that are no longer than the slack, which that takes up.
    fn thin_out(&self, members: &mut Vec<usize>, slack: &mut i64) {
        members.retain(|&k| {
            let spare = i64::from(self.length[k]) <= *slack;
            *slack -= if spare { i64::from(self.length[k]) } else { 0 };
            !spare
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cp::orders::{Member, Occupation, Pair};
    use crate::cp::trail::Reason;

    #[test]
    fn what_must_come_before_explains_every_start_up_to_its_completion() {
        // Intervals 0 and 1 come before 2 and begin at 20 and 21, so 2 begins at 35 or later.
        let occupations = (0..).zip([10, 5, 7]).map(|(until, lag)| Occupation { until, lag }).collect();
        let members = (0..).zip([10, 5, 7]).map(|(interval, length)| Member { interval, presence: None, length }).collect();
        let pairs = [(0, 1), (0, 2), (1, 2)].map(|intervals| Pair { intervals, gaps: (0, 0), is_optional: false });
        let orders = Orders::new(&[members], occupations, &pairs, &[], 1);
        let mut trail = Trail::new(7, 100, 100);
        for literal in [Literal::at_least(0, 20), Literal::at_least(1, 21), Literal::at_least(4, 1), Literal::at_least(5, 1)] {
            trail.push(literal, Reason::Decision).unwrap();
        }
        for start in 6..=35 {
            let mut literals = Vec::new();
            orders.explain_behind(&trail, Literal::at_least(2, start), (2, 0, 20), trail.len() as u32, &mut literals);
            assert!(literals.iter().all(|&literal| trail.is_true(literal)));
            let begin = |i: usize| literals.iter().find(|literal| literal.half == 2 * i as u32).map(|literal| literal.bound);
            let before = |i: usize| begin(i).filter(|_| literals.contains(&Literal::at_least(4 + i, 1)));
            let (first, second) = (before(0).map(|begin| begin + 10), before(1).map(|begin| begin + 5));
            let both = before(0).zip(before(1)).map(|(a, b)| a.min(b) + 15);
            assert!([first, second, both].into_iter().flatten().any(|completion| completion >= start), "{start}: {literals:?}");
        }
    }
}
