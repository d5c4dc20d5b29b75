//! The first pass: running items keep their nodes, the others follow by best fit.

use super::assignment::Assignment;
use super::problem::{NOWHERE, Placement};

/// Nodes of a block: as many as a word of bits has.
pub(super) const BLOCK: usize = 64;
/// Scores that are compared with each other at once.
const LANES: usize = 8;

/// First fit of running items on their nodes, then best fit by decreasing dominant share, one tier after the other. `work` counts steps;
/// true leaves the other items without a node.
///
/// The node of best fit is that of [`Assignment::best_node`], found for a whole block of nodes at a time.
pub(super) fn first_pass<'a>(problem: &'a Placement, work: &mut dyn FnMut(u64) -> bool) -> Assignment<'a> {
    let steps = (problem.num_nodes * (problem.num_resources + 1)) as u64 / 8 + 8;
    let share = problem.dominant_shares();
    let mut order: Vec<usize> = (0..problem.num_items).collect();
    order.sort_by(|&a, &b| problem.tier[a].cmp(&problem.tier[b]).then(share[b].total_cmp(&share[a])).then(a.cmp(&b)));
    let mut made = Assignment::empty(problem);
    let mut columns = Columns::new(problem);
    for tier in order.chunk_by(|&a, &b| problem.tier[a] == problem.tier[b]) {
        for &item in tier {
            let node = problem.current[item];
            if node != NOWHERE && problem.is_allowed(item, node as usize) && made.fits(item, node as usize) {
                made.put(item, node as usize);
                columns.put(problem.demand_of(item), node as usize);
            }
        }
        for &item in tier {
            if made.node[item] != NOWHERE {
                continue;
            }
            if work(steps) {
                return made;
            }
            let node = if problem.allowed[item].is_some() { made.best_node(item) } else { columns.best_node(&made, item) };
            if let Some(node) = node {
                made.put(item, node);
                columns.put(problem.demand_of(item), node);
            }
        }
    }
    made
}

/// The free units of all nodes, in blocks with one column for each resource.
///
/// Units are floats; as sums are at most 2^53, they are exact.
struct Columns {
    num_nodes: usize,
    num_resources: usize,
    /// Free units, by block and resource.
    free: Vec<[f64; BLOCK]>,
    /// The share of a node's capacity that one unit is, by block and resource.
    share: Vec<[f64; BLOCK]>,
    /// The most free units that a node of the block has, by block and resource.
    most: Vec<f64>,
}

impl Columns {
    /// All nodes are empty.
    fn new(problem: &Placement) -> Self {
        let (m, d) = (problem.num_nodes, problem.num_resources);
        let count = m.div_ceil(BLOCK) * d;
        let (mut free, mut share) = (vec![[0.0; BLOCK]; count], vec![[0.0; BLOCK]; count]);
        for node in 0..m {
            for r in 0..d {
                let at = node / BLOCK * d + r;
                free[at][node % BLOCK] = problem.capacity[node * d + r] as f64;
                share[at][node % BLOCK] = problem.share[node * d + r];
            }
        }
        let most = free.iter().map(largest).collect();
        Self { num_nodes: m, num_resources: d, free, share, most }
    }

    /// Takes the units of an item from a node.
    fn put(&mut self, demand: &[i64], node: usize) {
        for (r, &need) in demand.iter().enumerate() {
            let at = node / BLOCK * self.num_resources + r;
            let free = &mut self.free[at][node % BLOCK];
            let before = std::mem::replace(free, *free - need as f64);
            if before >= self.most[at] {
                self.most[at] = largest(&self.free[at]);
            }
        }
    }

    /// The node of best fit among all, for an item that may take any.
    fn best_node(&self, made: &Assignment<'_>, item: usize) -> Option<usize> {
        let (d, demand) = (self.num_resources, made.problem.demand_of(item));
        let mut best = (f64::INFINITY, None);
        for first in (0..self.num_nodes).step_by(BLOCK) {
            let row = first / BLOCK * d..(first / BLOCK + 1) * d;
            if demand.iter().zip(&self.most[row.clone()]).any(|(&need, &most)| need as f64 > most) {
                continue;
            }
            let count = (self.num_nodes - first).min(BLOCK);
            let mut left = scores(demand, &self.free[row.clone()], &self.share[row]);
            left[count..].fill(f64::INFINITY);
            let mut taken = made.taken_of(item, first / BLOCK);
            while taken != 0 {
                left[taken.trailing_zeros() as usize] = f64::INFINITY;
                taken &= taken - 1;
            }
            let least = smallest(&left);
            if least < best.0 {
                best = (least, left.iter().position(|&left| left == least).map(|k| first + k));
            }
        }
        best.1
    }
}

/// What would be left on each node of a block with an item, see [`Assignment::left`]; infinite where the item does not fit.
fn scores(demand: &[i64], free: &[[f64; BLOCK]], share: &[[f64; BLOCK]]) -> [f64; BLOCK] {
    let (mut left, mut least) = ([0.0; BLOCK], [f64::INFINITY; BLOCK]);
    for ((&need, free), share) in demand.iter().zip(free).zip(share) {
        let need = need as f64;
        for k in 0..BLOCK {
            let rest = free[k] - need;
            left[k] += rest * share[k];
            least[k] = if rest < least[k] { rest } else { least[k] };
        }
    }
    for k in 0..BLOCK {
        left[k] = if least[k] < 0.0 { f64::INFINITY } else { left[k] };
    }
    left
}

fn largest(column: &[f64; BLOCK]) -> f64 {
    -smallest(&column.map(|units| -units))
}

fn smallest(column: &[f64; BLOCK]) -> f64 {
    let mut least = [f64::INFINITY; LANES];
    for lanes in column.chunks_exact(LANES) {
        for k in 0..LANES {
            least[k] = if lanes[k] < least[k] { lanes[k] } else { least[k] };
        }
    }
    least.into_iter().fold(f64::INFINITY, f64::min)
}
