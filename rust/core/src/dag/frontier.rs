//! The loop of schedulers that compare all ready tasks on all processors before each step.
//!
//! The earliest start of a ready task on a processor changes only when a task is placed there, so each step renews one column:
//! O(n r P) for at most r ready tasks.

use std::cmp::Ordering;

use super::Schedule;
use super::graph::TaskGraph;
use super::list::Call;
use super::partial_schedule::PartialSchedule;
use super::registry::ListSchedulerEntry;
use super::tie::Tie;

/// The defaults of the entries of these schedulers.
pub(super) const COMMON: ListSchedulerEntry = ListSchedulerEntry {
    cost: "O(n r P) for at most r ready tasks.",
    bytes: 24, // all tasks may be ready
    effort: |graph: &TaskGraph| graph.num_tasks() as f64 * graph.num_tasks() as f64 * graph.num_processors() as f64 / 2.0,
    ..ListSchedulerEntry::COMMON
};

/// A ready task: its costs and its earliest start, each by processor.
pub(super) struct Ready {
    pub(super) task: usize,
    pub(super) cost: Vec<f64>,
    pub(super) start: Vec<f64>,
}

impl Ready {
    fn finish(&self, p: usize) -> f64 {
        self.start[p] + self.cost[p]
    }

    fn possible(&self) -> impl Iterator<Item = usize> + '_ {
        (0..self.cost.len()).filter(|&p| self.cost[p].is_finite())
    }

    /// The processor where the task ends first, its finish there, and by how much the second best is worse: infinitely, where
    /// there is no second.
    pub(super) fn best(&self) -> (usize, f64, f64) {
        let (mut best, mut first, mut second) = (0, f64::INFINITY, f64::INFINITY);
        for p in self.possible() {
            let finish = self.finish(p);
            if finish < first {
                (best, first, second) = (p, finish, first);
            } else if finish < second {
                second = finish;
            }
        }
        (best, first, second - first)
    }

    /// The processor of least value, and that value.
    pub(super) fn least(&self, tie: Tie, value: impl Fn(usize) -> f64) -> (usize, f64) {
        let mut scores = self.possible().map(|p| (p, value(p)));
        let first = scores.next().expect("some processor can run the task");
        scores.fold(
            first,
            |best, (p, value)| {
                if tie.prefers(value, self.finish(p), (best.1, self.finish(best.0))) { (p, value) } else { best }
            },
        )
    }
}

/// The best processor of a ready task, its merit and its second merit. The offer of largest merit wins, then that of largest second
/// merit, then that of the lower task.
pub(super) type Offer = (usize, f64, f64);

/// Places everything, always the best of the offers that `offer` computes for the ready tasks. If the call's pulse stops it, the schedule
/// is incomplete.
pub(super) fn run(call: &Call, offer: impl Fn(&Ready) -> Offer) -> Schedule {
    let (mut partial, insertion) = (call.start(), call.options.insertion);
    let (graph, n, width) = (partial.graph, partial.graph.num_tasks(), partial.graph.num_processors());
    let open = |partial: &PartialSchedule, i: usize| {
        graph.dag().predecessors().of(i).iter().filter(|&&p| !partial.is_placed(p as usize)).count()
    };
    let mut waiting: Vec<usize> = (0..n).map(|i| open(&partial, i)).collect();
    let enter = |partial: &PartialSchedule, task: usize| {
        let (mut cost, mut data) = (vec![0.0; width], vec![0.0; width]);
        cost.copy_from_slice(graph.row(task, &mut data));
        partial.ready(task, &mut data);
        let start = (0..width).map(|p| partial.timelines.earliest(p, data[p], cost[p])).collect();
        let ready = Ready { task, cost, start };
        (offer(&ready), ready)
    };
    let mut frontier: Vec<(Offer, Ready)> = Vec::new();
    let mut entries: Vec<usize> = (0..n).rev().filter(|&i| waiting[i] == 0 && !partial.is_placed(i)).collect();
    while let Some(i) = entries.pop() {
        if partial.pulse.worked((width * (1 + graph.dag().predecessors().degree(i))) as u64) {
            return partial.into_schedule();
        }
        frontier.push(enter(&partial, i));
    }
    let better = |a: &(Offer, Ready), b: &(Offer, Ready)| {
        let ((_, a1, a2), (_, b1, b2)) = (a.0, b.0);
        order(a1, b1).then(order(a2, b2)).then(b.1.task.cmp(&a.1.task)) == Ordering::Greater
    };
    while let Some(k) = (0..frontier.len()).reduce(|best, k| if better(&frontier[k], &frontier[best]) { k } else { best })
        && !partial.pulse.worked(frontier.len() as u64)
    {
        let ((p, _, _), ready) = frontier.swap_remove(k);
        let (from, until) = (ready.start[p], ready.finish(p));
        partial.place(ready.task, p, from, until);
        for (best, other) in &mut frontier {
            // A task that was to run before or after what is placed now still can. Without insertion, what was to run before cannot.
            let before = insertion && other.finish(p) < from;
            if before || other.start[p] > until {
                continue;
            }
            // Starts only ever become later, so the search goes on where the last one ended.
            let start = partial.timelines.earliest(p, other.start[p], other.cost[p]);
            if start != other.start[p] {
                other.start[p] = start;
                *best = offer(other);
            }
        }
        for &j in graph.dag().successors().of(ready.task) {
            waiting[j as usize] -= 1;
            if waiting[j as usize] == 0 {
                if partial.pulse.worked((width * graph.dag().predecessors().degree(j as usize)) as u64) {
                    return partial.into_schedule();
                }
                frontier.push(enter(&partial, j as usize));
            }
        }
    }
    partial.into_schedule()
}

/// The order of two numbers, -0 and 0 being equal.
fn order(a: f64, b: f64) -> Ordering {
    (a + 0.0).total_cmp(&(b + 0.0))
}
