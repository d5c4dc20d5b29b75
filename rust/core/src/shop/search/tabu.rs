//! Tabu search over the orders of machines.

use super::neighbours::critical_path;
use super::orders::{Arrangement, Node, Orders};
use super::reassign::Reassign;
use super::segments::Segments;
use crate::random::Random;
use crate::shop::Shop;

/// Moves on a critical path, and the memory of those that are forbidden.
pub(super) trait Neighbourhood: std::fmt::Debug {
    /// Forgets everything that is forbidden.
    fn reset(&mut self);

    /// Makes the best move that is not forbidden at step `now`, or a random one if all are; false if there is none.
    fn advance(&mut self, orders: &mut Orders, path: &[Node], now: u64, random: &mut Random) -> bool;
}

/// What a run of the search needs, kept from run to run.
#[derive(Debug)]
pub(super) struct TabuSearch {
    pub orders: Orders,
    /// The best arrangement of this run, and its makespan.
    pub best: Arrangement,
    pub makespan: i64,
    neighbourhood: Box<dyn Neighbourhood>,
    path: Vec<Node>,
}

impl TabuSearch {
    pub fn new(shop: &Shop) -> Self {
        let neighbourhood: Box<dyn Neighbourhood> = if shop.is_flexible() {
            Box::new(Reassign::new(shop.data().machine.len()))
        } else {
            Box::new(Segments::new(shop.num_jobs(), shop.num_machines()))
        };
        let orders = Orders::new(shop);
        Self { orders, best: Arrangement::default(), makespan: i64::MAX, neighbourhood, path: Vec::new() }
    }

    /// Searches from an arrangement until `patience` steps in a row bring nothing new, the makespan is `goal`, or `step` says stop; it is
    /// asked before each step. The best arrangement of the run is left in `best`.
    pub fn run(
        &mut self,
        start: &Arrangement,
        goal: i64,
        patience: u64,
        random: &mut Random,
        mut step: impl FnMut(&Self) -> bool,
    ) {
        self.orders.load(start);
        self.neighbourhood.reset();
        self.best.clone_from(start);
        self.makespan = self.orders.makespan;
        let (mut now, mut news) = (1, 0);
        while now - news <= patience && self.makespan > goal && !step(self) {
            critical_path(&self.orders, random, &mut self.path);
            if !self.neighbourhood.advance(&mut self.orders, &self.path, now, random) {
                return; // no move on this path
            }
            if self.orders.makespan < self.makespan {
                self.makespan = self.orders.makespan;
                self.orders.save(&mut self.best);
                news = now;
            }
            now += 1;
        }
    }
}
