use super::*;
use crate::control::Stop;
use crate::shop::past::FixedRow;
use crate::shop::test_shops::{judged, random_classic, random_flexible};

fn rolled(shop: &Shop, horizon: Horizon, past: &Past, budget: Option<u64>) -> Solution {
    let limits = Limits { budget, ..Limits::default() };
    let stop = Stop::new(&limits);
    roll(shop, horizon, past, &limits, 3, &mut Watch::new(&stop)).unwrap()
}

#[test]
fn windows_of_every_size_give_feasible_schedules_that_repeat() {
    for seed in 0..200 {
        let mut random = Random::new(seed);
        let shop = if seed % 2 == 0 { random_flexible(&mut random, 0) } else { random_classic(&mut random, 0) };
        for (window, step) in [(1, 1), (3, 2), (7, 3), (100, 50)] {
            let horizon = Horizon { window, step };
            let found = rolled(&shop, horizon, &Past::default(), Some(400));
            judged(&shop, &found.schedule);
            assert!(found.schedule.makespan() >= found.lower_bound);
            assert_eq!(found, rolled(&shop, horizon, &Past::default(), Some(400)));
        }
    }
}

#[test]
fn what_has_happened_stays_and_nothing_starts_before_now() {
    for seed in 0..100 {
        let shop = random_flexible(&mut Random::new(seed), 1);
        let first = rolled(&shop, Horizon::default(), &Past::default(), Some(200)).schedule;
        let now = first.makespan() / 2;
        let begun = |op: usize| first.start_time[op] < now;
        let row = |op: usize| FixedRow {
            operation: op as i64,
            machine: i64::from(first.machine[op]),
            start: first.start_time[op],
            end: Some(first.completion_time[op] + i64::from(op.is_multiple_of(3) && first.completion_time[op] >= now)),
        };
        let rows: Vec<_> = (0..shop.num_operations()).filter(|&op| begun(op)).map(row).collect();
        let past = Past::new(&shop, &rows, now).unwrap();
        let found = rolled(&shop, Horizon { window: 4, step: 2 }, &past, None);
        for row in &rows {
            let op = row.operation as usize;
            assert_eq!((found.schedule.start_time[op], Some(found.schedule.completion_time[op])), (row.start, row.end));
        }
        assert!((0..shop.num_operations()).all(|op| begun(op) || found.schedule.start_time[op] >= now));
        assert!(found.schedule.makespan() >= found.lower_bound);
    }
}

#[test]
fn a_window_that_holds_everything_searches_the_whole_shop() {
    let shop = random_classic(&mut Random::new(5), 1);
    let found = rolled(&shop, Horizon { window: 1000, step: 1 }, &Past::default(), Some(5000));
    let stop = Stop::new(&Limits::default());
    let limits = Limits { budget: Some(5000), ..Limits::default() };
    let whole = crate::shop::solve(&shop, None, &limits, 3, 1, &mut Watch::new(&stop)).unwrap();
    assert_eq!(found.schedule.makespan(), whole.schedule.makespan());
}
