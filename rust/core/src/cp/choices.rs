//! Intervals whose lengths and demands depend on a choice, and stocks that all choices together must keep to.
//!
//! The choice of an interval is a variable of its own, which counts its options from the shortest to the longest. Bounds of that variable
//! are literals as those of starts are, so clauses speak of both. Links between starts and ends, which depend on lengths, are kept here
//! as well. Time tabling is worked out anew each time: what must run in every option that is left.

mod explain;

use super::trail::{Conflict, Literal, Reason, Trail};

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
        self.variable
            .get(i)
            .copied()
            .flatten()
            .map_or((0, 0), |v| (trail.earliest(v as usize) as usize, trail.latest(v as usize) as usize))
    }

    fn range_at(&self, trail: &Trail, i: usize, position: u32) -> Range {
        self.variable
            .get(i)
            .copied()
            .flatten()
            .map_or((0, 0), |v| (trail.bound_at(2 * v, position) as usize, -trail.bound_at(2 * v + 1, position) as usize))
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
