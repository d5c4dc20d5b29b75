//! The loop that most list schedulers share: the ready task of highest priority, then of lower index, goes to the processor of least
//! score.

use super::Schedule;
use super::graph::TaskGraph;
use super::heft::HeftOptions;
use super::network::Links;
use super::partial_schedule::{Choice, PartialSchedule};
use super::past::Past;
use crate::bitset::{Eligible, RankSet};
use crate::control::Pulse;
use crate::error::Error;
use crate::sort;

/// The arguments of a list scheduler.
pub(super) struct Call<'a> {
    pub(super) graph: &'a TaskGraph,
    pub(super) links: Links<'a>,
    pub(super) past: &'a Past,
    pub(super) options: HeftOptions,
    pub(super) seed: u64,
    pub(super) pulse: &'a Pulse,
}

impl Call<'_> {
    /// The past, and nothing else placed.
    pub(super) fn start(&self) -> PartialSchedule<'_> {
        PartialSchedule::new(self.graph, &self.links, self.past, self.options.insertion, self.pulse)
    }
}

/// A list scheduler, by the priorities of the tasks and the score of a processor.
pub(super) trait ListScheduler: Sized {
    /// Prepares tables, and gives each task its priority. The ready task of largest priority comes first.
    ///
    /// # Errors
    /// Too little memory.
    fn prepare(call: &Call) -> Result<(Self, Vec<f64>), Error>;

    /// The score of processor `p`, where `task` costs `cost` and would end at `finish`: by default that finish. The least wins.
    fn score(&self, _partial: &PartialSchedule, _task: usize, _p: usize, _cost: f64, finish: f64) -> f64 {
        finish
    }

    /// The processor of least score, and the times there; `costs` and `ready` hold one number per processor.
    fn choose(&mut self, call: &Call, partial: &mut PartialSchedule, task: usize, costs: &[f64], ready: &[f64]) -> Choice {
        let partial = &*partial;
        partial.best(costs, ready, call.options.tie, |p, finish| self.score(partial, task, p, costs[p], finish))
    }
}

/// Runs a list scheduler.
pub(super) fn run<S: ListScheduler>(call: &Call) -> Result<Schedule, Error> {
    let (mut scheduler, priority) = S::prepare(call)?;
    let mut partial = call.start();
    list_schedule(&mut partial, &priority, |partial, task, costs, ready| scheduler.choose(call, partial, task, costs, ready));
    Ok(partial.into_schedule())
}

/// Places every task that is not placed yet. `choose(partial, task, costs, ready)` names the processor and the times; `costs` and
/// `ready` hold one number per processor. Stops when the pulse says so. O(n log n) and, for every edge and processor, one communication time.
pub(crate) fn list_schedule(
    partial: &mut PartialSchedule,
    priority: &[f64],
    mut choose: impl FnMut(&mut PartialSchedule, usize, &[f64], &[f64]) -> Choice,
) {
    let (n, width) = (partial.graph.num_tasks(), partial.graph.num_processors());
    let by_priority = sort::descending(priority);
    let mut position = vec![0_u32; n];
    for (k, &i) in by_priority.iter().enumerate() {
        position[i as usize] = k as u32;
    }
    let dag = partial.graph.dag();
    let mut waiting: Vec<u32> =
        (0..n).map(|i| dag.predecessors().of(i).iter().filter(|&&p| !partial.is_placed(p as usize)).count() as u32).collect();
    let mut ready_tasks = RankSet::new(n);
    for i in 0..n {
        ready_tasks.insert_if(waiting[i] == 0 && !partial.is_placed(i), position[i] as usize);
    }
    let (mut buffer, mut ready) = (vec![0.0; width], vec![0.0; width]);
    while let Some(k) = ready_tasks.pop_first() {
        let task = by_priority[k] as usize;
        let steps = width * (1 + partial.graph.dag().predecessors().degree(task));
        if partial.pulse.worked(steps as u64) {
            return;
        }
        partial.ready(task, &mut ready);
        let row = partial.graph.row(task, &mut buffer);
        let choice = choose(partial, task, row, &ready);
        partial.place(task, choice.processor, choice.start, choice.finish);
        for &j in partial.graph.dag().successors().of(task) {
            waiting[j as usize] -= 1;
            ready_tasks.insert_if(waiting[j as usize] == 0, position[j as usize] as usize);
        }
    }
}
