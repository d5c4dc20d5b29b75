//! Why items have no node.

use super::assignment::Assignment;
use super::problem::{NOWHERE, Placement};
use crate::control::Pulse;
use crate::error::InputError;

/// Why an item has no node.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unplaced {
    /// The item.
    pub item: usize,
    /// The allowed node that lacks the least, as a share of its capacity; None without allowed nodes.
    pub node: Option<usize>,
    /// The resource of which that node lacks most, None where only an item that must stay apart is in the way.
    pub resource: Option<usize>,
    /// Units that it lacks.
    pub missing: i64,
    /// Whether the item would not fit there if the node were empty.
    pub is_too_large: bool,
}

/// For each item without a node, by index, why it has none. `node` is a feasible placement, -1 for none. O(u m d) for u such items. What
/// a stopped `pulse` leaves is incomplete.
///
/// # Errors
/// A placement that does not respect the problem.
pub fn unplaced(problem: &Placement, node: &[i64], pulse: &mut Pulse) -> Result<Vec<Unplaced>, InputError> {
    let made = Assignment::of(problem, node, "node")?;
    let steps = (problem.num_nodes * (problem.num_resources + 1)) as u64 / 2 + 8;
    let open = (0..problem.num_items).filter(|&item| made.node[item] == NOWHERE);
    Ok(open.take_while(|_| !pulse.worked(steps)).map(|item| reason(&made, item)).collect())
}

fn reason(made: &Assignment<'_>, item: usize) -> Unplaced {
    let problem = made.problem;
    let demand = problem.demand_of(item);
    let mut nearest: Option<(f64, usize, Option<usize>, i64)> = None;
    for node in problem.nodes_of(item) {
        let mut worst: (f64, Option<usize>, i64) = (0.0, None, 0);
        for (r, (need, free)) in demand.iter().zip(made.free_of(node)).enumerate() {
            if need > free {
                let share = (need - free) as f64 / problem.capacity_of(node)[r].max(1) as f64;
                if share > worst.0 {
                    worst = (share, Some(r), need - free);
                }
            }
        }
        if nearest.is_none_or(|nearest| worst.0 < nearest.0) {
            nearest = Some((worst.0, node, worst.1, worst.2));
        }
    }
    let Some((_, node, resource, missing)) = nearest else {
        return Unplaced { item, node: None, resource: None, missing: 0, is_too_large: false };
    };
    let is_too_large = demand.iter().zip(problem.capacity_of(node)).any(|(need, most)| need > most);
    Unplaced { item, node: Some(node), resource, missing, is_too_large }
}
