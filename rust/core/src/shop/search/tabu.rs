//! Tabu search over the orders of machines.

use std::collections::VecDeque;

use super::neighbours::{Move, critical_path, moves};
use super::orders::{Node, Orders, Shift};
use crate::random::Random;

/// A part of the order of a machine that must not be made again until some step.
#[derive(Debug)]
struct Forbidden {
    /// The place of its first operation.
    place: u32,
    operations: Vec<Node>,
    until: u64,
}

/// What a run of the search needs, kept from run to run.
#[derive(Debug)]
pub(super) struct TabuSearch {
    pub orders: Orders,
    /// The best operations of this run in topological order, and their makespan.
    pub best: Vec<u32>,
    pub makespan: i64,
    /// By machine.
    forbidden: Vec<VecDeque<Forbidden>>,
    /// Memory of entries that are out of force.
    free: Vec<Vec<Node>>,
    path: Vec<Node>,
    found: Vec<Move>,
    /// Least steps for which a part of an order stays forbidden.
    tenure: u64,
}

impl TabuSearch {
    pub fn new(orders: Orders, num_jobs: usize, num_machines: usize) -> Self {
        let tenure = 10 + num_jobs / num_machines.max(1);
        let tenure = if num_jobs > 2 * num_machines { tenure.div_ceil(2) } else { tenure };
        Self {
            orders,
            best: Vec::new(),
            makespan: i64::MAX,
            forbidden: (0..num_machines).map(|_| VecDeque::new()).collect(),
            free: Vec::new(),
            path: Vec::new(),
            found: Vec::new(),
            tenure: tenure as u64,
        }
    }

    /// Searches from operations in topological order until `patience` steps in a row bring nothing new, the makespan is `goal`, or
    /// `step` says stop; it is asked before each step. The best order of the run is left in `best`.
    pub fn run(&mut self, start: &[u32], goal: i64, patience: u64, random: &mut Random, mut step: impl FnMut(&Self) -> bool) {
        self.orders.load(start);
        self.forbidden.iter_mut().for_each(VecDeque::clear);
        self.best.clear();
        self.best.extend_from_slice(start);
        self.makespan = self.orders.makespan;
        let (mut now, mut news) = (1, 0);
        while now - news <= patience && self.makespan > goal && !step(self) {
            self.forget(now);
            critical_path(&self.orders, random, &mut self.path);
            moves(&self.orders, &self.path, &mut self.found);
            if !self.advance(now, random) {
                return; // no move on this path: nothing can shorten it
            }
            if self.orders.makespan < self.makespan {
                self.makespan = self.orders.makespan;
                self.best.clear();
                self.best.extend(self.orders.operations());
                news = now;
            }
            now += 1;
        }
    }

    /// Makes the best move that is not forbidden, or a random one if all are; false if there is none.
    fn advance(&mut self, now: u64, random: &mut Random) -> bool {
        while !self.found.is_empty() {
            let (mut chosen, mut ties) = (None, 0);
            let mut least = i64::MAX;
            for (k, m) in self.found.iter().enumerate() {
                if m.estimate > least || self.is_forbidden(m, now) {
                    continue;
                }
                ties = if m.estimate < least { 1 } else { ties + 1 };
                if ties == 1 || random.below(ties) == 0 {
                    chosen = Some(k);
                }
                least = m.estimate;
            }
            let k = chosen.unwrap_or_else(|| random.below(self.found.len() as u64) as usize);
            let Move { x, y, shift, .. } = self.found.swap_remove(k);
            let old = self.part(x, y, shift);
            // Only operations of duration 0 let a safe move make a cycle.
            if self.orders.shift(x, y, shift) {
                let until = now + self.tenure + random.below(self.tenure * 2 / 5 + 1);
                self.forbidden[self.orders.machine[x as usize] as usize].push_back(Forbidden { until, ..old });
                return true;
            }
            self.free.push(old.operations);
        }
        false
    }

    /// The operations from `x` to `y`, or from `y` to `x`, at their places.
    fn part(&mut self, x: Node, y: Node, shift: Shift) -> Forbidden {
        let (first, last) = if shift == Shift::Behind { (x, y) } else { (y, x) };
        let mut operations = self.free.pop().unwrap_or_default();
        operations.clear();
        operations.extend_from_slice(self.orders.between(first, last));
        Forbidden { place: self.orders.place[first as usize], operations, until: 0 }
    }

    /// Drops what is out of force.
    fn forget(&mut self, now: u64) {
        for list in &mut self.forbidden {
            while list.front().is_some_and(|entry| entry.until <= now) {
                self.free.extend(list.pop_front().map(|entry| entry.operations));
            }
        }
    }

    /// Whether a move makes a forbidden part of an order again.
    fn is_forbidden(&self, m: &Move, now: u64) -> bool {
        let machine = self.orders.machine[m.x as usize] as usize;
        let (from, to) = (self.orders.place[m.x as usize], self.orders.place[m.y as usize]);
        let (low, high) = (from.min(to), from.max(to));
        let row = self.orders.row(machine);
        // The operation at a place after the move.
        let after = |place: u32| match place {
            _ if place == to => m.x,
            _ if place < low || place > high => row[place as usize],
            _ if m.shift == Shift::Behind => row[place as usize + 1],
            _ => row[place as usize - 1],
        };
        self.forbidden[machine].iter().any(|entry| {
            let end = entry.place + entry.operations.len() as u32;
            entry.until > now
                && entry.place <= high
                && end > low
                && entry.operations.iter().zip(entry.place..).all(|(&x, place)| after(place) == x)
        })
    }
}
