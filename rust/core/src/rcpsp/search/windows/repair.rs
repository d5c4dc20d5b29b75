//! A schedule that is nearly right: hold it where it is good, and let the tree search find another order where somebody is late.

use crate::random::Random;
use crate::rcpsp::Schedule;
use crate::rcpsp::constrained::{Situation, Windows};

/// Windows in which only the activities near one of them may move; everybody else is held where the schedule has it. `None` if nobody
/// is late.
///
/// Every other time the one is late and must be in time, and whatever the tree finds is better than the schedule. In between it is
/// anybody, nobody may get later, and what the tree finds is another schedule to go on from.
pub fn loosened(situation: &Situation, windows: &Windows, schedule: &Schedule, random: &mut Random) -> Option<Windows> {
    let n = situation.num_activities();
    let (start, end) = (&schedule.start_time, &schedule.completion_time);
    let free = |i: usize| situation.fixed[i].is_none();
    let late: Vec<usize> = (0..n).filter(|&i| free(i) && end[i] > windows.latest_finish[i]).collect();
    if late.is_empty() {
        return None;
    }
    let better = random.below(2) == 0;
    let victim = if better { late[random.below(late.len() as u64) as usize] } else { random.below(n as u64) as usize };
    let unit = (situation.project.horizon() / n as i64).max(1);
    let reach = unit * random.between(2, 8) / 2;
    let (low, high) =
        (windows.earliest_start[victim].min(start[victim]) - reach / 2, windows.latest_finish[victim].min(end[victim]) + reach);
    let mut held = windows.clone();
    for i in (0..n).filter(|&i| free(i)) {
        let moves = i == victim || (start[i] < high && end[i] > low);
        if !moves {
            (held.earliest_start[i], held.earliest_finish[i]) = (start[i], end[i]);
            (held.latest_start[i], held.latest_finish[i]) = (start[i], end[i]);
        } else if i != victim || !better {
            held.latest_finish[i] = held.latest_finish[i].max(end[i]);
        }
    }
    Some(held)
}
