//! The table of list schedulers, and [`Algorithm`], an entry of it.
//!
//! To add a list scheduler, implement [`ListScheduler`](super::list::ListScheduler), or call [`frontier::run`](super::frontier::run),
//! beside its relatives, describe it in their `ENTRIES`, and name the function in `python/schedkit/dag/algorithms.py`. The binding, the
//! command line, `schedule_many`, the starts of `improve` and the documentation of the Python function read the entry.

use super::graph::TaskGraph;
use super::heft::HeftOptions;
use super::list::Call;
use super::network::{Links, Network};
use super::past::Past;
use super::{Schedule, baselines, batch_mode, by_index, cost_tables, earliest_start, lookahead};
use crate::control::Pulse;
use crate::error::{Error, InputError};
use crate::memory;
use crate::names::Named;

/// The description of a list scheduler.
#[derive(Debug)]
pub struct ListSchedulerEntry {
    /// The name that users give.
    pub name: &'static str,
    /// The name in words.
    pub title: &'static str,
    /// The choice of the next task and of its processor, in words.
    pub rule: &'static str,
    /// The rule for ties, and other details.
    pub notes: &'static str,
    /// Running time and memory.
    pub cost: &'static str,
    /// The publication.
    pub source: &'static str,
    /// Whether the score is not the finish alone, so that processors of equal score may end a task at different times, and
    /// [`HeftOptions::tie`] is an option.
    pub takes_tie: bool,
    /// The place among the starts of [`improve`](super::improve()); `None` if it is not one of them.
    pub start: Option<u8>,
    /// The makespan of the example in the documentation; see the test below.
    pub example: f64,
    /// Bytes of memory for each task and processor, at most.
    pub bytes: usize,
    /// Roughly the elementary steps of a run.
    pub effort: fn(&TaskGraph) -> f64,
    pub(super) run: fn(&Call) -> Result<Schedule, Error>,
}

impl ListSchedulerEntry {
    /// The defaults of entries.
    pub(super) const COMMON: Self = Self {
        name: "",
        title: "",
        rule: "",
        notes: "Ties: lower task, then lower processor.",
        cost: "O(n log n + m P).",
        source: "",
        takes_tie: false,
        start: None,
        example: 4.0,
        bytes: 0,
        effort: |graph| (graph.num_tasks() as f64 + graph.dag().num_edges() as f64) * graph.num_processors() as f64,
        run: |_| Ok(Schedule::default()),
    };
}

/// The entries, in the order in which names are listed.
const TABLE: [&[ListSchedulerEntry]; 8] = [
    &super::heft::ENTRIES,
    &super::cpop::ENTRIES,
    &cost_tables::ENTRIES,
    &lookahead::ENTRIES,
    &earliest_start::ENTRIES,
    &by_index::ENTRIES,
    &batch_mode::ENTRIES,
    &baselines::ENTRIES,
];

/// A list scheduler: an entry of the table.
#[derive(Debug, Clone, Copy)]
pub struct Algorithm(&'static ListSchedulerEntry);

impl PartialEq for Algorithm {
    fn eq(&self, other: &Self) -> bool {
        self.0.name == other.0.name
    }
}

impl Eq for Algorithm {}

impl Named for Algorithm {
    const FIELD: &'static str = "algorithm";

    fn all() -> impl Iterator<Item = (&'static str, Self)> + Clone {
        TABLE.into_iter().flatten().map(|entry| (entry.name, Self(entry)))
    }
}

impl Algorithm {
    /// The name that users give.
    #[must_use]
    pub fn name(self) -> &'static str {
        self.0.name
    }

    /// The description.
    #[must_use]
    pub fn entry(self) -> &'static ListSchedulerEntry {
        self.0
    }

    /// The algorithms that [`improve`](super::improve()) may start from, in the order in which it tries them.
    pub(super) fn starts() -> Vec<Self> {
        let mut starts: Vec<Self> =
            Self::all().map(|(_, algorithm)| algorithm).filter(|algorithm| algorithm.0.start.is_some()).collect();
        starts.sort_by_key(|algorithm| algorithm.0.start);
        starts
    }

    /// Refuses a rule for ties that the algorithm would ignore.
    ///
    /// # Errors
    /// Anything but [`Tie::Index`](super::Tie::Index) for an algorithm that does not take it.
    pub fn check(self, options: HeftOptions) -> Result<(), InputError> {
        if options.tie == super::Tie::Index || self.0.takes_tie {
            return Ok(());
        }
        let takes: Vec<&str> = Self::all().filter(|(_, algorithm)| algorithm.0.takes_tie).map(|(name, _)| name).collect();
        Err(InputError::new("tie", format!("is not an option of {}, only of {}", self.name(), takes.join(", ")))
            .value("'finish'"))
    }

    /// Runs the algorithm. Only `heft` reads all options, only `random` reads the seed. A run stops when `pulse` says so; the schedule
    /// that it returns then is incomplete and must not be used.
    ///
    /// # Errors
    /// As [`heft`](super::heft()); a rule for ties that the algorithm would ignore; too little memory.
    pub fn run(
        self,
        graph: &TaskGraph,
        network: &Network,
        past: &Past,
        options: HeftOptions,
        seed: u64,
        pulse: &Pulse,
    ) -> Result<Schedule, Error> {
        // Ranks, the order, the schedule, and gaps that grow by doubling.
        const PER_TASK: usize = 400;
        self.check(options)?;
        memory::require(graph.num_tasks().saturating_mul(self.0.bytes * graph.num_processors() + PER_TASK))?;
        (self.0.run)(&Call { graph, links: Links::new(network, graph)?, past, options, seed, pulse })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dag::Cost;

    #[test]
    fn every_entry_is_complete_and_gives_the_makespan_of_its_example() {
        let cost = Cost::Matrix { cost: vec![2.0, 3.0, 4.0, 1.0, 2.0, 2.0], num_processors: 2 };
        let graph = TaskGraph::new(cost, &[(0, 1), (0, 2)], &[1.0, 5.0], None).unwrap();
        for (name, algorithm) in Algorithm::all() {
            let ListSchedulerEntry { title, rule, notes, cost, source, example, .. } = *algorithm.entry();
            assert!([title, rule, notes, cost, source].iter().all(|text| !text.is_empty()), "{name}");
            assert_eq!(Algorithm::from_name(name).unwrap(), algorithm);
            let (options, pulse) = (HeftOptions::default(), Pulse::default());
            let schedule = algorithm.run(&graph, &Network::default(), &Past::default(), options, 0, &pulse).unwrap();
            assert_eq!(schedule.makespan, example, "{name}");
        }
    }
}
