//! Exact weighted tardiness for few jobs: dynamic programming over subsets.

use super::dispatch::atc;
use super::evaluate::weighted_total;
use super::improve::Amount;
use super::jobs::{Jobs, Weights};
use super::rule::Scratch;
use crate::control::{Status, Watch};
use crate::error::InputError;
use crate::total::Total;

/// Most jobs: the table has 2^24 entries of 8 bytes then.
pub const MOST_JOBS: usize = 24;

/// What the search over subsets found.
#[derive(Debug, Clone, PartialEq)]
pub struct Subsets {
    /// An optimal sequence, or that of [`atc`] if the search was stopped.
    pub sequence: Vec<u32>,
    /// No sequence costs less.
    pub lower_bound: Total,
    /// Optimal, or feasible if the search was stopped.
    pub status: Status,
}

/// An optimal sequence for `1 || sum w_j T_j` with at most [`MOST_JOBS`] jobs.
///
/// `V(S) = min over j in S of V(S - j) + w_j max(0, p(S) - d_j)`. Of several optimal sequences the one whose last job has the lowest
/// index, then the last but one, and so on. O(n 2^n) time, 2^n numbers. Held and Karp (1962), J. SIAM 10.
///
/// ```
/// use schedkit_core::control::{Limits, Status, Stop, Watch};
/// use schedkit_core::tardiness::{Jobs, Weights, solve_subsets};
/// let jobs = Jobs::new(&[3, 2], &[2, 3], Weights::Integers(&[1, 5]))?;
/// let stop = Stop::new(&Limits::default());
/// let found = solve_subsets(&jobs, &mut Watch::new(&stop))?;
/// assert_eq!((found.sequence, found.status), (vec![1, 0], Status::Optimal));
/// # Ok::<(), schedkit_core::InputError>(())
/// ```
///
/// # Errors
/// More jobs than that.
pub fn solve_subsets(jobs: &Jobs, watch: &mut Watch<Total>) -> Result<Subsets, InputError> {
    if jobs.len() > MOST_JOBS {
        return Err(InputError::new("processing_time", format!("has {} jobs, at most {MOST_JOBS} are possible", jobs.len())));
    }
    let optimal = match jobs.weight {
        Weights::Unit => solve(jobs, |_| 1_i64, watch),
        Weights::Integers(w) => solve(jobs, |j| w[j], watch),
        Weights::Floats(w) => solve(jobs, |j| w[j], watch),
    };
    if let Some(sequence) = optimal {
        let lower_bound = weighted_total(jobs, &sequence);
        return Ok(Subsets { sequence, lower_bound, status: Status::Optimal });
    }
    let mut scratch = Scratch::default();
    atc(jobs, 2.0, &mut scratch);
    Ok(Subsets { sequence: scratch.sequence, lower_bound: Total::Integer(0), status: Status::Feasible })
}

fn solve<W: Amount>(jobs: &Jobs, weight: impl Fn(usize) -> W, watch: &mut Watch<Total>) -> Option<Vec<u32>> {
    let n = jobs.len();
    let (p, d) = (jobs.processing_time, jobs.due_date);
    // Total time of a subset, from two tables of its halves.
    let half = n / 2;
    let table = |p: &[i64]| -> Vec<i64> {
        let mut sums = vec![0; 1 << p.len()];
        for set in 1..sums.len() {
            sums[set] = sums[set & (set - 1)] + p[set.trailing_zeros() as usize];
        }
        sums
    };
    let (low, high) = (table(&p[..half]), table(&p[half..]));
    let time = |set: usize| low[set & ((1 << half) - 1)] + high[set >> half];
    let cost = |j: usize, completion: i64| weight(j).times((completion - d[j]).max(0));
    let mut value = vec![W::default(); 1 << n];
    for set in 1..value.len() {
        let completion = time(set);
        let mut best = W::MAX;
        let mut rest = set;
        while rest != 0 {
            let j = rest.trailing_zeros() as usize;
            rest &= rest - 1;
            let total = value[set ^ (1 << j)] + cost(j, completion);
            if total < best {
                best = total;
            }
        }
        value[set] = best;
        if watch.worked(n as u64) {
            return None;
        }
    }
    let mut sequence = Vec::with_capacity(n);
    let mut set = value.len() - 1;
    while set != 0 {
        let completion = time(set);
        let is_last = |j: &usize| set >> j & 1 != 0 && value[set ^ (1 << j)] + cost(*j, completion) == value[set];
        let last = (0..n).find(is_last).expect("some job was the best last one");
        sequence.push(last as u32);
        set ^= 1 << last;
    }
    sequence.reverse();
    Some(sequence)
}
