//! The neighbourhood of flexible shops: an operation of a critical path leaves its machine and goes to the best places of all machines
//! that it may take, its own included (Mastrolilli and Gambardella 2000).

mod places;
#[cfg(test)]
mod tests;

use super::orders::{Node, Orders};
use super::tabu::Neighbourhood;
use crate::random::Random;
use places::{OwnMachine, other_machine};

/// A move: `x` takes its choice `choice` of machine and goes right behind `y`, an operation or the sentinel of the machine.
#[derive(Debug, Clone, Copy)]
struct Move {
    x: Node,
    /// Counted from the first choice of `x`.
    choice: usize,
    y: Node,
}

/// The neighbourhood, and what is forbidden in it.
#[derive(Debug)]
pub(super) struct Reassign {
    /// For each choice of each operation the step until which the operation must not take it.
    until: Vec<u64>,
    found: Found,
    own: OwnMachine,
}

/// The moves that have been found.
#[derive(Debug, Default)]
struct Found {
    least: i64,
    /// The moves of least estimate.
    best: Vec<Move>,
    /// Moves that are forbidden, if all are.
    forbidden: Vec<Move>,
}

impl Neighbourhood for Reassign {
    fn reset(&mut self) {
        self.until.fill(0);
    }

    fn advance(&mut self, orders: &mut Orders, path: &[Node], now: u64, random: &mut Random) -> bool {
        loop {
            self.find(orders, path, now);
            let Found { best, forbidden, .. } = &mut self.found;
            let (moves, allowed) = if best.is_empty() { (forbidden, false) } else { (best, true) };
            if moves.is_empty() {
                return false;
            }
            let Move { x, choice, y } = moves.swap_remove(random.below(moves.len() as u64) as usize);
            let choices = orders.choices(x);
            let (machine, duration) = choices[choice];
            let tenure = ((path.len() + choices.len()) as u64).div_ceil(2);
            let old = choices.iter().position(|choice| choice.0 == orders.machine[x as usize]).unwrap_or(0);
            if orders.insert(x, machine, duration, y) {
                self.until[orders.first_choice(x) + old] = now + tenure;
                return true;
            }
            // Only operations of duration 0 let a move make a cycle.
            if !allowed {
                return false;
            }
            self.until[orders.first_choice(x) + choice] = now + 1;
        }
    }
}

impl Reassign {
    pub fn new(num_choices: usize) -> Self {
        Self { until: vec![0; num_choices], found: Found::default(), own: OwnMachine::default() }
    }

    /// Finds the moves of least estimate, and as long as there are none, those that are forbidden.
    fn find(&mut self, orders: &Orders, path: &[Node], now: u64) {
        let Self { until, found, own } = self;
        found.clear();
        let starts = path.first().is_some_and(|&x| orders.nodes[x as usize].completion == orders.nodes[x as usize].duration);
        let ends = path.last().is_some_and(|&x| orders.nodes[x as usize + 1].tail == 0);
        let mut from = 0;
        for operations in path.chunk_by(|&x, &y| orders.nodes[y as usize].before == x) {
            let to = from + operations.len();
            let block = Block::new(orders, operations, from == 0 && starts, to == path.len() && ends);
            from = to;
            for &x in operations {
                let (before, behind) = (orders.nodes[x as usize].before, orders.nodes[x as usize].behind);
                let without = orders.nodes[before as usize].completion + orders.nodes[behind as usize].tail;
                let alone = orders.nodes[x as usize - 1].completion + orders.nodes[x as usize + 1].tail;
                let until = &until[orders.first_choice(x)..];
                for (choice, &(machine, duration)) in orders.choices(x).iter().enumerate() {
                    let allowed = until[choice] <= now;
                    if without.max(alone + duration) > found.least || !(allowed || found.best.is_empty()) {
                        continue;
                    }
                    let mut add = |y: Node, longest: i64| found.add(Move { x, choice, y }, longest.max(without), allowed);
                    let (row, sentinel) = (orders.row(machine as usize), orders.sentinel(machine as usize));
                    let place = orders.place[x as usize] as usize;
                    if machine != orders.machine[x as usize] {
                        other_machine(orders, x, (machine, duration), |k, longest| {
                            add(k.checked_sub(1).map_or(sentinel, |k| row[k]), longest);
                        });
                    } else if !(block.opens && block.closes) {
                        own.places(orders, x, |k, longest| {
                            if block.is_useful(place, k) {
                                add(k.checked_sub(1).map_or(sentinel, |before| row[before + usize::from(k > place)]), longest);
                            }
                        });
                    }
                }
            }
        }
    }
}

/// Operations of a critical path that follow one another on a machine.
struct Block {
    /// Places of the first and the last one.
    first: usize,
    last: usize,
    /// Whether the path begins with the block at time 0, and whether it ends with it and nothing follows.
    opens: bool,
    closes: bool,
}

impl Block {
    fn new(orders: &Orders, operations: &[Node], opens: bool, closes: bool) -> Self {
        let first = orders.place[operations[0] as usize] as usize;
        Self { first, last: first + operations.len() - 1, opens, closes }
    }

    /// Whether a move on the machine from one place to another can shorten the path: only if another operation is the first one of the
    /// block then, or the last one, and the path goes on there (Brucker, Jurisch and Sievers 1994).
    fn is_useful(&self, from: usize, to: usize) -> bool {
        let first = !self.opens && (to <= self.first || from == self.first);
        let last = !self.closes && (to >= self.last || from == self.last);
        from != to && (first || last)
    }
}

impl Found {
    fn clear(&mut self) {
        self.best.clear();
        self.forbidden.clear();
        self.least = i64::MAX;
    }

    fn add(&mut self, found: Move, estimate: i64, allowed: bool) {
        if !allowed {
            self.forbidden.push(found);
        } else if estimate <= self.least {
            if estimate < self.least {
                self.best.clear();
            }
            self.least = estimate;
            self.best.push(found);
        }
    }
}
