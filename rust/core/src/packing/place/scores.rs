//! The scores by which Kubernetes ranks the nodes for a pod.

use super::problem::check_matrix;
use crate::error::InputError;
use crate::names::Named;

/// How nodes are scored, from 0 to 100; the highest is the best.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NodeScore {
    /// The mean over resources of what stays free.
    LeastAllocated,
    /// The mean over resources of what is used.
    MostAllocated,
    /// 100 minus the standard deviation of the used shares of all resources.
    BalancedAllocation,
}

impl Named for NodeScore {
    const FIELD: &'static str = "score";

    fn all() -> impl Iterator<Item = (&'static str, Self)> + Clone {
        [
            ("least_allocated", Self::LeastAllocated),
            ("balanced_allocation", Self::BalancedAllocation),
            ("most_allocated", Self::MostAllocated),
        ]
        .into_iter()
    }
}

/// The scores of all nodes for one item, by `free` units and `capacity`, both nodes by resources. A node where the item does not fit has the
/// score -1. Scores are rounded down; resources of which a node has nothing are left out.
///
/// # Errors
/// Matrices of different sizes, negative numbers, more free units than there are.
///
/// ```
/// use schedkit_core::packing::{NodeScore, node_scores};
/// // 100m CPU and 16 Gi on a node with 4 CPUs and 32 Gi.
/// let (demand, capacity) = ([100, 16], [4000, 32]);
/// assert_eq!(node_scores(&demand, &capacity, &capacity, NodeScore::LeastAllocated)?, [73]);
/// assert_eq!(node_scores(&demand, &capacity, &capacity, NodeScore::BalancedAllocation)?, [76]);
/// # Ok::<(), schedkit_core::InputError>(())
/// ```
pub fn node_scores(demand: &[i64], free: &[i64], capacity: &[i64], score: NodeScore) -> Result<Vec<i64>, InputError> {
    let d = demand.len();
    check_matrix("demand", demand, 1, d)?;
    let count = capacity.len().checked_div(d).unwrap_or(0);
    check_matrix("capacity", capacity, count, d)?;
    check_matrix("free", free, count, d)?;
    if let Some(k) = free.iter().zip(capacity).position(|(free, most)| free > most) {
        let reason = format!("must be at most the capacity {}", capacity[k]);
        return Err(InputError::new("free", reason).at([k / d, k % d], free[k]));
    }
    let of_node = |node: usize| {
        let row = node * d..(node + 1) * d;
        let rows = || demand.iter().zip(&free[row.clone()]).zip(&capacity[row.clone()]);
        if rows().any(|((need, free), _)| need > free) {
            return -1;
        }
        let known = || rows().filter(|(_, most)| **most > 0);
        let used = |((need, free), most): ((&i64, &i64), &i64)| most - free + need;
        let resources = known().count();
        if resources == 0 {
            return 0;
        }
        match score {
            NodeScore::LeastAllocated => {
                known().map(|row| i128::from((row.1 - used(row)).max(0)) * 100 / i128::from(*row.1)).sum::<i128>() as i64
                    / resources as i64
            }
            NodeScore::MostAllocated => {
                known().map(|row| i128::from(used(row)) * 100 / i128::from(*row.1)).sum::<i128>() as i64 / resources as i64
            }
            NodeScore::BalancedAllocation => {
                let shares: Vec<f64> = known().map(|row| used(row) as f64 / *row.1 as f64).collect();
                ((1.0 - deviation(&shares)) * 100.0) as i64
            }
        }
    };
    Ok((0..count).map(of_node).collect())
}

/// The standard deviation of shares. Of two it is half their difference, as Kubernetes computes it: the root would be rounded otherwise.
fn deviation(shares: &[f64]) -> f64 {
    if let [a, b] = shares {
        return ((a - b) / 2.0).abs();
    }
    let count = shares.len() as f64;
    let mean = shares.iter().sum::<f64>() / count;
    (shares.iter().map(|share| (share - mean) * (share - mean)).sum::<f64>() / count).sqrt()
}
