//! The binding of the router.

#![allow(clippy::doc_markdown)] // the documentation of methods is Python's

use std::sync::{Mutex, MutexGuard};

use pyo3::gc::{PyTraverseError, PyVisit};
use pyo3::prelude::*;
use pyo3::types::{PyList, PyTuple};
use schedkit_core::error::InputError;
use schedkit_core::names::Named;
use schedkit_core::online::queue::spread;
use schedkit_core::serving::{NumberedRouter, RouteRequest, RouterOptions, RoutingPolicy};

use super::hash_of;
use crate::errors::Result;
use crate::shared_keys::{Key, KeyedState, NumbersKeys, SharedKeys};

/// Items of an iterable that are read between two looks for Ctrl-C.
const BETWEEN_SIGNALS: usize = 1 << 14;

impl NumbersKeys for NumberedRouter {
    const UNKNOWN: &'static str = "is not under way";
    const NOUN: &'static str = "router";

    fn count(&self) -> usize {
        self.len()
    }

    fn emptied(&self) -> std::result::Result<Self, InputError> {
        Self::new(*self.options())
    }
}

/// The options of a router, by name.
#[derive(FromPyObject)]
#[pyo3(from_item_all)]
pub struct RouterOptionColumns {
    policy: String,
    seed: u64,
    epsilon: f64,
    cache_blocks: Option<usize>,
    unit: f64,
    ttft: Option<f64>,
    rate: Option<f64>,
}

impl RouterOptionColumns {
    /// The options; `ttft` and `rate` are given together or not at all.
    pub fn read(&self, field: &'static str) -> Result<RouterOptions> {
        let &Self { seed, epsilon, cache_blocks, unit, .. } = self;
        let policy = RoutingPolicy::from_name(&self.policy).map_err(|error| InputError { field: field.into(), ..error })?;
        Ok(RouterOptions { policy, seed, epsilon, cache_blocks, unit, objective: self.ttft.zip(self.rate) })
    }
}

/// The Python functions of routers, which read or refuse what is not plain.
#[derive(FromPyObject)]
#[pyo3(from_item_all)]
struct Helpers {
    /// `number(value, field)` reads a number as all of the package does, or raises.
    number: Py<PyAny>,
    /// `key_error(reason, key)` makes the exception for a key in a state that a call does not take.
    key_error: Py<PyAny>,
    /// `refuse(value, field, position)` raises for an identity that is neither an integer nor a text.
    refuse: Py<PyAny>,
    /// `blocks(value, field)` returns blocks, or ids of replicas, that can be iterated over, or raises.
    blocks: Py<PyAny>,
}

/// The router.
#[pyclass(frozen, subclass, module = "schedkit._core")]
pub struct Router {
    keys: SharedKeys<NumberedRouter>,
    options: RouterOptions,
    refuse: Py<PyAny>,
    blocks: Py<PyAny>,
}

#[pymethods]
impl Router {
    #[new]
    fn new(options: RouterOptionColumns, offset: f64, helpers: Helpers) -> Result<Self> {
        let options = options.read("policy")?;
        let Helpers { number, key_error, refuse, blocks } = helpers;
        let state = Mutex::new(KeyedState::new(NumberedRouter::new(options)?, offset));
        Ok(Self { keys: SharedKeys { state, number, key_error }, options, refuse, blocks })
    }

    /// Chooses the replica of a request, which counts there until `finished`.
    ///
    /// Parameters
    /// ----------
    /// key : int or str
    ///     Not under way yet.
    /// tokens : int, default 1
    ///     Its work, >= 0.
    /// prefix : sequence of int or str, default ()
    ///     Identities of the blocks of its prompt, from the beginning on; at most 16,777,216.
    /// now : float, optional
    ///     The time; without it the monotonic clock is read. Only "dual_hash" with `ttft` looks at it.
    /// among : sequence of int, optional
    ///     Ids of the replicas that may take it, at most 65,536; all by default. If the policy chooses another one, the least loaded of
    ///     these takes it (ties: lowest id).
    ///
    /// Returns
    /// -------
    /// int
    ///     The id of the replica.
    ///
    /// Raises
    /// ------
    /// InvalidInputError
    ///     A key that is under way already, tokens out of range, no replica, an id of `among` that is not there,
    ///     more blocks or ids than these.
    /// InputTypeError
    ///     A key or a block that is neither an integer nor a text.
    #[pyo3(signature = (key, tokens=None, prefix=None, now=None, *, among=None))]
    fn route(
        &self,
        key: &Bound<'_, PyAny>,
        tokens: Option<&Bound<'_, PyAny>>,
        prefix: Option<&Bound<'_, PyAny>>,
        now: Option<&Bound<'_, PyAny>>,
        among: Option<&Bound<'_, PyAny>>,
    ) -> Result<i64> {
        let place = hash_of(key, &self.refuse, "key", None)?;
        let tokens = self.keys.whole(tokens, "tokens")?.unwrap_or(1);
        let now = self.keys.optional(now, "now")?;
        let blocks = self.blocks(prefix)?;
        let among = among.map(|ids| self.ids(ids)).transpose()?;
        let hash = spread(key.hash()? as u64);
        let (mut state, found) = self.keys.find(key, hash)?;
        if found.is_some() {
            drop(state);
            return Err(self.keys.key_error("is under way already", key).into());
        }
        let now = state.time(now);
        let request = RouteRequest { key: place, tokens, prefix: &blocks };
        let (slot, replica) = state.slots.route_among(&request, now, among.as_deref())?;
        state.enter(hash, slot, key.clone().unbind());
        Ok(replica)
    }

    /// A request has ended. O(log replicas).
    ///
    /// Parameters
    /// ----------
    /// key : int or str
    /// now : float, optional
    ///     Taken as by all methods of live objects; the answer does not depend on it.
    ///
    /// Raises
    /// ------
    /// UnknownKeyError
    ///     A key that is not under way.
    #[pyo3(signature = (key, now=None))]
    fn finished(&self, key: &Bound<'_, PyAny>, now: Option<&Bound<'_, PyAny>>) -> Result<()> {
        self.keys.read_time(now)?;
        let (mut state, slot) = self.known(key)?;
        state.slots.finished(slot);
        SharedKeys::drop_key(state, slot);
        Ok(())
    }

    /// The replica of a request that has not ended.
    ///
    /// Parameters
    /// ----------
    /// key : int or str
    ///
    /// Returns
    /// -------
    /// int
    ///     Its id.
    ///
    /// Raises
    /// ------
    /// UnknownKeyError
    ///     A key that is not under way.
    fn replica(&self, key: &Bound<'_, PyAny>) -> Result<i64> {
        let (state, slot) = self.known(key)?;
        Ok(state.slots.replica(slot))
    }

    fn _add(&self, replica: i64, weight: f64) -> Result<()> {
        Ok(self.keys.lock().slots.add(replica, weight)?)
    }

    fn _remove(&self, replica: i64) -> Result<Vec<Key>> {
        let mut state = self.keys.lock();
        let slots = state.slots.remove(replica)?;
        Ok(slots.into_iter().map(|slot| state.leave(slot)).collect())
    }

    fn _migrations(&self, py: Python<'_>) -> Vec<(Key, i64, i64)> {
        let mut state = self.keys.lock();
        let moves = state.slots.migrations();
        moves.into_iter().map(|migration| (state.key(py, migration.slot), migration.source, migration.target)).collect()
    }

    /// Ids and loads.
    fn _loads(&self) -> Vec<(i64, f64)> {
        self.keys.lock().slots.loads().collect()
    }

    fn __len__(&self) -> usize {
        self.keys.lock().slots.len()
    }

    fn __contains__(&self, key: &Bound<'_, PyAny>) -> Result<bool> {
        Ok(self.keys.find(key, spread(key.hash()? as u64))?.1.is_some())
    }

    /// The keys under way in the order in which they were routed, and the state as numbers.
    fn _save(&self, py: Python<'_>) -> (Vec<Key>, Vec<i64>, f64) {
        let state = self.keys.lock();
        let (slots, words) = state.slots.save();
        (slots.into_iter().map(|slot| state.key(py, slot)).collect(), words, state.time(None))
    }

    /// Restores a state that was saved.
    fn _load(&self, py: Python<'_>, keys: Vec<Key>, words: Vec<i64>, offset: f64) -> Result<()> {
        let slots = NumberedRouter::restore(self.options, &words)?;
        self.keys.fill(py, slots, keys)?.offset = offset;
        Ok(())
    }

    fn __traverse__(&self, visit: PyVisit<'_>) -> std::result::Result<(), PyTraverseError> {
        self.keys.traverse(&visit)
    }

    fn __clear__(&self) {
        self.keys.clear();
    }
}

impl Router {
    fn blocks(&self, prefix: Option<&Bound<'_, PyAny>>) -> Result<Vec<u64>> {
        let Some(prefix) = prefix else { return Ok(Vec::new()) };
        let hash = |(k, block): (usize, Bound<'_, PyAny>)| hash_of(&block, &self.refuse, "prefix", Some(k));
        if let Ok(blocks) = prefix.cast_exact::<PyTuple>() {
            return collect_hashes(blocks.len(), blocks.iter().enumerate().map(hash));
        }
        if let Ok(blocks) = prefix.cast_exact::<PyList>() {
            return collect_hashes(blocks.len(), blocks.iter().enumerate().map(hash));
        }
        let blocks = self.blocks.bind(prefix.py()).call1((prefix, "prefix"))?;
        blocks.try_iter()?.enumerate().map(heard(prefix.py())).map(|block| hash(block?)).collect()
    }

    /// Ids of replicas.
    fn ids(&self, ids: &Bound<'_, PyAny>) -> Result<Vec<i64>> {
        let ids = self.blocks.bind(ids.py()).call1((ids, "among"))?;
        let numbers = ids.try_iter()?.enumerate().map(heard(ids.py()));
        numbers.map(|id| Ok(self.keys.whole(Some(&id?.1), "among")?.unwrap_or_default())).collect()
    }

    /// The lock and the slot of a key that has to be under way.
    fn known(&self, key: &Bound<'_, PyAny>) -> Result<(MutexGuard<'_, KeyedState<NumberedRouter>>, u32)> {
        if key.hash().is_err() {
            self.refuse.bind(key.py()).call1((key, "key", None::<usize>))?;
        }
        Ok(self.keys.known(key)?)
    }
}

/// Looks for Ctrl-C now and then between the items of an iterable, which may be endless.
fn heard<T>(py: Python<'_>) -> impl Fn((usize, PyResult<T>)) -> PyResult<(usize, T)> + use<'_, T> {
    move |(k, item)| {
        if k % BETWEEN_SIGNALS == BETWEEN_SIGNALS - 1 {
            py.check_signals()?;
        }
        Ok((k, item?))
    }
}

/// Collects so many results with one allocation, which `collect` into a result does not do.
fn collect_hashes(len: usize, hashes: impl Iterator<Item = Result<u64>>) -> Result<Vec<u64>> {
    let mut found = Vec::with_capacity(len);
    for hash in hashes {
        found.push(hash?);
    }
    Ok(found)
}
