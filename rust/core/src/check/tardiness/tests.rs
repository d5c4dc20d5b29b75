//! One rule broken at a time.

use super::*;

const PROBLEM: SequenceProblem = SequenceProblem {
    processing_time: &[2, 3, 1],
    due_date: &[2, 4, -1],
    weight: Weights::Floats(&[1.0, 2.0, 3.0]),
    names: None,
};

fn kinds(claim: SequenceClaim) -> Vec<(&'static str, Vec<i64>)> {
    check_sequence(&PROBLEM, &claim).into_iter().map(|v| (v.kind.as_str(), v.subject)).collect()
}

#[test]
fn each_rule_is_seen_when_it_alone_is_broken() {
    let good = SequenceClaim {
        sequence: &[0, 1, 2],
        times: Some((&[0, 2, 5], &[2, 5, 6])),
        lateness: Some(&[0, 1, 7]),
        tardiness: Some(&[0, 1, 7]),
        total_tardiness: Some(8),
        total_weighted_tardiness: Some(Claimed::Float(23.0)),
        max_lateness: Some(7),
        max_tardiness: Some(7),
        num_tardy: Some(2),
    };
    let bare = SequenceClaim { sequence: &[0, 1, 2], ..SequenceClaim::default() };
    assert_eq!(kinds(good), []);
    assert_eq!(kinds(bare), []);
    assert_eq!(kinds(SequenceClaim { sequence: &[0, 1], ..bare }), [("missing", vec![2])]);
    assert_eq!(kinds(SequenceClaim { sequence: &[0, 1, 2, 0], ..bare }), [("duplicate", vec![0])]);
    assert_eq!(kinds(SequenceClaim { sequence: &[0, 1, 2, 3, -1], ..bare }), [("unknown_id", vec![-1]), ("unknown_id", vec![3])]);
    assert_eq!(kinds(SequenceClaim { times: Some((&[0, 2, 5], &[2, 4, 6])), ..bare }), [("duration", vec![1])]);
    assert_eq!(kinds(SequenceClaim { times: Some((&[-1, 2, 5], &[1, 5, 6])), ..bare }), [("release", vec![0])]);
    assert_eq!(kinds(SequenceClaim { times: Some((&[0, 1, 5], &[2, 4, 6])), ..bare }), [("machine_overlap", vec![0, 1])]);
    assert_eq!(kinds(SequenceClaim { times: Some((&[3, 0, 5], &[5, 3, 6])), ..bare }), [("precedence", vec![0, 1])]);
    assert_eq!(kinds(SequenceClaim { lateness: Some(&[0, 2, 7]), ..bare }), [("objective", vec![1])]);
    assert_eq!(kinds(SequenceClaim { tardiness: Some(&[1, 1, 7]), ..bare }), [("objective", vec![0])]);
    for wrong in [
        SequenceClaim { total_tardiness: Some(7), ..bare },
        SequenceClaim { total_weighted_tardiness: Some(Claimed::Float(22.0)), ..bare },
        SequenceClaim { max_lateness: Some(8), ..bare },
        SequenceClaim { max_tardiness: Some(0), ..bare },
        SequenceClaim { num_tardy: Some(3), ..bare },
    ] {
        assert_eq!(kinds(wrong), [("objective", vec![])]);
    }
}

#[test]
fn jobs_that_start_together_overlap_unless_one_takes_no_time() {
    let together = SequenceClaim { sequence: &[0, 1, 2], times: Some((&[0, 0, 3], &[2, 3, 4])), ..SequenceClaim::default() };
    assert_eq!(kinds(together), [("machine_overlap", vec![0, 1])]);
    let problem = SequenceProblem { processing_time: &[0, 3, 1], ..PROBLEM };
    let instant = SequenceClaim { times: Some((&[0, 0, 3], &[0, 3, 4])), ..together };
    assert_eq!(check_sequence(&problem, &instant), []);
}

/// The sequence 0, 1, 2 with this total; its jobs are 0, 1 and 7 late.
fn right(weight: Weights, total: Claimed) -> bool {
    let claim = SequenceClaim { sequence: &[0, 1, 2], total_weighted_tardiness: Some(total), ..SequenceClaim::default() };
    check_sequence(&SequenceProblem { weight, ..PROBLEM }, &claim).is_empty()
}

#[test]
fn weights_are_ones_by_default_and_nothing_is_zero() {
    assert!(right(Weights::Unit, Claimed::Float(8.0)) && right(Weights::Unit, Claimed::Integer(8)));
    assert!(!right(Weights::Unit, Claimed::Float(8.000_001)) && !right(Weights::Unit, Claimed::Integer(7)));
    let empty = SequenceProblem { processing_time: &[], due_date: &[], weight: Weights::Unit, names: None };
    let nothing = SequenceClaim { max_lateness: Some(0), max_tardiness: Some(0), num_tardy: Some(0), ..SequenceClaim::default() };
    assert_eq!(check_sequence(&empty, &nothing), []);
}

#[test]
fn integer_totals_are_exact_and_float_ones_have_a_formula() {
    // 1 * (2^60 + 1) + 7 * 3
    let weight = Weights::Integers(&[5, (1 << 60) + 1, 3]);
    let total = (1_i64 << 60) + 22;
    assert!(right(weight, Claimed::Integer(total)) && !right(weight, Claimed::Integer(total + 1)));
    assert!(right(weight, Claimed::Float(total as f64)) && !right(weight, Claimed::Float(2_f64.powi(60) + 1024.0)));
    // 0.1 + 7 * 0.2 = 1.5, to (3 + 4) * 2^-53 of it
    let weight = Weights::Floats(&[9.0, 0.1, 0.2]);
    let unit = 2_f64.powi(-52); // numbers from 1 to 2 are this far apart, and 7 * 2^-53 * 1.5 is 5.25 of them
    assert!(right(weight, Claimed::Float(1.5 + 4.0 * unit)) && !right(weight, Claimed::Float(1.5 + 7.0 * unit)));
    assert!(!right(weight, Claimed::Float(f64::NAN)) && !right(weight, Claimed::Integer(2)));
}

#[test]
fn nothing_tardy_weighs_nothing() {
    let problem = SequenceProblem { due_date: &[9, 9, 9], ..PROBLEM };
    let claim =
        SequenceClaim { sequence: &[0, 1, 2], total_weighted_tardiness: Some(Claimed::Float(0.0)), ..SequenceClaim::default() };
    assert_eq!(check_sequence(&problem, &claim), []);
}
