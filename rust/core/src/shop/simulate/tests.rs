//! Simulations judged by definition, and the dispatcher as oracle where machines do not stop.

use super::*;
use crate::names::Named;
use crate::random::Random;
use crate::shop::rule::Rule;
use crate::shop::test_shops::{classic, random_classic, random_shop};
use crate::shop::{ShopData, dispatch};

fn run(shop: &Shop, rule: &str, breakdowns: &Breakdowns, interrupted: Interrupted) -> Simulation {
    let rule = Priority::Rule(Rule::from_name(rule).unwrap(), 0);
    simulate(shop, &rule, breakdowns, interrupted, 7, &mut Pulse::default()).unwrap()
}

fn none() -> Breakdowns {
    Breakdowns::Rows(Vec::new())
}

#[test]
fn without_breakdowns_it_is_non_delay_dispatching() {
    for seed in 0..600 {
        let shop = random_shop(seed);
        if shop.is_flexible() {
            continue; // the dispatcher may go back in time there
        }
        for (name, rule) in Rule::all() {
            let rule = Priority::Rule(rule, seed);
            let planned = dispatch(&shop, &rule, Scheme::NonDelay, &Past::default(), &mut Pulse::default()).unwrap();
            let simulated = simulate(&shop, &rule, &none(), Interrupted::Resume, 0, &mut Pulse::default()).unwrap();
            assert_eq!(simulated, Simulation { schedule: planned, down: Vec::new() }, "{name} {seed}");
        }
    }
}

#[test]
fn interrupted_work_waits_or_starts_again() {
    // One machine: job 0 runs from 0, the machine is down from 3 to 5; job 1 follows.
    let shop = classic("2 1\n0 4\n0 2\n");
    let down = Breakdowns::Rows(vec![(0, 3, 4), (0, 4, 5)]);
    let waits = run(&shop, "lpt", &down, Interrupted::Resume);
    assert_eq!((waits.schedule.start_time, waits.schedule.completion_time), (vec![0, 6], vec![6, 8]));
    let again = run(&shop, "lpt", &down, Interrupted::Restart);
    assert_eq!((again.schedule.start_time, again.schedule.completion_time), (vec![0, 9], vec![9, 11]));
    assert_eq!(again.down, [Downtime { start: 3, machine: 0, end: 5 }]);
    // Complete at the moment of the breakdown; the next one waits for the repair.
    let late = run(&shop, "lpt", &Breakdowns::Rows(vec![(0, 4, 5)]), Interrupted::Restart);
    assert_eq!((late.schedule.start_time, late.schedule.completion_time), (vec![0, 5], vec![4, 7]));
}

#[test]
fn jobs_that_wait_for_each_other_exchange_their_machines() {
    let rows = classic("2 2\n0 3 1 2\n1 4 0 1\n");
    let blocked = |blocking| Shop::new(ShopData { blocking, ..rows.data().clone() }).unwrap();
    let swap = run(&blocked(Blocking::Swap), "spt", &none(), Interrupted::Resume);
    assert_eq!(swap.schedule.start_time, [0, 4, 0, 4]);
    let no_swap = run(&blocked(Blocking::NoSwap), "spt", &none(), Interrupted::Resume);
    // Job 1 must not enter machine 1 while job 0 is on machine 0: each would wait for the other one.
    assert_eq!(no_swap.schedule.start_time, [0, 3, 5, 9]);
}

#[test]
fn drawn_breakdowns_are_those_of_their_rows() {
    for seed in 0..400 {
        let plain = random_classic(&mut Random::new(seed), 0);
        let blocking = [Blocking::None, Blocking::Swap, Blocking::NoSwap][seed as usize % 3];
        let shop = Shop::new(ShopData { blocking, ..plain.data().clone() }).unwrap();
        for breakdowns in [
            Breakdowns::Uptime { mean_uptime: 6.0, mean_repair: 2.5 },
            Breakdowns::Probability { probability: 0.5, mean_repair: 2.5 },
        ] {
            for (name, interrupted) in Interrupted::all() {
                let drawn = run(&shop, "mwkr", &breakdowns, interrupted);
                let rows = drawn.down.iter().map(|d| (d.machine as i64, d.start, d.end)).collect();
                // Rows that touch are one, so that only the schedules are compared.
                let given = run(&shop, "mwkr", &Breakdowns::Rows(rows), interrupted);
                assert_eq!(given.schedule, drawn.schedule, "{name} {seed}");
                assert_eq!(drawn, run(&shop, "mwkr", &breakdowns, interrupted));
            }
        }
    }
}

#[test]
fn times_are_drawn_with_their_means() {
    let shop = classic("1 1\n0 1000000\n");
    let down = run(&shop, "spt", &Breakdowns::Uptime { mean_uptime: 50.0, mean_repair: 20.0 }, Interrupted::Resume).down;
    let repair: i64 = down.iter().map(|d| d.end - d.start).sum();
    let uptime: i64 = down.windows(2).map(|pair| pair[1].start - pair[0].end).sum();
    // Rounding up adds half a tick. 20,000 draws: the standard deviation of the means is 0.7 % of them.
    assert!((19_400..20_400).contains(&down.len()), "{}", down.len());
    assert!((20.5 - repair as f64 / down.len() as f64).abs() < 0.6);
    assert!((50.5 - uptime as f64 / down.len() as f64).abs() < 1.5);
}

#[test]
fn what_cannot_be_simulated_is_refused_by_name() {
    let shop = classic("2 1\n0 4\n0 2\n");
    let refused = |breakdowns: Breakdowns| breakdowns.check(&shop).unwrap_err().to_string();
    assert_eq!(refused(Breakdowns::Rows(vec![(1, 0, 1)])), "breakdowns[0, 0] = 1: there is no such machine");
    assert!(
        refused(Breakdowns::Rows(vec![(0, 5, 6), (0, 3, 3)])).starts_with("breakdowns[1, 2] = 3: the machine must run again")
    );
    let uptime = Breakdowns::Uptime { mean_uptime: 0.0, mean_repair: 1.0 };
    assert_eq!(refused(uptime), "mean_uptime = 0.0: must be > 0 and at most 2**53");
    let probability = Breakdowns::Probability { probability: f64::NAN, mean_repair: 1.0 };
    assert_eq!(refused(probability), "probability = NaN: must be from 0 to 1");
}

#[test]
fn machines_that_never_run_for_long_enough_are_an_error() {
    let shop = classic("1 1\n0 1000\n");
    let rule = Priority::Rule(Rule::from_name("spt").unwrap(), 0);
    let often = Breakdowns::Uptime { mean_uptime: 1.0, mean_repair: 1.0 };
    let error = simulate(&shop, &rule, &often, Interrupted::Restart, 0, &mut Pulse::default()).unwrap_err();
    assert!(error.to_string().contains("machines run for too short"), "{error}");
}
