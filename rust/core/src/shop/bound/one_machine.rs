//! The one-machine problem with heads and tails, `1 | r_j, q_j | C_max`, by the tree search of Carlier (1982).

use super::preemptive::{Operation, preemptive};
use std::collections::BinaryHeap;

/// What Schrage's schedule shows: its makespan, and, unless that is the least one, the operation of the critical block whose order
/// against the others behind it is to be decided, with these.
struct Schrage {
    makespan: i64,
    open: Option<(usize, Vec<usize>)>,
}

/// At each moment of rest the operation of the longest tail starts, of those that are there; ties by index. O(n log n).
fn schrage(operations: &[Operation]) -> Schrage {
    let mut by_head: Vec<usize> = (0..operations.len()).collect();
    by_head.sort_by_key(|&k| operations[k].0);
    let mut waiting: BinaryHeap<(i64, std::cmp::Reverse<usize>)> = BinaryHeap::new();
    let (mut clock, mut next, mut block) = (i64::MIN, 0, 0);
    let mut order: Vec<usize> = Vec::with_capacity(operations.len());
    let (mut makespan, mut critical) = (i64::MIN, (0, 0));
    while next < by_head.len() || !waiting.is_empty() {
        if waiting.is_empty() && operations[by_head[next]].0 > clock {
            (clock, block) = (operations[by_head[next]].0, order.len());
        }
        while next < by_head.len() && operations[by_head[next]].0 <= clock {
            waiting.push((operations[by_head[next]].2, std::cmp::Reverse(by_head[next])));
            next += 1;
        }
        let Some((tail, std::cmp::Reverse(k))) = waiting.pop() else { continue };
        order.push(k);
        clock += operations[k].1;
        if clock + tail > makespan {
            (makespan, critical) = (clock + tail, (block, order.len()));
        }
    }
    let path = &order[critical.0..critical.1];
    let Some(&last) = path.last() else { return Schrage { makespan: 0, open: None } };
    let split = path.iter().rposition(|&k| operations[k].2 < operations[last].2);
    Schrage { makespan, open: split.map(|at| (path[at], path[at + 1..].to_vec())) }
}

/// The least makespan, or a bound that it is not below: the larger one of `floor` and the preemptive makespan, if the optimum is not above `floor`
/// or if `steps`, from which the work is taken, runs out. A node takes O(n log n).
pub fn one_machine(operations: &[Operation], floor: i64, steps: &mut u64) -> i64 {
    let relaxed = preemptive(&mut operations.to_vec()).max(floor);
    let mut best = i64::MAX;
    let mut nodes = vec![operations.to_vec()];
    while let Some(mut node) = nodes.pop() {
        let cost = node.len() as u64 + 1;
        if *steps < cost {
            return relaxed;
        }
        *steps -= cost;
        if preemptive(&mut node.clone()) >= best {
            continue;
        }
        let Schrage { makespan, open } = schrage(&node);
        best = best.min(makespan);
        if best <= relaxed {
            return relaxed;
        }
        let Some((k, behind)) = open else { continue };
        let head = behind.iter().map(|&j| node[j].0).min().unwrap_or(0);
        let tail = behind.iter().map(|&j| node[j].2).min().unwrap_or(0);
        let work: i64 = behind.iter().map(|&j| node[j].1).sum();
        if head + work + tail >= best {
            continue;
        }
        let mut last = node.clone();
        last[k].0 = last[k].0.max(head + work);
        node[k].2 = node[k].2.max(work + tail);
        nodes.extend([last, node]);
    }
    best
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// The least makespan over all orders.
    fn best_of_all(operations: &[Operation], clock: i64, taken: u32, makespan: i64) -> i64 {
        let free = (0..operations.len()).filter(|k| taken >> k & 1 == 0);
        free.map(|k| {
            let (head, duration, tail) = operations[k];
            let end = clock.max(head) + duration;
            best_of_all(operations, end, taken | 1 << k, makespan.max(end + tail))
        })
        .min()
        .unwrap_or(makespan)
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(2000))]
        #[test]
        fn the_tree_finds_the_best_order(operations in prop::collection::vec((0_i64..20, 0_i64..9, 0_i64..20), 1..7), floor in 0_i64..60) {
            let best = best_of_all(&operations, 0, 0, 0);
            prop_assert_eq!(one_machine(&operations, 0, &mut 1_000_000), best);
            prop_assert_eq!(one_machine(&operations, floor, &mut 1_000_000), best.max(floor));
            for mut steps in [0, 8, 20] {
                let bound = one_machine(&operations, 0, &mut steps);
                prop_assert!(bound <= best && bound >= preemptive(&mut operations.clone()));
            }
        }
    }

    #[test]
    fn the_example_of_carlier() {
        // Seven operations of Carlier (1982), with the optimum given there.
        let operations = [(10, 5, 7), (13, 6, 26), (11, 7, 24), (20, 4, 21), (30, 3, 8), (0, 6, 17), (30, 2, 0)];
        assert_eq!(one_machine(&operations, 0, &mut 1_000), 50);
    }
}
