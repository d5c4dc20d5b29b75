//! Shops whose operations choose among machines, against all choices and all orders.

use super::every_order::best_of_all;
use super::{lower_bound, proved};
use crate::random::Random;
use crate::shop::search::tests::optimum;
use crate::shop::{Blocking, Shop, ShopData};
use proptest::prelude::*;

/// Shops with more choices in all are not enumerated.
const MOST_CHOICES: usize = 64;

/// A small shop, of so many operations at most, in which jobs have release times, routes may come back to a machine, and operations may take
/// no time. Durations are the same on all machines, or are not.
fn small(seed: u64, most: i64) -> ShopData {
    let mut random = Random::new(seed);
    let (jobs, machines) = (random.between(1, 4), random.between(2, 4));
    let scale = [1, 1, 7][random.below(3) as usize];
    let mut data = ShopData { job_start: vec![0], choice_start: vec![0], num_machines: machines as usize, ..ShopData::default() };
    for _ in 0..jobs {
        for _ in 0..random.between(1, (most / jobs).clamp(1, 4)) {
            let mut order: Vec<i64> = (0..machines).collect();
            random.shuffle(&mut order);
            let own = random.between(seed as i64 & 1, 9);
            for &machine in &order[..random.between(1, machines) as usize] {
                data.machine.push(machine);
                data.duration.push(scale * if seed & 2 > 0 { own } else { random.between(seed as i64 & 1, 9) });
            }
            data.choice_start.push(data.machine.len());
        }
        data.job_start.push(data.choice_start.len() - 1);
    }
    if seed & 4 > 0 {
        data.release_time = (0..jobs).map(|_| scale * random.between(0, 12)).collect();
    }
    data
}

/// The shop in which each operation has one of its machines, for every choice; nothing if there are too many.
fn every_choice(data: &ShopData) -> Vec<Shop> {
    let mut chosen: Vec<Vec<usize>> = vec![Vec::new()];
    for range in data.choice_start.windows(2) {
        chosen = chosen.iter().flat_map(|picks| (range[0]..range[1]).map(|k| [picks.clone(), vec![k]].concat())).collect();
        if chosen.len() > MOST_CHOICES {
            return Vec::new();
        }
    }
    let fixed = |picks: Vec<usize>| {
        let of = |column: &[i64]| picks.iter().map(|&k| column[k]).collect();
        let (machine, duration) = (of(&data.machine), of(&data.duration));
        Shop::new(ShopData { machine, duration, choice_start: (0..=picks.len()).collect(), ..data.clone() }).expect("valid")
    };
    chosen.into_iter().map(fixed).collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(120))]
    #[test]
    fn proofs_agree_with_trying_all_machines(seed in any::<u64>(), slice in 1_u64..300) {
        let shop = Shop::new(small(seed, 7)).expect("valid");
        let best = optimum(&shop);
        prop_assert!(lower_bound(&shop) <= best);
        prop_assert_eq!(proved(&shop, slice, Some(best)).makespan(), best);
    }

    #[test]
    fn proofs_of_blocking_shops_agree_with_all_choices(seed in any::<u64>(), slice in 1_u64..300) {
        let mut data = small(seed, 7);
        data.blocking = if seed & 8 > 0 { Blocking::Swap } else { Blocking::NoSwap };
        if seed & 8 == 0 {
            data.duration.iter_mut().for_each(|duration| *duration = (*duration).max(1));
        }
        let shops = every_choice(&data);
        let values: Vec<Option<i64>> = shops.iter().map(best_of_all).collect();
        if values.is_empty() || values.contains(&None) {
            return Ok(()); // too many to try all
        }
        let best = values.into_iter().flatten().min().expect("there is one");
        prop_assert_eq!(proved(&Shop::new(data).expect("valid"), slice, Some(best)).makespan(), best);
    }
}
