//! Improvement by exchange: some nodes are emptied and filled anew, in random orders of the items.

use super::assignment::{Assignment, Value};
use super::problem::{NOWHERE, Placement};
use crate::random::Random;

/// Nodes that are emptied at once, at most.
const MOST_NODES: u64 = 4;
/// Items without a node that a trial looks at, at most.
const MOST_WAITING: usize = 24;

/// A search by exchange. The assignment never gets worse.
pub(super) struct Exchange {
    random: Random,
    share: Vec<f64>,
    /// The items on each node.
    on: Vec<Vec<u32>>,
    waiting: Vec<u32>,
}

impl Exchange {
    /// Begins with an assignment.
    pub(super) fn new(made: &Assignment<'_>, seed: u64) -> Self {
        let problem = made.problem;
        let on = vec![Vec::new(); problem.num_nodes];
        let mut search = Self { random: Random::new(seed), share: problem.dominant_shares(), on, waiting: Vec::new() };
        search.load(made);
        search
    }

    /// Continues with another assignment.
    pub(super) fn load(&mut self, made: &Assignment<'_>) {
        self.on.iter_mut().for_each(Vec::clear);
        self.waiting.clear();
        for (item, &node) in made.node.iter().enumerate() {
            match node {
                NOWHERE => self.waiting.push(item as u32),
                node => self.on[node as usize].push(item as u32),
            }
        }
    }

    fn below(&mut self, count: usize) -> usize {
        self.random.below(count as u64) as usize
    }

    /// The nodes to empty: mostly those that an item without a node, or one off its node, may take.
    fn chosen(&mut self, problem: &Placement, made: &Assignment<'_>) -> Vec<usize> {
        let m = problem.num_nodes;
        let mut nodes = vec![self.below(m)];
        if !self.waiting.is_empty() && self.random.below(4) > 0 {
            let k = self.below(self.waiting.len());
            let item = self.waiting[k] as usize;
            if let Some(allowed) = problem.allowed[item].as_ref().filter(|allowed| !allowed.is_empty()) {
                nodes[0] = allowed[self.below(allowed.len())] as usize;
            }
        } else if made.value.evicted > 0 {
            let item = self.below(problem.num_items);
            if problem.current[item] != NOWHERE && problem.current[item] != made.node[item] {
                nodes[0] = problem.current[item] as usize;
                if made.node[item] != NOWHERE {
                    nodes.push(made.node[item] as usize);
                }
            }
        }
        let count = (2 + self.random.below(MOST_NODES - 1) as usize).min(m);
        while nodes.len() < count {
            let node = self.below(m);
            if !nodes.contains(&node) {
                nodes.push(node);
            }
        }
        nodes
    }

    /// One trial; true if the assignment became better. Also the steps that it took.
    pub(super) fn trial(&mut self, made: &mut Assignment<'_>) -> (bool, u64) {
        let problem = made.problem;
        let nodes = self.chosen(problem, made);
        let before: Value = made.value.clone();
        let mut pool: Vec<u32> = nodes.iter().flat_map(|&node| self.on[node].iter().copied()).collect();
        let from: Vec<u32> = pool.iter().map(|&item| made.node[item as usize]).collect();
        for &item in &pool {
            made.take(item as usize);
        }
        let placed = pool.len();
        let begin = self.below(self.waiting.len().max(1));
        pool.extend(self.waiting.iter().cycle().skip(begin).take(self.waiting.len().min(MOST_WAITING)));
        let noise = [0.0, 0.3, 1.0, 4.0][self.below(4)];
        let keeps = self.random.below(2) == 0;
        let mut order: Vec<(u32, bool, f64, u32)> = Vec::with_capacity(pool.len());
        for &item in &pool {
            let i = item as usize;
            let stays = keeps && nodes.iter().any(|&node| node as u32 == problem.current[i]);
            order.push((problem.tier[i], !stays, -self.share[i] * (1.0 + noise * self.random.unit()), item));
        }
        order.sort_by(|a, b| (a.0, a.1).cmp(&(b.0, b.1)).then(a.2.total_cmp(&b.2)).then(a.3.cmp(&b.3)));
        let first_fit = self.random.below(3) == 0;
        for &(_, leaves, _, item) in &order {
            let i = item as usize;
            let current = problem.current[i] as usize;
            if !leaves && problem.is_allowed(i, current) && made.fits(i, current) {
                made.put(i, current);
                continue;
            }
            let mut open = nodes.iter().copied().filter(|&node| problem.is_allowed(i, node));
            let node = if first_fit { open.find(|&node| made.fits(i, node)) } else { made.best_fit(i, open) };
            if let Some(node) = node {
                made.put(i, node);
            }
        }
        let steps = (pool.len() * nodes.len() * (problem.num_resources + 2)) as u64;
        let order = made.value.compare(&before);
        if order.is_lt() {
            for &item in &pool {
                made.take(item as usize);
            }
            for (&item, &node) in pool[..placed].iter().zip(&from) {
                made.put(item as usize, node as usize);
            }
            return (false, steps);
        }
        for &node in &nodes {
            self.on[node].clear();
        }
        self.waiting.retain(|&item| made.node[item as usize] == NOWHERE);
        for (k, &item) in pool.iter().enumerate() {
            match made.node[item as usize] {
                NOWHERE if k < placed => self.waiting.push(item),
                NOWHERE => {}
                node => self.on[node as usize].push(item),
            }
        }
        (order.is_gt(), steps)
    }
}
