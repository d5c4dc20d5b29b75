//! Streams of jobs with any numbers under every policy: an error, or an account that the checker accepts.
#![no_main]

use arbitrary::Arbitrary;
use libfuzzer_sys::fuzz_target;
use schedkit_core::check::{FlowClaim, check_flow};
use schedkit_core::online::{Jobs, JobsData, Options, POLICIES, Policy, Preempt, lower_bound, simulate};

#[derive(Arbitrary, Debug)]
struct Input {
    jobs: Vec<(f64, Vec<f64>, f64, f64, f64)>,
    columns: u8,
    servers: u8,
    preempt: u8,
    switch_cost: f64,
    /// Numbers of everyday meet the policies, anything else the validation.
    tame: bool,
}

fuzz_target!(|input: Input| {
    let tame = |value: f64| if input.tame { (value.abs() % 16.0 * 4.0).round() / 4.0 + 0.25 } else { value };
    let jobs = &input.jobs[..input.jobs.len().min(20)];
    let mut data = JobsData { release_time: jobs.iter().map(|job| tame(job.0)).collect(), ..JobsData::default() };
    data.first_operation.push(0);
    for job in jobs {
        data.operation.extend(job.1.iter().take(4).map(|&size| tame(size)));
        if job.1.is_empty() {
            data.operation.push(1.0);
        }
        data.first_operation.push(data.operation.len());
    }
    let first_operation = data.first_operation.clone();
    let given = |bit: u8| input.columns & bit != 0;
    data.weight = given(1).then(|| jobs.iter().map(|job| tame(job.2)).collect());
    data.estimate = given(2).then(|| jobs.iter().map(|job| tame(job.3)).collect());
    data.deadline = given(4).then(|| jobs.iter().map(|job| tame(job.4)).collect());
    let Ok(jobs) = Jobs::new(data) else { return };
    let preempt = [Preempt::Anywhere, Preempt::Operation, Preempt::Never][usize::from(input.preempt % 3)];
    let servers = usize::from(input.servers % 4);
    let switch_cost = if input.tame { 0.0 } else { input.switch_cost };
    let options = Options { servers, preempt, switch_cost, segments: true };
    let largest = jobs.processing_time().iter().copied().fold(0.0, f64::max);
    for name in POLICIES.iter().map(|entry| entry.name) {
        if name == "rr" && largest > 1e5 {
            continue; // up to 2^31 turns are legal, and take their time
        }
        let policy = Policy::from_name(name).expect("the name of a policy");
        let Ok(flow) = simulate(&jobs, &policy, &options) else { continue };
        assert_eq!(flow.completion_time.len(), jobs.len());
        if !input.tame {
            continue; // numbers of 300 orders of magnitude round beyond the checker's tolerance
        }
        let segments = flow.segments.as_ref().expect("they were asked for");
        let claim = FlowClaim {
            release_time: jobs.release_time(),
            operation: &jobs.data().operation,
            first_operation: &first_operation,
            servers,
            interruptible: (preempt == Preempt::Anywhere, preempt != Preempt::Never),
            job: &segments.job,
            server: &segments.server,
            start: &segments.start,
            end: &segments.end,
            rate: &segments.rate,
            completion_time: &flow.completion_time,
            ..FlowClaim::default()
        };
        assert_eq!(check_flow(&claim), [], "{name}");
        let total = flow.totals(&jobs).flow_time;
        assert!(lower_bound(&jobs, servers, &schedkit_core::control::Pulse::default()) <= total * (1.0 + 1e-9), "{name}");
    }
});
