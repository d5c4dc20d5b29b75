//! Is this a feasible schedule of this task graph?

#[cfg(test)]
mod tests;

use super::findings::Findings;
use super::names::{Called, Names};
use super::rounding::{equal, slack};
use super::{Kind, Violation};
use crate::control::Pulse;
use crate::cost;
use crate::dag::{Cost, Network, PerLink, TaskGraph};
use crate::memory::{self, OutOfMemory};
use crate::sort;

/// One run of a task: `(task, processor, start, end)`.
pub type Run = (i64, i64, f64, f64);

/// A schedule of a task graph to be checked.
#[derive(Debug, Clone, Copy)]
pub struct DagClaim<'a> {
    /// Where and when each task runs, in any order.
    pub runs: &'a [Run],
    /// Additional runs; a successor may use the data of any run.
    pub copies: &'a [Run],
    /// The claimed objective, if one is claimed.
    pub makespan: Option<f64>,
    /// What has happened already; such times may differ from the costs.
    pub fixed: &'a [Run],
    /// Nothing that is not fixed starts earlier.
    pub now: f64,
}

/// The runs of all tasks, task by task: those of task `i` are `runs[first[i]..first[i + 1]]`, the principal one in front.
struct ByTask {
    first: Vec<usize>,
    runs: Vec<Run>,
}

impl ByTask {
    fn of(&self, task: usize) -> &[Run] {
        &self.runs[self.first[task]..self.first[task + 1]]
    }
}

struct Judge<'a> {
    graph: &'a TaskGraph,
    network: &'a Network,
    claim: &'a DagClaim<'a>,
    found: Findings,
}

/// The violations of a schedule, by kind, then by index. Empty means feasible.
///
/// Subjects: the task; `unknown_id` the task, or the task and its processor; `precedence` and `communication` the two tasks;
/// `machine_overlap` the processor and two tasks, the one that occupies it and the one that starts too early; `objective` nothing.
/// Between two fixed tasks communication is not judged. A run without length overlaps nothing. At most [`MOST`](super::MOST)
/// violations of a kind are listed. Two times that should be equal may differ by four times 2^-52 of the larger of them (for a
/// duration and for data under way: of the largest of the times and the cost); each comparison has its own tolerance.
/// O(n log n + m) for schedules without copies.
#[must_use]
pub fn check_dag(graph: &TaskGraph, network: &Network, claim: &DagClaim) -> Vec<Violation> {
    check_dag_interruptible(graph, network, claim, &Pulse::default()).expect("memory for the checker")
}

/// [`check_dag`] that stops when `pulse` does; its answer must not be used then.
///
/// # Errors
/// The system refuses the memory.
pub fn check_dag_interruptible(
    graph: &TaskGraph,
    network: &Network,
    claim: &DagClaim,
    pulse: &Pulse,
) -> Result<Vec<Violation>, OutOfMemory> {
    let runs = claim.runs.len() + claim.copies.len();
    memory::require_items(runs, 3 * size_of::<Run>())?; // by task, by processor, and the room of sort
    memory::require_items(4 * graph.num_tasks() + 2 * graph.data_out().len(), size_of::<usize>())?;
    let mut judge = Judge { graph, network, claim, found: Findings::new(pulse) };
    let by_task = judge.assign();
    let fixed = judge.keep_the_past(&by_task);
    judge.durations(&by_task, &fixed);
    judge.edges(&by_task, &fixed);
    judge.overlaps(by_task);
    judge.objective();
    Ok(judge.found.finish())
}

impl<'a> Judge<'a> {
    fn task(&self, index: impl TryInto<usize>) -> Called<'a> {
        Names::new("task", self.graph.names()).of(index)
    }

    fn cost(&self, task: usize, processor: usize) -> f64 {
        match self.graph.costs() {
            Cost::Matrix { cost, num_processors } => cost[task * num_processors + processor],
            Cost::Related { work, speed } => work[task] / speed[processor],
        }
    }

    fn communication(&self, data: f64, from: i64, to: i64) -> f64 {
        let at = |values: &PerLink| match values {
            PerLink::Uniform(value) => *value,
            PerLink::Matrix { values, size } => values[from as usize * size + to as usize],
        };
        if from == to { 0.0 } else { at(self.network.latency()) + data / at(self.network.bandwidth()) }
    }

    /// The runs of each task, the principal one first; a task without one has none.
    fn assign(&mut self) -> ByTask {
        let (n, width) = (self.graph.num_tasks(), self.graph.num_processors());
        let claim = self.claim;
        let mut named = vec![false; n];
        let mut has_run = vec![false; n];
        let mut counted: Vec<(usize, Run)> = Vec::with_capacity(claim.runs.len() + claim.copies.len());
        for (k, &run) in claim.runs.iter().chain(claim.copies).enumerate() {
            if self.found.worked(cost::PAIR) {
                break;
            }
            let (task, processor, ..) = run;
            let Some(i) = usize::try_from(task).ok().filter(|&i| i < n) else {
                let detail = || format!("there is no task {task}, expected 0 <= index < {n}");
                self.found.add(Kind::UnknownId, &[task], detail);
                continue;
            };
            named[i] |= k < claim.runs.len();
            let name = self.task(task);
            if usize::try_from(processor).map_or(true, |p| p >= width) {
                let detail = || format!("{name} runs on processor {processor}, expected 0 <= index < {width}");
                self.found.add(Kind::UnknownId, &[task, processor], detail);
            } else if k < claim.runs.len() && std::mem::replace(&mut has_run[i], true) {
                self.found.add(Kind::Duplicate, &[task], || format!("{name} is scheduled more than once"));
            } else {
                counted.push((i, run));
            }
        }
        for (i, _) in named.iter().enumerate().filter(|(_, named)| !**named) {
            let name = self.task(i);
            self.found.add(Kind::Missing, &[i as i64], || format!("{name} is not scheduled"));
        }
        let mut first = vec![0; n + 1];
        for &(i, _) in &counted {
            first[i + 1] += 1;
        }
        (0..n).for_each(|i| first[i + 1] += first[i]);
        let mut next = first.clone();
        let mut runs = vec![(0, 0, 0.0, 0.0); counted.len()];
        for (i, run) in counted {
            runs[next[i]] = run;
            next[i] += 1;
        }
        ByTask { first, runs }
    }

    /// Which tasks are fixed; each must run as it did.
    fn keep_the_past(&mut self, by_task: &ByTask) -> Vec<bool> {
        let mut fixed = vec![false; self.graph.num_tasks()];
        for &(task, processor, start, end) in self.claim.fixed {
            let Some(i) = usize::try_from(task).ok().filter(|&i| i < fixed.len()) else { continue };
            fixed[i] = true;
            let Some(&(_, p, s, e)) = by_task.of(i).first() else { continue };
            let name = self.task(i);
            if p != processor || !equal(s, start) || !equal(e, end) {
                self.found.add(Kind::Fixed, &[task], || {
                    format!(
                        "{name} runs on processor {p} from {s:?} to {e:?}, but processor {processor} from {start:?} to {end:?} is fixed"
                    )
                });
            }
        }
        fixed
    }

    fn durations(&mut self, by_task: &ByTask, fixed: &[bool]) {
        let now = self.claim.now;
        for (i, &fixed) in fixed.iter().enumerate() {
            if self.found.worked(cost::PAIR) {
                return;
            }
            let name = self.task(i);
            for &(task, processor, start, end) in by_task.of(i).iter().skip(usize::from(fixed)) {
                let cost = self.cost(i, processor as usize);
                if cost.is_infinite() {
                    let detail = || format!("{name} cannot run on processor {processor}");
                    self.found.add(Kind::ForbiddenProcessor, &[task], detail);
                } else if !((end - start) - cost).abs().le(&slack([start, end, cost])) {
                    self.found.add(Kind::Duration, &[task], || {
                        format!("{name} runs from {start:?} to {end:?}, its cost on processor {processor} is {cost:?}")
                    });
                }
                if start < now - slack([start, now]) {
                    self.found.add(Kind::BeforeNow, &[task], || format!("{name} starts at {start:?}, before {now:?}"));
                }
            }
        }
    }

    fn edges(&mut self, by_task: &ByTask, fixed: &[bool]) {
        for ((i, j), data) in self.graph.edges().into_iter().zip(self.graph.data()) {
            let (before, after) = (by_task.of(i as usize), by_task.of(j as usize));
            if self.found.worked(cost::PAIR + before.len() as u64 * after.len() as u64) {
                return;
            }
            if before.is_empty() {
                continue;
            }
            let over = before.iter().map(|run| run.3).fold(f64::INFINITY, f64::min);
            for (k, &(task, processor, start, _)) in after.iter().enumerate() {
                // When the data of each run are there, with the rounding of their way.
                let arrival = |run: &Run| {
                    let way = self.communication(data, run.1, processor);
                    (run.3 + way, slack([start, run.3, way]))
                };
                let arrived = before.iter().map(arrival).fold((f64::INFINITY, 0.0), |a, b| if b.0 < a.0 { b } else { a });
                let known = k == 0 && fixed[i as usize] && fixed[j as usize];
                let (pair, first, name) = ([i64::from(i), task], self.task(i), self.task(j));
                if start < over - slack([start, over]) {
                    let detail = || format!("{name} starts at {start:?}, before {first} ends at {over:?}");
                    self.found.add(Kind::Precedence, &pair, detail);
                } else if start < arrived.0 - arrived.1 && !known {
                    let detail = || format!("{name} starts at {start:?}, before the data of {first} arrive at {:?}", arrived.0);
                    self.found.add(Kind::Communication, &pair, detail);
                }
            }
        }
    }

    fn overlaps(&mut self, by_task: ByTask) {
        let mut runs = by_task.runs;
        runs.retain(|&(_, _, start, end)| end - start > slack([start, end]));
        sort::sort_by(
            &mut runs,
            |steps| self.found.pulse().worked(steps),
            |a, b| a.1.cmp(&b.1).then(a.2.total_cmp(&b.2)).then(a.3.total_cmp(&b.3)).then(a.0.cmp(&b.0)),
        );
        let mut last: Option<Run> = None;
        for run in runs {
            if self.found.worked(cost::PAIR) {
                return;
            }
            let (task, processor, start, end) = run;
            match last {
                Some((other, p, _, until)) if p == processor => {
                    if start < until - slack([start, until]) {
                        let (first, name) = (self.task(other), self.task(task));
                        self.found.add(Kind::MachineOverlap, &[p, other, task], || {
                            format!("processor {p} runs {first} until {until:?}, but {name} starts at {start:?}")
                        });
                    }
                    if end > until {
                        last = Some(run);
                    }
                }
                _ => last = Some(run),
            }
        }
    }

    fn objective(&mut self) {
        let Some(makespan) = self.claim.makespan else { return };
        let ends = self.claim.runs.iter().chain(self.claim.copies).map(|run| run.3);
        let actual = ends.reduce(f64::max).unwrap_or(0.0);
        if !equal(makespan, actual) {
            let detail = || format!("the stored makespan is {makespan:?}, the last task ends at {actual:?}");
            self.found.add(Kind::Objective, &[], detail);
        }
    }
}
