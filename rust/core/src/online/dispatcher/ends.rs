//! How keys end: they finish, fail or are cancelled, and what needs them is ready or blocked.

use std::collections::BTreeSet;

use super::key_table::KeyState;
use super::numbered::NumberedDispatcher;
use crate::error::InputError;
use crate::online::queue::judge;

/// The error for a key in a state that a call does not take.
fn no_key(state: KeyState, expected: &str) -> InputError {
    InputError::new("key", format!("{expected}: it {}", state.words()))
}

impl NumberedDispatcher {
    /// A running key runs no longer.
    fn stop(&mut self, number: u32) {
        let record = &self.table.records[number as usize];
        let (place, end) = (record.place, record.end());
        let demand = self.groups.demand(record.group);
        self.free.iter_mut().zip(demand).for_each(|(free, units)| *free += units);
        if let Some(reservations) = &mut self.reservations {
            reservations.ended(self.now, end, demand);
        }
        if let Some(moved) = self.running.remove(place, end) {
            self.table.records[moved as usize].place = place;
        }
        self.stats.running -= 1;
        self.changed = true;
    }

    fn check_runs(&self, key: u32) -> Result<(), InputError> {
        match self.state(key)? {
            KeyState::Running => Ok(()),
            state => Err(no_key(state, "does not run")),
        }
    }

    /// A running key has finished. Keys that needed it alone are ready. O(keys that need it + log n).
    ///
    /// # Errors
    /// A key that does not run, an invalid time.
    pub fn finished(&mut self, key: u32, now: f64) -> Result<(), InputError> {
        judge("now", now, true, "")?;
        self.check_runs(key)?;
        self.tick(now);
        self.stop(key);
        let record = &mut self.table.records[key as usize];
        record.state = KeyState::Done;
        self.groups.leave(record.group);
        self.stats.done += 1;
        let mut edge = record.edge;
        while let Some((successor, next)) = self.table.edge(edge) {
            edge = next;
            let record = &mut self.table.records[successor as usize];
            record.open -= 1;
            if record.open == 0 && record.state == KeyState::Waiting {
                self.make_ready(successor);
            }
        }
        Ok(())
    }

    /// A running key has failed. With `retry` it is ready at once and keeps its place in the order; without, all keys that need it are
    /// blocked, and returned in the order of their submission. O(log n), or O((keys that need it) log n).
    ///
    /// # Errors
    /// A key that does not run, an invalid time.
    pub fn failed(&mut self, key: u32, now: f64, retry: bool) -> Result<Vec<u32>, InputError> {
        judge("now", now, true, "")?;
        self.check_runs(key)?;
        self.tick(now);
        self.stop(key);
        if retry {
            self.stats.waiting += 1;
            self.stats.retries += 1;
            self.make_ready(key);
            if let Some(reservations) = &mut self.reservations {
                reservations.retried(key);
            }
            return Ok(Vec::new());
        }
        self.stats.failed += 1;
        Ok(self.give_up(key, KeyState::Failed))
    }

    /// Cancels a key that waits, is blocked or runs; what it held is free at once. All keys that need it are blocked, and those that were
    /// not before are returned in the order of their submission. O((keys that need it) log n).
    ///
    /// # Errors
    /// A key that has ended, an invalid time.
    pub fn cancel(&mut self, key: u32, now: f64) -> Result<Vec<u32>, InputError> {
        judge("now", now, true, "")?;
        let state = self.state(key)?;
        match state {
            KeyState::Done | KeyState::Failed | KeyState::Cancelled => return Err(no_key(state, "cannot be cancelled")),
            _ => self.tick(now),
        }
        match state {
            KeyState::Running => self.stop(key),
            KeyState::Blocked => self.stats.blocked -= 1,
            _ => self.stop_waiting(key),
        }
        self.stats.cancelled += 1;
        Ok(self.give_up(key, KeyState::Cancelled))
    }

    /// A key that waits will not run.
    fn stop_waiting(&mut self, number: u32) {
        let record = &self.table.records[number as usize];
        if record.state == KeyState::Ready {
            self.groups.remove(record.group, record.order);
            self.stats.ready -= 1;
        }
        if let Some(reservations) = &mut self.reservations {
            reservations.withdraw(number, self.groups.demand(record.group), record.estimate);
        }
        if self.head == Some(number) {
            self.head = None;
        }
        self.stats.waiting -= 1;
        self.changed = true;
    }

    /// A key ends without success: the keys that need it are blocked.
    fn give_up(&mut self, key: u32, state: KeyState) -> Vec<u32> {
        let record = &mut self.table.records[key as usize];
        if record.state != KeyState::Blocked {
            self.groups.leave(record.group);
        }
        record.state = state;
        // In the order of their submission, so that whatever blocks a key has its state before the key is looked at.
        let mut reached: BTreeSet<u32> = self.table.successors(key).collect();
        let mut blocked = Vec::new();
        while let Some(number) = reached.pop_first() {
            if !self.table.records[number as usize].state.waits() {
                continue;
            }
            self.stop_waiting(number);
            self.groups.leave(self.table.records[number as usize].group);
            let cause = self.table.first_blocking(number);
            let record = &mut self.table.records[number as usize];
            (record.state, record.cause) = (KeyState::Blocked, cause);
            self.stats.blocked += 1;
            reached.extend(self.table.successors(number));
            blocked.push(number);
        }
        blocked
    }
}
