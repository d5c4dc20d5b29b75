//! The operations of all machines in order, with heads and tails: what the tabu search changes and evaluates.
//!
//! Operations of a job stand side by side with a sentinel between jobs, so the neighbours of node `x` in its job are `x - 1` and `x + 1`.
//! The sentinels of machines follow behind. Release times are the completions of sentinels, so no neighbour has to be asked for.

mod repair;
#[cfg(test)]
mod tests;

use crate::shop::{Schedule, Shop};

/// A node: an operation or a sentinel.
pub(super) type Node = u32;

/// All that a schedule of earliest starts follows from: the operations in topological order, and the machine of each operation.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct Arrangement {
    pub order: Vec<u32>,
    pub machine: Vec<u32>,
}

/// A move of an operation on its machine.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Shift {
    /// Right behind a later operation.
    Behind,
    /// Right in front of an earlier operation.
    Ahead,
}

/// What changes with a move and is read together: side by side it needs fewer lines of the processor's memory.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct NodeState {
    /// Completion time.
    pub completion: i64,
    /// Longest way from the start of the operation to the end.
    pub tail: i64,
    pub duration: i64,
    /// Neighbours on the machine.
    pub before: Node,
    pub behind: Node,
}

/// Orders of operations on machines, and what follows from them.
#[derive(Debug, Clone)]
pub(super) struct Orders {
    /// The operation of each node, and the node of each operation.
    operation: Vec<u32>,
    node: Vec<Node>,
    pub machine: Vec<u32>,
    pub nodes: Vec<NodeState>,
    /// Position on the machine.
    pub place: Vec<u32>,
    /// The operations of all machines, machine by machine, where those of each begin, and how many there are.
    sequence: Vec<Node>,
    begin: Vec<usize>,
    count: Vec<usize>,
    /// The machines that each operation may take, with its duration there, and where those of each operation begin.
    choices: Vec<(u32, i64)>,
    choice_start: Vec<usize>,
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
    /// The nodes of a shop, in no order yet; see [`load`](Self::load).
    pub fn new(shop: &Shop) -> Self {
        let (n, count) = (shop.num_jobs(), shop.num_operations());
        let first_machine = count + n + 1;
        let nodes = first_machine + shop.num_machines();
        let mut orders = Self {
            operation: vec![u32::MAX; nodes],
            node: Vec::with_capacity(count),
            machine: vec![u32::MAX; nodes],
            place: vec![0; nodes],
            sequence: vec![0; shop.data().machine.len()],
            begin: vec![0; shop.num_machines() + 1],
            count: vec![0; shop.num_machines()],
            choices: (0..count).flat_map(|operation| shop.choices(operation).map(|(m, d)| (m as u32, d))).collect(),
            choice_start: shop.data().choice_start.clone(),
            nodes: vec![NodeState::default(); nodes],
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
            orders.nodes[sentinel].completion = shop.release_time(job);
            for operation in shop.operations(job) {
                let node = operation + job + 1;
                orders.operation[node] = operation as u32;
                orders.node.push(node as Node);
            }
            if !shop.operations(job).is_empty() {
                orders.last.push((shop.operations(job).end + job) as Node);
            }
        }
        orders
    }

    /// Takes the machines of operations, and the orders on them from the topological order. A machine that is none of the operation's
    /// stands for its first one.
    pub fn load(&mut self, from: &Arrangement) {
        self.order.clear();
        self.order.extend(from.order.iter().map(|&operation| self.node[operation as usize]));
        let mut ends: Vec<Node> = (0..self.count.len()).map(|m| self.first_machine + m as Node).collect();
        self.count.fill(0);
        for k in 0..self.order.len() {
            let x = self.order[k] as usize;
            let choices = self.choices(x as Node);
            let wanted = from.machine[self.operation[x] as usize];
            let choice = choices.iter().find(|choice| choice.0 == wanted).or(choices.first());
            let (machine, duration) = choice.copied().expect("an operation has a machine");
            (self.machine[x], self.nodes[x].duration) = (machine, duration);
            let (end, count) = (&mut ends[machine as usize], &mut self.count[machine as usize]);
            self.nodes[x].before = *end;
            self.nodes[*end as usize].behind = x as Node;
            (self.place[x], self.position[x]) = (*count as u32, k as u32);
            self.sequence[self.begin[machine as usize] + *count] = x as Node;
            (*end, *count) = (x as Node, *count + 1);
        }
        for (m, end) in ends.into_iter().enumerate() {
            self.nodes[end as usize].behind = self.first_machine + m as Node;
            self.nodes[self.first_machine as usize + m].before = end;
        }
        self.update(0, self.order.len());
    }

    /// The present arrangement.
    pub fn save(&self, into: &mut Arrangement) {
        into.order.clear();
        into.order.extend(self.order.iter().map(|&x| self.operation[x as usize]));
        into.machine.clear();
        into.machine.extend(self.node.iter().map(|&x| self.machine[x as usize]));
    }

    /// The machines that an operation may take, with its duration there.
    #[inline]
    pub fn choices(&self, x: Node) -> &[(u32, i64)] {
        let operation = self.operation[x as usize] as usize;
        &self.choices[self.choice_start[operation]..self.choice_start[operation + 1]]
    }

    /// Where the choices of an operation begin among those of all.
    #[inline]
    pub fn first_choice(&self, x: Node) -> usize {
        self.choice_start[self.operation[x as usize] as usize]
    }

    /// The schedule in which every operation starts as early as its order allows.
    pub fn schedule(&self) -> Schedule {
        let of = |value: fn(&Self, usize) -> i64| self.node.iter().map(|&x| value(self, x as usize)).collect();
        Schedule {
            machine: self.node.iter().map(|&x| self.machine[x as usize]).collect(),
            start_time: of(|orders, x| orders.nodes[x].completion - orders.nodes[x].duration),
            completion_time: of(|orders, x| orders.nodes[x].completion),
        }
    }

    /// The operations of a machine in order.
    #[inline]
    pub fn row(&self, machine: usize) -> &[Node] {
        &self.sequence[self.begin[machine]..self.begin[machine] + self.count[machine]]
    }

    /// The operations of a machine from one to another.
    #[inline]
    pub fn between(&self, first: Node, last: Node) -> &[Node] {
        let row = self.begin[self.machine[first as usize] as usize];
        &self.sequence[row + self.place[first as usize] as usize..=row + self.place[last as usize] as usize]
    }

    /// The sentinel of a machine.
    #[inline]
    pub fn sentinel(&self, machine: usize) -> Node {
        self.first_machine + machine as Node
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

    /// Computes completions from a position of the topological order on, and tails in front of another one.
    ///
    /// Both go on side by side, since the processor can work on one while it waits for the other.
    fn update(&mut self, from: usize, to: usize) {
        let Self { order, nodes, .. } = self;
        let (ahead, back) = (&order[from..], &order[..to]);
        let both = ahead.len().min(back.len());
        for (&x, &y) in ahead.iter().zip(back.iter().rev()) {
            set_completion(nodes, x as usize);
            set_tail(nodes, y as usize);
        }
        ahead[both..].iter().for_each(|&x| set_completion(nodes, x as usize));
        back[..back.len() - both].iter().rev().for_each(|&x| set_tail(nodes, x as usize));
        self.makespan = self.last.iter().map(|&x| self.end(x)).max().unwrap_or(0);
    }

    /// The end that the last node of a job leads to: its completion, and what follows behind the nodes.
    #[inline]
    pub fn end(&self, x: Node) -> i64 {
        self.nodes[x as usize].completion + self.nodes[x as usize + 1].tail
    }

    /// Sets when each machine is ready, and how much work follows behind the last node of each job that has operations. To be called before
    /// [`load`](Self::load).
    pub fn frame(&mut self, machine_ready: &[i64], following: &[i64]) {
        for (machine, &ready) in self.nodes[self.first_machine as usize..].iter_mut().zip(machine_ready) {
            machine.completion = ready;
        }
        for (&x, &following) in self.last.iter().zip(following) {
            self.nodes[x as usize + 1].tail = following;
        }
    }

    fn link(&mut self, first: Node, then: Node) {
        self.nodes[first as usize].behind = then;
        self.nodes[then as usize].before = first;
    }
}

#[inline]
fn set_completion(nodes: &mut [NodeState], x: usize) {
    let head = nodes[x - 1].completion.max(nodes[nodes[x].before as usize].completion);
    nodes[x].completion = head + nodes[x].duration;
}

#[inline]
fn set_tail(nodes: &mut [NodeState], x: usize) {
    let rest = nodes[x + 1].tail.max(nodes[nodes[x].behind as usize].tail);
    nodes[x].tail = rest + nodes[x].duration;
}
