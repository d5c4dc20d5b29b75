//! Properties of simulated streams, judged by the independent checker.
#![allow(missing_docs)]

use proptest::prelude::*;
use schedkit_core::check::{FlowClaim, check_flow};
use schedkit_core::online::{Flow, Jobs, JobsData, Options, Policy, Preempt, lower_bound, simulate};

/// Release time and operations of a job; small integers, so that many things happen at once.
type Row = (u8, Vec<u8>);

fn rows() -> impl Strategy<Value = Vec<Row>> {
    prop::collection::vec((0_u8..12, prop::collection::vec(0_u8..6, 1..4)), 0..12)
}

fn stream(rows: &[Row]) -> Jobs {
    let mut data = JobsData { first_operation: vec![0], ..JobsData::default() };
    for (release, operations) in rows {
        data.release_time.push(f64::from(*release));
        data.operation.extend(operations.iter().map(|&p| f64::from(p)));
        data.first_operation.push(data.operation.len());
    }
    data.estimate = Some(rows.iter().map(|(_, operations)| f64::from(operations[0]) * 2.0).collect());
    data.deadline = Some(rows.iter().map(|&(release, _)| f64::from(release) + 9.0).collect());
    Jobs::new(data).expect("a valid stream")
}

fn violations(jobs: &Jobs, flow: &Flow, options: &Options) -> Vec<String> {
    let segments = flow.segments.as_ref().expect("segments were asked for");
    let claim = FlowClaim {
        release_time: jobs.release_time(),
        operation: &jobs.data().operation,
        first_operation: &jobs.data().first_operation,
        deadline: None,
        servers: options.servers,
        interruptible: (options.preempt == Preempt::Anywhere, options.preempt != Preempt::Never),
        job: &segments.job,
        server: &segments.server,
        start: &segments.start,
        end: &segments.end,
        rate: &segments.rate,
        completion_time: &flow.completion_time,
        total_flow_time: Some(flow.totals(jobs).flow_time),
    };
    check_flow(&claim).into_iter().map(|v| v.detail).collect()
}

proptest! {
    #[test]
    fn every_policy_tells_a_possible_story(rows in rows(), servers in 1_usize..4, mode in 0..3, cost in 0_u8..2) {
        let jobs = stream(&rows);
        let preempt = [Preempt::Anywhere, Preempt::Operation, Preempt::Never][mode as usize];
        let options = Options { servers, preempt, switch_cost: f64::from(cost), segments: true };
        for (name, policy) in Policy::ALL {
            let Ok(flow) = simulate(&jobs, &policy, &options) else { continue };
            prop_assert_eq!(violations(&jobs, &flow, &options), Vec::<String>::new(), "{}", name);
            if cost == 0 {
                prop_assert!(flow.totals(&jobs).flow_time >= lower_bound(&jobs, servers) - 1e-9, "{}", name);
            }
        }
    }

    #[test]
    fn the_fast_path_is_the_general_simulator(rows in rows(), servers in 1_usize..4) {
        let jobs = stream(&rows);
        let fast = simulate(&jobs, &Policy::Srpt, &Options { servers, ..Options::default() }).unwrap();
        let general = simulate(&jobs, &Policy::Srpt, &Options { servers, segments: true, ..Options::default() }).unwrap();
        prop_assert_eq!(fast.completion_time, general.completion_time);
        prop_assert_eq!(fast.num_preemptions, general.num_preemptions);
    }
}

#[test]
fn policies_have_the_names_that_users_give() {
    for (name, policy) in Policy::ALL {
        assert_eq!(Policy::from_name(name).unwrap(), policy);
        assert_eq!(policy.name(), name);
    }
    assert_eq!(Policy::from_name("fb").unwrap(), Policy::Las);
    assert!(Policy::from_name("sprt").unwrap_err().to_string().contains("chunk_balance"));
}
