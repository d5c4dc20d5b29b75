//! A complete selection with its longest paths.

use super::NONE;
use super::nodes::Nodes;
use std::rc::Rc;

/// The order on each machine, and what follows from it.
#[derive(Debug, Clone)]
pub(super) struct Graph {
    pub nodes: Rc<Nodes>,
    /// By entry: the entry before it on its machine, and the one behind it.
    pub before: Vec<u32>,
    pub after: Vec<u32>,
    /// All nodes, each behind those that it waits for; jobs that exchange their machines stand side by side.
    pub order: Vec<u32>,
    /// By node its place in the order.
    pub place: Vec<u32>,
    /// By node one of those with which it exchanges machines; `NONE` outside of exchanges.
    pub exchange: Vec<u32>,
    /// The longest path to each node: its time.
    pub head: Vec<i64>,
    /// The longest path from each node to a completion, which is known from a place of the order on.
    tail: Vec<i64>,
    known_from: usize,
    /// Nodes whose tails are known in the present pass.
    known: Vec<bool>,
}

/// The times of a changed selection.
#[derive(Debug, Clone)]
pub(super) struct Times {
    pub head: Vec<i64>,
    /// The nodes of which the time is known anew, in their new order; it begins at the place `from`.
    pub order: Vec<u32>,
    from: usize,
    /// By node the pass in which its time became known.
    pass_of: Vec<u64>,
    pass: u64,
}

impl Times {
    pub fn new(count: usize) -> Self {
        Self { head: vec![0; count], order: Vec::with_capacity(count), from: 0, pass_of: vec![0; count], pass: 0 }
    }

    /// Begins anew, at a place of the order.
    pub fn begin(&mut self, from: usize) {
        self.order.clear();
        (self.from, self.pass) = (from, self.pass + 1);
    }

    /// All times are those of the graph again.
    pub fn take_back(&mut self, graph: &Graph) {
        self.order.iter().for_each(|&node| self.head[node as usize] = graph.head[node as usize]);
    }

    fn know(&mut self, node: usize, time: i64) {
        (self.head[node], self.pass_of[node]) = (time, self.pass);
        self.order.push(node as u32);
    }
}

impl Graph {
    /// The operations of a list, in this order on each machine. Times are not known.
    pub fn new(nodes: Rc<Nodes>, list: &[u32]) -> Self {
        let count = nodes.job.len();
        let mut node_of: Vec<u32> = Vec::with_capacity(list.len());
        node_of.extend((0..count as u32).filter(|&node| !nodes.is_last[node as usize]));
        let mut graph = Self {
            before: vec![NONE; count],
            after: vec![NONE; count],
            order: Vec::with_capacity(count),
            place: vec![0; count],
            exchange: vec![NONE; count],
            head: vec![0; count],
            tail: vec![0; count],
            known_from: count,
            known: vec![false; count],
            nodes,
        };
        let nodes = Rc::clone(&graph.nodes);
        let mut last = vec![NONE; nodes.num_machines];
        for &op in list {
            let node = node_of[op as usize];
            let before = std::mem::replace(&mut last[nodes.machine[node as usize] as usize], node);
            graph.link(node, before, NONE);
            graph.order.push(node);
            if nodes.is_last[node as usize + 1] {
                graph.order.push(node + 1);
            }
        }
        // Jobs without operations.
        graph.order.extend(nodes.first_of.iter().zip(&nodes.last_of).filter(|(first, last)| first == last).map(|(node, _)| node));
        graph
    }

    /// Finds the first times; false if there are none.
    pub fn begin(&mut self, times: &mut Times) -> bool {
        self.number(0);
        times.begin(0);
        let possible = self.heads(times, &self.order);
        if possible {
            self.adopt(times, self.order.len());
        }
        possible
    }

    /// The node that must not be later than this one, because its job leaves the machine that this one enters.
    #[inline]
    pub fn waits_for(&self, node: usize) -> u32 {
        let before = self.before[node];
        if before == NONE || before as usize + 1 == node { NONE } else { before + 1 }
    }

    /// The node that waits for this one.
    #[inline]
    pub fn lets_in(&self, node: usize) -> u32 {
        let after = if self.nodes.is_first[node] { NONE } else { self.after[node - 1] };
        if after as usize == node { NONE } else { after }
    }

    pub fn unlink(&mut self, entry: u32) {
        let (before, after) = (self.before[entry as usize], self.after[entry as usize]);
        if before != NONE {
            self.after[before as usize] = after;
        }
        if after != NONE {
            self.before[after as usize] = before;
        }
    }

    pub fn link(&mut self, entry: u32, before: u32, after: u32) {
        (self.before[entry as usize], self.after[entry as usize]) = (before, after);
        if before != NONE {
            self.after[before as usize] = entry;
        }
        if after != NONE {
            self.before[after as usize] = entry;
        }
    }

    /// When a job is ready for a node, by the times of its nodes before.
    #[inline]
    pub fn ready(&self, head: &[i64], node: usize) -> i64 {
        let length = self.nodes.length[node];
        if self.nodes.is_first[node] { length } else { head[node - 1] + length }
    }

    /// The times of the next nodes, which stand behind those that they wait for, exchanges apart; false if jobs wait for each other
    /// that must not exchange their machines.
    pub fn heads(&self, times: &mut Times, list: &[u32]) -> bool {
        for &node in list {
            let node = node as usize;
            if times.pass_of[node] == times.pass {
                continue;
            }
            let mut time = self.ready(&times.head, node);
            let before = self.waits_for(node) as usize;
            if before != NONE as usize {
                if (self.place[before] as usize) < times.from || times.pass_of[before] == times.pass {
                    time = time.max(times.head[before]);
                } else {
                    let Some(together) = self.together(&times.head, node, time) else { return false };
                    let mut other = before;
                    while other != node {
                        times.know(other, together);
                        other = self.waits_for(other) as usize;
                    }
                    time = together;
                }
            }
            times.know(node, time);
        }
        true
    }

    /// When the jobs exchange their machines of which this node is one, if they do.
    fn together(&self, head: &[i64], node: usize, ready: i64) -> Option<i64> {
        let (mut time, mut other) = (ready, self.waits_for(node));
        for _ in 0..self.nodes.first_of.len() {
            if other as usize == node {
                return Some(time).filter(|_| self.nodes.swap);
            }
            if other == NONE || self.nodes.is_first[other as usize] {
                return None;
            }
            time = time.max(self.ready(head, other as usize));
            other = self.waits_for(other as usize);
        }
        None
    }

    /// The longest path through these nodes, which stand before the place `until` and have new times, if it is not beyond the limit.
    pub fn longest_through(&self, times: &Times, window: &[u32], until: usize, limit: i64) -> i64 {
        let mut longest = 0;
        for &node in window {
            let node = node as usize;
            let time = times.head[node];
            if self.nodes.is_last[node] {
                longest = longest.max(time);
            } else if self.place[node + 1] as usize >= until {
                longest = longest.max(time + self.nodes.length[node + 1] + self.tail[node + 1]);
            }
            let next = self.lets_in(node);
            if next != NONE && self.place[next as usize] as usize >= until {
                longest = longest.max(time + self.tail[next as usize]);
            }
            if longest > limit {
                break;
            }
        }
        longest
    }

    /// The changed selection becomes the present one. Tails remain known from the place `until` on.
    pub fn adopt(&mut self, times: &mut Times, until: usize) {
        for (&node, place) in times.order.iter().zip(times.from..) {
            self.order[place] = node;
            self.head[node as usize] = times.head[node as usize];
        }
        self.known_from = self.known_from.max(until);
        self.number(times.from);
        let mut first = NONE;
        for place in times.from..self.order.len() {
            let node = self.order[place];
            let goes_on = self.order.get(place + 1).is_some_and(|&next| self.waits_for(node as usize) == next);
            first = if first == NONE && goes_on { node } else { first };
            self.exchange[node as usize] = first;
            first = if goes_on { first } else { NONE };
        }
    }

    fn number(&mut self, from: usize) {
        for (&node, place) in self.order[from..].iter().zip(from as u32..) {
            self.place[node as usize] = place;
        }
    }

    /// Finds the tails that are not known.
    pub fn refresh_tails(&mut self) {
        let until = std::mem::take(&mut self.known_from);
        self.order[..until].iter().for_each(|&node| self.known[node as usize] = false);
        self.order[until..].iter().for_each(|&node| self.known[node as usize] = true);
        for place in (0..until).rev() {
            let node = self.order[place] as usize;
            if self.known[node] {
                continue;
            }
            let mut tail = self.behind(node);
            let next = self.lets_in(node) as usize;
            if next != NONE as usize && self.known[next] {
                tail = tail.max(self.tail[next]);
            } else if next != NONE as usize {
                let mut other = next;
                while other != node {
                    tail = tail.max(self.behind(other));
                    other = self.lets_in(other) as usize;
                }
                while self.lets_in(other) as usize != node {
                    other = self.lets_in(other) as usize;
                    (self.tail[other], self.known[other]) = (tail, true);
                }
            }
            (self.tail[node], self.known[node]) = (tail, true);
        }
    }

    /// The longest path from a node by way of its own job.
    fn behind(&self, node: usize) -> i64 {
        if self.nodes.is_last[node] { 0 } else { self.nodes.length[node + 1] + self.tail[node + 1] }
    }

    /// The times by definition: each node at first at 0, and then later and later until no arc is broken.
    #[cfg(test)]
    pub fn heads_from_orders(&self) -> Vec<i64> {
        let mut head = vec![0; self.order.len()];
        loop {
            let known = head.clone();
            for node in 0..head.len() {
                head[node] = head[node].max(self.ready(&head, node));
                let before = self.waits_for(node);
                if before != NONE {
                    head[node] = head[node].max(head[before as usize]);
                }
            }
            if head == known {
                return head;
            }
        }
    }
}
