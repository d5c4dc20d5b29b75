//! Proofs for projects with maximal lags: distances in both directions of time in a search that learns clauses ([`crate::cp`]).

use super::model::Model;
use crate::cp::{FixedLengths, Intervals, Literal, Network, Problem, Reasoning, SearchEvent};
use crate::rcpsp::prover::MakespanSearch;

/// Larger projects, and longer horizons, are left to the search.
const MOST_ACTIVITIES: usize = 1000;
const MOST_ATOMS: i64 = 1 << 22;

/// What a slice of the search brought.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Event {
    /// Nothing is decided yet.
    Paused,
    /// The starts of a schedule within the limit.
    Better(Vec<i64>),
    /// There is no schedule within the limit.
    Proved,
}

/// The search for a shorter schedule, or for the proof that there is none.
#[derive(Debug)]
pub struct Prover {
    pub makespan: MakespanSearch,
    n: usize,
}

impl Prover {
    /// Asks for schedules that end by `end`; `None` if the project is too large.
    pub fn new(model: &Model, end: i64) -> Option<Self> {
        let n = model.len();
        let longest = model.duration.iter().max().copied().unwrap_or(0);
        let slots = end.max(longest);
        if model.known < slots {
            return None;
        }
        if n == 0 || n > MOST_ACTIVITIES || (n as i64 + 1).checked_mul(slots + 3).is_none_or(|atoms| atoms > MOST_ATOMS) {
            return None;
        }
        let mut lengths: Vec<i32> = model.duration.iter().map(|&ticks| ticks as i32).collect();
        lengths.push(0); // the makespan
        let width = model.capacity.len();
        let mut demand = model.demand.clone();
        demand.extend(std::iter::repeat_n(0, width));
        let intervals =
            Intervals { lengths: FixedLengths(lengths), demand, capacity: model.capacity.clone(), steps: model.steps(slots) };
        let mut ordered = vec![false; n * n];
        let kept = || model.arcs.iter().filter(|arc| arc.lag >= -slots);
        for arc in kept() {
            let (i, j) = (arc.from as usize, arc.to as usize);
            ordered[i * n + j] |= arc.lag >= model.duration[i];
        }
        let free = |i: usize, j: usize| {
            let is_fixed = model.fixed[i].is_some() && model.fixed[j].is_some();
            i != j && !is_fixed && !ordered[i * n + j] && !ordered[j * n + i] && intervals.exclusive(i, j)
        };
        let mut exclusive: Vec<Vec<u32>> = (0..n).map(|i| (0..n).filter(|&j| free(i, j)).map(|j| j as u32).collect()).collect();
        exclusive.push(Vec::new());
        let mut holes: Vec<Vec<(i32, i32)>> = (0..n).map(|i| model.holes(i, slots)).collect();
        holes.push(Vec::new());
        let mut network = Network::new(exclusive, holes);
        for arc in kept() {
            let is_fixed = |i: u32| model.fixed[i as usize].is_some();
            if !(is_fixed(arc.from) && is_fixed(arc.to)) {
                network.add_arc(arc.from as usize, arc.to as usize, arc.lag.min(slots + 1) as i32);
            }
        }
        let mut bounds = Vec::new();
        for i in 0..n {
            network.add_arc(i, n, intervals.lengths.0[i]);
            bounds.push(Literal::at_least(i, model.earliest[i].clamp(0, slots + 1) as i32));
            bounds.push(Literal::at_most(i, model.latest[i].clamp(-1, slots) as i32));
        }
        let cliques = Problem::cliques(&intervals, |i, j| ordered[i * n + j] || ordered[j * n + i] || intervals.exclusive(i, j));
        let reservoirs = model.stores.iter().flat_map(|store| store.reservoirs(&model.duration)).collect();
        let problem = Problem {
            intervals,
            network,
            slots: slots as i32,
            bounds,
            cliques,
            costs: None,
            choices: None,
            reservoirs,
            orders: None,
        };
        let reasoning = Reasoning { disjunctive: true, energetic: !model.stores.is_empty() };
        Some(Self { makespan: MakespanSearch::new(problem, reasoning, end), n })
    }

    /// From now on only schedules that end by `end` count; decisions follow a good schedule.
    pub fn improve(&mut self, start: &[i64], end: i64) {
        self.makespan.improve(start.iter().map(|&time| time as i32), end);
    }

    /// A slice of the search, as [`MakespanSearch::run`] says.
    pub fn run(&mut self, most_work: u64, stop: impl FnMut(u64) -> bool) -> Event {
        match self.makespan.run(most_work, stop) {
            SearchEvent::Paused => Event::Paused,
            SearchEvent::Refuted => Event::Proved,
            SearchEvent::Solution(values) => Event::Better(values[..self.n].iter().map(|&value| i64::from(value)).collect()),
        }
    }
}
