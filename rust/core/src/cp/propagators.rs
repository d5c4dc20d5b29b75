//! All propagators, and the explanation of each conclusion.

use super::choices::Choices;
use super::clauses::Clauses;
use super::costs::Costs;
use super::cumulative::Cumulative;
use super::intervals::Intervals;
use super::lengths::Lengths;
use super::orders::Orders;
use super::precedence::Network;
use super::reservoirs::Reservoirs;
use super::trail::{Conflict, Literal, Reason, Trail, TrailEntry};

/// Bounds moved for each interval after which a cycle of orders is looked for.
const ROUNDS: usize = 4;

#[derive(Debug)]
pub struct Propagators<L> {
    pub intervals: Intervals<L>,
    pub network: Network,
    pub cumulative: Cumulative,
    pub clauses: Clauses,
    /// What the objective is made of, if it is not a time.
    pub costs: Option<Costs>,
    /// The options of intervals that have several.
    pub choices: Option<Choices>,
    /// The levels that intervals change.
    pub reservoirs: Reservoirs,
    /// Machines that run one interval at a time.
    pub orders: Option<Orders>,
    /// Entries of the trail whose consequences in network and clauses are drawn.
    head: usize,
}

impl<L: Lengths> Propagators<L> {
    pub fn new(
        intervals: Intervals<L>,
        network: Network,
        cumulative: Cumulative,
        costs: Option<Costs>,
        choices: Option<Choices>,
        reservoirs: Reservoirs,
        orders: Option<Orders>,
    ) -> Self {
        let clauses = Clauses::new(intervals.len());
        Self { clauses, intervals, network, cumulative, costs, choices, reservoirs, orders, head: 0 }
    }

    /// Draws all conclusions, and adds to `work` how many bounds were looked at.
    pub fn propagate(&mut self, trail: &mut Trail, work: &mut u64) -> Result<(), Conflict> {
        let mut looked = trail.len();
        loop {
            while self.head < trail.len() {
                let entry = trail.entry(self.head);
                self.head += 1;
                *work += 1;
                self.network.propagate(&self.intervals.lengths, entry.half, trail)?;
                if let Some(orders) = &mut self.orders {
                    if self.head > looked + ROUNDS * orders.first_variable {
                        looked = trail.len();
                        if orders.has_cycle(&self.network, trail) {
                            return Err(Conflict::Cycle);
                        }
                    }
                    orders.propagate(entry.literal(), trail, work)?;
                }
                self.clauses.propagate(entry.half, entry.old, entry.bound, trail)?;
            }
            if let Some(orders) = &mut self.orders {
                orders.propagate_sets(trail, work)?;
                if self.head == trail.len() {
                    orders.propagate_loads(self.intervals.len() - 1, trail, work)?;
                }
                if self.head < trail.len() {
                    continue;
                }
            }
            if let Some(costs) = &mut self.costs {
                costs.propagate(trail)?;
                if self.head < trail.len() {
                    continue;
                }
            }
            if let Some(choices) = &mut self.choices {
                choices.propagate(trail, work)?;
                if self.head < trail.len() {
                    continue;
                }
            }
            if !self.reservoirs.is_empty() {
                self.reservoirs.propagate(trail, work)?;
                if self.head < trail.len() {
                    continue;
                }
            }
            self.cumulative.take_in(&self.intervals.lengths, trail)?;
            self.cumulative.propagate(&self.intervals.lengths, trail)?;
            if self.head == trail.len() {
                return Ok(());
            }
        }
    }

    /// The trail has lost its entry number `index`, the latest.
    pub fn take_back(&mut self, index: usize, entry: &TrailEntry) {
        if let Some(orders) = &mut self.orders
            && index < self.head
        {
            orders.take_back(entry.literal());
        }
        self.head = self.head.min(index);
        self.cumulative.take_back(&self.intervals.lengths, index, entry);
    }

    /// At the root, with all conclusions drawn: what holds now holds for ever.
    pub fn commit(&mut self, trail: &mut Trail) {
        trail.commit();
        self.cumulative.commit();
        self.head = 0;
    }

    /// True literals that implied `literal`, for which `reason` was given when the trail was `position` long.
    pub fn explain(&self, trail: &Trail, literal: Literal, reason: Reason, position: u32, out: &mut Vec<Literal>) {
        let lengths = &self.intervals.lengths;
        match reason {
            Reason::Decision => unreachable!("an assumption has no reason"),
            Reason::Clause(clause) => {
                let others = self.clauses.of(clause).iter().filter(|other| other.half != literal.half);
                out.extend(others.map(|other| other.negated()));
            }
            Reason::Arc { from, lag } => out.push(Literal { half: from, bound: literal.bound - lag }),
            Reason::Kept { from, lag } => out.extend(self.network.explain_kept(literal, from, lag)),
            Reason::Map { other, map } => out.push(self.network.explain_map(literal, other as usize, map)),
            Reason::Hole { mark } => out.push(Network::explain_hole(literal, mark)),
            Reason::Pair { other, mark } => Network::explain_pair(lengths, literal, other as usize, mark, out),
            Reason::Order { first } => {
                self.orders.as_ref().expect("they gave this reason").explain_order(literal, first, out);
            }
            Reason::Late { mark } => {
                self.orders.as_ref().expect("they gave this reason").explain_late(literal, mark, out);
            }
            Reason::Edge { side, machine, from, until } => {
                let orders = self.orders.as_ref().expect("they gave this reason");
                orders.explain_edge(trail, literal, (u32::from(side), machine, from, until), position, out);
            }
            Reason::Absent { machine, from, until } => {
                let orders = self.orders.as_ref().expect("they gave this reason");
                orders.explain_absent(trail, literal, (machine, from, until), position, out);
            }
            Reason::Load { set } => {
                let orders = self.orders.as_ref().expect("they gave this reason");
                orders.explain_load(self.intervals.len() - 1, trail, Some(literal), set, position, out);
            }
            Reason::Behind { interval, machine, from } => {
                let orders = self.orders.as_ref().expect("they gave this reason");
                orders.explain_behind(trail, literal, (interval, machine, from), position, out);
            }
            Reason::Implied { first } => out.push(Orders::explain_implied(first)),
            Reason::Costs => {
                self.costs.as_ref().expect("they gave this reason").explain(trail, literal, position, out);
            }
            Reason::Choices { rule, at } => {
                self.choices.as_ref().expect("they gave this reason").explain(trail, literal, rule, at, position, out);
            }
            Reason::Reservoir { level, moment } => self.reservoirs.explain(trail, literal, (level, moment), position, out),
            Reason::Cumulative { slot } => {
                let i = literal.var();
                out.push(if literal.is_lower() {
                    Literal::at_least(i, lengths.start_for(i, slot + 1))
                } else {
                    Literal::at_most(i, slot)
                });
                self.cumulative.explain(&self.intervals, trail, slot, Some(i), position, out);
            }
        }
    }

    /// True literals that cannot all hold.
    pub fn explain_conflict(&self, trail: &Trail, conflict: Conflict) -> Vec<Literal> {
        let (mut literals, now) = (Vec::new(), trail.len() as u32);
        match conflict {
            Conflict::Clause(clause) => literals.extend(self.clauses.of(clause).iter().map(|literal| literal.negated())),
            Conflict::Overload(slot) => self.cumulative.explain(&self.intervals, trail, slot, None, now, &mut literals),
            Conflict::Full { resource, slot } => {
                let choices = self.choices.as_ref().expect("they found this conflict");
                choices.explain_full(trail, (resource as usize, slot), None, now, &mut literals);
            }
            Conflict::Stock(stock) => {
                let choices = self.choices.as_ref().expect("they found this conflict");
                choices.explain_stock(trail, None, stock as usize, now, &mut literals);
            }
            Conflict::Empty { level, moment } => self.reservoirs.explain_empty(trail, level, moment, &mut literals),
            Conflict::Cycle => self.orders.as_ref().expect("they found this conflict").explain_cycle(&mut literals),
            Conflict::Load { set } => {
                let orders = self.orders.as_ref().expect("they found this conflict");
                orders.explain_load(self.intervals.len() - 1, trail, None, set, now, &mut literals);
            }
            Conflict::Overloaded { machine, from, until } => {
                let orders = self.orders.as_ref().expect("they found this conflict");
                orders.explain_overloaded(trail, machine, (from, until), now, &mut literals);
            }
            Conflict::Crossed(literal, reason) => {
                self.explain(trail, literal, reason, now, &mut literals);
                literals.push(Literal { half: literal.half ^ 1, bound: 1 - literal.bound });
            }
        }
        literals
    }
}
