//! The binding of the router.

#![allow(clippy::doc_markdown)] // the documentation of methods is Python's

use std::sync::Mutex;

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
    ttft: Option<f64>,
    rate: Option<f64>,
}

impl RouterOptionColumns {
    /// The options; `ttft` and `rate` are given together or not at all.
    pub fn read(&self, field: &'static str) -> Result<RouterOptions> {
        let &Self { seed, epsilon, cache_blocks, .. } = self;
        let policy = RoutingPolicy::from_name(&self.policy).map_err(|error| InputError { field: field.into(), ..error })?;
        Ok(RouterOptions { policy, seed, epsilon, cache_blocks, objective: self.ttft.zip(self.rate) })
    }
}

/// The router.
#[pyclass(frozen, subclass, module = "schedkit._core")]
pub struct Router {
    keys: SharedKeys<NumberedRouter>,
    options: RouterOptions,
    refuse: Py<PyAny>,
}

#[pymethods]
impl Router {
    #[new]
    fn new(
        options: RouterOptionColumns,
        offset: f64,
        number: Py<PyAny>,
        key_error: Py<PyAny>,
        refuse: Py<PyAny>,
    ) -> Result<Self> {
        let options = options.read("policy")?;
        let state = Mutex::new(KeyedState::new(NumberedRouter::new(options)?, offset));
        Ok(Self { keys: SharedKeys { state, number, key_error }, options, refuse })
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
    ///     Identities of the blocks of its prompt, from the beginning on.
    /// now : float, optional
    ///     The time; without it the monotonic clock is read. Only "dual_hash" with `ttft` looks at it.
    #[pyo3(signature = (key, tokens=None, prefix=None, now=None))]
    fn route(
        &self,
        key: &Bound<'_, PyAny>,
        tokens: Option<&Bound<'_, PyAny>>,
        prefix: Option<&Bound<'_, PyAny>>,
        now: Option<&Bound<'_, PyAny>>,
    ) -> Result<i64> {
        let place = hash_of(key, &self.refuse, "key")?;
        let tokens = self.keys.whole(tokens, "tokens")?.unwrap_or(1);
        let now = self.keys.optional(now, "now")?;
        let blocks = self.blocks(prefix)?;
        let hash = spread(key.hash()? as u64);
        let (mut state, found) = self.keys.find(key, hash)?;
        if found.is_some() {
            drop(state);
            return Err(self.keys.key_error("is under way already", key).into());
        }
        let now = state.time(now);
        let (slot, replica) = state.slots.route(&RouteRequest { key: place, tokens, prefix: &blocks }, now)?;
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
    #[pyo3(signature = (key, now=None))]
    fn finished(&self, key: &Bound<'_, PyAny>, now: Option<&Bound<'_, PyAny>>) -> Result<()> {
        self.keys.read_time(now)?;
        let (mut state, slot) = self.keys.known(key)?;
        state.slots.finished(slot);
        SharedKeys::drop_key(state, slot);
        Ok(())
    }

    /// The replica of a request that has not ended.
    ///
    /// Parameters
    /// ----------
    /// key : int or str
    fn replica(&self, key: &Bound<'_, PyAny>) -> Result<i64> {
        let (state, slot) = self.keys.known(key)?;
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
        let hash = |block: &Bound<'_, PyAny>| hash_of(block, &self.refuse, "prefix");
        if let Ok(blocks) = prefix.cast_exact::<PyTuple>() {
            return blocks.iter().map(|block| hash(&block)).collect();
        }
        if let Ok(blocks) = prefix.cast_exact::<PyList>() {
            return blocks.iter().map(|block| hash(&block)).collect();
        }
        if prefix.is_instance_of::<pyo3::types::PyString>() || prefix.try_iter().is_err() {
            self.refuse.bind(prefix.py()).call1((prefix, "prefix of blocks"))?;
        }
        prefix.try_iter()?.map(|block| hash(&block?)).collect()
    }
}
