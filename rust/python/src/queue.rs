//! Bindings of `schedkit_core::online::queue`: Python's keys, its clock, its locks.
//!
//! The lock is never held while foreign code runs: keys are hashed before it is taken, keys of unknown types are compared with the
//! lock released (and the look-up begins again if the queue has changed meanwhile), and nothing that the garbage collector tracks is
//! made or dropped under it. So `__hash__`, `__eq__` and `__del__` may call the queue, and no order of threads can deadlock.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Instant;

use numpy::PyReadonlyArray1;
use pyo3::exceptions::{PyIndexError, PyRuntimeError, PyValueError};
use pyo3::gc::{PyTraverseError, PyVisit};
use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyFloat, PyInt, PyIterator, PyList, PyString};
use schedkit_core::online::queue::{Change, Desk, Entry, Index, Stats, spread};

use crate::errors::Result;
use crate::online::OnlinePolicy;

/// How often a look-up begins again because comparing keys has changed the queue.
const PATIENCE: usize = 1000;

type Key = Py<PyAny>;

/// The policy queue.
#[pyclass(frozen, subclass, module = "schedkit._core")]
pub struct PolicyQueue(Mutex<State>);

struct State {
    desk: Desk,
    index: Index,
    /// By slot; nothing for slots that nobody has.
    keys: Vec<Option<Key>>,
    hashes: Vec<u32>,
    /// Counts comings and goings.
    version: u64,
    began: Instant,
    /// What the clock showed then.
    offset: f64,
}

impl State {
    fn time(&self, now: Option<f64>) -> f64 {
        now.unwrap_or_else(|| self.offset + self.began.elapsed().as_secs_f64())
    }

    fn enter(&mut self, hash: u32, slot: u32, key: Key) {
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

    fn leave(&mut self, slot: u32) -> Key {
        self.index.remove(self.hashes[slot as usize], slot);
        self.version += 1;
        self.keys[slot as usize].take().expect("a slot in use has a key")
    }

    fn key(&self, py: Python<'_>, slot: u32) -> Key {
        self.keys[slot as usize].as_ref().expect("a slot in use has a key").clone_ref(py)
    }
}

/// The lock, and the slot of a key if it has one.
type Found<'a> = (MutexGuard<'a, State>, Option<u32>);

/// Whether comparing it runs no foreign code.
fn is_plain(key: &Bound<'_, PyAny>) -> bool {
    key.is_exact_instance_of::<PyString>() || key.is_exact_instance_of::<PyInt>()
}

fn empty() -> PyErr {
    PyIndexError::new_err("the queue is empty")
}

/// The error for a refused value, as the Python side words it.
fn refuse(py: Python<'_>, kind: &str, field: &str, reason: &str, value: &Bound<'_, PyAny>) -> PyErr {
    let make = || {
        let options = pyo3::types::PyDict::new(py);
        options.set_item("value", value)?;
        options.set_item("kind", py.import("schedkit.errors")?.getattr(kind)?)?;
        py.import("schedkit._validation")?.getattr("refuse")?.call((field, reason), Some(&options))
    };
    make().map_or_else(|error| error, PyErr::from_value)
}

/// A number; finiteness and range are the core's business.
fn number(value: &Bound<'_, PyAny>, field: &'static str) -> PyResult<f64> {
    if let Ok(number) = value.cast_exact::<PyFloat>() {
        return Ok(number.value());
    }
    if value.is_exact_instance_of::<PyInt>()
        && let Ok(number) = value.extract()
    {
        return Ok(number);
    }
    let options = pyo3::types::PyDict::new(value.py());
    options.set_item("infinite", true)?;
    value.py().import("schedkit._validation")?.getattr("float_scalar")?.call((value, field), Some(&options))?.extract()
}

fn optional(value: Option<&Bound<'_, PyAny>>, field: &'static str) -> PyResult<Option<f64>> {
    value.map(|value| number(value, field)).transpose()
}

impl PolicyQueue {
    fn lock(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Looks a key up; the lock is held from here on.
    fn find(&self, key: &Bound<'_, PyAny>, hash: u32) -> PyResult<Found<'_>> {
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
    fn known(&self, key: &Bound<'_, PyAny>) -> PyResult<(MutexGuard<'_, State>, u32)> {
        match self.find(key, spread(key.hash()? as u64))? {
            (state, Some(slot)) => Ok((state, slot)),
            (state, None) => {
                drop(state);
                Err(refuse(key.py(), "UnknownKeyError", "key", "is not in the queue", key))
            }
        }
    }

    fn enter(&self, key: &Bound<'_, PyAny>, entry: &Entry, now: Option<f64>) -> Result<()> {
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

#[pymethods]
impl PolicyQueue {
    #[new]
    #[pyo3(signature = (policy, strict_time, offset))]
    fn new(policy: &OnlinePolicy, strict_time: bool, offset: f64) -> Result<Self> {
        let desk = Desk::new(&policy.0, strict_time)?;
        let (index, keys, hashes) = (Index::default(), Vec::new(), Vec::new());
        Ok(Self(Mutex::new(State { desk, index, keys, hashes, version: 0, began: Instant::now(), offset })))
    }

    /// Puts a key in line.
    #[pyo3(signature = (key, *, size=None, now=None, attained=None, weight=None, estimate=None, deadline=None))]
    #[allow(clippy::too_many_arguments)]
    fn add(
        &self,
        key: &Bound<'_, PyAny>,
        size: Option<&Bound<'_, PyAny>>,
        now: Option<&Bound<'_, PyAny>>,
        attained: Option<&Bound<'_, PyAny>>,
        weight: Option<&Bound<'_, PyAny>>,
        estimate: Option<&Bound<'_, PyAny>>,
        deadline: Option<&Bound<'_, PyAny>>,
    ) -> Result<()> {
        let entry = Entry {
            size: optional(size, "size")?,
            attained: optional(attained, "attained")?.unwrap_or(0.0),
            weight: optional(weight, "weight")?.unwrap_or(1.0),
            estimate: optional(estimate, "estimate")?,
            deadline: optional(deadline, "deadline")?.unwrap_or(f64::INFINITY),
        };
        self.enter(key, &entry, optional(now, "now")?)
    }

    /// Puts many keys in line: all of them, or none if one is refused.
    #[allow(clippy::too_many_arguments)]
    fn _add_many(
        &self,
        py: Python<'_>,
        keys: Vec<Key>,
        now: Option<f64>,
        size: Option<PyReadonlyArray1<'_, f64>>,
        attained: Option<PyReadonlyArray1<'_, f64>>,
        weight: Option<PyReadonlyArray1<'_, f64>>,
        estimate: Option<PyReadonlyArray1<'_, f64>>,
        deadline: Option<PyReadonlyArray1<'_, f64>>,
    ) -> Result<()> {
        let column = |column: &Option<PyReadonlyArray1<'_, f64>>| {
            column.as_ref().map(|column| column.as_slice().map(<[f64]>::to_vec)).transpose().map_err(PyErr::from)
        };
        let (size, attained, weight) = (column(&size)?, column(&attained)?, column(&weight)?);
        let (estimate, deadline) = (column(&estimate)?, column(&deadline)?);
        let now = self.lock().time(now);
        for (k, key) in keys.iter().enumerate() {
            let at = |column: &Option<Vec<f64>>| column.as_ref().map(|column| column[k]);
            let entry = Entry {
                size: at(&size),
                attained: at(&attained).unwrap_or(0.0),
                weight: at(&weight).unwrap_or(1.0),
                estimate: at(&estimate),
                deadline: at(&deadline).unwrap_or(f64::INFINITY),
            };
            if let Err(error) = self.enter(key.bind(py), &entry, Some(now)) {
                for key in &keys[..k] {
                    // Whatever is gone already need not be taken back.
                    if let Ok((mut state, slot)) = self.known(key.bind(py)) {
                        state.desk.remove(slot);
                        let gone = state.leave(slot);
                        drop(state);
                        drop(gone);
                    }
                }
                return Err(error.at(k));
            }
        }
        Ok(())
    }

    /// The key to run now; it stays.
    #[pyo3(signature = (now=None))]
    fn peek(&self, py: Python<'_>, now: Option<&Bound<'_, PyAny>>) -> Result<Key> {
        let now = optional(now, "now")?;
        let mut state = self.lock();
        let now = state.time(now);
        match state.desk.peek(now)? {
            Some(slot) => Ok(state.key(py, slot)),
            None => Err(empty().into()),
        }
    }

    /// The key to run now; it leaves.
    #[pyo3(signature = (now=None))]
    fn pop(&self, now: Option<&Bound<'_, PyAny>>) -> Result<Key> {
        let now = optional(now, "now")?;
        let mut state = self.lock();
        let now = state.time(now);
        match state.desk.pop(now)? {
            Some(slot) => Ok(state.leave(slot)),
            None => Err(empty().into()),
        }
    }

    /// The next k keys, or all if there are fewer; they leave.
    fn _pop_many<'py>(&self, py: Python<'py>, k: usize, now: Option<&Bound<'_, PyAny>>) -> Result<Bound<'py, PyList>> {
        let now = optional(now, "now")?;
        let mut state = self.lock();
        let now = state.time(now);
        let mut popped = Vec::with_capacity(k.min(state.desk.len()));
        while popped.len() < k
            && let Some(slot) = state.desk.pop(now)?
        {
            let key = state.leave(slot);
            popped.push(key);
        }
        drop(state);
        Ok(PyList::new(py, popped)?)
    }

    /// A key was run for a while.
    #[pyo3(signature = (key, amount, now=None))]
    fn progress(&self, key: &Bound<'_, PyAny>, amount: &Bound<'_, PyAny>, now: Option<&Bound<'_, PyAny>>) -> Result<()> {
        let (amount, now) = (number(amount, "amount")?, optional(now, "now")?);
        let (mut state, slot) = self.known(key)?;
        let now = state.time(now);
        Ok(state.desk.progress(slot, amount, now)?)
    }

    /// A key's next operation, or its size, is known.
    #[pyo3(signature = (key, size, now=None))]
    fn reveal(&self, key: &Bound<'_, PyAny>, size: &Bound<'_, PyAny>, now: Option<&Bound<'_, PyAny>>) -> Result<()> {
        let (size, now) = (number(size, "size")?, optional(now, "now")?);
        let (mut state, slot) = self.known(key)?;
        let now = state.time(now);
        Ok(state.desk.reveal(slot, size, now)?)
    }

    /// A key's facts change.
    #[pyo3(signature = (key, size=None, now=None, *, weight=None, estimate=None, deadline=None))]
    fn reprioritise(
        &self,
        key: &Bound<'_, PyAny>,
        size: Option<&Bound<'_, PyAny>>,
        now: Option<&Bound<'_, PyAny>>,
        weight: Option<&Bound<'_, PyAny>>,
        estimate: Option<&Bound<'_, PyAny>>,
        deadline: Option<&Bound<'_, PyAny>>,
    ) -> Result<()> {
        let change = Change {
            size: optional(size, "size")?,
            weight: optional(weight, "weight")?,
            estimate: optional(estimate, "estimate")?,
            deadline: optional(deadline, "deadline")?,
        };
        let now = optional(now, "now")?;
        let (mut state, slot) = self.known(key)?;
        let now = state.time(now);
        Ok(state.desk.reprioritise(slot, &change, now)?)
    }

    /// A key leaves.
    fn remove(&self, key: &Bound<'_, PyAny>) -> Result<()> {
        let (mut state, slot) = self.known(key)?;
        state.desk.remove(slot);
        let gone = state.leave(slot);
        drop(state);
        drop(gone);
        Ok(())
    }

    /// Service that a key has had so far.
    fn attained(&self, key: &Bound<'_, PyAny>) -> Result<f64> {
        let (state, slot) = self.known(key)?;
        Ok(state.desk.attained(slot))
    }

    /// Who should be served now, at which rate.
    #[pyo3(signature = (now=None))]
    fn allocation<'py>(&self, py: Python<'py>, now: Option<&Bound<'_, PyAny>>) -> Result<Bound<'py, PyList>> {
        let now = optional(now, "now")?;
        let mut state = self.lock();
        let (now, mut slots) = (state.time(now), Vec::new());
        state.desk.sharers(now, &mut slots)?;
        let rate = 1.0 / slots.len() as f64;
        let shares: Vec<(Key, f64)> = slots.into_iter().map(|slot| (state.key(py, slot), rate)).collect();
        drop(state);
        Ok(PyList::new(py, shares)?)
    }

    /// How much service each of those may get before the decision has to be made again.
    #[pyo3(signature = (now=None))]
    fn horizon(&self, now: Option<&Bound<'_, PyAny>>) -> Result<f64> {
        let now = optional(now, "now")?;
        let mut state = self.lock();
        let now = state.time(now);
        Ok(state.desk.horizon(now)?)
    }

    /// Waiting, oldest, served, mean flow time.
    fn _stats(&self, now: Option<&Bound<'_, PyAny>>) -> Result<(usize, f64, u64, f64)> {
        let now = optional(now, "now")?;
        let mut state = self.lock();
        let now = state.time(now);
        let Stats { waiting, oldest, served, mean_flow_time } = state.desk.stats(now)?;
        Ok((waiting, oldest, served, mean_flow_time))
    }

    /// Times that lay before the last one and were taken for it.
    #[getter]
    fn clock_skew(&self) -> u64 {
        self.lock().desk.clock_skew()
    }

    fn __len__(&self) -> usize {
        self.lock().desk.len()
    }

    fn __contains__(&self, key: &Bound<'_, PyAny>) -> Result<bool> {
        let (_state, found) = self.find(key, spread(key.hash()? as u64))?;
        Ok(found.is_some())
    }

    /// Over the keys that are there now, in the order in which they would be popped now.
    fn __iter__<'py>(&self, py: Python<'py>) -> Result<Bound<'py, PyIterator>> {
        let state = self.lock();
        let keys: Vec<Key> = state.desk.order().into_iter().map(|slot| state.key(py, slot)).collect();
        drop(state);
        Ok(PyList::new(py, keys)?.try_iter()?)
    }

    /// The keys, and all that is known of them.
    fn _save<'py>(&self, py: Python<'py>) -> Result<(Bound<'py, PyList>, Bound<'py, PyBytes>)> {
        let state = self.lock();
        let (words, slots) = state.desk.save();
        let keys: Vec<Key> = slots.into_iter().map(|slot| state.key(py, slot)).collect();
        drop(state);
        let bytes: Vec<u8> = words.into_iter().flat_map(u64::to_le_bytes).collect();
        Ok((PyList::new(py, keys)?, PyBytes::new(py, &bytes)))
    }

    /// Takes over what another queue has saved.
    fn _load(&self, py: Python<'_>, policy: &OnlinePolicy, keys: Vec<Key>, bytes: &[u8]) -> Result<()> {
        let words: Vec<u64> = bytes.chunks_exact(8).map(|word| u64::from_le_bytes(word.try_into().expect("eight bytes"))).collect();
        let desk = Desk::restore(&policy.0, &words)?;
        if desk.len() != keys.len() || bytes.len() % 8 != 0 {
            return Err(PyValueError::new_err("the state is not the record of a queue with these keys").into());
        }
        let hashes = keys.iter().map(|key| Ok(spread(key.bind(py).hash()? as u64))).collect::<PyResult<Vec<u32>>>()?;
        let mut state = self.lock();
        if !state.keys.is_empty() {
            return Err(PyValueError::new_err("the queue is in use already").into());
        }
        state.offset = state.offset.max(desk.now());
        state.desk = desk;
        for (slot, (key, hash)) in (0..).zip(keys.into_iter().zip(hashes)) {
            state.enter(hash, slot, key);
        }
        Ok(())
    }

    fn __traverse__(&self, visit: PyVisit<'_>) -> std::result::Result<(), PyTraverseError> {
        // The collector may run while a thread holds the lock; what it cannot see it takes for alive.
        if let Ok(state) = self.0.try_lock() {
            for key in state.keys.iter().flatten() {
                visit.call(key)?;
            }
        }
        Ok(())
    }

    fn __clear__(&self) {
        let mut state = self.lock();
        let policy = state.desk.policy().clone();
        let gone = std::mem::take(&mut state.keys);
        state.hashes.clear();
        state.index = Index::default();
        if let Ok(desk) = Desk::new(&policy, false) {
            state.desk = desk;
        }
        drop(state);
        drop(gone);
    }
}
