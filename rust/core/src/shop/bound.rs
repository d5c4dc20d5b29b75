//! Lower bounds of the makespan.

use super::problem::Shop;

/// A bound that no schedule's makespan is below.
///
/// It is the largest of these: for each job its release and its work; for each machine the preemptive one-machine bound of the operations
/// that have no other machine (Carlier and Pinson 1989), with what their jobs need before and after them; and the work of all operations,
/// spread evenly over all machines. O(N log N).
///
/// ```
/// use schedkit_core::shop::{Shop, ShopData, lower_bound};
/// let data = ShopData { job_start: vec![0, 1, 2], choice_start: vec![0, 1, 2], machine: vec![0, 0], duration: vec![5, 2], ..ShopData::default() };
/// assert_eq!(lower_bound(&Shop::new(ShopData { num_machines: 1, ..data })?), 7);
/// # Ok::<(), schedkit_core::InputError>(())
/// ```
#[must_use]
pub fn lower_bound(shop: &Shop) -> i64 {
    let jobs = (0..shop.num_jobs()).filter(|&j| !shop.operations(j).is_empty());
    let longest = jobs.clone().map(|j| shop.release_time(j) + shop.total_work(j)).max().unwrap_or(0);
    let mut on_machine: Vec<Vec<(i64, i64, i64)>> = vec![Vec::new(); shop.num_machines()];
    for op in 0..shop.num_operations() {
        let mut choices = shop.choices(op);
        if choices.len() == 1
            && let Some((machine, duration)) = choices.next()
        {
            let job = shop.job(op);
            let head = shop.release_time(job) + shop.total_work(job) - shop.remaining_work(op);
            on_machine[machine].push((head, duration, shop.remaining_work(op) - duration));
        }
    }
    let busiest = on_machine.iter_mut().map(|operations| preemptive(operations)).max().unwrap_or(0);
    let earliest = jobs.clone().map(|j| shop.release_time(j)).min().unwrap_or(0);
    let work: i64 = jobs.map(|j| shop.total_work(j)).sum();
    let even = earliest + work.unsigned_abs().div_ceil(shop.num_machines().max(1) as u64) as i64;
    longest.max(busiest).max(even)
}

/// The least makespan of operations `(head, duration, tail)` on one machine that may be interrupted: at each moment the one of the longest
/// tail runs (Jackson's rule).
fn preemptive(operations: &mut [(i64, i64, i64)]) -> i64 {
    operations.sort_unstable();
    let mut waiting: std::collections::BinaryHeap<(i64, i64)> = std::collections::BinaryHeap::new(); // tail, rest
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
    use crate::shop::test_shops::classic;
    use proptest::prelude::*;

    #[test]
    fn bounds_of_a_published_shop() {
        // ft06: the longest job is 47 (in the data file); the optimum is 55.
        let ft06 = "6 6\n2 1 0 3 1 6 3 7 5 3 4 6\n1 8 2 5 4 10 5 10 0 10 3 4\n2 5 3 4 5 8 0 9 1 1 4 7\n\
            1 5 0 5 2 5 3 3 4 8 5 9\n2 9 1 3 4 5 5 4 0 3 3 1\n1 3 3 3 5 9 0 10 4 4 2 1\n";
        assert!((47..=55).contains(&lower_bound(&classic(ft06))));
    }

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
