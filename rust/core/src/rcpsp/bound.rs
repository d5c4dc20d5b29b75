//! Lower bounds on the makespan.

use super::constrained::{Past, Scheme, bound, plan};
use super::critical_path::time_analysis;
use super::prover::{Prover, Reasoning};
use super::{Priority, Project, Rule, justify, serial_sgs};

/// The larger of the critical path and, for each resource, its work divided by its capacity, rounded up. O(n R + m).
#[must_use]
pub fn lower_bound(project: &Project) -> i64 {
    if project.is_constrained() {
        return bound(project, &Past::default());
    }
    let mut bound = time_analysis(project).length;
    for (r, &capacity) in project.capacity().iter().enumerate() {
        if capacity == 0 {
            continue; // nobody demands it
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
/// projects too large, of more than 500 activities or some two million start times.
#[must_use]
pub fn destructive_lower_bound(project: &Project) -> i64 {
    let (bound, past) = (lower_bound(project), Past::default());
    // A good schedule keeps the windows small.
    let known = if project.is_constrained() {
        plan(project, &past, Scheme::Serial, Priority::Rule(Rule::Lft), 0).ok()
    } else {
        let schedule =
            serial_sgs(project, Priority::Rule(Rule::Lft), 0).and_then(|first| justify(project, &first.completion_time));
        Some(schedule.expect("the rule has a finite value for every activity"))
    };
    let known = known.as_ref().map(|schedule| (schedule.start_time.as_slice(), schedule.makespan));
    let Some(mut prover) = Prover::new(project, &past, known) else { return bound };
    prover.raise(Reasoning::ALL, || false);
    bound.max(prover.lower_bound())
}
