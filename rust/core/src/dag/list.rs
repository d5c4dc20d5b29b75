//! The one loop that list schedulers share: among the ready tasks the highest priority, then the lower index.

use super::board::{Board, Choice};
use crate::bitset::{Eligible, RankSet};

/// Places every task that is not placed yet. `choose(board, task, costs, ready)` names the processor and the times; `costs` and
/// `ready` hold one number per processor. Stops when the board's pulse says so. O(n log n) and, for every edge and processor, one communication time.
pub(crate) fn list_schedule(
    board: &mut Board,
    priority: &[f64],
    mut choose: impl FnMut(&mut Board, usize, &[f64], &[f64]) -> Choice,
) {
    let (n, width) = (board.graph.num_tasks(), board.graph.num_processors());
    let mut by_priority: Vec<u32> = (0..n as u32).collect();
    by_priority.sort_by(|&i, &j| priority[j as usize].total_cmp(&priority[i as usize])); // stable: then index
    let mut position = vec![0_u32; n];
    for (k, &i) in by_priority.iter().enumerate() {
        position[i as usize] = k as u32;
    }
    let dag = board.graph.dag();
    let mut waiting: Vec<u32> =
        (0..n).map(|i| dag.predecessors().of(i).iter().filter(|&&p| !board.is_placed(p as usize)).count() as u32).collect();
    let mut ready_tasks = RankSet::new(n);
    for i in 0..n {
        ready_tasks.insert_if(waiting[i] == 0 && !board.is_placed(i), position[i] as usize);
    }
    let (mut room, mut ready) = (vec![0.0; width], vec![0.0; width]);
    while let Some(k) = ready_tasks.pop_first() {
        let task = by_priority[k] as usize;
        let steps = width * (1 + board.graph.dag().predecessors().degree(task));
        if board.pulse.worked(steps as u64) {
            return;
        }
        board.ready(task, &mut ready);
        let row = board.graph.row(task, &mut room);
        let choice = choose(board, task, row, &ready);
        board.place(task, choice.processor, choice.start, choice.finish);
        for &j in board.graph.dag().successors().of(task) {
            waiting[j as usize] -= 1;
            ready_tasks.insert_if(waiting[j as usize] == 0, position[j as usize] as usize);
        }
    }
}
