//! Properties of simulated streams, judged by the independent checker.
#![allow(missing_docs)]

use proptest::prelude::*;
use schedkit_core::check::{FlowClaim, check_flow};
use schedkit_core::control::Pulse;
use schedkit_core::online::{
    Flow, Jobs, JobsData, Options, POLICIES, ParameterKind, ParameterValue, Policy, Preempt, lower_bound, simulate,
    simulate_interruptible,
};

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

fn policy(name: &str) -> Policy {
    Policy::from_name(name).expect("a known name")
}

/// All policies with their default parameters.
fn policies() -> impl Iterator<Item = (&'static str, Policy)> {
    POLICIES.iter().map(|entry| (entry.name, policy(entry.name)))
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
        ..FlowClaim::default()
    };
    check_flow(&claim).into_iter().map(|v| v.detail).collect()
}

proptest! {
    #[test]
    fn every_policy_gives_a_feasible_schedule(rows in rows(), servers in 1_usize..4, mode in 0..3, cost in 0_u8..2) {
        let jobs = stream(&rows);
        let preempt = [Preempt::Anywhere, Preempt::Operation, Preempt::Never][mode as usize];
        let options = Options { servers, preempt, switch_cost: f64::from(cost), segments: true };
        for (name, policy) in policies() {
            let Ok(flow) = simulate(&jobs, &policy, &options) else { continue };
            prop_assert_eq!(violations(&jobs, &flow, &options), Vec::<String>::new(), "{}", name);
            if cost == 0 {
                prop_assert!(flow.totals(&jobs).flow_time >= lower_bound(&jobs, servers, &Pulse::default()) - 1e-9, "{}", name);
            }
        }
    }

    #[test]
    fn specialised_srpt_equals_the_event_simulator(rows in rows(), servers in 1_usize..4) {
        let jobs = stream(&rows);
        let fast = simulate(&jobs, &policy("srpt"), &Options { servers, ..Options::default() }).unwrap();
        let general = simulate(&jobs, &policy("srpt"), &Options { servers, segments: true, ..Options::default() }).unwrap();
        prop_assert_eq!(fast.completion_time, general.completion_time);
        prop_assert_eq!(fast.num_preemptions, general.num_preemptions);
    }
}

#[test]
fn policies_have_the_names_that_users_give() {
    for (name, policy) in policies() {
        assert_eq!(Policy::from_name(name).unwrap(), policy);
        assert_eq!(policy.name(), name);
    }
    assert_eq!(Policy::from_name("fb").unwrap(), policy("las"));
    assert!(Policy::from_name("sprt").unwrap_err().to_string().contains("chunk_balance"));
}

/// Names and aliases are unique, and a default is in its own range.
#[test]
fn declarations_are_sound() {
    let mut names: Vec<&str> = POLICIES.iter().flat_map(|entry| entry.aliases.iter().copied().chain([entry.name])).collect();
    names.sort_unstable();
    assert!(names.windows(2).all(|pair| pair[0] != pair[1]), "{names:?}");
    for entry in POLICIES {
        for parameter in entry.parameters {
            if let Some(default) = parameter.default() {
                assert!(Policy::new(entry.name, [(parameter.name, default)]).is_ok(), "{} {}", entry.name, parameter.name);
            }
            if let ParameterKind::Number { accepts, .. } = parameter.kind {
                assert!(!accepts(f64::NEG_INFINITY), "{} {}", entry.name, parameter.name);
            }
        }
    }
}

#[test]
fn wrong_parameters_are_refused_by_name() {
    let refused = |name: &str, parameter: &str, value: ParameterValue| {
        Policy::new(name, [(parameter, value)]).map_or_else(|error| error.to_string(), |_| "accepted".into())
    };
    assert_eq!(refused("rr", "quantum", ParameterValue::Number(0.0)), "quantum = 0.0: must be positive and finite");
    assert_eq!(refused("slf", "epsilon", ParameterValue::Number(1.0)), "epsilon = 1.0: must be > 0 and < 1");
    assert_eq!(refused("srpt_ageing", "rate", ParameterValue::Number(f64::NAN)), "rate = NaN: must be >= 0, and at most 1e100");
    assert_eq!(refused("rr", "quantum", ParameterValue::Seed(1)), "quantum: must be a number");
    let rule = ParameterValue::Word("size".into());
    assert_eq!(refused("chunk_balance", "chunk_rule", rule), "chunk_rule = 'size': expected one of record_class, volume");
    let unknown = "parameter = 'rate': policy 'rr' has no such parameter, expected one of [quantum]";
    assert_eq!(refused("rr", "rate", ParameterValue::Number(1.0)), unknown);
}

#[test]
fn a_pulse_stops_every_simulation() {
    const N: u32 = 100_000;
    let column = |f: fn(u32) -> f64| (0..N).map(f).collect::<Vec<_>>();
    let stopped = |data: JobsData, policy: &Policy, options: &Options, what: &str| {
        let jobs = Jobs::new(data).unwrap();
        let pulse = Pulse::new(|| false);
        let flow = simulate_interruptible(&jobs, policy, options, &pulse).unwrap();
        assert!(pulse.stopped(), "{what}");
        assert!(flow.segments.is_none(), "{what}");
        let simulated = flow.completion_time.iter().filter(|&&c| c > 0.0).count();
        assert!(simulated < N as usize / 2, "{what} continued for {simulated} jobs");
    };
    for (name, policy) in policies() {
        for servers in [1, 4] {
            // A steady stream, all jobs at once, and a gap before the last job.
            let streams = [column(f64::from), vec![1.0; N as usize], column(|j| if j + 1 < N { 1.0 } else { 1e9 })];
            for (k, release_time) in streams.into_iter().enumerate() {
                let operation = column(|j| 1.0 + f64::from(j % 7));
                let data = JobsData { release_time, estimate: Some(operation.clone()), operation, ..JobsData::default() };
                let options = Options { servers, ..Options::default() };
                if simulate(&Jobs::new(JobsData::default()).unwrap(), &policy, &options).is_ok() {
                    stopped(data, &policy, &options, &format!("{name}, {servers} servers, stream {k}"));
                }
            }
        }
    }
    let data = JobsData { release_time: column(f64::from), operation: column(|_| 0.5), ..JobsData::default() };
    stopped(data, &policy("srpt"), &Options { segments: true, ..Options::default() }, "with segments");
}

#[test]
fn a_pulse_stops_many_turns_of_one_job() {
    let data = JobsData { release_time: vec![0.0], operation: vec![1.0], ..JobsData::default() };
    let pulse = Pulse::new(|| false);
    let turns = Policy::new("rr", [("quantum", ParameterValue::Number(1e-9))]).unwrap();
    let flow = simulate_interruptible(&Jobs::new(data).unwrap(), &turns, &Options::default(), &pulse).unwrap();
    assert!(pulse.stopped() && flow.completion_time == [0.0]);
}
