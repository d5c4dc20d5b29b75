//! A router over keys of any type.

use std::hash::{BuildHasher, Hash, RandomState};

use super::numbered_router::{NumberedRouter, RouteRequest, RouterOptions};
use crate::error::{Error, InputError};
use crate::slot_keys::SlotKeys;

/// Chooses the replica that serves a request to a language model.
///
/// The load of a replica is the sum of the tokens of the requests that were routed to it and have not ended, divided by its
/// weight. Ties go to the lowest id. The [`RoutingPolicy`](super::RoutingPolicy) says what the choice is.
///
/// ```
/// use schedkit_core::serving::{RouteRequest, Router, RouterOptions, RoutingPolicy};
/// let mut router = Router::new(RouterOptions { policy: RoutingPolicy::LeastLoaded, ..RouterOptions::default() })?;
/// router.add(0, 1.0)?;
/// router.add(1, 2.0)?;
/// let request = |tokens| RouteRequest { tokens, ..RouteRequest::default() };
/// assert_eq!(router.route("a", &request(4), 0.0)?, 0);
/// assert_eq!(router.route("b", &request(6), 0.0)?, 1);
/// assert_eq!(router.route("c", &request(6), 0.0)?, 1); // it carries 6 / 2
/// router.finished(&"a")?;
/// assert_eq!(router.remove(1)?, ["b", "c"]); // to be routed again
/// # Ok::<(), schedkit_core::Error>(())
/// ```
#[derive(Debug, Clone)]
pub struct Router<K, S = RandomState> {
    numbered: NumberedRouter,
    keys: SlotKeys<K, S>,
}

impl<K: Hash + Eq> Router<K> {
    /// A router without replicas.
    ///
    /// # Errors
    /// An epsilon that is negative or not finite; an objective that is not positive and finite.
    pub fn new(options: RouterOptions) -> Result<Self, InputError> {
        Ok(Self { numbered: NumberedRouter::new(options)?, keys: SlotKeys::new(RandomState::new()) })
    }
}

impl<K: Hash + Eq, S: BuildHasher> Router<K, S> {
    /// The router without keys, for what concerns no single key: options, counts, loads.
    #[must_use]
    pub fn numbered(&self) -> &NumberedRouter {
        &self.numbered
    }

    fn known(&self, key: &K) -> Result<u32, InputError> {
        self.keys.find(key).ok_or_else(|| InputError::new("key", "is not under way"))
    }

    /// Adds a replica, whose cache is empty.
    ///
    /// # Errors
    /// More than 65,536 replicas; an id in use; a weight that is not positive and finite; memory that the system refuses.
    pub fn add(&mut self, replica: i64, weight: f64) -> Result<(), Error> {
        self.numbered.add(replica, weight)
    }

    /// Removes a replica. Returns the keys that were there, in the order in which they were routed; they are to be routed
    /// again.
    ///
    /// # Errors
    /// An unknown id.
    pub fn remove(&mut self, replica: i64) -> Result<Vec<K>, InputError> {
        let slots = self.numbered.remove(replica)?;
        Ok(slots.into_iter().map(|slot| self.keys.leave(slot)).collect())
    }

    /// Chooses the replica of a request, which counts there until it has ended.
    ///
    /// # Errors
    /// A key that is under way; no replica; tokens out of range; a time that is not finite.
    pub fn route(&mut self, key: K, request: &RouteRequest<'_>, now: f64) -> Result<i64, InputError> {
        if self.keys.find(&key).is_some() {
            return Err(InputError::new("key", "is under way already"));
        }
        let (slot, replica) = self.numbered.route(request, now)?;
        self.keys.enter(slot, key);
        Ok(replica)
    }

    /// A request has ended.
    ///
    /// # Errors
    /// An unknown key.
    pub fn finished(&mut self, key: &K) -> Result<(), InputError> {
        let slot = self.known(key)?;
        self.numbered.finished(slot);
        self.keys.leave(slot);
        Ok(())
    }

    /// The replica of a request that has not ended.
    ///
    /// # Errors
    /// An unknown key.
    pub fn replica(&self, key: &K) -> Result<i64, InputError> {
        Ok(self.numbered.replica(self.known(key)?))
    }

    /// Moves requests from replicas of much load to those of little, as [`NumberedRouter::migrations`]; returns keys, sources
    /// and targets.
    pub fn migrations(&mut self) -> Vec<(&K, i64, i64)> {
        let moves = self.numbered.migrations();
        let keyed = |slot| self.keys.get(slot).expect("a slot in use has a key");
        moves.into_iter().map(|migration| (keyed(migration.slot), migration.source, migration.target)).collect()
    }
}
