//! Queries about the state of a dispatcher; nothing here changes what it decides.

use super::key_table::{KeyState, NONE};
use super::numbered::{DispatchStats, NumberedDispatcher};
use super::options::{Backfill, DispatchOrder};
use super::order_key::OrderKey;
use crate::error::InputError;

impl NumberedDispatcher {
    /// What decides between keys of equal priority.
    #[must_use]
    pub fn order(&self) -> &DispatchOrder {
        &self.order
    }

    /// Who may pass whom.
    #[must_use]
    pub fn backfill(&self) -> Backfill {
        self.backfill
    }

    /// The capacities of the moment.
    #[must_use]
    pub fn capacity(&self) -> &[i64] {
        &self.capacity
    }

    /// The capacities minus what the running keys hold; below zero after a capacity has shrunk below that.
    #[must_use]
    pub fn free(&self) -> &[i64] {
        &self.free
    }

    /// How many keys have been submitted.
    #[must_use]
    pub fn len(&self) -> usize {
        self.table.records.len()
    }

    /// Whether no key has been submitted.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.table.records.is_empty()
    }

    /// The last time that was given; minus infinity before the first one.
    #[must_use]
    pub fn now(&self) -> f64 {
        self.now
    }

    /// How many times lay before the last one and counted as the last one.
    #[must_use]
    pub fn clock_skew(&self) -> u64 {
        self.skew
    }

    /// Counts of keys.
    #[must_use]
    pub fn stats(&self) -> DispatchStats {
        self.stats
    }

    /// What has become of a key.
    ///
    /// # Errors
    /// A number that was not given to a key.
    pub fn state(&self, key: u32) -> Result<KeyState, InputError> {
        let record = self.table.records.get(key as usize);
        record.map(|record| record.state).ok_or_else(|| InputError::new("key", "was never submitted").value(i64::from(key)))
    }

    /// The keys that wait, in order; blocked ones are not among them. O(n log n).
    pub fn waiting(&mut self) -> Vec<u32> {
        self.update_levels();
        let mut keys: Vec<OrderKey> =
            self.table.records.iter().filter(|record| record.state.waits()).map(|record| record.order).collect();
        keys.sort_unstable();
        keys.into_iter().map(|key| key.number).collect()
    }

    /// The keys that run, in the order in which they were started.
    #[must_use]
    pub fn running(&self) -> Vec<u32> {
        let mut keys = self.running.keys().to_vec();
        keys.sort_unstable_by_key(|&number| self.table.records[number as usize].turn);
        keys
    }

    /// The keys that are blocked, in the order of their submission. O(n).
    #[must_use]
    pub fn blocked(&self) -> Vec<u32> {
        let records = (0..).zip(&self.table.records);
        records.filter(|(_, record)| record.state == KeyState::Blocked).map(|(number, _)| number).collect()
    }

    /// Why a key is blocked: the keys from the one that has failed or was cancelled to this one, each needing the one before; only the key
    /// itself if it is not blocked. Of several keys that block one, the first in its `after` counts, as it was when the key was blocked.
    ///
    /// # Errors
    /// A number that was not given to a key.
    pub fn chain(&self, key: u32) -> Result<Vec<u32>, InputError> {
        self.state(key)?;
        Ok(self.chain_of(key))
    }

    /// The chain of a number that was given to a key.
    pub(super) fn chain_of(&self, key: u32) -> Vec<u32> {
        let cause = |&number: &u32| Some(self.table.records[number as usize].cause).filter(|&cause| cause != NONE);
        let mut chain: Vec<u32> = std::iter::successors(Some(key), cause).collect();
        chain.reverse();
        chain
    }

    /// When the key is to start, by the reservations of the last decision. It is none for keys without a reservation: with EASY
    /// backfilling, all but the first key that did not fit. It is infinite behind a key without an estimate.
    ///
    /// # Errors
    /// A number that was not given to a key.
    pub fn reservation(&self, key: u32) -> Result<Option<f64>, InputError> {
        self.state(key)?;
        Ok(match &self.reservations {
            Some(reservations) => reservations.start(key),
            None => (self.head == Some(key)).then_some(self.forecast.start),
        })
    }
}
