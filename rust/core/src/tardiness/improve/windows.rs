//! Windows of a sequence, solved exactly: what follows starts when it did before, so every window is a problem of its own.

use super::dynasearch::{Job, cost};
use crate::control::Watch;
use crate::tardiness::Total;
use crate::tardiness::exact::{decompose, solve_window};

/// Nodes that one window may take at first, for each of its jobs.
const NODES: u64 = 20;
/// Jobs of the first windows, and of the first ones with more effort.
const FIRST: [usize; 2] = [24, 96];

/// More jobs than this are not decomposed, and nodes that a decomposition may take for each job.
const DECOMPOSED: usize = 1000;
const DECOMPOSED_NODES: u64 = 40;

/// What became of a sequence.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Polished {
    /// It became better.
    Better,
    /// Some window took too many nodes; more effort may help.
    Open,
    /// No window, not even the whole sequence, can be better.
    Optimal,
}

/// Improves a sequence of unweighted jobs by windows of growing size, each overlapping the next by half. Every step of `effort`
/// quadruples the nodes.
pub(super) fn polish(sequence: &mut [Job<i64>], effort: u32, watch: &mut Watch<Total>) -> Polished {
    let n = sequence.len();
    let nodes = NODES << (2 * effort.min(25));
    let mut size = FIRST[usize::from(effort > 0)];
    let mut any = false;
    loop {
        let (mut better, mut open) = (false, false);
        let (mut first, mut clock) = (0, 0);
        loop {
            let end = (first + size).min(n);
            match solve(&mut sequence[first..end], clock, nodes, watch) {
                None => open = true,
                Some(improved) => better |= improved,
            }
            if end == n || watch.check() {
                break;
            }
            let next = first + size / 2;
            clock += sequence[first..next].iter().map(|job| job.p).sum::<i64>();
            first = next;
        }
        any |= better;
        if watch.check() {
            return if any { Polished::Better } else { Polished::Open };
        }
        if !better {
            if size >= n || open {
                return match (any, open) {
                    (true, _) => Polished::Better,
                    (false, true) => Polished::Open,
                    (false, false) => Polished::Optimal,
                };
            }
            size *= 2;
        }
    }
}

/// Puts the jobs into the order that a search of the most promising positions finds, if that is better.
pub(super) fn restart(sequence: &mut [Job<i64>], watch: &mut Watch<Total>) {
    let n = sequence.len();
    if n > DECOMPOSED {
        return;
    }
    let p: Vec<i64> = sequence.iter().map(|job| job.p).collect();
    let d: Vec<i64> = sequence.iter().map(|job| job.d).collect();
    if let Ok(order) = decompose(&p, &d, DECOMPOSED_NODES * n as u64, watch) {
        let sorted: Vec<Job<i64>> = order.iter().map(|&k| sequence[k as usize]).collect();
        if cost(&sorted) < cost(sequence) {
            sequence.copy_from_slice(&sorted);
        }
    }
}

/// Puts a window into its optimal order; whether that is better, or none if it took too many nodes.
fn solve(window: &mut [Job<i64>], clock: i64, nodes: u64, watch: &mut Watch<Total>) -> Option<bool> {
    let p: Vec<i64> = window.iter().map(|job| job.p).collect();
    let d: Vec<i64> = window.iter().map(|job| job.d - clock).collect();
    let order = solve_window(&p, &d, nodes * window.len() as u64, watch).ok()?;
    let Some(order) = order else {
        return Some(false);
    };
    let sorted: Vec<Job<i64>> = order.iter().map(|&k| window[k as usize]).collect();
    window.copy_from_slice(&sorted);
    Some(true)
}
