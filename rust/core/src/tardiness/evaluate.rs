//! The cost of a sequence: the jobs run one after the other from time 0, without idle time.

use super::jobs::{Jobs, Weights};
use crate::control::Pulse;
use crate::error::{InputError, TIME_LIMIT, check_each, check_length};
use crate::total::Total;

/// Objectives of a sequence. Without jobs everything is 0.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Summary {
    /// `sum T_j`.
    pub total_tardiness: i64,
    /// `sum w_j T_j`.
    pub total_weighted_tardiness: Total,
    /// `max L_j`, negative if every job is early.
    pub max_lateness: i64,
    /// `max T_j`.
    pub max_tardiness: i64,
    /// Number of jobs that complete after their due dates.
    pub num_tardy: i64,
}

/// Columns to fill, indexed by job.
#[derive(Debug)]
pub struct Columns<'a> {
    /// `S_j`.
    pub start_time: &'a mut [i64],
    /// `C_j`.
    pub completion_time: &'a mut [i64],
    /// `L_j = C_j - d_j`.
    pub lateness: &'a mut [i64],
    /// `T_j = max(0, L_j)`
    pub tardiness: &'a mut [i64],
}

/// Fills the columns of a sequence and sums them up. O(n): one pass in order of the sequence, where every job is a cache miss in a
/// large instance, and one in order of jobs.
///
/// # Panics
/// If `sequence` is not a permutation of the jobs, or a column has another length.
#[must_use]
pub fn evaluate(jobs: &Jobs, sequence: &[u32], columns: Columns) -> Summary {
    evaluate_interruptible(jobs, sequence, columns, &Pulse::default()).expect("nothing stops it")
}

/// [`evaluate`] that stops when `pulse` does, without a summary then.
///
/// # Panics
/// As [`evaluate`].
#[must_use]
pub fn evaluate_interruptible(jobs: &Jobs, sequence: &[u32], columns: Columns, pulse: &Pulse) -> Option<Summary> {
    let (mut clock, mut pulse) = (0, pulse.clone());
    for chunk in sequence.chunks(CHUNK) {
        if pulse.worked(CHUNK as u64) {
            return None;
        }
        for &j in chunk {
            clock += jobs.processing_time[j as usize];
            columns.completion_time[j as usize] = clock;
        }
    }
    assert!(sequence.len() == jobs.len() && clock == jobs.horizon, "a permutation of the jobs");
    finish(jobs, columns, &mut pulse)
}

/// Jobs between two looks at the pulse.
const CHUNK: usize = 1 << 14;

/// The objectives of any list of indices, which need not be a permutation: of a job that occurs twice the last occurrence counts,
/// a job that does not occur starts at 0, and an index that is not a job is passed over. If `pulse` stops it, there is no summary.
///
/// # Errors
/// So many repetitions that the machine is busy beyond 2^53.
///
/// # Panics
/// If a column has another length than the jobs.
pub fn evaluate_any(jobs: &Jobs, sequence: &[i64], columns: Columns, pulse: &Pulse) -> Result<Option<Summary>, InputError> {
    let (mut clock, mut pulse) = (0, pulse.clone());
    for (to, from) in columns.completion_time.chunks_mut(CHUNK).zip(jobs.processing_time.chunks(CHUNK)) {
        if pulse.worked(CHUNK as u64) {
            return Ok(None);
        }
        to.copy_from_slice(from);
    }
    for (k, &j) in sequence.iter().enumerate() {
        if pulse.worked(1) {
            return Ok(None);
        }
        if let Some(j) = usize::try_from(j).ok().filter(|&j| j < jobs.len()) {
            clock += jobs.processing_time[j];
            columns.completion_time[j] = clock;
            if clock > TIME_LIMIT {
                return Err(InputError::new("sequence", "jobs are repeated until time passes 2**53").at([k], j));
            }
        }
    }
    Ok(finish(jobs, columns, &mut pulse))
}

/// The other columns, from completion times.
fn finish(jobs: &Jobs, columns: Columns, pulse: &mut Pulse) -> Option<Summary> {
    let Columns { start_time, completion_time, lateness, tardiness } = columns;
    let (mut total, mut worst, mut tardy) = (0, i64::MIN, 0);
    for from in (0..jobs.len()).step_by(CHUNK) {
        if pulse.worked(CHUNK as u64) {
            return None;
        }
        let part = from..jobs.len().min(from + CHUNK);
        let starts = start_time[part.clone()].iter_mut().zip(&jobs.processing_time[part.clone()]);
        let ends = completion_time[part.clone()].iter().zip(&jobs.due_date[part.clone()]);
        let rows = ends.zip(lateness[part.clone()].iter_mut().zip(&mut tardiness[part]));
        for ((start, p), ((completion, d), (late, tardiness))) in starts.zip(rows) {
            *start = completion - p;
            *late = completion - d;
            *tardiness = (*late).max(0);
            total += *tardiness;
            worst = worst.max(*late);
            tardy += i64::from(*late > 0);
        }
    }
    let max_lateness = if jobs.is_empty() { 0 } else { worst };
    Some(Summary {
        total_tardiness: total,
        total_weighted_tardiness: weighted(jobs.weight, tardiness, total),
        max_lateness,
        max_tardiness: max_lateness.max(0),
        num_tardy: tardy,
    })
}

pub(super) fn weighted(weights: Weights, tardiness: &[i64], unweighted: i64) -> Total {
    match weights {
        Weights::Unit => Total::Integer(unweighted),
        Weights::Integers(w) => Total::Integer(w.iter().zip(tardiness).map(|(w, late)| w * late).sum()),
        Weights::Floats(w) => Total::Float(w.iter().zip(tardiness).map(|(w, &late)| w * late as f64).sum()),
    }
}

/// `sum T_j` of a sequence, nothing else. O(n).
#[must_use]
pub fn total_tardiness(jobs: &Jobs, sequence: &[u32]) -> i64 {
    let mut clock = 0;
    let tardiness = |&j: &u32| {
        clock += jobs.processing_time[j as usize];
        (clock - jobs.due_date[j as usize]).max(0)
    };
    sequence.iter().map(tardiness).sum()
}

/// `sum w_j T_j` of a sequence, as [`evaluate`] computes it.
pub(super) fn weighted_total(jobs: &Jobs, sequence: &[u32]) -> Total {
    let (mut clock, mut tardiness) = (0, vec![0; jobs.len()]);
    for &j in sequence {
        clock += jobs.processing_time[j as usize];
        tardiness[j as usize] = (clock - jobs.due_date[j as usize]).max(0);
    }
    weighted(jobs.weight, &tardiness, tardiness.iter().sum())
}

/// `sum w_j T_j` of a sequence as a float, to compare sequences by. O(n).
#[must_use]
pub fn total_weighted_tardiness(jobs: &Jobs, sequence: &[u32]) -> f64 {
    let mut clock = 0;
    let cost = |&j: &u32| {
        clock += jobs.processing_time[j as usize];
        jobs.weight.get(j as usize) * (clock - jobs.due_date[j as usize]).max(0) as f64
    };
    sequence.iter().map(cost).sum()
}

/// Indices from outside as a permutation of `n` jobs.
///
/// # Errors
/// Another length, an index that is not a job, or one that occurs twice.
pub fn permutation(field: &'static str, values: &[i64], n: usize) -> Result<Vec<u32>, InputError> {
    check_length(field, values.len(), n)?;
    let expected = "is not a job: expected the indices of all jobs, from 0 on, in the order in which they run";
    check_each(field, values, expected, |j| usize::try_from(j).is_ok_and(|j| j < n))?;
    let mut seen = vec![false; n];
    for (k, &j) in values.iter().enumerate() {
        if std::mem::replace(&mut seen[j as usize], true) {
            return Err(InputError::new(field, "occurs more than once, expected each job once, in the order in which they run")
                .at([k], j));
        }
    }
    Ok(values.iter().map(|&j| j as u32).collect())
}
