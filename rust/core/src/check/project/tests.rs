//! One rule broken at a time.

use super::*;

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
    let claim = ProjectClaim { activity, start, end, makespan, fixed: &[], now: 0 };
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
    let claim =
        ProjectClaim { activity: &[0, 1, 2], start: &[-4, 0, 0], end: &[-1, 3, 0], makespan: None, fixed: &fixed, now: 0 };
    assert_eq!(check_project(&project(), &claim).unwrap(), []);
    let moved = ProjectClaim { start: &[-3, 0, 0], ..claim };
    assert_eq!(check_project(&project(), &moved).unwrap()[0].kind, Kind::Fixed);
}
