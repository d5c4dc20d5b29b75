//! Which item is on which node, what is free there, and how good that is.

use std::cmp::Ordering;

use super::first_pass::BLOCK;
use super::problem::{NOWHERE, Placement, check_nodes};
use crate::error::{InputError, check_length};

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
        let width = problem.num_nodes.div_ceil(BLOCK);
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

    /// The assignment of nodes that a caller gave, -1 for none; `field` is the name of the argument in an error.
    pub(super) fn of(problem: &'a Placement, node: &[i64], field: &'static str) -> Result<Self, InputError> {
        check_length(field, node.len(), problem.num_items)?;
        check_nodes(field, node, problem.num_nodes)?;
        let mut made = Self::empty(problem);
        for (item, &node) in node.iter().enumerate().filter(|(_, node)| **node >= 0) {
            let node = node as usize;
            if let Some(reason) = made.obstacle(item, node) {
                return Err(InputError::new(field, reason).at([item], node));
            }
            made.put(item, node);
        }
        Ok(made)
    }

    /// Why an item cannot be put on a node, in words; None if it can.
    fn obstacle(&self, item: usize, node: usize) -> Option<String> {
        if !self.problem.is_allowed(item, node) {
            return Some("the item may not take this node".into());
        }
        let (need, free, most) = (self.problem.demand_of(item), self.free_of(node), self.problem.capacity_of(node));
        if let Some(r) = (0..need.len()).find(|&r| need[r] > free[r]) {
            let units = most[r] - free[r] + need[r];
            return Some(format!(
                "the items up to here need {units} units of resource {r} on node {node}, which has {}",
                most[r]
            ));
        }
        (!self.is_apart(item, node)).then(|| format!("an item before it, from which it stays apart, is on node {node}"))
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

    /// The nodes of a block that hold an item from which this one must stay apart, as bits.
    #[inline]
    pub(super) fn taken_of(&self, item: usize, block: usize) -> u64 {
        self.problem.groups[item].iter().fold(0, |taken, &g| taken | self.taken[g as usize * self.width + block])
    }

    /// Whether no item on a node must stay apart from this one.
    #[inline]
    pub(super) fn is_apart(&self, item: usize, node: usize) -> bool {
        self.taken_of(item, node / BLOCK) >> (node % BLOCK) & 1 == 0
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
            self.taken[g as usize * self.width + node / BLOCK] ^= 1 << (node % BLOCK);
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
    pub(super) fn best_node(&self, item: usize) -> Option<usize> {
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
