//! The decision: which ready keys start now.

use super::key_table::KeyState;
use super::numbered::NumberedDispatcher;
use super::options::Backfill;
use super::order_key::OrderKey;

impl NumberedDispatcher {
    /// Starts what may start at this moment.
    pub(super) fn decide(&mut self, started: &mut Vec<u32>) {
        match self.backfill {
            Backfill::None => {
                self.start_while_first_fits(started);
            }
            Backfill::Greedy => self.start_all_that_fit::<false>(started),
            Backfill::Easy => {
                self.head = self.start_while_first_fits(started);
                if let Some(head) = self.head {
                    let group = self.table.records[head as usize].group;
                    let demand = self.groups.demand(group);
                    self.forecast.compute(demand, &self.free, self.now, &self.running, &self.table, &self.groups);
                    self.start_all_that_fit::<true>(started);
                }
            }
            Backfill::Conservative => self.start_reserved(started),
        }
    }

    fn start_and_list(&mut self, number: u32, started: &mut Vec<u32>) {
        self.start(number);
        started.push(number);
    }

    /// Starts keys in order up to the first that does not fit, and returns that one.
    fn start_while_first_fits(&mut self, started: &mut Vec<u32>) -> Option<u32> {
        loop {
            let (group, key) = self.groups.first()?;
            if !self.groups.fits(group, &self.free) {
                return Some(key.number);
            }
            self.start_and_list(key.number, started);
        }
    }

    /// Starts, in order, every key that fits and, with `BESIDE_HEAD`, does not delay the head.
    ///
    /// What is free and what is spare only shrink during one decision, so a key that may not start now will not be able to later on, the
    /// first one that may start is the next in order each time, and only groups that fitted before can fit again.
    fn start_all_that_fit<const BESIDE_HEAD: bool>(&mut self, started: &mut Vec<u32>) {
        let mut fitting = std::mem::take(&mut self.fitting);
        self.groups.fitting(&self.free, &mut fitting);
        loop {
            let mut first = (OrderKey::LAST, 0);
            for &group in &fitting {
                let key = if BESIDE_HEAD { self.candidate(group) } else { Some(self.groups.head(group)) };
                if let Some(key) = key
                    && key < first.0
                {
                    first = (key, group);
                }
            }
            let (OrderKey { number, .. }, group) = first;
            if first.0 == OrderKey::LAST {
                break;
            }
            if BESIDE_HEAD {
                self.shrink_remainder(number, group);
            }
            self.start(number);
            started.push(number);
            self.groups.still_fitting(&self.free, &mut fitting);
        }
        self.fitting = fitting;
    }

    /// What a key that starts takes of the spare amounts beside the head is not spare any more.
    fn shrink_remainder(&mut self, number: u32, group: u32) {
        if !self.forecast.ends_in_time(self.now, self.table.records[number as usize].estimate) {
            let demand = self.groups.demand(group);
            self.forecast.spare.iter_mut().zip(demand).for_each(|(spare, units)| *spare -= units);
        }
    }

    /// The first ready key of a group that may start as far as the head is concerned.
    fn candidate(&mut self, group: u32) -> Option<OrderKey> {
        if self.groups.fits(group, &self.forecast.spare) {
            return Some(self.groups.head(group));
        }
        let (forecast, now) = (&self.forecast, self.now);
        self.groups.first_of_with(group, |estimate| forecast.ends_in_time(now, estimate))
    }

    /// Brings all reservations up to date and starts the keys whose time has come.
    fn start_reserved(&mut self, started: &mut Vec<u32>) {
        let now = self.now;
        let mut due = std::mem::take(&mut self.fitting);
        self.with_situation(|reservations, situation| {
            reservations.update(situation);
            reservations.starting(now, &mut due);
        });
        due.retain(|&number| self.table.records[number as usize].state == KeyState::Ready);
        due.sort_unstable_by_key(|&number| self.table.records[number as usize].order);
        for &number in &due {
            if self.groups.fits(self.table.records[number as usize].group, &self.free) {
                self.start_and_list(number, started);
            }
        }
        self.fitting = due;
    }
}
