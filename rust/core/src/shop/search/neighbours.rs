//! The neighbourhood N7: moves of operations inside the blocks of one critical path (Zhang et al. 2007).

use super::orders::{Node, Orders, Shift};
use crate::random::Random;

/// A move: the operation that moves, and the one that it moves behind or ahead of.
#[derive(Debug, Clone, Copy)]
pub(super) struct Move {
    pub x: Node,
    pub y: Node,
    pub shift: Shift,
}

/// One critical path, drawn at random, from its first to its last operation.
pub(super) fn critical_path(orders: &Orders, random: &mut Random, path: &mut Vec<Node>) {
    path.clear();
    let ends = orders.last().iter().copied().filter(|&x| orders.end(x) == orders.makespan);
    let mut chosen = None;
    for (k, x) in ends.enumerate() {
        if k == 0 || random.below(k as u64 + 1) == 0 {
            chosen = Some(x);
        }
    }
    let Some(mut x) = chosen else { return };
    loop {
        path.push(x);
        let start = orders.nodes[x as usize].completion - orders.nodes[x as usize].duration;
        let (job, machine) = (x - 1, orders.nodes[x as usize].before);
        let by_job = orders.is_operation(job) && orders.nodes[job as usize].completion == start;
        let by_machine = orders.is_operation(machine) && orders.nodes[machine as usize].completion == start;
        x = match (by_job, by_machine) {
            (true, true) => [job, machine][(random.next_u64() >> 63) as usize],
            (true, false) => job,
            (false, true) => machine,
            (false, false) => break,
        };
    }
    path.reverse();
}

/// All moves of N7 on a critical path: inner operations of a block to its begin and its end, the first and the last one into it.
///
/// A move is left out if it may make a cycle, or cannot shorten the path: to the begin of a block that starts the path at time 0, and to
/// the end of one that ends it with nothing behind. Two neighbours can only change places, which is found once.
pub(super) fn moves(orders: &Orders, path: &[Node], found: &mut Vec<Move>) {
    found.clear();
    let machine = |k: usize| orders.machine[path[k] as usize];
    let mut from = 0;
    while from < path.len() {
        let mut to = from + 1;
        while to < path.len() && machine(to) == machine(from) && orders.nodes[path[to] as usize].before == path[to - 1] {
            to += 1;
        }
        let block = &path[from..to];
        let starts = orders.nodes[path[0] as usize].completion == orders.nodes[path[0] as usize].duration;
        let ends = orders.nodes[path[path.len() - 1] as usize + 1].tail == 0;
        let (opens, closes) = (from == 0 && starts, to == path.len() && ends);
        if block.len() == 2 {
            if !(opens && closes) {
                behind(orders, block, found);
            }
        } else if block.len() > 2 {
            let last = block.len() - 1;
            if !closes {
                (0..last).for_each(|k| behind(orders, &block[k..], found));
                (1..last - 1).for_each(|k| ahead(orders, &block[k..], found));
            }
            if !opens {
                (1..=last).for_each(|k| ahead(orders, &block[..=k], found));
                (2..last).for_each(|k| behind(orders, &block[..=k], found));
            }
        }
        from = to;
    }
}

/// Adds the move of the first operation of a segment behind its last one, if that is safe.
fn behind(orders: &Orders, segment: &[Node], found: &mut Vec<Move>) {
    let (x, y) = (segment[0], segment[segment.len() - 1]);
    if y != x + 1 && orders.nodes[y as usize].tail >= orders.nodes[x as usize + 1].tail {
        found.push(Move { x, y, shift: Shift::Behind });
    }
}

/// Adds the move of the last operation of a segment ahead of its first one, if that is safe.
fn ahead(orders: &Orders, segment: &[Node], found: &mut Vec<Move>) {
    let (x, y) = (segment[segment.len() - 1], segment[0]);
    if y + 1 != x && orders.nodes[y as usize].completion >= orders.nodes[x as usize - 1].completion {
        found.push(Move { x, y, shift: Shift::Ahead });
    }
}

impl Move {
    /// The first and the last one of the operations that change places.
    #[inline]
    pub fn ends(&self) -> (Node, Node) {
        if self.shift == Shift::Behind { (self.x, self.y) } else { (self.y, self.x) }
    }

    /// Longest way through the operations that change places, with the heads and tails of all others as they are (Balas and Vazacopoulos
    /// 1998); any larger number than `most` if it is longer than that.
    ///
    /// A way comes in to one of them and leaves from the same one or a later one, so heads alone tell its length.
    #[inline]
    pub fn estimate(&self, orders: &Orders, most: i64) -> i64 {
        let (first, last) = self.ends();
        let mut head = orders.nodes[orders.nodes[first as usize].before as usize].completion;
        let mut longest = 0;
        let mut pass = |w: Node| {
            head = head.max(orders.nodes[w as usize - 1].completion) + orders.nodes[w as usize].duration;
            longest = longest.max(head + orders.nodes[w as usize + 1].tail);
            longest <= most
        };
        let segment = orders.between(first, last);
        let short = match self.shift {
            Shift::Behind => segment[1..].iter().all(|&w| pass(w)) && pass(self.x),
            Shift::Ahead => pass(self.x) && segment[..segment.len() - 1].iter().all(|&w| pass(w)),
        };
        if short { longest.max(head + orders.nodes[orders.nodes[last as usize].behind as usize].tail) } else { longest }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::shop::search::orders::Arrangement;
    use crate::shop::test_shops::random_classic;
    use proptest::prelude::*;

    /// The longest way through the operations that change places, from the heads and tails of each.
    fn longest_through(orders: &Orders, m: &Move, segment: &[Node]) -> i64 {
        let mut order: Vec<usize> = segment.iter().map(|&w| w as usize).filter(|&w| w != m.x as usize).collect();
        order.insert(if m.shift == Shift::Behind { order.len() } else { 0 }, m.x as usize);
        let mut head = orders.nodes[orders.nodes[segment[0] as usize].before as usize].completion;
        let heads: Vec<i64> = order
            .iter()
            .map(|&w| {
                let start = head.max(orders.nodes[w - 1].completion);
                head = start + orders.nodes[w].duration;
                start
            })
            .collect();
        let mut tail = orders.nodes[orders.nodes[segment[segment.len() - 1] as usize].behind as usize].tail;
        let through = order.iter().zip(heads).rev().map(|(&w, head)| {
            tail = tail.max(orders.nodes[w + 1].tail) + orders.nodes[w].duration;
            head + tail
        });
        through.max().unwrap()
    }

    proptest! {
        #[test]
        fn moves_are_feasible_and_no_way_through_them_is_longer_than_estimated(seed in any::<u64>()) {
            let mut random = Random::new(seed);
            let shop = random_classic(&mut random, 1);
            let mut orders = Orders::new(&shop);
            let mut all: Vec<u32> = (0..shop.num_operations() as u32).collect();
            all.sort_by_key(|&op| op as usize - shop.operations(shop.job(op as usize)).start);
            orders.load(&Arrangement { machine: vec![u32::MAX; all.len()], order: all });
            let (mut path, mut found) = (Vec::new(), Vec::new());
            for _ in 0..10 {
                critical_path(&orders, &mut random, &mut path);
                let length: i64 = path.iter().map(|&x| orders.nodes[x as usize].duration).sum();
                let begin = path.first().map_or(0, |&x| orders.nodes[x as usize].completion - orders.nodes[x as usize].duration);
                prop_assert_eq!(begin + length, orders.makespan);
                moves(&orders, &path, &mut found);
                for m in &found {
                    let (first, last) = m.ends();
                    let segment = orders.between(first, last).to_vec();
                    let estimate = m.estimate(&orders, i64::MAX);
                    prop_assert_eq!(estimate, longest_through(&orders, m, &segment));
                    for most in [estimate - 1, estimate, estimate + 1] {
                        let bounded = m.estimate(&orders, most);
                        prop_assert!(bounded == estimate || (bounded > most && estimate > most));
                    }
                    let mut after = orders.clone();
                    prop_assert!(after.shift(m.x, m.y, m.shift));
                    let through = |&x: &Node| after.nodes[x as usize].completion + after.nodes[x as usize].tail - after.nodes[x as usize].duration;
                    let longest = segment.iter().map(through).max().unwrap();
                    // Heads and tails of neighbours in jobs only shrink; between two operations there are none that could.
                    prop_assert!(longest <= estimate && longest <= after.makespan);
                    prop_assert!(segment.len() > 2 || longest == estimate);
                }
                let Some(m) = found.first() else { break };
                prop_assert!(orders.shift(m.x, m.y, m.shift));
            }
        }
    }
}
