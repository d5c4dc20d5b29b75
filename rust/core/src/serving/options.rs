//! The choices that admission and routing are made with.

use crate::names::Named;

/// How much cache a batch is expected to need.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum AdmissionPolicy {
    /// The largest use that the batch will come to if answers are as long as recent ones: lengths are drawn from those.
    #[default]
    PastFuture,
    /// The largest use that the batch will come to if every answer has its maximal length.
    Future,
    /// The sum of what each request holds at most, as if all ended together.
    Conservative,
    /// What the batch holds now.
    Aggressive,
}

impl Named for AdmissionPolicy {
    const FIELD: &'static str = "policy";

    fn all() -> impl Iterator<Item = (&'static str, Self)> + Clone {
        let names = [
            ("past_future", Self::PastFuture),
            ("future", Self::Future),
            ("conservative", Self::Conservative),
            ("aggressive", Self::Aggressive),
        ];
        names.into_iter()
    }
}

/// Which request leaves the batch when the cache overflows after all.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Victim {
    /// The last one that was started.
    #[default]
    Newest,
    /// The one that has produced the fewest tokens; among equals the newest.
    LeastDone,
    /// The one with the fewest tokens to compute again for each token that it would hold at its end; among equals the newest.
    LeastRecompute,
}

impl Named for Victim {
    const FIELD: &'static str = "victim";

    fn all() -> impl Iterator<Item = (&'static str, Self)> + Clone {
        [("newest", Self::Newest), ("least_done", Self::LeastDone), ("least_recompute", Self::LeastRecompute)].into_iter()
    }
}

/// How a router chooses the replica of a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum RoutingPolicy {
    /// The next id, and after the highest the lowest.
    RoundRobin,
    /// Any replica with equal chance.
    Random,
    /// The replica of least load.
    LeastLoaded,
    /// The less loaded of two different replicas drawn at random (Mitzenmacher 2001).
    #[default]
    TwoChoices,
    /// The replica that holds the longest prefix of the prompt, among those below the bound of `BoundedLoad`.
    Prefix,
    /// The first replica on the ring, from the place of the key on, that is below (1 + epsilon) times the mean load (Mirrokni,
    /// Thorup, Zadimoghaddam 2018).
    BoundedLoad,
    /// One of two replicas that the prefix is hashed to: the first while it answers in time, else the less loaded one.
    DualHash,
}

impl Named for RoutingPolicy {
    const FIELD: &'static str = "policy";

    fn all() -> impl Iterator<Item = (&'static str, Self)> + Clone {
        let names = [
            ("round_robin", Self::RoundRobin),
            ("random", Self::Random),
            ("least_loaded", Self::LeastLoaded),
            ("two_choices", Self::TwoChoices),
            ("prefix", Self::Prefix),
            ("bounded_load", Self::BoundedLoad),
            ("dual_hash", Self::DualHash),
        ];
        names.into_iter()
    }
}
