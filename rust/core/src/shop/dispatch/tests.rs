use super::*;
use crate::random::Random;
use crate::shop::test_shops::{classic, flexible, judged, plain_dispatch, random_plain, random_shop};
use crate::shop::{Rule, ShopData};
use proptest::prelude::*;

fn schedule(shop: &Shop, rule: &str, scheme: Scheme) -> Schedule {
    let rule = Priority::Rule(Rule::from_name(rule).unwrap(), 3);
    let schedule = dispatch(shop, &rule, scheme, &Past::default(), &mut Pulse::default()).unwrap();
    judged(shop, &schedule);
    schedule
}

const FT06: &str = "6 6\n2 1 0 3 1 6 3 7 5 3 4 6\n1 8 2 5 4 10 5 10 0 10 3 4\n2 5 3 4 5 8 0 9 1 1 4 7\n\
    1 5 0 5 2 5 3 3 4 8 5 9\n2 9 1 3 4 5 5 4 0 3 3 1\n1 3 3 3 5 9 0 10 4 4 2 1\n";

#[test]
fn ft06_has_the_published_makespans() {
    let shop = classic(FT06);
    for (rule, active, non_delay) in [("spt", 94, 88), ("mwkr", 67, 61), ("mopnr", 60, 59)] {
        let makespan = |scheme| schedule(&shop, rule, scheme).makespan();
        assert_eq!((makespan(Scheme::Active), makespan(Scheme::NonDelay)), (active, non_delay), "{rule}");
    }
}

#[test]
fn numbers_decide_lower_first_and_must_be_complete() {
    let shop = classic("2 1\n0 3\n0 2\n");
    let run = |priority: Priority| dispatch(&shop, &priority, Scheme::Active, &Past::default(), &mut Pulse::default());
    assert_eq!(run(Priority::Integers(&[1, 2])).unwrap().start_time, [0, 3]);
    assert_eq!(run(Priority::Floats(&[0.5, -0.5])).unwrap().start_time, [2, 0]);
    assert_eq!(run(Priority::Floats(&[0.0, -0.0])).unwrap().start_time, [0, 3]);
    assert_eq!(run(Priority::Integers(&[1])).unwrap_err().to_string(), "rule: has length 1, expected 2");
    assert_eq!(run(Priority::Floats(&[1.0, f64::NAN])).unwrap_err().to_string(), "rule[1] = NaN: must be finite");
}

#[test]
fn setups_ways_and_the_past_delay_operations() {
    // Job 0: machine 0 for 3, then machine 1 for 2. Job 1: machine 0 for 4.
    let data = classic("2 2\n0 3 1 2\n0 4 1 1\n").data().clone();
    let setup = vec![(0, vec![0, 5, 1, 0])];
    let shop = Shop::new(ShopData { setup, initial_setup: vec![(0, vec![2, 0])], transport: vec![0, 7, 7, 0], ..data }).unwrap();
    let s = schedule(&shop, "spt", Scheme::Active);
    // Completions of 5 (behind its setup of 2) and 4: the second one starts before 4 and is longer, so the first one goes at 2.
    assert_eq!(s.start_time, [2, 12, 10, 21]);
    let rows = [crate::shop::FixedRow { operation: 0, machine: 0, start: 0, end: Some(6) }];
    let past = Past::new(&shop, &rows, 1).unwrap();
    let rule = Priority::Rule(Rule::from_name("spt").unwrap(), 0);
    let s = dispatch(&shop, &rule, Scheme::Active, &past, &mut Pulse::default()).unwrap();
    assert_eq!((s.start_time, s.completion_time[0]), (vec![0, 13, 11, 22], 6));
}

#[test]
fn a_machine_that_never_opens_long_enough_is_named() {
    let data = classic("1 1\n0 5\n").data().clone();
    let calendar = crate::calendar::Calendar::new(vec![0, 4], vec![1, 0], Some(8)).unwrap();
    let shop = Shop::new(ShopData { calendars: vec![(0, calendar)], ..data }).unwrap();
    let rule = Priority::Rule(Rule::from_name("spt").unwrap(), 0);
    let error = dispatch(&shop, &rule, Scheme::Active, &Past::default(), &mut Pulse::default()).unwrap_err();
    let expected = "no feasible schedule: operation 0 of job 0 never finds machine 0 open for as long as it takes";
    assert_eq!(error.to_string(), expected);
}

#[test]
fn a_flexible_operation_takes_the_machine_of_its_earliest_completion() {
    let shop = flexible("2 2\n1 2 1 4 2 4\n1 2 1 3 2 9\n");
    let s = schedule(&shop, "spt", Scheme::Active);
    // Completions: job 0 at 4 on either machine, the lower one counts; job 1 at 3 on machine 0, and it is shorter.
    assert_eq!((s.machine, s.start_time), (vec![1, 0], vec![0, 0]));
}

proptest! {
    #[test]
    fn rows_and_queues_give_the_schedules_of_the_general_method(seed in any::<u64>()) {
        let mut random = Random::new(seed);
        let plain = random_plain(&mut random);
        let m = plain.num_machines();
        let transport = (0..m * m).map(|_| random.between(0, 5)).collect();
        let far = Shop::new(ShopData { transport, ..plain.data().clone() }).unwrap();
        let shop = if seed % 2 == 0 { plain } else { far };
        prop_assert!(queues::serves(&shop) && (seed % 2 == 1 || rows::serves(&shop)));
        let first = shop.operations(0).start;
        let rows = [crate::shop::FixedRow { operation: first as i64, machine: shop.data().machine[first], start: -3, end: None }];
        let past = Past::new(&shop, &rows, random.between(-2, 9)).unwrap();
        for (name, rule) in Rule::all() {
            let keys = Keys::new(&shop, &Priority::Rule(rule, seed)).unwrap();
            for past in [&Past::default(), &past] {
                for scheme in [Scheme::Active, Scheme::NonDelay] {
                    let slow = general::dispatch(&shop, &keys, scheme, past, &mut Pulse::default()).unwrap();
                    let queued = queues::dispatch(&shop, &keys, scheme, past, &mut Pulse::default());
                    prop_assert_eq!(&queued, &slow, "{} {:?}", name, scheme);
                    if rows::serves(&shop) {
                        let fast = rows::dispatch(&shop, &keys, scheme, past, &mut Pulse::default());
                        prop_assert_eq!(&fast, &slow, "{} {:?}", name, scheme);
                    }
                }
            }
        }
    }

    #[test]
    fn every_rule_agrees_with_a_plain_program(seed in any::<u64>()) {
        let shop = random_shop(seed);
        for (name, rule) in Rule::all() {
            for scheme in [Scheme::Active, Scheme::NonDelay] {
                let priority = Priority::Rule(rule, seed);
                let fast = dispatch(&shop, &priority, scheme, &Past::default(), &mut Pulse::default()).unwrap();
                judged(&shop, &fast);
                prop_assert_eq!(&fast, &plain_dispatch(&shop, name, seed, scheme), "{} {:?}", name, scheme);
            }
        }
    }
}
