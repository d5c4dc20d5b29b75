//! Schedulers that look ahead by a table of the costs that still follow a task on each processor: PEFT, PPTS and IPPTS.

use super::list::{self, Call, ListScheduler};
use super::partial_schedule::PartialSchedule;
use super::rank::{RankCost, weights};
use super::registry::ListSchedulerEntry;
use crate::error::Error;
use crate::memory::OutOfMemory;

pub(super) const ENTRIES: [ListSchedulerEntry; 3] = [
    ListSchedulerEntry {
        name: "peft",
        title: "Predict Earliest Finish Time",
        rule: "Takes ready tasks by the mean of their optimistic costs (the least time from a task's end to the last exit, were every \
               successor placed at its best), each to the processor of least finish plus optimistic cost.",
        source: "Arabnejad, H., Barbosa, J. G. (2014). List scheduling algorithm for heterogeneous systems by an optimistic cost \
                 table. IEEE Transactions on Parallel and Distributed Systems 25.",
        start: Some(2),
        run: list::run::<Peft>,
        ..TABLE_GUIDED
    },
    ListSchedulerEntry {
        name: "ppts",
        title: "Predict Priority Task Scheduling",
        rule: "Works as `peft`, with a predicted cost matrix that counts the task's own cost at each step.",
        source: "Djigal, H., Feng, J., Lu, J. (2019). Task scheduling for heterogeneous computing using a predict cost matrix. ICPP \
                 Workshops.",
        start: Some(4),
        run: list::run::<Ppts>,
        ..TABLE_GUIDED
    },
    ListSchedulerEntry {
        name: "ippts",
        title: "Improved Predict Priority Task Scheduling",
        rule: "Takes ready tasks by mean predicted cost times number of successors, each to the processor of least finish plus \
               predicted cost less own cost.",
        notes: "Ties: lower task; between processors as `tie` says. Exits have priority 0.",
        source: "Djigal, H., Feng, J., Lu, J., Ge, J. (2021). IPPTS: an efficient algorithm for scientific workflow scheduling in \
                 heterogeneous computing systems. IEEE Transactions on Parallel and Distributed Systems 32. The ready list follows \
                 the comments of 2023.",
        start: Some(5),
        run: list::run::<Ippts>,
        ..TABLE_GUIDED
    },
];

const TABLE_GUIDED: ListSchedulerEntry = ListSchedulerEntry {
    notes: "Ties: lower task; between processors as `tie` says.",
    cost: "O(m P) and memory for n P numbers.",
    takes_tie: true,
    bytes: 8,
    ..ListSchedulerEntry::COMMON
};

/// For each task and processor, what still follows.
struct RemainingCosts {
    table: Vec<f64>,
    width: usize,
}

impl RemainingCosts {
    /// The table, and the mean of the finite entries of each task.
    fn with_means(table: Vec<f64>, call: &Call) -> (Self, Vec<f64>) {
        let width = call.graph.num_processors();
        let means = table.chunks_exact(width.max(1)).map(mean).collect();
        (Self { table, width }, means)
    }

    fn at(&self, task: usize, p: usize) -> f64 {
        self.table[task * self.width + p]
    }
}

/// PEFT: `OCT(i, p) = max over successors j of min over q of (OCT(j, q) + w(j, q) + (q = p ? 0 : mean communication))`, 0 for exits.
struct Peft(RemainingCosts);

impl ListScheduler for Peft {
    fn prepare(call: &Call) -> Result<(Self, Vec<f64>), Error> {
        let (table, means) = RemainingCosts::with_means(optimistic_costs(call)?, call);
        Ok((Self(table), means))
    }

    fn score(&self, _: &PartialSchedule, task: usize, p: usize, _: f64, finish: f64) -> f64 {
        finish + self.0.at(task, p)
    }
}

/// PPTS: `PCM(i, p) = max over successors j of min over q of (PCM(j, q) + w(j, q) + w(i, q) + (q = p ? 0 : mean communication))`,
/// `w(i, p)` for exits.
struct Ppts(RemainingCosts);

impl ListScheduler for Ppts {
    fn prepare(call: &Call) -> Result<(Self, Vec<f64>), Error> {
        let (table, means) = RemainingCosts::with_means(predicted_costs(call)?, call);
        Ok((Self(table), means))
    }

    fn score(&self, _: &PartialSchedule, task: usize, p: usize, _: f64, finish: f64) -> f64 {
        finish + self.0.at(task, p)
    }
}

/// IPPTS: the table of [`Ppts`] with other priorities and scores.
struct Ippts(RemainingCosts);

impl ListScheduler for Ippts {
    fn prepare(call: &Call) -> Result<(Self, Vec<f64>), Error> {
        let (table, means) = RemainingCosts::with_means(predicted_costs(call)?, call);
        let degree = |i: usize| call.graph.dag().successors().degree(i) as f64;
        Ok((Self(table), means.iter().enumerate().map(|(i, mean)| mean * degree(i)).collect()))
    }

    fn score(&self, _: &PartialSchedule, task: usize, p: usize, cost: f64, finish: f64) -> f64 {
        finish + (self.0.at(task, p) - cost)
    }
}

/// The mean of the finite entries.
fn mean(row: &[f64]) -> f64 {
    let finite = row.iter().filter(|c| c.is_finite());
    let (sum, count) = finite.fold((0.0, 0.0), |(sum, count), c| (sum + c, count + 1.0));
    sum / count
}

/// The smallest number and where it stands: `min over q of (value[q] + (q = p ? 0 : c))` for every `p` follows from it.
struct Minimum {
    at: usize,
    value: f64,
}

impl Minimum {
    fn of(values: &[f64]) -> Self {
        let mut least = Self { at: usize::MAX, value: f64::INFINITY };
        for (q, &value) in values.iter().enumerate() {
            if value < least.value {
                least = Self { at: q, value };
            }
        }
        least
    }

    /// The minimum seen from processor `p`: stay there for `value[p]`, or go to the least of all for `c` more.
    fn seen_from(&self, p: usize, values: &[f64], c: f64) -> f64 {
        if p == self.at { self.value } else { values[p].min(self.value + c) }
    }
}

fn optimistic_costs(call: &Call) -> Result<Vec<f64>, OutOfMemory> {
    let (graph, links, width) = (call.graph, &call.links, call.graph.num_processors());
    let (mut table, mut pulse) = (graph.table()?, call.pulse.clone());
    let (mut buffer, mut values, mut row) = (vec![0.0; width], vec![0.0; width], vec![0.0_f64; width]);
    for &i in graph.dag().topological_order().iter().rev() {
        if pulse.worked((width * (1 + graph.dag().successors().degree(i as usize))) as u64) {
            break; // the table is not used any more
        }
        row.fill(0.0);
        for (j, data) in graph.outgoing(i as usize) {
            let rest = &table[j * width..(j + 1) * width];
            for ((value, &rest), &w) in values.iter_mut().zip(rest).zip(graph.row(j, &mut buffer)) {
                *value = rest + w;
            }
            let (least, c) = (Minimum::of(&values), links.mean(data));
            for (p, entry) in row.iter_mut().enumerate() {
                *entry = entry.max(least.seen_from(p, &values, c));
            }
        }
        table[i as usize * width..(i as usize + 1) * width].copy_from_slice(&row);
    }
    Ok(table)
}

fn predicted_costs(call: &Call) -> Result<Vec<f64>, OutOfMemory> {
    let (graph, links, width) = (call.graph, &call.links, call.graph.num_processors());
    let weights = weights(graph, RankCost::Mean);
    let (mut table, mut pulse) = (graph.table()?, call.pulse.clone());
    let mut buffer = (vec![0.0; width], vec![0.0; width]);
    let (mut values, mut row) = (vec![0.0; width], vec![0.0_f64; width]);
    for &i in graph.dag().topological_order().iter().rev() {
        if pulse.worked((width * (1 + graph.dag().successors().degree(i as usize))) as u64) {
            break; // the table is not used any more
        }
        let i = i as usize;
        let own = graph.row(i, &mut buffer.0);
        if graph.dag().successors().degree(i) == 0 {
            table[i * width..(i + 1) * width].copy_from_slice(own);
            continue;
        }
        row.fill(0.0);
        for (j, data) in graph.outgoing(i) {
            let rest = &table[j * width..(j + 1) * width];
            let theirs = graph.row(j, &mut buffer.1);
            let add = |own: &dyn Fn(usize) -> f64, values: &mut [f64]| {
                for (q, value) in values.iter_mut().enumerate() {
                    *value = if theirs[q].is_finite() { rest[q] + theirs[q] + own(q) } else { f64::INFINITY };
                }
            };
            add(&|q| own[q], &mut values);
            if values.iter().all(|value| value.is_infinite()) {
                add(&|_| weights[i], &mut values); // no processor can run both, so its mean cost stands for the task's
            }
            let (least, c) = (Minimum::of(&values), links.mean(data));
            for (p, entry) in row.iter_mut().enumerate() {
                *entry = entry.max(least.seen_from(p, &values, c));
            }
        }
        table[i * width..(i + 1) * width].copy_from_slice(&row);
    }
    Ok(table)
}
