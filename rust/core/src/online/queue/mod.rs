//! The policy queue: the policies of the simulator, one decision at a time, for use inside another scheduler.
//!
//! [`PolicyQueue`] holds keys of any type. [`SlotQueue`] holds slots, for callers who keep the keys themselves and look them up by a
//! [`KeyIndex`]. Decisions are made by the disciplines of the simulator.
//!
//! Nothing here reads a clock, takes a lock or starts a thread, and of `std` only the default hasher is no part of `alloc` or `core`:
//! callers say what time it is, and [`PolicyQueue::over`] takes any hasher. The crate around it does need `std`, for threads,
//! time limits and files; a second set of features to build this module without it would cost every other one more than it gives.

mod backend;
mod disclosure;
mod entry;
mod fair_queueing;
mod key_index;
mod running_set;
mod seniority;
mod slot_queue;
mod snapshot;
mod urgency;

use std::hash::{BuildHasher, Hash, RandomState};

pub(super) use backend::{DisciplineBackend, QueueBackend};
pub(super) use disclosure::{Disclosed, Disclosure};
pub use entry::{Change, QueueEntry, Stats};
pub(super) use entry::{LARGEST, judge, judge_deadline, judge_size};
pub(super) use fair_queueing::FairQueueing;
pub use key_index::{KeyIndex, spread};
pub use slot_queue::SlotQueue;

use super::Policy;
use crate::error::InputError;

/// A queue that gives its keys in the order of a policy of [`online`](crate::online), `1 | pmtn, online | sum F_j`.
///
/// A key is in the queue from `add` to `pop` or `remove`. Either `pop` dispatches a key for good; or `peek`, run the key for a
/// while, report it by `progress`, and `remove` it when it is done. The key that was run last is the running one: it wins ties, and
/// keeps the server under policies that do not preempt. Times never go back: one before the last counts as the last (or is an error, if
/// strict). O(log n) an operation, for HRRN O(log^2 n) amortised; `iter` and `stats` are O(n log n) and O(n).
///
/// ```
/// use schedkit_core::online::{Policy, PolicyQueue, queue::QueueEntry};
/// let mut queue = PolicyQueue::new(&Policy::from_name("srpt")?)?;
/// queue.add("long", &QueueEntry::sized(8.0), 0.0)?;
/// queue.add("short", &QueueEntry::sized(2.0), 1.0)?;
/// assert_eq!(queue.peek(1.0)?, Some(&"short"));
/// queue.progress(&"long", 7.0, 8.0)?; // the other key was run
/// assert_eq!(queue.pop(8.0)?, Some("long"));
/// assert_eq!(queue.len(), 1);
/// # Ok::<(), schedkit_core::InputError>(())
/// ```
#[derive(Debug, Clone)]
pub struct PolicyQueue<K, S = RandomState> {
    queue: SlotQueue,
    index: KeyIndex,
    /// By slot.
    keys: Vec<KeySlot<K>>,
    hasher: S,
}

/// The key in a slot, if there is one, and its hash.
#[derive(Debug, Clone)]
struct KeySlot<K> {
    key: Option<K>,
    hash: u32,
}

impl<K: Hash + Eq> PolicyQueue<K> {
    /// An empty queue.
    ///
    /// # Errors
    /// Parameters out of range, Gittins without a distribution.
    pub fn new(policy: &Policy) -> Result<Self, InputError> {
        Ok(Self::over(SlotQueue::new(policy, false)?, RandomState::new()))
    }

    /// An empty queue that refuses times before the last one.
    ///
    /// # Errors
    /// As [`new`](Self::new).
    pub fn strict(policy: &Policy) -> Result<Self, InputError> {
        Ok(Self::over(SlotQueue::new(policy, true)?, RandomState::new()))
    }
}

impl<K: Hash + Eq, S: BuildHasher> PolicyQueue<K, S> {
    /// A queue over an empty slot queue, with a hasher of the caller.
    #[must_use]
    pub fn over(queue: SlotQueue, hasher: S) -> Self {
        Self { queue, index: KeyIndex::default(), keys: Vec::new(), hasher }
    }

    fn hash(&self, key: &K) -> u32 {
        spread(self.hasher.hash_one(key))
    }

    fn find(&self, key: &K) -> Option<u32> {
        self.find_hashed(key, self.hash(key))
    }

    #[inline]
    fn find_hashed(&self, key: &K, hash: u32) -> Option<u32> {
        self.index.candidates(hash).find(|&slot| self.keys[slot as usize].key.as_ref() == Some(key))
    }

    fn known(&self, key: &K) -> Result<u32, InputError> {
        self.find(key).ok_or_else(|| InputError::new("key", "is not in the queue"))
    }

    fn leave(&mut self, slot: u32) -> K {
        let entry = &mut self.keys[slot as usize];
        self.index.remove(entry.hash, slot);
        entry.key.take().expect("a slot in use has a key")
    }

    /// Adds a key.
    ///
    /// # Errors
    /// A key that is there already, numbers out of range, a fact that the policy needs and was not given.
    pub fn add(&mut self, key: K, entry: &QueueEntry, now: f64) -> Result<(), InputError> {
        let hash = self.hash(&key);
        if self.find_hashed(&key, hash).is_some() {
            return Err(InputError::new("key", "is in the queue already"));
        }
        let slot = self.queue.add(entry, now)?;
        let entry = KeySlot { key: Some(key), hash };
        if slot as usize == self.keys.len() {
            self.keys.push(entry);
        } else {
            self.keys[slot as usize] = entry;
        }
        self.index.insert(hash, slot);
        Ok(())
    }

    /// The key to run now; it stays.
    ///
    /// # Errors
    /// An invalid time.
    pub fn peek(&mut self, now: f64) -> Result<Option<&K>, InputError> {
        Ok(self.queue.peek(now)?.and_then(|slot| self.keys[slot as usize].key.as_ref()))
    }

    /// The key to run now; it leaves.
    ///
    /// # Errors
    /// An invalid time.
    pub fn pop(&mut self, now: f64) -> Result<Option<K>, InputError> {
        Ok(self.queue.pop(now)?.map(|slot| self.leave(slot)))
    }

    /// The next `k` keys, or all if there are fewer; they leave.
    ///
    /// # Errors
    /// An invalid time.
    pub fn pop_many(&mut self, k: usize, now: f64) -> Result<Vec<K>, InputError> {
        let mut popped = Vec::with_capacity(k.min(self.len()));
        self.queue.prepare_pops(k, now);
        while popped.len() < k
            && let Some(key) = self.pop(now)?
        {
            popped.push(key);
        }
        Ok(popped)
    }

    /// The keys that should run if `k` can run at a time, in the order in which they would be popped now; all stay. Keys that had
    /// `progress` and are still in the queue count as running: they win ties, and under policies that do not preempt they stay. So the
    /// first key is that of [`peek`](Self::peek) if that one is among them. O((k + running) log n), or O(n log n) under policies that
    /// compare all keys at once (`balance` and its like).
    ///
    /// # Errors
    /// An invalid time.
    pub fn peek_many(&mut self, k: usize, now: f64) -> Result<Vec<&K>, InputError> {
        let slots = self.queue.peek_many(k, now)?;
        Ok(slots.into_iter().filter_map(|slot| self.keys[slot as usize].key.as_ref()).collect())
    }

    /// The running key that should leave first, so that a waiting one gets its place; `None` if all should go on, as always under
    /// policies that do not preempt. Running are the keys that had `progress` and are still in the queue. O(running log n).
    ///
    /// ```
    /// use schedkit_core::online::{Policy, PolicyQueue, queue::QueueEntry};
    /// let mut queue = PolicyQueue::new(&Policy::from_name("srpt")?)?;
    /// queue.add("long", &QueueEntry::sized(8.0), 0.0)?;
    /// queue.progress(&"long", 1.0, 1.0)?;
    /// assert_eq!(queue.victim(1.0)?, None);
    /// queue.add("short", &QueueEntry::sized(2.0), 1.0)?;
    /// assert_eq!(queue.victim(1.0)?, Some(&"long"));
    /// assert_eq!(queue.peek_many(2, 1.0)?, [&"short", &"long"]);
    /// # Ok::<(), schedkit_core::InputError>(())
    /// ```
    ///
    /// # Errors
    /// An invalid time.
    pub fn victim(&mut self, now: f64) -> Result<Option<&K>, InputError> {
        Ok(self.queue.victim(now)?.and_then(|slot| self.keys[slot as usize].key.as_ref()))
    }

    /// A key was run for a while.
    ///
    /// # Errors
    /// An unknown key; an amount that is negative, not finite, or more than is left of a size that the policy knows.
    pub fn progress(&mut self, key: &K, amount: f64, now: f64) -> Result<(), InputError> {
        self.queue.progress(self.known(key)?, amount, now)
    }

    /// A key's current operation is over, and the next one takes `size`; under `slf`, its size is known.
    ///
    /// # Errors
    /// An unknown key, a policy that takes none.
    pub fn reveal(&mut self, key: &K, size: f64, now: f64) -> Result<(), InputError> {
        self.queue.reveal(self.known(key)?, size, now)
    }

    /// A key's facts change.
    ///
    /// # Errors
    /// An unknown key, numbers out of range, a size below the service so far.
    pub fn reprioritise(&mut self, key: &K, change: &Change, now: f64) -> Result<(), InputError> {
        self.queue.reprioritise(self.known(key)?, change, now)
    }

    /// A key leaves, whatever happens to it; the running one too.
    ///
    /// # Errors
    /// An unknown key.
    pub fn remove(&mut self, key: &K) -> Result<K, InputError> {
        let slot = self.known(key)?;
        self.queue.remove(slot);
        Ok(self.leave(slot))
    }

    /// The keys that should be served now with their rates; one key at rate 1 unless the policy shares.
    ///
    /// # Errors
    /// An invalid time.
    pub fn allocation(&mut self, now: f64) -> Result<Vec<(&K, f64)>, InputError> {
        let mut slots = Vec::new();
        self.queue.sharers(now, &mut slots)?;
        let rate = 1.0 / slots.len() as f64;
        Ok(slots.into_iter().filter_map(|slot| Some((self.keys[slot as usize].key.as_ref()?, rate))).collect())
    }

    /// How much service each key of [`allocation`](Self::allocation) may get before the decision has to be made again, if nothing else
    /// happens: the rest of a quantum, or until others have caught up.
    ///
    /// # Errors
    /// An invalid time.
    pub fn horizon(&mut self, now: f64) -> Result<f64, InputError> {
        self.queue.horizon(now)
    }

    /// The keys in the order in which they would be popped at this moment.
    pub fn iter(&self) -> impl Iterator<Item = &K> {
        self.queue.order().into_iter().filter_map(|slot| self.keys[slot as usize].key.as_ref())
    }

    /// Whether a key is in the queue.
    #[must_use]
    pub fn contains(&self, key: &K) -> bool {
        self.find(key).is_some()
    }

    /// The number of keys in the queue.
    #[must_use]
    pub fn len(&self) -> usize {
        self.queue.len()
    }

    /// Whether the queue is empty.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.queue.is_empty()
    }

    /// How many times lay before the last one and counted as the last one.
    #[must_use]
    pub fn clock_skew(&self) -> u64 {
        self.queue.clock_skew()
    }

    /// Statistics of the queue.
    ///
    /// # Errors
    /// An invalid time.
    pub fn stats(&mut self, now: f64) -> Result<Stats, InputError> {
        self.queue.stats(now)
    }
}
