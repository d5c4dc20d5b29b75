//! One rule broken at a time.

use super::*;

fn kinds(runs: &[Run], copies: &[Run], fixed: &[Run], now: f64, makespan: Option<f64>) -> Vec<(&'static str, Vec<i64>)> {
    let cost = Cost::Matrix { cost: vec![2.0, 3.0, 4.0, f64::INFINITY, 0.0, 0.0], num_processors: 2 };
    let graph = TaskGraph::new(cost, &[(0, 1), (0, 2)], &[5.0, 1.0], None).unwrap();
    let claim = DagClaim { runs, copies, makespan, fixed, now };
    let found = check_dag(&graph, &Network::default(), &claim);
    found.into_iter().map(|v| (v.kind.as_str(), v.subject)).collect()
}

const GOOD: [Run; 3] = [(0, 0, 0.0, 2.0), (1, 0, 2.0, 6.0), (2, 1, 3.0, 3.0)];

fn with(k: usize, run: Run) -> [Run; 3] {
    let mut runs = GOOD;
    runs[k] = run;
    runs
}

#[test]
fn each_rule_is_seen_when_it_alone_is_broken() {
    let broken = |runs: &[Run]| kinds(runs, &[], &[], 0.0, None);
    assert_eq!(kinds(&GOOD, &[], &[], 0.0, Some(6.0)), []);
    assert_eq!(kinds(&GOOD, &[], &[], 0.0, Some(7.0)), [("objective", vec![])]);
    assert_eq!(broken(&GOOD[..2]), [("missing", vec![2])]);
    assert_eq!(broken(&[GOOD[0], GOOD[1], GOOD[2], GOOD[1]]), [("duplicate", vec![1])]);
    assert_eq!(broken(&[GOOD[0], GOOD[1], GOOD[2], (9, 0, 0.0, 0.0)]), [("unknown_id", vec![9])]);
    assert_eq!(broken(&with(2, (2, 7, 9.0, 9.0))), [("unknown_id", vec![2, 7])]);
    assert_eq!(broken(&with(1, (1, 0, 2.0, 5.0))), [("duration", vec![1])]);
    assert_eq!(broken(&with(1, (1, 0, f64::NAN, 5.0))), [("duration", vec![1])]);
    assert_eq!(broken(&with(1, (1, 1, 9.0, f64::INFINITY))), [("forbidden_processor", vec![1])]);
    assert_eq!(broken(&with(2, (2, 1, 2.5, 2.5))), [("communication", vec![0, 2])]);
    assert_eq!(broken(&with(2, (2, 0, 1.0, 1.0))), [("precedence", vec![0, 2])]);
    assert_eq!(broken(&with(0, (0, 0, -1.0, 1.0))), [("before_now", vec![0])]);
    assert_eq!(broken(&with(1, (1, 0, 1.0, 5.0))), [("precedence", vec![0, 1]), ("machine_overlap", vec![0, 0, 1])]);
}

#[test]
fn indices_end_where_there_are_no_more_and_violations_come_by_kind() {
    assert_eq!(kinds(&[GOOD[0], GOOD[1], GOOD[2], (3, 0, 0.0, 0.0)], &[], &[], 0.0, None), [("unknown_id", vec![3])]);
    assert_eq!(kinds(&with(2, (2, 2, 9.0, 9.0)), &[], &[], 0.0, None), [("unknown_id", vec![2, 2])]);
    assert_eq!(kinds(&GOOD[1..], &[GOOD[0]], &[], 0.0, None), [("missing", vec![0])]);
    assert_eq!(kinds(&GOOD, &[], &[(3, 0, 0.0, 0.0)], 0.0, None), []);
    let two = [(0, 0, -1.0, 1.0), (1, 0, 2.0, 5.0), GOOD[2]];
    assert_eq!(kinds(&two, &[], &[], 0.0, None), [("duration", vec![1]), ("before_now", vec![0])]);
}

#[test]
fn each_comparison_has_a_tolerance_of_its_own() {
    let ulp = 2_f64.powi(-50); // numbers from 4 to 8 are this far apart
    assert_eq!(kinds(&GOOD, &[], &[], 0.0, Some(6.0 + 6.0 * ulp)), []); // 4 * 2^-52 * 6 is 6 of them
    assert_eq!(kinds(&GOOD, &[], &[], 0.0, Some(6.0 + 8.0 * ulp)), [("objective", vec![])]);
    assert_eq!(kinds(&with(1, (1, 0, 2.0, 6.0 + 8.0 * ulp)), &[], &[], 0.0, None), [("duration", vec![1])]);
    let nothing = TaskGraph::new(Cost::Matrix { cost: vec![], num_processors: 1 }, &[], &[], None).unwrap();
    let claim = DagClaim { runs: &[], copies: &[], makespan: Some(0.0), fixed: &[], now: 0.0 };
    assert_eq!(check_dag(&nothing, &Network::default(), &claim), []);
}

#[test]
fn a_late_task_hides_nothing_among_early_ones_and_small_costs_count() {
    let judge = |cost: Vec<f64>, runs: &[Run]| {
        let graph = TaskGraph::new(Cost::Matrix { cost, num_processors: 1 }, &[], &[], None).unwrap();
        let claim = DagClaim { runs, copies: &[], makespan: None, fixed: &[], now: 0.0 };
        let found = check_dag(&graph, &Network::default(), &claim);
        found.into_iter().map(|v| (v.kind.as_str(), v.subject)).collect::<Vec<_>>()
    };
    let late = [(0, 0, 0.0, 1.0), (1, 0, 0.5, 1.5), (2, 0, 1e12, 1e12 + 1.0)];
    assert_eq!(judge(vec![1.0; 3], &late), [("machine_overlap", vec![0, 0, 1])]);
    let small = [(0, 0, 0.0, 1e-10), (1, 0, 0.0, 2e-10)];
    assert_eq!(judge(vec![1e-10; 2], &small), [("duration", vec![1]), ("machine_overlap", vec![0, 0, 1])]);
}

#[test]
fn many_tasks_at_once_on_one_processor_are_named_once_each() {
    let n = 4000;
    let graph = TaskGraph::new(Cost::Matrix { cost: vec![1.0; n], num_processors: 1 }, &[], &[], None).unwrap();
    let runs: Vec<Run> = (0..n as i64).map(|i| (i, 0, 0.0, 1.0)).collect();
    let claim = DagClaim { runs: &runs, copies: &[], makespan: None, fixed: &[], now: 0.0 };
    let found = check_dag(&graph, &Network::default(), &claim);
    assert_eq!(found.len(), super::super::MOST + 1);
    assert_eq!(found[0].subject, [0, 0, 1]);
    assert_eq!(found.last().unwrap().detail, "2999 more of this kind"); // 3,999 tasks start beside another one
}

#[test]
fn related_costs_and_every_link_count() {
    let graph = TaskGraph::new(Cost::Related { work: vec![6.0, 4.0], speed: vec![1.0, 2.0] }, &[(0, 1)], &[6.0], None);
    let graph = graph.unwrap();
    let matrix = |values: [f64; 4]| PerLink::Matrix { values: values.to_vec(), size: 2 };
    let network = Network::new(matrix([1.0, 3.0, 2.0, 1.0]), matrix([0.0, 1.0, 2.0, 0.0])).unwrap();
    let judge = |runs: &[Run]| {
        let claim = DagClaim { runs, copies: &[], makespan: None, fixed: &[], now: 0.0 };
        check_dag(&graph, &network, &claim).into_iter().map(|v| v.kind.as_str()).collect::<Vec<_>>()
    };
    // From 0 to 1: latency 1, bandwidth 3; from 1 to 0: latency 2, bandwidth 2.
    assert_eq!(judge(&[(0, 0, 0.0, 6.0), (1, 1, 9.0, 11.0)]), Vec::<&str>::new());
    assert_eq!(judge(&[(0, 0, 0.0, 6.0), (1, 1, 8.5, 10.5)]), ["communication"]);
    assert_eq!(judge(&[(0, 1, 0.0, 3.0), (1, 0, 8.0, 12.0)]), Vec::<&str>::new());
    assert_eq!(judge(&[(0, 1, 0.0, 3.0), (1, 0, 7.5, 11.5)]), ["communication"]);
}

#[test]
fn the_past_may_differ_from_the_costs_but_must_be_kept() {
    let fixed = [(0, 0, -3.0, 2.0)];
    assert_eq!(kinds(&with(0, fixed[0]), &[], &fixed, 0.0, None), []);
    assert_eq!(kinds(&GOOD, &[], &fixed, 0.0, None), [("fixed", vec![0])]);
}

#[test]
fn how_data_came_is_not_judged_between_two_fixed_runs_alone() {
    let early = with(2, (2, 1, 2.5, 2.5));
    let broken = [("communication", vec![0, 2])];
    assert_eq!(kinds(&early, &[], &[GOOD[0], early[2]], 0.0, None), []);
    assert_eq!(kinds(&early, &[], &[GOOD[0]], 0.0, None), broken);
    assert_eq!(kinds(&early, &[], &[early[2]], 0.0, None), broken);
    assert_eq!(kinds(&GOOD, &[early[2]], &[GOOD[0], GOOD[2]], 0.0, None), broken); // a copy is no past
}

#[test]
fn copies_supply_data_and_occupy_processors() {
    let early = with(2, (2, 1, 3.0, 3.0));
    assert_eq!(kinds(&early, &[(0, 1, 0.0, 3.0)], &[], 0.0, Some(6.0)), []);
    assert_eq!(kinds(&GOOD, &[(0, 0, 4.0, 6.0)], &[], 0.0, None), [("machine_overlap", vec![0, 1, 0])]);
}
