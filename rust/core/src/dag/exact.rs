//! Every schedule of a tiny graph.

use super::graph::TaskGraph;
use super::network::Links;

/// Orders and placements that are tried one after the other at most.
const MOST: usize = 1 << 17;

/// The best order and placement of a graph so small that all can be tried, if one ends before `limit`; `None` for larger graphs.
///
/// Every task goes behind the last one of its processor: some order and placement gives an optimal schedule. `rest[i]` is a lower
/// bound on what follows task `i`. At most n! P^n steps, far fewer where the bound cuts.
pub(crate) fn try_all(graph: &TaskGraph, links: &Links, now: f64, rest: &[f64], limit: f64) -> Option<Vec<Placement>> {
    let (n, width) = (graph.num_tasks(), graph.num_processors());
    (1..=n).try_fold(1_usize, |cases, k| cases.checked_mul(k * width).filter(|&cases| cases <= MOST))?;
    let waiting = (0..n).map(|i| graph.dag().predecessors().degree(i)).collect();
    let mut enumeration = Enumeration {
        graph,
        links,
        now,
        rest,
        limit,
        waiting,
        tail: vec![now; width],
        placed: vec![None; n],
        order: vec![],
        best: vec![],
    };
    enumeration.extend(now);
    Some(enumeration.best)
}

/// A task, its processor, its start and its end.
pub(crate) type Placement = (usize, usize, f64, f64);

struct Enumeration<'a> {
    graph: &'a TaskGraph,
    links: &'a Links<'a>,
    now: f64,
    rest: &'a [f64],
    /// The makespan to beat.
    limit: f64,
    waiting: Vec<usize>,
    tail: Vec<f64>,
    placed: Vec<Option<(usize, f64)>>,
    order: Vec<Placement>,
    best: Vec<Placement>,
}

impl Enumeration<'_> {
    /// Tries every next task on every processor.
    fn extend(&mut self, makespan: f64) {
        let n = self.graph.num_tasks();
        if self.order.len() == n {
            (self.limit, self.best) = (makespan, self.order.clone());
            return;
        }
        for task in 0..n {
            if self.waiting[task] > 0 || self.placed[task].is_some() {
                continue;
            }
            for p in 0..self.graph.num_processors() {
                let start = self.start(task, p);
                let finish = start + self.graph.cost(task, p);
                if finish + self.rest[task] >= self.limit {
                    continue;
                }
                let tail = std::mem::replace(&mut self.tail[p], finish);
                self.placed[task] = Some((p, finish));
                self.order.push((task, p, start, finish));
                self.release(task, |waiting| waiting - 1);
                self.extend(makespan.max(finish));
                self.release(task, |waiting| waiting + 1);
                self.order.pop();
                self.placed[task] = None;
                self.tail[p] = tail;
            }
        }
    }

    fn start(&self, task: usize, p: usize) -> f64 {
        self.graph.incoming(task).fold(self.tail[p].max(self.now), |start, (i, data)| {
            let (q, finish) = self.placed[i].expect("predecessors are placed first");
            start.max(finish + self.links.time(data, q, p))
        })
    }

    fn release(&mut self, task: usize, change: impl Fn(usize) -> usize) {
        for &j in self.graph.dag().successors().of(task) {
            self.waiting[j as usize] = change(self.waiting[j as usize]);
        }
    }
}
