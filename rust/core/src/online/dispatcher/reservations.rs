//! The reservations of conservative backfilling: every waiting key has a place in the future.

use std::cmp::Reverse;
use std::collections::{BTreeSet, BinaryHeap};

use super::demand_groups::{DemandGroups, fits};
use super::key_table::{KeyState, KeyTable};
use super::moment::Moment;
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

/// All reservations.
#[derive(Debug, Clone)]
pub(super) struct Reservations {
    /// When each key is to start; infinite if a key without an estimate stands before it.
    pub held: Vec<Option<Moment>>,
    /// The same, by time and instant.
    due: BTreeSet<(u64, u32, u32)>,
    /// Waiting keys without a reservation, and some keys that wait no longer.
    unplaced: Vec<u32>,
    profile: Profile,
    /// When the keys that should have ended, and run, were last found: they hold what they need for one more instant of that time.
    overdue_at: f64,
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
            overdue_at: f64::NAN,
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
        self.held[number as usize].map(|start| start.time)
    }

    /// Takes back the reservation of a key that waits no longer.
    pub fn withdraw(&mut self, number: u32, demand: &[i64], estimate: f64) {
        self.compress = true;
        if let Some(start) = self.take_out(number) {
            self.profile.give(start, start.after(estimate), demand);
            self.settled = false;
        }
    }

    /// A key starts at the moment that it holds.
    pub fn starts(&mut self, number: u32) {
        self.take_out(number);
    }

    /// A running key has ended, and was to end at `end`.
    pub fn ended(&mut self, now: f64, end: f64, demand: &[i64]) {
        self.compress = true;
        if now > end {
            self.anew = true;
        } else if now < end {
            self.profile.give(Moment::at(now), Moment::at(end), demand);
            self.settled = false;
        } else if now == self.overdue_at {
            self.profile.give(Moment::at(now), Moment::at(now).next(), demand);
        }
    }

    /// A running key waits again.
    pub fn retried(&mut self, number: u32) {
        self.unplaced.push(number);
        self.anew = true;
    }

    /// The capacity has changed.
    pub fn capacity_changed(&mut self, now: f64, change: &[i64]) {
        self.profile.give(Moment::at(now), Moment::at(f64::INFINITY), change);
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
            if self.overdue_at != now {
                for (_, number) in situation.running.ends().take_while(|&(end, _)| end <= now) {
                    self.profile.take(Moment::at(now), Moment::at(now).next(), situation.demand(number));
                }
                self.overdue_at = now;
            }
        }
        self.place_due_again(situation);
        if std::mem::take(&mut self.compress) && !self.settled {
            let placed: Vec<u32> = self.due.iter().map(|item| item.2).collect();
            self.settled = true;
            for number in self.in_order(situation, placed) {
                self.move_up(situation, number);
            }
        }
        let mut unplaced = std::mem::take(&mut self.unplaced);
        unplaced.sort_unstable();
        unplaced.dedup();
        unplaced.retain(|&number| situation.table.records[number as usize].state.waits());
        for number in self.in_order(situation, unplaced) {
            self.place(situation, number);
        }
    }

    /// Places the keys again whose time has come: in the first instant of `now` that is free, because keys that should end now may still
    /// run, and others have just ended. None comes to stand more than one instant later, and none at a later time.
    fn place_due_again(&mut self, situation: &Situation<'_>) {
        let time = ordered(situation.now);
        let mut due: Vec<(u32, u32)> =
            self.due.range((time, 0, 0)..=(time, u32::MAX, u32::MAX)).map(|&(_, instant, number)| (instant, number)).collect();
        due.sort_unstable_by_key(|&(instant, number)| (instant, situation.table.records[number as usize].order));
        // What is free now beside the keys that start now; those stay in their places.
        let mut left = situation.free.to_vec();
        due.retain(|&(instant, number)| {
            let demand = situation.demand(number);
            let starts = instant == 0 && situation.table.records[number as usize].open == 0 && fits(demand, &left);
            if starts {
                left.iter_mut().zip(demand).for_each(|(left, demand)| *left -= demand);
            }
            !starts
        });
        for &(_, number) in &due {
            self.release(situation, number);
        }
        for &(_, number) in &due {
            self.place(situation, number);
        }
    }

    /// The keys that are to start now.
    pub fn starting(&self, now: f64, found: &mut Vec<u32>) {
        found.clear();
        found.extend(self.due.range((ordered(now), 0, 0)..(ordered(now), 1, 0)).map(|item| item.2));
    }

    fn take_out(&mut self, number: u32) -> Option<Moment> {
        let start = self.held[number as usize].take()?;
        self.due.remove(&(ordered(start.time), start.instant, number));
        Some(start)
    }

    /// Takes a reservation back.
    fn release(&mut self, situation: &Situation<'_>, number: u32) -> Option<Moment> {
        let start = self.take_out(number)?;
        self.profile.give(start, start.after(situation.estimate(number)), situation.demand(number));
        Some(start)
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
            self.profile.take(Moment::at(now), situation.end(end), situation.demand(number));
        }
        self.overdue_at = now;
        (self.anew, self.compress, self.settled) = (false, false, true);
    }

    /// Moves a key to the earliest moment beside all others.
    fn move_up(&mut self, situation: &Situation<'_>, number: u32) {
        let Some(old) = self.release(situation, number) else { return };
        self.place(situation, number);
        let new = self.held[number as usize];
        debug_assert!(new.is_some_and(|new| new <= old), "no key moves later");
        self.settled &= new == Some(old);
    }

    /// Gives a key the earliest moment beside all others, or notes that it can have none at the capacity of the moment.
    fn place(&mut self, situation: &Situation<'_>, number: u32) {
        let record = &situation.table.records[number as usize];
        let from = if situation.groups.is_excessive(record.group) { None } else { self.earliest_start(situation, number) };
        match from {
            Some(from) => {
                let start = self.profile.earliest(from, record.estimate, situation.demand(number));
                self.hold(situation, number, start);
            }
            None => self.unplaced.push(number),
        }
    }

    fn hold(&mut self, situation: &Situation<'_>, number: u32, start: Moment) {
        self.profile.take(start, start.after(situation.estimate(number)), situation.demand(number));
        self.held[number as usize] = Some(start);
        self.due.insert((ordered(start.time), start.instant, number));
    }

    /// When all that a key needs has ended, as predicted; none if one of those has no reservation.
    fn earliest_start(&self, situation: &Situation<'_>, number: u32) -> Option<Moment> {
        let mut from = Moment::at(situation.now);
        for &predecessor in situation.table.predecessors(number) {
            let record = &situation.table.records[predecessor as usize];
            let end = match record.state {
                KeyState::Running => situation.end(record.end()),
                KeyState::Waiting | KeyState::Ready => self.held[predecessor as usize]?.after(record.estimate),
                _ => continue,
            };
            if from < end {
                from = end;
            }
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
    pub fn restore(&mut self, situation: &Situation<'_>, held: Vec<Option<Moment>>) {
        self.clear(situation);
        self.held = vec![None; held.len()];
        self.unplaced.clear();
        for (number, start) in (0..).zip(held) {
            match start {
                Some(start) => self.hold(situation, number, start),
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

    /// The predicted end of a key that runs, by its start and estimate: a key that should have ended runs for one more instant.
    fn end(&self, end: f64) -> Moment {
        if end > self.now { Moment::at(end) } else { Moment::at(self.now).next() }
    }
}
