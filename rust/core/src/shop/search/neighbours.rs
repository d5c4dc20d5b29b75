//! The neighbourhood N7: moves of operations inside the blocks of one critical path (Zhang et al. 2007).

use super::orders::{Node, Orders, Shift};
use crate::random::Random;

/// A move, and a bound on the makespan after it.
#[derive(Debug, Clone, Copy)]
pub(super) struct Move {
    /// The operation that moves, and the one that it moves behind or ahead of.
    pub x: Node,
    pub y: Node,
    pub shift: Shift,
    /// The longest way through the operations that change places.
    pub estimate: i64,
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
        let start = orders.completion[x as usize] - orders.duration[x as usize];
        let (job, machine) = (x - 1, orders.before[x as usize]);
        let by_job = orders.is_operation(job) && orders.completion[job as usize] == start;
        let by_machine = orders.is_operation(machine) && orders.completion[machine as usize] == start;
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
/// the end of one that ends it with nothing behind.
pub(super) fn moves(orders: &Orders, path: &[Node], found: &mut Vec<Move>) {
    found.clear();
    let machine = |k: usize| orders.machine[path[k] as usize];
    let mut from = 0;
    while from < path.len() {
        let mut to = from + 1;
        while to < path.len() && machine(to) == machine(from) && orders.before[path[to] as usize] == path[to - 1] {
            to += 1;
        }
        let block = &path[from..to];
        let starts = orders.completion[path[0] as usize] == orders.duration[path[0] as usize];
        let ends = orders.tail[path[path.len() - 1] as usize + 1] == 0;
        let (opens, closes) = (from == 0 && starts, to == path.len() && ends);
        if block.len() == 2 {
            if !(opens && closes) {
                behind(orders, block, found);
            }
        } else if block.len() > 2 {
            let last = block.len() - 1;
            if !closes {
                (0..last).for_each(|k| behind(orders, &block[k..], found));
                (1..last).for_each(|k| ahead(orders, &block[k..], found));
            }
            if !opens {
                (1..=last).for_each(|k| ahead(orders, &block[..=k], found));
                (1..last).for_each(|k| behind(orders, &block[..=k], found));
            }
        }
        from = to;
    }
}

/// Adds the move of the first operation of a segment behind its last one, if that is safe.
fn behind(orders: &Orders, segment: &[Node], found: &mut Vec<Move>) {
    let (x, y) = (segment[0], segment[segment.len() - 1]);
    if y == x + 1 || orders.tail[y as usize] < orders.tail[x as usize + 1] {
        return;
    }
    let rest = &segment[1..];
    let order = rest.iter().copied().chain([x]);
    found.push(Move { x, y, shift: Shift::Behind, ..estimate(orders, order, segment) });
}

/// Adds the move of the last operation of a segment ahead of its first one, if that is safe.
fn ahead(orders: &Orders, segment: &[Node], found: &mut Vec<Move>) {
    let last = segment.len() - 1;
    let (x, y) = (segment[last], segment[0]);
    if y + 1 == x || orders.completion[y as usize] < orders.completion[x as usize - 1] {
        return;
    }
    let order = [x].into_iter().chain(segment[..last].iter().copied());
    found.push(Move { x, y, shift: Shift::Ahead, ..estimate(orders, order, segment) });
}

/// Longest way through a segment in a new order, with the heads and tails of all others as they are (Balas and Vazacopoulos 1998).
fn estimate(orders: &Orders, order: impl DoubleEndedIterator<Item = Node> + Clone, segment: &[Node]) -> Move {
    let (first, last) = (segment[0], segment[segment.len() - 1]);
    let mut heads = [0_i64; 64];
    let mut long = Vec::new();
    let heads = if segment.len() <= heads.len() {
        &mut heads[..segment.len()]
    } else {
        long.resize(segment.len(), 0);
        &mut long[..]
    };
    let mut head = orders.completion[orders.before[first as usize] as usize];
    for (x, slot) in order.clone().zip(heads.iter_mut()) {
        let arrival = head.max(orders.completion[x as usize - 1]);
        *slot = arrival;
        head = arrival + orders.duration[x as usize];
    }
    let (mut tail, mut longest) = (orders.tail[orders.behind[last as usize] as usize], 0);
    for (x, &arrival) in order.rev().zip(heads.iter().rev()) {
        tail = tail.max(orders.tail[x as usize + 1]) + orders.duration[x as usize];
        longest = longest.max(arrival + tail);
    }
    Move { x: first, y: last, shift: Shift::Behind, estimate: longest }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::shop::search::orders::Arrangement;
    use crate::shop::test_shops::random_classic;
    use proptest::prelude::*;

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
                let length: i64 = path.iter().map(|&x| orders.duration[x as usize]).sum();
                let begin = path.first().map_or(0, |&x| orders.completion[x as usize] - orders.duration[x as usize]);
                prop_assert_eq!(begin + length, orders.makespan);
                moves(&orders, &path, &mut found);
                for m in &found {
                    let (first, last) = if m.shift == Shift::Behind { (m.x, m.y) } else { (m.y, m.x) };
                    let segment = orders.between(first, last).to_vec();
                    let mut after = orders.clone();
                    prop_assert!(after.shift(m.x, m.y, m.shift));
                    let through = |&x: &Node| after.completion[x as usize] + after.tail[x as usize] - after.duration[x as usize];
                    let longest = segment.iter().map(through).max().unwrap();
                    // Heads and tails of neighbours in jobs only shrink; between two operations there are none that could.
                    prop_assert!(longest <= m.estimate && longest <= after.makespan);
                    prop_assert!(segment.len() > 2 || longest == m.estimate);
                }
                let Some(m) = found.first() else { break };
                prop_assert!(orders.shift(m.x, m.y, m.shift));
            }
        }
    }
}
