//! Explanations of what follows from links, stocks and capacities of intervals with options.

use std::cmp::Reverse;

use super::{Choices, EventLink, Range, Rule};
use crate::cp::trail::{Literal, ROOT, Trail};

impl Choices {
    /// Adds the literals that leave an interval the options of `range`, which holds at least those that it has.
    fn within(&self, i: usize, (low, high): Range, out: &mut Vec<Literal>) {
        let Some(v) = self.variable.get(i).copied().flatten() else { return };
        if low > 0 {
            out.push(Literal::at_least(v as usize, low as i32));
        }
        if high + 1 < self.options(i) {
            out.push(Literal::at_most(v as usize, high as i32));
        }
    }

    /// True literals that implied `literal` when the trail was `position` long.
    pub fn explain(&self, trail: &Trail, literal: Literal, rule: Rule, at: i32, position: u32, out: &mut Vec<Literal>) {
        match rule {
            Rule::Link(k) => self.explain_link(trail, literal, self.links[k as usize], position, out),
            Rule::Stock(k) => self.explain_stock(trail, Some(literal), k as usize, position, out),
            Rule::Capacity(r) => {
                let (var, n) = (literal.var(), self.len());
                let (i, needed) = if var < n {
                    let range = self.range_at(trail, var, position);
                    let length = self.length_of(var, range.0);
                    out.push(if literal.is_lower() {
                        Literal::at_least(var, at + 1 - length)
                    } else {
                        Literal::at_most(var, at)
                    });
                    let needed = self.least_need(var, range, r as usize);
                    self.within(var, self.widened(var, range, (length, needed, r as usize)), out);
                    (var, needed)
                } else {
                    // An option was excluded: with it, the interval must run in the slot.
                    let i = self.owner[var] as usize;
                    let option = Self::excluded(literal);
                    out.push(Literal::at_most(i, at));
                    out.push(Literal::at_least(i, at + 1 - self.length_of(i, option)));
                    self.up_to(i, literal, option, out);
                    (i, self.need(i, option, r as usize))
                };
                self.explain_full(trail, (r as usize, at), Some((i, needed)), position, out);
            }
        }
    }

    /// The option that a literal of a choice excludes as the last step.
    fn excluded(literal: Literal) -> usize {
        (if literal.is_lower() { literal.bound - 1 } else { 1 - literal.bound }) as usize
    }

    /// The literal that all options beyond the excluded one were excluded before.
    fn up_to(&self, i: usize, literal: Literal, option: usize, out: &mut Vec<Literal>) {
        let range = if literal.is_lower() { (option, self.options(i) - 1) } else { (0, option) };
        self.within(i, range, out);
    }

    /// The widest range around `range` in which every option is at least so long and needs at least so much of a resource.
    fn widened(&self, i: usize, (mut low, mut high): Range, (length, needed, r): (i32, i64, usize)) -> Range {
        let serves = |option: usize| self.length_of(i, option) >= length && self.need(i, option, r) >= needed;
        while low > 0 && serves(low - 1) {
            low -= 1;
        }
        while high + 1 < self.options(i) && serves(high + 1) {
            high += 1;
        }
        (low, high)
    }

    fn explain_link(&self, trail: &Trail, literal: Literal, link: EventLink, position: u32, out: &mut Vec<Literal>) {
        let EventLink { from, to, lag, from_end, to_end } = link;
        let (i, j) = (from as usize, to as usize);
        let var = literal.var();
        // A link binds where both run; one that may run or not is moved by one that runs.
        let is_choice_of = |i: usize| i < self.len() && self.variable[i] == Some(var as u32);
        if !is_choice_of(i) {
            self.runs(i, out);
        }
        if !(is_choice_of(j) || var == j && literal.is_lower()) {
            self.runs(j, out);
        }
        // The least length of the first interval and the largest of the second one, with the options that make them so.
        let low = self.first_running(i, self.range_at(trail, i, position).0);
        let high = self.range_at(trail, j, position).1;
        let shortest = if from_end { self.length_of(i, low) } else { 0 };
        let longest = if to_end { self.length_of(j, high) } else { 0 };
        let is_start = var == i || var == j;
        if is_start && literal.is_lower() {
            out.push(Literal::at_least(i, literal.bound + longest - lag - shortest));
        } else if is_start {
            out.push(Literal::at_most(j, -literal.bound + shortest + lag - longest));
        } else if !literal.is_lower() && is_choice_of(j) {
            // The second interval cannot run: it would begin too early.
            let latest = -trail.bound_at(2 * to + 1, position);
            out.push(Literal::at_most(j, latest));
            out.push(Literal::at_least(i, latest + 1 + longest - lag - shortest));
        } else {
            let option = Self::excluded(literal);
            let latest = -trail.bound_at(2 * to + 1, position);
            let earliest = trail.bound_at(2 * from, position);
            if literal.is_lower() {
                // A shorter option of the second interval would end too early.
                let ends = self.length_of(j, option);
                out.push(Literal::at_most(j, latest));
                out.push(Literal::at_least(i, latest + ends + 1 - lag - shortest));
                self.up_to(j, literal, option, out);
                self.at_least_as_long(i, from_end, low, out);
            } else {
                let ends = if from_end { self.length_of(i, option) } else { 0 };
                out.push(Literal::at_least(i, earliest));
                out.push(Literal::at_most(j, earliest + ends + lag - 1 - longest));
                if from_end {
                    self.up_to(i, literal, option, out);
                }
                self.at_most_as_long(j, to_end, high, out);
            }
            return;
        }
        self.at_least_as_long(i, from_end, low, out);
        self.at_most_as_long(j, to_end, high, out);
    }

    /// The literal that an interval runs.
    fn runs(&self, i: usize, out: &mut Vec<Literal>) {
        if i < self.len()
            && self.is_optional[i]
            && let Some(v) = self.variable[i]
        {
            out.push(Literal::at_least(v as usize, 1));
        }
    }

    /// The literal that an interval is no shorter than with its option `low`.
    fn at_least_as_long(&self, i: usize, matters: bool, low: usize, out: &mut Vec<Literal>) {
        if matters && low > 0 {
            let length = self.length_of(i, low);
            let first = (self.first_running(i, 0)..=low).find(|&option| self.length_of(i, option) >= length).unwrap_or(low);
            self.within(i, (first, self.options(i) - 1), out);
        }
    }

    /// The literal that an interval is no longer than with its option `high`.
    fn at_most_as_long(&self, j: usize, matters: bool, high: usize, out: &mut Vec<Literal>) {
        if matters && j < self.len() && high + 1 < self.options(j) {
            let length = self.length_of(j, high);
            let last = (high..self.options(j)).rev().find(|&option| self.length_of(j, option) <= length).unwrap_or(high);
            self.within(j, (0, last), out);
        }
    }

    /// True literals that made a stock exceed, for all intervals, or for the option that `literal` excludes.
    pub fn explain_stock(&self, trail: &Trail, literal: Option<Literal>, k: usize, position: u32, out: &mut Vec<Literal>) {
        let mut least = 0;
        let mut excluded = None;
        if let Some(literal) = literal {
            let i = self.owner[literal.var()] as usize;
            let option = Self::excluded(literal);
            least += self.units(i, option, k);
            self.up_to(i, literal, option, out);
            excluded = Some(i);
        }
        // What each interval uses up at least now, beyond what it does in any case.
        let mut parts: Vec<(i64, usize, Range)> = Vec::new();
        for i in self.consumers[k].iter().map(|&i| i as usize).filter(|&i| Some(i) != excluded) {
            let range = self.range_at(trail, i, position);
            let (now, ever) = (self.least_units(i, range, k), self.least_units(i, (0, self.options(i) - 1), k));
            least += now;
            if now > ever {
                parts.push((now - ever, i, range));
            }
        }
        let mut slack = least - self.stock[k] - 1;
        debug_assert!(slack >= 0);
        parts.sort_unstable_by_key(|&(gain, i, _)| (gain, i));
        for (gain, i, (mut low, mut high)) in parts {
            if gain <= slack {
                slack -= gain;
                continue;
            }
            // Options that use up less by no more than the slack may come back.
            let now = self.least_units(i, (low, high), k);
            let mut lost = 0;
            let serves = |option: usize, lost: &mut i64| {
                let gap = (now - self.units(i, option, k)).max(*lost);
                if gap <= slack {
                    *lost = gap;
                }
                gap <= slack
            };
            while low > 0 && serves(low - 1, &mut lost) {
                low -= 1;
            }
            while high + 1 < self.options(i) && serves(high + 1, &mut lost) {
                high += 1;
            }
            slack -= lost;
            self.within(i, (low, high), out);
        }
    }

    /// True literals that made a resource too full in a slot for so many units of an interval, or by itself.
    pub fn explain_full(
        &self,
        trail: &Trail,
        (r, slot): (usize, i32),
        besides: Option<(usize, i64)>,
        position: u32,
        out: &mut Vec<Literal>,
    ) {
        let mut members: Vec<(usize, i64, usize, Range, i32)> = Vec::new();
        let mut over = besides.map_or(0, |(_, units)| units) - self.capacity[r];
        for i in (0..self.len()).filter(|&i| besides.is_none_or(|(other, _)| other != i)) {
            let (earliest, latest) = (trail.bound_at(2 * i as u32, position), -trail.bound_at(2 * i as u32 + 1, position));
            if latest > slot || earliest > slot {
                continue;
            }
            let (mut low, mut high) = self.range_at(trail, i, position);
            if earliest + self.length_of(i, low) <= slot {
                continue;
            }
            let units = self.least_need(i, (low, high), r);
            if units == 0 {
                continue;
            }
            // Options that run and need as much may come back.
            while low > 0 && self.need(i, low - 1, r) >= units && earliest + self.length_of(i, low - 1) > slot {
                low -= 1;
            }
            while high + 1 < self.options(i) && self.need(i, high + 1, r) >= units {
                high += 1;
            }
            let since = slot + 1 - self.length_of(i, low);
            let literals = [Literal::at_most(i, slot), Literal::at_least(i, since)];
            let cost = literals.iter().filter(|&&literal| trail.position(literal) != ROOT).count()
                + usize::from(low > 0)
                + usize::from(high + 1 < self.options(i));
            over += units;
            members.push((cost, units, i, (low, high), since));
        }
        let mut slack = over - 1;
        debug_assert!(slack >= 0);
        members.sort_unstable_by_key(|&(cost, units, i, ..)| (Reverse(cost), units, i));
        for (_, units, i, range, since) in members {
            if units <= slack {
                slack -= units;
                continue;
            }
            out.push(Literal::at_most(i, slot));
            out.push(Literal::at_least(i, since));
            self.within(i, range, out);
        }
    }
}
