//! The policy queue: the policies of the simulator, one decision at a time, inside somebody else's scheduler.
//!
//! [`PolicyQueue`] is the queue over keys of any type. [`Desk`] is the same over slots, for callers who keep the keys themselves
//! and look them up by an [`Index`]. Policies wait in the rooms that the simulator uses, with the job that is being run kept apart.
//!
//! Nothing here reads a clock, takes a lock or starts a thread, and of `std` only the default hasher is no part of `alloc` or `core`:
//! callers say what time it is, and [`PolicyQueue::over`] takes any hasher. The crate around it does need `std`, for threads,
//! time limits and files; a second set of features to build this module without it would cost every other one more than it gives.

mod desk;
mod fair;
mod index;
mod record;
mod room;
mod rooms;
mod said;
mod told;

use std::hash::{BuildHasher, Hash, RandomState};

pub use desk::Desk;
pub use index::{Index, spread};
pub use said::{Change, Entry, Stats};

use super::Policy;
use crate::error::InputError;

/// A queue that gives its keys in the order of a policy of [`online`](crate::online), `1 | pmtn, online | sum F_j`.
///
/// A key is in line from `add` to `pop` or `remove`. Two ways to use it: `pop` dispatches a key for good; or `peek`, run the key for a
/// while, report it by `progress`, and `remove` it when it is done. The key that was run last is the running one: it wins ties, and
/// keeps the server under policies that do not preempt. Times never go back: one before the last counts as the last (or is an error, if
/// strict). O(log n) an operation, for HRRN O(log^2 n) amortised; `iter` and `stats` are O(n log n) and O(n).
///
/// ```
/// use schedkit_core::online::{Policy, PolicyQueue, queue::Entry};
/// let mut queue = PolicyQueue::new(&Policy::Srpt)?;
/// queue.add("long", &Entry::sized(8.0), 0.0)?;
/// queue.add("short", &Entry::sized(2.0), 1.0)?;
/// assert_eq!(queue.peek(1.0)?, Some(&"short"));
/// queue.progress(&"long", 7.0, 8.0)?; // it was run all the same
/// assert_eq!(queue.pop(8.0)?, Some("long"));
/// assert_eq!(queue.len(), 1);
/// # Ok::<(), schedkit_core::InputError>(())
/// ```
#[derive(Debug, Clone)]
pub struct PolicyQueue<K, S = RandomState> {
    desk: Desk,
    index: Index,
    /// By slot.
    seats: Vec<Seat<K>>,
    hasher: S,
}

/// Who has a slot: nobody or a key, and what that was hashed to.
#[derive(Debug, Clone)]
struct Seat<K> {
    key: Option<K>,
    hash: u32,
}

impl<K: Hash + Eq> PolicyQueue<K> {
    /// An empty queue.
    ///
    /// # Errors
    /// Parameters out of range, Gittins without a distribution.
    pub fn new(policy: &Policy) -> Result<Self, InputError> {
        Ok(Self::over(Desk::new(policy, false)?, RandomState::new()))
    }

    /// An empty queue that refuses times before the last one.
    ///
    /// # Errors
    /// As [`new`](Self::new).
    pub fn strict(policy: &Policy) -> Result<Self, InputError> {
        Ok(Self::over(Desk::new(policy, true)?, RandomState::new()))
    }
}

impl<K: Hash + Eq, S: BuildHasher> PolicyQueue<K, S> {
    /// A queue over an empty desk, with a hasher of your own.
    #[must_use]
    pub fn over(desk: Desk, hasher: S) -> Self {
        Self { desk, index: Index::default(), seats: Vec::new(), hasher }
    }

    fn hash(&self, key: &K) -> u32 {
        spread(self.hasher.hash_one(key))
    }

    fn find(&self, key: &K) -> Option<u32> {
        self.find_hashed(key, self.hash(key))
    }

    #[inline]
    fn find_hashed(&self, key: &K, hash: u32) -> Option<u32> {
        self.index.candidates(hash).find(|&slot| self.seats[slot as usize].key.as_ref() == Some(key))
    }

    fn known(&self, key: &K) -> Result<u32, InputError> {
        self.find(key).ok_or_else(|| InputError::new("key", "is not in the queue"))
    }

    fn leave(&mut self, slot: u32) -> K {
        let seat = &mut self.seats[slot as usize];
        self.index.remove(seat.hash, slot);
        seat.key.take().expect("a slot in use has a key")
    }

    /// Puts a key in line.
    ///
    /// # Errors
    /// A key that is there already, numbers out of range, something that the policy needs and was not told.
    pub fn add(&mut self, key: K, entry: &Entry, now: f64) -> Result<(), InputError> {
        let hash = self.hash(&key);
        if self.find_hashed(&key, hash).is_some() {
            return Err(InputError::new("key", "is in the queue already"));
        }
        let slot = self.desk.add(entry, now)?;
        let seat = Seat { key: Some(key), hash };
        if slot as usize == self.seats.len() {
            self.seats.push(seat);
        } else {
            self.seats[slot as usize] = seat;
        }
        self.index.insert(hash, slot);
        Ok(())
    }

    /// The key to run now; it stays.
    ///
    /// # Errors
    /// A time that is none.
    pub fn peek(&mut self, now: f64) -> Result<Option<&K>, InputError> {
        Ok(self.desk.peek(now)?.and_then(|slot| self.seats[slot as usize].key.as_ref()))
    }

    /// The key to run now; it leaves.
    ///
    /// # Errors
    /// A time that is none.
    pub fn pop(&mut self, now: f64) -> Result<Option<K>, InputError> {
        Ok(self.desk.pop(now)?.map(|slot| self.leave(slot)))
    }

    /// The next `k` keys, or all if there are fewer; they leave.
    ///
    /// # Errors
    /// A time that is none.
    pub fn pop_many(&mut self, k: usize, now: f64) -> Result<Vec<K>, InputError> {
        let mut popped = Vec::with_capacity(k.min(self.len()));
        self.desk.line_up(k, now);
        while popped.len() < k
            && let Some(key) = self.pop(now)?
        {
            popped.push(key);
        }
        Ok(popped)
    }

    /// A key was run for a while.
    ///
    /// # Errors
    /// An unknown key; an amount that is negative, not finite, or more than is left of a size that the policy knows.
    pub fn progress(&mut self, key: &K, amount: f64, now: f64) -> Result<(), InputError> {
        self.desk.progress(self.known(key)?, amount, now)
    }

    /// A key's current operation is over, and the next one takes `size`; under `slf`, its size is known.
    ///
    /// # Errors
    /// An unknown key, a policy that takes none.
    pub fn reveal(&mut self, key: &K, size: f64, now: f64) -> Result<(), InputError> {
        self.desk.reveal(self.known(key)?, size, now)
    }

    /// A key's facts change.
    ///
    /// # Errors
    /// An unknown key, numbers out of range, a size below the service so far.
    pub fn reprioritise(&mut self, key: &K, change: &Change, now: f64) -> Result<(), InputError> {
        self.desk.reprioritise(self.known(key)?, change, now)
    }

    /// A key leaves, whatever happens to it; the running one too.
    ///
    /// # Errors
    /// An unknown key.
    pub fn remove(&mut self, key: &K) -> Result<K, InputError> {
        let slot = self.known(key)?;
        self.desk.remove(slot);
        Ok(self.leave(slot))
    }

    /// Who should be served now, at which rate; one key at rate 1 unless the policy shares.
    ///
    /// # Errors
    /// A time that is none.
    pub fn allocation(&mut self, now: f64) -> Result<Vec<(&K, f64)>, InputError> {
        let mut slots = Vec::new();
        self.desk.sharers(now, &mut slots)?;
        let rate = 1.0 / slots.len() as f64;
        Ok(slots.into_iter().filter_map(|slot| Some((self.seats[slot as usize].key.as_ref()?, rate))).collect())
    }

    /// How much service each key of [`allocation`](Self::allocation) may get before the decision has to be made again, if nothing else
    /// happens: the rest of a quantum, or until others have caught up.
    ///
    /// # Errors
    /// A time that is none.
    pub fn horizon(&mut self, now: f64) -> Result<f64, InputError> {
        self.desk.horizon(now)
    }

    /// The keys in the order in which they would be popped at this moment.
    pub fn iter(&self) -> impl Iterator<Item = &K> {
        self.desk.order().into_iter().filter_map(|slot| self.seats[slot as usize].key.as_ref())
    }

    /// Whether a key is in line.
    #[must_use]
    pub fn contains(&self, key: &K) -> bool {
        self.find(key).is_some()
    }

    /// Keys in line.
    #[must_use]
    pub fn len(&self) -> usize {
        self.desk.len()
    }

    /// Whether nobody is in line.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.desk.is_empty()
    }

    /// Times that lay before the last one and were taken for it.
    #[must_use]
    pub fn clock_skew(&self) -> u64 {
        self.desk.clock_skew()
    }

    /// How the queue has done so far.
    ///
    /// # Errors
    /// A time that is none.
    pub fn stats(&mut self, now: f64) -> Result<Stats, InputError> {
        self.desk.stats(now)
    }
}
