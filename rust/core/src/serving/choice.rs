//! How a router chooses, by policy.

use super::hashing::join;
use super::numbered_router::{NumberedRouter, RouteRequest};
use super::options::RoutingPolicy;
use crate::random::Random;

impl NumberedRouter {
    /// Whether the policy goes by the ring.
    pub(super) fn has_ring(&self) -> bool {
        matches!(self.options.policy, RoutingPolicy::BoundedLoad | RoutingPolicy::DualHash)
    }

    /// The replica of a request, and the hashes of the beginnings of its prompt that it counts for. There is a replica.
    pub(super) fn choose(&mut self, request: &RouteRequest<'_>, now: f64) -> (u32, Vec<u64>) {
        self.replicas.prepare();
        self.ring.prepare();
        let mut beginnings = Vec::new();
        let number = match self.options.policy {
            RoutingPolicy::RoundRobin => self.next_in_turn(),
            RoutingPolicy::Random => self.drawn_one(),
            RoutingPolicy::LeastLoaded => self.replicas.loads().least(),
            RoutingPolicy::TwoChoices => self.less_loaded_of_two(),
            RoutingPolicy::BoundedLoad => self.first_on_ring(request),
            RoutingPolicy::Prefix => self.longest_prefix(request),
            RoutingPolicy::DualHash => {
                let most = 2.0 * self.replicas.bound(self.options.epsilon, request.tokens);
                beginnings = self.hot.beginnings(request.prefix, most);
                self.one_of_two_hashes(beginnings.last().copied().unwrap_or(request.key), request, now)
            }
        };
        (number, beginnings)
    }

    fn next_in_turn(&mut self) -> u32 {
        let sorted = self.replicas.sorted();
        let after = self.last.map_or(0, |last| sorted.partition_point(|&(id, _)| id <= last));
        let (id, number) = sorted[if after == sorted.len() { 0 } else { after }];
        self.last = Some(id);
        number
    }

    fn random(&mut self) -> Random {
        self.drawn += 1;
        self.streams.get(self.drawn)
    }

    fn drawn_one(&mut self) -> u32 {
        let place = self.random().below(self.replicas.len() as u64);
        self.replicas.sorted()[place as usize].1
    }

    fn less_loaded_of_two(&mut self) -> u32 {
        let mut random = self.random();
        let replicas = self.replicas.sorted();
        let first = random.below(replicas.len() as u64) as usize;
        if replicas.len() == 1 {
            return replicas[0].1;
        }
        let second = random.below(replicas.len() as u64 - 1) as usize;
        let second = second + usize::from(second >= first);
        self.replicas.loads().less_loaded(replicas[first].1, replicas[second].1)
    }

    fn first_on_ring(&self, request: &RouteRequest<'_>) -> u32 {
        let bound = self.replicas.bound(self.options.epsilon, request.tokens);
        let fits = |number: &u32| self.replicas.is_below(*number, bound);
        // Without tokens anywhere no replica is below the bound of 0.
        self.ring.walk(request.key).find(fits).unwrap_or_else(|| self.replicas.loads().least())
    }

    fn longest_prefix(&self, request: &RouteRequest<'_>) -> u32 {
        // Who does not hold the first block holds no part of the prompt; without holders the least loaded one, which is below the bound.
        let Some(mut set) = request.prefix.first().and_then(|&first| self.caches.holders(first)) else {
            return self.replicas.loads().least();
        };
        let bound = self.replicas.bound(self.options.epsilon, request.tokens);
        for (word, bits) in set.iter_mut().enumerate() {
            *bits &= self.replicas.below(word, bound);
        }
        if set.iter().all(|&word| word == 0) {
            return self.replicas.loads().least();
        }
        self.caches.keep_longest(request.prefix, &mut set);
        let members = (0..).zip(&set).flat_map(|(word, &bits)| places(bits).map(move |place| word * 64 + place));
        members.reduce(|a, b| self.replicas.loads().better(a, b)).expect("the set is not empty")
    }

    fn one_of_two_hashes(&self, hash: u64, request: &RouteRequest<'_>, now: f64) -> u32 {
        let mut walk = self.ring.walk(join(hash, 1));
        let first = walk.next().expect("there is a replica");
        let second = self.ring.walk(join(hash, 2)).find(|&number| number != first);
        let in_time = match self.options.objective {
            Some((time, rate)) => self.predicted(first, request.tokens, now, rate) <= time,
            None => self.replicas.is_below(first, self.replicas.bound(self.options.epsilon, request.tokens)),
        };
        match second {
            Some(second) if !in_time => self.replicas.loads().less_loaded(first, second),
            _ => first,
        }
    }

    /// The time until a replica will have worked off what it carries and this many tokens more.
    fn predicted(&self, number: u32, tokens: i64, now: f64, rate: f64) -> f64 {
        let replica = self.replicas.get(number);
        (replica.busy_until - now).max(0.0) + tokens as f64 / (rate * replica.weight)
    }

    pub(super) fn predict(&mut self, number: u32, tokens: i64, now: f64) {
        if let Some((_, rate)) = self.options.objective {
            let time = now + self.predicted(number, tokens, now, rate);
            self.replicas.set_busy_until(number, time);
        }
    }
}

/// The places of the bits that are set, in increasing order.
fn places(bits: u64) -> impl Iterator<Item = u32> {
    let rest = |&bits: &u64| (bits & (bits - 1) != 0).then(|| bits & (bits - 1));
    std::iter::successors((bits != 0).then_some(bits), rest).map(u64::trailing_zeros)
}
