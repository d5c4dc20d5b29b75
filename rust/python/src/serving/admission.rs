//! The binding of admission.

#![allow(clippy::doc_markdown)] // the documentation of methods is Python's

use std::sync::Mutex;

use pyo3::exceptions::{PyIndexError, PyValueError};
use pyo3::gc::{PyTraverseError, PyVisit};
use pyo3::prelude::*;
use pyo3::types::{PyInt, PyList, PyTuple};
use schedkit_core::error::InputError;
use schedkit_core::names::Named;
use schedkit_core::online::queue::{KeyIndex, spread};
use schedkit_core::serving::{AdmissionOptions, AdmissionPolicy, NumberedAdmission, Prefix, Request, Victim};

use super::hash_of;
use crate::errors::Result;
use crate::shared_keys::{Key, KeyedState, NumbersKeys, SharedKeys};

impl NumbersKeys for NumberedAdmission {
    const UNKNOWN: &'static str = "does not run";
}

/// The options of admission, by name.
#[derive(FromPyObject)]
#[pyo3(from_item_all)]
pub struct OptionColumns {
    capacity: i64,
    policy: String,
    window: usize,
    samples: usize,
    reserve: f64,
    victim: String,
    seed: u64,
}

impl OptionColumns {
    /// The options; `field` is the name under which the caller gave the policy.
    pub fn read(&self, field: &'static str) -> Result<AdmissionOptions> {
        let &Self { capacity, window, samples, reserve, seed, .. } = self;
        let policy = AdmissionPolicy::from_name(&self.policy).map_err(|error| InputError { field: field.into(), ..error })?;
        let victim = Victim::from_name(&self.victim)?;
        Ok(AdmissionOptions { capacity, policy, window, samples, reserve, victim, seed })
    }
}

/// The Python functions of admission, which read or refuse what is not plain.
#[derive(FromPyObject)]
#[pyo3(from_item_all)]
struct Helpers {
    /// `number(value, field)` reads a number as all of the package does, or raises.
    number: Py<PyAny>,
    /// `key_error(reason, key)` makes the exception for a key in a state that a call does not take.
    key_error: Py<PyAny>,
    /// `row(value, position)` reads a waiting request as a tuple of six, or raises.
    row: Py<PyAny>,
    /// `refuse(value, field)` raises for an identity that is neither an integer nor a text.
    refuse: Py<PyAny>,
}

/// Admission of requests to a batch.
#[pyclass(frozen, subclass, module = "schedkit._core")]
pub struct Admission {
    keys: SharedKeys<NumberedAdmission>,
    options: AdmissionOptions,
    row: Py<PyAny>,
    refuse: Py<PyAny>,
}

impl Admission {
    /// A whole number, or 0.
    fn whole(&self, value: Option<&Bound<'_, PyAny>>, field: &'static str) -> Result<i64> {
        Ok(self.keys.whole(value, field)?.unwrap_or(0))
    }

    fn request(
        &self,
        [prompt_tokens, max_new_tokens, produced]: [Option<&Bound<'_, PyAny>>; 3],
        prefix: Option<&Bound<'_, PyAny>>,
        prefix_tokens: Option<&Bound<'_, PyAny>>,
    ) -> Result<Request> {
        let prefix = match prefix {
            Some(prefix) => {
                Some(Prefix { id: hash_of(prefix, &self.refuse, "prefix")?, tokens: self.whole(prefix_tokens, "prefix_tokens")? })
            }
            None if prefix_tokens.is_some() => {
                return Err(InputError::new("prefix_tokens", "is the length of a prefix, and none was given").into());
            }
            None => None,
        };
        Ok(Request {
            prompt_tokens: self.whole(prompt_tokens, "prompt_tokens")?,
            max_new_tokens: self.whole(max_new_tokens, "max_new_tokens")?,
            produced: self.whole(produced, "produced")?,
            prefix,
        })
    }

    /// A waiting request that runs no foreign code when it is read, if this is one.
    fn plain(row: &Bound<'_, PyAny>) -> Option<Request> {
        let row = row.cast_exact::<PyTuple>().ok().filter(|row| row.len() == 3)?;
        let tokens = |place: usize| row.get_item(place).ok()?.cast_exact::<PyInt>().ok()?.extract::<i64>().ok();
        Some(Request { prompt_tokens: tokens(1)?, max_new_tokens: tokens(2)?, ..Request::default() })
    }

    /// A waiting request of any kind.
    fn read(&self, row: &Bound<'_, PyAny>, position: usize) -> Result<Request> {
        if let Some(request) = Self::plain(row) {
            return Ok(request);
        }
        let row = self.row.bind(row.py()).call1((row, position))?;
        let [prompt, most, produced, prefix, prefix_tokens] = row.extract::<[Option<Bound<'_, PyAny>>; 5]>()?;
        self.request([prompt.as_ref(), most.as_ref(), produced.as_ref()], prefix.as_ref(), prefix_tokens.as_ref())
            .map_err(|error| error.at(position))
    }
}

#[pymethods]
impl Admission {
    #[new]
    fn new(options: OptionColumns, helpers: Helpers) -> Result<Self> {
        let options = options.read("policy")?;
        let Helpers { number, key_error, row, refuse } = helpers;
        let state = Mutex::new(KeyedState::new(NumberedAdmission::new(options)?, 0.0));
        Ok(Self { keys: SharedKeys { state, number, key_error }, options, row, refuse })
    }

    /// How many of the waiting requests may join the batch, in their order.
    fn _admit(&self, waiting: &Bound<'_, PyAny>) -> Result<usize> {
        // A list or tuple of plain rows runs no foreign code, so it is read under the lock. Anything else is read with the lock released:
        // a copy decides, and the random numbers that it used up count as used.
        if waiting.is_exact_instance_of::<PyList>() || waiting.is_exact_instance_of::<PyTuple>() {
            let mut state = self.keys.lock();
            let used = state.slots.used();
            let mut strange = false;
            let rows = waiting.try_iter()?.map_while(|row| {
                let request = row.ok().as_ref().and_then(Self::plain);
                strange |= request.is_none();
                request.map(Ok::<_, InputError>)
            });
            let answer = state.slots.admit(rows)?;
            if !strange {
                return Ok(answer);
            }
            state.slots.set_used(used);
        }
        let mut copy = self.keys.lock().slots.clone();
        let version = self.keys.lock().version;
        let rows = waiting.try_iter()?.enumerate().map(|(k, row)| self.read(&row?, k));
        let answer = copy.admit(rows);
        let mut state = self.keys.lock();
        if state.version == version {
            state.slots = copy;
        } else {
            let used = state.slots.used().max(copy.used());
            state.slots.set_used(used);
        }
        answer
    }

    /// A request joins the batch, whether it was admitted or not. O(log n).
    ///
    /// Parameters
    /// ----------
    /// key : hashable
    ///     Does not run yet.
    /// prompt_tokens : int
    ///     Tokens that it holds from the beginning, those of its prefix and those produced before included.
    /// max_new_tokens : int
    ///     Tokens that it may produce from now on.
    /// produced : int, default 0
    ///     Tokens of its answer that are part of its prompt, because it was evicted before.
    /// prefix : int or str, optional
    ///     Identity of a beginning that it has in common with others.
    /// prefix_tokens : int, optional
    ///     Length of that prefix.
    #[pyo3(signature = (key, prompt_tokens, max_new_tokens, *, produced=None, prefix=None, prefix_tokens=None))]
    fn start(
        &self,
        key: &Bound<'_, PyAny>,
        prompt_tokens: &Bound<'_, PyAny>,
        max_new_tokens: &Bound<'_, PyAny>,
        produced: Option<&Bound<'_, PyAny>>,
        prefix: Option<&Bound<'_, PyAny>>,
        prefix_tokens: Option<&Bound<'_, PyAny>>,
    ) -> Result<()> {
        let request = self.request([Some(prompt_tokens), Some(max_new_tokens), produced], prefix, prefix_tokens)?;
        let hash = spread(key.hash()? as u64);
        let (mut state, found) = self.keys.find(key, hash)?;
        if found.is_some() {
            drop(state);
            return Err(self.keys.key_error("runs already", key).into());
        }
        let slot = state.slots.start(&request)?;
        state.enter(hash, slot, key.clone().unbind());
        Ok(())
    }

    /// Every running request has produced this many tokens more.
    ///
    /// Parameters
    /// ----------
    /// tokens : int, default 1
    ///     >= 0.
    #[pyo3(signature = (tokens=None))]
    fn advance(&self, tokens: Option<&Bound<'_, PyAny>>) -> Result<()> {
        let tokens = self.keys.whole(tokens, "tokens")?.unwrap_or(1);
        let mut state = self.keys.lock();
        state.version += 1;
        Ok(state.slots.advance(tokens)?)
    }

    /// A request has ended and leaves the batch; the length of its answer is recorded. O(log n + window).
    ///
    /// Parameters
    /// ----------
    /// key : hashable
    /// length : int
    ///     Tokens of its whole answer, >= 0.
    fn finished(&self, key: &Bound<'_, PyAny>, length: &Bound<'_, PyAny>) -> Result<()> {
        let length = self.whole(Some(length), "length")?;
        let (mut state, slot) = self.keys.known(key)?;
        state.slots.finished(slot, length)?;
        let gone = state.leave(slot);
        drop(state);
        drop(gone);
        Ok(())
    }

    /// A request leaves the batch without an answer, because it was cancelled or has failed; nothing is recorded. O(log n).
    ///
    /// Parameters
    /// ----------
    /// key : hashable
    fn remove(&self, key: &Bound<'_, PyAny>) -> Result<()> {
        let (mut state, slot) = self.keys.known(key)?;
        state.slots.remove(slot);
        let gone = state.leave(slot);
        drop(state);
        drop(gone);
        Ok(())
    }

    /// The request that the rule for victims names leaves the batch; the caller puts it back into the line, where all its tokens
    /// are its prompt and its maximum is what was left. O(log n) for the rule "newest", O(n) for the others.
    fn evict(&self) -> Result<Key> {
        let mut state = self.keys.lock();
        match state.slots.evict() {
            Some(slot) => Ok(state.leave(slot)),
            None => Err(PyIndexError::new_err("no request runs").into()),
        }
    }

    /// The need of the batch by its policy, 0 if no request runs. O(samples).
    fn peak(&self) -> i64 {
        self.keys.lock().slots.peak()
    }

    /// The tokens that the batch holds now, common prefixes once. O(1).
    #[getter]
    fn held(&self) -> i64 {
        self.keys.lock().slots.held()
    }

    fn __len__(&self) -> usize {
        self.keys.lock().slots.len()
    }

    fn __contains__(&self, key: &Bound<'_, PyAny>) -> Result<bool> {
        Ok(self.keys.find(key, spread(key.hash()? as u64))?.1.is_some())
    }

    /// The running keys in the order of their starts, and the state as numbers.
    fn _save(&self, py: Python<'_>) -> (Vec<Key>, Vec<i64>) {
        let state = self.keys.lock();
        let (slots, words) = state.slots.save();
        (slots.into_iter().map(|slot| state.key(py, slot)).collect(), words)
    }

    /// Restores a state that was saved.
    fn _load(&self, py: Python<'_>, keys: Vec<Key>, words: Vec<i64>) -> Result<()> {
        let slots = NumberedAdmission::restore(self.options, &words)?;
        if slots.len() != keys.len() {
            return Err(PyValueError::new_err("the state is not the record of a batch with these keys").into());
        }
        let hashes = keys.iter().map(|key| Ok(spread(key.bind(py).hash()? as u64))).collect::<PyResult<Vec<u32>>>()?;
        let mut state = self.keys.lock();
        if !state.keys.is_empty() {
            return Err(PyValueError::new_err("the batch is in use already").into());
        }
        state.slots = slots;
        for (slot, (key, hash)) in (0..).zip(keys.into_iter().zip(hashes)) {
            state.enter(hash, slot, key);
        }
        Ok(())
    }

    fn __traverse__(&self, visit: PyVisit<'_>) -> std::result::Result<(), PyTraverseError> {
        // The collector may run while a thread holds the lock; keys that it cannot see count as alive.
        if let Ok(state) = self.keys.state.try_lock() {
            for key in state.keys.iter().flatten() {
                visit.call(key)?;
            }
        }
        Ok(())
    }

    fn __clear__(&self) {
        let mut state = self.keys.lock();
        let gone = std::mem::take(&mut state.keys);
        state.hashes.clear();
        state.index = KeyIndex::default();
        if let Ok(slots) = NumberedAdmission::new(self.options) {
            state.slots = slots;
        }
        drop(state);
        drop(gone);
    }
}
