//! HEFT that scores a processor by the finishes of the task's successors.

use super::graph::TaskGraph;
use super::list::{self, Call, ListScheduler};
use super::partial_schedule::{Choice, PartialSchedule, Placed};
use super::rank::{RankCost, upward_rank_until, weights};
use super::registry::ListSchedulerEntry;
use crate::error::Error;
use crate::timeline::unary::TrialPlacement;

pub(super) const ENTRIES: [ListSchedulerEntry; 1] = [ListSchedulerEntry {
    name: "lookahead_heft",
    title: "HEFT that looks one generation ahead",
    rule: "Takes ready tasks by upward rank; for each processor the task and then its successors are placed on trial, each successor \
           where it ends first; the last of their finishes is the processor's score.",
    notes: "Ties: lower task; between processors as `tie` says. Successors by rank, then index; they stay placed while a processor is \
            judged; other predecessors of theirs that are not placed impose nothing; a task without successors scores its own finish.",
    cost: "O(m P^2) and, for each task, P^2 times the number of edges between two of its successors: of the order of n^3 P^2 on a \
           complete graph.",
    source: "Bittencourt, L. F., Sakellariou, R., Madeira, E. R. M. (2010). DAG scheduling using a lookahead variant of the \
             Heterogeneous Earliest Finish Time algorithm. Euromicro PDP.",
    takes_tie: true,
    start: Some(7),
    bytes: 8,
    effort,
    run: list::run::<Lookahead>,
    ..ListSchedulerEntry::COMMON
}];

/// Processors that the innermost loop looks at in one step.
const PROCESSORS_PER_STEP: f64 = 4.0;

fn effort(graph: &TaskGraph) -> f64 {
    let (n, width, m) = (graph.num_tasks() as f64, graph.num_processors() as f64, graph.dag().num_edges() as f64);
    let squares = (0..graph.num_tasks()).map(|i| (graph.dag().predecessors().degree(i) as f64).powi(2)).sum::<f64>();
    width * width * (n + m + squares) / PROCESSORS_PER_STEP
}

impl ListScheduler for Lookahead {
    fn prepare(call: &Call) -> Result<(Self, Vec<f64>), Error> {
        let (n, width) = (call.graph.num_tasks(), call.graph.num_processors());
        let rank = upward_rank_until(call.graph, &call.links, &weights(call.graph, RankCost::Mean), call.pulse);
        let mut lookahead = Self {
            rank: rank.clone(),
            children: Vec::new(),
            edges_among: Vec::new(),
            place: vec![u32::MAX; n],
            placed: Vec::new(),
            trials: Vec::new(),
            arrived: vec![Vec::new(); n],
            buffer: vec![0.0; width],
            ready: vec![0.0; width],
        };
        if !call.past.fixed().is_empty() {
            let partial = call.start();
            for f in call.past.fixed() {
                lookahead.note_arrivals(&partial, f.task);
            }
        }
        Ok((lookahead, rank))
    }

    fn choose(&mut self, call: &Call, partial: &mut PartialSchedule, task: usize, costs: &[f64], ready: &[f64]) -> Choice {
        self.list_successors(partial, task);
        let mut best: Option<(f64, Choice)> = None;
        for p in (0..costs.len()).filter(|&p| costs[p].is_finite()) {
            let steps = (self.children.len() + self.edges_among.len()) * costs.len();
            if partial.pulse.worked(steps as u64) || partial.pulse.stopped() {
                return partial.earliest_finish(costs, ready); // the schedule is not used any more
            }
            let choice = partial.on(p, costs, ready);
            let score = self.last_finish(partial, choice);
            if best.is_none_or(|(least, so_far)| call.options.tie.prefers(score, choice.finish, (least, so_far.finish))) {
                best = Some((score, choice));
            }
        }
        let choice = best.expect("some processor can run the task").1;
        self.arrived[task] = Vec::new();
        partial.placed[task] = Placed { finish: choice.finish, processor: choice.processor as u32 };
        self.note_arrivals(partial, task);
        choice
    }
}

/// HEFT that looks one generation ahead: the buffers that the trials of a task need.
struct Lookahead {
    rank: Vec<f64>,
    /// The successors in the order in which they are placed on trial, and the data for each.
    children: Vec<(usize, f64)>,
    /// Edges from one of the successors to a later one: their places in `children`, and the data; by the later one.
    edges_among: Vec<(u32, u32, f64)>,
    /// The place of each successor; `u32::MAX` for all other tasks.
    place: Vec<u32>,
    /// The trial placements of the successors.
    placed: Vec<Placed>,
    /// The placements to undo after a trial.
    trials: Vec<TrialPlacement>,
    /// For each task that is not placed, by processor: the time at which the data of all its placed predecessors have arrived; empty if
    /// it has none.
    arrived: Vec<Vec<f64>>,
    buffer: Vec<f64>,
    ready: Vec<f64>,
}

impl Lookahead {
    /// Records the arrival of a placed task's data for each successor.
    fn note_arrivals(&mut self, partial: &PartialSchedule, task: usize) {
        let Placed { finish, processor } = partial.placed[task];
        for (child, data) in partial.graph.outgoing(task).filter(|&(child, _)| !partial.is_placed(child)) {
            let arrived = &mut self.arrived[child];
            if arrived.is_empty() {
                arrived.resize(self.ready.len(), partial.now);
            }
            for (q, arrived) in arrived.iter_mut().enumerate() {
                *arrived = arrived.max(finish + partial.links.time(data, processor as usize, q));
            }
        }
    }

    /// Lists the successors of `task`, and the edges among them.
    fn list_successors(&mut self, partial: &PartialSchedule, task: usize) {
        for &(child, _) in &self.children {
            self.place[child] = u32::MAX;
        }
        self.children.clear();
        self.edges_among.clear();
        self.children.extend(partial.graph.outgoing(task));
        let rank = &self.rank;
        self.children.sort_by(|&(i, _), &(j, _)| rank[j].total_cmp(&rank[i]).then(i.cmp(&j)));
        for (k, &(child, _)) in self.children.iter().enumerate() {
            let before = partial.graph.incoming(child).filter(|&(i, _)| self.place[i] != u32::MAX);
            self.edges_among.extend(before.map(|(i, data)| (self.place[i], k as u32, data)));
            self.place[child] = k as u32;
        }
    }

    /// The last finish among the children if the task goes there; leaves the partial schedule as it was.
    fn last_finish(&mut self, partial: &mut PartialSchedule, choice: Choice) -> f64 {
        if self.children.is_empty() {
            return choice.finish;
        }
        self.trials.clear();
        self.trials.push(partial.timelines.try_occupy(choice.processor, choice.start, choice.finish));
        let mut score = f64::NEG_INFINITY;
        let mut among = self.edges_among.iter().peekable();
        self.placed.clear();
        for (k, &(child, data)) in self.children.iter().enumerate() {
            match self.arrived[child].as_slice() {
                [] => self.ready.fill(partial.now),
                arrived => self.ready.copy_from_slice(arrived),
            }
            for (q, ready) in self.ready.iter_mut().enumerate() {
                *ready = ready.max(choice.finish + partial.links.time(data, choice.processor, q));
            }
            while let Some(&(from, _, data)) = among.next_if(|&&(_, to, _)| to as usize == k) {
                let Placed { finish, processor } = self.placed[from as usize];
                for (q, ready) in self.ready.iter_mut().enumerate() {
                    *ready = ready.max(finish + partial.links.time(data, processor as usize, q));
                }
            }
            let there = partial.earliest_finish(partial.graph.row(child, &mut self.buffer), &self.ready);
            self.trials.push(partial.timelines.try_occupy(there.processor, there.start, there.finish));
            self.placed.push(Placed { finish: there.finish, processor: there.processor as u32 });
            score = score.max(there.finish);
        }
        for trial in self.trials.iter().rev() {
            partial.timelines.undo(trial);
        }
        score
    }
}
