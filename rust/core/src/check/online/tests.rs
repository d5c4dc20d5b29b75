//! Each rule of the checker, broken alone.

use super::*;

const HONEST: FlowClaim = FlowClaim {
    release_time: &[0.0, 1.0],
    operation: &[3.0, 1.0, 1.0],
    first_operation: &[0, 2, 3],
    deadline: Some(&[5.0, 4.0]),
    weight: Some(&[2.0, 3.0]),
    servers: 1,
    interruptible: (false, true),
    job: &[0, 1, 0],
    server: &[0, 0, 0],
    start: &[0.0, 3.0, 4.0],
    end: &[3.0, 4.0, 5.0],
    rate: &[1.0, 1.0, 1.0],
    completion_time: &[5.0, 4.0],
    flow_time: Some(&[5.0, 3.0]),
    total_flow_time: Some(8.0),
    total_weighted_flow_time: Some(19.0),
    mean_flow_time: Some(4.0),
    max_flow_time: Some(5.0),
    names: None,
};

/// [`HONEST`] with nothing claimed but completion times.
const MODEST: FlowClaim = FlowClaim {
    flow_time: None,
    total_flow_time: None,
    total_weighted_flow_time: None,
    mean_flow_time: None,
    max_flow_time: None,
    ..HONEST
};

fn kinds(claim: &FlowClaim) -> Vec<(&'static str, Vec<i64>)> {
    check_flow(claim).into_iter().map(|v| (v.kind.as_str(), v.subject)).collect()
}

#[test]
fn each_rule_is_seen_when_it_alone_is_broken() {
    assert_eq!(kinds(&HONEST), []);
    assert_eq!(kinds(&FlowClaim { job: &[0, 1, 7], ..MODEST })[0], ("unknown_id", vec![7]));
    assert_eq!(kinds(&FlowClaim { server: &[0, 0, 1], ..MODEST }), [("unknown_id", vec![1])]);
    assert_eq!(kinds(&FlowClaim { interruptible: (false, false), ..MODEST }), [("disjunctive", vec![0])]);
    assert_eq!(kinds(&FlowClaim { operation: &[2.0, 2.0, 1.0], ..MODEST }), [("disjunctive", vec![0])]);
    assert_eq!(kinds(&FlowClaim { deadline: Some(&[5.0, 3.0]), ..MODEST }), [("deadline", vec![1])]);
    assert_eq!(kinds(&FlowClaim { release_time: &[0.0, 3.5], ..MODEST }), [("release", vec![1])]);
    assert_eq!(kinds(&FlowClaim { operation: &[3.0, 1.0, 2.0], ..MODEST }), [("duration", vec![1])]);
    assert_eq!(
        kinds(&FlowClaim { completion_time: &[6.0, 4.0], total_flow_time: Some(9.0), deadline: None, ..MODEST }),
        [("objective", vec![0])]
    );
    let overlap = FlowClaim { start: &[0.0, 2.5, 4.0], end: &[3.0, 3.5, 5.0], completion_time: &[5.0, 3.5], ..MODEST };
    assert_eq!(kinds(&FlowClaim { ..overlap }), [("machine_overlap", vec![0])]);
    let twice =
        FlowClaim { servers: 2, server: &[0, 0, 1], job: &[0, 1, 0], start: &[0.0, 3.0, 2.0], end: &[3.0, 4.0, 3.0], ..MODEST };
    let seen = kinds(&FlowClaim { completion_time: &[3.0, 4.0], interruptible: (true, true), ..twice });
    assert_eq!(seen, [("duplicate", vec![0])]);
    assert_eq!(
        kinds(&FlowClaim { job: &[0, 0], server: &[0, 0], start: &[0.0, 4.0], end: &[3.0, 5.0], rate: &[1.0, 1.0], ..MODEST })[0],
        ("missing", vec![1])
    );
}

#[test]
fn indices_end_where_there_are_no_more() {
    assert_eq!(kinds(&FlowClaim { job: &[0, 1, 2], ..MODEST })[0], ("unknown_id", vec![2]));
    assert_eq!(kinds(&FlowClaim { job: &[0, 1, -1], ..MODEST })[0], ("unknown_id", vec![-1]));
}

#[test]
fn segments_may_come_in_any_order_and_violations_come_by_kind() {
    let reversed = FlowClaim { job: &[0, 1, 0], start: &[4.0, 3.0, 0.0], end: &[5.0, 4.0, 3.0], ..MODEST };
    assert_eq!(kinds(&reversed), []);
    assert_eq!(kinds(&FlowClaim { interruptible: (false, false), ..reversed }), [("disjunctive", vec![0])]);
    let empty = FlowClaim { job: &[0, 0, 1, 0], server: &[0; 4], start: &[0.0, 3.0, 3.0, 4.0], ..MODEST };
    assert_eq!(kinds(&FlowClaim { end: &[3.0, 3.0, 4.0, 5.0], rate: &[1.0; 4], ..empty }), []);
    let wrong = FlowClaim { operation: &[3.0, 1.0, 2.0], completion_time: &[6.0, 4.0], deadline: None, ..MODEST };
    let seen = kinds(&FlowClaim { total_flow_time: Some(8.0), ..wrong });
    assert_eq!(seen, [("duration", vec![1]), ("objective", vec![]), ("objective", vec![0])]);
}

#[test]
fn sums_means_and_maxima_are_recomputed() {
    let objective = [("objective", vec![])];
    for total in [8.1, 0.0, -8.0, f64::NAN, f64::INFINITY] {
        assert_eq!(kinds(&FlowClaim { total_flow_time: Some(total), ..HONEST }), objective);
        assert_eq!(kinds(&FlowClaim { total_weighted_flow_time: Some(total), ..HONEST }), objective);
        assert_eq!(kinds(&FlowClaim { mean_flow_time: Some(total), ..HONEST }), objective);
        assert_eq!(kinds(&FlowClaim { max_flow_time: Some(total), ..HONEST }), objective);
    }
    assert_eq!(kinds(&FlowClaim { flow_time: Some(&[5.0, 3.5]), ..HONEST }), [("objective", vec![1])]);
    assert_eq!(kinds(&FlowClaim { weight: None, total_weighted_flow_time: Some(8.0), ..HONEST }), []);
}

/// Three jobs of size 1 one after the other on a clock that shows seconds since 1970.
const UNIX: FlowClaim = FlowClaim {
    release_time: &[1.7e9, 1.7e9, 1.7e9],
    operation: &[1.0, 1.0, 1.0],
    first_operation: &[],
    deadline: None,
    weight: None,
    interruptible: (true, true),
    job: &[0, 1, 2],
    server: &[0, 0, 0],
    start: &[1.7e9, 1.7e9 + 1.0, 1.7e9 + 2.0],
    end: &[1.7e9 + 1.0, 1.7e9 + 2.0, 1.7e9 + 3.0],
    rate: &[1.0, 1.0, 1.0],
    completion_time: &[1.7e9 + 1.0, 1.7e9 + 2.0, 1.7e9 + 3.0],
    ..MODEST
};

#[test]
fn large_clocks_hide_nothing() {
    assert_eq!(kinds(&UNIX), []);
    let never = FlowClaim { job: &[], server: &[], start: &[], end: &[], rate: &[], ..UNIX };
    assert_eq!(kinds(&never), [("missing", vec![0]), ("missing", vec![1]), ("missing", vec![2])]);
    let at_once = FlowClaim { start: &[1.7e9; 3], end: &[1.7e9 + 1.0; 3], completion_time: &[1.7e9 + 1.0; 3], ..UNIX };
    assert_eq!(kinds(&at_once), [("machine_overlap", vec![0])]);
    let early = [1.7e9, 1.7e9, 1.7e9 + 1e-3];
    assert_eq!(kinds(&FlowClaim { release_time: &early, start: &[1.7e9, 1.7e9 + 1.0, 1.7e9 + 2.0], ..UNIX }), []);
    assert_eq!(kinds(&FlowClaim { release_time: &[1.7e9 + 1e-3, 1.7e9, 1.7e9], ..UNIX }), [("release", vec![0])]);
    let one_long = FlowClaim {
        release_time: &[0.0; 3],
        start: &[0.0, 0.5, 1e12],
        end: &[1.0, 1.5, 1e12 + 1.0],
        completion_time: &[1.0, 1.5, 1e12 + 1.0],
        ..UNIX
    };
    assert_eq!(kinds(&one_long), [("machine_overlap", vec![0])]);
}

#[test]
fn small_numbers_count_and_units_in_the_last_place_do_not() {
    let unit = 2_f64.powi(-22); // numbers from 2^30 to 2^31 are this far apart, and 4 * 2^-52 * 1.7e9 is 6.3 of them
    let shifted = |by: f64| [1.7e9 + 1.0 + by, 1.7e9 + 2.0, 1.7e9 + 3.0];
    assert_eq!(kinds(&FlowClaim { completion_time: &shifted(6.0 * unit), ..UNIX }), []);
    assert_eq!(kinds(&FlowClaim { completion_time: &shifted(7.0 * unit), ..UNIX }), [("objective", vec![0])]);
    let tiny = FlowClaim {
        release_time: &[0.0; 3],
        operation: &[1e-10; 3],
        start: &[0.0, 1e-10, 2e-10],
        end: &[1e-10, 2e-10, 3e-10],
        completion_time: &[1e-10, 2e-10, 3e-10],
        ..UNIX
    };
    assert_eq!(kinds(&tiny), []);
    assert_eq!(kinds(&FlowClaim { operation: &[1e-10, 1e-10, 1.1e-10], ..tiny }), [("duration", vec![2])]);
    assert_eq!(
        kinds(&FlowClaim { start: &[0.0, 0.0, 2e-10], operation: &[1e-10, 2e-10, 1e-10], ..tiny }),
        [("machine_overlap", vec![0])]
    );
}

#[test]
fn work_is_neither_undone_nor_done_backwards() {
    let alone = FlowClaim { job: &[0, 0], server: &[0, 0], rate: &[1.0, 1.0], interruptible: (true, true), ..MODEST };
    let backwards = FlowClaim { start: &[0.0, 5.0], end: &[5.0, 4.0], ..alone };
    let undone = FlowClaim { start: &[0.0, 5.0], end: &[5.0, 6.0], rate: &[1.0, -1.0], ..alone };
    for claim in [backwards, undone] {
        assert!(kinds(&claim).contains(&("duration", vec![0])));
    }
}

#[test]
fn a_server_may_be_shared_in_parts() {
    let shared = FlowClaim {
        release_time: &[0.0, 0.0],
        operation: &[1.0, 1.0],
        first_operation: &[],
        deadline: None,
        job: &[0, 1],
        server: &[0, 0],
        start: &[0.0, 0.0],
        end: &[2.0, 2.0],
        rate: &[0.5, 0.5],
        completion_time: &[2.0, 2.0],
        total_flow_time: Some(4.0),
        ..MODEST
    };
    assert_eq!(kinds(&shared), []);
    assert_eq!(kinds(&FlowClaim { operation: &[1.0, 1.2], rate: &[0.5, 0.6], ..shared }), [("machine_overlap", vec![0])]);
}

/// A job of size 0 that is served at time 3, between the two halves of a job of size 5.
const INSTANT: FlowClaim = FlowClaim {
    release_time: &[0.0, 1.0],
    operation: &[5.0, 0.0],
    first_operation: &[],
    deadline: None,
    interruptible: (true, true),
    job: &[0, 1, 0],
    server: &[0, 0, 0],
    start: &[0.0, 3.0, 3.0],
    end: &[3.0, 3.0, 5.0],
    completion_time: &[5.0, 3.0],
    ..MODEST
};

#[test]
fn a_job_of_size_0_needs_the_server_for_an_instant() {
    assert_eq!(kinds(&INSTANT), []);
    assert_eq!(kinds(&FlowClaim { completion_time: &[5.0, 9.0], ..INSTANT }), [("objective", vec![1])]);
    assert_eq!(kinds(&FlowClaim { release_time: &[0.0, 4.0], ..INSTANT }), [("release", vec![1])]);
    let whole = FlowClaim { job: &[0, 1], server: &[0, 0], start: &[0.0, 3.0], end: &[5.0, 3.0], rate: &[1.0; 2], ..INSTANT };
    assert_eq!(kinds(&whole), [("machine_overlap", vec![0])]);
    assert_eq!(kinds(&FlowClaim { server: &[0, 1], servers: 2, ..whole }), []);
    assert_eq!(kinds(&FlowClaim { start: &[0.0, 5.0], end: &[5.0, 5.0], completion_time: &[5.0, 5.0], ..whole }), []);
    let alone = FlowClaim { job: &[0], server: &[0], start: &[0.0], end: &[5.0], rate: &[1.0], ..INSTANT };
    assert_eq!(kinds(&alone), [("missing", vec![1])]);
}

#[test]
fn whoever_is_served_for_an_instant_interrupts_the_others() {
    let never = FlowClaim { interruptible: (false, false), ..INSTANT };
    assert_eq!(kinds(&never), [("disjunctive", vec![0])]);
    let pieces = FlowClaim { start: &[0.0, 5.0, 3.0], end: &[3.0, 5.0, 5.0], completion_time: &[5.0, 5.0], ..never };
    assert_eq!(kinds(&pieces), []);
    let operations =
        FlowClaim { operation: &[3.0, 2.0, 0.0], first_operation: &[0, 2, 3], interruptible: (false, true), ..INSTANT };
    assert_eq!(kinds(&operations), []);
    assert_eq!(kinds(&FlowClaim { operation: &[2.0, 3.0, 0.0], ..operations }), [("disjunctive", vec![0])]);
}

#[test]
fn an_operation_may_be_listed_in_pieces_but_not_moved() {
    let pieces = FlowClaim {
        release_time: &[1.0],
        operation: &[3.0, 1.0],
        first_operation: &[0, 2],
        deadline: None,
        servers: 2,
        job: &[0, 0, 0],
        server: &[0, 0, 1],
        start: &[1.0, 2.0, 5.0],
        end: &[2.0, 4.0, 6.0],
        completion_time: &[6.0],
        total_flow_time: Some(5.0),
        ..MODEST
    };
    assert_eq!(kinds(&pieces), []);
    assert_eq!(kinds(&FlowClaim { server: &[0, 1, 1], ..pieces }), [("disjunctive", vec![0])]);
    assert_eq!(kinds(&FlowClaim { start: &[1.0, 2.5, 5.0], end: &[2.0, 4.5, 6.0], ..pieces }), [("disjunctive", vec![0])]);
}

#[test]
fn numbers_that_are_not_are_violations() {
    let seen = kinds(&FlowClaim { completion_time: &[f64::NAN, 4.0], ..MODEST });
    assert!(seen.contains(&("objective", vec![0])));
    assert!(kinds(&FlowClaim { end: &[f64::NAN, 4.0, 5.0], ..MODEST }).contains(&("duration", vec![0])));
}

#[test]
fn a_release_far_below_zero_loosens_its_own_busy_period_alone() {
    // At -10^6 four units of the last place are 8.9e-10; job 1 comes long after job 0 has gone.
    let claim = |completion: f64| {
        let found = check_flow(&FlowClaim {
            release_time: &[-1e6, 0.0],
            operation: &[1.0, 1.0],
            first_operation: &[],
            servers: 1,
            interruptible: (true, true),
            job: &[0, 1],
            server: &[0, 0],
            start: &[-1e6, 0.0],
            end: &[-1e6 + 1.0, completion],
            rate: &[1.0, 1.0],
            completion_time: &[-1e6 + 1.0, completion],
            ..FlowClaim::default()
        });
        found.into_iter().map(|v| (v.kind.as_str(), v.subject)).collect::<Vec<_>>()
    };
    assert_eq!(claim(1.0), []);
    assert_eq!(claim(1.0 + 1e-10), [("duration", vec![1])]);
    // Within one busy period the clock has lost that much.
    let one = FlowClaim {
        release_time: &[-1e6, 0.0],
        operation: &[1e6, 1.0],
        first_operation: &[],
        servers: 1,
        interruptible: (true, true),
        job: &[0, 1],
        server: &[0, 0],
        start: &[-1e6, 0.0],
        end: &[0.0, 1.0 + 1e-10],
        rate: &[1.0, 1.0],
        completion_time: &[0.0, 1.0 + 1e-10],
        ..FlowClaim::default()
    };
    assert_eq!(check_flow(&one), []);
}

#[test]
fn details_name_the_jobs() {
    let names = ["long".to_owned(), "short".to_owned()];
    let found = check_flow(&FlowClaim { names: Some(&names), release_time: &[0.0, 3.5], ..MODEST });
    assert_eq!(found[0].detail, "job 'short' starts at 3.0, before its release at 3.5");
}
