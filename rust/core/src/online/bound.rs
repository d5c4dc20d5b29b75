//! A lower bound on the total flow time of every policy.

use super::{Flow, Jobs, srpt};
use crate::control::Pulse;

/// A lower bound on the total flow time on `servers` identical servers, whatever a policy knows; on one server the optimum
/// itself.
///
/// The larger of all sizes added up and SRPT on one server of `servers` times the speed, which can do whatever they can. SRPT is
/// optimal on one server (Schrage 1968). O(n log n). The pulse can stop it; the result must not be used then.
#[must_use]
pub fn lower_bound(jobs: &Jobs, servers: usize, pulse: &Pulse) -> f64 {
    let size = jobs.processing_time();
    if servers <= 1 {
        return total_flow(jobs, size, pulse);
    }
    let faster: Vec<f64> = size.iter().map(|p| p / servers as f64).collect();
    // The sum of nothing is minus zero.
    (size.iter().sum::<f64>() + 0.0).max(total_flow(jobs, &faster, pulse))
}

/// The total flow time of SRPT on one server with these sizes.
fn total_flow(jobs: &Jobs, size: &[f64], pulse: &Pulse) -> f64 {
    let (completion_time, num_preemptions) = srpt::run_one_server(jobs, size, pulse);
    if pulse.stopped() {
        return 0.0; // some jobs were not simulated
    }
    Flow { completion_time, num_preemptions, segments: None }.totals(jobs).flow_time
}
