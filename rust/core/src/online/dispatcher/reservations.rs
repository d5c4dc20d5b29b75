//! The reservations of conservative backfilling: every waiting key has a place in the future.

use std::cmp::Reverse;
use std::collections::{BTreeSet, BinaryHeap};

use super::demand_groups::{DemandGroups, fits};
use super::key_table::{KeyState, KeyTable};
use super::order_key::OrderKey;
use super::profile::Profile;
use super::running_set::RunningSet;
use crate::online::heap::ordered;

/// What the reservations depend on, at one moment.
pub(super) struct Situation<'a> {
    pub table: &'a KeyTable,
    pub groups: &'a DemandGroups,
    pub running: &'a RunningSet,
    pub capacity: &'a [i64],
    /// What is free now.
    pub free: &'a [i64],
    pub now: f64,
}

/// The place of a key.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Place {
    /// When it is to start; infinite if a key without an estimate stands before it.
    pub start: f64,
    /// Whether it can start only just after that time, when a key that should end then has ended.
    pub after: bool,
}

/// All reservations.
#[derive(Debug, Clone)]
pub(super) struct Reservations {
    /// By key.
    pub held: Vec<Option<Place>>,
    /// The same, by time.
    due: BTreeSet<(u64, bool, u32)>,
    /// Waiting keys without a reservation, and some keys that wait no longer.
    unplaced: Vec<u32>,
    profile: Profile,
    /// Whether all reservations have to be made anew.
    pub anew: bool,
    /// Whether keys may move to earlier places.
    pub compress: bool,
    /// Whether no key would move if the running keys end as predicted.
    settled: bool,
    /// Keys of a pass that come before each key of the pass.
    missing: Vec<u32>,
}

impl Reservations {
    /// No reservations.
    pub fn new(capacity: &[i64]) -> Self {
        Self {
            held: Vec::new(),
            due: BTreeSet::new(),
            unplaced: Vec::new(),
            profile: Profile::new(0.0, capacity),
            anew: true,
            compress: false,
            settled: false,
            missing: Vec::new(),
        }
    }

    /// Adds the next key.
    pub fn push(&mut self, waits: bool) {
        if waits {
            self.unplaced.push(self.held.len() as u32);
        }
        self.held.push(None);
    }

    /// The reservation of a key.
    pub fn start(&self, number: u32) -> Option<f64> {
        self.held[number as usize].map(|place| place.start)
    }

    /// Takes back the reservation of a key that waits no longer.
    pub fn withdraw(&mut self, number: u32, demand: &[i64], estimate: f64) {
        self.compress = true;
        if let Some(place) = self.take_out(number) {
            self.profile.give(place.start, place.start + estimate, demand);
            self.settled = false;
        }
    }

    /// A key starts in the place that it holds.
    pub fn starts(&mut self, number: u32) {
        self.take_out(number);
    }

    /// A running key has ended, and was to end at `end`.
    pub fn ended(&mut self, now: f64, end: f64, demand: &[i64]) {
        self.compress = true;
        if now > end {
            self.anew = true;
        } else if now < end {
            self.profile.give(now, end, demand);
            self.settled = false;
        }
    }

    /// A running key waits again.
    pub fn retried(&mut self, number: u32) {
        self.unplaced.push(number);
        self.anew = true;
    }

    /// The capacity has changed.
    pub fn capacity_changed(&mut self, now: f64, change: &[i64]) {
        self.profile.give(now, f64::INFINITY, change);
        self.settled = false;
        self.compress = true;
        self.anew |= change.iter().any(|&change| change < 0);
    }

    /// Brings all reservations up to date.
    pub fn update(&mut self, situation: &Situation<'_>) {
        let now = situation.now;
        let overrun = situation.running.ends().next().is_some_and(|(end, _)| end < now);
        let missed = self.due.first().is_some_and(|&(start, _, _)| start < ordered(now));
        if self.anew || overrun || missed {
            self.clear(situation);
        } else {
            self.profile.advance(now);
        }
        // What is free now beside the keys that are to start now.
        let mut left = situation.free.to_vec();
        let mut due = Vec::new();
        self.due_now(now, &mut due);
        due.sort_unstable_by_key(|&number| situation.table.records[number as usize].order);
        for number in due {
            self.take_out(number);
            self.hold(situation, number, Place { start: now, after: situation.waits_beyond(number, &left) }, &mut left);
        }
        if std::mem::take(&mut self.compress) && !self.settled {
            let placed: Vec<u32> = self.due.iter().map(|item| item.2).collect();
            self.settled = true;
            for number in self.in_order(situation, placed) {
                self.move_up(situation, number, &mut left);
            }
        }
        let mut unplaced = std::mem::take(&mut self.unplaced);
        unplaced.sort_unstable();
        unplaced.dedup();
        unplaced.retain(|&number| situation.table.records[number as usize].state.waits());
        for number in self.in_order(situation, unplaced) {
            if !self.place(situation, number, &mut left) {
                self.unplaced.push(number);
            }
        }
    }

    /// The keys whose reservations are `now`.
    fn due_now(&self, now: f64, found: &mut Vec<u32>) {
        found.extend(self.due.range((ordered(now), false, 0)..=(ordered(now), true, u32::MAX)).map(|item| item.2));
    }

    /// The keys that are to start now.
    pub fn starting(&self, now: f64, found: &mut Vec<u32>) {
        found.clear();
        found.extend(self.due.range((ordered(now), false, 0)..(ordered(now), true, 0)).map(|item| item.2));
    }

    fn take_out(&mut self, number: u32) -> Option<Place> {
        let place = self.held[number as usize].take()?;
        self.due.remove(&(ordered(place.start), place.after, number));
        Some(place)
    }

    /// Begins anew without reservations.
    fn clear(&mut self, situation: &Situation<'_>) {
        let &Situation { now, capacity, .. } = situation;
        for (_, _, number) in std::mem::take(&mut self.due) {
            self.held[number as usize] = None;
            self.unplaced.push(number);
        }
        self.profile = Profile::new(now, capacity);
        for (end, number) in situation.running.ends() {
            self.profile.take(now, end, situation.demand(number));
        }
        (self.anew, self.compress, self.settled) = (false, false, true);
    }

    /// Moves a key to the earliest place beside all others. What lasts no time keeps its place if others have moved over it.
    fn move_up(&mut self, situation: &Situation<'_>, number: u32, left: &mut [i64]) {
        let Some(old) = self.take_out(number) else { return };
        let (demand, estimate) = (situation.demand(number), situation.estimate(number));
        self.profile.give(old.start, old.start + estimate, demand);
        if situation.starts_with_demand(number, old) {
            change(left, demand, 1);
        }
        let found = self.earliest_place(situation, number, left).filter(|place| place.start <= old.start).unwrap_or(old);
        self.settled &= found == old;
        self.put(situation, number, found, left);
    }

    /// Gives a key the earliest place beside all others; false if it can have none at the capacity of the moment.
    fn place(&mut self, situation: &Situation<'_>, number: u32, left: &mut [i64]) -> bool {
        let place = self.earliest_place(situation, number, left);
        if let Some(place) = place {
            self.put(situation, number, place, left);
        }
        place.is_some()
    }

    fn earliest_place(&self, situation: &Situation<'_>, number: u32, left: &[i64]) -> Option<Place> {
        let record = &situation.table.records[number as usize];
        let demand = situation.demand(number);
        if situation.groups.is_excessive(record.group) {
            return None;
        }
        let start = self.profile.earliest(self.earliest_start(situation, number)?, record.estimate, demand);
        Some(Place { start, after: start == situation.now && situation.waits_beyond(number, left) })
    }

    fn put(&mut self, situation: &Situation<'_>, number: u32, place: Place, left: &mut [i64]) {
        let (demand, estimate) = (situation.demand(number), situation.estimate(number));
        self.profile.take(place.start, place.start + estimate, demand);
        self.hold(situation, number, place, left);
    }

    fn hold(&mut self, situation: &Situation<'_>, number: u32, place: Place, left: &mut [i64]) {
        if situation.starts_with_demand(number, place) {
            change(left, situation.demand(number), -1);
        }
        self.held[number as usize] = Some(place);
        self.due.insert((ordered(place.start), place.after, number));
    }

    /// When all that a key needs has ended, as predicted; none if one of those has no reservation.
    fn earliest_start(&self, situation: &Situation<'_>, number: u32) -> Option<f64> {
        let mut from = situation.now;
        for &predecessor in situation.table.predecessors(number) {
            let record = &situation.table.records[predecessor as usize];
            let end = match record.state {
                KeyState::Running => record.end(),
                KeyState::Waiting | KeyState::Ready => self.held[predecessor as usize]?.start + record.estimate,
                _ => continue,
            };
            from = from.max(end);
        }
        Some(from)
    }

    /// Keys in their order, but each one behind the keys of the same list that it needs.
    fn in_order(&mut self, situation: &Situation<'_>, mut keys: Vec<u32>) -> Vec<u32> {
        const ABSENT: u32 = u32::MAX;
        let table = situation.table;
        let key_of = |number: u32| table.records[number as usize].order;
        if keys.iter().all(|&number| table.records[number as usize].open == 0) {
            keys.sort_unstable_by_key(|&number| key_of(number));
            return keys;
        }
        self.missing.resize(table.records.len(), ABSENT);
        for &number in &keys {
            self.missing[number as usize] = 0;
        }
        for &number in &keys {
            let absent = |other: &&u32| self.missing[**other as usize] != ABSENT;
            let count = table.predecessors(number).iter().filter(absent).count();
            self.missing[number as usize] = count as u32;
        }
        let free = keys.iter().filter(|&&number| self.missing[number as usize] == 0);
        let mut next: BinaryHeap<Reverse<OrderKey>> = free.map(|&number| Reverse(key_of(number))).collect();
        keys.clear();
        while let Some(Reverse(OrderKey { number, .. })) = next.pop() {
            keys.push(number);
            for successor in table.successors(number) {
                let missing = &mut self.missing[successor as usize];
                if *missing != ABSENT {
                    *missing -= 1;
                    if *missing == 0 {
                        next.push(Reverse(key_of(successor)));
                    }
                }
            }
        }
        for &number in &keys {
            self.missing[number as usize] = ABSENT;
        }
        keys
    }

    /// Restores the reservations of a snapshot; the others of the waiting keys are to be made.
    pub fn restore(&mut self, situation: &Situation<'_>, held: Vec<Option<Place>>) {
        self.clear(situation);
        self.held = vec![None; held.len()];
        self.unplaced.clear();
        for (number, place) in (0..).zip(held) {
            match place {
                Some(place) => {
                    let (demand, estimate) = (situation.demand(number), situation.estimate(number));
                    self.profile.take(place.start, place.start + estimate, demand);
                    self.held[number as usize] = Some(place);
                    self.due.insert((ordered(place.start), place.after, number));
                }
                None if situation.table.records[number as usize].state.waits() => self.unplaced.push(number),
                None => {}
            }
        }
        self.settled = false;
    }
}

impl Situation<'_> {
    fn demand(&self, number: u32) -> &[i64] {
        self.groups.demand(self.table.records[number as usize].group)
    }

    fn estimate(&self, number: u32) -> f64 {
        self.table.records[number as usize].estimate
    }

    /// Whether a key takes any time, so that others have to stay beside it.
    fn takes_time(&self, number: u32) -> bool {
        self.now + self.estimate(number) > self.now
    }

    /// Whether a key in this place starts now and leaves less for others.
    fn starts_with_demand(&self, number: u32, place: Place) -> bool {
        place.start == self.now && !place.after && self.takes_time(number)
    }

    /// Whether a key whose place is now has to wait for a key that should end at this moment, when this much is left.
    fn waits_beyond(&self, number: u32, left: &[i64]) -> bool {
        self.table.records[number as usize].open > 0 || (self.takes_time(number) && !fits(self.demand(number), left))
    }
}

fn change(amounts: &mut [i64], demand: &[i64], sign: i64) {
    amounts.iter_mut().zip(demand).for_each(|(amount, demand)| *amount += sign * demand);
}
