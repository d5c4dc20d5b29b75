//! Runs against looking at every tick.

use super::*;
use proptest::prelude::*;

/// Tick by tick.
fn obvious(up: impl Fn(i64) -> bool, duration: i64, pausable: bool, from: i64, until: i64) -> Option<(i64, i64)> {
    (from..until).find_map(|start| {
        if !up(start) && duration > 0 {
            return None;
        }
        let (mut left, mut t) = (duration, start);
        while left > 0 && t < until + 1000 {
            if up(t) {
                left -= 1;
            } else if !pausable {
                return None;
            }
            t += 1;
        }
        (left == 0).then_some((start, t))
    })
}

/// Steps of all calendars.
fn calendars_stop(data: &ProjectData) -> usize {
    data.calendars.iter().map(|(_, calendar)| calendar.time().len()).sum()
}

fn calendar() -> impl Strategy<Value = Calendar> {
    (prop::collection::btree_map(-12_i64..12, 0_i64..3, 0..5), prop::option::of(prop_oneof![24_i64..27, Just(30_i64)])).prop_map(
        |(steps, period)| {
            let (time, capacity) = steps.into_iter().unzip();
            Calendar::new(time, capacity, period).unwrap()
        },
    )
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2000))]
    #[test]
    fn runs_agree_with_looking_at_every_tick(
        calendars in prop::collection::vec(calendar(), 0..4),
        duration in 0_i64..40, pausable in any::<bool>(), demand in 1_i64..3, from in -40_i64..40,
    ) {
        let data = ProjectData {
            duration: vec![duration],
            demand: vec![demand],
            capacity: vec![2],
            calendars: calendars.into_iter().map(|calendar| (0, calendar)).collect(),
            pausable: vec![pausable],
            ..ProjectData::default()
        };
        let run = Run::new(&data, 0).unwrap();
        let up = |t: i64| data.calendars.iter().all(|(_, c)| c.capacity_at(t).is_none_or(|c| c >= demand));
        let looks = 30_000.min(3 * run.cycle + 100 * duration + 100);
        // A rare tick in long cycles may end the work beyond what is looked at.
        let near = |found: Option<(i64, i64)>, from: i64| found.filter(|run| run.0 < from + looks && run.1 <= from + looks + 1000);
        prop_assert_eq!(near(run.earliest(from), from), obvious(up, duration, pausable, from, from + looks));
        let mirrored = run.latest(from).map(|(start, end)| (-end, -start));
        prop_assert_eq!(near(mirrored, -from), obvious(|t| up(-t - 1), duration, pausable, -from, -from + looks));
        // Whatever starts from the bound on ends at `from` or later, and no earlier start does.
        if let Some(least) = run.start_reaching(from) {
            if !pausable || calendars_stop(&data) == 0 {
                prop_assert_eq!(least, from - duration);
            } else {
                prop_assert!(run.earliest(least).is_none_or(|(_, end)| end >= from));
                let before = (-400..least).rev().find(|&t| up(t)).and_then(|t| run.earliest(t));
                prop_assert!(before.is_none_or(|(_, end)| end < from), "{:?}", before);
            }
        } else {
            prop_assert!((from - 1..from + looks).all(|t| !up(t)));
        }
        if let Some(most) = run.end_reaching(from) {
            prop_assert!(run.latest(most).is_none_or(|(start, _)| start <= from));
            let later = (from + 1..from + 400).find(|&t| up(t)).and_then(|t| run.earliest(t));
            prop_assert!(!pausable || later.is_none_or(|(_, end)| end > most), "{:?}", later);
        }
    }
}

#[test]
fn endless_questions_are_answered_at_once() {
    let data = |period, capacity: [i64; 2], duration, pausable| ProjectData {
        duration: vec![duration],
        demand: vec![1],
        capacity: vec![1],
        calendars: vec![
            (0, Calendar::new(vec![0, 1], capacity.to_vec(), Some(period)).unwrap()),
            (0, Calendar::new(vec![1 << 50], vec![1], None).unwrap()),
        ],
        pausable: vec![pausable],
        ..ProjectData::default()
    };
    let earliest = |data: &ProjectData, from| Run::new(data, 0).unwrap().earliest(from);
    assert_eq!(earliest(&data(2, [1, 1], 1 << 52, false), 0), Some((0, 1 << 52)));
    assert_eq!(earliest(&data(2, [1, 0], 1 << 50, true), 1), Some((2, (1 << 51) + 1)));
    assert_eq!(earliest(&data(2, [1, 0], 2, false), 1), None);
    assert_eq!(earliest(&data(2, [0, 0], 2, true), 1), None);
    assert_eq!(earliest(&data(1 << 40, [1, 0], 1 << 30, true), 0), None); // beyond 2^53
}
