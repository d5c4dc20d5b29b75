//! Schedulers that look ahead by a table of optimistic remaining costs per task and processor: PEFT, PPTS and IPPTS.

use super::Schedule;
use super::board::Board;
use super::graph::TaskGraph;
use super::heft::HeftOptions;
use super::list::list_schedule;
use super::network::{Links, Network};
use super::past::Past;
use super::rank::{RankCost, weights};
use crate::control::Pulse;
use crate::error::Error;
use crate::memory::OutOfMemory;

/// Predict Earliest Finish Time: `OCT(i, p) = max over successors j of min over q of (OCT(j, q) + w(j, q) + (q = p ? 0 :
/// mean communication))`, 0 for exits. Ready tasks by mean OCT, each to the processor of least `EFT + OCT`.
///
/// Ties: lower task index; between processors as [`HeftOptions::tie`] says. O(m P + n P), memory for n P numbers.
/// Arabnejad, Barbosa (2014), IEEE Transactions on Parallel and Distributed Systems 25.
///
/// # Errors
/// As [`heft`](super::heft), and a table too large for memory.
pub fn peft(graph: &TaskGraph, network: &Network, past: &Past, options: HeftOptions, pulse: &Pulse) -> Result<Schedule, Error> {
    let links = Links::new(network, graph)?;
    let table = optimistic_costs(graph, &links, pulse)?;
    let width = graph.num_processors();
    let priority: Vec<f64> = table.chunks_exact(width.max(1)).map(mean).collect();
    let mut board = Board::new(graph, &links, past, options.insertion, pulse);
    list_schedule(&mut board, &priority, |board, task, row, ready| {
        let rest = &table[task * width..(task + 1) * width];
        board.best(row, ready, options.tie, |p, finish| finish + rest[p])
    });
    Ok(board.into_schedule())
}

/// Predict Priority Task Scheduling: `PCM(i, p) = max over successors j of min over q of (PCM(j, q) + w(j, q) + w(i, q) + (q = p
/// ? 0 : mean communication))`, `w(i, p)` for exits. Ready tasks by mean PCM, each to the processor of least `EFT + PCM`.
///
/// Ties: lower task index; between processors as [`HeftOptions::tie`] says. O(m P + n P), memory for n P numbers. Djigal, Feng, Lu (2019), Task scheduling
/// for heterogeneous computing using a predict cost matrix, ICPP Workshops.
///
/// # Errors
/// As [`peft`].
pub fn ppts(graph: &TaskGraph, network: &Network, past: &Past, options: HeftOptions, pulse: &Pulse) -> Result<Schedule, Error> {
    let links = Links::new(network, graph)?;
    let table = predicted_costs(graph, &links, pulse)?;
    let width = graph.num_processors();
    let priority: Vec<f64> = table.chunks_exact(width.max(1)).map(mean).collect();
    let mut board = Board::new(graph, &links, past, options.insertion, pulse);
    list_schedule(&mut board, &priority, |board, task, row, ready| {
        let rest = &table[task * width..(task + 1) * width];
        board.best(row, ready, options.tie, |p, finish| finish + rest[p])
    });
    Ok(board.into_schedule())
}

/// Improved Predict Priority Task Scheduling: the table of [`ppts`]; ready tasks by mean PCM times the number of successors, each
/// to the processor of least `EFT + PCM - w`.
///
/// Ties: lower task index; between processors as [`HeftOptions::tie`] says. O(m P + n P), memory for n P numbers. Djigal, Feng, Lu, Ge (2021), IPPTS,
/// IEEE Transactions on Parallel and Distributed Systems 32, with the ready list of the comments of 2023.
///
/// # Errors
/// As [`peft`].
pub fn ippts(graph: &TaskGraph, network: &Network, past: &Past, options: HeftOptions, pulse: &Pulse) -> Result<Schedule, Error> {
    let links = Links::new(network, graph)?;
    let table = predicted_costs(graph, &links, pulse)?;
    let width = graph.num_processors();
    let degree = |i: usize| graph.dag().successors().degree(i) as f64;
    let priority: Vec<f64> = table.chunks_exact(width.max(1)).enumerate().map(|(i, row)| mean(row) * degree(i)).collect();
    let mut board = Board::new(graph, &links, past, options.insertion, pulse);
    list_schedule(&mut board, &priority, |board, task, row, ready| {
        let rest = &table[task * width..(task + 1) * width];
        board.best(row, ready, options.tie, |p, finish| finish + (rest[p] - row[p]))
    });
    Ok(board.into_schedule())
}

/// The mean of the finite entries.
fn mean(row: &[f64]) -> f64 {
    let finite = row.iter().filter(|c| c.is_finite());
    let (sum, count) = finite.fold((0.0, 0.0), |(sum, count), c| (sum + c, count + 1.0));
    sum / count
}

/// The smallest number and where it stands: `min over q of (value[q] + (q = p ? 0 : c))` for every `p` follows from it.
struct Least {
    at: usize,
    first: f64,
}

impl Least {
    fn of(values: &[f64]) -> Self {
        let mut least = Self { at: usize::MAX, first: f64::INFINITY };
        for (q, &value) in values.iter().enumerate() {
            if value < least.first {
                least = Self { at: q, first: value };
            }
        }
        least
    }

    /// The minimum seen from processor `p`: stay there for `value[p]`, or go to the least of all for `c` more.
    fn seen_from(&self, p: usize, values: &[f64], c: f64) -> f64 {
        if p == self.at { self.first } else { values[p].min(self.first + c) }
    }
}

fn optimistic_costs(graph: &TaskGraph, links: &Links, pulse: &Pulse) -> Result<Vec<f64>, OutOfMemory> {
    let width = graph.num_processors();
    let (mut table, mut pulse) = (graph.table()?, pulse.clone());
    let (mut room, mut values, mut row) = (vec![0.0; width], vec![0.0; width], vec![0.0_f64; width]);
    for &i in graph.dag().topological_order().iter().rev() {
        if pulse.worked((width * (1 + graph.dag().successors().degree(i as usize))) as u64) {
            break; // the table is not used any more
        }
        row.fill(0.0);
        for (j, data) in graph.outgoing(i as usize) {
            let rest = &table[j * width..(j + 1) * width];
            for ((value, &rest), &w) in values.iter_mut().zip(rest).zip(graph.row(j, &mut room)) {
                *value = rest + w;
            }
            let (least, c) = (Least::of(&values), links.mean(data));
            for (p, entry) in row.iter_mut().enumerate() {
                *entry = entry.max(least.seen_from(p, &values, c));
            }
        }
        table[i as usize * width..(i as usize + 1) * width].copy_from_slice(&row);
    }
    Ok(table)
}

fn predicted_costs(graph: &TaskGraph, links: &Links, pulse: &Pulse) -> Result<Vec<f64>, OutOfMemory> {
    let width = graph.num_processors();
    let weights = weights(graph, RankCost::Mean);
    let (mut table, mut pulse) = (graph.table()?, pulse.clone());
    let mut room = (vec![0.0; width], vec![0.0; width]);
    let (mut values, mut row) = (vec![0.0; width], vec![0.0_f64; width]);
    for &i in graph.dag().topological_order().iter().rev() {
        if pulse.worked((width * (1 + graph.dag().successors().degree(i as usize))) as u64) {
            break; // the table is not used any more
        }
        let i = i as usize;
        let own = graph.row(i, &mut room.0);
        if graph.dag().successors().degree(i) == 0 {
            table[i * width..(i + 1) * width].copy_from_slice(own);
            continue;
        }
        row.fill(0.0);
        for (j, data) in graph.outgoing(i) {
            let rest = &table[j * width..(j + 1) * width];
            let theirs = graph.row(j, &mut room.1);
            let add = |own: &dyn Fn(usize) -> f64, values: &mut [f64]| {
                for (q, value) in values.iter_mut().enumerate() {
                    *value = if theirs[q].is_finite() { rest[q] + theirs[q] + own(q) } else { f64::INFINITY };
                }
            };
            add(&|q| own[q], &mut values);
            if values.iter().all(|value| value.is_infinite()) {
                add(&|_| weights[i], &mut values); // no processor can run both, so its mean cost stands for the task's
            }
            let (least, c) = (Least::of(&values), links.mean(data));
            for (p, entry) in row.iter_mut().enumerate() {
                *entry = entry.max(least.seen_from(p, &values, c));
            }
        }
        table[i * width..(i + 1) * width].copy_from_slice(&row);
    }
    Ok(table)
}
