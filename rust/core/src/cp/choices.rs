//! Intervals whose lengths and demands depend on a choice, and stocks that all choices together must keep to.
//!
//! The choice of an interval is a variable of its own, which counts its options from the shortest to the longest. Bounds of that variable
//! are literals as those of starts are, so clauses speak of both. Links between starts and ends, which depend on lengths, are kept here
//! as well. Time tabling is worked out anew each time: what must run in every option that is left.

use std::cmp::Reverse;

use super::trail::{Conflict, Literal, ROOT, Reason, Trail};

/// `event of to >= event of from + lag`, each event the start of the interval or its end.
#[derive(Debug, Clone, Copy)]
pub struct EventLink {
    pub from: u32,
    pub to: u32,
    pub lag: i32,
    pub from_end: bool,
    pub to_end: bool,
}

/// Which rule drew a conclusion.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Rule {
    /// The link of this number.
    Link(u32),
    /// The stock of this number.
    Stock(u32),
    /// What must run leaves too little of this resource.
    Capacity(u32),
}

/// The options of all intervals, and what binds them.
#[derive(Debug)]
pub struct Choices {
    /// The variable of each interval's choice, for those with several options.
    pub variable: Vec<Option<u32>>,
    /// The options of interval `i` are those from `first[i]` up to `first[i + 1]`, by length.
    pub first: Vec<u32>,
    /// Length of each option.
    pub length: Vec<i32>,
    /// Demand of each option, row by row.
    pub demand: Vec<i64>,
    pub capacity: Vec<i64>,
    /// What each option uses up, row by row, and what there is of it.
    pub consumption: Vec<i64>,
    pub stock: Vec<i64>,
    /// Links, those to an interval before those from it where that is possible.
    pub links: Vec<EventLink>,
    /// What must run in each slot, resource by resource; zero but while time tabling is at work.
    used: Vec<i64>,
    slots: i32,
}

/// The least and the largest option that is left.
type Range = (usize, usize);

impl Choices {
    /// Options by interval; `slots` ends all of them.
    #[allow(clippy::too_many_arguments)]
    pub fn new(
        variable: Vec<Option<u32>>,
        first: Vec<u32>,
        (length, demand, capacity): (Vec<i32>, Vec<i64>, Vec<i64>),
        (consumption, stock): (Vec<i64>, Vec<i64>),
        links: Vec<EventLink>,
        slots: i32,
    ) -> Self {
        let used = vec![0; (slots.max(0) as usize + 1) * capacity.len()];
        Self { variable, first, length, demand, capacity, consumption, stock, links, used, slots }
    }

    fn len(&self) -> usize {
        self.first.len() - 1
    }

    fn options(&self, i: usize) -> usize {
        (self.first[i + 1] - self.first[i]) as usize
    }

    #[inline]
    fn range(&self, trail: &Trail, i: usize) -> Range {
        self.variable.get(i).copied().flatten().map_or((0, 0), |v| (trail.earliest(v as usize) as usize, trail.latest(v as usize) as usize))
    }

    fn range_at(&self, trail: &Trail, i: usize, position: u32) -> Range {
        self.variable.get(i).copied().flatten().map_or((0, 0), |v| {
            (trail.bound_at(2 * v, position) as usize, -trail.bound_at(2 * v + 1, position) as usize)
        })
    }

    /// The length of an option; intervals without options take no time.
    #[inline]
    fn length_of(&self, i: usize, option: usize) -> i32 {
        if i < self.len() { self.length[self.first[i] as usize + option] } else { 0 }
    }

    #[inline]
    fn need(&self, i: usize, option: usize, r: usize) -> i64 {
        self.demand[(self.first[i] as usize + option) * self.capacity.len() + r]
    }

    #[inline]
    fn least_need(&self, i: usize, (low, high): Range, r: usize) -> i64 {
        (low..=high).map(|option| self.need(i, option, r)).min().unwrap_or(0)
    }

    fn units(&self, i: usize, option: usize, k: usize) -> i64 {
        self.consumption[(self.first[i] as usize + option) * self.stock.len() + k]
    }

    fn least_units(&self, i: usize, (low, high): Range, k: usize) -> i64 {
        (low..=high).map(|option| self.units(i, option, k)).min().unwrap_or(0)
    }

    /// Draws conclusions, the cheap ones first; if those move anything, the others wait for the next call.
    pub fn propagate(&mut self, trail: &mut Trail, work: &mut u64) -> Result<(), Conflict> {
        let before = trail.len();
        *work += self.links.len() as u64 / 64 + 1;
        self.keep_links(trail)?;
        self.keep_stocks(trail)?;
        if trail.len() > before {
            return Ok(());
        }
        *work += self.len() as u64 / 16 + 1;
        let result = self.keep_capacities(trail);
        self.used.fill(0);
        result
    }

    fn keep_links(&self, trail: &mut Trail) -> Result<(), Conflict> {
        loop {
            let before = trail.len();
            for k in 0..self.links.len() {
                let EventLink { from, to, lag, from_end, to_end } = self.links[k];
                let (i, j) = (from as usize, to as usize);
                let ((low, _), (_, high)) = (self.range(trail, i), self.range(trail, j));
                let since = trail.earliest(i) + if from_end { self.length_of(i, low) } else { 0 } + lag;
                let least = since - if to_end { self.length_of(j, high) } else { 0 };
                let reason = Reason::Choices { rule: Rule::Link(k as u32), at: 0 };
                if least > trail.earliest(j) {
                    trail.push(Literal::at_least(j, least), reason)?;
                }
                if to_end && self.options(j) > 1 {
                    let v = self.variable[j].expect("it has options") as usize;
                    while let (low, high) = self.range(trail, j)
                        && low < high
                        && since - self.length_of(j, low) > trail.latest(j)
                    {
                        trail.push(Literal::at_least(v, low as i32 + 1), reason)?;
                    }
                }
            }
            for k in (0..self.links.len()).rev() {
                let EventLink { from, to, lag, from_end, to_end } = self.links[k];
                let (i, j) = (from as usize, to as usize);
                let ((low, _), (_, high)) = (self.range(trail, i), self.range(trail, j));
                let until = trail.latest(j) + if to_end { self.length_of(j, high) } else { 0 } - lag;
                let most = until - if from_end { self.length_of(i, low) } else { 0 };
                let reason = Reason::Choices { rule: Rule::Link(k as u32), at: 0 };
                if most < trail.latest(i) {
                    trail.push(Literal::at_most(i, most), reason)?;
                }
                if from_end && self.options(i) > 1 {
                    let v = self.variable[i].expect("it has options") as usize;
                    while let (low, high) = self.range(trail, i)
                        && low < high
                        && trail.earliest(i) + self.length_of(i, high) > until
                    {
                        trail.push(Literal::at_most(v, high as i32 - 1), reason)?;
                    }
                }
            }
            if trail.len() == before {
                return Ok(());
            }
        }
    }

    fn keep_stocks(&self, trail: &mut Trail) -> Result<(), Conflict> {
        for k in 0..self.stock.len() {
            let reason = Reason::Choices { rule: Rule::Stock(k as u32), at: 0 };
            let mut least: i64 = (0..self.len()).map(|i| self.least_units(i, self.range(trail, i), k)).sum();
            if least > self.stock[k] {
                return Err(Conflict::Stock(k as u32));
            }
            let mut i = 0;
            while i < self.len() {
                let (low, high) = self.range(trail, i);
                if low < high {
                    let v = self.variable[i].expect("it has options") as usize;
                    let own = self.least_units(i, (low, high), k);
                    let exceeds = |option| least - own + self.units(i, option, k) > self.stock[k];
                    let excluded = if exceeds(low) {
                        Some(Literal::at_least(v, low as i32 + 1))
                    } else if exceeds(high) {
                        Some(Literal::at_most(v, high as i32 - 1))
                    } else {
                        None
                    };
                    if let Some(literal) = excluded {
                        trail.push(literal, reason)?;
                        least += self.least_units(i, self.range(trail, i), k) - own;
                        continue;
                    }
                }
                i += 1;
            }
        }
        Ok(())
    }

    fn keep_capacities(&mut self, trail: &mut Trail) -> Result<(), Conflict> {
        let width = self.capacity.len();
        if width == 0 {
            return Ok(());
        }
        // What must run whatever is chosen, by interval: from its latest start to its earliest end.
        let n = self.len();
        let mut part: Vec<(i32, i32)> = Vec::with_capacity(n);
        let mut needs: Vec<i64> = Vec::with_capacity(n * width);
        for i in 0..n {
            let range = self.range(trail, i);
            part.push((trail.latest(i), trail.earliest(i) + self.length_of(i, range.0)));
            needs.extend((0..width).map(|r| self.least_need(i, range, r)));
            let (from, to) = part[i];
            for slot in from.max(0)..to.min(self.slots) {
                for r in 0..width {
                    let used = &mut self.used[slot as usize * width + r];
                    *used += needs[i * width + r];
                    if *used > self.capacity[r] {
                        return Err(Conflict::Full { resource: r as u32, slot });
                    }
                }
            }
        }
        for i in 0..n {
            let (from, to) = part[i];
            let need = &needs[i * width..(i + 1) * width];
            // The resource of which a slot leaves too little for `units` of the interval.
            let blocked = |slot: i32, units: &dyn Fn(usize) -> i64| {
                let own = from <= slot && slot < to;
                let row = slot as usize * width;
                (0..width).find(|&r| {
                    let units = units(r);
                    units > 0 && self.used[row + r] - if own { need[r] } else { 0 } + units > self.capacity[r]
                })
            };
            let (low, high) = self.range(trail, i);
            let length = self.length_of(i, low);
            let (mut earliest, mut latest) = (trail.earliest(i), trail.latest(i));
            if earliest < latest && length > 0 && need.iter().any(|&units| units > 0) {
                let least = |r: usize| need[r];
                while earliest <= latest
                    && let Some((slot, r)) = (earliest..(earliest + length).min(self.slots))
                        .rev()
                        .find_map(|slot| Some((slot, blocked(slot, &least)?)))
                {
                    earliest = slot + 1;
                    let reason = Reason::Choices { rule: Rule::Capacity(r as u32), at: slot };
                    trail.push(Literal::at_least(i, earliest), reason)?;
                }
                while earliest <= latest
                    && let Some((slot, r)) =
                        (latest..(latest + length).min(self.slots)).find_map(|slot| Some((slot, blocked(slot, &least)?)))
                {
                    latest = slot - length;
                    let reason = Reason::Choices { rule: Rule::Capacity(r as u32), at: slot };
                    trail.push(Literal::at_most(i, latest), reason)?;
                }
            }
            if low < high {
                let v = self.variable[i].expect("it has options") as usize;
                let (mut low, mut high) = (low, high);
                for from_above in [true, false] {
                    while low < high {
                        let option = if from_above { high } else { low };
                        let units = |r: usize| self.need(i, option, r);
                        let must = trail.latest(i)..(trail.earliest(i) + self.length_of(i, option)).min(self.slots);
                        let Some((slot, r)) = must.clone().find_map(|slot| Some((slot, blocked(slot, &units)?))) else { break };
                        let reason = Reason::Choices { rule: Rule::Capacity(r as u32), at: slot };
                        if from_above {
                            high -= 1;
                            trail.push(Literal::at_most(v, high as i32), reason)?;
                        } else {
                            low += 1;
                            trail.push(Literal::at_least(v, low as i32), reason)?;
                        }
                    }
                }
            }
        }
        Ok(())
    }

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
                    out.push(if literal.is_lower() { Literal::at_least(var, at + 1 - length) } else { Literal::at_most(var, at) });
                    let needed = self.least_need(var, range, r as usize);
                    self.within(var, self.widened(var, range, (length, needed, r as usize)), out);
                    (var, needed)
                } else {
                    // An option was excluded: with it, the interval must run in the slot.
                    let i = self.variable.iter().position(|&v| v == Some(var as u32)).expect("it is a choice");
                    let option = self.excluded(literal);
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
    fn excluded(&self, literal: Literal) -> usize {
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
        // The least length of the first interval and the largest of the second one, with the options that make them so.
        let low = self.range_at(trail, i, position).0;
        let high = self.range_at(trail, j, position).1;
        let shortest = if from_end { self.length_of(i, low) } else { 0 };
        let longest = if to_end { self.length_of(j, high) } else { 0 };
        let var = literal.var();
        let is_start = var == i || var == j;
        if is_start && literal.is_lower() {
            out.push(Literal::at_least(i, literal.bound + longest - lag - shortest));
        } else if is_start {
            out.push(Literal::at_most(j, -literal.bound + shortest + lag - longest));
        } else {
            let option = self.excluded(literal);
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
                let ends = self.length_of(i, option);
                out.push(Literal::at_least(i, earliest));
                out.push(Literal::at_most(j, earliest + ends + lag - 1 - longest));
                self.up_to(i, literal, option, out);
                self.at_most_as_long(j, to_end, high, out);
            }
            return;
        }
        self.at_least_as_long(i, from_end, low, out);
        self.at_most_as_long(j, to_end, high, out);
    }

    /// The literal that an interval is no shorter than with its option `low`.
    fn at_least_as_long(&self, i: usize, matters: bool, low: usize, out: &mut Vec<Literal>) {
        if matters && low > 0 {
            let length = self.length_of(i, low);
            let first = (0..=low).find(|&option| self.length_of(i, option) >= length).unwrap_or(low);
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
            let i = self.variable.iter().position(|&v| v == Some(literal.var() as u32)).expect("it is a choice");
            let option = self.excluded(literal);
            least += self.units(i, option, k);
            self.up_to(i, literal, option, out);
            excluded = Some(i);
        }
        // What each interval uses up at least now, beyond what it does in any case.
        let mut parts: Vec<(i64, usize, Range)> = Vec::new();
        for i in (0..self.len()).filter(|&i| Some(i) != excluded) {
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

    /// What to decide if no score speaks: the interval that can start first, its choice before its start, both as the guide has them.
    pub fn next(&self, trail: &Trail, guide: &[i32]) -> Option<Literal> {
        let is_open = |i: usize| {
            let (low, high) = self.range(trail, i);
            low < high || !trail.is_fixed(i)
        };
        let i = (0..self.len()).filter(|&i| is_open(i)).min_by_key(|&i| (trail.earliest(i), trail.latest(i)))?;
        let (low, high) = self.range(trail, i);
        if low == high {
            return Some(Literal::at_most(i, trail.earliest(i)));
        }
        let v = self.variable[i].expect("it has options") as usize;
        let wanted = (guide[v].max(0) as usize).clamp(low, high);
        Some(if wanted > low { Literal::at_least(v, wanted as i32) } else { Literal::at_most(v, wanted as i32) })
    }
}
