//! Which item is on which node, what is free there, and how good that is.

use std::cmp::Ordering;

use super::problem::{NOWHERE, Placement};

/// How good an assignment is: placed items by tier, from the highest priority, then evictions.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Value {
    pub placed: Vec<u32>,
    pub evicted: u32,
}

impl Value {
    /// Greater is better.
    pub(super) fn compare(&self, other: &Self) -> Ordering {
        self.placed.cmp(&other.placed).then(other.evicted.cmp(&self.evicted))
    }
}

/// A feasible assignment of items to nodes.
#[derive(Debug, Clone)]
pub(super) struct Assignment<'a> {
    pub problem: &'a Placement,
    /// The node of each item, or [`NOWHERE`].
    pub node: Vec<u32>,
    /// Free units, nodes by resources.
    pub free: Vec<i64>,
    pub value: Value,
    /// For each group and node whether a member is there, as bits.
    taken: Vec<u64>,
    /// Words of `taken` for each group.
    width: usize,
}

impl<'a> Assignment<'a> {
    /// Nothing is placed; everything that runs counts as evicted.
    pub(super) fn empty(problem: &'a Placement) -> Self {
        let width = problem.num_nodes.div_ceil(64);
        let evicted = problem.current.iter().filter(|&&node| node != NOWHERE).count() as u32;
        Self {
            problem,
            node: vec![NOWHERE; problem.num_items],
            free: problem.capacity.clone(),
            value: Value { placed: vec![0; problem.tiers.len()], evicted },
            taken: vec![0; problem.num_groups * width],
            width,
        }
    }

    /// The free units of a node.
    #[inline]
    pub(super) fn free_of(&self, node: usize) -> &[i64] {
        let d = self.problem.num_resources;
        &self.free[node * d..(node + 1) * d]
    }

    /// Whether a node has the units that an item needs.
    #[inline]
    pub(super) fn has_units(&self, item: usize, node: usize) -> bool {
        self.problem.demand_of(item).iter().zip(self.free_of(node)).all(|(need, free)| need <= free)
    }

    /// Whether no item on a node must stay apart from this one.
    #[inline]
    pub(super) fn is_apart(&self, item: usize, node: usize) -> bool {
        self.problem.groups[item].iter().all(|&g| self.taken[g as usize * self.width + node / 64] >> (node % 64) & 1 == 0)
    }

    /// Whether an item that may take a node fits there now.
    #[inline]
    pub(super) fn fits(&self, item: usize, node: usize) -> bool {
        self.has_units(item, node) && self.is_apart(item, node)
    }

    fn change(&mut self, item: usize, node: usize, sign: i64) {
        let d = self.problem.num_resources;
        for (free, need) in self.free[node * d..(node + 1) * d].iter_mut().zip(self.problem.demand_of(item)) {
            *free -= sign * need;
        }
        for &g in &self.problem.groups[item] {
            self.taken[g as usize * self.width + node / 64] ^= 1 << (node % 64);
        }
        let placed = &mut self.value.placed[self.problem.tier[item] as usize];
        let stays = u32::from(self.problem.current[item] == node as u32);
        if sign > 0 {
            *placed += 1;
            self.value.evicted -= stays;
        } else {
            *placed -= 1;
            self.value.evicted += stays;
        }
    }

    /// Puts an item on a node where it fits.
    pub(super) fn put(&mut self, item: usize, node: usize) {
        self.node[item] = node as u32;
        self.change(item, node, 1);
    }

    /// Takes an item from its node, if it has one.
    pub(super) fn take(&mut self, item: usize) {
        let node = std::mem::replace(&mut self.node[item], NOWHERE);
        if node != NOWHERE {
            self.change(item, node as usize, -1);
        }
    }

    /// How much would be left on a node with an item, as the sum of the shares of its resources: the least is the best fit.
    #[inline]
    pub(super) fn left(&self, item: usize, node: usize) -> f64 {
        let d = self.problem.num_resources;
        let needs =
            self.problem.demand_of(item).iter().zip(self.free_of(node)).zip(&self.problem.share[node * d..(node + 1) * d]);
        needs.map(|((need, free), share)| (free - need) as f64 * share).sum()
    }

    /// The node of best fit among all that an item may take.
    fn best_node(&self, item: usize) -> Option<usize> {
        match &self.problem.allowed[item] {
            Some(nodes) => self.best_fit(item, nodes.iter().map(|&node| node as usize)),
            None => self.best_fit(item, 0..self.problem.num_nodes),
        }
    }

    /// The node of best fit among some, ties by the first.
    pub(super) fn best_fit(&self, item: usize, nodes: impl Iterator<Item = usize>) -> Option<usize> {
        let fitting = nodes.filter(|&node| self.fits(item, node)).map(|node| (self.left(item, node), node));
        fitting.reduce(|best, other| if other.0 < best.0 { other } else { best }).map(|best| best.1)
    }
}

/// First fit of running items on their nodes, then best fit by decreasing dominant share, one tier after the other. `work` counts steps; true
/// leaves the other items without a node.
pub(super) fn first_pass<'a>(problem: &'a Placement, work: &mut dyn FnMut(u64) -> bool) -> Assignment<'a> {
    let steps = (problem.num_nodes * (problem.num_resources + 1)) as u64 / 4 + 8;
    let total = problem.total_capacity();
    let share: Vec<f64> = (0..problem.num_items).map(|item| problem.dominant_share(item, &total)).collect();
    let mut order: Vec<usize> = (0..problem.num_items).collect();
    order.sort_by(|&a, &b| problem.tier[a].cmp(&problem.tier[b]).then(share[b].total_cmp(&share[a])).then(a.cmp(&b)));
    let mut made = Assignment::empty(problem);
    for tier in order.chunk_by(|&a, &b| problem.tier[a] == problem.tier[b]) {
        for &item in tier {
            let node = problem.current[item];
            if node != NOWHERE && problem.is_allowed(item, node as usize) && made.fits(item, node as usize) {
                made.put(item, node as usize);
            }
        }
        for &item in tier {
            if made.node[item] != NOWHERE {
                continue;
            }
            if work(steps) {
                return made;
            }
            if let Some(node) = made.best_node(item) {
                made.put(item, node);
            }
        }
    }
    made
}
