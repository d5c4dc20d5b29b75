//! Annealing on lists: every schedule is judged, and lists return to what they were.

use crate::calendar::Calendar;
use crate::check::{ShopClaim, check_shop};
use crate::control::{Improvement, Limits, Watch};
use crate::names::Named;
use crate::shop::test_shops::{classic, judged, random_classic, random_flexible, random_shop};
use crate::shop::{Blocking, Objective, ShopData, minimise};
use crate::total::Total;

use super::*;

fn searched(shop: &Shop, objective: Objective, seed: u64, budget: u64) -> Minimum {
    let limits = Limits { budget: Some(budget), ..Limits::default() };
    let stop = Stop::new(&limits);
    let mut watch = Watch::<Total>::new(&stop);
    let found = minimise(shop, objective, None, &limits, seed, 1, &mut watch).unwrap();
    let better = |a: &Improvement<Total>, b: &Improvement<Total>| {
        less(b.objective, a.objective) || b.objective == a.objective && less(a.lower_bound, b.lower_bound)
    };
    assert!(watch.history.windows(2).all(|pair| better(&pair[0], &pair[1])));
    assert_eq!(watch.history.last().unwrap().objective, found.objective);
    found
}

#[test]
fn every_objective_of_random_shops_is_what_its_schedule_says() {
    for seed in 0..300 {
        let shop = random_shop(seed);
        if shop.data().blocking != Blocking::None || shop.data().no_wait {
            continue;
        }
        for (name, objective) in Objective::all() {
            let found = searched(&shop, objective, seed, 300);
            judged(&shop, &found.schedule);
            assert_eq!(found.objective, objective.value(&shop, &found.schedule), "{name} {seed}");
            assert!(!less(found.objective, found.lower_bound), "{name} {seed}");
            assert_eq!(found, searched(&shop, objective, seed, 300));
            let dispatched = dispatch(
                &shop,
                &Priority::Rule(Rule::from_name("atc").unwrap(), seed),
                Scheme::NonDelay,
                &Past::default(),
                &mut crate::control::Pulse::default(),
            );
            assert!(!less(objective.value(&shop, &dispatched.unwrap()), found.objective), "{name} {seed}");
        }
    }
}

#[test]
fn a_list_that_is_changed_and_taken_back_is_the_same() {
    for seed in 0..60 {
        let (shop, mut random) = (random_shop(seed), Random::new(seed));
        if shop.data().blocking != Blocking::None || shop.data().no_wait || shop.num_operations() == 0 {
            continue;
        }
        let rule = Priority::Rule(Rule::from_name("spt").unwrap(), seed);
        let mut pulse = crate::control::Pulse::default();
        let begin = dispatch(&shop, &rule, Scheme::NonDelay, &Past::default(), &mut pulse).unwrap();
        let mut sequence = Sequence::new(&shop, &begin);
        for _ in 0..200 {
            let before = sequence.clone();
            let job = random.below(shop.num_jobs() as u64) as usize;
            if sequence.change(job, i64::MAX, &mut random) != Change::Tried {
                assert!(sequence.is_like(&before));
            } else if random.below(2) == 0 {
                sequence.reject();
                assert!(sequence.is_like(&before));
            } else {
                sequence.accept();
                judged(&shop, &sequence.schedule());
                sequence.sort();
                judged(&shop, &sequence.schedule());
            }
        }
    }
}

#[test]
fn blocking_shops_have_feasible_schedules_of_every_objective() {
    for seed in 0..400 {
        let mut random = Random::new(seed);
        let plain = if seed % 2 == 0 { random_classic(&mut random, 0) } else { random_flexible(&mut random, 0) };
        let blocking = if seed % 4 < 2 { Blocking::Swap } else { Blocking::NoSwap };
        let shop = Shop::new(ShopData { blocking, ..plain.data().clone() }).unwrap();
        for (name, objective) in Objective::all().take(3) {
            let found = searched(&shop, objective, seed, 200);
            blocks(&shop, &found.schedule);
            assert_eq!(found.objective, objective.value(&shop, &found.schedule), "{name} {seed}");
            assert_eq!(found, searched(&shop, objective, seed, 200));
        }
    }
}

#[test]
fn lists_that_begin_alike_are_decoded_as_from_their_beginning() {
    for seed in 0..600 {
        let mut random = Random::new(seed);
        let plain = if seed % 2 == 0 { random_classic(&mut random, 0) } else { random_flexible(&mut random, 0) };
        let blocking = if seed % 4 < 2 { Blocking::Swap } else { Blocking::NoSwap };
        let shop = match seed {
            0..200 => Shop::new(ShopData { blocking, ..plain.data().clone() }).unwrap(),
            _ => with_extras(seed),
        };
        let Ok(begin) = one_by_one(&shop) else { continue };
        if shop.data().no_wait || shop.num_operations() == 0 {
            continue;
        }
        let mut entries = Entries::new(&shop, &begin);
        for _ in 0..100 {
            let job = random.below(shop.num_jobs() as u64) as usize;
            let latest = entries.completion().iter().copied().max().unwrap();
            let mut other = random.clone();
            let outcome = entries.change(job, i64::MAX, &mut random);
            if outcome == Change::Tried {
                let tried = entries.tried_completion().to_vec();
                let within = *tried.iter().max().unwrap() <= latest;
                assert_eq!(entries.change(job, latest, &mut other) == Change::Tried, within, "{seed}");
                assert!(!within || tried == entries.tried_completion(), "{seed}");
                if within {
                    entries.accept();
                    blocks(&shop, &entries.schedule());
                    assert_eq!(entries.decoded_from_the_beginning(), entries.schedule(), "{seed}");
                }
            }
        }
    }
}

/// A small shop that blocks or does not wait, with setups, transport or calendars.
fn with_extras(seed: u64) -> Shop {
    let mut random = Random::new(seed);
    let mut data = random_shop(seed).data().clone();
    match random.below(3) {
        0 => data.no_wait = true,
        1 => data.blocking = Blocking::Swap,
        _ => {
            data.blocking = Blocking::NoSwap;
            data.transport.clear();
        }
    }
    if data.setup.is_empty() && random.below(2) == 0 {
        let times = vec![random.between(-3, 0), random.between(1, 5), random.between(6, 12)];
        let period = if random.below(2) == 0 { None } else { Some(random.between(18, 24)) };
        let calendar = Calendar::new(times, vec![random.between(0, 1), 0, 1], period).unwrap();
        data.calendars = vec![(random.below(data.num_machines as u64) as i64, calendar)];
    }
    Shop::new(data).unwrap()
}

#[test]
fn setups_ways_and_closed_machines_go_with_blocking_and_with_no_waiting() {
    let mut impossible = 0;
    for seed in 0..1500 {
        let shop = with_extras(seed);
        for (name, objective) in Objective::all().take(3) {
            let limits = Limits { budget: Some(200), ..Limits::default() };
            let stop = Stop::new(&limits);
            match minimise(&shop, objective, None, &limits, seed, 1, &mut Watch::new(&stop)) {
                Ok(found) => {
                    blocks(&shop, &found.schedule);
                    assert_eq!(found.objective, objective.value(&shop, &found.schedule), "{name} {seed}");
                    let again =
                        minimise(&shop, objective, Some(&found.schedule), &limits, seed, 2, &mut Watch::new(&stop)).unwrap();
                    assert!(!less(found.objective, again.objective), "{name} {seed}");
                }
                Err(Error::Infeasible(_)) => impossible += 1,
                Err(Error::Input(error)) => {
                    assert!(error.reason.contains("setups between its own"), "{seed}: {error}");
                    impossible += 1;
                }
                Err(other) => panic!("{seed}: {other}"),
            }
        }
    }
    assert!(impossible > 0 && impossible < 900, "{impossible}");
}

/// The checker's opinion of a schedule.
fn blocks(shop: &Shop, schedule: &Schedule) {
    let operation: Vec<i64> = (0..shop.num_operations() as i64).collect();
    let machine: Vec<i64> = schedule.machine.iter().map(|&machine| i64::from(machine)).collect();
    let (start, end) = (&schedule.start_time, &schedule.completion_time);
    let claim = ShopClaim { operation: &operation, machine: &machine, start, end, ..ShopClaim::default() };
    assert_eq!(check_shop(shop.data(), &claim), []);
}

#[test]
fn small_blocking_shops_reach_their_published_optima() {
    let ft06 = "6 6\n2 1 0 3 1 6 3 7 5 3 4 6\n1 8 2 5 4 10 5 10 0 10 3 4\n2 5 3 4 5 8 0 9 1 1 4 7\n\
        1 5 0 5 2 5 3 3 4 8 5 9\n2 9 1 3 4 5 5 4 0 3 3 1\n1 3 3 3 5 9 0 10 4 4 2 1\n";
    let makespan = Objective::from_name("makespan").unwrap();
    for (blocking, optimum) in [(Blocking::Swap, 63), (Blocking::NoSwap, 69)] {
        let shop = Shop::new(ShopData { blocking, ..classic(ft06).data().clone() }).unwrap();
        let found = searched(&shop, makespan, 1, 300_000);
        blocks(&shop, &found.schedule);
        assert_eq!(found.objective, Total::Integer(optimum));
    }
}
