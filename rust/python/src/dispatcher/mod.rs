//! Bindings of `schedkit_core::online::dispatcher`: Python's keys, names of resources, clock and locks.
//!
//! As in the policy queue, the lock is never held while foreign code runs.

mod request;

use std::collections::HashMap;

use pyo3::gc::{PyTraverseError, PyVisit};
use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyDict, PyList, PyString, PyTuple};
use schedkit_core::InputError;
use schedkit_core::names::Named;
use schedkit_core::online::dispatcher::{self, Backfill, DispatchStats, KeyState, NumberedDispatcher, Request};
use schedkit_core::online::queue::spread;

use crate::errors::Result;
use crate::online::policy::OnlinePolicy;
use crate::shared_keys::Key;
use request::{Facts, Helpers, SharedDispatcher, plain_rank};

/// What decides between keys of equal priority.
#[pyclass(frozen, module = "schedkit._core")]
pub struct DispatchOrder(dispatcher::DispatchOrder);

#[pymethods]
impl DispatchOrder {
    /// The order of a policy with its parameters.
    #[staticmethod]
    fn policy(policy: &OnlinePolicy) -> Result<Self> {
        Ok(Self(dispatcher::DispatchOrder::from_policy(policy.0.clone())?))
    }

    /// The order of that name.
    #[staticmethod]
    fn named(name: &str) -> Result<Self> {
        Ok(Self(dispatcher::DispatchOrder::from_name(name)?))
    }

    /// The order by a number that comes with each key.
    #[staticmethod]
    fn given() -> Self {
        Self(dispatcher::DispatchOrder::Given)
    }
}

/// Counts of keys.
#[derive(IntoPyObject)]
struct StatsColumns {
    waiting: usize,
    ready: usize,
    running: usize,
    done: usize,
    failed: usize,
    cancelled: usize,
    blocked: usize,
    retries: u64,
}

/// The dispatcher.
#[pyclass(frozen, subclass, module = "schedkit._core")]
pub struct Dispatcher(SharedDispatcher);

#[pymethods]
impl Dispatcher {
    #[new]
    fn new(
        py: Python<'_>,
        names: Vec<Py<PyString>>,
        capacity: Vec<i64>,
        order: &DispatchOrder,
        backfill: &str,
        offset: f64,
        helpers: Helpers,
    ) -> Result<Self> {
        let numbered = NumberedDispatcher::new(&capacity, order.0.clone(), Backfill::from_name(backfill)?)?;
        Ok(Self(SharedDispatcher::new(py, numbered, names, offset, helpers)))
    }

    /// Adds a key. Nothing starts before `next`.
    ///
    /// Parameters
    /// ----------
    /// key : hashable
    ///     Never submitted before.
    /// after : iterable of hashable, default ()
    ///     Keys that have to be done first; they were submitted before.
    /// demand : mapping of str to int, optional
    ///     Units of each resource that the key holds while it runs; resources that are not named are not needed.
    /// estimate : float, optional
    ///     About how long the key runs. Without one it counts as endless.
    /// size : float, optional
    ///     How long the key runs, for policies that know sizes.
    /// priority : float, default 0
    ///     Higher first, before the policy decides.
    /// arrival : float, optional
    ///     When the key arrived; by default `now`.
    /// deadline : float, optional
    ///     For policies on deadlines; none is infinite.
    /// now : float, optional
    ///     The time; without it the monotonic clock is read.
    #[pyo3(signature = (key, *, after=None, demand=None, estimate=None, size=None, priority=None, arrival=None, deadline=None, now=None))]
    #[allow(clippy::too_many_arguments)]
    fn submit(
        this: &Bound<'_, Self>,
        key: &Bound<'_, PyAny>,
        after: Option<&Bound<'_, PyAny>>,
        demand: Option<&Bound<'_, PyAny>>,
        estimate: Option<&Bound<'_, PyAny>>,
        size: Option<&Bound<'_, PyAny>>,
        priority: Option<&Bound<'_, PyAny>>,
        arrival: Option<&Bound<'_, PyAny>>,
        deadline: Option<&Bound<'_, PyAny>>,
        now: Option<&Bound<'_, PyAny>>,
    ) -> Result<()> {
        let inner = this.get();
        let mut facts = Facts { after, demand, estimate, size, priority, arrival, deadline, now };
        let Some(answer) = inner.0.answer(key)? else {
            inner.enter(key, 0.0, &facts, false)?;
            return Ok(());
        };
        let listed = after.map(|after| inner.0.listed(after)).transpose()?; // it may be read a second time below
        facts.after = listed.as_ref();
        if inner.0.is_plain()
            && let Some(rank) = plain_rank(&answer)
            && inner.enter(key, rank, &facts, true)?
        {
            return Ok(());
        }
        this.call_method1("_submit_compared", (key, answer, facts.to_dict(this.py())?))?;
        Ok(())
    }

    /// Adds a key with a rank of its own.
    #[pyo3(name = "_submit", signature = (key, rank, after=None, demand=None, estimate=None, size=None, priority=None, arrival=None, deadline=None, now=None))]
    #[allow(clippy::too_many_arguments)]
    fn submit_ranked(
        &self,
        key: &Bound<'_, PyAny>,
        rank: f64,
        after: Option<&Bound<'_, PyAny>>,
        demand: Option<&Bound<'_, PyAny>>,
        estimate: Option<&Bound<'_, PyAny>>,
        size: Option<&Bound<'_, PyAny>>,
        priority: Option<&Bound<'_, PyAny>>,
        arrival: Option<&Bound<'_, PyAny>>,
        deadline: Option<&Bound<'_, PyAny>>,
        now: Option<&Bound<'_, PyAny>>,
    ) -> Result<()> {
        self.enter(key, rank, &Facts { after, demand, estimate, size, priority, arrival, deadline, now }, false)?;
        Ok(())
    }

    /// The ranks of all keys that wait or run. From now on every answer of the own key function is compared in Python.
    fn _ranks_in_use(&self) -> Vec<f64> {
        let state = self.0.keys.lock();
        self.0.compares.store(true, std::sync::atomic::Ordering::Relaxed);
        state.slots.ranks()
    }

    /// Gives keys other ranks, all at one moment: a rank as in the first list becomes that in the same place of the second.
    fn _change_ranks(&self, old: Vec<f64>, new: Vec<f64>) {
        let new: HashMap<u64, f64> = old.into_iter().map(|rank| (rank + 0.0).to_bits()).zip(new).collect();
        self.0.keys.lock().slots.change_ranks(|rank| new.get(&(rank + 0.0).to_bits()).copied());
    }

    /// Starts what may start now, and returns it in order.
    ///
    /// Parameters
    /// ----------
    /// now : float, optional
    ///     The time; without it the monotonic clock is read.
    #[pyo3(signature = (now=None))]
    fn next<'py>(&self, py: Python<'py>, now: Option<&Bound<'_, PyAny>>) -> Result<Bound<'py, PyList>> {
        let (mut state, now) = self.0.keys.lock_at(now)?;
        let started = state.slots.next(now)?;
        if let &[number] = started.as_slice() {
            let key = state.key(py, number); // the usual case takes no list of its own
            drop(state);
            return Ok(PyList::new(py, [key])?);
        }
        let keys: Vec<Key> = started.into_iter().map(|number| state.key(py, number)).collect();
        drop(state);
        Ok(PyList::new(py, keys)?)
    }

    /// Reports that a running key has finished. Keys that needed it alone are ready.
    ///
    /// Parameters
    /// ----------
    /// key : hashable
    /// now : float, optional
    ///     The time; without it the monotonic clock is read.
    #[pyo3(signature = (key, now=None))]
    fn finished(&self, key: &Bound<'_, PyAny>, now: Option<&Bound<'_, PyAny>>) -> Result<()> {
        let (mut state, number, now) = self.0.known(key, now)?;
        let outcome = state.slots.finished(number, now);
        drop(state);
        outcome.map_err(|error| self.0.blame(error, key))
    }

    /// Reports that a running key has failed.
    ///
    /// Parameters
    /// ----------
    /// key : hashable
    /// now : float, optional
    ///     The time; without it the monotonic clock is read.
    /// retry : bool, default True
    ///     Whether the key is ready again at once, with its place in the order; if not, all keys that need it are blocked.
    ///
    /// Returns
    /// -------
    /// list
    ///     The keys that are blocked by this, in the order of their submission.
    #[pyo3(signature = (key, now=None, retry=None))]
    fn failed<'py>(
        &self,
        py: Python<'py>,
        key: &Bound<'_, PyAny>,
        now: Option<&Bound<'_, PyAny>>,
        retry: Option<&Bound<'_, PyAny>>,
    ) -> Result<Bound<'py, PyList>> {
        let retry = retry.map_or(Ok(true), |retry| self.0.flag(retry, "retry"))?;
        self.give_up(py, key, now, |numbered, number, now| numbered.failed(number, now, retry))
    }

    /// Cancels a key that has not ended; what it held is free at once, and all keys that need it are blocked.
    ///
    /// Parameters
    /// ----------
    /// key : hashable
    /// now : float, optional
    ///     The time; without it the monotonic clock is read.
    ///
    /// Returns
    /// -------
    /// list
    ///     The keys that are blocked by this, in the order of their submission.
    #[pyo3(signature = (key, now=None))]
    fn cancel<'py>(&self, py: Python<'py>, key: &Bound<'_, PyAny>, now: Option<&Bound<'_, PyAny>>) -> Result<Bound<'py, PyList>> {
        self.give_up(py, key, now, NumberedDispatcher::cancel)
    }

    /// Changes the capacity of the resource in a place.
    #[pyo3(signature = (resource, amount, now=None))]
    fn _set_capacity(&self, resource: usize, amount: i64, now: Option<&Bound<'_, PyAny>>) -> Result<()> {
        let (mut state, now) = self.0.keys.lock_at(now)?;
        Ok(state.slots.set_capacity(resource, amount, now)?)
    }

    fn _capacity(&self) -> (Vec<i64>, Vec<i64>) {
        let state = self.0.keys.lock();
        (state.slots.capacity().to_vec(), state.slots.free().to_vec())
    }

    /// The keys that wait, in order; blocked ones are not among them.
    #[getter]
    fn waiting<'py>(&self, py: Python<'py>) -> Result<Bound<'py, PyList>> {
        let mut state = self.0.keys.lock();
        let keys: Vec<Key> = state.slots.waiting().into_iter().map(|number| state.key(py, number)).collect();
        drop(state);
        Ok(PyList::new(py, keys)?)
    }

    /// The keys that run, in the order in which they were started.
    #[getter]
    fn running<'py>(&self, py: Python<'py>) -> Result<Bound<'py, PyList>> {
        let state = self.0.keys.lock();
        let keys: Vec<Key> = state.slots.running().into_iter().map(|number| state.key(py, number)).collect();
        drop(state);
        Ok(PyList::new(py, keys)?)
    }

    /// Blocked keys, each with the chain of keys from the one that has failed or was cancelled to itself.
    #[getter]
    fn blocked<'py>(&self, py: Python<'py>) -> Result<Bound<'py, PyDict>> {
        let state = self.0.keys.lock();
        let mut rows: Vec<(Key, Vec<Key>)> = Vec::new();
        for number in state.slots.blocked() {
            let chain = state.slots.chain(number)?.into_iter().map(|number| state.key(py, number)).collect();
            rows.push((state.key(py, number), chain));
        }
        drop(state);
        let blocked = PyDict::new(py);
        for (key, chain) in rows {
            blocked.set_item(key, PyTuple::new(py, chain)?)?;
        }
        Ok(blocked)
    }

    /// When a key is to start, by the reservations of the last call of `next`.
    ///
    /// Parameters
    /// ----------
    /// key : hashable
    ///
    /// Returns
    /// -------
    /// float or None
    ///     None for a key without a reservation; infinite behind a key without an estimate.
    fn reservation(&self, key: &Bound<'_, PyAny>) -> Result<Option<f64>> {
        let (state, number) = self.0.keys.known(key)?;
        Ok(state.slots.reservation(number)?)
    }

    /// What has become of a key.
    ///
    /// Parameters
    /// ----------
    /// key : hashable
    ///
    /// Returns
    /// -------
    /// str
    ///     "waiting" for other keys, "ready", "running", "done", "failed", "cancelled" or "blocked".
    fn state(&self, key: &Bound<'_, PyAny>) -> Result<&'static str> {
        let (state, number) = self.0.keys.known(key)?;
        Ok(match state.slots.state(number)? {
            KeyState::Waiting => "waiting",
            KeyState::Ready => "ready",
            KeyState::Running => "running",
            KeyState::Done => "done",
            KeyState::Failed => "failed",
            KeyState::Cancelled => "cancelled",
            KeyState::Blocked => "blocked",
        })
    }

    fn _stats(&self) -> StatsColumns {
        let DispatchStats { waiting, ready, running, done, failed, cancelled, blocked, retries } =
            self.0.keys.lock().slots.stats();
        StatsColumns { waiting, ready, running, done, failed, cancelled, blocked, retries }
    }

    /// How many times lay before the last one and counted as the last one.
    #[getter]
    fn clock_skew(&self) -> u64 {
        self.0.keys.lock().slots.clock_skew()
    }

    /// The last time that was given or read; minus infinity before the first one.
    #[getter]
    fn _now(&self) -> f64 {
        self.0.keys.lock().slots.now()
    }

    /// The time that a call without `now` would read.
    fn _time(&self) -> f64 {
        self.0.keys.lock().time(None)
    }

    fn __len__(&self) -> usize {
        self.0.keys.lock().slots.len()
    }

    fn __contains__(&self, key: &Bound<'_, PyAny>) -> Result<bool> {
        let (_state, found) = self.0.keys.find(key, spread(key.hash()? as u64))?;
        Ok(found.is_some())
    }

    /// The keys, and the state of the dispatcher as bytes.
    fn _save<'py>(&self, py: Python<'py>) -> Result<(Bound<'py, PyList>, Bound<'py, PyBytes>)> {
        let mut state = self.0.keys.lock();
        let words = state.slots.save();
        let keys: Vec<Key> = (0..state.slots.len() as u32).map(|number| state.key(py, number)).collect();
        drop(state);
        let bytes: Vec<u8> = words.into_iter().flat_map(u64::to_le_bytes).collect();
        Ok((PyList::new(py, keys)?, PyBytes::new(py, &bytes)))
    }

    /// Restores the state that another dispatcher has saved.
    fn _load(&self, py: Python<'_>, keys: Vec<Key>, bytes: &[u8]) -> Result<()> {
        let refused = || InputError::new("state", "is not the record of a dispatcher with these keys");
        let words: Vec<u64> =
            bytes.chunks_exact(8).map(|word| u64::from_le_bytes(word.try_into().expect("eight bytes"))).collect();
        let state = self.0.keys.lock();
        let (order, backfill) = (state.slots.order().clone(), state.slots.backfill());
        drop(state);
        let numbered = NumberedDispatcher::restore(order, backfill, &words)?;
        if numbered.capacity().len() != self.0.names.len() || !bytes.len().is_multiple_of(8) {
            return Err(refused().into());
        }
        let mut state = self.0.keys.fill(py, numbered, keys)?;
        state.offset = state.offset.max(state.slots.now());
        Ok(())
    }

    fn __traverse__(&self, visit: PyVisit<'_>) -> std::result::Result<(), PyTraverseError> {
        for helper in self.0.helpers() {
            visit.call(helper)?;
        }
        self.0.keys.traverse(&visit)
    }

    fn __clear__(&self) {
        self.0.keys.clear();
    }
}

impl Dispatcher {
    /// Adds a key. A plain rank, the number that the own key function gave, is not entered if answers have to be compared by now; false then.
    fn enter(&self, key: &Bound<'_, PyAny>, rank: f64, facts: &Facts<'_, '_>, plain: bool) -> Result<bool> {
        let keys = &self.0.keys;
        let units = self.0.demand(facts.demand)?;
        let request = Request {
            priority: keys.optional(facts.priority, "priority")?.unwrap_or(0.0),
            estimate: keys.optional(facts.estimate, "estimate")?,
            size: keys.optional(facts.size, "size")?,
            deadline: keys.optional(facts.deadline, "deadline")?.unwrap_or(f64::INFINITY),
            arrival: keys.optional(facts.arrival, "arrival")?,
            rank,
            demand: &units,
        };
        let now = keys.optional(facts.now, "now")?;
        let hash = spread(key.hash()? as u64);
        let after = self.0.after(facts.after)?;
        let (mut state, found) = keys.find(key, hash)?;
        if plain && !self.0.is_plain() {
            return Ok(false);
        }
        if found.is_some() {
            drop(state);
            return Err(keys.key_error("was submitted before", key).into());
        }
        let now = state.time(now);
        match state.slots.submit(&request, &after, now) {
            Ok(number) => {
                state.enter(hash, number, key.clone().unbind());
                Ok(true)
            }
            Err(error) => {
                drop(state);
                Err(self.0.blame(error, key))
            }
        }
    }

    /// Ends a key without success, and lists the keys that are blocked by this.
    fn give_up<'py>(
        &self,
        py: Python<'py>,
        key: &Bound<'_, PyAny>,
        now: Option<&Bound<'_, PyAny>>,
        act: impl FnOnce(&mut NumberedDispatcher, u32, f64) -> std::result::Result<Vec<u32>, InputError>,
    ) -> Result<Bound<'py, PyList>> {
        let (mut state, number, now) = self.0.known(key, now)?;
        let outcome = act(&mut state.slots, number, now);
        let keys = outcome.map(|blocked| blocked.into_iter().map(|number| state.key(py, number)).collect::<Vec<Key>>());
        drop(state);
        Ok(PyList::new(py, keys.map_err(|error| self.0.blame(error, key))?)?)
    }
}
