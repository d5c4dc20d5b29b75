//! The registry: every static algorithm by name.

use super::graph::TaskGraph;
use super::heft::{HeftOptions, heft};
use super::network::Network;
use super::past::Past;
use super::{Schedule, cpop, frontier, lookahead, mapping, tables};
use crate::control::Pulse;
use crate::error::{Error, InputError};
use crate::memory;

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

    /// The name that users give.
    #[must_use]
    pub fn name(self) -> &'static str {
        Self::ALL.iter().find(|&&(_, known)| known == self).map_or("", |&(name, _)| name)
    }

    /// The memory that the algorithm takes at most, roughly and rather too much.
    fn bytes(self, graph: &TaskGraph) -> usize {
        // Ranks, the order, the schedule, and gaps that grow by doubling.
        const PER_TASK: usize = 400;
        let per_processor = match self {
            Self::Etf | Self::Dls | Self::MinMin | Self::MaxMin | Self::Duplex | Self::Sufferage => 24, // all tasks may be ready
            Self::Peft | Self::Ppts | Self::Ippts | Self::LookaheadHeft => 8,
            _ => 0,
        };
        let per_task = per_processor * graph.num_processors() + PER_TASK;
        graph.num_tasks().saturating_mul(per_task)
    }

    /// Runs the algorithm. Only [`Heft`](Self::Heft) looks at all options, only [`Random`](Self::Random) at the seed. A run stops when
    /// `pulse` says so; the schedule that it returns then is incomplete and must not be used.
    ///
    /// # Errors
    /// As [`heft`]; a rule for ties that the algorithm would ignore; too little memory.
    pub fn run(
        self,
        graph: &TaskGraph,
        network: &Network,
        past: &Past,
        options: HeftOptions,
        seed: u64,
        pulse: &Pulse,
    ) -> Result<Schedule, Error> {
        options.tie.check(self)?;
        memory::require(self.bytes(graph))?;
        let run = match self {
            Self::Heft => heft,
            Self::Cpop => cpop::cpop,
            Self::Peft => tables::peft,
            Self::Ppts => tables::ppts,
            Self::Ippts => tables::ippts,
            Self::LookaheadHeft => lookahead::lookahead_heft,
            Self::Etf => frontier::etf,
            Self::Dls => frontier::dls,
            Self::Mct => mapping::mct,
            Self::Met => mapping::met,
            Self::Olb => mapping::olb,
            Self::MinMin => frontier::min_min,
            Self::MaxMin => frontier::max_min,
            Self::Duplex => frontier::duplex,
            Self::Sufferage => frontier::sufferage,
            Self::Random => return mapping::random(graph, network, past, options, seed, pulse),
            Self::Fastest => mapping::fastest,
        };
        run(graph, network, past, options, pulse)
    }
}
