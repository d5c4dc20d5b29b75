//! HEFT that judges a processor by what the task's successors could do next.

use super::Schedule;
use super::board::{Board, Choice, NOWHERE};
use super::graph::TaskGraph;
use super::list::list_schedule;
use super::network::{Links, Network};
use super::past::Past;
use super::rank::{RankCost, upward_rank, weights};
use crate::control::Pulse;
use crate::error::Error;

/// Lookahead HEFT for `R | prec, c_ij | C_max`: ready tasks by upward rank; for each processor the task is placed there on trial,
/// then its successors (by rank, then index), each where it ends first; the last of their finishes is the processor's score.
///
/// Successors stay placed while a processor is judged; other predecessors of theirs that are not placed impose nothing; a task
/// without successors scores its own finish. Ties: lower task index, then lower processor. O(m P^2 d) for mean degree d, and the
/// search for gaps. Bittencourt, Sakellariou, Madeira (2010), Euromicro PDP.
///
/// # Errors
/// As [`heft`](super::heft).
pub fn lookahead_heft(
    graph: &TaskGraph,
    network: &Network,
    past: &Past,
    insertion: bool,
    pulse: &Pulse,
) -> Result<Schedule, Error> {
    let links = Links::new(network, graph)?;
    let rank = upward_rank(graph, &links, &weights(graph, RankCost::Mean));
    let width = graph.num_processors();
    let (mut room, mut ready_there) = (vec![0.0; width], vec![0.0; width]);
    let mut children: Vec<usize> = Vec::new();
    let mut pulse = pulse.clone();
    let mut board = Board::new(graph, &links, past, insertion);
    list_schedule(&mut board, &rank, |board, task, row, ready| {
        children.clear();
        children.extend(graph.dag().successors().of(task).iter().map(|&j| j as usize));
        children.sort_by(|&i, &j| rank[j].total_cmp(&rank[i]).then(i.cmp(&j)));
        if pulse.worked((children.len() * width * width) as u64) || pulse.stopped() {
            return board.earliest_finish(row, ready); // the schedule is worth nothing any more
        }
        let mut best: Option<(f64, Choice)> = None;
        for p in (0..width).filter(|&p| row[p].is_finite()) {
            let start = board.lanes.earliest(p, ready[p], row[p]);
            let choice = Choice { processor: p, start, finish: start + row[p] };
            let score = judge(board, task, choice, &children, &mut room, &mut ready_there);
            if best.is_none_or(|(least, _)| score < least) {
                best = Some((score, choice));
            }
        }
        best.expect("some processor can run the task").1
    });
    Ok(board.into_schedule())
}

/// The last finish among the children if the task goes there; leaves the board as it was.
fn judge(board: &mut Board, task: usize, choice: Choice, children: &[usize], room: &mut [f64], ready: &mut [f64]) -> f64 {
    if children.is_empty() {
        return choice.finish;
    }
    let mut saved = vec![board.lanes.save(choice.processor)];
    board.place(task, choice.processor, choice.start, choice.finish);
    let mut score = f64::NEG_INFINITY;
    for &child in children {
        board.ready(child, ready);
        let there = board.earliest_finish(board.graph.row(child, room), ready);
        if saved.iter().all(|lane| lane.processor != there.processor) {
            saved.push(board.lanes.save(there.processor));
        }
        board.place(child, there.processor, there.start, there.finish);
        score = score.max(there.finish);
    }
    for lane in saved {
        board.lanes.restore(lane);
    }
    for &i in children.iter().chain([&task]) {
        board.placed[i] = NOWHERE;
    }
    score
}
