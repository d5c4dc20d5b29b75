//! From an order and a placement to times: the evaluation of the search.
//!
//! The tasks are started one after the other in the given order, each behind the last one of its processor. Some order and
//! placement gives an optimal schedule. A change is evaluated from the first place that it touches, and given up as soon as the
//! makespan must exceed a limit.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use super::Schedule;
use super::graph::TaskGraph;
use super::network::Links;
use super::partial_schedule::last;
use super::past::Past;
use crate::control::Pulse;
use crate::sort;

/// Places between two checkpoints of the processors' tails.
const STEP: usize = 64;

/// An order, a placement and the times that follow.
pub(crate) struct OrderDecoder<'a> {
    graph: &'a TaskGraph,
    links: &'a Links<'a>,
    now: f64,
    /// Travel time for each edge into a task, if all links are equal.
    travel: Option<Vec<f64>>,
    /// At least this much follows each task.
    rest: Vec<f64>,
    /// The tasks that are not fixed; each stands after its predecessors.
    pub(crate) order: Vec<u32>,
    /// The place of each task in the order; 0 for fixed tasks.
    pub(crate) place: Vec<u32>,
    pub(crate) processor: Vec<u32>,
    pub(crate) finish: Vec<f64>,
    start: Vec<f64>,
    /// The time at which each processor is free at the places 0, `STEP`, 2 `STEP`, ...
    checkpoints: Vec<f64>,
    tail: Vec<f64>,
    undo: Vec<f64>,
    /// The last fixed end.
    past_end: f64,
}

impl<'a> OrderDecoder<'a> {
    /// The order of the starts in `schedule`, and its placement; `rest[i]` is a lower bound on what follows task `i`. If `pulse` stops it,
    /// the order is some other one.
    pub(crate) fn new(
        graph: &'a TaskGraph,
        links: &'a Links<'a>,
        past: &Past,
        schedule: &Schedule,
        rest: Vec<f64>,
        pulse: &mut Pulse,
    ) -> Self {
        let (n, width) = (graph.num_tasks(), graph.num_processors());
        let travel =
            links.uniform().map(|(bandwidth, latency)| graph.data_in().iter().map(|data| latency + data / bandwidth).collect());
        let mut first = vec![past.now(); width];
        let mut past_end = f64::NEG_INFINITY;
        let mut fixed = vec![false; n];
        for f in past.fixed() {
            first[f.processor] = first[f.processor].max(f.end);
            past_end = past_end.max(f.end);
            fixed[f.task] = true;
        }
        let mut topological = vec![0_u32; n];
        for (k, &i) in graph.dag().topological_order().iter().enumerate() {
            topological[i as usize] = k as u32;
        }
        let mut order: Vec<u32> = (0..n as u32).filter(|&i| !fixed[i as usize]).collect();
        sort::sort_by(
            &mut order,
            |steps| pulse.worked(steps),
            |&i, &j| {
                let (i, j) = (i as usize, j as usize);
                (schedule.start_time[i].total_cmp(&schedule.start_time[j]))
                    .then(schedule.completion_time[i].total_cmp(&schedule.completion_time[j]))
                    .then(topological[i].cmp(&topological[j]))
            },
        );
        let mut place = vec![0; n];
        for (k, &i) in order.iter().enumerate() {
            place[i as usize] = k as u32;
        }
        restore_precedence(graph, &mut order, &mut place);
        let mut decoder = Self {
            graph,
            links,
            now: past.now(),
            travel,
            rest,
            place,
            processor: schedule.processor.clone(),
            finish: schedule.completion_time.clone(),
            start: schedule.start_time.clone(),
            checkpoints: vec![0.0; (order.len() / STEP + 1) * width],
            tail: first.clone(),
            undo: vec![0.0; order.len()],
            order,
            past_end,
        };
        decoder.checkpoints[..width].copy_from_slice(&first);
        decoder.evaluate(0, f64::INFINITY);
        decoder.commit(0);
        decoder
    }

    /// Times from place `from` on, and the makespan; `None`, with nothing changed, as soon as it must exceed `limit`.
    ///
    /// The caller calls [`commit`](Self::commit) if it keeps the change, [`revert`](Self::revert) if not.
    pub(crate) fn evaluate(&mut self, from: usize, limit: f64) -> Option<f64> {
        self.rewind(from);
        let mut makespan = self.past_end;
        for k in from..self.order.len() {
            let task = self.order[k] as usize;
            let p = self.processor[task] as usize;
            let start = self.ready(task, p).max(self.tail[p]);
            let finish = start + self.graph.cost(task, p);
            self.undo[k] = self.finish[task];
            self.finish[task] = finish;
            self.tail[p] = finish;
            if finish + self.rest[task] > limit {
                self.revert(from, k + 1);
                return None;
            }
            makespan = makespan.max(finish);
        }
        let before = &self.order[..from];
        Some(before.iter().fold(makespan, |makespan, &i| makespan.max(self.finish[i as usize])))
    }

    /// The arrival of the data of `task` on processor `p`.
    #[inline]
    fn ready(&self, task: usize, p: usize) -> f64 {
        let range = self.graph.dag().predecessors().range(task);
        let mut ready = self.now;
        match &self.travel {
            Some(travel) => {
                for (&i, &travel) in self.graph.dag().predecessors().of(task).iter().zip(&travel[range]) {
                    let here = self.processor[i as usize] as usize == p;
                    let arrival = self.finish[i as usize] + if here { 0.0 } else { travel };
                    ready = if arrival > ready { arrival } else { ready };
                }
            }
            None => {
                for (i, data) in self.graph.incoming(task) {
                    ready = ready.max(self.finish[i] + self.links.time(data, self.processor[i] as usize, p));
                }
            }
        }
        ready
    }

    /// Sets the tails to what they are before place `from`.
    fn rewind(&mut self, from: usize) {
        let width = self.tail.len();
        let base = from / STEP;
        self.tail.copy_from_slice(&self.checkpoints[base * width..(base + 1) * width]);
        for &i in &self.order[base * STEP..from] {
            self.tail[self.processor[i as usize] as usize] = self.finish[i as usize];
        }
    }

    /// Puts the times of the places `from..to` back; the order must still be the one that was evaluated.
    pub(crate) fn revert(&mut self, from: usize, to: usize) {
        for (&i, &finish) in self.order[from..to].iter().zip(&self.undo[from..to]) {
            self.finish[i as usize] = finish;
        }
    }

    /// Makes the evaluated times the ones that later changes start from.
    pub(crate) fn commit(&mut self, from: usize) {
        self.rewind(from);
        let width = self.tail.len();
        for k in from..self.order.len() {
            if k % STEP == 0 {
                self.checkpoints[k / STEP * width..(k / STEP + 1) * width].copy_from_slice(&self.tail);
            }
            let i = self.order[k] as usize;
            self.tail[self.processor[i] as usize] = self.finish[i];
        }
        if self.order.len().is_multiple_of(STEP) {
            let k = self.order.len() / STEP;
            self.checkpoints[k * width..(k + 1) * width].copy_from_slice(&self.tail);
        }
    }

    /// Moves the task at place `from` to place `to`.
    pub(crate) fn shift(&mut self, from: usize, to: usize) {
        if from < to {
            self.order[from..=to].rotate_left(1);
        } else {
            self.order[to..=from].rotate_right(1);
        }
        let (low, high) = (from.min(to), from.max(to));
        for (k, &i) in self.order[low..=high].iter().enumerate() {
            self.place[i as usize] = (low + k) as u32;
        }
    }

    /// The places where `task` may stand: behind its last predecessor, before its first successor.
    pub(crate) fn window(&self, task: usize) -> (usize, usize) {
        let dag = self.graph.dag();
        // Fixed predecessors stand nowhere; a fixed task's place is never asked for because what precedes one is fixed.
        let fixed = |i: u32| self.order.get(self.place[i as usize] as usize) != Some(&i);
        let after =
            dag.predecessors().of(task).iter().filter(|&&i| !fixed(i)).map(|&i| self.place[i as usize] as usize + 1).max();
        let before = dag.successors().of(task).iter().map(|&j| self.place[j as usize] as usize - 1).min();
        (after.unwrap_or(0), before.unwrap_or(self.order.len() - 1))
    }

    /// The tasks of one longest chain of waiting: each starts when the data or the end of the next one allow it.
    pub(crate) fn critical(&self, path: &mut Vec<u32>, previous: &mut [u32]) {
        let mut on_processor = vec![u32::MAX; self.tail.len()];
        let mut latest: Option<u32> = None;
        for &i in &self.order {
            let p = self.processor[i as usize] as usize;
            previous[i as usize] = on_processor[p];
            on_processor[p] = i;
            if latest.is_none_or(|l| self.finish[i as usize] > self.finish[l as usize]) {
                latest = Some(i);
            }
        }
        path.clear();
        while let Some(i) = latest {
            path.push(i);
            let (task, p) = (i as usize, self.processor[i as usize] as usize);
            let neighbour = previous[task];
            let ready = self.ready(task, p);
            latest = if neighbour != u32::MAX && self.finish[neighbour as usize] >= ready {
                Some(neighbour)
            } else {
                let mut incoming = self.graph.incoming(task);
                let sender = incoming.find(|&(j, data)| {
                    ready > self.now && self.finish[j] + self.links.time(data, self.processor[j] as usize, p) == ready
                });
                sender.map(|(j, _)| j as u32).filter(|&j| self.order.get(self.place[j as usize] as usize) == Some(&j))
            };
        }
    }

    /// The schedule of the present order and placement.
    pub(crate) fn schedule(&mut self) -> Schedule {
        self.rewind(0);
        for k in 0..self.order.len() {
            let task = self.order[k] as usize;
            let p = self.processor[task] as usize;
            self.start[task] = self.ready(task, p).max(self.tail[p]);
            self.tail[p] = self.finish[task];
        }
        Schedule {
            processor: self.processor.clone(),
            start_time: self.start.clone(),
            completion_time: self.finish.clone(),
            makespan: last(&self.finish),
            copies: Vec::new(),
        }
    }
}

/// Moves tasks behind their predecessors: a schedule whose times are right within a tolerance may start one a little early.
fn restore_precedence(graph: &TaskGraph, order: &mut [u32], place: &mut [u32]) {
    let (listed, at): (&[u32], &[u32]) = (order, place);
    // The places of a task's predecessors; fixed ones stand nowhere.
    let before = |i: u32| {
        let places = graph.dag().predecessors().of(i as usize).iter().map(|&p| (p, at[p as usize]));
        places.filter(|&(p, k)| listed.get(k as usize) == Some(&p)).map(|(_, k)| k)
    };
    if listed.iter().zip(0..).all(|(&i, k)| before(i).all(|before| before < k)) {
        return;
    }
    let mut waiting: Vec<usize> = listed.iter().map(|&i| before(i).count()).collect();
    let mut ready: BinaryHeap<Reverse<u32>> =
        (0..listed.len() as u32).filter(|&k| waiting[k as usize] == 0).map(Reverse).collect();
    let mut ordered = Vec::with_capacity(listed.len());
    while let Some(Reverse(k)) = ready.pop() {
        let task = listed[k as usize];
        ordered.push(task);
        // The successors of a task that is not fixed are not fixed.
        for &j in graph.dag().successors().of(task as usize) {
            let k = at[j as usize];
            waiting[k as usize] -= 1;
            if waiting[k as usize] == 0 {
                ready.push(Reverse(k));
            }
        }
    }
    order.copy_from_slice(&ordered);
    for (k, &i) in order.iter().enumerate() {
        place[i as usize] = k as u32;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dag::{Cost, Network};

    #[test]
    fn a_task_that_starts_early_within_the_tolerance_is_ordered_behind_its_predecessor() {
        let cost = Cost::Matrix { cost: vec![1.0; 4], num_processors: 1 };
        let graph = TaskGraph::new(cost, &[(3, 1), (1, 0)], &[0.0, 0.0], None).unwrap();
        let (network, past) = (Network::default(), Past::default());
        let links = Links::new(&network, &graph).unwrap();
        let start_time = vec![1.0, 2.0, 0.5, 3.0];
        let schedule = Schedule { processor: vec![0; 4], completion_time: start_time.clone(), start_time, ..Schedule::default() };
        let mut decoder = OrderDecoder::new(&graph, &links, &past, &schedule, vec![0.0; 4], &mut Pulse::default());
        assert_eq!(decoder.order, [2, 3, 1, 0]);
        assert_eq!(decoder.place, [3, 2, 0, 1]);
        assert_eq!(decoder.schedule().completion_time, [4.0, 3.0, 1.0, 2.0]);
    }
}
