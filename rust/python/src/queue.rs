//! Bindings of `schedkit_core::online::queue`: Python's keys, its clock, its locks.
//!
//! The lock is never held while foreign code runs: keys are hashed before it is taken, keys of unknown types are compared with the
//! lock released (and the look-up begins again if the queue has changed meanwhile), and nothing that the garbage collector tracks is
//! made or dropped under it. So `__hash__`, `__eq__` and `__del__` may call the queue, and no order of threads can deadlock.

use std::sync::Mutex;
use std::time::Instant;

use numpy::PyReadonlyArray1;
use pyo3::exceptions::PyValueError;
use pyo3::gc::{PyTraverseError, PyVisit};
use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyInt, PyIterator, PyList};
use schedkit_core::memory;
use schedkit_core::online::queue::{Change, Desk, Entry, Index, Stats, spread};

use crate::convert::owned;
use crate::errors::{BindError, Result};
use crate::keys::{Key, Shared, State, empty, number, optional};
use crate::online::OnlinePolicy;

/// From so many keys on that come at once memory is asked for first; and signals are heard once for as many.
const MANY: usize = 4096;

/// Bytes that a key takes at most while the queue's columns grow.
const KEY: usize = 512;

/// The policy queue.
#[pyclass(frozen, subclass, module = "schedkit._core")]
pub struct PolicyQueue(Shared);

#[pymethods]
impl PolicyQueue {
    #[new]
    #[pyo3(signature = (policy, strict_time, offset))]
    fn new(policy: &OnlinePolicy, strict_time: bool, offset: f64) -> Result<Self> {
        let desk = Desk::new(&policy.0, strict_time)?;
        let (index, keys, hashes) = (Index::default(), Vec::new(), Vec::new());
        let state = State { desk, index, keys, hashes, version: 0, began: Instant::now(), offset };
        Ok(Self(Shared(Mutex::new(state))))
    }

    /// Puts a key in line.
    ///
    /// Parameters
    /// ----------
    /// key : hashable
    ///     Not in the queue yet.
    /// size : float, optional
    ///     Total work, for policies that know sizes; of the first operation, for policies on operations.
    /// now : float, optional
    ///     The time; without it the monotonic clock is read.
    /// attained : float, default 0.0
    ///     Service that the key has had already.
    /// weight : float, default 1.0
    ///     > 0.
    /// estimate : float, optional
    ///     Estimated total work, for policies on estimates.
    /// deadline : float, optional
    ///     For policies on deadlines; none is infinite.
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
            ..Entry::default()
        };
        self.0.enter(key, &entry, optional(now, "now")?)
    }

    /// Puts a job of a stream in line, under its own index, after this many operations that take no time; for replays.
    #[allow(clippy::too_many_arguments)]
    fn _add_job(
        &self,
        job: &Bound<'_, PyInt>,
        operation: u32,
        size: f64,
        now: f64,
        weight: f64,
        estimate: Option<f64>,
        deadline: f64,
    ) -> Result<()> {
        let index = Some(job.extract()?);
        self.0.enter(job, &Entry { weight, estimate, deadline, index, operation, ..Entry::sized(size) }, Some(now))
    }

    /// Puts many keys in line: all of them, or none if one is refused.
    #[allow(clippy::too_many_arguments)]
    fn _add_many(
        &self,
        py: Python<'_>,
        keys: &Bound<'_, PyList>,
        now: Option<f64>,
        size: Option<PyReadonlyArray1<'_, f64>>,
        attained: Option<PyReadonlyArray1<'_, f64>>,
        weight: Option<PyReadonlyArray1<'_, f64>>,
        estimate: Option<PyReadonlyArray1<'_, f64>>,
        deadline: Option<PyReadonlyArray1<'_, f64>>,
    ) -> Result<()> {
        let column = |column: &Option<PyReadonlyArray1<'_, f64>>| column.as_ref().map(owned).transpose();
        if keys.len() >= MANY {
            memory::require_items(keys.len() + self.0.lock().desk.len(), KEY)?;
        }
        let (size, attained, weight) = (column(&size)?, column(&attained)?, column(&weight)?);
        let (estimate, deadline) = (column(&estimate)?, column(&deadline)?);
        let now = self.0.lock().time(now);
        for (k, key) in keys.iter().enumerate() {
            let heard = if k % MANY == MANY - 1 { py.check_signals() } else { Ok(()) };
            let at = |column: &Option<Vec<f64>>| column.as_ref().map(|column| column[k]);
            let entry = Entry {
                size: at(&size),
                attained: at(&attained).unwrap_or(0.0),
                weight: at(&weight).unwrap_or(1.0),
                estimate: at(&estimate),
                deadline: at(&deadline).unwrap_or(f64::INFINITY),
                ..Entry::default()
            };
            if let Err(error) = heard.map_err(BindError::from).and_then(|()| self.0.enter(&key, &entry, Some(now))) {
                for key in keys.iter().take(k) {
                    // Whatever is gone already need not be taken back.
                    if let Ok((mut state, slot)) = self.0.known(&key) {
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
    ///
    /// Parameters
    /// ----------
    /// now : float, optional
    ///     The time; without it the monotonic clock is read.
    #[pyo3(signature = (now=None))]
    fn peek(&self, py: Python<'_>, now: Option<&Bound<'_, PyAny>>) -> Result<Key> {
        let now = optional(now, "now")?;
        let mut state = self.0.lock();
        let now = state.time(now);
        match state.desk.peek(now)? {
            Some(slot) => Ok(state.key(py, slot)),
            None => Err(empty().into()),
        }
    }

    /// The key to run now; it leaves.
    ///
    /// Parameters
    /// ----------
    /// now : float, optional
    ///     The time; without it the monotonic clock is read.
    #[pyo3(signature = (now=None))]
    fn pop(&self, now: Option<&Bound<'_, PyAny>>) -> Result<Key> {
        let now = optional(now, "now")?;
        let mut state = self.0.lock();
        let now = state.time(now);
        match state.desk.pop(now)? {
            Some(slot) => Ok(state.leave(slot)),
            None => Err(empty().into()),
        }
    }

    /// The next k keys, or all if there are fewer; they leave. One step for other threads and for signals, so that no key is
    /// lost: Ctrl-C is heard when it is over.
    fn _pop_many<'py>(&self, py: Python<'py>, k: usize, now: Option<&Bound<'_, PyAny>>) -> Result<Bound<'py, PyList>> {
        let now = optional(now, "now")?;
        let mut state = self.0.lock();
        let now = state.time(now);
        let mut popped = Vec::with_capacity(k.min(state.desk.len()));
        state.desk.line_up(k, now);
        while popped.len() < k
            && let Some(slot) = state.desk.pop(now)?
        {
            let key = state.leave(slot);
            popped.push(key);
        }
        drop(state);
        Ok(PyList::new(py, popped)?)
    }

    /// Reports that a key was run for a while.
    ///
    /// Parameters
    /// ----------
    /// key : hashable
    /// amount : float
    ///     The service that it got, >= 0.
    /// now : float, optional
    ///     The time; without it the monotonic clock is read.
    #[pyo3(signature = (key, amount, now=None))]
    fn progress(&self, key: &Bound<'_, PyAny>, amount: &Bound<'_, PyAny>, now: Option<&Bound<'_, PyAny>>) -> Result<()> {
        let (amount, now) = (number(amount, "amount")?, optional(now, "now")?);
        let (mut state, slot) = self.0.known(key)?;
        let now = state.time(now);
        Ok(state.desk.progress(slot, amount, now)?)
    }

    /// Reports that the size of a key, or of its next operation, is known.
    ///
    /// Parameters
    /// ----------
    /// key : hashable
    /// size : float
    ///     Total work; of the next operation, for policies on operations.
    /// now : float, optional
    ///     The time; without it the monotonic clock is read.
    #[pyo3(signature = (key, size, now=None))]
    fn reveal(&self, key: &Bound<'_, PyAny>, size: &Bound<'_, PyAny>, now: Option<&Bound<'_, PyAny>>) -> Result<()> {
        let (size, now) = (number(size, "size")?, optional(now, "now")?);
        let (mut state, slot) = self.0.known(key)?;
        let now = state.time(now);
        Ok(state.desk.reveal(slot, size, now)?)
    }

    /// Changes the facts of a key in line; those that are not given stay.
    ///
    /// Parameters
    /// ----------
    /// key : hashable
    /// size : float, optional
    ///     As in `add`.
    /// now : float, optional
    ///     The time; without it the monotonic clock is read.
    /// weight, estimate, deadline : float, optional
    ///     As in `add`.
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
        let (mut state, slot) = self.0.known(key)?;
        let now = state.time(now);
        Ok(state.desk.reprioritise(slot, &change, now)?)
    }

    /// Takes a key out of the line, whether it is done or given up.
    ///
    /// Parameters
    /// ----------
    /// key : hashable
    fn remove(&self, key: &Bound<'_, PyAny>) -> Result<()> {
        let (mut state, slot) = self.0.known(key)?;
        state.desk.remove(slot);
        let gone = state.leave(slot);
        drop(state);
        drop(gone);
        Ok(())
    }

    /// The service that a key has had so far.
    ///
    /// Parameters
    /// ----------
    /// key : hashable
    fn attained(&self, key: &Bound<'_, PyAny>) -> Result<f64> {
        let (state, slot) = self.0.known(key)?;
        Ok(state.desk.attained(slot))
    }

    /// Which keys should be served now, each with its rate.
    ///
    /// Parameters
    /// ----------
    /// now : float, optional
    ///     The time; without it the monotonic clock is read.
    #[pyo3(signature = (now=None))]
    fn allocation<'py>(&self, py: Python<'py>, now: Option<&Bound<'_, PyAny>>) -> Result<Bound<'py, PyList>> {
        let now = optional(now, "now")?;
        let mut state = self.0.lock();
        let (now, mut slots) = (state.time(now), Vec::new());
        state.desk.sharers(now, &mut slots)?;
        let rate = 1.0 / slots.len() as f64;
        let shares: Vec<(Key, f64)> = slots.into_iter().map(|slot| (state.key(py, slot), rate)).collect();
        drop(state);
        Ok(PyList::new(py, shares)?)
    }

    /// How much service each of the keys of `allocation` may get before the decision has to be made again.
    ///
    /// Parameters
    /// ----------
    /// now : float, optional
    ///     The time; without it the monotonic clock is read.
    #[pyo3(signature = (now=None))]
    fn horizon(&self, now: Option<&Bound<'_, PyAny>>) -> Result<f64> {
        let now = optional(now, "now")?;
        let mut state = self.0.lock();
        let now = state.time(now);
        Ok(state.desk.horizon(now)?)
    }

    /// Waiting, oldest, served, mean flow time.
    fn _stats(&self, now: Option<&Bound<'_, PyAny>>) -> Result<(usize, f64, u64, f64)> {
        let now = optional(now, "now")?;
        let mut state = self.0.lock();
        let now = state.time(now);
        let Stats { waiting, oldest, served, mean_flow_time } = state.desk.stats(now)?;
        Ok((waiting, oldest, served, mean_flow_time))
    }

    /// Times that lay before the last one and were taken for it.
    #[getter]
    fn clock_skew(&self) -> u64 {
        self.0.lock().desk.clock_skew()
    }

    fn __len__(&self) -> usize {
        self.0.lock().desk.len()
    }

    fn __contains__(&self, key: &Bound<'_, PyAny>) -> Result<bool> {
        let (_state, found) = self.0.find(key, spread(key.hash()? as u64))?;
        Ok(found.is_some())
    }

    /// Over the keys that are there now, in the order in which they would be popped now.
    fn __iter__<'py>(&self, py: Python<'py>) -> Result<Bound<'py, PyIterator>> {
        let state = self.0.lock();
        let keys: Vec<Key> = state.desk.order().into_iter().map(|slot| state.key(py, slot)).collect();
        drop(state);
        Ok(PyList::new(py, keys)?.try_iter()?)
    }

    /// The keys, and all that is known of them.
    fn _save<'py>(&self, py: Python<'py>) -> Result<(Bound<'py, PyList>, Bound<'py, PyBytes>)> {
        let state = self.0.lock();
        let (words, slots) = state.desk.save();
        let keys: Vec<Key> = slots.into_iter().map(|slot| state.key(py, slot)).collect();
        drop(state);
        let bytes: Vec<u8> = words.into_iter().flat_map(u64::to_le_bytes).collect();
        Ok((PyList::new(py, keys)?, PyBytes::new(py, &bytes)))
    }

    /// Takes over what another queue has saved.
    fn _load(&self, py: Python<'_>, policy: &OnlinePolicy, keys: Vec<Key>, bytes: &[u8]) -> Result<()> {
        let words: Vec<u64> =
            bytes.chunks_exact(8).map(|word| u64::from_le_bytes(word.try_into().expect("eight bytes"))).collect();
        let desk = Desk::restore(&policy.0, &words)?;
        if desk.len() != keys.len() || !bytes.len().is_multiple_of(8) {
            return Err(PyValueError::new_err("the state is not the record of a queue with these keys").into());
        }
        let hashes = keys.iter().map(|key| Ok(spread(key.bind(py).hash()? as u64))).collect::<PyResult<Vec<u32>>>()?;
        let mut state = self.0.lock();
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
        if let Ok(state) = self.0.0.try_lock() {
            for key in state.keys.iter().flatten() {
                visit.call(key)?;
            }
        }
        Ok(())
    }

    fn __clear__(&self) {
        let mut state = self.0.lock();
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
