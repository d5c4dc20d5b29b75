use super::*;
use crate::shop::test_shops::{judged, random_classic, random_flexible};
use proptest::prelude::*;
use std::time::Duration;

/// The least makespan over all machines and orders in which operations can be placed one behind the other.
fn best_of_all(shop: &Shop, next: &mut [usize], ready: &mut [i64], free: &mut [i64], makespan: i64, best: &mut i64) {
    if makespan >= *best {
        return;
    }
    let mut done = true;
    for job in 0..next.len() {
        if next[job] == shop.operations(job).end {
            continue;
        }
        done = false;
        for (machine, duration) in shop.choices(next[job]) {
            let before = (ready[job], free[machine]);
            let end = before.0.max(before.1) + duration;
            (ready[job], free[machine], next[job]) = (end, end, next[job] + 1);
            best_of_all(shop, next, ready, free, makespan.max(end), best);
            (ready[job], free[machine], next[job]) = (before.0, before.1, next[job] - 1);
        }
    }
    if done {
        *best = makespan;
    }
}

/// The least makespan, by trying everything.
pub(in crate::shop) fn optimum(shop: &Shop) -> i64 {
    let mut next: Vec<usize> = (0..shop.num_jobs()).map(|job| shop.operations(job).start).collect();
    let mut ready: Vec<i64> = (0..shop.num_jobs()).map(|job| shop.release_time(job)).collect();
    let mut best = i64::MAX;
    best_of_all(shop, &mut next, &mut ready, &mut vec![0; shop.num_machines()], 0, &mut best);
    best
}

fn searched(shop: &Shop, limits: &Limits, threads: usize) -> Solution {
    let stop = Stop::new(limits);
    let mut watch = Watch::new(&stop);
    let found = solve(shop, None, limits, 7, threads, &mut watch).unwrap();
    judged(shop, &found.schedule);
    // Every step has a better schedule or a higher bound.
    let steps: Vec<(i64, i64)> = watch.history.iter().map(|step| (step.objective, -step.lower_bound)).collect();
    let better = |pair: &[(i64, i64)]| pair[1] < pair[0] && pair[1].1 <= pair[0].1;
    assert!(steps.windows(2).all(better), "{steps:?}");
    assert_eq!(steps.last().map(|step| step.0), Some(found.schedule.makespan()));
    assert!(steps.iter().all(|step| -step.1 <= found.lower_bound));
    assert_eq!(found.status == Status::Optimal, found.lower_bound == found.schedule.makespan());
    found
}

proptest! {
    #[test]
    fn small_shops_reach_the_optimum(seed in any::<u64>()) {
        let mut random = Random::new(seed);
        let shop = random_classic(&mut random, 0);
        if shop.num_operations() > 9 {
            return Ok(()); // too many orders to try all
        }
        let found = searched(&shop, &Limits { budget: Some(3_000), ..Limits::default() }, 1);
        let best = optimum(&shop);
        prop_assert!(found.lower_bound <= best);
        prop_assert_eq!(found.schedule.makespan(), best);
    }

    #[test]
    fn small_flexible_shops_reach_the_optimum(seed in any::<u64>()) {
        let shop = random_flexible(&mut Random::new(seed), 0);
        if shop.num_operations() > 7 {
            return Ok(()); // too many machines and orders to try all
        }
        let found = searched(&shop, &Limits { budget: Some(3_000), ..Limits::default() }, 1);
        let best = optimum(&shop);
        prop_assert!(found.lower_bound <= best);
        prop_assert_eq!(found.schedule.makespan(), best);
    }

    #[test]
    fn equal_seeds_and_budgets_give_equal_answers(seed in any::<u64>()) {
        let mut random = Random::new(seed);
        let shop = if seed % 2 == 0 { random_classic(&mut random, 1) } else { random_flexible(&mut random, 1) };
        let limits = Limits { budget: Some(500), ..Limits::default() };
        let first = searched(&shop, &limits, 1);
        prop_assert!(first.num_moves <= 500);
        prop_assert_eq!(first, searched(&shop, &limits, 3));
    }
}

#[test]
fn every_thread_stops_at_the_limit_of_time() {
    let shop = random_classic(&mut Random::new(1), 1);
    let limits = Limits { time: Some(Duration::from_millis(20)), ..Limits::default() };
    searched(&shop, &limits, 3);
    limits.cancel.cancel();
    assert_eq!(searched(&shop, &limits, 3).num_moves, 0);
}
