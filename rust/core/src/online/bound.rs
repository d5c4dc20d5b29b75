//! What no policy can beat.

use super::{Jobs, srpt};

/// A lower bound on the total flow time on `servers` identical servers, whatever a policy knows; on one server the optimum
/// itself.
///
/// The larger of all sizes added up and SRPT on one server of `servers` times the speed, which can do whatever they can. SRPT is
/// optimal on one server (Schrage 1968). O(n log n).
#[must_use]
pub fn lower_bound(jobs: &Jobs, servers: usize) -> f64 {
    let size = jobs.processing_time();
    if servers <= 1 {
        return total_flow(jobs, &srpt::one(jobs, size).0);
    }
    let faster: Vec<f64> = size.iter().map(|p| p / servers as f64).collect();
    size.iter().sum::<f64>().max(total_flow(jobs, &srpt::one(jobs, &faster).0))
}

fn total_flow(jobs: &Jobs, completion_time: &[f64]) -> f64 {
    completion_time.iter().zip(jobs.release_time()).map(|(c, r)| c - r).sum()
}
