//! The one-machine problem with heads and tails where operations may be interrupted, `1 | r_j, q_j, pmtn | C_max`.

use std::collections::BinaryHeap;

/// An operation: the least time before it, its duration, and the least time behind it.
pub type Operation = (i64, i64, i64);

/// The least makespan: at each moment the operation of the longest tail runs (Jackson's rule; Carlier and Pinson 1989). Sorts the operations by
/// head. O(n log n).
pub fn preemptive(operations: &mut [Operation]) -> i64 {
    operations.sort_unstable();
    let mut waiting: BinaryHeap<(i64, i64)> = BinaryHeap::new(); // tail, rest
    let (mut clock, mut best, mut next) = (0_i64, 0_i64, 0);
    while next < operations.len() || !waiting.is_empty() {
        if waiting.is_empty() {
            clock = clock.max(operations[next].0);
        }
        while let Some(&(_, duration, tail)) = operations.get(next).filter(|operation| operation.0 <= clock) {
            waiting.push((tail, duration));
            next += 1;
        }
        let Some((tail, rest)) = waiting.pop() else { continue };
        let until = operations.get(next).map_or(i64::MAX, |operation| operation.0);
        let run = rest.min(until - clock);
        clock += run;
        if run < rest {
            waiting.push((tail, rest - run));
        } else {
            best = best.max(clock + tail);
        }
    }
    best
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn the_rule_of_jackson_is_as_good_as_the_best_subset(operations in prop::collection::vec((0_i64..12, 0_i64..6, 0_i64..12), 0..8)) {
            // The preemptive optimum is the largest of least head + work + least tail over all subsets (Carlier 1982).
            let subset = |set: u32| {
                let chosen = || operations.iter().zip(0..).filter(move |(_, k)| set >> k & 1 == 1).map(|(operation, _)| operation);
                let least = |of: fn(&(i64, i64, i64)) -> i64| chosen().map(of).min().unwrap_or(0);
                least(|o| o.0) + chosen().map(|o| o.1).sum::<i64>() + least(|o| o.2)
            };
            let expected = (1..1_u32 << operations.len()).map(subset).max().unwrap_or(0);
            prop_assert_eq!(preemptive(&mut operations.clone()), expected);
        }
    }
}
