//! Takes one job out of a selection and inserts it again nearest to where it was, so that it passes an operation of another job.
//!
//! The other jobs keep their order among each other. If the job comes before an operation, all that this one leads to must come behind the
//! job too, as far as the job would otherwise be before itself; so operations of the job pass further operations, until nothing is left
//! to pass. It always ends in a selection: at the latest when the job is before all other ones. Letting a job come later is the same in the
//! graph with all arcs turned round.

use super::NONE;
use super::graph::Graph;
use super::nodes::Nodes;
use super::view::View;
use std::ops::Range;

/// The insertion that is tried.
#[derive(Debug, Clone)]
pub(super) struct Insertion {
    /// The nodes between the first and the last one that has another place now, in their new order.
    pub window: Vec<u32>,
    /// The place behind the window.
    pub until: usize,
    /// By node of another job, 2 k if the job's node k must not be later, and 2 k + 1 if it must be earlier; -1 if neither is known.
    level: Vec<i32>,
    touched: Vec<u32>,
    /// By rank in the order, whether what follows from the level of the node is not drawn.
    open: Vec<u64>,
    /// The least rank of a node with a level.
    lowest: usize,
    /// By machine, the first operation of the job there.
    here: Vec<u32>,
    /// The links that were changed: operations with what came before and behind.
    undo: Vec<(u32, u32, u32)>,
    list: Vec<u32>,
    waiting: Vec<u32>,
}

impl Insertion {
    pub fn new(nodes: &Nodes) -> Self {
        let count = nodes.job.len();
        Self {
            window: Vec::with_capacity(count),
            until: 0,
            level: vec![-1; count],
            touched: Vec::new(),
            open: vec![0; count / 64 + 1],
            lowest: 0,
            here: vec![NONE; nodes.num_machines],
            undo: Vec::new(),
            list: Vec::with_capacity(count),
            waiting: Vec::new(),
        }
    }

    /// Inserts the job of an operation so that it passes another operation on its machine. The places of the window.
    pub fn insert<const EARLIER: bool>(&mut self, graph: &mut Graph, operation: usize, other: usize) -> Range<usize> {
        let job = graph.nodes.job[operation] as usize;
        let view = View::<EARLIER>::new(graph, job);
        for op in (view.first..view.last).rev() {
            self.here[graph.nodes.machine[op] as usize] = op as u32;
        }
        let last_number = self.close(&view, View::<EARLIER>::exit(operation), View::<EARLIER>::entry(other));
        let end = view.end_of_exchange(view.rank(view.node(last_number)));
        while self.lowest > 0 && view.are_together(view.at(self.lowest - 1), view.at(self.lowest)) {
            self.lowest -= 1;
        }
        for op in view.first..view.last {
            self.here[graph.nodes.machine[op] as usize] = NONE;
        }
        self.link::<EARLIER>(graph, job, last_number);
        self.reorder(&View::<EARLIER>::new(graph, job), last_number, end);
        let size = graph.order.len();
        if EARLIER {
            self.lowest..end + 1
        } else {
            self.window.reverse();
            size - 1 - end..size - self.lowest
        }
    }

    /// Links operations as they were before.
    pub fn take_back(&mut self, graph: &mut Graph) {
        while let Some((op, before, after)) = self.undo.pop() {
            graph.unlink(op);
            graph.link(op, before, after);
        }
    }

    fn raise<const EARLIER: bool>(&mut self, view: &View<EARLIER>, node: usize, level: i32) {
        if self.level[node] < level {
            if self.level[node] < 0 {
                self.touched.push(node as u32);
            }
            self.level[node] = level;
            let rank = view.rank(node);
            self.open[rank / 64] |= 1 << (rank % 64);
            self.lowest = self.lowest.min(rank);
        }
    }

    /// Draws all that follows if `exit` of the job must not be later than `entry` of another job: the levels of nodes, and the greatest
    /// number of a node of the job that has to come before a node of another job.
    fn close<const EARLIER: bool>(&mut self, view: &View<EARLIER>, exit: usize, entry: usize) -> usize {
        let nodes = &*view.graph.nodes;
        let job = nodes.job[exit];
        let mut last_number = view.number(exit);
        let mut end = view.end_of_exchange(view.rank(exit));
        self.lowest = usize::MAX;
        self.raise(view, entry, 2 * last_number as i32);
        let mut word = self.lowest / 64;
        loop {
            while word < self.open.len() && self.open[word] == 0 {
                word += 1;
            }
            let rank = if word < self.open.len() { 64 * word + self.open[word].trailing_zeros() as usize } else { usize::MAX };
            if rank > end {
                return last_number;
            }
            self.open[word] &= self.open[word] - 1;
            let node = view.at(rank);
            let level = self.level[node];
            if let Some(next) = view.next(node) {
                self.raise(view, next, level | 1);
            }
            if let Some(op) = view.left_by(node) {
                let mut after = view.after(op);
                while after != NONE && nodes.job[after as usize] == job {
                    after = view.after(after as usize);
                }
                if after != NONE {
                    self.raise(view, View::<EARLIER>::entry(after as usize), level);
                }
                // Operations of the job that were behind this one, although they must be earlier than its exit.
                let mut own = self.here[nodes.machine[op] as usize];
                while own != NONE {
                    let (begin, other) = (View::<EARLIER>::entry(own as usize), View::<EARLIER>::entry(op));
                    let number = view.number(begin);
                    if level >= 2 * number as i32 + i32::from(nodes.swap) && view.rank(other) < view.rank(begin) {
                        if number + 1 > last_number {
                            last_number = number + 1;
                            end = view.end_of_exchange(view.rank(view.node(last_number)));
                        }
                        self.raise(view, other, 2 * (number + 1) as i32);
                    }
                    own = nodes.again[own as usize];
                }
            }
            word = word.min(self.lowest / 64);
        }
    }

    /// Changes the order on machines as the levels say.
    fn link<const EARLIER: bool>(&mut self, graph: &mut Graph, job: usize, last_number: usize) {
        let (first, last) = (graph.nodes.first_of[job] as usize, graph.nodes.last_of[job] as usize);
        self.undo.clear();
        for number in 0..last_number {
            let op = if EARLIER { first + number } else { last - 1 - number };
            let view = View::<EARLIER>::new(graph, job);
            let (mut passed, mut before) = (NONE, view.before(op));
            while before != NONE
                && graph.nodes.job[before as usize] != job as u32
                && self.level[View::<EARLIER>::entry(before as usize)] >= 2 * (number + 1) as i32
            {
                (passed, before) = (before, view.before(before as usize));
            }
            if passed != NONE {
                self.undo.push((op as u32, graph.before[op], graph.after[op]));
                graph.unlink(op as u32);
                let (before, after) = if EARLIER { (before, passed) } else { (passed, before) };
                graph.link(op as u32, before, after);
            }
        }
    }

    /// The nodes up to the rank `end` in an order in which each is behind those that it waits for: nodes with a level wait until the job
    /// has come as far as they need.
    fn reorder<const EARLIER: bool>(&mut self, view: &View<EARLIER>, last_number: usize, end: usize) {
        self.list_by_rank(view, end);
        let Self { window, list, waiting, level, .. } = self;
        window.clear();
        // The last node of the job that has come.
        let mut come =
            (0..=last_number).rev().find(|&number| view.rank(view.node(number)) < self.lowest).map_or(-1, |k| k as i32);
        for &node in &*list {
            if (view.first..=view.last).contains(&(node as usize)) {
                window.push(node);
                come = view.number(node as usize) as i32;
                for most in [2 * come, 2 * come + 1] {
                    waiting.retain(|&other| {
                        let waits = level[other as usize] > most;
                        if !waits {
                            window.push(other);
                        }
                        waits
                    });
                }
            } else if level[node as usize] >= 0 && level[node as usize] / 2 > come {
                waiting.push(node);
            } else {
                window.push(node);
            }
        }
        debug_assert!(waiting.is_empty(), "no node waits for a node of the job that has not come");
        for &node in &self.touched {
            self.level[node as usize] = -1;
            let rank = view.rank(node as usize);
            self.open[rank / 64] &= !(1 << (rank % 64));
        }
        self.touched.clear();
    }

    /// The nodes up to the rank `end` in their old order. Where jobs no longer exchange their machines, those that wait come behind those
    /// that they wait for.
    fn list_by_rank<const EARLIER: bool>(&mut self, view: &View<EARLIER>, end: usize) {
        let list = &mut self.list;
        list.clear();
        let mut rank = self.lowest;
        while rank <= end {
            let last = view.end_of_exchange(rank);
            let begin = list.len();
            if last > rank {
                let is_with = |node: usize, other: u32| other != NONE && view.are_together(node, other as usize);
                for first in (rank..=last).map(|rank| view.at(rank)).filter(|&node| !is_with(node, view.waits_for(node))) {
                    let mut node = first;
                    list.push(node as u32);
                    while is_with(node, view.lets_in(node)) {
                        node = view.lets_in(node) as usize;
                        list.push(node as u32);
                    }
                }
            }
            if list.len() - begin != last + 1 - rank {
                list.truncate(begin);
                list.extend((rank..=last).map(|rank| view.at(rank) as u32));
            }
            rank = last + 1;
        }
    }
}
