//! The search for solutions with a smaller objective, or for the proof that there are none.

use super::choices::Choices;
use super::costs::Costs;
use super::cumulative::Cumulative;
use super::edge_finding::cliques;
use super::intervals::Intervals;
use super::learn::Learner;
use super::lengths::Lengths;
use super::orders::Orders;
use super::precedence::Network;
use super::propagators::Propagators;
use super::reservoirs::{Reservoir, Reservoirs};
use super::trail::{Literal, Reason, Trail};
use super::vsids::Vsids;

/// What a slice of the search brought.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SearchEvent {
    /// Nothing is decided yet.
    Paused,
    /// A solution within the present limit on the objective: the start of each interval but the objective.
    Solution(Vec<i32>),
    /// There is no solution within the limit.
    Refuted,
}

/// What there is to solve: starts of intervals, of which the last one is to be minimised. It is a time, or it counts costs.
#[derive(Debug)]
pub struct Problem<L> {
    /// The intervals and their resources.
    pub intervals: Intervals<L>,
    /// Distances, pairs that must not overlap, and excluded starts.
    pub network: Network,
    /// Starts lie between 0 and this, and so do all ends, within the bounds below.
    pub slots: i32,
    /// Bounds of single starts.
    pub bounds: Vec<Literal>,
    /// Sets of intervals of fixed length of which no two may overlap.
    pub cliques: Vec<Vec<u32>>,
    /// What the last interval counts, if it is no time.
    pub costs: Option<Costs>,
    /// The options of the first intervals, which have neither length nor demand of their own; choices are further intervals.
    pub choices: Option<Choices>,
    /// Levels that intervals of fixed length change.
    pub reservoirs: Vec<Reservoir>,
    /// Machines that run one interval at a time, whose pairs have variables behind the intervals.
    pub orders: Option<Orders>,
}

impl<L: Lengths> Problem<L> {
    /// Sets of exclusive intervals, where `exclusive` tells whether two must not overlap.
    pub fn cliques(intervals: &Intervals<L>, exclusive: impl Fn(usize, usize) -> bool) -> Vec<Vec<u32>> {
        let n = intervals.len() - 1;
        let length: Vec<i32> = (0..n).map(|i| intervals.lengths.fixed(i).unwrap_or(0)).collect();
        cliques(&length, exclusive)
    }
}

/// A search that learns a clause from each conflict (lazy clause generation), for solutions within a limit on the objective.
#[derive(Debug)]
pub struct ConflictSearch<L> {
    pub(super) propagators: Propagators<L>,
    pub(super) trail: Trail,
    pub(super) cliques: Vec<Vec<u32>>,
    pub(super) scores: Vsids,
    pub(super) learner: Learner,
    /// Starts of the best solution known: where a literal is decided, it is decided their way.
    pub(super) guide: Vec<i32>,
    /// Bounds looked at so far: the measure of effort.
    pub(super) work: u64,
    pub(super) conflicts: u64,
    pub(super) restarts: u64,
    pub(super) next_reduction: u64,
    /// Of the present run: the objective assumed, and the number of conflicts that ends it.
    pub(super) target: i32,
    pub(super) restart_at: u64,
    /// The least objective at the root; below it, where a run pauses, the trail holds assumptions.
    root_least: i32,
    pub(super) refuted: bool,
}

/// Conflicts before the first restart, and before clauses are first dropped.
pub(super) const RESTART: u64 = 100;
pub(super) const REDUCTION: u64 = 4000;
/// How much of its weight a score keeps from conflict to conflict.
pub(super) const DECAY: f64 = 0.95;

impl<L: Lengths> ConflictSearch<L> {
    /// Draws the first conclusions.
    #[must_use]
    pub fn new(problem: Problem<L>) -> Self {
        let Problem { intervals, network, slots, bounds, cliques, costs, choices, reservoirs, mut orders } = problem;
        let clauses = orders.as_mut().map(Orders::take_clauses).unwrap_or_default();
        let n = intervals.len();
        let objective = costs.as_ref().map_or(slots, |costs| costs.most().max(0));
        let possible = costs.as_ref().is_none_or(|costs| costs.most() >= 0);
        let cumulative = Cumulative::new(&intervals, slots);
        let mut search = Self {
            trail: Trail::new(n, slots, objective),
            scores: match &orders {
                None => Vsids::new(n, slots, objective),
                Some(orders) => Vsids::of_flags(orders.first_variable, orders.len()),
            },
            learner: Learner::new(n),
            propagators: Propagators::new(
                intervals,
                network,
                cumulative,
                costs,
                choices,
                Reservoirs::new(reservoirs, slots),
                orders,
            ),
            cliques,
            guide: vec![0; n],
            work: 0,
            conflicts: 0,
            restarts: 0,
            next_reduction: REDUCTION,
            target: 0,
            restart_at: 0,
            root_least: 0,
            refuted: false,
        };
        let Self { propagators: Propagators { network, intervals, clauses: known, .. }, trail, .. } = &mut search;
        for clause in clauses {
            known.add(&clause, 0); // these are never dropped
        }
        let mut bounded = bounds.into_iter().try_for_each(|bound| trail.push(bound, Reason::Decision));
        bounded = bounded.and_then(|()| network.start(&intervals.lengths, trail));
        search.at_root(possible && bounded.is_ok());
        search
    }

    /// The objective's interval.
    pub(super) fn objective(&self) -> usize {
        self.propagators.intervals.len() - 1
    }

    /// Least and largest objective still asked for, as the present assumptions have it.
    pub(super) fn least(&self) -> i32 {
        self.trail.earliest(self.objective())
    }

    pub(super) fn most(&self) -> i32 {
        self.trail.latest(self.objective())
    }

    /// The largest objective within the limit that counts as equal to this one.
    pub(super) fn last_equal(&self, objective: i32) -> i32 {
        let unit = self.propagators.orders.as_ref().map_or(1, |orders| orders.unit);
        (objective + unit - 1 - objective.rem_euclid(unit)).min(self.most())
    }

    /// No solution has a smaller objective, within the present limit.
    #[must_use]
    pub fn lower_bound(&self) -> i32 {
        self.root_least
    }

    /// Whether there is no solution within the limit.
    #[must_use]
    pub fn is_refuted(&self) -> bool {
        self.refuted
    }

    /// Effort so far, in bounds of starts looked at.
    #[must_use]
    pub fn work(&self) -> u64 {
        self.work
    }

    /// From now on only solutions whose objective is at most `most` count; the search decides the way `guide` has it, starts of a
    /// good solution.
    pub fn limit(&mut self, guide: impl Iterator<Item = i32>, most: i32) {
        self.return_to(0);
        self.guide.iter_mut().zip(guide).for_each(|(old, new)| *old = new);
        let possible = self.trail.push(Literal::at_most(self.objective(), most), Reason::Decision).is_ok();
        self.at_root(possible);
    }

    /// As [`limit`](Self::limit), for an objective that counts costs: only totals up to `most` count.
    pub fn limit_total(&mut self, guide: impl Iterator<Item = i32>, most: i64) {
        self.return_to(0);
        let Some(costs) = &mut self.propagators.costs else { return };
        costs.tighten(most);
        let most = costs.most();
        self.limit(guide, most);
    }

    /// No solution has a smaller total of costs, within the present limit.
    #[must_use]
    pub fn total(&self) -> i64 {
        self.propagators.costs.as_ref().map_or(0, |costs| costs.total(self.root_least))
    }

    /// Every solution has an objective above `target`.
    pub(super) fn assert_longer(&mut self, target: i32) {
        self.return_to(0);
        let possible = self.trail.push(Literal::at_least(self.objective(), target + 1), Reason::Decision).is_ok();
        self.at_root(possible);
    }

    /// Draws conclusions at the root, where a conflict is a proof.
    pub(super) fn at_root(&mut self, possible: bool) {
        if !self.refuted && possible && self.propagators.propagate(&mut self.trail, &mut self.work).is_ok() {
            self.propagators.commit(&mut self.trail);
            self.root_least = self.least();
        } else {
            self.refuted = true;
        }
    }

    pub(super) fn return_to(&mut self, level: usize) {
        if let Some(orders) = &mut self.propagators.orders
            && self.trail.level() > level
        {
            orders.settle();
        }
        while let Some(entry) = self.trail.pop_above(level) {
            self.propagators.take_back(self.trail.len(), &entry);
            self.scores.put_back(entry.half, entry.old, entry.bound);
        }
    }
}
