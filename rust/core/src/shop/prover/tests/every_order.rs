//! Shops that block, or have setups and transport, against all orders on all machines, each with the earliest times that it has.

use super::{proved, routes};
use crate::check::{ShopClaim, Violation, check_shop};
use crate::random::Random;
use crate::shop::{Blocking, Schedule, Shop, ShopData};
use proptest::prelude::*;

/// Shops with more orders in all are not enumerated.
const MOST_ORDERS: u64 = 3_000;

/// What the checker finds, which shares no code with the prover.
pub(super) fn violations(shop: &Shop, schedule: &Schedule) -> Vec<Violation> {
    let operation: Vec<i64> = (0..shop.num_operations() as i64).collect();
    let machine: Vec<i64> = schedule.machine.iter().map(|&machine| i64::from(machine)).collect();
    let (start, end) = (&schedule.start_time, &schedule.completion_time);
    check_shop(shop.data(), &ShopClaim { operation: &operation, machine: &machine, start, end, ..ShopClaim::default() })
}

/// The earliest times of all operations, where operations follow each other on machines as given; `None` if there are none.
fn earliest(shop: &Shop, orders: &[Vec<usize>]) -> Option<Schedule> {
    let count = shop.num_operations();
    let of = |op: usize| shop.choices(op).next().unwrap();
    // From the start of the first one to that of the second one.
    let mut arcs: Vec<(usize, usize, i64)> = Vec::new();
    let mut schedule = Schedule { machine: (0..count).map(|op| of(op).0 as u32).collect(), ..Schedule::default() };
    schedule.start_time = (0..count).map(|op| shop.release_time(shop.job(op))).collect();
    let has_next = |op: usize| op + 1 < count && shop.job(op + 1) == shop.job(op);
    for op in (0..count).filter(|&op| has_next(op)) {
        arcs.push((op, op + 1, of(op).1 + shop.transport(of(op).0, of(op + 1).0)));
    }
    for (machine, order) in orders.iter().enumerate() {
        if let Some(&first) = order.first() {
            schedule.start_time[first] = schedule.start_time[first].max(shop.setup(machine, None, shop.job(first)));
        }
        for pair in order.windows(2) {
            let (i, j) = (pair[0], pair[1]);
            if shop.data().blocking == Blocking::None || !has_next(i) {
                arcs.push((i, j, of(i).1 + shop.setup(machine, Some(shop.job(i)), shop.job(j))));
            } else if i + 1 != j {
                arcs.push((i + 1, j, 0));
            }
        }
    }
    for _ in 0..=count {
        let before = schedule.start_time.clone();
        for &(i, j, lag) in &arcs {
            schedule.start_time[j] = schedule.start_time[j].max(schedule.start_time[i] + lag);
        }
        if schedule.start_time == before {
            schedule.completion_time = (0..count).map(|op| schedule.start_time[op] + of(op).1).collect();
            return Some(schedule);
        }
    }
    None
}

/// All orders of some operations.
fn permutations(rest: &[usize]) -> Vec<Vec<usize>> {
    if rest.is_empty() {
        return vec![Vec::new()];
    }
    let mut all = Vec::new();
    for (k, &first) in rest.iter().enumerate() {
        let others: Vec<usize> = rest.iter().enumerate().filter(|&(at, _)| at != k).map(|(_, &op)| op).collect();
        all.extend(permutations(&others).into_iter().map(|mut order| {
            order.insert(0, first);
            order
        }));
    }
    all
}

/// The least makespan of all orders; `None` if there are too many.
pub(super) fn best_of_all(shop: &Shop) -> Option<i64> {
    let mut members: Vec<Vec<usize>> = vec![Vec::new(); shop.num_machines()];
    for op in 0..shop.num_operations() {
        members[shop.choices(op).next().unwrap().0].push(op);
    }
    let count = |here: &Vec<usize>| (1..=here.len() as u64).product::<u64>();
    if members.iter().map(count).product::<u64>() > MOST_ORDERS {
        return None;
    }
    let all: Vec<Vec<Vec<usize>>> = members.iter().map(|here| permutations(here)).collect();
    let mut chosen = vec![0; all.len()];
    let mut best = i64::MAX;
    loop {
        let orders: Vec<Vec<usize>> = chosen.iter().zip(&all).map(|(&k, orders)| orders[k].clone()).collect();
        if let Some(schedule) = earliest(shop, &orders)
            && schedule.makespan() < best
            && violations(shop, &schedule).is_empty()
        {
            best = schedule.makespan();
        }
        let Some(next) = (0..all.len()).find(|&m| chosen[m] + 1 < all[m].len()) else { return Some(best) };
        chosen[..next].fill(0);
        chosen[next] += 1;
    }
}

/// A small shop in which routes may come back to a machine, jobs have release times and operations may take no time. Either it blocks, or it has
/// setups of any kind, by families or jobs, and transport.
fn small(seed: u64) -> Shop {
    let mut random = Random::new(seed);
    let (n, m) = [(2, 4), (3, 3), (4, 2), (5, 1), (3, 2), (2, 3)][random.below(6) as usize];
    let visits = random.below(3) == 0;
    let least = i64::from(random.below(3) > 0 || seed & 4 > 0);
    let scale = [1, 1, 7][random.below(3) as usize];
    let mut data = routes((n, m), visits, |random| scale * random.between(least, 6), &mut random);
    let mut ticks = |wanted: bool, length: i64, most: i64| -> Vec<i64> {
        if wanted { (0..length).map(|_| scale * random.between(0, most)).collect() } else { Vec::new() }
    };
    data.release_time = ticks(seed & 1 > 0, n, 12);
    match seed >> 1 & 3 {
        0 => data.blocking = Blocking::Swap,
        1 => {
            data.blocking = Blocking::NoSwap;
            data.job_start[1..].iter().for_each(|&end| data.duration[end - 1] = data.duration[end - 1].max(scale));
        }
        _ => {
            let families = if seed & 8 > 0 { n } else { 2 };
            if families == 2 {
                data.family = (0..n).map(|job| job % 2).collect();
            }
            let most = if seed & 16 > 0 { 15 } else { 3 };
            for machine in 0..m {
                if seed & 32 > 0 || machine == 0 {
                    data.setup.push((machine, ticks(true, families * families, most)));
                }
                if seed & 64 > 0 {
                    data.initial_setup.push((machine, ticks(true, families, most)));
                }
            }
            data.transport = ticks(seed & 128 > 0, m * m, 5);
        }
    }
    Shop::new(data).expect("valid")
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(4000))]
    #[test]
    fn proofs_agree_with_all_orders(seed in any::<u64>(), slice in 1_u64..300) {
        let shop = small(seed);
        if let Some(best) = best_of_all(&shop) {
            prop_assert_eq!(proved(&shop, slice, Some(best)).makespan(), best);
        }
    }
}

#[test]
fn published_optima_of_blocking_shops_are_proved() {
    let blocking = |text: &str, blocking: Blocking| {
        let data = super::classic(text).data().clone();
        Shop::new(ShopData { blocking, ..data }).expect("valid")
    };
    for (text, swap, no_swap) in [(super::FT06, 63, 69), (super::LA05, 664, 732)] {
        assert_eq!(proved(&blocking(text, Blocking::Swap), 1_000, Some(swap)).makespan(), swap);
        assert_eq!(proved(&blocking(text, Blocking::NoSwap), 1_000, Some(no_swap)).makespan(), no_swap);
    }
}
