//! Python objects as keys of the policy queue, of the dispatcher, of admission and of routers: where they are kept, how they are looked up without holding the lock
//! while foreign code runs, and how arguments become numbers.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Instant;

use pyo3::exceptions::{PyRuntimeError, PyValueError};
use pyo3::gc::{PyTraverseError, PyVisit};
use pyo3::prelude::*;
use pyo3::types::{PyFloat, PyInt, PyString};
use schedkit_core::InputError;
use schedkit_core::online::queue::{KeyIndex, spread};

use crate::errors::Result;

/// How often a look-up begins again because comparing keys has changed the queue.
const ATTEMPTS: usize = 1000;

pub type Key = Py<PyAny>;

/// A store that knows keys by number, such as a queue or a dispatcher.
pub trait NumbersKeys: Sized {
    /// The words of messages about keys that are not there.
    const UNKNOWN: &'static str;
    /// The word of messages for the whole.
    const NOUN: &'static str;

    /// How many keys it knows.
    fn count(&self) -> usize;

    /// One with the same options and without keys.
    fn emptied(&self) -> std::result::Result<Self, InputError>;
}

/// The state that the lock guards: the store of numbers, and their keys.
pub struct KeyedState<T> {
    pub slots: T,
    pub index: KeyIndex,
    /// Keys by slot; none for unused slots.
    pub keys: Vec<Option<Key>>,
    pub hashes: Vec<u32>,
    /// Counts the keys that were added and removed.
    pub version: u64,
    /// When the queue was made.
    pub began: Instant,
    /// The reading of the clock at that moment, in seconds.
    pub offset: f64,
}

/// The answer to a look-up that runs no foreign code.
enum PlainLookup {
    Found(u32),
    Absent,
    /// There are keys of this hash that only foreign code can compare.
    Unsure,
}

impl<T> KeyedState<T> {
    /// A state without keys, whose clock begins at `offset`.
    pub fn new(slots: T, offset: f64) -> Self {
        let (index, keys, hashes) = (KeyIndex::default(), Vec::new(), Vec::new());
        Self { slots, index, keys, hashes, version: 0, began: Instant::now(), offset }
    }

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

    /// Looks a key up as far as that runs no foreign code.
    fn find_plain(&self, key: &Bound<'_, PyAny>, hash: u32) -> PyResult<PlainLookup> {
        let py = key.py();
        let mut unsure = false;
        for slot in self.index.candidates(hash) {
            let other = self.keys[slot as usize].as_ref().expect("a slot in use has a key").bind(py);
            if other.is(key) {
                return Ok(PlainLookup::Found(slot));
            }
            if !(is_plain(key) && is_plain(other)) {
                unsure = true;
            } else if other.eq(key)? {
                return Ok(PlainLookup::Found(slot));
            }
        }
        Ok(if unsure { PlainLookup::Unsure } else { PlainLookup::Absent })
    }

    /// The key of a slot.
    pub fn key(&self, py: Python<'_>, slot: u32) -> Key {
        self.keys[slot as usize].as_ref().expect("a slot in use has a key").clone_ref(py)
    }
}

/// The lock, and the slot of a key if it is in the queue.
type Found<'a, T> = (MutexGuard<'a, KeyedState<T>>, Option<u32>);

/// Whether comparing this key runs no foreign code.
fn is_plain(key: &Bound<'_, PyAny>) -> bool {
    key.is_exact_instance_of::<PyString>() || key.is_exact_instance_of::<PyInt>()
}

/// The state behind its lock, and the two Python functions that it was given.
pub struct SharedKeys<T> {
    pub state: Mutex<KeyedState<T>>,
    /// `number(value, field)` reads a number as all of the package does, or raises.
    pub number: Py<PyAny>,
    /// `key_error(reason, key)` makes the exception for a key that is in the queue already, or is not.
    pub key_error: Py<PyAny>,
}

impl<T: NumbersKeys> SharedKeys<T> {
    /// The lock; a panic of another thread under it, which would be a bug, does not close it for ever.
    pub fn lock(&self) -> MutexGuard<'_, KeyedState<T>> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Takes a key out of its slot. It is dropped without the lock, because its end may run foreign code.
    pub fn drop_key(mut state: MutexGuard<'_, KeyedState<T>>, slot: u32) {
        let gone = state.leave(slot);
        drop(state);
        drop(gone);
    }

    /// Puts a store that was restored, and its keys in the order of the slots 0, 1, ..., into a state that never had keys.
    pub fn fill(&self, py: Python<'_>, slots: T, keys: Vec<Key>) -> PyResult<MutexGuard<'_, KeyedState<T>>> {
        let noun = T::NOUN;
        if slots.count() != keys.len() {
            return Err(PyValueError::new_err(format!("the state is not the record of a {noun} with these keys")));
        }
        let hashes = keys.iter().map(|key| Ok(spread(key.bind(py).hash()? as u64))).collect::<PyResult<Vec<u32>>>()?;
        let mut state = self.lock();
        if !state.keys.is_empty() {
            drop(state);
            return Err(PyValueError::new_err(format!("the {noun} is in use already")));
        }
        state.slots = slots;
        for (slot, (key, hash)) in (0..).zip(keys.into_iter().zip(hashes)) {
            state.enter(hash, slot, key);
        }
        Ok(state)
    }

    /// Shows the keys to the garbage collector.
    pub fn traverse(&self, visit: &PyVisit<'_>) -> std::result::Result<(), PyTraverseError> {
        // The collector may run while a thread holds the lock; keys that it cannot see count as alive.
        if let Ok(state) = self.state.try_lock() {
            for key in state.keys.iter().flatten() {
                visit.call(key)?;
            }
        }
        Ok(())
    }

    /// Gives up all keys, for the garbage collector.
    pub fn clear(&self) {
        let mut state = self.lock();
        let gone = std::mem::take(&mut state.keys);
        state.hashes.clear();
        state.index = KeyIndex::default();
        if let Ok(slots) = state.slots.emptied() {
            state.slots = slots;
        }
        drop(state);
        drop(gone);
    }

    /// The lock, and the time that was given or that of the clock.
    pub fn lock_at(&self, now: Option<&Bound<'_, PyAny>>) -> PyResult<(MutexGuard<'_, KeyedState<T>>, f64)> {
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
    #[inline]
    pub fn optional(&self, value: Option<&Bound<'_, PyAny>>, field: &'static str) -> PyResult<Option<f64>> {
        value.map(|value| self.number(value, field)).transpose()
    }

    /// Reads a time on which the answer does not depend.
    pub fn read_time(&self, now: Option<&Bound<'_, PyAny>>) -> Result<()> {
        match self.optional(now, "now")? {
            Some(time) if !time.is_finite() => Err(InputError::new("now", "must be finite").value(time).into()),
            _ => Ok(()),
        }
    }

    /// A whole number of 64 bits, if one was given.
    #[inline]
    pub fn whole(&self, value: Option<&Bound<'_, PyAny>>, field: &'static str) -> Result<Option<i64>> {
        value.map(|value| self.whole_number(value, field)).transpose()
    }

    /// A whole number of 64 bits.
    fn whole_number(&self, value: &Bound<'_, PyAny>, field: &'static str) -> Result<i64> {
        if value.is_exact_instance_of::<PyInt>()
            && let Ok(number) = value.extract()
        {
            return Ok(number);
        }
        let number = self.number(value, field)?;
        if number.fract() != 0.0 || number.abs() > 2_f64.powi(53) {
            return Err(InputError::new(field, "must be a whole number of 64 bits").value(number).into());
        }
        Ok(number as i64)
    }

    /// The exception for a key that cannot be where it is said to be.
    pub fn key_error(&self, reason: &str, key: &Bound<'_, PyAny>) -> PyErr {
        self.key_error.bind(key.py()).call1((reason, key)).map_or_else(|error| error, PyErr::from_value)
    }

    /// Looks a key up; the lock is held from here on.
    pub fn find(&self, key: &Bound<'_, PyAny>, hash: u32) -> PyResult<Found<'_, T>> {
        let py = key.py();
        for _ in 0..ATTEMPTS {
            let state = self.lock();
            match state.find_plain(key, hash)? {
                PlainLookup::Found(slot) => return Ok((state, Some(slot))),
                PlainLookup::Absent => return Ok((state, None)),
                PlainLookup::Unsure => {}
            }
            let other = |slot: u32| state.keys[slot as usize].as_ref().expect("a slot in use has a key").bind(py).clone();
            let unsure: Vec<_> = state.index.candidates(hash).map(|slot| (slot, other(slot))).collect();
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
        Err(PyRuntimeError::new_err("the state changed whenever keys were compared"))
    }

    /// Looks a key up that has to be there.
    pub fn known(&self, key: &Bound<'_, PyAny>) -> PyResult<(MutexGuard<'_, KeyedState<T>>, u32)> {
        match self.find(key, spread(key.hash()? as u64))? {
            (state, Some(slot)) => Ok((state, slot)),
            (state, None) => {
                drop(state);
                Err(self.key_error(T::UNKNOWN, key))
            }
        }
    }

    /// The lock, the slot of a key that has to be there, and the time.
    pub fn known_at(
        &self,
        key: &Bound<'_, PyAny>,
        now: Option<&Bound<'_, PyAny>>,
    ) -> PyResult<(MutexGuard<'_, KeyedState<T>>, u32, f64)> {
        let now = self.optional(now, "now")?;
        let (state, slot) = self.known(key)?;
        let now = state.time(now);
        Ok((state, slot, now))
    }
}
