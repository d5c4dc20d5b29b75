//! The memory of a search with N7: parts of the orders of machines that must not be made again.

use std::collections::VecDeque;

use super::neighbours::{Move, moves};
use super::orders::{Node, Orders, Shift};
use super::tabu::Neighbourhood;
use crate::random::Random;

/// A part of the order of a machine that must not be made again until some step.
#[derive(Debug)]
struct Forbidden {
    /// The place of its first operation.
    place: u32,
    operations: Vec<Node>,
    until: u64,
}

/// The neighbourhood N7, and what is forbidden in it.
#[derive(Debug)]
pub(super) struct Segments {
    /// By machine.
    forbidden: Vec<VecDeque<Forbidden>>,
    /// Memory of entries that are out of force.
    free: Vec<Vec<Node>>,
    found: Vec<Move>,
    /// The least makespan of this run: a forbidden move is made if its estimate is less.
    least_makespan: i64,
    /// Least steps for which a part of an order stays forbidden, and how many are drawn beside, at most.
    tenure: (u64, u64),
}

impl Neighbourhood for Segments {
    fn reset(&mut self) {
        self.forbidden.iter_mut().for_each(VecDeque::clear);
        self.least_makespan = i64::MAX;
    }

    fn advance(&mut self, orders: &mut Orders, path: &[Node], now: u64, random: &mut Random) -> bool {
        self.forget(now);
        self.least_makespan = self.least_makespan.min(orders.makespan);
        moves(orders, path, &mut self.found);
        self.choose(orders, now, random)
    }
}

impl Segments {
    pub fn new(num_jobs: usize, num_machines: usize) -> Self {
        let tenure = 10 + num_jobs / num_machines.max(1);
        // Long rows need more memory, measured: half as much, as in the literature, leaves dmu61 and dmu71 at 7 % instead of 4.5 %.
        let tenure = if num_jobs > 2 * num_machines { (2 * tenure, 4 * tenure / 5) } else { (tenure, tenure) };
        Self {
            forbidden: (0..num_machines).map(|_| VecDeque::new()).collect(),
            free: Vec::new(),
            found: Vec::new(),
            least_makespan: i64::MAX,
            tenure: (tenure.0 as u64, tenure.1 as u64),
        }
    }

    /// Makes the best move found that is not forbidden or leads below all makespans of the run, or a random one; false if there is none.
    fn choose(&mut self, orders: &mut Orders, now: u64, random: &mut Random) -> bool {
        while !self.found.is_empty() {
            let (mut chosen, mut ties) = (None, 0);
            let mut least = i64::MAX;
            for (k, m) in self.found.iter().enumerate() {
                let estimate = m.estimate(orders, least);
                if estimate > least || (estimate >= self.least_makespan && self.is_forbidden(orders, m, now)) {
                    continue;
                }
                ties = if estimate < least { 1 } else { ties + 1 };
                if ties == 1 || random.below(ties) == 0 {
                    chosen = Some(k);
                }
                least = estimate;
            }
            let k = chosen.unwrap_or_else(|| random.below(self.found.len() as u64) as usize);
            let m = self.found.swap_remove(k);
            let (old, Move { x, y, shift }) = (self.part(orders, m), m);
            // Only operations of duration 0 let a safe move make a cycle.
            if orders.shift(x, y, shift) {
                let until = now + self.tenure.0 + random.below(self.tenure.1 + 1);
                self.forbidden[orders.machine[x as usize] as usize].push_back(Forbidden { until, ..old });
                return true;
            }
            self.free.push(old.operations);
        }
        false
    }

    /// The operations that change places, at their places.
    fn part(&mut self, orders: &Orders, m: Move) -> Forbidden {
        let (first, last) = m.ends();
        let mut operations = self.free.pop().unwrap_or_default();
        operations.clear();
        operations.extend_from_slice(orders.between(first, last));
        Forbidden { place: orders.place[first as usize], operations, until: 0 }
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
    fn is_forbidden(&self, orders: &Orders, m: &Move, now: u64) -> bool {
        let machine = orders.machine[m.x as usize] as usize;
        let (from, to) = (orders.place[m.x as usize], orders.place[m.y as usize]);
        let (low, high) = (from.min(to), from.max(to));
        let row = orders.row(machine);
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
