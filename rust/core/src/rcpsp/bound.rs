//! Lower bounds on the makespan.

use super::Project;
use super::constrained::{Past, bound};
use super::critical_path::time_analysis;

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
