//! Lower bounds on the makespan.

use super::constrained::{Past, bound};
use super::prover::{MOST_ACTIVITIES, Prover, Reasoning};
use super::{Priority, Project, Rule, Scheme, critical_path, justify, plan};
use crate::control::Pulse;

/// A lower bound on the makespan: the larger of the critical path and, for each resource, its work divided by its capacity, rounded
/// up. With constraints, time windows take the place of the critical path. O(n R + m).
#[must_use]
pub fn lower_bound(project: &Project) -> i64 {
    simple_bound(project, &Pulse::default())
}

/// [`lower_bound`], or [`destructive_lower_bound`], that can be stopped; what it returns then must not be used.
#[must_use]
pub fn interruptible_lower_bound(project: &Project, destructive: bool, pulse: &Pulse) -> i64 {
    if destructive { destructive_bound(project, pulse) } else { simple_bound(project, pulse) }
}

fn simple_bound(project: &Project, pulse: &Pulse) -> i64 {
    if project.is_constrained() {
        return bound(project, &Past::default(), pulse);
    }
    let mut bound = critical_path(project, pulse).map_or(0, |path| path.length);
    for (r, &capacity) in project.capacity().iter().enumerate() {
        if capacity == 0 {
            continue; // no activity demands it
        }
        let work: i128 =
            (0..project.num_activities()).map(|i| i128::from(project.duration()[i]) * i128::from(project.demand_of(i)[r])).sum();
        let capacity = i128::from(capacity);
        // At most the horizon: every demand is at most the capacity.
        bound = bound.max(i64::try_from((work + capacity - 1) / capacity).expect("at most the sum of durations"));
    }
    bound
}

/// Assumes makespans from [`lower_bound`] on and refutes them without search, by time windows, edge finding on sets of exclusive
/// activities, and the work in every interval (Klein and Scholl 1999). At least as high as [`lower_bound`], and equal to it for
/// projects of more than 500 activities or about two million start times.
#[must_use]
pub fn destructive_lower_bound(project: &Project) -> i64 {
    destructive_bound(project, &Pulse::default())
}

fn destructive_bound(project: &Project, pulse: &Pulse) -> i64 {
    let (bound, past) = (simple_bound(project, pulse), Past::default());
    if project.num_activities() > MOST_ACTIVITIES {
        return bound;
    }
    // A good schedule is an upper bound, which narrows the time windows.
    let first = plan(project, &past, Scheme::Serial, Priority::Rule(Rule::LFT), 0, pulse);
    let known = first.and_then(|first| justify(project, &first.completion_time, pulse)).ok();
    let known = known.as_ref().map(|schedule| (schedule.start_time.as_slice(), schedule.makespan));
    let Some(mut prover) = Prover::new(project, &past, known) else { return bound };
    let mut pulse = pulse.clone();
    prover.raise(Reasoning::ALL, || pulse.worked(u64::MAX)); // looks for a reason to stop at every call
    bound.max(prover.lower_bound())
}
