//! A server compares policies on a stream of jobs: what knowing the sizes is worth.

use schedkit_core::check::{FlowClaim, check_flow};
use schedkit_core::online::{Jobs, JobsData, Options, Policy, simulate};

fn main() -> Result<(), schedkit_core::Error> {
    let jobs = Jobs::new(JobsData {
        release_time: vec![0.0, 1.0, 2.0, 3.0, 3.0],
        operation: vec![8.0, 2.0, 1.0, 4.0, 1.0],
        ..JobsData::default()
    })?;
    let options = Options { segments: true, ..Options::default() };
    for name in ["fcfs", "las", "ps", "srpt"] {
        let flow = simulate(&jobs, &Policy::from_name(name)?, &options)?;
        let total = flow.totals(&jobs).flow_time;
        let segments = flow.segments.as_ref().expect("they were asked for");
        let claim = FlowClaim {
            release_time: jobs.release_time(),
            operation: jobs.processing_time(),
            first_operation: &[],
            deadline: None,
            servers: 1,
            interruptible: (true, true),
            job: &segments.job,
            server: &segments.server,
            start: &segments.start,
            end: &segments.end,
            rate: &segments.rate,
            completion_time: &flow.completion_time,
            total_flow_time: Some(total),
            ..FlowClaim::default()
        };
        assert!(check_flow(&claim).is_empty());
        println!("{name:<5} total flow time {total:>5.2}, {} preemptions", flow.num_preemptions);
    }
    Ok(())
}
