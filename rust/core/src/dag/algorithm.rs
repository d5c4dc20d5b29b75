//! The registry: every static algorithm by name.

use super::graph::TaskGraph;
use super::heft::{HeftOptions, heft};
use super::network::Network;
use super::past::Past;
use super::{Schedule, cpop, frontier, lookahead, mapping, tables};
use crate::control::Pulse;
use crate::error::{Error, InputError};

/// A static list-scheduling algorithm.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[allow(missing_docs)] // each function is documented at its own place
pub enum Algorithm {
    Heft,
    Cpop,
    Peft,
    Ppts,
    Ippts,
    LookaheadHeft,
    Etf,
    Dls,
    Mct,
    Met,
    Olb,
    MinMin,
    MaxMin,
    Duplex,
    Sufferage,
    Random,
    Fastest,
}

impl Algorithm {
    /// All algorithms, with the names that users give.
    pub const ALL: [(&'static str, Self); 17] = [
        ("heft", Self::Heft),
        ("cpop", Self::Cpop),
        ("peft", Self::Peft),
        ("ppts", Self::Ppts),
        ("ippts", Self::Ippts),
        ("lookahead_heft", Self::LookaheadHeft),
        ("etf", Self::Etf),
        ("dls", Self::Dls),
        ("mct", Self::Mct),
        ("met", Self::Met),
        ("olb", Self::Olb),
        ("min_min", Self::MinMin),
        ("max_min", Self::MaxMin),
        ("duplex", Self::Duplex),
        ("sufferage", Self::Sufferage),
        ("random", Self::Random),
        ("fastest", Self::Fastest),
    ];

    /// The algorithm of that name.
    ///
    /// # Errors
    /// An unknown name; the message lists the known ones.
    pub fn from_name(name: &str) -> Result<Self, InputError> {
        let found = Self::ALL.iter().find(|(known, _)| *known == name);
        found.map(|&(_, algorithm)| algorithm).ok_or_else(|| {
            let names = Self::ALL.map(|(known, _)| known).join(", ");
            InputError::new("algorithm", format!("unknown algorithm, expected one of {names}")).value(format!("'{name}'"))
        })
    }

    /// Runs the algorithm; only [`Heft`](Self::Heft) looks at all options, only [`Random`](Self::Random) at the seed. Those
    /// that may take long stop when `pulse` says so, and what they return then is worth nothing.
    ///
    /// # Errors
    /// As [`heft`].
    pub fn run(
        self,
        graph: &TaskGraph,
        network: &Network,
        past: &Past,
        options: HeftOptions,
        seed: u64,
        pulse: &Pulse,
    ) -> Result<Schedule, Error> {
        let insertion = options.insertion;
        match self {
            Self::Heft => heft(graph, network, past, options),
            Self::Cpop => cpop::cpop(graph, network, past, insertion),
            Self::Peft => tables::peft(graph, network, past, insertion),
            Self::Ppts => tables::ppts(graph, network, past, insertion),
            Self::Ippts => tables::ippts(graph, network, past, insertion),
            Self::LookaheadHeft => lookahead::lookahead_heft(graph, network, past, insertion, pulse),
            Self::Etf => frontier::etf(graph, network, past, insertion, pulse),
            Self::Dls => frontier::dls(graph, network, past, insertion, pulse),
            Self::Mct => mapping::mct(graph, network, past, insertion),
            Self::Met => mapping::met(graph, network, past, insertion),
            Self::Olb => mapping::olb(graph, network, past, insertion),
            Self::MinMin => frontier::min_min(graph, network, past, insertion, pulse),
            Self::MaxMin => frontier::max_min(graph, network, past, insertion, pulse),
            Self::Duplex => frontier::duplex(graph, network, past, insertion, pulse),
            Self::Sufferage => frontier::sufferage(graph, network, past, insertion, pulse),
            Self::Random => mapping::random(graph, network, past, insertion, seed),
            Self::Fastest => mapping::fastest(graph, network, past, insertion),
        }
    }
}
