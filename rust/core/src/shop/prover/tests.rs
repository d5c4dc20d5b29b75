//! Bounds never exceed the optimum, and the prover finds it: enumeration of all orders on small random shops.

mod every_choice;
mod every_order;

use super::{Event, Prover};
use crate::random::Random;
use crate::shop::search::tests::optimum;
use crate::shop::test_shops::classic;
use crate::shop::{Schedule, Shop, ShopData, lower_bound};
use proptest::prelude::*;

const FT06: &str = "6 6\n2 1 0 3 1 6 3 7 5 3 4 6\n1 8 2 5 4 10 5 10 0 10 3 4\n2 5 3 4 5 8 0 9 1 1 4 7\n\
    1 5 0 5 2 5 3 3 4 8 5 9\n2 9 1 3 4 5 5 4 0 3 3 1\n1 3 3 3 5 9 0 10 4 4 2 1\n";
const LA05: &str = "10 5\n1 72 0 87 4 95 2 66 3 60\n4 5 3 35 0 48 2 39 1 54\n1 46 3 20 2 21 0 97 4 55\n0 59 3 19 4 46 1 34 2 37\n\
    4 23 2 73 3 25 1 24 0 28\n3 28 0 45 4 5 1 78 2 83\n0 53 3 71 1 37 4 29 2 12\n4 12 2 87 3 33 1 55 0 38\n\
    2 49 3 83 1 40 0 48 4 7\n2 65 3 17 0 90 4 27 1 23\n";

/// One job after the other.
fn in_a_row(shop: &Shop) -> Schedule {
    let mut schedule = Schedule::default();
    let (mut clock, mut last) = (0, vec![None; shop.num_machines()]);
    for op in 0..shop.num_operations() {
        let (job, (machine, duration)) = (shop.job(op), shop.choices(op).last().expect("it has a machine"));
        let way = schedule.machine.last().map_or(0, |&before| shop.transport(before as usize, machine));
        clock = clock.max(shop.release_time(job)) + shop.setup(machine, last[machine].replace(job), job).max(way);
        schedule.machine.push(machine as u32);
        schedule.start_time.push(clock);
        clock += duration;
        schedule.completion_time.push(clock);
    }
    schedule
}

/// The best schedule, by slices of so much effort.
fn proved(shop: &Shop, slice: u64, known_optimum: Option<i64>) -> Schedule {
    let mut best = in_a_row(shop);
    let mut prover = Prover::new(shop, &best, lower_bound(shop)).expect("it is small");
    if slice.is_multiple_of(2) {
        prover.raise(|| false);
    }
    for _ in 0..1_000_000 {
        assert!(
            known_optimum.is_none_or(|optimum| prover.lower_bound() <= optimum),
            "{} {known_optimum:?}",
            prover.lower_bound()
        );
        match prover.run(prover.work() + slice, |_| false) {
            Event::Paused => {}
            Event::Better(schedule) => {
                assert!(schedule.makespan() < best.makespan());
                assert_eq!(every_order::violations(shop, &schedule), []);
                prover.improve(&schedule);
                best = schedule;
            }
            Event::Proved => {
                assert_eq!(prover.lower_bound(), best.makespan());
                return best;
            }
        }
    }
    panic!("no proof");
}

/// Jobs that pass every machine once in any order, or as many machines drawn with repeats.
fn routes((n, m): (i64, i64), visits: bool, duration: impl Fn(&mut Random) -> i64, random: &mut Random) -> ShopData {
    let mut data = ShopData { job_start: vec![0], choice_start: vec![0], num_machines: m as usize, ..ShopData::default() };
    for _ in 0..n {
        let mut machines: Vec<i64> = (0..m).collect();
        random.shuffle(&mut machines);
        for machine in machines {
            data.machine.push(if visits { random.between(0, m - 1) } else { machine });
            data.duration.push(duration(random));
            data.choice_start.push(data.machine.len());
        }
        data.job_start.push(data.machine.len());
    }
    data
}

/// A small job shop: some jobs are released late, some durations are zero, routes may come back to a machine.
fn small(seed: u64) -> Shop {
    let mut random = Random::new(seed);
    let (n, m) = [(2, 4), (3, 3), (4, 2), (5, 2), (7, 1), (6, 1)][random.below(6) as usize];
    let visits = seed.is_multiple_of(3);
    let least = i64::from(!seed.is_multiple_of(5));
    let scale = [1, 1, 7][random.below(3) as usize];
    let mut data = routes((n, m), visits, |random| scale * random.between(least, 9), &mut random);
    if seed.is_multiple_of(2) {
        data.release_time = (0..n).map(|_| scale * random.between(0, 12)).collect();
    }
    Shop::new(data).expect("valid")
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(4000))]
    #[test]
    fn proofs_agree_with_trying_everything(seed in any::<u64>(), slice in 1_u64..300) {
        let shop = small(seed);
        let best = optimum(&shop);
        prop_assert!(lower_bound(&shop) <= best);
        prop_assert_eq!(proved(&shop, slice, Some(best)).makespan(), best);
    }
}

#[test]
fn published_optima_are_proved() {
    assert_eq!(proved(&classic(FT06), 1_000, Some(55)).makespan(), 55);
    assert_eq!(proved(&classic(LA05), 1_000, Some(593)).makespan(), 593);
}

#[test]
fn short_operations_in_a_long_horizon_take_no_longer() {
    // Cycles of operations of length 1, beside one of 100 million.
    let mut random = Random::new(5);
    for _ in 0..20 {
        let mut data = ShopData { job_start: vec![0], choice_start: vec![0], num_machines: 4, ..ShopData::default() };
        for job in 0..6 {
            let mut machines: Vec<i64> = (0..4).collect();
            random.shuffle(&mut machines);
            for machine in machines {
                data.machine.push(machine);
                data.duration.push(if job == 0 { 100_000_000 } else { random.between(1, 3) });
                data.choice_start.push(data.machine.len());
            }
            data.job_start.push(data.machine.len());
        }
        let shop = Shop::new(data).expect("valid");
        assert!(proved(&shop, 1_000, None).makespan() >= 400_000_000);
    }
}

#[test]
fn shops_that_it_does_not_know_are_refused() {
    let data = ShopData {
        job_start: vec![0, 1],
        choice_start: vec![0, 2],
        machine: vec![0, 1],
        duration: vec![2, 3],
        num_machines: 2,
        ..ShopData::default()
    };
    let ways = Shop::new(ShopData { transport: vec![0, 1, 1, 0], ..data }).expect("valid");
    assert!(Prover::new(&ways, &in_a_row(&ways), 2).is_none());
    let none =
        Shop::new(ShopData { job_start: vec![0], choice_start: vec![0], num_machines: 1, ..ShopData::default() }).expect("valid");
    assert!(Prover::new(&none, &Schedule::default(), 0).is_none());
}
