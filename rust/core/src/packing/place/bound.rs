//! Upper bounds on the number of items of each tier that can be placed.

use super::problem::Placement;
use crate::cost;

/// Pairs of node and tier up to which nodes are counted one by one.
const MOST_PAIRS: usize = 1 << 20;

/// Which items fit on an empty node that they may take. `work` counts steps; true makes all others count as fitting.
fn eligible(problem: &Placement, work: &mut dyn FnMut(u64) -> bool) -> Vec<bool> {
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

/// Upper bounds by tier.
///
/// The bound of a tier is the least of: items that fit on an empty node; for each resource the smallest demands that all nodes together
/// can hold, beside those of the tiers before; for each resource the sum over nodes of the smallest demands that each can hold.
pub(super) struct Bounds {
    /// Units of each resource that all nodes have together.
    total: Vec<i64>,
    tiers: Vec<TierBound>,
}

/// What the bound of one tier needs.
#[derive(Default)]
struct TierBound {
    /// The bound without regard to other tiers.
    most: usize,
    /// For each resource the sums of the smallest demands, of one item, of two, and so on.
    sums: Vec<Vec<i64>>,
}

impl Bounds {
    /// Reads the problem. `work` counts steps; true leaves out all bounds that are not known yet.
    pub(super) fn new(problem: &Placement, work: &mut dyn FnMut(u64) -> bool) -> Self {
        let mut members: Vec<Vec<usize>> = vec![Vec::new(); problem.tiers.len()];
        let eligible = eligible(problem, work);
        for item in (0..problem.num_items).filter(|&item| eligible[item]) {
            members[problem.tier[item] as usize].push(item);
        }
        let tiers = members.iter().map(|members| TierBound::new(problem, members, work)).collect();
        Self { total: problem.total_capacity(), tiers }
    }

    /// For each tier the largest number of placed items, given that as many of the tiers before it are placed as `reached` says; a bound
    /// holds as long as the bounds before it are reached.
    pub(super) fn given(&self, reached: &[u32]) -> Vec<u32> {
        // Units that the tiers so far need at least, by resource.
        let mut needed = vec![0_i64; self.total.len()];
        let mut found = Vec::with_capacity(self.tiers.len());
        for (tier, &reached) in self.tiers.iter().zip(reached) {
            let mut most = tier.most;
            for (r, sums) in tier.sums.iter().enumerate() {
                most = most.min(count_within(sums, self.total[r] - needed[r]));
                needed[r] += (reached as usize).min(sums.len()).checked_sub(1).map_or(0, |last| sums[last]);
            }
            found.push(most as u32);
        }
        found
    }
}

impl TierBound {
    fn new(problem: &Placement, members: &[usize], work: &mut dyn FnMut(u64) -> bool) -> Self {
        let mut bound = Self { most: members.len(), sums: Vec::new() };
        for r in 0..problem.num_resources {
            if work(cost::SORTED * members.len() as u64) {
                break;
            }
            let mut needs: Vec<i64> = members.iter().map(|&item| problem.demand_of(item)[r]).collect();
            needs.sort_unstable();
            let sums: Vec<i64> = needs.iter().scan(0, |sum, need| Some(std::mem::replace(sum, *sum + need) + need)).collect();
            if problem.num_nodes.saturating_mul(problem.tiers.len()) <= MOST_PAIRS {
                bound.most = bound.most.min(by_node(problem, &sums, r, bound.most, work));
            }
            bound.sums.push(sums);
        }
        bound
    }
}

/// How many of the smallest demands of a resource all nodes can hold, each on its own; `enough` ends the count.
fn by_node(problem: &Placement, sums: &[i64], r: usize, enough: usize, work: &mut dyn FnMut(u64) -> bool) -> usize {
    let mut found = 0;
    for node in 0..problem.num_nodes {
        found += count_within(sums, problem.capacity_of(node)[r]);
        if found >= enough || work(cost::SORTED) {
            return enough;
        }
    }
    found
}

/// How many of the smallest demands fit into so many units.
fn count_within(sums: &[i64], units: i64) -> usize {
    sums.partition_point(|&sum| sum <= units)
}
