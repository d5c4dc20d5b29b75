//! One rule broken at a time.

use super::*;
use crate::rcpsp::NO_DEADLINE;

fn project() -> ProjectData {
    ProjectData {
        duration: vec![2, 3, 0],
        demand: vec![1, 2, 2],
        capacity: vec![2],
        precedence: vec![(0, 2)],
        ..ProjectData::default()
    }
}

fn kinds(activity: &[i64], start: &[i64], end: &[i64], makespan: Option<i64>) -> Vec<(&'static str, Vec<i64>)> {
    let claim = ProjectClaim { mode: None, activity, start, end, makespan, objectives: &[], fixed: &[], now: 0 };
    check_project(&project(), &claim).unwrap().into_iter().map(|v| (v.kind.as_str(), v.subject)).collect()
}

#[test]
fn each_rule_is_seen_when_it_alone_is_broken() {
    assert_eq!(kinds(&[2, 1, 0], &[2, 2, 0], &[2, 5, 2], Some(5)), []);
    assert_eq!(kinds(&[0, 1, 2], &[0, 1, 2], &[2, 4, 2], None), [("capacity", vec![0, 1])]);
    assert_eq!(kinds(&[0, 1, 2], &[0, 2, 1], &[2, 5, 1], None), [("precedence", vec![0, 2])]);
    assert_eq!(kinds(&[0, 1, 2], &[0, 2, 2], &[2, 6, 2], None), [("duration", vec![1])]);
    assert_eq!(kinds(&[0, 1, 2], &[0, -3, 2], &[2, 0, 2], None), [("before_now", vec![1])]);
    assert_eq!(kinds(&[0, 1, 2], &[0, 2, 2], &[2, 5, 2], Some(4)), [("objective", vec![])]);
    assert_eq!(kinds(&[0, 1], &[0, 2], &[2, 5], None), [("missing", vec![2])]);
    assert_eq!(kinds(&[0, 1, 2, 1], &[0, 2, 2, 9], &[2, 5, 2, 12], None), [("duplicate", vec![1])]);
    assert_eq!(kinds(&[0, 1, 2, -1], &[0, 2, 2, 9], &[2, 5, 2, 12], None), [("unknown_id", vec![-1])]);
}

#[test]
fn extreme_numbers_do_not_overflow() {
    let seen = kinds(&[0, 1, 2], &[i64::MIN, i64::MAX, 0], &[i64::MAX, i64::MIN, 0], Some(i64::MIN));
    assert!(seen.iter().any(|(kind, _)| *kind == "duration"));
}

#[test]
fn a_fixed_past_may_differ_from_the_plan_but_must_be_kept() {
    let fixed = [(0, -4, Some(-1))];
    let claim = ProjectClaim {
        mode: None,
        activity: &[0, 1, 2],
        start: &[-4, 0, 0],
        end: &[-1, 3, 0],
        makespan: None,
        objectives: &[],
        fixed: &fixed,
        now: 0,
    };
    assert_eq!(check_project(&project(), &claim).unwrap(), []);
    let moved = ProjectClaim { start: &[-3, 0, 0], ..claim };
    assert_eq!(check_project(&project(), &moved).unwrap()[0].kind, Kind::Fixed);
}

/// Two activities of durations 2 and 3; each takes one of two units of resource 0, the second one also the only unit of resource 1.
fn two(change: impl FnOnce(&mut ProjectData)) -> ProjectData {
    let mut data = ProjectData { duration: vec![2, 3], demand: vec![1, 0, 1, 1], capacity: vec![2, 1], ..ProjectData::default() };
    change(&mut data);
    data
}

/// The violations of two runs from start to end; those named in `fixed` have happened as they are.
fn judge(data: &ProjectData, runs: [(i64, i64); 2], fixed: &[usize]) -> Vec<(&'static str, Vec<i64>)> {
    let (start, end) = (runs.map(|run| run.0), runs.map(|run| run.1));
    let fixed: Vec<_> = fixed.iter().map(|&i| (i as i64, start[i], Some(end[i]))).collect();
    let claim = ProjectClaim {
        mode: None,
        activity: &[0, 1],
        start: &start,
        end: &end,
        makespan: None,
        objectives: &[],
        fixed: &fixed,
        now: -9,
    };
    check_project(data, &claim).unwrap().into_iter().map(|v| (v.kind.as_str(), v.subject)).collect()
}

/// Resource 1 has nothing from 5 to 7.
fn closed(data: &mut ProjectData) {
    data.calendars = vec![(1, Calendar::new(vec![5, 7], vec![0, 1], None).unwrap())];
}

#[test]
fn windows_lags_and_groups_hold_to_the_moment() {
    let released = two(|data| data.release_time = vec![0, 1]);
    assert_eq!(judge(&released, [(-3, -1), (1, 4)], &[]), []);
    assert_eq!(judge(&released, [(-3, -1), (0, 3)], &[]), [("release", vec![1])]);
    let due = two(|data| data.deadline = vec![NO_DEADLINE, 6]);
    assert_eq!(judge(&due, [(9, 11), (3, 6)], &[]), []);
    assert_eq!(judge(&due, [(9, 11), (4, 7)], &[]), [("deadline", vec![1])]);
    let lagged = two(|data| (data.precedence, data.lag) = (vec![(0, 1)], vec![2]));
    assert_eq!(judge(&lagged, [(0, 2), (4, 7)], &[]), []);
    assert_eq!(judge(&lagged, [(0, 2), (3, 6)], &[]), [("lag", vec![0, 1])]);
    assert_eq!(judge(&lagged, [(0, 2), (1, 4)], &[]), [("precedence", vec![0, 1])]);
    let apart = two(|data| data.disjunctive = vec![vec![1, 0], vec![0, 1]]);
    assert_eq!(judge(&apart, [(0, 2), (2, 5)], &[]), []);
    assert_eq!(judge(&apart, [(0, 2), (1, 4)], &[]), [("disjunctive", vec![0, 1])]);
    let instant = two(|data| (data.duration[0], data.disjunctive) = (0, vec![vec![0, 1]]));
    assert_eq!(judge(&instant, [(3, 3), (2, 5)], &[]), []);
    assert_eq!(judge(&instant, [(3, 4), (2, 5)], &[0]), []); // planned without duration, whatever it took
}

#[test]
fn calendars_deny_and_pauses_count() {
    let strict = two(closed);
    assert_eq!(judge(&strict, [(5, 7), (2, 5)], &[]), []); // the first does not look at resource 1
    assert_eq!(judge(&strict, [(5, 7), (7, 10)], &[]), []);
    assert_eq!(judge(&strict, [(5, 7), (4, 7)], &[]), [("downtime", vec![1, 1, 5])]);
    assert_eq!(judge(&strict, [(5, 7), (3, 8)], &[]), [("duration", vec![1]), ("downtime", vec![1, 1, 5])]);
    let pausing = two(|data| {
        closed(data);
        data.pausable = vec![false, true];
    });
    assert_eq!(judge(&pausing, [(0, 2), (4, 9)], &[]), []);
    for end in [7, 8, 10] {
        assert_eq!(judge(&pausing, [(0, 2), (4, end)], &[]), [("duration", vec![1])], "{end}");
    }
    assert_eq!(judge(&pausing, [(0, 2), (2, 6)], &[]), [("duration", vec![1])]); // it ends with a pause
    assert_eq!(judge(&pausing, [(0, 2), (6, 10)], &[]), [("downtime", vec![1, 1, 6])]); // it starts with one
    let short = two(|data| {
        closed(data);
        (data.duration[1], data.pausable) = (1, vec![false, true]);
    });
    assert_eq!(judge(&short, [(0, 2), (4, 5)], &[]), []);
    assert_eq!(judge(&short, [(0, 2), (4, 7)], &[]), [("duration", vec![1])]);
    assert_eq!(judge(&short, [(0, 2), (9, 9)], &[]), [("duration", vec![1])]);
    let instant = two(|data| {
        closed(data);
        data.duration[1] = 0;
    });
    assert_eq!(judge(&instant, [(0, 2), (6, 6)], &[]), []);
}

#[test]
fn weeks_are_counted_however_many_there_are() {
    let weeks = two(|data| {
        data.calendars = vec![(1, Calendar::new(vec![0, 5], vec![1, 0], Some(7)).unwrap())];
        (data.duration[1], data.pausable) = (500, vec![false, true]);
    });
    assert_eq!(judge(&weeks, [(0, 2), (0, 698)], &[]), []);
    assert_eq!(judge(&weeks, [(0, 2), (0, 697)], &[]), [("duration", vec![1])]);
    assert_eq!(judge(&weeks, [(0, 2), (3, 703)], &[]), []);
    let two_weeks = two(|data| {
        data.calendars = vec![(1, Calendar::new(vec![0, 5], vec![1, 0], Some(7)).unwrap())];
        (data.duration[1], data.pausable) = (10, vec![false, true]);
    });
    assert_eq!(judge(&two_weeks, [(0, 2), (0, 12)], &[]), []);
    assert_eq!(judge(&two_weeks, [(0, 2), (0, 13)], &[]), [("duration", vec![1])]);
}

#[test]
fn who_rests_uses_nothing_and_what_happened_is_a_fact() {
    let narrow = |data: &mut ProjectData| {
        closed(data);
        (data.capacity[0], data.pausable) = (1, vec![false, true]);
    };
    let resting = two(narrow);
    assert_eq!(judge(&resting, [(5, 7), (4, 9)], &[]), []);
    assert_eq!(judge(&resting, [(6, 8), (4, 9)], &[]), [("capacity", vec![0, 7])]);
    assert_eq!(judge(&resting, [(3, 5), (4, 9)], &[]), [("capacity", vec![0, 4])]);
    let working = two(|data| {
        narrow(data);
        data.pausable.clear();
    });
    // Denied, it rests all the same: one violation for one mistake.
    assert_eq!(judge(&working, [(5, 7), (4, 7)], &[]), [("downtime", vec![1, 1, 5])]);
    let lowered = two(|data| {
        data.calendars = vec![(0, Calendar::new(vec![5, 7], vec![1, 2], None).unwrap())];
    });
    assert_eq!(judge(&lowered, [(3, 5), (3, 6)], &[]), []);
    assert_eq!(judge(&lowered, [(5, 7), (4, 7)], &[]), [("capacity", vec![0, 5])]);
    assert_eq!(judge(&lowered, [(4, 6), (6, 9)], &[]), []);
    assert_eq!(judge(&lowered, [(5, 7), (4, 7)], &[0, 1]), []); // together within the project's own capacity
    assert_eq!(judge(&lowered, [(5, 7), (4, 7)], &[0]), [("capacity", vec![0, 5])]); // beside a plan all keep to the calendar
    let full = two(|data| data.capacity[0] = 1);
    assert_eq!(judge(&full, [(5, 7), (4, 7)], &[0, 1]), [("capacity", vec![0, 5])]);
}

#[test]
fn an_overload_is_named_once_with_its_peak() {
    let data = ProjectData { duration: vec![4, 2, 1], demand: vec![1, 1, 1], capacity: vec![0], ..ProjectData::default() };
    let claim = ProjectClaim {
        mode: None,
        activity: &[0, 1, 2],
        start: &[0, 1, 2],
        end: &[4, 3, 3],
        makespan: None,
        objectives: &[],
        fixed: &[],
        now: 0,
    };
    let found = check_project(&data, &claim).unwrap();
    assert_eq!(found.len(), 1);
    assert_eq!(found[0].detail, "resource 0 is used 3 times from 0 to 4, its capacity is 0");
    assert_eq!(found[0].subject, [0, 0]);
}

#[test]
fn violations_come_by_kind_and_an_index_beyond_the_last_is_unknown() {
    assert_eq!(kinds(&[0, 1, 2, 3], &[0, 2, 2, 9], &[2, 5, 2, 12], None), [("unknown_id", vec![3])]);
    let late = kinds(&[2, 1, 0], &[-1, 2, 0], &[-1, 6, 2], None);
    assert_eq!(late, [("duration", vec![1]), ("before_now", vec![2]), ("precedence", vec![0, 2])]);
    let two = kinds(&[2, 1, 0], &[2, 2, -5], &[2, 6, -3], None);
    assert_eq!(two, [("duration", vec![1]), ("before_now", vec![0])]);
    let data = project();
    let claim = ProjectClaim {
        mode: None,
        activity: &[0, 1, 2],
        start: &[0, 2, 2],
        end: &[2, 5, 2],
        makespan: None,
        objectives: &[],
        fixed: &[],
        now: 0,
    };
    assert_eq!(check_project(&data, &ProjectClaim { fixed: &[(3, 0, None)], ..claim }).unwrap(), []);
    let nothing =
        ProjectClaim { mode: None, activity: &[], start: &[], end: &[], makespan: Some(0), objectives: &[], fixed: &[], now: 0 };
    assert_eq!(check_project(&ProjectData::default(), &nothing).unwrap(), []);
}
