//! The operations of all machines in order, with heads and tails: what the tabu search changes and evaluates.
//!
//! Operations of a job stand side by side with a sentinel between jobs, so the neighbours of node `x` in its job are `x - 1` and `x + 1`.
//! The sentinels of machines follow behind. Release times are the completions of sentinels, so no neighbour has to be asked for.

#[cfg(test)]
mod tests;

use crate::shop::{Schedule, Shop};

/// A node: an operation or a sentinel.
pub(super) type Node = u32;

/// A move of an operation on its machine.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Shift {
    /// Right behind a later operation.
    Behind,
    /// Right in front of an earlier operation.
    Ahead,
}

/// Orders of operations on machines, and what follows from them.
#[derive(Debug, Clone)]
pub(super) struct Orders {
    /// The operation of each node, and the node of each operation.
    operation: Vec<u32>,
    node: Vec<Node>,
    pub machine: Vec<u32>,
    pub duration: Vec<i64>,
    /// Neighbours on the machine.
    pub before: Vec<Node>,
    pub behind: Vec<Node>,
    /// Position on the machine.
    pub place: Vec<u32>,
    /// The operations of all machines, machine by machine, and where those of each begin.
    sequence: Vec<Node>,
    begin: Vec<usize>,
    /// Completion time.
    pub completion: Vec<i64>,
    /// Longest way from the start of the operation to the end.
    pub tail: Vec<i64>,
    /// Operations in topological order, and the position of each.
    order: Vec<Node>,
    position: Vec<u32>,
    /// The last node of each job that has operations.
    last: Vec<Node>,
    pub makespan: i64,
    /// The sentinel of machine 0.
    first_machine: Node,
    marked: Vec<bool>,
    moved: Vec<Node>,
}

impl Orders {
    /// The nodes of a shop whose operations have one machine each, in no order yet; see [`load`](Self::load).
    pub fn new(shop: &Shop) -> Self {
        let (n, count) = (shop.num_jobs(), shop.num_operations());
        let first_machine = count + n + 1;
        let nodes = first_machine + shop.num_machines();
        let mut orders = Self {
            operation: vec![u32::MAX; nodes],
            node: Vec::with_capacity(count),
            machine: vec![u32::MAX; nodes],
            duration: vec![0; nodes],
            before: vec![0; nodes],
            behind: vec![0; nodes],
            place: vec![0; nodes],
            sequence: vec![0; count],
            begin: vec![0; shop.num_machines() + 1],
            completion: vec![0; nodes],
            tail: vec![0; nodes],
            order: Vec::with_capacity(count),
            position: vec![0; nodes],
            last: Vec::with_capacity(n),
            makespan: 0,
            first_machine: first_machine as Node,
            marked: vec![false; nodes],
            moved: Vec::with_capacity(count),
        };
        for operation in 0..count {
            for (machine, _) in shop.choices(operation) {
                orders.begin[machine + 1] += 1;
            }
        }
        for machine in 0..shop.num_machines() {
            orders.begin[machine + 1] += orders.begin[machine];
        }
        for job in 0..n {
            let sentinel = shop.operations(job).start + job;
            orders.completion[sentinel] = shop.release_time(job);
            for operation in shop.operations(job) {
                let node = operation + job + 1;
                orders.operation[node] = operation as u32;
                orders.node.push(node as Node);
                if let Some((machine, duration)) = shop.choices(operation).next() {
                    (orders.machine[node], orders.duration[node]) = (machine as u32, duration);
                }
            }
            if !shop.operations(job).is_empty() {
                orders.last.push((shop.operations(job).end + job) as Node);
            }
        }
        orders
    }

    /// Takes the orders of machines from a topological order of operations.
    pub fn load(&mut self, operations: &[u32]) {
        self.order.clear();
        self.order.extend(operations.iter().map(|&operation| self.node[operation as usize]));
        let machines = self.before.len() - self.first_machine as usize;
        let mut ends: Vec<(Node, u32)> = (0..machines).map(|m| (self.first_machine + m as Node, 0)).collect();
        for (k, &x) in self.order.iter().enumerate() {
            let x = x as usize;
            let (end, count) = &mut ends[self.machine[x] as usize];
            self.before[x] = *end;
            self.behind[*end as usize] = x as Node;
            (self.place[x], self.position[x]) = (*count, k as u32);
            self.sequence[self.begin[self.machine[x] as usize] + *count as usize] = x as Node;
            (*end, *count) = (x as Node, *count + 1);
        }
        for (m, (end, _)) in ends.into_iter().enumerate() {
            self.behind[end as usize] = self.first_machine + m as Node;
            self.before[self.first_machine as usize + m] = end;
        }
        self.heads(0);
        self.tails(self.order.len());
    }

    /// The operations in topological order.
    pub fn operations(&self) -> impl Iterator<Item = u32> {
        self.order.iter().map(|&x| self.operation[x as usize])
    }

    /// The schedule in which every operation starts as early as its order allows.
    pub fn schedule(&self) -> Schedule {
        let of = |value: fn(&Self, usize) -> i64| self.node.iter().map(|&x| value(self, x as usize)).collect();
        Schedule {
            machine: self.node.iter().map(|&x| self.machine[x as usize]).collect(),
            start_time: of(|orders, x| orders.completion[x] - orders.duration[x]),
            completion_time: of(|orders, x| orders.completion[x]),
        }
    }

    /// The operations of a machine in order.
    #[inline]
    pub fn row(&self, machine: usize) -> &[Node] {
        &self.sequence[self.begin[machine]..self.begin[machine + 1]]
    }

    /// The operations of a machine from one to another.
    #[inline]
    pub fn between(&self, first: Node, last: Node) -> &[Node] {
        let row = self.begin[self.machine[first as usize] as usize];
        &self.sequence[row + self.place[first as usize] as usize..=row + self.place[last as usize] as usize]
    }

    /// Number of operations.
    pub fn len(&self) -> usize {
        self.order.len()
    }

    /// The last nodes of all jobs.
    pub fn last(&self) -> &[Node] {
        &self.last
    }

    /// Whether a node is an operation.
    #[inline]
    pub fn is_operation(&self, x: Node) -> bool {
        self.operation[x as usize] != u32::MAX
    }

    /// Computes completions from a position of the topological order on.
    fn heads(&mut self, from: usize) {
        for &x in &self.order[from..] {
            let x = x as usize;
            self.completion[x] = self.completion[x - 1].max(self.completion[self.before[x] as usize]) + self.duration[x];
        }
        self.makespan = self.last.iter().map(|&x| self.completion[x as usize]).max().unwrap_or(0);
    }

    /// Computes tails in front of a position of the topological order.
    fn tails(&mut self, to: usize) {
        for &x in self.order[..to].iter().rev() {
            let x = x as usize;
            self.tail[x] = self.tail[x + 1].max(self.tail[self.behind[x] as usize]) + self.duration[x];
        }
    }

    fn link(&mut self, first: Node, then: Node) {
        self.behind[first as usize] = then;
        self.before[then as usize] = first;
    }

    /// Moves `x` right behind or ahead of `y` on their machine; false, and nothing changes, if that made a cycle.
    pub fn shift(&mut self, x: Node, y: Node, shift: Shift) -> bool {
        let (from, to) = (self.before[x as usize], self.behind[x as usize]);
        self.link(from, to);
        let (first, then) = match shift {
            Shift::Behind => (y, self.behind[y as usize]),
            Shift::Ahead => (self.before[y as usize], y),
        };
        self.link(first, x);
        self.link(x, then);
        let window = match shift {
            Shift::Behind => self.repair_behind(x, y),
            Shift::Ahead => self.repair_ahead(x, y),
        };
        let Some((begin, end)) = window else {
            self.link(first, then);
            self.link(from, x);
            self.link(x, to);
            return false;
        };
        let row = self.begin[self.machine[x as usize] as usize];
        let (mut node, mut place) = match shift {
            Shift::Behind => (to, self.place[x as usize]),
            Shift::Ahead => (x, self.place[y as usize]),
        };
        let last = if shift == Shift::Behind { x } else { to };
        while node != last {
            self.place[node as usize] = place;
            self.sequence[row + place as usize] = node;
            (node, place) = (self.behind[node as usize], place + 1);
        }
        if shift == Shift::Behind {
            self.place[x as usize] = place;
            self.sequence[row + place as usize] = x;
        }
        self.heads(begin);
        self.tails(end);
        true
    }

    /// Puts `x`, and all between them that it leads to, behind `y` in the topological order; `None` if it leads to `y`.
    fn repair_behind(&mut self, x: Node, y: Node) -> Option<(usize, usize)> {
        let (begin, end) = (self.position[x as usize] as usize, self.position[y as usize] as usize + 1);
        self.moved.clear();
        let mut at = begin;
        for k in begin..end {
            let w = self.order[k] as usize;
            // The new neighbour on the machine in front of x is y, which is not marked when x is met.
            let marked = w == x as usize || self.marked[w - 1] || self.marked[self.before[w] as usize];
            if marked {
                if w == y as usize {
                    self.moved.drain(..).for_each(|w| self.marked[w as usize] = false);
                    return None;
                }
                self.marked[w] = true;
                self.moved.push(w as Node);
            }
        }
        for k in begin..end {
            let w = self.order[k];
            if !self.marked[w as usize] {
                self.order[at] = w;
                self.position[w as usize] = at as u32;
                at += 1;
            }
        }
        for &w in &self.moved {
            self.marked[w as usize] = false;
            self.order[at] = w;
            self.position[w as usize] = at as u32;
            at += 1;
        }
        Some((begin, end))
    }

    /// Puts `x`, and all between them that lead to it, ahead of `y` in the topological order; `None` if `y` leads to it.
    fn repair_ahead(&mut self, x: Node, y: Node) -> Option<(usize, usize)> {
        let (begin, end) = (self.position[y as usize] as usize, self.position[x as usize] as usize + 1);
        self.moved.clear();
        for k in (begin..end).rev() {
            let w = self.order[k] as usize;
            let marked = w == x as usize || self.marked[w + 1] || self.marked[self.behind[w] as usize];
            if marked {
                if w == y as usize {
                    self.moved.drain(..).for_each(|w| self.marked[w as usize] = false);
                    return None;
                }
                self.marked[w] = true;
                self.moved.push(w as Node);
            }
        }
        let mut at = end;
        for k in (begin..end).rev() {
            let w = self.order[k];
            if !self.marked[w as usize] {
                at -= 1;
                self.order[at] = w;
                self.position[w as usize] = at as u32;
            }
        }
        for &w in &self.moved {
            self.marked[w as usize] = false;
            at -= 1;
            self.order[at] = w;
            self.position[w as usize] = at as u32;
        }
        Some((begin, end))
    }
}
