//! Machines for all operations of a flexible shop, so that the busiest machine has little to do.
//!
//! A machine has a price, and each operation takes the machine on which its duration costs least. Prices of machines with more than the
//! mean work rise, the others fall: the multiplicative way to the best fractional assignment (Plotkin, Shmoys, Tardos 1995).

use crate::shop::Shop;
use crate::shop::problem::ShopData;

/// Rounds of prices.
const ROUNDS: u32 = 300;

/// The shop in which every operation has one machine left.
pub(super) fn with_one_machine_each(shop: &Shop) -> Shop {
    let choice = balanced(shop);
    let data = shop.data();
    let fixed = ShopData {
        job_start: data.job_start.clone(),
        choice_start: (0..=shop.num_operations()).collect(),
        machine: choice.iter().map(|&k| data.machine[k]).collect(),
        duration: choice.iter().map(|&k| data.duration[k]).collect(),
        num_machines: data.num_machines,
        release_time: data.release_time.clone(),
        ..ShopData::default()
    };
    Shop::new(fixed).expect("a shop with fewer choices is a shop")
}

/// The choice of each operation in the round with the least work on the busiest machine. O(rounds x choices).
fn balanced(shop: &Shop) -> Vec<usize> {
    let data = shop.data();
    let mut price = vec![1.0; shop.num_machines()];
    let mut best = (i64::MAX, Vec::new());
    for round in 0..ROUNDS {
        let mut load = vec![0_i64; shop.num_machines()];
        let choose = |range: &[usize]| {
            let cost = |k: usize| data.duration[k] as f64 * price[data.machine[k] as usize];
            let chosen = (range[0]..range[1]).min_by(|&a, &b| cost(a).total_cmp(&cost(b)));
            chosen.expect("an operation has a machine")
        };
        let choice: Vec<usize> = data.choice_start.windows(2).map(choose).collect();
        for &k in &choice {
            load[data.machine[k] as usize] += data.duration[k];
        }
        let (most, sum) = (load.iter().max().copied().unwrap_or(0), load.iter().sum::<i64>());
        if most < best.0 {
            best = (most, choice);
        }
        let mean = (sum as f64 / load.len().max(1) as f64).max(1.0);
        let rate = 0.3 / (1.0 + 0.1 * f64::from(round));
        for (price, &load) in price.iter_mut().zip(&load) {
            *price *= 1.0 + rate * (load as f64 / mean - 1.0).min(1.0);
        }
    }
    best.1
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::Random;
    use crate::shop::test_shops::random_flexible;

    #[test]
    fn each_operation_takes_one_of_its_machines_and_loads_are_near_the_best() {
        let mut apart = 0.0;
        for seed in 0..60 {
            let shop = random_flexible(&mut Random::new(seed), 1);
            let fixed = with_one_machine_each(&shop);
            let mut load = vec![0; shop.num_machines()];
            for op in 0..shop.num_operations() {
                let (machine, duration) = fixed.choices(op).next().unwrap();
                assert!(shop.choices(op).any(|choice| choice == (machine, duration)));
                load[machine] += duration;
            }
            let least = least_load(&shop, 0, &mut vec![0; shop.num_machines()], i64::MAX);
            let most = load.into_iter().max().unwrap();
            assert!(most >= least);
            apart += most as f64 / least as f64 - 1.0;
        }
        assert!(apart / 60.0 < 0.1, "{apart}");
    }

    /// The least work of the busiest machine, by trying every choice.
    fn least_load(shop: &Shop, op: usize, load: &mut Vec<i64>, best: i64) -> i64 {
        let most = load.iter().max().copied().unwrap();
        if op == shop.num_operations() || most >= best {
            return most.min(best);
        }
        shop.choices(op).fold(best, |best, (machine, duration)| {
            load[machine] += duration;
            let found = least_load(shop, op + 1, load, best);
            load[machine] -= duration;
            found
        })
    }
}
