//! The keys of the policy queue: adding one or many, and snapshots.

use numpy::PyReadonlyArray1;
use pyo3::exceptions::{PyIndexError, PyValueError};
use pyo3::prelude::*;
use pyo3::types::PyList;
use schedkit_core::error::InputError;
use schedkit_core::memory;
use schedkit_core::online::Policy;
use schedkit_core::online::queue::{QueueEntry, SlotQueue, spread};

use crate::convert::owned;
use crate::errors::{BindError, Result};
use crate::shared_keys::{Key, NumbersKeys, SharedKeys};

/// The queue and its keys.
pub type SharedQueue = SharedKeys<SlotQueue>;

impl NumbersKeys for SlotQueue {
    const UNKNOWN: &'static str = "is not in the queue";
    const NOUN: &'static str = "queue";

    fn count(&self) -> usize {
        self.len()
    }

    fn emptied(&self) -> std::result::Result<Self, InputError> {
        Self::new(self.policy(), false)
    }
}

/// The error for a queue without keys.
pub fn empty() -> PyErr {
    PyIndexError::new_err("the queue is empty")
}

/// The facts of many keys, by column.
#[derive(FromPyObject)]
#[pyo3(from_item_all)]
pub struct EntryColumns<'py> {
    size: Option<PyReadonlyArray1<'py, f64>>,
    attained: Option<PyReadonlyArray1<'py, f64>>,
    weight: Option<PyReadonlyArray1<'py, f64>>,
    estimate: Option<PyReadonlyArray1<'py, f64>>,
    deadline: Option<PyReadonlyArray1<'py, f64>>,
    arrival: Option<PyReadonlyArray1<'py, f64>>,
    level: Option<PyReadonlyArray1<'py, i64>>,
}

/// If at least this many keys are added at once, their memory is requested first, and signals are checked once for as many.
const MANY: usize = 4096;

/// Bytes that a key takes at most while the queue's columns grow.
const KEY: usize = 512;

impl SharedQueue {
    /// Takes a key out of the queue.
    pub fn remove(&self, key: &Bound<'_, PyAny>) -> PyResult<()> {
        let (mut state, slot) = self.known(key)?;
        state.slots.remove(slot);
        Self::drop_key(state, slot);
        Ok(())
    }

    /// Adds a key to the queue.
    pub fn enter(&self, key: &Bound<'_, PyAny>, entry: &QueueEntry, now: Option<f64>) -> Result<()> {
        let hash = spread(key.hash()? as u64);
        let (mut state, found) = self.find(key, hash)?;
        if found.is_some() {
            drop(state);
            return Err(self.key_error("is in the queue already", key).into());
        }
        let now = state.time(now);
        let slot = state.slots.add(entry, now)?;
        state.enter(hash, slot, key.clone().unbind());
        Ok(())
    }

    /// Adds many keys: all of them, or none if one is refused.
    pub fn enter_many(&self, keys: &Bound<'_, PyList>, now: Option<f64>, columns: &EntryColumns<'_>) -> Result<()> {
        let column = |column: &Option<PyReadonlyArray1<'_, f64>>| column.as_ref().map(owned).transpose();
        if keys.len() >= MANY {
            memory::require_items(keys.len() + self.lock().slots.len(), KEY)?;
        }
        let (size, attained, weight) = (column(&columns.size)?, column(&columns.attained)?, column(&columns.weight)?);
        let (estimate, deadline) = (column(&columns.estimate)?, column(&columns.deadline)?);
        let (arrival, level) = (column(&columns.arrival)?, columns.level.as_ref().map(owned).transpose()?);
        let now = self.lock().time(now);
        for (k, key) in keys.iter().enumerate() {
            let heard = if k % MANY == MANY - 1 { keys.py().check_signals() } else { Ok(()) };
            let at = |column: &Option<Vec<f64>>| column.as_ref().map(|column| column[k]);
            let entry = QueueEntry {
                size: at(&size),
                attained: at(&attained).unwrap_or(0.0),
                weight: at(&weight).unwrap_or(1.0),
                estimate: at(&estimate),
                deadline: at(&deadline).unwrap_or(f64::INFINITY),
                arrival: at(&arrival),
                level: level.as_ref().map_or(0, |level| level[k]),
                ..QueueEntry::default()
            };
            if let Err(error) = heard.map_err(BindError::from).and_then(|()| self.enter(&key, &entry, Some(now))) {
                for key in keys.iter().take(k) {
                    let _ = self.remove(&key); // another thread may have removed the key already
                }
                return Err(error.at(k));
            }
        }
        Ok(())
    }

    /// The keys, and the state of the queue as bytes.
    pub fn save(&self, py: Python<'_>) -> (Vec<Key>, Vec<u8>) {
        let state = self.lock();
        let (words, slots) = state.slots.save();
        let keys = slots.into_iter().map(|slot| state.key(py, slot)).collect();
        drop(state);
        (keys, words.into_iter().flat_map(u64::to_le_bytes).collect())
    }

    /// Restores the state that another queue has saved.
    pub fn restore(&self, py: Python<'_>, policy: &Policy, keys: Vec<Key>, bytes: &[u8]) -> Result<()> {
        let words: Vec<u64> =
            bytes.chunks_exact(8).map(|word| u64::from_le_bytes(word.try_into().expect("eight bytes"))).collect();
        if !bytes.len().is_multiple_of(8) {
            return Err(PyValueError::new_err("the state is not the record of a queue with these keys").into());
        }
        let mut state = self.fill(py, SlotQueue::restore(policy, &words)?, keys)?;
        state.offset = state.offset.max(state.slots.now());
        Ok(())
    }
}
