//! Resources over time: what must run in each slot, and where nothing else fits (time-table filtering with explanations, after Schutt,
//! Feydy, Stuckey and Wallace 2011).
//!
//! An interval must run from its latest start to its earliest end. These compulsory parts only grow on the way down the tree, so
//! the profile is kept up to date entry by entry of the trail, and taken back the same way.

use std::cmp::Reverse;

use super::intervals::Intervals;
use super::lengths::Lengths;
use super::trail::{Conflict, Literal, ROOT, Reason, Trail, TrailEntry};
use crate::word_layout::WordLayout;

#[derive(Debug)]
pub struct Cumulative {
    lanes: WordLayout,
    /// Packed demand of each interval, and of what remains free in each slot.
    demand: Vec<u64>,
    free: Vec<u64>,
    slots: i32,
    /// Intervals that use anything.
    users: Vec<u32>,
    /// Bounds as far as the profile knows them.
    earliest: Vec<i32>,
    latest: Vec<i32>,
    /// Entries of the trail that the profile knows.
    head: usize,
}

impl Cumulative {
    /// For starts between 0 and `slots`.
    pub fn new<L: Lengths>(intervals: &Intervals<L>, slots: i32) -> Self {
        let n = intervals.len();
        let lanes = WordLayout::new(&intervals.capacity);
        let mut demand = Vec::new();
        for i in 0..n {
            lanes.pack(intervals.demand_of(i), i64::from(intervals.lengths.lasts(i)), &mut demand);
        }
        let words = lanes.words();
        let slots_kept = if intervals.capacity.is_empty() { 0 } else { slots as usize };
        let mut free: Vec<u64> = lanes.full.iter().copied().cycle().take(slots_kept * words).collect();
        let steps = if intervals.capacity.is_empty() { &[] } else { intervals.steps.as_slice() };
        for (k, (from, units)) in steps.iter().enumerate() {
            let until = steps.get(k + 1).map_or(slots, |next| next.0).min(slots);
            let missing: Vec<i64> = intervals.capacity.iter().zip(units).map(|(all, units)| all - units).collect();
            let mut taken = Vec::new();
            lanes.pack(&missing, 1, &mut taken);
            for level in free[(*from).min(until) as usize * words..until as usize * words].chunks_exact_mut(words) {
                level.iter_mut().zip(&taken).for_each(|(level, taken)| *level -= taken);
            }
        }
        Self {
            free,
            slots,
            users: (0..n as u32).filter(|&i| demand[i as usize * words..][..words].iter().any(|&d| d > 0)).collect(),
            lanes,
            demand,
            earliest: vec![0; n],
            latest: vec![slots; n],
            head: 0,
        }
    }

    /// The number of slots.
    pub fn slots(&self) -> i32 {
        self.slots
    }

    /// Takes in the trail's new entries.
    pub fn take_in<L: Lengths>(&mut self, lengths: &L, trail: &Trail) -> Result<(), Conflict> {
        if self.users.is_empty() {
            return Ok(());
        }
        while self.head < trail.len() {
            let entry = trail.entry(self.head);
            let (from, to) = self.gained(lengths, &entry, entry.bound);
            let i = entry.literal().var();
            for slot in from..to {
                if !lengths.works(i, slot) {
                    continue;
                }
                if !self.fits(i, slot) {
                    self.add(lengths, i, from, slot, false);
                    return Err(Conflict::Overload(slot));
                }
                self.add(lengths, i, slot, slot + 1, true);
            }
            self.know(&entry, entry.bound);
            self.head += 1;
        }
        Ok(())
    }

    /// Takes back the trail's entry number `index`, the latest.
    pub fn take_back<L: Lengths>(&mut self, lengths: &L, index: usize, entry: &TrailEntry) {
        if index < self.head {
            self.head = index;
            self.know(entry, entry.old);
            let (from, to) = self.gained(lengths, entry, entry.bound);
            self.add(lengths, entry.literal().var(), from, to, false);
        }
    }

    /// The trail was emptied at the root, after all of it was taken in.
    pub fn commit(&mut self) {
        self.head = 0;
    }

    fn know(&mut self, entry: &TrailEntry, bound: i32) {
        let i = entry.literal().var();
        if entry.literal().is_lower() {
            self.earliest[i] = bound;
        } else {
            self.latest[i] = -bound;
        }
    }

    /// What the compulsory part gains when the entry's bound becomes `bound`.
    fn gained<L: Lengths>(&self, lengths: &L, entry: &TrailEntry, bound: i32) -> (i32, i32) {
        let i = entry.literal().var();
        if !lengths.lasts(i) {
            return (0, 0);
        }
        let (earliest, latest) = (self.earliest[i], self.latest[i]);
        if entry.literal().is_lower() {
            (latest.max(lengths.end(i, earliest)), lengths.end(i, bound))
        } else {
            (-bound, latest.min(lengths.end(i, earliest)))
        }
    }

    fn add<L: Lengths>(&mut self, lengths: &L, i: usize, from: i32, to: i32, busy: bool) {
        let words = self.lanes.words();
        let demand = &self.demand[i * words..][..words];
        if from >= to {
            return;
        }
        let levels = self.free[from as usize * words..to as usize * words].chunks_exact_mut(words);
        for (slot, level) in (from..).zip(levels) {
            if L::GENERAL && !lengths.works(i, slot) {
                continue;
            }
            for (level, &demand) in level.iter_mut().zip(demand) {
                *level = if busy { *level - demand } else { *level + demand };
            }
        }
    }

    #[inline]
    fn fits(&self, i: usize, slot: i32) -> bool {
        let words = self.lanes.words();
        self.lanes.fits(&self.free[slot as usize * words..][..words], &self.demand[i * words..][..words])
    }

    /// Whether an interval would use more in a slot than what must run leaves.
    #[inline]
    fn blocked<L: Lengths>(&self, lengths: &L, i: usize, slot: i32) -> bool {
        !self.fits(i, slot) && lengths.works(i, slot)
    }

    /// Moves every start past the slots in which the interval does not fit, from both sides.
    pub fn propagate<L: Lengths>(&mut self, lengths: &L, trail: &mut Trail) -> Result<(), Conflict> {
        for k in 0..self.users.len() {
            let i = self.users[k] as usize;
            let (mut earliest, mut latest) = (trail.earliest(i), trail.latest(i));
            if earliest == latest {
                continue;
            }
            while let Some(slot) =
                (earliest..latest.min(lengths.end(i, earliest))).rev().find(|&slot| self.blocked(lengths, i, slot))
            {
                earliest = slot + 1;
                trail.push(Literal::at_least(i, earliest), Reason::Cumulative { slot })?;
            }
            while let Some(slot) =
                (latest.max(lengths.end(i, earliest))..lengths.end(i, latest)).find(|&slot| self.blocked(lengths, i, slot))
            {
                latest = lengths.start_for(i, slot + 1) - 1;
                trail.push(Literal::at_most(i, latest), Reason::Cumulative { slot })?;
            }
        }
        Ok(())
    }

    /// Literals that make some resource in `slot` too full for `besides` (an interval, or none at all), as things stood when the
    /// trail was `position` long: not more of them than needed, and preferably such as hold for ever.
    pub fn explain<L: Lengths>(
        &self,
        intervals: &Intervals<L>,
        trail: &Trail,
        slot: i32,
        besides: Option<usize>,
        position: u32,
        literals: &mut Vec<Literal>,
    ) {
        let lengths = &intervals.lengths;
        let running = |i: usize| [Literal::at_most(i, slot), Literal::at_least(i, lengths.start_for(i, slot + 1))];
        let compulsory: Vec<usize> = self
            .users
            .iter()
            .map(|&i| i as usize)
            .filter(|&i| Some(i) != besides && running(i).iter().all(|&l| trail.was_true(l, position)) && lengths.works(i, slot))
            .collect();
        let capacity = intervals.capacity_at(slot);
        let over = |r: usize| {
            let used: i64 = compulsory.iter().map(|&i| intervals.demand_of(i)[r]).sum();
            used + besides.map_or(0, |i| intervals.demand_of(i)[r]) - capacity[r]
        };
        let resource = (0..capacity.len()).filter(|&r| over(r) > 0).max_by_key(|&r| over(r)).expect("the slot is too full");
        let mut slack = over(resource) - 1;
        // Those that hold for ever stay; of the others as many as possible go.
        let mut members: Vec<(usize, i64, usize)> = Vec::new();
        for &i in &compulsory {
            let cost = running(i).iter().filter(|&&literal| trail.position(literal) != ROOT).count();
            members.push((cost, intervals.demand_of(i)[resource], i));
        }
        members.sort_unstable_by_key(|&(cost, demand, i)| (Reverse(cost), demand, i));
        for (_, demand, i) in members {
            if demand <= slack {
                slack -= demand;
            } else {
                literals.extend(running(i));
            }
        }
    }
}
