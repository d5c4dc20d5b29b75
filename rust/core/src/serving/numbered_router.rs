//! Routing of requests that the caller numbers.

use super::hot_prefixes::HotPrefixes;
use super::options::RoutingPolicy;
use super::prefix_caches::PrefixCaches;
use super::replicas::Replicas;
use super::request::LARGEST;
use super::ring::Ring;
use crate::error::{Error, InputError};
use crate::random::Streams;

/// The most replicas of a router.
pub(super) const MOST_REPLICAS: usize = 1 << 16;

/// What a router is made with.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct RouterOptions {
    /// How it chooses.
    pub policy: RoutingPolicy,
    /// Seed of the random draws.
    pub seed: u64,
    /// How far above the mean load a replica may go, for the policies with a bound.
    pub epsilon: f64,
    /// Blocks that the cache of a replica holds, `None` for no limit.
    pub cache_blocks: Option<usize>,
    /// The weight of a replica with an ordinary number of points on the ring. Shares of the ring are right for weights that are
    /// up to a hundred times smaller or larger.
    pub unit: f64,
    /// For `DualHash`: the time to the first token that should be kept, and the tokens that a replica of weight 1 works off in
    /// a unit of time. Without them the first replica answers in time while it is below the bound.
    pub objective: Option<(f64, f64)>,
}

impl Default for RouterOptions {
    fn default() -> Self {
        Self { policy: RoutingPolicy::default(), seed: 0, epsilon: 0.25, cache_blocks: None, unit: 1.0, objective: None }
    }
}

/// A request that is to be routed.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct RouteRequest<'a> {
    /// The hash of its key.
    pub key: u64,
    /// Its work.
    pub tokens: i64,
    /// The hashes of the blocks of its prompt.
    pub prefix: &'a [u64],
}

impl Default for RouteRequest<'_> {
    fn default() -> Self {
        Self { key: 0, tokens: 1, prefix: &[] }
    }
}

/// A request that was routed and has not ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct RoutedRequest {
    pub replica: u32,
    pub tokens: i64,
    /// How many were routed before.
    pub turn: u64,
    /// Hashes of the beginnings of its prompt that it counts for.
    pub beginnings: Vec<u64>,
}

/// A router over slots: small numbers that are used again. [`Router`](super::Router) keeps keys.
#[derive(Debug, Clone)]
pub struct NumberedRouter {
    pub(super) options: RouterOptions,
    pub(super) replicas: Replicas,
    pub(super) routed: Vec<Option<RoutedRequest>>,
    free: Vec<u32>,
    next_turn: u64,
    /// The id that round robin chose last.
    pub(super) last: Option<i64>,
    pub(super) ring: Ring,
    pub(super) caches: PrefixCaches,
    pub(super) hot: HotPrefixes,
    pub(super) streams: Streams,
    pub(super) drawn: u64,
}

impl NumberedRouter {
    /// A router without replicas.
    ///
    /// # Errors
    /// An epsilon that is negative or not finite; an objective that is not positive and finite.
    pub fn new(options: RouterOptions) -> Result<Self, InputError> {
        if !(options.epsilon >= 0.0 && options.epsilon <= 1e9) {
            return Err(InputError::new("epsilon", "must be between 0 and 1e9").value(options.epsilon));
        }
        if !(options.unit > 0.0 && options.unit.is_finite()) {
            return Err(InputError::new("unit", "must be positive and finite").value(options.unit));
        }
        if let Some((time, rate)) = options.objective {
            for (field, value) in [("ttft", time), ("rate", rate)] {
                if !(value > 0.0 && value.is_finite()) {
                    return Err(InputError::new(field, "must be positive and finite").value(value));
                }
            }
        }
        Ok(Self {
            replicas: Replicas::default(),
            routed: Vec::new(),
            free: Vec::new(),
            next_turn: 0,
            last: None,
            ring: Ring::default(),
            caches: PrefixCaches::new(options.cache_blocks.unwrap_or(usize::MAX)),
            hot: HotPrefixes::default(),
            streams: Streams::new(options.seed),
            drawn: 0,
            options,
        })
    }

    /// The options of its construction.
    #[must_use]
    pub fn options(&self) -> &RouterOptions {
        &self.options
    }

    /// How many requests were routed and have not ended.
    #[must_use]
    pub fn len(&self) -> usize {
        self.routed.len() - self.free.len()
    }

    /// Whether no request is under way.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Ids of the replicas, and the load of each: tokens over weight. By id.
    pub fn loads(&self) -> impl Iterator<Item = (i64, f64)> + '_ {
        self.replicas.sorted().iter().map(|&(id, number)| (id, self.replicas.loads().get(number)))
    }

    /// Adds a replica, whose cache is empty. O(replicas), some of it in the next [`route`](Self::route).
    ///
    /// # Errors
    /// More than 65,536 replicas; an id in use; a weight that is not positive and finite; memory that the system refuses.
    pub fn add(&mut self, id: i64, weight: f64) -> Result<(), Error> {
        if self.replicas.len() == MOST_REPLICAS {
            return Err(InputError::new("replica", format!("there are {MOST_REPLICAS} already")).value(id).into());
        }
        let number = self.replicas.add(id, weight)?;
        if self.has_ring()
            && let Err(refused) = self.ring.add(number, id, weight / self.options.unit)
        {
            self.replicas.remove(number);
            return Err(refused.into());
        }
        self.caches.add(number);
        Ok(())
    }

    /// Removes a replica. Returns the slots of the requests that were there, in the order in which they were routed; they have
    /// ended as far as the router is concerned, and are to be routed again. O(requests + replicas).
    ///
    /// # Errors
    /// An unknown id.
    pub fn remove(&mut self, id: i64) -> Result<Vec<u32>, InputError> {
        let number = self.replicas.find(id).ok_or_else(|| InputError::new("replica", "is not there").value(id))?;
        let mut slots: Vec<(u64, u32)> = self
            .requests()
            .filter(|(_, request)| request.replica == number)
            .map(|(slot, request)| (request.turn, slot))
            .collect();
        slots.sort_unstable();
        let slots: Vec<u32> = slots.into_iter().map(|(_, slot)| slot).collect();
        for &slot in &slots {
            self.finished(slot);
        }
        self.caches.clear(number);
        self.ring.remove(number);
        self.replicas.remove(number);
        Ok(slots)
    }

    /// The requests that have not ended, with their slots.
    pub(super) fn requests(&self) -> impl Iterator<Item = (u32, &RoutedRequest)> {
        (0..).zip(&self.routed).filter_map(|(slot, request)| Some((slot, request.as_ref()?)))
    }

    /// The request in a slot in use.
    pub(super) fn request(&self, slot: u32) -> &RoutedRequest {
        self.routed[slot as usize].as_ref().expect("a slot in use has a request")
    }

    /// Whether so many tokens more can be counted.
    pub(super) fn can_carry(&self, tokens: i64) -> bool {
        tokens <= LARGEST - self.replicas.tokens()
    }

    /// Counts a request at its replica, and returns its slot.
    pub(super) fn enter(&mut self, request: RoutedRequest) -> u32 {
        self.hot.carry(&request.beginnings, request.tokens);
        self.replicas.carry(request.replica, request.tokens);
        let routed = Some(RoutedRequest { turn: self.next_turn, ..request });
        self.next_turn += 1;
        let slot = self.free.pop().unwrap_or(self.routed.len() as u32);
        if slot as usize == self.routed.len() {
            self.routed.push(routed);
        } else {
            self.routed[slot as usize] = routed;
        }
        slot
    }

    /// Chooses the replica of a request, which counts there until it has ended. Returns its slot and the id of the replica.
    ///
    /// # Errors
    /// No replica; tokens out of range; a time that is not finite.
    pub fn route(&mut self, request: &RouteRequest<'_>, now: f64) -> Result<(u32, i64), InputError> {
        self.route_among(request, now, None)
    }

    /// [`route`](Self::route) among some replicas only, by id: if the policy chooses another one, the least loaded of them
    /// takes the request (ties: lowest id). O(n log n) more for n of them.
    ///
    /// # Errors
    /// Those of [`route`](Self::route); no id, or an id that is not there.
    pub fn route_among(&mut self, request: &RouteRequest<'_>, now: f64, among: Option<&[i64]>) -> Result<(u32, i64), InputError> {
        if request.tokens < 0 || !self.can_carry(request.tokens) {
            let reason = if request.tokens < 0 { "must be >= 0" } else { "tokens of all requests exceed 2^53" };
            return Err(InputError::new("tokens", reason).value(request.tokens));
        }
        if !now.is_finite() {
            return Err(InputError::new("now", "must be finite").value(now));
        }
        if self.replicas.len() == 0 {
            return Err(InputError::new("replicas", "there is none to route to"));
        }
        let allowed = among.map(|ids| self.allowed(ids)).transpose()?;
        let (mut number, beginnings) = self.choose(request, now);
        if let Some((numbers, least)) = allowed
            && !numbers.contains(&number)
        {
            number = least;
        }
        if self.options.policy == RoutingPolicy::Prefix {
            self.caches.touch(request.prefix, number);
        }
        self.predict(number, request.tokens, now);
        let slot = self.enter(RoutedRequest { replica: number, tokens: request.tokens, turn: 0, beginnings });
        Ok((slot, self.replicas.get(number).id))
    }

    /// The numbers of some ids, and the least loaded of them.
    fn allowed(&self, ids: &[i64]) -> Result<(Vec<u32>, u32), InputError> {
        let find =
            |(k, &id): (usize, &i64)| self.replicas.find(id).ok_or_else(|| InputError::new("among", "is not there").at([k], id));
        let numbers: Vec<u32> = ids.iter().enumerate().map(find).collect::<Result<_, _>>()?;
        let load = |&number: &u32| (self.replicas.loads().get(number), self.replicas.get(number).id);
        let least = numbers.iter().copied().min_by(|a, b| load(a).partial_cmp(&load(b)).expect("loads are numbers"));
        Ok((numbers, least.ok_or_else(|| InputError::new("among", "there is none to route to"))?))
    }

    /// The id of the replica that a request was routed to.
    #[must_use]
    pub fn replica(&self, slot: u32) -> i64 {
        self.replicas.get(self.request(slot).replica).id
    }

    /// A request has ended. O(log replicas).
    pub fn finished(&mut self, slot: u32) {
        let request = self.routed[slot as usize].take().expect("a slot in use has a request");
        self.free.push(slot);
        self.replicas.carry(request.replica, -request.tokens);
        self.hot.carry(&request.beginnings, -request.tokens);
    }
}
