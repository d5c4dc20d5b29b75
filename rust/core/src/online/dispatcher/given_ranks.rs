//! Ranks that come with the keys: which ones are in use, and how all of them change at once.

use super::key_table::{KeyRecord, KeyState};
use super::numbered::NumberedDispatcher;
use crate::online::heap::{ordered, value};

impl NumberedDispatcher {
    /// The ranks of all keys that wait or run, in no order.
    #[must_use]
    pub fn ranks(&self) -> Vec<f64> {
        let live = self.table.records.iter().filter(|record| record.state.waits() || record.state == KeyState::Running);
        live.map(|record| value(u128::from(record.order.rank) << 64)).collect()
    }

    /// Keys get other ranks, all at one moment, which must sort them as before; those for which `change` gives none keep theirs. Only for
    /// ranks that come with the keys.
    pub fn change_ranks(&mut self, change: impl Fn(f64) -> Option<f64>) {
        let ready = |record: &&mut KeyRecord| record.state == KeyState::Ready;
        for record in self.table.records.iter_mut().filter(ready) {
            self.groups.remove(record.group, record.order);
        }
        for record in &mut self.table.records {
            if let Some(rank) = change(value(u128::from(record.order.rank) << 64)) {
                record.order.rank = ordered(rank);
            }
        }
        for record in self.table.records.iter_mut().filter(ready) {
            self.groups.insert(record.group, record.order, record.estimate);
        }
    }
}
