//! The lower bound of an objective that a learning environment keeps.

use super::instance::Instance;
use crate::shop::objective::{Combination, Objective};
use crate::total::Total;
use crate::weights::Weights;

/// The lower bound after an operation of `job` has been placed on `machine`; `before` tells whether it was the first of all, and what
/// bound the job had.
#[inline]
pub fn grown(instance: &Instance, objective: Objective, job: usize, before: (bool, i64), machine: usize) -> Total {
    let (shop, (is_first, earlier)) = (&*instance.shop, before);
    let busy = |machine: usize| instance.free[machine] + instance.load[machine];
    if is_first {
        return match objective.combined(shop, &instance.completion_bound) {
            Total::Integer(all) if objective.is_makespan() => {
                all.max((0..instance.free.len()).map(busy).max().unwrap_or(all)).into()
            }
            all => all,
        };
    }
    let value = |completion: i64| objective.of_job(shop, job, completion).unwrap_or(i64::MIN);
    let now = value(instance.completion_bound[job]);
    match (objective.combination(), instance.lower_bound, &shop.data().weight) {
        (Combination::Largest, Total::Integer(known), _) if objective.is_makespan() => known.max(now).max(busy(machine)).into(),
        (Combination::Largest, Total::Integer(known), _) => known.max(now).into(),
        (Combination::Sum, Total::Integer(known), _) | (Combination::WeightedSum, Total::Integer(known), Weights::Unit) => {
            (known + now - value(earlier)).into()
        }
        (Combination::WeightedSum, Total::Integer(known), Weights::Integers(weights)) => {
            (known + weights[job] * (now - value(earlier))).into()
        }
        _ => objective.combined(shop, &instance.completion_bound), // floats are always added up in order of jobs
    }
}
