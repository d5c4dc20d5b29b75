//! Branch and bound for the lexicographic optimum of small problems.

use super::assignment::{Assignment, Value};
use super::problem::{NOWHERE, Placement};

/// A search through all assignments that can be better than the best known one.
pub(super) struct Branching<'p, 'w> {
    problem: &'p Placement,
    /// Items in the order in which they are decided: by tier, then the largest first, equal ones together.
    order: Vec<usize>,
    /// Whether the item is like the one before it in the order.
    like_before: Vec<bool>,
    /// Upper bounds by tier.
    most: Vec<u32>,
    made: Assignment<'p>,
    best: Value,
    /// The nodes of the best assignment, if the search found a better one.
    pub found: Option<Vec<u32>>,
    /// Counts a node; true stops the search.
    node: &'w mut dyn FnMut() -> bool,
    stopped: bool,
}

impl<'p, 'w> Branching<'p, 'w> {
    /// Looks for what is better than `best`.
    pub(super) fn new(problem: &'p Placement, best: &Value, most: &[u32], node: &'w mut dyn FnMut() -> bool) -> Self {
        let share = problem.dominant_shares();
        let mut order: Vec<usize> = (0..problem.num_items).collect();
        order.sort_by(|&a, &b| {
            let sizes = share[b].total_cmp(&share[a]).then_with(|| problem.demand_of(b).cmp(problem.demand_of(a)));
            problem.tier[a].cmp(&problem.tier[b]).then(sizes).then(a.cmp(&b))
        });
        let plain = |item: usize| problem.current[item] == NOWHERE && problem.groups[item].is_empty();
        let alike = |a: usize, b: usize| {
            let same = problem.demand_of(a) == problem.demand_of(b) && problem.allowed[a] == problem.allowed[b];
            same && problem.tier[a] == problem.tier[b] && plain(a) && plain(b)
        };
        let like_before = (0..order.len()).map(|k| k > 0 && alike(order[k - 1], order[k])).collect();
        Self {
            problem,
            order,
            like_before,
            most: most.to_vec(),
            made: Assignment::empty(problem),
            best: best.clone(),
            found: None,
            node,
            stopped: false,
        }
    }

    /// Whether the search was complete, so that the best one is optimal.
    pub(super) fn run(&mut self) -> bool {
        self.decide(0, 0);
        !self.stopped
    }

    /// Whether an assignment better than the best one may come of the items decided so far.
    fn is_promising(&self, k: usize, lost: u32) -> bool {
        let tier = self.order.get(k).map(|&item| self.problem.tier[item] as usize);
        let value = &self.made.value;
        for t in 0..self.most.len() {
            let possible = match tier {
                Some(tier) if t == tier => {
                    let open = self.order[k..].iter().take_while(|&&item| self.problem.tier[item] as usize == t);
                    let open = open.filter(|&&item| self.problem.nodes_of(item).any(|node| self.made.fits(item, node)));
                    (value.placed[t] + open.count() as u32).min(self.most[t])
                }
                Some(tier) if t > tier => self.most[t],
                _ => value.placed[t],
            };
            if possible != self.best.placed[t] {
                return possible > self.best.placed[t];
            }
        }
        lost < self.best.evicted
    }

    /// Decides the items from position `k` on; `lost` of those before are evicted.
    fn decide(&mut self, k: usize, lost: u32) {
        if self.stopped || !self.is_promising(k, lost) {
            return;
        }
        let Some(&item) = self.order.get(k) else {
            self.best = self.made.value.clone();
            self.found = Some(self.made.node.clone());
            return;
        };
        self.stopped = (self.node)();
        // Of equal items the later ones take nodes of at least the same index, or none.
        let least = if self.like_before[k] { self.made.node[self.order[k - 1]] } else { 0 };
        let current = self.problem.current[item];
        let mut nodes: Vec<(bool, f64, usize)> = self
            .problem
            .nodes_of(item)
            .filter(|&node| node as u32 >= least && self.made.fits(item, node))
            .map(|node| (node as u32 != current, self.made.left(item, node), node))
            .collect();
        nodes.sort_by(|a, b| a.0.cmp(&b.0).then(a.1.total_cmp(&b.1)).then(a.2.cmp(&b.2)));
        for (moves, _, node) in nodes {
            self.made.put(item, node);
            self.decide(k + 1, lost + u32::from(moves && current != NOWHERE));
            self.made.take(item);
            if self.stopped {
                return;
            }
        }
        self.decide(k + 1, lost + u32::from(current != NOWHERE));
    }
}
