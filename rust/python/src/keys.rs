//! The keys of the policy queue: where they are kept, how they are looked up without holding the lock over foreign code, and numbers.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Instant;

use pyo3::exceptions::{PyIndexError, PyRuntimeError};
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyFloat, PyInt, PyString};
use schedkit_core::online::queue::{Desk, Entry, Index, spread};

use crate::errors::Result;

/// How often a look-up begins again because comparing keys has changed the queue.
const PATIENCE: usize = 1000;

pub type Key = Py<PyAny>;

/// What the lock guards.
pub struct State {
    pub desk: Desk,
    pub index: Index,
    /// By slot; nothing for slots that nobody has.
    pub keys: Vec<Option<Key>>,
    pub hashes: Vec<u32>,
    /// Counts comings and goings.
    pub version: u64,
    pub began: Instant,
    /// What the clock showed then.
    pub offset: f64,
}

impl State {
    /// The time that was given, or the clock's.
    pub fn time(&self, now: Option<f64>) -> f64 {
        now.unwrap_or_else(|| self.offset + self.began.elapsed().as_secs_f64())
    }

    /// A key has its slot.
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

    /// A key leaves its slot.
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

/// The lock, and the slot of a key if it has one.
type Found<'a> = (MutexGuard<'a, State>, Option<u32>);

/// Whether comparing it runs no foreign code.
fn is_plain(key: &Bound<'_, PyAny>) -> bool {
    key.is_exact_instance_of::<PyString>() || key.is_exact_instance_of::<PyInt>()
}

/// The error for a queue without keys.
pub fn empty() -> PyErr {
    PyIndexError::new_err("the queue is empty")
}

/// The error for a refused value, as the Python side words it.
fn refuse(py: Python<'_>, kind: &str, field: &str, reason: &str, value: &Bound<'_, PyAny>) -> PyErr {
    let make = || {
        let options = PyDict::new(py);
        options.set_item("value", value)?;
        options.set_item("kind", py.import("schedkit.errors")?.getattr(kind)?)?;
        py.import("schedkit._validation")?.getattr("refuse")?.call((field, reason), Some(&options))
    };
    make().map_or_else(|error| error, PyErr::from_value)
}

/// A number; finiteness and range are the core's business.
pub fn number(value: &Bound<'_, PyAny>, field: &'static str) -> PyResult<f64> {
    if let Ok(number) = value.cast_exact::<PyFloat>() {
        return Ok(number.value());
    }
    if value.is_exact_instance_of::<PyInt>()
        && let Ok(number) = value.extract::<i64>()
        && (number as f64) as i128 == i128::from(number)
    {
        return Ok(number as f64); // Python's own way refuses what would be rounded
    }
    let options = PyDict::new(value.py());
    options.set_item("infinite", true)?;
    value.py().import("schedkit._validation")?.getattr("float_scalar")?.call((value, field), Some(&options))?.extract()
}

/// The same where it may be missing.
pub fn optional(value: Option<&Bound<'_, PyAny>>, field: &'static str) -> PyResult<Option<f64>> {
    value.map(|value| number(value, field)).transpose()
}

/// The state behind its lock.
pub struct Shared(pub Mutex<State>);

impl Shared {
    /// The lock; a panic under it, which would be a bug, does not close it for ever.
    pub fn lock(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Looks a key up; the lock is held from here on.
    pub fn find(&self, key: &Bound<'_, PyAny>, hash: u32) -> PyResult<Found<'_>> {
        let (py, plain) = (key.py(), is_plain(key));
        for _ in 0..PATIENCE {
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
    pub fn known(&self, key: &Bound<'_, PyAny>) -> PyResult<(MutexGuard<'_, State>, u32)> {
        match self.find(key, spread(key.hash()? as u64))? {
            (state, Some(slot)) => Ok((state, slot)),
            (state, None) => {
                drop(state);
                Err(refuse(key.py(), "UnknownKeyError", "key", "is not in the queue", key))
            }
        }
    }

    /// Puts a key in line.
    pub fn enter(&self, key: &Bound<'_, PyAny>, entry: &Entry, now: Option<f64>) -> Result<()> {
        let hash = spread(key.hash()? as u64);
        let (mut state, found) = self.find(key, hash)?;
        if found.is_some() {
            drop(state);
            return Err(refuse(key.py(), "InvalidInputError", "key", "is in the queue already", key).into());
        }
        let now = state.time(now);
        let slot = state.desk.add(entry, now)?;
        state.enter(hash, slot, key.clone().unbind());
        Ok(())
    }
}
