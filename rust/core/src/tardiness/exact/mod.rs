//! Exact total tardiness by branching and remembering.

mod frame;
mod list;
mod memo;
mod pivot;
mod promising;
mod search;

use super::jobs::{Jobs, Weights};
use super::rule::Scratch;
use super::{augmented_mddc, edd, mdd, nbr, total_tardiness};
use crate::control::{Limits, Status, Watch};
use crate::cost;
use crate::sort::Sorter;
use crate::tardiness::Total;
use list::Table;
use search::{BranchAndMemorize, Stopped};

/// Bytes that a search may use if it is not told otherwise.
pub const MEMORY: usize = 2_000_000_000;
/// Bytes for a window of a sequence.
const WINDOW_MEMORY: usize = 1 << 26;
/// More jobs than this do without a rule of so many steps, which would not end in time.
const CUBIC: usize = 700;
const QUADRATIC: usize = 2000;

/// What a search found.
#[derive(Debug, Clone, PartialEq)]
pub struct Solution {
    /// The best sequence known.
    pub sequence: Vec<u32>,
    /// Its total (weighted) tardiness.
    pub objective: i64,
    /// No sequence costs less.
    pub lower_bound: i64,
    /// Optimal, or feasible if a limit came first.
    pub status: Status,
    /// Branching nodes searched.
    pub num_nodes: u64,
}

/// An optimal sequence for `1 || sum T_j`, and the proof. NP-hard; pseudo-polynomial in theory, 500 jobs in a second as a rule.
///
/// Branches over the positions of the longest job (Lawler 1977), or near the root of the job due first where these are much fewer
/// (Della Croce, Tadei, Baracco and Grosso 1998), skips those that the conditions of Potts and Van Wassenhove and of
/// Szwarc exclude, takes off both ends what Emmons's dominance settles, and remembers every solved state (Szwarc, Grosso and Della
/// Croce 2001; Shang, T'kindt and Della Croce 2021). The budget is counted in nodes; `memory_limit` is in bytes (16 MiB
/// are always used if they are needed). Weights are ignored.
/// Under a limit the best sequence of the rules is returned, with a true lower bound. Of several optimal sequences always the same one.
///
/// ```
/// use schedkit_core::control::{Limits, Stop, Watch};
/// use schedkit_core::tardiness::{Jobs, MEMORY, Weights, solve_exact};
/// let jobs = Jobs::new(&[4, 7, 2, 9, 5, 3], &[6, 9, 14, 16, 11, 8], Weights::Unit)?;
/// let (limits, memory) = (Limits::default(), MEMORY);
/// let stop = Stop::new(&limits);
/// assert_eq!(solve_exact(&jobs, &limits, memory, &mut Watch::new(&stop)).objective, 27);
/// # Ok::<(), schedkit_core::InputError>(())
/// ```
pub fn solve_exact(jobs: &Jobs, limits: &Limits, memory_limit: usize, watch: &mut Watch<Total>) -> Solution {
    let jobs = &Jobs { weight: Weights::Unit, ..*jobs };
    let mut solution = heuristic(jobs);
    solution.lower_bound = lower_bound(jobs);
    if solution.lower_bound == solution.objective {
        solution.status = Status::Optimal;
    }
    let stopped = watch.improved(solution.objective.into(), solution.lower_bound.into(), 0);
    if solution.status == Status::Optimal || stopped || watch.check() {
        return solution;
    }
    let table = Table::new(jobs);
    let mut search = BranchAndMemorize::new(&table, memory_limit, limits.budget.unwrap_or(u64::MAX));
    let everything = search.lists.push_everything();
    if let Ok(value) = search.solve(0, everything, watch) {
        solution.lower_bound = value;
        if value < solution.objective
            && let Ok(sequence) = search.sequence(watch)
        {
            (solution.sequence, solution.objective) = (sequence, value);
        }
    }
    solution.num_nodes = search.num_nodes;
    if solution.lower_bound == solution.objective {
        solution.status = Status::Optimal;
        watch.improved(solution.objective.into(), solution.lower_bound.into(), solution.num_nodes);
    }
    solution
}

/// An optimal order of a part of a sequence, none if the order it is in is optimal; or the news that `max_nodes` were not enough.
pub(super) fn solve_window(p: &[i64], d: &[i64], max_nodes: u64, watch: &mut Watch<Total>) -> Result<Option<Vec<u32>>, Stopped> {
    let jobs = Jobs { processing_time: p, due_date: d, weight: Weights::Unit, horizon: p.iter().sum() };
    let in_order: Vec<u32> = (0..jobs.len() as u32).collect();
    let cost = total_tardiness(&jobs, &in_order);
    let table = Table::new(&jobs);
    let mut search = BranchAndMemorize::new(&table, WINDOW_MEMORY, max_nodes);
    let everything = search.lists.push_everything();
    let value = search.solve(0, everything, watch)?;
    if value < cost { search.sequence(watch).map(Some) } else { Ok(None) }
}

/// A good sequence from a search that tries the most promising positions only; or the news that `max_nodes` were not enough.
pub(super) fn decompose(p: &[i64], d: &[i64], max_nodes: u64, watch: &mut Watch<Total>) -> Result<Vec<u32>, Stopped> {
    let jobs = Jobs { processing_time: p, due_date: d, weight: Weights::Unit, horizon: p.iter().sum() };
    let table = Table::new(&jobs);
    let mut search = BranchAndMemorize::promising(&table, WINDOW_MEMORY, max_nodes);
    let everything = search.lists.push_everything();
    search.solve(0, everything, watch)?;
    search.sequence(watch)
}

/// The best of the good rules.
fn heuristic(jobs: &Jobs) -> Solution {
    let rules: &[fn(&Jobs, &mut Scratch)] = match jobs.len() {
        n if n <= CUBIC => &[augmented_mddc, nbr, edd],
        n if n <= QUADRATIC => &[augmented_mddc, edd],
        _ => &[mdd, edd],
    };
    let mut scratch = Scratch::default();
    let mut best: Option<(i64, Vec<u32>)> = None;
    for rule in rules {
        rule(jobs, &mut scratch);
        let cost = total_tardiness(jobs, &scratch.sequence);
        if best.as_ref().is_none_or(|best| cost < best.0) {
            best = Some((cost, scratch.sequence.clone()));
        }
    }
    let (objective, sequence) = best.unwrap_or_default();
    Solution { sequence, objective, lower_bound: 0, status: Status::Feasible, num_nodes: 0 }
}

/// The larger of two relaxations: the largest tardiness of the earliest due date sequence, and the completion times of the shortest
/// processing time sequence met with sorted due dates. O(n log n).
#[must_use]
pub fn lower_bound(jobs: &Jobs) -> i64 {
    lower_bound_interruptible(jobs, |_| false)
}

/// [`lower_bound`], or 0 if `worked`, which counts steps, stops it.
pub(super) fn lower_bound_interruptible(jobs: &Jobs, mut worked: impl FnMut(u64) -> bool) -> i64 {
    let (p, d, step) = (jobs.processing_time, jobs.due_date, cost::PAIR * jobs.len() as u64);
    let (mut sorter, mut sequence) = (Sorter::default(), Vec::new());
    if sorter.sort_interruptible(d, Some(p), &mut sequence, &mut worked) {
        return 0;
    }
    let due: Vec<i64> = sequence.iter().map(|&j| d[j as usize]).collect();
    if worked(step) {
        return 0;
    }
    let mut clock = 0;
    let mut worst = 0;
    for &j in &sequence {
        clock += jobs.processing_time[j as usize];
        worst = worst.max(clock - jobs.due_date[j as usize]);
    }
    if worked(step) || sorter.sort_interruptible(p, Some(d), &mut sequence, &mut worked) {
        return 0;
    }
    clock = 0;
    let matched = sequence.iter().zip(due).map(|(&j, due)| {
        clock += jobs.processing_time[j as usize];
        (clock - due).max(0)
    });
    worst.max(matched.sum())
}
