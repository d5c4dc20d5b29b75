//! Bindings of `schedkit_core::online::queue`: Python's keys, clock and locks.
//!
//! The lock is never held while foreign code runs. Keys are hashed before the lock is taken. Keys of unknown types are compared with the
//! lock released, and the look-up begins again if the queue has changed meanwhile. No object that the garbage collector tracks is made or
//! dropped under the lock. So `__hash__`, `__eq__` and `__del__` may call the queue, and threads cannot deadlock.

mod keys;

use std::collections::HashMap;
use std::sync::Mutex;

use pyo3::gc::{PyTraverseError, PyVisit};
use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyInt, PyIterator, PyList};
use schedkit_core::online::queue::{Change, QueueEntry, SlotQueue, Stats, spread};

use crate::errors::Result;
use crate::online::policy::OnlinePolicy;
use crate::shared_keys::{Key, KeyedState};
use keys::{EntryColumns, SharedQueue, empty};

/// The statistics of a queue.
#[derive(IntoPyObject)]
struct StatsColumns {
    waiting: usize,
    oldest: f64,
    served: u64,
    mean_flow_time: f64,
}

/// The policy queue.
#[pyclass(frozen, subclass, module = "schedkit._core")]
pub struct PolicyQueue(SharedQueue);

#[pymethods]
impl PolicyQueue {
    #[new]
    fn new(policy: &OnlinePolicy, strict_time: bool, offset: f64, number: Py<PyAny>, key_error: Py<PyAny>) -> Result<Self> {
        let slots = SlotQueue::new(&policy.0, strict_time)?;
        Ok(Self(SharedQueue { state: Mutex::new(KeyedState::new(slots, offset)), number, key_error }))
    }

    /// Adds a key.
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
    /// arrival : float, optional
    ///     When the key arrived first, at most `now`, for a key that comes back: it keeps its seniority in ranks, ties and `stats`.
    /// level : int, default 0
    ///     Level of urgency: every key of a lower level goes before, whatever the policy says.
    #[pyo3(signature = (key, *, size=None, now=None, attained=None, weight=None, estimate=None, deadline=None, arrival=None, level=None))]
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
        arrival: Option<&Bound<'_, PyAny>>,
        level: Option<&Bound<'_, PyAny>>,
    ) -> Result<()> {
        let entry = QueueEntry {
            size: self.0.optional(size, "size")?,
            attained: self.0.optional(attained, "attained")?.unwrap_or(0.0),
            weight: self.0.optional(weight, "weight")?.unwrap_or(1.0),
            estimate: self.0.optional(estimate, "estimate")?,
            deadline: self.0.optional(deadline, "deadline")?.unwrap_or(f64::INFINITY),
            arrival: self.0.optional(arrival, "arrival")?,
            level: self.0.whole(level, "level")?.unwrap_or(0),
            ..QueueEntry::default()
        };
        self.0.enter(key, &entry, self.0.optional(now, "now")?)
    }

    /// Adds a job of a stream under its own index, after this many operations that take no time; for replays.
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
        self.0.enter(job, &QueueEntry { weight, estimate, deadline, index, operation, ..QueueEntry::sized(size) }, Some(now))
    }

    /// Adds many keys: all of them, or none if one is refused.
    fn _add_many(&self, keys: &Bound<'_, PyList>, now: Option<f64>, columns: EntryColumns<'_>) -> Result<()> {
        self.0.enter_many(keys, now, &columns)
    }

    /// The key to run now; it stays.
    ///
    /// Parameters
    /// ----------
    /// now : float, optional
    ///     The time; without it the monotonic clock is read.
    #[pyo3(signature = (now=None))]
    fn peek(&self, py: Python<'_>, now: Option<&Bound<'_, PyAny>>) -> Result<Key> {
        let (mut state, now) = self.0.lock_at(now)?;
        match state.slots.peek(now)? {
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
        let (mut state, now) = self.0.lock_at(now)?;
        match state.slots.pop(now)? {
            Some(slot) => Ok(state.leave(slot)),
            None => Err(empty().into()),
        }
    }

    /// The next k keys, or all if there are fewer; they leave. One step for other threads and for signals, so that no key is
    /// lost: Ctrl-C is heard when it is over.
    fn _pop_many<'py>(&self, py: Python<'py>, k: usize, now: Option<&Bound<'_, PyAny>>) -> Result<Bound<'py, PyList>> {
        let (mut state, now) = self.0.lock_at(now)?;
        let mut popped = Vec::with_capacity(k.min(state.slots.len()));
        state.slots.prepare_pops(k, now);
        while popped.len() < k
            && let Some(slot) = state.slots.pop(now)?
        {
            let key = state.leave(slot);
            popped.push(key);
        }
        drop(state);
        Ok(PyList::new(py, popped)?)
    }

    /// The keys that should run if k can run at a time; they stay.
    fn _peek_many<'py>(&self, py: Python<'py>, k: usize, now: Option<&Bound<'_, PyAny>>) -> Result<Bound<'py, PyList>> {
        let (mut state, now) = self.0.lock_at(now)?;
        let keys: Vec<Key> = state.slots.peek_many(k, now)?.into_iter().map(|slot| state.key(py, slot)).collect();
        drop(state);
        Ok(PyList::new(py, keys)?)
    }

    /// The running key that should leave first, so that a waiting one gets its place, or None if all should go on.
    ///
    /// Running are the keys that had `progress` and are still in the queue. They win ties. None under policies that do not
    /// preempt. O(running log n).
    ///
    /// Parameters
    /// ----------
    /// now : float, optional
    ///     The time; without it the monotonic clock is read.
    #[pyo3(signature = (now=None))]
    fn victim(&self, py: Python<'_>, now: Option<&Bound<'_, PyAny>>) -> Result<Option<Key>> {
        let (mut state, now) = self.0.lock_at(now)?;
        let slot = state.slots.victim(now)?;
        Ok(slot.map(|slot| state.key(py, slot)))
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
        let amount = self.0.number(amount, "amount")?;
        let (mut state, slot, now) = self.0.known_at(key, now)?;
        Ok(state.slots.progress(slot, amount, now)?)
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
        let size = self.0.number(size, "size")?;
        let (mut state, slot, now) = self.0.known_at(key, now)?;
        Ok(state.slots.reveal(slot, size, now)?)
    }

    /// Changes the facts of a key; those that are not given stay.
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
    /// level : int, optional
    ///     As in `add`.
    #[pyo3(signature = (key, size=None, now=None, *, weight=None, estimate=None, deadline=None, level=None))]
    #[allow(clippy::too_many_arguments)]
    fn reprioritise(
        &self,
        key: &Bound<'_, PyAny>,
        size: Option<&Bound<'_, PyAny>>,
        now: Option<&Bound<'_, PyAny>>,
        weight: Option<&Bound<'_, PyAny>>,
        estimate: Option<&Bound<'_, PyAny>>,
        deadline: Option<&Bound<'_, PyAny>>,
        level: Option<&Bound<'_, PyAny>>,
    ) -> Result<()> {
        let change = Change {
            size: self.0.optional(size, "size")?,
            weight: self.0.optional(weight, "weight")?,
            estimate: self.0.optional(estimate, "estimate")?,
            deadline: self.0.optional(deadline, "deadline")?,
            level: self.0.whole(level, "level")?,
        };
        let (mut state, slot, now) = self.0.known_at(key, now)?;
        Ok(state.slots.reprioritise(slot, &change, now)?)
    }

    /// Removes a key, whether it is done or given up.
    ///
    /// Parameters
    /// ----------
    /// key : hashable
    fn remove(&self, key: &Bound<'_, PyAny>) -> Result<()> {
        Ok(self.0.remove(key)?)
    }

    /// The service that a key has had so far.
    ///
    /// Parameters
    /// ----------
    /// key : hashable
    fn attained(&self, key: &Bound<'_, PyAny>) -> Result<f64> {
        let (state, slot) = self.0.known(key)?;
        Ok(state.slots.attained(slot))
    }

    /// Which keys should be served now, each with its rate.
    ///
    /// Parameters
    /// ----------
    /// now : float, optional
    ///     The time; without it the monotonic clock is read.
    #[pyo3(signature = (now=None))]
    fn allocation<'py>(&self, py: Python<'py>, now: Option<&Bound<'_, PyAny>>) -> Result<Bound<'py, PyList>> {
        let (mut state, now) = self.0.lock_at(now)?;
        let mut slots = Vec::new();
        state.slots.sharers(now, &mut slots)?;
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
        let (mut state, now) = self.0.lock_at(now)?;
        Ok(state.slots.horizon(now)?)
    }

    /// The deadlines of all keys, in no particular order.
    fn _deadlines(&self) -> Vec<f64> {
        self.0.lock().slots.deadlines()
    }

    /// Gives keys other deadlines, all at one moment: a deadline as in the first list becomes that in the same place of the second.
    fn _change_deadlines(&self, old: Vec<f64>, new: Vec<f64>) -> Result<()> {
        let new: HashMap<u64, f64> = old.into_iter().map(f64::to_bits).zip(new).collect();
        Ok(self.0.lock().slots.change_deadlines(|deadline| new.get(&deadline.to_bits()).copied())?)
    }

    fn _stats(&self, now: Option<&Bound<'_, PyAny>>) -> Result<StatsColumns> {
        let (mut state, now) = self.0.lock_at(now)?;
        let Stats { waiting, oldest, served, mean_flow_time } = state.slots.stats(now)?;
        Ok(StatsColumns { waiting, oldest, served, mean_flow_time })
    }

    /// How many times lay before the last one and counted as the last one.
    #[getter]
    fn clock_skew(&self) -> u64 {
        self.0.lock().slots.clock_skew()
    }

    fn __len__(&self) -> usize {
        self.0.lock().slots.len()
    }

    fn __contains__(&self, key: &Bound<'_, PyAny>) -> Result<bool> {
        let (_state, found) = self.0.find(key, spread(key.hash()? as u64))?;
        Ok(found.is_some())
    }

    /// Iterates over the keys in the order in which they would be popped now.
    fn __iter__<'py>(&self, py: Python<'py>) -> Result<Bound<'py, PyIterator>> {
        let state = self.0.lock();
        let keys: Vec<Key> = state.slots.order().into_iter().map(|slot| state.key(py, slot)).collect();
        drop(state);
        Ok(PyList::new(py, keys)?.try_iter()?)
    }

    /// The keys, and the state of the queue as bytes.
    fn _save<'py>(&self, py: Python<'py>) -> Result<(Bound<'py, PyList>, Bound<'py, PyBytes>)> {
        let (keys, bytes) = self.0.save(py);
        Ok((PyList::new(py, keys)?, PyBytes::new(py, &bytes)))
    }

    /// Restores the state that another queue has saved.
    fn _load(&self, py: Python<'_>, policy: &OnlinePolicy, keys: Vec<Key>, bytes: &[u8]) -> Result<()> {
        self.0.restore(py, &policy.0, keys, bytes)
    }

    fn __traverse__(&self, visit: PyVisit<'_>) -> std::result::Result<(), PyTraverseError> {
        self.0.traverse(&visit)
    }

    fn __clear__(&self) {
        self.0.clear();
    }
}
