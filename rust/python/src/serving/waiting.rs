//! Waiting requests as Python gives them, and the answers of admission for them.

use pyo3::prelude::*;
use pyo3::types::{PyInt, PyList, PyTuple};
use schedkit_core::error::InputError;
use schedkit_core::serving::{Prefix, Request};

use super::admission::Admission;
use super::hash_of;
use crate::errors::Result;

/// Rows that are read under the lock at most, and between two looks at signals.
const MOST_UNDER_LOCK: usize = 1 << 14;

/// So many rows are decided on one after the other, each time together with those before it. That costs less than the copy of the batch
/// that decides on the rows after them.
const DECIDED_TOGETHER: usize = 8;

impl Admission {
    /// A whole number, or 0.
    pub(super) fn whole(&self, value: Option<&Bound<'_, PyAny>>, field: &'static str) -> Result<i64> {
        Ok(self.keys.whole(value, field)?.unwrap_or(0))
    }

    pub(super) fn request(
        &self,
        [prompt_tokens, max_new_tokens, produced]: [Option<&Bound<'_, PyAny>>; 3],
        prefix: Option<&Bound<'_, PyAny>>,
        prefix_tokens: Option<&Bound<'_, PyAny>>,
    ) -> Result<Request> {
        let prefix = match prefix {
            Some(_) if prefix_tokens.is_none() => {
                return Err(InputError::new("prefix_tokens", "is missing, and a prefix was given").into());
            }
            Some(prefix) => Some(Prefix {
                id: hash_of(prefix, &self.refuse, "prefix", None)?,
                tokens: self.whole(prefix_tokens, "prefix_tokens")?,
            }),
            None if prefix_tokens.is_some() => {
                return Err(InputError::new("prefix_tokens", "is the length of a prefix, and none was given").into());
            }
            None => None,
        };
        Ok(Request {
            prompt_tokens: self.whole(prompt_tokens, "prompt_tokens")?,
            max_new_tokens: self.whole(max_new_tokens, "max_new_tokens")?,
            produced: self.whole(produced, "produced")?,
            delay: 0,
            prefix,
        })
    }

    /// A waiting request that runs no foreign code when it is read, if this is one.
    fn plain(row: &Bound<'_, PyAny>) -> Option<Request> {
        let row = row.cast_exact::<PyTuple>().ok().filter(|row| row.len() == 3)?;
        let tokens = |place: usize| row.get_item(place).ok()?.cast_exact::<PyInt>().ok()?.extract::<i64>().ok();
        Some(Request { prompt_tokens: tokens(1)?, max_new_tokens: tokens(2)?, ..Request::default() })
    }

    /// The answer for a list, tuple or deque of plain rows. Reading these runs no foreign code, so it is done under the lock. None if there is
    /// any other row, or there are very many.
    pub(super) fn admit_plain(&self, waiting: &Bound<'_, PyAny>) -> Result<Option<usize>> {
        let listed = waiting.is_exact_instance_of::<PyList>() || waiting.is_exact_instance_of::<PyTuple>();
        if !listed && !waiting.get_type().is(&self.deque) {
            return Ok(None);
        }
        // The iterator is made before the lock is taken and ends after it, because the garbage collector tracks it.
        let mut rows = waiting.try_iter()?;
        let mut state = self.keys.lock();
        let redrawn = state.slots.prepare();
        let (mut strange, mut count) = (false, 0);
        let plain = rows.by_ref().map_while(|row| {
            let request = row.ok().as_ref().and_then(Self::plain).filter(|_| count < MOST_UNDER_LOCK);
            count += 1;
            strange |= request.is_none();
            request.map(Ok::<_, InputError>)
        });
        let answer = state.slots.admit(plain);
        if strange || answer.is_err() {
            state.slots.take_back(redrawn);
        }
        drop(state);
        if strange { Ok(None) } else { Ok(Some(answer?)) }
    }

    /// The answer for any iterable, which is read with the lock released. A call that is refused changes nothing, unless other threads have
    /// changed the batch meanwhile.
    pub(super) fn admit_any(&self, waiting: &Bound<'_, PyAny>) -> Result<usize> {
        let mut state = self.keys.lock();
        let redrawn = state.slots.prepare();
        let (used, version) = (state.slots.used(), state.version);
        drop(state);
        let answer = self.admit_rows(waiting, used, version);
        if answer.is_err() {
            let mut state = self.keys.lock();
            if state.version == version {
                state.slots.take_back(redrawn);
            }
        }
        answer
    }

    /// Each of the first rows is decided on together with those before it; if they all join, a copy of the batch decides on those that
    /// follow. Equal random numbers are used each time.
    fn admit_rows(&self, waiting: &Bound<'_, PyAny>, used: u64, version: u64) -> Result<usize> {
        let mut rows = waiting.try_iter()?.enumerate().map(|(k, row)| {
            if k % MOST_UNDER_LOCK == MOST_UNDER_LOCK - 1 {
                waiting.py().check_signals()?;
            }
            self.read(&row?, k)
        });
        let mut first: Vec<Request> = Vec::new();
        while first.len() < DECIDED_TOGETHER {
            let Some(row) = rows.next() else { return Ok(first.len()) };
            first.push(row?);
            let mut state = self.keys.lock();
            if state.version == version {
                state.slots.set_used(used);
            }
            let joining = state.slots.admit(first.iter().map(|&request| Ok::<_, InputError>(request)))?;
            if joining < first.len() {
                return Ok(joining);
            }
        }
        let mut copy = self.keys.lock().slots.clone();
        copy.set_used(used);
        copy.admit(first.into_iter().map(Ok).chain(rows))
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
