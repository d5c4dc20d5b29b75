//! The neighbourhood of flexible shops: an operation of a critical path leaves its machine and goes to the best places of all machines
//! that it may take, its own included (Mastrolilli and Gambardella 2000).

use super::orders::{Node, Orders};
use super::tabu::Neighbourhood;
use crate::random::Random;

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
    /// The moves of least estimate.
    best: Vec<Move>,
    /// Moves that are forbidden, if all are.
    forbidden: Vec<Move>,
    row: Row,
}

/// The operations of a machine without one of them, with completions and tails as they are then.
#[derive(Debug, Default)]
struct Row {
    nodes: Vec<Node>,
    completion: Vec<i64>,
    tail: Vec<i64>,
}

impl Neighbourhood for Reassign {
    fn reset(&mut self) {
        self.until.fill(0);
    }

    fn advance(&mut self, orders: &mut Orders, path: &[Node], now: u64, random: &mut Random) -> bool {
        loop {
            self.find(orders, path, now);
            let (moves, allowed) = if self.best.is_empty() { (&mut self.forbidden, false) } else { (&mut self.best, true) };
            if moves.is_empty() {
                return false;
            }
            let Move { x, choice, y } = moves.swap_remove(random.below(moves.len() as u64) as usize);
            let choices = orders.choices(x);
            let (machine, duration) = choices[choice];
            let tenure = (path.len() + choices.len()) as u64;
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
        Self { until: vec![0; num_choices], best: Vec::new(), forbidden: Vec::new(), row: Row::default() }
    }

    /// Finds the moves of least estimate, and as long as there are none, those that are forbidden.
    fn find(&mut self, orders: &Orders, path: &[Node], now: u64) {
        let Self { until, best, forbidden, row, .. } = self;
        best.clear();
        forbidden.clear();
        let mut least = i64::MAX;
        for &x in path {
            let (stays, behind) = (orders.before[x as usize], orders.behind[x as usize]);
            let without = orders.completion[stays as usize] + orders.tail[behind as usize];
            if without > least {
                continue;
            }
            let until = &until[orders.first_choice(x)..];
            for (choice, &(machine, duration)) in orders.choices(x).iter().enumerate() {
                let allowed = until[choice] <= now;
                if !allowed && !best.is_empty() {
                    continue;
                }
                let sentinel = orders.sentinel(machine as usize);
                let mut add = |y: Node, longest: i64| {
                    let estimate = longest.max(without);
                    if !allowed {
                        forbidden.push(Move { x, choice, y });
                    } else if estimate <= least {
                        if estimate < least {
                            best.clear();
                        }
                        least = estimate;
                        best.push(Move { x, choice, y });
                    }
                };
                if machine == orders.machine[x as usize] {
                    row.without(orders, x);
                    let Row { nodes, completion, tail } = &*row;
                    places(
                        orders,
                        x,
                        (machine, duration),
                        nodes,
                        |k| completion[k],
                        |k| tail[k],
                        |k, longest| {
                            let y = k.checked_sub(1).map_or(sentinel, |k| nodes[k]);
                            if y != stays {
                                add(y, longest);
                            }
                        },
                    );
                } else {
                    let row = orders.row(machine as usize);
                    let completion = |k: usize| orders.completion[row[k] as usize];
                    let tail = |k: usize| orders.tail[row[k] as usize];
                    places(orders, x, (machine, duration), row, completion, tail, |k, longest| {
                        add(k.checked_sub(1).map_or(sentinel, |k| row[k]), longest);
                    });
                }
            }
        }
    }
}

/// Calls `found(k, longest)` for the places between operations `k - 1` and `k` of a row that may be the best ones for `x`, with the
/// longest way through `x` there.
///
/// All other places have a longer way, as the operation ahead of them completes later or the one behind them has a longer tail, or could
/// make a cycle.
fn places(
    orders: &Orders,
    x: Node,
    (machine, duration): (u32, i64),
    row: &[Node],
    completion: impl Fn(usize) -> i64,
    tail: impl Fn(usize) -> i64,
    mut found: impl FnMut(usize, i64),
) {
    let ready = orders.completion[orders.sentinel(machine as usize) as usize];
    let (head, rest) = (orders.completion[x as usize - 1], orders.tail[x as usize + 1]);
    let closes = if orders.is_operation(x + 1) { orders.completion[x as usize + 1] } else { i64::MAX };
    let (mut low, mut high) = (0, row.len());
    while low < high {
        let middle = usize::midpoint(low, high);
        (low, high) = if completion(middle) <= head { (middle + 1, high) } else { (low, middle) };
    }
    for k in low.. {
        let before = if k > 0 { completion(k - 1) } else { ready };
        let behind = if k < row.len() { tail(k) } else { 0 };
        found(k, head.max(before) + duration + rest.max(behind));
        if behind <= rest || k == row.len() || completion(k) - orders.duration[row[k] as usize] >= closes {
            break;
        }
    }
}

impl Row {
    /// The row of the machine of `x` without it.
    fn without(&mut self, orders: &Orders, x: Node) {
        let (row, place) = (orders.row(orders.machine[x as usize] as usize), orders.place[x as usize] as usize);
        self.nodes.clear();
        self.nodes.extend(row.iter().copied().filter(|&w| w != x));
        self.completion.clear();
        self.completion.extend(row[..place].iter().map(|&w| orders.completion[w as usize]));
        let ready = orders.completion[orders.sentinel(orders.machine[x as usize] as usize) as usize];
        let mut last = self.completion.last().copied().unwrap_or(ready);
        for &w in &self.nodes[place..] {
            last = last.max(orders.completion[w as usize - 1]) + orders.duration[w as usize];
            self.completion.push(last);
        }
        self.tail.clear();
        self.tail.extend(self.nodes.iter().map(|&w| orders.tail[w as usize]));
        let mut next = self.tail.get(place).copied().unwrap_or(0);
        for (&w, tail) in self.nodes[..place].iter().zip(&mut self.tail).rev() {
            next = next.max(orders.tail[w as usize + 1]) + orders.duration[w as usize];
            *tail = next;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::shop::search::neighbours::critical_path;
    use crate::shop::search::orders::Arrangement;
    use crate::shop::test_shops::random_flexible;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn places_are_feasible_and_no_other_place_looks_better(seed in any::<u64>()) {
            let mut random = Random::new(seed);
            let shop = random_flexible(&mut random, 1);
            let mut orders = Orders::new(&shop);
            let count = shop.num_operations();
            orders.load(&Arrangement { order: (0..count as u32).collect(), machine: vec![u32::MAX; count] });
            let mut search = Reassign::new(shop.data().machine.len());
            let mut path = Vec::new();
            for now in 0..10 {
                critical_path(&orders, &mut random, &mut path);
                for &x in &path {
                    for &(machine, duration) in orders.choices(x) {
                        let row: Vec<Node> = orders.row(machine as usize).iter().copied().filter(|&w| w != x).collect();
                        let at = |k: usize| if k == 0 { orders.sentinel(machine as usize) } else { row[k - 1] };
                        // The longest way through x at every place of the row, by making the move.
                        let exact: Vec<Option<i64>> = (0..=row.len())
                            .map(|k| {
                                let mut after = orders.clone();
                                let made = after.insert(x, machine, duration, at(k));
                                made.then(|| after.completion[x as usize] + after.tail[x as usize] - duration)
                            })
                            .collect();
                        let mut tried = Vec::new();
                        if machine == orders.machine[x as usize] {
                            search.row.without(&orders, x);
                        } else {
                            let of = |values: &[i64]| row.iter().map(|&w| values[w as usize]).collect();
                            search.row = Row { completion: of(&orders.completion), tail: of(&orders.tail), nodes: row.clone() };
                        }
                        let Row { nodes, completion, tail } = &search.row;
                        places(&orders, x, (machine, duration), nodes, |k| completion[k], |k| tail[k], |k, longest| tried.push((k, longest)));
                        let least = tried.iter().map(|place| place.1).min().unwrap();
                        for (k, exact) in exact.iter().enumerate() {
                            let before = if k > 0 { completion[k - 1] } else { 0 };
                            let behind = tail.get(k).copied().unwrap_or(0);
                            let head = orders.completion[x as usize - 1].max(before);
                            let longest = head + duration + orders.tail[x as usize + 1].max(behind);
                            if let Some(place) = tried.iter().find(|place| place.0 == k) {
                                prop_assert!(place.1 == longest && exact.is_some_and(|exact| exact <= longest));
                                continue;
                            }
                            // Behind an operation that starts after the next one of the job may be a cycle.
                            let next = x as usize + 1;
                            let late = k > 0 && orders.is_operation(next as Node) && {
                                let y = nodes[k - 1] as usize;
                                orders.completion[y] - orders.duration[y] >= orders.completion[next]
                            };
                            prop_assert!(exact.is_none() || longest >= least || late);
                        }
                    }
                }
                if !search.advance(&mut orders, &path, now + 1, &mut random) {
                    break;
                }
            }
        }
    }
}
