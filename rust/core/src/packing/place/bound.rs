//! Upper bounds on the number of items of each tier that can be placed.

use super::problem::Placement;

/// Pairs of node and tier up to which nodes are counted one by one.
const MOST_PAIRS: usize = 1 << 20;

/// Which items fit on an empty node that they may take. `work` counts steps; true makes all others count as fitting.
pub(super) fn eligible(problem: &Placement, work: &mut dyn FnMut(u64) -> bool) -> Vec<bool> {
    let mut found = vec![true; problem.num_items];
    for (item, eligible) in found.iter_mut().enumerate() {
        let mut steps = 1;
        *eligible = problem.nodes_of(item).any(|node| {
            steps += 1;
            problem.demand_of(item).iter().zip(problem.capacity_of(node)).all(|(need, most)| need <= most)
        });
        if work(steps) {
            break;
        }
    }
    found
}

/// For each tier the largest number of placed items, given that as many of the tiers before it are placed as `reached` says; a bound holds
/// as long as the bounds before it are reached.
///
/// It is the least of: items that fit on an empty node; for each resource the smallest demands that all nodes together can hold, beside
/// those of the tiers before; for each resource the sum over nodes of the smallest demands that each can hold.
pub(super) fn bounds(problem: &Placement, reached: &[u32], eligible: &[bool]) -> Vec<u32> {
    let (d, total) = (problem.num_resources, problem.total_capacity());
    let mut members: Vec<Vec<usize>> = vec![Vec::new(); problem.tiers.len()];
    for (item, _) in eligible.iter().enumerate().filter(|(_, eligible)| **eligible) {
        members[problem.tier[item] as usize].push(item);
    }
    // Units that the tiers so far need at least, by resource.
    let mut needed = vec![0_i64; d];
    let mut found = Vec::with_capacity(members.len());
    for (tier, members) in members.iter().enumerate() {
        let mut most = members.len();
        for r in 0..d {
            let mut needs: Vec<i64> = members.iter().map(|&item| problem.demand_of(item)[r]).collect();
            needs.sort_unstable();
            let sums: Vec<i64> = needs.iter().scan(0, |sum, need| Some(std::mem::replace(sum, *sum + need) + need)).collect();
            let within = |free: i64| sums.partition_point(|&sum| sum <= free);
            most = most.min(within(total[r] - needed[r]));
            if problem.num_nodes.saturating_mul(problem.tiers.len()) <= MOST_PAIRS {
                let by_node = (0..problem.num_nodes).map(|node| within(problem.capacity_of(node)[r]));
                most = most.min(by_node.fold(0, usize::saturating_add));
            }
            needed[r] += (reached[tier] as usize).min(sums.len()).checked_sub(1).map_or(0, |last| sums[last]);
        }
        found.push(most as u32);
    }
    found
}
