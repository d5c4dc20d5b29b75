//! Admission over keys of any type.

use std::hash::{BuildHasher, Hash, RandomState};

use super::numbered::{AdmissionOptions, NumberedAdmission};
use super::request::Request;
use crate::error::InputError;
use crate::slot_keys::SlotKeys;

/// Decides which waiting requests to a language model join the batch that runs, so that the cache suffices.
///
/// A running request holds a token in the cache for each token of its prompt and of its answer, and gives all back when it
/// ends. A newcomer may join while the need of the batch with it is below `capacity * (1 - reserve)`; the first that may not
/// stops the line. The [`AdmissionPolicy`](super::AdmissionPolicy) says what the need is. The host reports
/// [`start`](Self::start), the tokens of each step by [`advance`](Self::advance), and [`finished`](Self::finished); it calls
/// [`evict`](Self::evict) when the cache overflows after all.
///
/// Tokens of a [`Prefix`](super::Prefix) that several requests have in common count once, until the last of them ends.
///
/// Source: Gong et al. (2025), "Past-Future Scheduler for LLM Serving under SLA Guarantees", ASPLOS, for `PastFuture` and
/// `Future`.
///
/// ```
/// use schedkit_core::serving::{Admission, AdmissionOptions, AdmissionPolicy, Request};
/// let options = AdmissionOptions { capacity: 20, policy: AdmissionPolicy::Future, reserve: 0.0, ..AdmissionOptions::default() };
/// let mut admission = Admission::new(options)?;
/// let request = |prompt_tokens, max_new_tokens| Request { prompt_tokens, max_new_tokens, ..Request::default() };
/// admission.start("a", &request(3, 4))?;
/// assert_eq!(admission.admit([request(10, 1), request(5, 5)])?, 1); // with both the cache would hold 3 + 10 + 5 + 3 tokens after a step
/// admission.start("b", &request(10, 1))?;
/// assert_eq!(admission.peak(), 15); // after one step
/// admission.advance(1)?;
/// admission.finished(&"b", 1)?;
/// assert_eq!(admission.evict(), Some("a"));
/// # Ok::<(), schedkit_core::InputError>(())
/// ```
#[derive(Debug, Clone)]
pub struct Admission<K, S = RandomState> {
    numbered: NumberedAdmission,
    keys: SlotKeys<K, S>,
}

impl<K: Hash + Eq> Admission<K> {
    /// An empty batch.
    ///
    /// # Errors
    /// A negative capacity, no samples, a reserve outside of 0 to 1.
    pub fn new(options: AdmissionOptions) -> Result<Self, InputError> {
        Ok(Self { numbered: NumberedAdmission::new(options)?, keys: SlotKeys::new(RandomState::new()) })
    }
}

impl<K: Hash + Eq, S: BuildHasher> Admission<K, S> {
    /// The admission without keys, for what concerns no single key: options, counts, tokens.
    #[must_use]
    pub fn numbered(&self) -> &NumberedAdmission {
        &self.numbered
    }

    fn known(&self, key: &K) -> Result<u32, InputError> {
        self.keys.find(key).ok_or_else(|| InputError::new("key", "does not run"))
    }

    /// The need of the batch, as [`NumberedAdmission::peak`].
    #[must_use]
    pub fn peak(&mut self) -> i64 {
        self.numbered.peak()
    }

    /// How many of the waiting requests may join, as [`NumberedAdmission::admit`].
    ///
    /// # Errors
    /// Numbers out of range.
    pub fn admit(&mut self, waiting: impl IntoIterator<Item = Request>) -> Result<usize, InputError> {
        self.numbered.admit(waiting.into_iter().map(Ok))
    }

    /// A request joins the batch, whether it was admitted or not. O(log n).
    ///
    /// # Errors
    /// A key that runs; numbers out of range; a prefix that is known with another number of tokens.
    pub fn start(&mut self, key: K, request: &Request) -> Result<(), InputError> {
        if self.keys.find(&key).is_some() {
            return Err(InputError::new("key", "runs already"));
        }
        let slot = self.numbered.start(request)?;
        self.keys.enter(slot, key);
        Ok(())
    }

    /// Every running request has produced this many tokens more.
    ///
    /// # Errors
    /// Tokens that are negative or make a sum too large.
    pub fn advance(&mut self, tokens: i64) -> Result<(), InputError> {
        self.numbered.advance(tokens)
    }

    /// A request has ended with an answer of this length, which is recorded, and leaves the batch.
    ///
    /// # Errors
    /// An unknown key; a negative length.
    pub fn finished(&mut self, key: &K, length: i64) -> Result<(), InputError> {
        let slot = self.known(key)?;
        self.numbered.finished(slot, length)?;
        self.keys.leave(slot);
        Ok(())
    }

    /// A request leaves the batch without an answer; nothing is recorded.
    ///
    /// # Errors
    /// An unknown key.
    pub fn remove(&mut self, key: &K) -> Result<(), InputError> {
        let slot = self.known(key)?;
        self.numbered.remove(slot);
        self.keys.leave(slot);
        Ok(())
    }

    /// The request that the rule for victims names leaves the batch; `None` if no request runs. The caller puts it back into
    /// the line: all its tokens are then its prompt.
    pub fn evict(&mut self) -> Option<K> {
        let slot = self.numbered.evict()?;
        Some(self.keys.leave(slot))
    }
}
