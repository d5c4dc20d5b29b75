//! Time tabling for intervals with options: what must run whatever is chosen, kept from call to call.

use super::{Choices, Range, Rule};
use crate::cp::trail::{Conflict, Literal, Reason, Trail};

/// What must run in each slot, as the bounds had it when they were last seen.
#[derive(Debug)]
pub(super) struct Users {
    slots: i32,
    width: usize,
    /// Units that must run in each slot, resource by resource.
    used: Vec<i64>,
    /// From when until when each interval must run, and its least need of each resource.
    part: Vec<(i32, i32)>,
    need: Vec<i64>,
    /// Intervals whose bounds have changed, and which must be held against what must run.
    changed: Vec<u32>,
    is_changed: Vec<bool>,
    waits: Vec<bool>,
    /// The slots in which more must run than before.
    fuller: (i32, i32),
}

/// No slots.
const NOWHERE: (i32, i32) = (i32::MAX, i32::MIN);

impl Users {
    pub fn new(n: usize, width: usize, slots: i32) -> Self {
        Self {
            slots: slots.max(0),
            width,
            used: vec![0; (slots.max(0) as usize + 1) * width],
            part: vec![(0, 0); n],
            need: vec![0; n * width],
            changed: Vec::new(),
            is_changed: vec![false; n],
            waits: vec![false; n],
            fuller: NOWHERE,
        }
    }

    /// The bounds of an interval have changed.
    #[inline]
    pub fn mark(&mut self, i: usize) {
        if !self.is_changed[i] {
            self.is_changed[i] = true;
            self.changed.push(i as u32);
        }
    }

    /// Adds or takes back what an interval needs while it must run.
    fn add(&mut self, i: usize, sign: i64) {
        let (from, to) = self.part[i];
        let need = &self.need[i * self.width..(i + 1) * self.width];
        for slot in from.max(0)..to.min(self.slots) {
            let row = &mut self.used[slot as usize * self.width..][..self.width];
            row.iter_mut().zip(need).for_each(|(used, units)| *used += sign * units);
        }
    }
}

impl Choices {
    pub(super) fn keep_capacities(&mut self, trail: &mut Trail, work: &mut u64) -> Result<(), Conflict> {
        let width = self.capacity.len();
        if width == 0 {
            return Ok(());
        }
        *work += self.users.changed.len() as u64 / 4;
        self.take_in(trail)?;
        let (from, to) = std::mem::replace(&mut self.users.fuller, NOWHERE);
        for i in 0..self.len() {
            let longest = self.length_of(i, self.range(trail, i).1);
            self.users.waits[i] |= trail.earliest(i) < to && from < trail.latest(i) + longest;
        }
        for i in 0..self.len() {
            if self.users.waits[i] {
                *work += 1;
                self.keep_capacity_for(i, trail)?;
                self.users.waits[i] = false;
            }
        }
        Ok(())
    }

    /// Brings what must run up to date; the first slot and resource that are too full are a conflict.
    fn take_in(&mut self, trail: &Trail) -> Result<(), Conflict> {
        let width = self.capacity.len();
        let changed = std::mem::take(&mut self.users.changed);
        // All that is gone first, so that nothing counts twice.
        for &i in &changed {
            self.users.add(i as usize, -1);
        }
        for &i in &changed {
            let i = i as usize;
            let range = self.range(trail, i);
            let part = (trail.latest(i), trail.earliest(i) + self.length_of(i, range.0));
            let old = self.users.part[i];
            let mut grows = part.0 < old.0 || part.1 > old.1;
            for r in 0..width {
                let units = self.least_need(i, range, r);
                grows |= units > std::mem::replace(&mut self.users.need[i * width + r], units);
            }
            let users = &mut self.users;
            (users.part[i], users.is_changed[i], users.waits[i]) = (part, false, true);
            users.add(i, 1);
            if grows && part.0 < part.1 {
                users.fuller = (users.fuller.0.min(part.0), users.fuller.1.max(part.1));
            }
        }
        self.users.changed = changed;
        self.users.changed.clear();
        let (from, to) = self.users.fuller;
        for slot in from.max(0)..to.min(self.users.slots) {
            let row = &self.users.used[slot as usize * width..][..width];
            if let Some(r) = (0..width).find(|&r| row[r] > self.capacity[r]) {
                return Err(Conflict::Full { resource: r as u32, slot });
            }
        }
        Ok(())
    }

    /// Moves an interval to where it has its least need, and excludes options that need too much.
    fn keep_capacity_for(&self, i: usize, trail: &mut Trail) -> Result<(), Conflict> {
        let Users { part, need, used, slots, width, .. } = &self.users;
        let (slots, width) = (*slots, *width);
        let (from, to) = part[i];
        let need = &need[i * width..(i + 1) * width];
        // The resource of which a slot leaves too little for `units` of the interval.
        let blocked = |slot: i32, units: &dyn Fn(usize) -> i64| {
            let own = from <= slot && slot < to;
            let row = slot as usize * width;
            (0..width).find(|&r| {
                let units = units(r);
                units > 0 && used[row + r] - if own { need[r] } else { 0 } + units > self.capacity[r]
            })
        };
        let (low, high) = self.range(trail, i);
        let length = self.length_of(i, low);
        let (mut earliest, mut latest) = (trail.earliest(i), trail.latest(i));
        if earliest < latest && length > 0 && need.iter().any(|&units| units > 0) {
            let least = |r: usize| need[r];
            while earliest <= latest
                && let Some((slot, r)) =
                    (earliest..(earliest + length).min(slots)).rev().find_map(|slot| Some((slot, blocked(slot, &least)?)))
            {
                earliest = slot + 1;
                let reason = Reason::Choices { rule: Rule::Capacity(r as u32), at: slot };
                trail.push(Literal::at_least(i, earliest), reason)?;
            }
            while earliest <= latest
                && let Some((slot, r)) =
                    (latest..(latest + length).min(slots)).find_map(|slot| Some((slot, blocked(slot, &least)?)))
            {
                latest = slot - length;
                let reason = Reason::Choices { rule: Rule::Capacity(r as u32), at: slot };
                trail.push(Literal::at_most(i, latest), reason)?;
            }
        }
        if low < high {
            self.exclude_options(i, (low, high), trail, &blocked)?;
        }
        Ok(())
    }

    fn exclude_options(
        &self,
        i: usize,
        (mut low, mut high): Range,
        trail: &mut Trail,
        blocked: &impl Fn(i32, &dyn Fn(usize) -> i64) -> Option<usize>,
    ) -> Result<(), Conflict> {
        let v = self.variable[i].expect("it has options") as usize;
        for from_above in [true, false] {
            while low < high {
                let option = if from_above { high } else { low };
                let units = |r: usize| self.need(i, option, r);
                let mut must = trail.latest(i)..(trail.earliest(i) + self.length_of(i, option)).min(self.users.slots);
                let Some((slot, r)) = must.find_map(|slot| Some((slot, blocked(slot, &units)?))) else { break };
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
        Ok(())
    }
}
