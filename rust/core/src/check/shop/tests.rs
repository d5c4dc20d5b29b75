use super::*;
use crate::calendar::Calendar;
use crate::weights::Weights;

/// Two jobs: machine 0 for 3, then machine 1 for 2; machine 1 for 4, then machine 0 for 1.
fn two() -> ShopData {
    ShopData {
        job_start: vec![0, 2, 4],
        choice_start: vec![0, 1, 2, 3, 4],
        machine: vec![0, 1, 1, 0],
        duration: vec![3, 2, 4, 1],
        num_machines: 2,
        ..ShopData::default()
    }
}

fn found<'a>(
    shop: &'a ShopData,
    machine: &'a [i64],
    start: &'a [i64],
    end: &'a [i64],
    change: impl FnOnce(&mut ShopClaim<'a>),
) -> Vec<String> {
    let mut claim = ShopClaim { operation: &[0, 1, 2, 3], machine, start, end, ..ShopClaim::default() };
    change(&mut claim);
    let rows = check_shop(shop, &claim);
    rows.into_iter().map(|v| format!("{} {:?} {}", v.kind.as_str(), v.subject, v.detail)).collect()
}

/// The kinds and subjects for these starts, with planned durations.
fn kinds(shop: &ShopData, start: [i64; 4]) -> Vec<String> {
    let end: Vec<i64> = start.iter().zip(&shop.duration).map(|(s, d)| s + d).collect();
    let rows = found(shop, &shop.machine, &start, &end, |_| {});
    rows.iter().map(|row| row[..=row.find(']').unwrap()].to_owned()).collect()
}

#[test]
fn every_rule_of_plain_shops_is_judged() {
    let shop = two();
    assert_eq!(kinds(&shop, [0, 4, 0, 4]), Vec::<String>::new());
    assert_eq!(kinds(&shop, [0, 3, 0, 4]), ["machine_overlap [2, 1]"]);
    assert_eq!(kinds(&shop, [0, 4, 0, 2]), ["precedence [2, 3]", "machine_overlap [0, 3]"]);
    assert_eq!(kinds(&ShopData { release_time: vec![1, 0], ..two() }, [0, 4, 0, 4]), ["release [0]"]);
    let rows = found(&shop, &[0, 0, 1, 0], &[0, 4, 0, 4], &[3, 6, 4, 6], |claim| claim.operation = &[0, 1, 2, 2]);
    let expected = [
        "duplicate [2] operation 0 of job 1 is scheduled more than once",
        "missing [3] operation 1 of job 1 is not scheduled",
        "forbidden_processor [1, 0] operation 1 of job 0 cannot run on machine 0",
    ];
    assert_eq!(rows, expected);
    let rows = found(&shop, &[0, 1, 1, 0], &[0, 4, 0, 4], &[3, 7, 4, 5], |claim| claim.operation = &[0, 1, 2, 9]);
    assert_eq!(rows.len(), 3);
    assert!(rows[2].ends_with("operation 1 of job 0 runs from 4 to 7, but takes 2 on machine 1"), "{rows:?}");
}

#[test]
fn operations_of_no_time_may_be_set_up_in_any_order() {
    let shop = |setup: Vec<i64>, initial: Vec<i64>| ShopData {
        job_start: vec![0, 1, 2, 3],
        choice_start: vec![0, 1, 2, 3],
        machine: vec![0; 3],
        duration: vec![0, 0, 2],
        num_machines: 1,
        setup: vec![(0, setup)],
        initial_setup: vec![(0, initial)],
        ..ShopData::default()
    };
    let judged = |shop: &ShopData, start: [i64; 3]| {
        let end = [start[0], start[1], start[2] + 2];
        found(shop, &[0, 0, 0], &start, &end, |claim| claim.operation = &[0, 1, 2]).len()
    };
    // Only the second one may come first, and only the first one last.
    let turned = shop(vec![0, 5, 0, 0, 0, 5, 0, 0, 0], vec![0, 0, 0]);
    assert_eq!(judged(&turned, [0, 0, 0]), 0);
    assert_eq!(judged(&turned, [0, 1, 6]), 1);
    assert_eq!(judged(&shop(vec![0, 5, 0, 0, 0, 5, 0, 0, 0], vec![0, 1, 0]), [0, 0, 0]), 2);
    assert_eq!(judged(&shop(vec![0, 5, 0, 5, 0, 0, 0, 0, 0], vec![0, 0, 0]), [0, 0, 0]), 1);
    assert_eq!(judged(&shop(vec![0, 5, 5, 0, 0, 0, 0, 0, 0], vec![0, 0, 0]), [0, 0, 0]), 1);
}

#[test]
fn setups_ways_closed_machines_and_waiting_are_judged() {
    let setups = ShopData { setup: vec![(1, vec![0, 9, 3, 0])], initial_setup: vec![(0, vec![1, 0])], ..two() };
    assert_eq!(kinds(&setups, [1, 7, 0, 4]), Vec::<String>::new());
    assert_eq!(kinds(&setups, [0, 6, 0, 4]), ["lag [0]", "lag [2, 1]"]);
    let ways = ShopData { transport: vec![0, 2, 5, 0], ..two() };
    assert_eq!(kinds(&ways, [0, 5, 0, 9]), Vec::<String>::new());
    assert_eq!(kinds(&ways, [0, 4, 0, 8]), ["lag [0, 1]", "lag [2, 3]"]);
    let closed = ShopData { calendars: vec![(1, Calendar::new(vec![0, 5], vec![1, 0], Some(8)).unwrap())], ..two() };
    assert_eq!(kinds(&closed, [0, 8, 0, 4]), Vec::<String>::new());
    assert_eq!(kinds(&closed, [0, 4, 0, 4]), ["downtime [1, 1]"]);
    let hasty = ShopData { no_wait: true, ..two() };
    assert_eq!(kinds(&hasty, [1, 4, 0, 4]), Vec::<String>::new());
    assert_eq!(kinds(&hasty, [0, 4, 0, 5]), ["lag [0, 1]", "lag [2, 3]"]);
}

#[test]
fn a_blocked_job_keeps_its_machine() {
    // Job 0 runs on machine 0 until 3 and can go on at 4, when job 1 leaves machine 1: they exchange.
    let swap = ShopData { blocking: Blocking::Swap, ..two() };
    let no_swap = ShopData { blocking: Blocking::NoSwap, ..two() };
    assert_eq!(kinds(&swap, [0, 4, 0, 4]), Vec::<String>::new());
    assert_eq!(kinds(&no_swap, [0, 4, 0, 4]), ["machine_overlap [1]", "machine_overlap [3]"]);
    assert_eq!(kinds(&no_swap, [0, 3, 5, 9]), Vec::<String>::new());
    // Job 0 goes on at 5, but job 1 wants its machine at 4.
    assert_eq!(kinds(&swap, [0, 5, 0, 4]), ["machine_overlap [0, 3]"]);
}

#[test]
fn jobs_that_pass_a_machine_in_no_time_may_do_so_in_any_order() {
    // Job 0 takes no time on machine 0 and stays on machine 1, which job 1 leaves at 3 for machine 0, where it takes no time either. So job 1
    // has to pass machine 0 before job 0, although it comes later in the list of operations.
    let data = ShopData {
        job_start: vec![0, 2, 4],
        choice_start: vec![0, 1, 2, 3, 4],
        machine: vec![0, 1, 1, 0],
        duration: vec![0, 2, 3, 0],
        num_machines: 2,
        release_time: vec![3, 0],
        blocking: Blocking::NoSwap,
        ..ShopData::default()
    };
    let judged = |data: &ShopData, start: &[i64]| {
        let end: Vec<i64> = start.iter().zip(&data.duration).map(|(start, duration)| start + duration).collect();
        found(data, &[0, 1, 1, 0], start, &end, |_| {}).len()
    };
    assert_eq!(judged(&data, &[3, 3, 0, 3]), 0);
    // With a duration on machine 0, job 1 finds it taken or takes it from job 0.
    assert_ne!(judged(&ShopData { duration: vec![0, 2, 3, 1], ..data.clone() }, &[3, 3, 0, 3]), 0);
}

#[test]
fn the_past_is_kept_and_nothing_else_starts_before_now() {
    let shop = two();
    let past = |fixed, now| {
        found(&shop, &[0, 1, 1, 0], &[-2, 6, 2, 6], &[2, 8, 6, 7], move |claim: &mut ShopClaim| {
            (claim.fixed, claim.now) = (fixed, now);
        })
    };
    assert!(past(&[(0, 0, -2, Some(2))], 2).is_empty());
    assert_eq!(past(&[(0, 0, -2, None)], 2), Vec::<String>::new(), "an operation that runs lasts at least until now");
    assert_eq!(past(&[(0, 0, -2, Some(2))], 3), ["before_now [2] operation 0 of job 1 starts at 2, before the present 3"]);
    let moved = past(&[(0, 0, -2, Some(1))], 2);
    assert_eq!(moved, ["fixed [0] operation 0 of job 0 ran on machine 0 from -2 to 1, the schedule says machine 0 from -2 to 2"]);
}

#[test]
fn objectives_are_computed_again() {
    let shop = ShopData { release_time: vec![0, 1], due_date: vec![4, 9], weight: Weights::Integers(vec![3, 5]), ..two() };
    let right = [
        ("makespan", 7),
        ("total_flow_time", 7 + 5),
        ("total_weighted_flow_time", 21 + 25),
        ("total_tardiness", 3),
        ("total_weighted_tardiness", 9),
        ("max_lateness", 3),
        ("num_tardy", 1),
    ];
    for (name, value) in right {
        for off in [0, 1] {
            let claims = [(name, Claimed::Integer(value + off))];
            let rows = found(&shop, &[0, 1, 1, 0], &[0, 5, 1, 5], &[3, 7, 5, 6], |claim| claim.objectives = &claims);
            assert_eq!(rows.len(), off as usize, "{name}: {rows:?}");
        }
    }
    let floats = ShopData { weight: Weights::Floats(vec![0.1, 0.2]), ..shop };
    let claims = [("total_weighted_flow_time", Claimed::Float(0.1 * 7.0 + 0.2 * 5.0))];
    assert!(found(&floats, &[0, 1, 1, 0], &[0, 5, 1, 5], &[3, 7, 5, 6], |claim| claim.objectives = &claims).is_empty());
}

#[test]
fn work_on_machines_that_were_down_is_judged() {
    // Machine 0 is down from 2 to 4 and from 4 to 5, machine 1 from 9 to 12.
    let down = &[(1, 9, 12), (0, 4, 5), (0, 2, 4)];
    let judged = |start: [i64; 4], end: [i64; 4], restart| {
        let rows = found(&two(), &[0, 1, 1, 0], &start, &end, |claim| (claim.down, claim.restart) = (down, restart));
        rows.into_iter().map(|row| row[..=row.find(']').unwrap()].to_owned()).collect::<Vec<_>>()
    };
    // Job 0 runs from 0 on machine 0, which takes 3 and is interrupted at 2; its work on machine 1 begins at 7 and takes 2.
    assert_eq!(judged([0, 7, 0, 6], [6, 9, 4, 7], false), Vec::<String>::new());
    assert_eq!(judged([0, 8, 0, 6], [6, 13, 4, 7], false), Vec::<String>::new());
    assert_eq!(judged([0, 8, 0, 8], [8, 14, 4, 9], true), Vec::<String>::new());
    assert_eq!(judged([0, 8, 0, 8], [8, 13, 4, 9], true), ["duration [1]"]);
    assert_eq!(judged([0, 7, 0, 6], [3, 9, 4, 7], false), ["duration [0]"]);
    assert_eq!(judged([0, 9, 0, 6], [6, 14, 4, 7], false), ["downtime [1, 1]"]);
    assert_eq!(judged([0, 12, 0, 6], [6, 14, 4, 7], false), Vec::<String>::new());
}
