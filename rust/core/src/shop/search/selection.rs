//! A schedule of a blocking shop as a complete selection in the alternative graph (Mascis and Pacciarelli 2002), and the change that takes
//! one job out and inserts it again nearest to where it was, so that it passes another job (Groeflin and Klinkert 2009).
//!
//! Each operation has one machine. An operation keeps its machine from its own node to the next node of its job. If it comes first on the
//! machine, this next node is therefore no later than the node of the other one. All lengths of such arcs are 0, so jobs that exchange
//! their machines are a cycle of length 0.

mod graph;
mod insertion;
mod nodes;
#[cfg(test)]
mod tests;
mod view;

use super::annealing::{Change, Lists};
use super::entries::Entries;
use crate::random::Random;
use crate::shop::Schedule;
use crate::shop::problem::Shop;
use graph::{Graph, Times};
use insertion::Insertion;
use nodes::Nodes;
use std::rc::Rc;

/// No node.
const NONE: u32 = u32::MAX;
/// With this chance, in tenths, a job passes one more operation.
const FURTHER: u64 = 5;

/// A selection, and a change that is tried.
#[derive(Debug, Clone)]
pub(super) struct Selection {
    graph: Graph,
    insertion: Insertion,
    tried: Times,
    /// The jobs' completions, and those with the change.
    completion: Vec<i64>,
    tried_completion: Vec<i64>,
    /// Operations that follow each other on machines, on the way that is looked at.
    pairs: Vec<(u32, u32)>,
}

impl Selection {
    /// Bytes that a selection takes.
    pub fn bytes(shop: &Shop) -> usize {
        (shop.num_operations() + shop.num_jobs()) * 128 + shop.num_machines() * 8
    }

    /// The selection in which the operations of this list enter their machines one after the other, if there is one.
    fn from_list(nodes: Rc<Nodes>, list: &[u32]) -> Option<Self> {
        let mut graph = Graph::new(nodes, list);
        let mut tried = Times::new(graph.order.len());
        if !graph.begin(&mut tried) {
            return None;
        }
        let completion = graph.nodes.completion(&graph.head);
        let (insertion, tried_completion) = (Insertion::new(&graph.nodes), completion.clone());
        Some(Self { graph, insertion, tried, completion, tried_completion, pairs: Vec::new() })
    }

    /// Notes the pairs of operations on one of the ways by which a job completes when it does.
    fn look_at(&mut self, job: usize, random: &mut Random) {
        let Self { graph, pairs, .. } = self;
        let nodes = &graph.nodes;
        pairs.clear();
        let mut node = nodes.last_of[job] as usize;
        for _ in 0..2 * graph.order.len() {
            let before = graph.waits_for(node);
            let waits = before != NONE && graph.head[before as usize] == graph.head[node];
            if !waits || graph.ready(&graph.head, node) == graph.head[node] && random.below(2) == 0 {
                if nodes.is_first[node] {
                    break;
                }
                node -= 1;
                continue;
            }
            if nodes.job[before as usize] != nodes.job[node] {
                pairs.push((before - 1, node as u32));
            }
            node = before as usize;
        }
    }

    /// Lets the job of `operation` pass the operation `other` on its machine: to come earlier, or later.
    fn pass<const EARLIER: bool>(&mut self, operation: u32, other: u32, limit: i64) -> Change {
        let Self { graph, insertion, tried, .. } = self;
        if limit < i64::MAX {
            graph.refresh_tails();
        }
        let window = insertion.insert::<EARLIER>(graph, operation as usize, other as usize);
        tried.begin(window.start);
        let mut change = Change::None;
        if graph.heads(tried, &insertion.window) {
            debug_assert_eq!(tried.order.len(), window.len());
            if limit < i64::MAX && graph.longest_through(tried, &insertion.window, window.end, limit) > limit {
                change = Change::Late;
            } else if graph.heads(tried, &graph.order[window.end..]) {
                self.tried_completion = graph.nodes.completion(&tried.head);
                insertion.until = window.end;
                return Change::Tried;
            }
        }
        debug_assert_ne!(change, Change::None, "an insertion is a selection");
        self.take_back();
        change
    }

    fn take_back(&mut self) {
        self.insertion.take_back(&mut self.graph);
        self.tried.take_back(&self.graph);
    }
}

impl<'s> Lists<'s> for Selection {
    const TEMPERATURES: (f64, f64) = (0.25, 0.7);

    fn new(shop: &'s Shop, schedule: &Schedule) -> Self {
        let nodes = Rc::new(Nodes::new(shop));
        let list = Entries::new(shop, schedule);
        // One job after the other is always possible.
        let one_by_one: Vec<u32> = (0..shop.num_operations() as u32).collect();
        let selection = Self::from_list(Rc::clone(&nodes), list.order()).or_else(|| Self::from_list(nodes, &one_by_one));
        selection.expect("jobs one after the other do not wait")
    }

    fn schedule(&self) -> Schedule {
        self.graph.nodes.schedule(&self.graph.head)
    }

    fn completion(&self) -> &[i64] {
        &self.completion
    }

    fn tried_completion(&self) -> &[i64] {
        &self.tried_completion
    }

    fn accept(&mut self) {
        self.graph.adopt(&mut self.tried, self.insertion.until);
        std::mem::swap(&mut self.completion, &mut self.tried_completion);
    }

    fn reject(&mut self) {
        self.take_back();
    }

    /// The order of the nodes is in the order of their times already.
    fn sort(&mut self) {}

    fn change(&mut self, job: usize, limit: i64, random: &mut Random) -> Change {
        self.look_at(job, random);
        let Self { graph: Graph { nodes, before, after, .. }, pairs, .. } = self;
        if pairs.is_empty() {
            return Change::None;
        }
        let (mut first, mut second) = pairs[random.below(pairs.len() as u64) as usize];
        let job = |node: u32| nodes.job[node as usize];
        let earlier = random.below(2) == 0;
        let (passed, passing, next) = if earlier { (&mut first, second, before) } else { (&mut second, first, after) };
        while random.below(10) < FURTHER {
            let further = next[*passed as usize];
            if further == NONE || job(further) == job(passing) {
                break;
            }
            *passed = further;
        }
        if earlier { self.pass::<true>(second, first, limit) } else { self.pass::<false>(first, second, limit) }
    }
}
