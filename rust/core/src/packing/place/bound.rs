//! Upper bounds on the number of items of each tier that can be placed.

use super::problem::Placement;

/// For each tier the largest number of placed items, given that as many of the tiers before it are placed as `reached` says; a bound holds
/// as long as the bounds before it are reached.
///
/// It is the least of: items that fit on an empty node; for each resource the smallest demands that all nodes together can hold, beside
/// those of the tiers before; for each resource the sum over nodes of the smallest demands that each can hold.
pub(super) fn bounds(problem: &Placement, reached: &[u32]) -> Vec<u32> {
    let (d, total) = (problem.num_resources, problem.total_capacity());
    let mut members: Vec<Vec<usize>> = vec![Vec::new(); problem.tiers.len()];
    for item in 0..problem.num_items {
        let fits = |node: usize| problem.demand_of(item).iter().zip(problem.capacity_of(node)).all(|(need, most)| need <= most);
        if problem.nodes_of(item).any(fits) {
            members[problem.tier[item] as usize].push(item);
        }
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
            let by_node: usize =
                (0..problem.num_nodes).map(|node| within(problem.capacity_of(node)[r])).fold(0, usize::saturating_add);
            most = most.min(within(total[r] - needed[r])).min(by_node);
            needed[r] += (reached[tier] as usize).min(sums.len()).checked_sub(1).map_or(0, |last| sums[last]);
        }
        found.push(most as u32);
    }
    found
}
