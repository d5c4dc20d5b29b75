//! HEFT that judges a processor by what the task's successors could do next.

use super::Schedule;
use super::board::{Board, Choice, Placed, Trial};
use super::graph::TaskGraph;
use super::heft::HeftOptions;
use super::list::list_schedule;
use super::network::{Links, Network};
use super::past::Past;
use super::rank::{RankCost, upward_rank_until, weights};
use crate::control::Pulse;
use crate::error::Error;

/// Lookahead HEFT for `R | prec, c_ij | C_max`: ready tasks by upward rank; for each processor the task is placed there on trial,
/// then its successors (by rank, then index), each where it ends first; the last of their finishes is the processor's score.
///
/// Successors stay placed while a processor is judged; other predecessors of theirs that are not placed impose nothing; a task
/// without successors scores its own finish. Ties: lower task index; between processors as [`HeftOptions::tie`] says. O(m P^2 + k P^2) and the
/// search for gaps, where k counts the edges between two successors of one task, once for each such task: of the order of n^3 on a
/// complete graph. Bittencourt, Sakellariou, Madeira (2010), Euromicro PDP.
///
/// # Errors
/// As [`heft`](super::heft).
pub fn lookahead_heft(
    graph: &TaskGraph,
    network: &Network,
    past: &Past,
    options: HeftOptions,
    pulse: &Pulse,
) -> Result<Schedule, Error> {
    let links = Links::new(network, graph)?;
    let rank = upward_rank_until(graph, &links, &weights(graph, RankCost::Mean), pulse);
    let width = graph.num_processors();
    let mut board = Board::new(graph, &links, past, options.insertion, pulse);
    let mut trial = Lookahead {
        children: Vec::new(),
        among: Vec::new(),
        place: vec![u32::MAX; graph.num_tasks()],
        placed: Vec::new(),
        trials: Vec::new(),
        arrived: vec![Vec::new(); graph.num_tasks()],
        room: vec![0.0; width],
        ready: vec![0.0; width],
    };
    for f in past.fixed() {
        trial.send(&board, f.task);
    }
    list_schedule(&mut board, &rank, |board, task, row, ready| {
        trial.gather(board, task, &rank);
        let mut best: Option<(f64, Choice)> = None;
        for p in (0..width).filter(|&p| row[p].is_finite()) {
            if board.pulse.worked(((trial.children.len() + trial.among.len()) * width) as u64) || board.pulse.stopped() {
                return board.earliest_finish(row, ready); // the schedule is not used any more
            }
            let start = board.lanes.earliest(p, ready[p], row[p]);
            let choice = Choice { processor: p, start, finish: start + row[p] };
            let score = trial.judge(board, choice);
            if best.is_none_or(|(least, choice_so_far)| options.tie.prefers(score, choice.finish, (least, choice_so_far.finish)))
            {
                best = Some((score, choice));
            }
        }
        let choice = best.expect("some processor can run the task").1;
        trial.arrived[task] = Vec::new();
        board.placed[task] = Placed { finish: choice.finish, processor: choice.processor as u32 };
        trial.send(board, task);
        choice
    });
    Ok(board.into_schedule())
}

/// What the trials of a task need.
struct Lookahead {
    /// The successors in the order in which they are placed on trial, and the data for each.
    children: Vec<(usize, f64)>,
    /// Edges from one of the successors to a later one: their places in `children`, and the data; by the later one.
    among: Vec<(u32, u32, f64)>,
    /// The place of each successor; `u32::MAX` for all other tasks.
    place: Vec<u32>,
    /// Where the successors were placed on trial.
    placed: Vec<Placed>,
    /// What is to be taken back after a trial.
    trials: Vec<Trial>,
    /// For each task that is not placed, by processor: when the data of all its placed predecessors are there; empty if it has none.
    arrived: Vec<Vec<f64>>,
    room: Vec<f64>,
    ready: Vec<f64>,
}

impl Lookahead {
    /// Notes for each successor of a placed task when its data arrive.
    fn send(&mut self, board: &Board, task: usize) {
        let Placed { finish, processor } = board.placed[task];
        for (child, data) in board.graph.outgoing(task).filter(|&(child, _)| !board.is_placed(child)) {
            let arrived = &mut self.arrived[child];
            if arrived.is_empty() {
                arrived.resize(self.ready.len(), board.now);
            }
            for (q, arrived) in arrived.iter_mut().enumerate() {
                *arrived = arrived.max(finish + board.links.time(data, processor as usize, q));
            }
        }
    }

    /// Lists the successors of `task`, and the edges among them.
    fn gather(&mut self, board: &Board, task: usize, rank: &[f64]) {
        for &(child, _) in &self.children {
            self.place[child] = u32::MAX;
        }
        self.children.clear();
        self.among.clear();
        self.children.extend(board.graph.outgoing(task));
        self.children.sort_by(|&(i, _), &(j, _)| rank[j].total_cmp(&rank[i]).then(i.cmp(&j)));
        for (k, &(child, _)) in self.children.iter().enumerate() {
            let before = board.graph.incoming(child).filter(|&(i, _)| self.place[i] != u32::MAX);
            self.among.extend(before.map(|(i, data)| (self.place[i], k as u32, data)));
            self.place[child] = k as u32;
        }
    }

    /// The last finish among the children if the task goes there; leaves the board as it was.
    fn judge(&mut self, board: &mut Board, choice: Choice) -> f64 {
        if self.children.is_empty() {
            return choice.finish;
        }
        self.trials.clear();
        self.trials.push(board.lanes.try_occupy(choice.processor, choice.start, choice.finish));
        let mut score = f64::NEG_INFINITY;
        let mut among = self.among.iter().peekable();
        self.placed.clear();
        for (k, &(child, data)) in self.children.iter().enumerate() {
            match self.arrived[child].as_slice() {
                [] => self.ready.fill(board.now),
                arrived => self.ready.copy_from_slice(arrived),
            }
            for (q, ready) in self.ready.iter_mut().enumerate() {
                *ready = ready.max(choice.finish + board.links.time(data, choice.processor, q));
            }
            while let Some(&(from, _, data)) = among.next_if(|&&(_, to, _)| to as usize == k) {
                let Placed { finish, processor } = self.placed[from as usize];
                for (q, ready) in self.ready.iter_mut().enumerate() {
                    *ready = ready.max(finish + board.links.time(data, processor as usize, q));
                }
            }
            let there = board.earliest_finish(board.graph.row(child, &mut self.room), &self.ready);
            self.trials.push(board.lanes.try_occupy(there.processor, there.start, there.finish));
            self.placed.push(Placed { finish: there.finish, processor: there.processor as u32 });
            score = score.max(there.finish);
        }
        for trial in self.trials.iter().rev() {
            board.lanes.undo(trial);
        }
        score
    }
}
