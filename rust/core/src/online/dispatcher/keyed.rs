//! The dispatcher over keys of any type.

use std::hash::{BuildHasher, Hash, RandomState};

use super::key_table::KeyState;
use super::numbered::{DispatchStats, NumberedDispatcher};
use super::options::{Backfill, DispatchOrder};
use super::request::Request;
use crate::error::InputError;
use crate::online::queue::{KeyIndex, spread};

/// Starts keys as soon as the keys that they need are done and their demands fit: `PS | prec, r_j, online`, one decision at a time.
///
/// A key is submitted with the keys that it needs (`after`), units of each resource that it holds while it runs, perhaps an estimate, and
/// a priority. [`next`](Self::next) starts keys and returns them; the caller runs them and reports [`finished`](Self::finished) or
/// [`failed`](Self::failed). Nothing starts elsewhere, and no key is started again unless it has failed.
///
/// **Order**: priority, higher first; the rank of the [`DispatchOrder`], lower first; arrival; submission. A retried key keeps its place.
/// Under [`DispatchOrder::CriticalPath`] the key of the longest bottom level comes first, as it is when `next` decides.
///
/// **[`Backfill`]** says who may start ahead of a key that does not fit. A running key ends, as far as reservations are concerned, at its
/// start plus its estimate, or just after now if that is over; a key without an estimate never ends.
///
/// * `None`: no key.
/// * `Greedy`: every key that fits.
/// * `Easy`: keys that end before the first key that does not fit is to start, and those that fit beside it then.
/// * `Conservative`: every waiting key holds the earliest place beside all that held one before it, also a key that waits for others.
///   If something ends early, is cancelled, or the capacity grows, each key in order moves to the earliest place beside all others, then
///   new keys get theirs. If a key runs longer than estimated, fails and is retried, if the capacity shrinks, or if `next` comes after
///   a reservation, all are made anew, in order. Keys that others need come before those.
///   A key whose estimate is 0 holds one instant of the time of its reservation, and keys that stand behind it follow at that time.
///
/// A key whose demand exceeds the capacity of the moment, because that has shrunk, holds up no other key except with `None`.
///
/// Times never go back: one before the last counts as the last. Units are whole numbers, so sums are exact; times are floats, and a key
/// ends in time if `now + estimate <= reservation` as floats.
///
/// Sources: Lifka (1995), JSSPP, for EASY; Feitelson and Mu'alem Weil (1998), IPPS, for conservative backfilling; Topcuoglu, Hariri, Wu
/// (2002), IEEE TPDS 13, for bottom levels.
///
/// ```
/// use schedkit_core::online::dispatcher::{Backfill, DispatchOrder, Dispatcher, Request};
/// // Four cores; the first key holds three until 10, the second one needs all.
/// let mut dispatcher = Dispatcher::new(&[4], DispatchOrder::from_name("fcfs")?, Backfill::Easy)?;
/// for (key, cores, estimate) in [("A", 3, 10.0), ("B", 4, 5.0), ("C", 1, 8.0), ("D", 1, 12.0)] {
///     let request = Request { estimate: Some(estimate), demand: &[cores], ..Request::default() };
///     dispatcher.submit(key, &request, &[], 0.0)?;
/// }
/// assert_eq!(dispatcher.next(0.0)?, [&"A", &"C"]); // D would delay B, which is to start at 10
/// assert_eq!(dispatcher.reservation(&"B")?, Some(10.0));
/// dispatcher.finished(&"C", 8.0)?;
/// assert_eq!(dispatcher.next(8.0)?.len(), 0);
/// dispatcher.finished(&"A", 9.0)?;
/// assert_eq!(dispatcher.next(9.0)?, [&"B"]);
/// # Ok::<(), schedkit_core::InputError>(())
/// ```
#[derive(Debug, Clone)]
pub struct Dispatcher<K, S = RandomState> {
    numbered: NumberedDispatcher,
    index: KeyIndex,
    /// By number.
    keys: Vec<K>,
    hasher: S,
}

impl<K: Hash + Eq> Dispatcher<K> {
    /// A dispatcher without keys.
    ///
    /// # Errors
    /// A capacity below 0 or above 2^53.
    pub fn new(capacity: &[i64], order: DispatchOrder, backfill: Backfill) -> Result<Self, InputError> {
        Ok(Self::over(NumberedDispatcher::new(capacity, order, backfill)?, RandomState::new()))
    }
}

impl<K: Hash + Eq, S: BuildHasher> Dispatcher<K, S> {
    /// A dispatcher over one without keys, with a hasher of the caller.
    #[must_use]
    pub fn over(numbered: NumberedDispatcher, hasher: S) -> Self {
        Self { numbered, index: KeyIndex::default(), keys: Vec::new(), hasher }
    }

    /// The dispatcher without keys, for what concerns no single key: capacities, counts and the clock.
    #[must_use]
    pub fn numbered(&self) -> &NumberedDispatcher {
        &self.numbered
    }

    fn find(&self, key: &K) -> Option<u32> {
        let hash = spread(self.hasher.hash_one(key));
        self.index.candidates(hash).find(|&number| self.keys[number as usize] == *key)
    }

    fn known(&self, key: &K) -> Result<u32, InputError> {
        self.find(key).ok_or_else(|| InputError::new("key", "was never submitted"))
    }

    fn keys_of(&self, numbers: &[u32]) -> Vec<&K> {
        numbers.iter().map(|&number| &self.keys[number as usize]).collect()
    }

    /// Adds a key that needs those of `after`, which were submitted before. Keys that are done are met; if one has failed for good, was
    /// cancelled or is blocked, the new key is blocked at once.
    ///
    /// # Errors
    /// A key that was submitted before, an unknown key in `after`, numbers out of range, a demand above the capacity, a fact that the
    /// policy needs and was not given.
    pub fn submit(&mut self, key: K, request: &Request<'_>, after: &[K], now: f64) -> Result<(), InputError> {
        if self.find(&key).is_some() {
            return Err(InputError::new("key", "was submitted before"));
        }
        let position = |(k, other): (usize, &K)| {
            self.find(other).ok_or_else(|| InputError { index: vec![k], ..InputError::new("after", "was never submitted") })
        };
        let after = after.iter().enumerate().map(position).collect::<Result<Vec<u32>, _>>()?;
        let number = self.numbered.submit(request, &after, now)?;
        self.index.insert(spread(self.hasher.hash_one(&key)), number);
        self.keys.push(key);
        Ok(())
    }

    /// Starts what may start now, and returns it in order.
    ///
    /// # Errors
    /// An invalid time.
    pub fn next(&mut self, now: f64) -> Result<Vec<&K>, InputError> {
        let started = self.numbered.next(now)?;
        Ok(self.keys_of(&started))
    }

    /// A running key has finished.
    ///
    /// # Errors
    /// An unknown key, one that does not run, an invalid time.
    pub fn finished(&mut self, key: &K, now: f64) -> Result<(), InputError> {
        self.numbered.finished(self.known(key)?, now)
    }

    /// A running key has failed. With `retry` it is ready at once and keeps its place in the order; without, all keys that need it are
    /// blocked, and returned in the order of their submission.
    ///
    /// # Errors
    /// An unknown key, one that does not run, an invalid time.
    pub fn failed(&mut self, key: &K, now: f64, retry: bool) -> Result<Vec<&K>, InputError> {
        let blocked = self.numbered.failed(self.known(key)?, now, retry)?;
        Ok(self.keys_of(&blocked))
    }

    /// Cancels a key that has not ended; what it held is free at once. All keys that need it are blocked; those that were not before are
    /// returned in the order of their submission.
    ///
    /// # Errors
    /// An unknown key, one that has ended, an invalid time.
    pub fn cancel(&mut self, key: &K, now: f64) -> Result<Vec<&K>, InputError> {
        let blocked = self.numbered.cancel(self.known(key)?, now)?;
        Ok(self.keys_of(&blocked))
    }

    /// Changes the capacity of a resource. Running keys go on, even if they hold more than there is.
    ///
    /// # Errors
    /// An unknown resource, an amount below 0 or above 2^53, an invalid time.
    pub fn set_capacity(&mut self, resource: usize, amount: i64, now: f64) -> Result<(), InputError> {
        self.numbered.set_capacity(resource, amount, now)
    }

    /// The keys that wait, in order; blocked ones are not among them.
    pub fn waiting(&mut self) -> Vec<&K> {
        let waiting = self.numbered.waiting();
        self.keys_of(&waiting)
    }

    /// The keys that run, in the order in which they were started.
    #[must_use]
    pub fn running(&self) -> Vec<&K> {
        self.keys_of(&self.numbered.running())
    }

    /// The keys that are blocked, in the order of their submission, each with the chain from the key that has failed or was cancelled.
    #[must_use]
    pub fn blocked(&self) -> Vec<(&K, Vec<&K>)> {
        let chain = |number: u32| (&self.keys[number as usize], self.keys_of(&self.numbered.chain_of(number)));
        self.numbered.blocked().into_iter().map(chain).collect()
    }

    /// When the key is to start, by the reservations of the last decision; infinite behind a key without an estimate. None for keys
    /// without a reservation: with `Easy` all but the first key that did not fit.
    ///
    /// # Errors
    /// An unknown key.
    pub fn reservation(&self, key: &K) -> Result<Option<f64>, InputError> {
        self.numbered.reservation(self.known(key)?)
    }

    /// What has become of a key.
    ///
    /// # Errors
    /// An unknown key.
    pub fn state(&self, key: &K) -> Result<KeyState, InputError> {
        self.numbered.state(self.known(key)?)
    }

    /// Counts of keys.
    #[must_use]
    pub fn stats(&self) -> DispatchStats {
        self.numbered.stats()
    }
}
