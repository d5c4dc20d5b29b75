//! The binding of admission.

#![allow(clippy::doc_markdown)] // the documentation of methods is Python's

use std::sync::Mutex;

use pyo3::exceptions::PyIndexError;
use pyo3::gc::{PyTraverseError, PyVisit};
use pyo3::prelude::*;
use schedkit_core::error::InputError;
use schedkit_core::names::Named;
use schedkit_core::online::queue::spread;
use schedkit_core::serving::{AdmissionOptions, AdmissionPolicy, NumberedAdmission, Victim};

use crate::errors::Result;
use crate::shared_keys::{Key, KeyedState, NumbersKeys, SharedKeys};

impl NumbersKeys for NumberedAdmission {
    const UNKNOWN: &'static str = "does not run";
    const NOUN: &'static str = "batch";

    fn count(&self) -> usize {
        self.len()
    }

    fn emptied(&self) -> std::result::Result<Self, InputError> {
        Self::new(*self.options())
    }
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
    /// `refuse(value, field, position)` raises for an identity that is neither an integer nor a text.
    refuse: Py<PyAny>,
    /// `iterable(value)` returns waiting requests that can be iterated over, or raises.
    iterable: Py<PyAny>,
    /// The type `collections.deque`.
    deque: Py<PyAny>,
}

/// Admission of requests to a batch.
#[pyclass(frozen, subclass, module = "schedkit._core")]
pub struct Admission {
    pub(super) keys: SharedKeys<NumberedAdmission>,
    options: AdmissionOptions,
    pub(super) row: Py<PyAny>,
    pub(super) refuse: Py<PyAny>,
    iterable: Py<PyAny>,
    pub(super) deque: Py<PyAny>,
}

#[pymethods]
impl Admission {
    #[new]
    fn new(options: OptionColumns, helpers: Helpers) -> Result<Self> {
        let options = options.read("policy")?;
        let Helpers { number, key_error, row, refuse, iterable, deque } = helpers;
        let state = Mutex::new(KeyedState::new(NumberedAdmission::new(options)?, 0.0));
        Ok(Self { keys: SharedKeys { state, number, key_error }, options, row, refuse, iterable, deque })
    }

    /// How many of the waiting requests may join the batch, in their order.
    ///
    /// Starts nothing, and changes nothing but the random draws. A call that is refused changes nothing.
    ///
    /// Parameters
    /// ----------
    /// waiting : iterable of (key, prompt_tokens, max_new_tokens)
    ///     Read no further than the first request that may not join. A row may go on with produced, prefix and prefix_tokens, as in
    ///     `start`; None there stands for what is not given. Lists, tuples and deques of rows of three are read fastest.
    /// now : float, optional
    ///     Taken as by all methods of live objects; the answer does not depend on it.
    ///
    /// Returns
    /// -------
    /// int
    ///     So many of them, from the first on, may join.
    ///
    /// Raises
    /// ------
    /// InvalidInputError, InputTypeError
    ///     A row with another number of entries, of other types or with numbers out of range; names its position.
    #[pyo3(signature = (waiting, now=None))]
    fn admit(&self, waiting: &Bound<'_, PyAny>, now: Option<&Bound<'_, PyAny>>) -> Result<usize> {
        self.keys.read_time(now)?;
        match self.admit_plain(waiting)? {
            Some(answer) => Ok(answer),
            None => self.admit_any(&self.iterable.bind(waiting.py()).call1((waiting,))?),
        }
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
    ///     Length of that prefix, which a request with a prefix has to name.
    ///
    /// Raises
    /// ------
    /// InvalidInputError
    ///     A key that runs already, numbers out of range, a prefix without its length or with another one than before.
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
    ///
    /// Raises
    /// ------
    /// InvalidInputError
    ///     Tokens below 0, or so many that the batch would hold more than 2**53.
    #[pyo3(signature = (tokens=None))]
    fn advance(&self, tokens: Option<&Bound<'_, PyAny>>) -> Result<()> {
        let tokens = self.keys.whole(tokens, "tokens")?.unwrap_or(1);
        Ok(self.keys.lock().slots.advance(tokens)?)
    }

    /// A request has ended and leaves the batch; the length of its answer is recorded. O(log n + window).
    ///
    /// Parameters
    /// ----------
    /// key : hashable
    /// length : int
    ///     Tokens of its whole answer, >= 0.
    ///
    /// Raises
    /// ------
    /// UnknownKeyError
    ///     A key that does not run.
    /// InvalidInputError
    ///     A length below 0 or above 2**53.
    fn finished(&self, key: &Bound<'_, PyAny>, length: &Bound<'_, PyAny>) -> Result<()> {
        let length = self.whole(Some(length), "length")?;
        let (mut state, slot) = self.keys.known(key)?;
        state.slots.finished(slot, length)?;
        SharedKeys::drop_key(state, slot);
        Ok(())
    }

    /// A request leaves the batch without an answer, because it was cancelled or has failed; nothing is recorded. O(log n).
    ///
    /// Parameters
    /// ----------
    /// key : hashable
    ///
    /// Raises
    /// ------
    /// UnknownKeyError
    ///     A key that does not run.
    fn remove(&self, key: &Bound<'_, PyAny>) -> Result<()> {
        let (mut state, slot) = self.keys.known(key)?;
        state.slots.remove(slot);
        SharedKeys::drop_key(state, slot);
        Ok(())
    }

    /// The request that the rule for victims names leaves the batch; the caller puts it back into the line, where all its tokens
    /// are its prompt and its maximum is what was left. O(log n) for the rule "newest", O(n) for the others.
    ///
    /// Returns
    /// -------
    /// object
    ///     The key of the request.
    ///
    /// Raises
    /// ------
    /// IndexError
    ///     No request runs.
    fn evict(&self) -> Result<Key> {
        let mut state = self.keys.lock();
        match state.slots.evict() {
            Some(slot) => Ok(state.leave(slot)),
            None => Err(PyIndexError::new_err("no request runs").into()),
        }
    }

    /// The need of the batch by its policy as `admit` counts it, 0 if no request runs. O(samples).
    ///
    /// Returns
    /// -------
    /// int
    ///     Tokens.
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
        drop(self.keys.fill(py, NumberedAdmission::restore(self.options, &words)?, keys)?);
        Ok(())
    }

    fn __traverse__(&self, visit: PyVisit<'_>) -> std::result::Result<(), PyTraverseError> {
        self.keys.traverse(&visit)
    }

    fn __clear__(&self) {
        self.keys.clear();
    }
}
