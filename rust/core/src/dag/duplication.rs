//! HEFT with duplication of entry tasks.
//!
//! If the data of an entry task arrive late at a processor, that processor may run the entry task again in one of its gaps and save
//! the transfer. Idea (b) of Wang et al. (2016), HSIP; the rule for when to copy is stated at [`place_with_copies`].

use super::list::list_schedule;
use super::partial_schedule::{Choice, PartialSchedule};
use super::{Copy, Schedule};
use crate::timeline::unary::TrialPlacement;

/// HEFT's loop with copies.
///
/// For each candidate processor: while the predecessor whose data arrive last (ties: lower index) is an entry task that does not
/// run there, and a copy in the earliest gap there would end before those data arrive, the copy is taken. The task then goes to
/// the processor where it ends first (ties: lower index), and only that processor's copies are kept. Later tasks use the nearest
/// copy.
pub(crate) fn place_with_copies(mut partial: PartialSchedule, rank: &[f64]) -> Schedule {
    let mut copies: Vec<Copy> = Vec::new();
    let mut of_task: Vec<Vec<usize>> = vec![Vec::new(); rank.len()];
    list_schedule(&mut partial, rank, |partial, task, row, _| {
        let mut best: Option<(Choice, Vec<Copy>)> = None;
        for (p, &w) in row.iter().enumerate().filter(|(_, w)| w.is_finite()) {
            let (start, new) = try_processor(partial, task, p, w, &copies, &of_task);
            let finish = start + w;
            if best.as_ref().is_none_or(|(choice, _)| finish < choice.finish) {
                best = Some((Choice { processor: p, start, finish }, new));
            }
        }
        let (choice, new) = best.expect("some processor can run the task");
        for copy in new {
            partial.timelines.occupy(choice.processor, copy.start, copy.end);
            of_task[copy.task].push(copies.len());
            copies.push(copy);
        }
        choice
    });
    let mut schedule = partial.into_schedule();
    schedule.makespan = copies.iter().map(|copy| copy.end).fold(schedule.makespan, f64::max);
    schedule.copies = copies;
    schedule
}

/// The earliest start of `task` on processor `p`, and the new copies that it takes.
fn try_processor(
    partial: &mut PartialSchedule,
    task: usize,
    p: usize,
    w: f64,
    copies: &[Copy],
    of_task: &[Vec<usize>],
) -> (f64, Vec<Copy>) {
    let graph = partial.graph;
    let mut trials: Vec<TrialPlacement> = Vec::new();
    let mut new: Vec<Copy> = Vec::new();
    let ready = loop {
        let mut late = (partial.now, usize::MAX); // the last arrival and its sender
        for (i, data) in graph.incoming(task) {
            let at_hand = new.iter().filter(|copy| copy.task == i).map(|copy| copy.end);
            let sent = of_task[i].iter().map(|&k| copies[k].end + partial.links.time(data, copies[k].processor as usize, p));
            let placed = partial.placed[i];
            let original = placed.finish + partial.links.time(data, placed.processor as usize, p);
            let arrival = at_hand.chain(sent).fold(original, f64::min);
            if arrival > late.0 || (arrival == late.0 && i < late.1) {
                late = (arrival, i);
            }
        }
        let (arrival, sender) = late;
        let entry = sender != usize::MAX && graph.dag().predecessors().degree(sender) == 0;
        let here = |copy: &Copy| copy.task == sender && copy.processor as usize == p;
        if !entry || partial.placed[sender].processor as usize == p || new.iter().chain(copies).any(here) {
            break arrival;
        }
        let cost = graph.cost(sender, p);
        let start = partial.timelines.earliest(p, partial.now, cost);
        if start + cost >= arrival {
            break arrival;
        }
        trials.push(partial.timelines.try_occupy(p, start, start + cost));
        new.push(Copy { task: sender, processor: p as u32, start, end: start + cost });
    };
    let start = partial.timelines.earliest(p, ready, w);
    for trial in trials.iter().rev() {
        partial.timelines.undo(trial);
    }
    (start, new)
}
