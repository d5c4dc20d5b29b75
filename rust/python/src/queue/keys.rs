//! The keys of the policy queue: where they are kept, how they are looked up without holding the lock while foreign code runs, and how
//! arguments become numbers.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Instant;

use numpy::PyReadonlyArray1;
use pyo3::exceptions::{PyIndexError, PyRuntimeError, PyValueError};
use pyo3::prelude::*;
use pyo3::types::{PyFloat, PyInt, PyList, PyString};
use schedkit_core::memory;
use schedkit_core::online::Policy;
use schedkit_core::online::queue::{KeyIndex, QueueEntry, SlotQueue, spread};

use crate::convert::owned;
use crate::errors::{BindError, Result};

/// How often a look-up begins again because comparing keys has changed the queue.
const ATTEMPTS: usize = 1000;

pub type Key = Py<PyAny>;

/// The queue and its keys, which the lock guards.
pub struct QueueState {
    pub slots: SlotQueue,
    pub index: KeyIndex,
    /// Keys by slot; none for unused slots.
    pub keys: Vec<Option<Key>>,
    pub hashes: Vec<u32>,
    /// Counts the keys that were added and removed.
    pub version: u64,
    /// When the queue was made.
    pub began: Instant,
    /// What the clock showed then, in seconds.
    pub offset: f64,
}

impl QueueState {
    /// The time that was given, or the time of the clock.
    pub fn time(&self, now: Option<f64>) -> f64 {
        now.unwrap_or_else(|| self.offset + self.began.elapsed().as_secs_f64())
    }

    /// Puts a key into the slot that the queue gave it.
    pub fn enter(&mut self, hash: u32, slot: u32, key: Key) {
        if slot as usize == self.keys.len() {
            self.keys.push(Some(key));
            self.hashes.push(hash);
        } else {
            self.keys[slot as usize] = Some(key);
            self.hashes[slot as usize] = hash;
        }
        self.index.insert(hash, slot);
        self.version += 1;
    }

    /// Takes a key out of its slot.
    pub fn leave(&mut self, slot: u32) -> Key {
        self.index.remove(self.hashes[slot as usize], slot);
        self.version += 1;
        self.keys[slot as usize].take().expect("a slot in use has a key")
    }

    /// The key of a slot.
    pub fn key(&self, py: Python<'_>, slot: u32) -> Key {
        self.keys[slot as usize].as_ref().expect("a slot in use has a key").clone_ref(py)
    }
}

/// The lock, and the slot of a key if it is in the queue.
type Found<'a> = (MutexGuard<'a, QueueState>, Option<u32>);

/// Whether comparing this key runs no foreign code.
fn is_plain(key: &Bound<'_, PyAny>) -> bool {
    key.is_exact_instance_of::<PyString>() || key.is_exact_instance_of::<PyInt>()
}

/// The error for a queue without keys.
pub fn empty() -> PyErr {
    PyIndexError::new_err("the queue is empty")
}

/// The state behind its lock, and the Python functions that the queue was given.
pub struct SharedQueue {
    pub state: Mutex<QueueState>,
    /// `number(value, field)` reads a number as all of the package does, or raises.
    pub number: Py<PyAny>,
    /// The same for integers of 64 bits.
    pub integer: Py<PyAny>,
    /// `key_error(reason, key)` makes the exception for a key that is in the queue already, or is not.
    pub key_error: Py<PyAny>,
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
    /// The lock; a panic of another thread under it, which would be a bug, does not close it for ever.
    pub fn lock(&self) -> MutexGuard<'_, QueueState> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The lock, and the time that was given or that of the clock.
    pub fn lock_at(&self, now: Option<&Bound<'_, PyAny>>) -> PyResult<(MutexGuard<'_, QueueState>, f64)> {
        let now = self.optional(now, "now")?;
        let state = self.lock();
        let now = state.time(now);
        Ok((state, now))
    }

    /// A number; the core judges whether it is finite and in range.
    pub fn number(&self, value: &Bound<'_, PyAny>, field: &'static str) -> PyResult<f64> {
        if let Ok(number) = value.cast_exact::<PyFloat>() {
            return Ok(number.value());
        }
        if value.is_exact_instance_of::<PyInt>()
            && let Ok(number) = value.extract::<i64>()
            && (number as f64) as i128 == i128::from(number)
        {
            return Ok(number as f64); // the Python function refuses integers that would be rounded
        }
        self.number.bind(value.py()).call1((value, field))?.extract()
    }

    /// A number, if one was given.
    pub fn optional(&self, value: Option<&Bound<'_, PyAny>>, field: &'static str) -> PyResult<Option<f64>> {
        value.map(|value| self.number(value, field)).transpose()
    }

    /// A level of urgency, if one was given.
    pub fn level(&self, value: Option<&Bound<'_, PyAny>>) -> PyResult<Option<i64>> {
        let Some(value) = value else { return Ok(None) };
        if value.is_exact_instance_of::<PyInt>()
            && let Ok(level) = value.extract()
        {
            return Ok(Some(level));
        }
        self.integer.bind(value.py()).call1((value, "level"))?.extract().map(Some)
    }

    /// The exception for a key that cannot be where it is said to be.
    fn key_error(&self, reason: &str, key: &Bound<'_, PyAny>) -> PyErr {
        self.key_error.bind(key.py()).call1((reason, key)).map_or_else(|error| error, PyErr::from_value)
    }

    /// Looks a key up; the lock is held from here on.
    pub fn find(&self, key: &Bound<'_, PyAny>, hash: u32) -> PyResult<Found<'_>> {
        let (py, plain) = (key.py(), is_plain(key));
        for _ in 0..ATTEMPTS {
            let state = self.lock();
            let (mut unsure, mut same) = (Vec::new(), None);
            for slot in state.index.candidates(hash) {
                let other = state.keys[slot as usize].as_ref().expect("a slot in use has a key").bind(py);
                if other.is(key) || (plain && is_plain(other) && other.eq(key)?) {
                    same = Some(slot);
                    break;
                }
                if !(plain && is_plain(other)) {
                    unsure.push((slot, other.clone()));
                }
            }
            if same.is_some() || unsure.is_empty() {
                return Ok((state, same));
            }
            let version = state.version;
            drop(state);
            let mut found = None;
            for (slot, other) in unsure {
                if other.eq(key)? {
                    found = Some(slot);
                    break;
                }
            }
            let state = self.lock();
            if state.version == version {
                return Ok((state, found));
            }
        }
        Err(PyRuntimeError::new_err("the queue changed whenever keys were compared"))
    }

    /// Looks up a key that has to be there.
    pub fn known(&self, key: &Bound<'_, PyAny>) -> PyResult<(MutexGuard<'_, QueueState>, u32)> {
        match self.find(key, spread(key.hash()? as u64))? {
            (state, Some(slot)) => Ok((state, slot)),
            (state, None) => {
                drop(state);
                Err(self.key_error("is not in the queue", key))
            }
        }
    }

    /// The lock, the slot of a key that has to be there, and the time.
    pub fn known_at(
        &self,
        key: &Bound<'_, PyAny>,
        now: Option<&Bound<'_, PyAny>>,
    ) -> PyResult<(MutexGuard<'_, QueueState>, u32, f64)> {
        let now = self.optional(now, "now")?;
        let (state, slot) = self.known(key)?;
        let now = state.time(now);
        Ok((state, slot, now))
    }

    /// Takes a key out of the queue.
    pub fn remove(&self, key: &Bound<'_, PyAny>) -> PyResult<()> {
        let (mut state, slot) = self.known(key)?;
        state.slots.remove(slot);
        let gone = state.leave(slot);
        drop(state);
        drop(gone);
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
        let slots = SlotQueue::restore(policy, &words)?;
        if slots.len() != keys.len() || !bytes.len().is_multiple_of(8) {
            return Err(PyValueError::new_err("the state is not the record of a queue with these keys").into());
        }
        let hashes = keys.iter().map(|key| Ok(spread(key.bind(py).hash()? as u64))).collect::<PyResult<Vec<u32>>>()?;
        let mut state = self.lock();
        if !state.keys.is_empty() {
            return Err(PyValueError::new_err("the queue is in use already").into());
        }
        state.offset = state.offset.max(slots.now());
        state.slots = slots;
        for (slot, (key, hash)) in (0..).zip(keys.into_iter().zip(hashes)) {
            state.enter(hash, slot, key);
        }
        Ok(())
    }
}
