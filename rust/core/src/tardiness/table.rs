//! Answers that are appended instance by instance: their memory need not be cleared first, which for a batch of small instances on one
//! thread takes as long as the system hands it out, or a quarter of the whole.

use super::evaluate::{Summary, weighted};
use super::jobs::Jobs;
use crate::memory::{self, OutOfMemory};
use crate::simd;

/// Columns of instances, row by row; what each holds says [`Columns`](super::Columns).
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Table {
    /// Jobs by position.
    pub sequence: Vec<i64>,
    /// `S_j`.
    pub start_time: Vec<i64>,
    /// `C_j`.
    pub completion_time: Vec<i64>,
    /// `L_j`.
    pub lateness: Vec<i64>,
    /// `T_j`.
    pub tardiness: Vec<i64>,
}

/// Jobs whose columns are made together: what one column reads of another is still in the nearest cache.
const TOGETHER: usize = 512;

impl Table {
    /// An empty table with memory for so many jobs.
    #[must_use]
    pub fn with_capacity(jobs: usize) -> Self {
        Self {
            sequence: simd::fresh(jobs),
            start_time: simd::fresh(jobs),
            completion_time: simd::fresh(jobs),
            lateness: simd::fresh(jobs),
            tardiness: simd::fresh(jobs),
        }
    }

    /// Zeros for so many jobs, in memory that the system clears when it is used first.
    pub(super) fn clear_to(&mut self, jobs: usize) -> Result<(), OutOfMemory> {
        let Self { sequence, start_time, completion_time, lateness, tardiness } = self;
        for column in [sequence, start_time, completion_time, lateness, tardiness] {
            *column = Vec::new(); // its memory goes before the new one comes
            *column = memory::filled(jobs, 0)?;
        }
        Ok(())
    }

    /// Appends what [`evaluate`](super::evaluate) makes of a sequence. O(n).
    ///
    /// # Panics
    /// If `sequence` is not a permutation of the jobs.
    pub fn append(&mut self, jobs: &Jobs, sequence: &[u32]) -> Summary {
        let begin = self.completion_time.len();
        self.completion_time.resize(begin + jobs.len(), 0);
        let completion_time = &mut self.completion_time[begin..];
        let mut clock = 0;
        for &j in sequence {
            clock += jobs.processing_time[j as usize];
            completion_time[j as usize] = clock;
        }
        assert!(sequence.len() == jobs.len() && clock == jobs.horizon, "a permutation of the jobs");
        self.sequence.extend(sequence.iter().map(|&j| i64::from(j)));
        let (mut total, mut worst, mut tardy) = (0, i64::MIN, 0);
        let given = jobs.processing_time.chunks(TOGETHER).zip(jobs.due_date.chunks(TOGETHER));
        for (completion_time, (p, d)) in completion_time.chunks(TOGETHER).zip(given) {
            // No difference of validated dates can overflow; without the checks these become wide vectors.
            self.start_time.extend(completion_time.iter().zip(p).map(|(c, p)| c.wrapping_sub(*p)));
            let first = self.lateness.len();
            self.lateness.extend(completion_time.iter().zip(d).map(|(c, d)| c.wrapping_sub(*d)));
            let lateness = &self.lateness[first..];
            self.tardiness.extend(lateness.iter().map(|&late| late.max(0)));
            total += lateness.iter().fold(0_i64, |total, &late| total.wrapping_add(late.max(0)));
            worst = lateness.iter().fold(worst, |worst, &late| worst.max(late));
            tardy += lateness.iter().fold(0_i64, |tardy, &late| tardy.wrapping_add(i64::from(late > 0)));
        }
        let max_lateness = if jobs.is_empty() { 0 } else { worst };
        Summary {
            total_tardiness: total,
            total_weighted_tardiness: weighted(jobs.weight, &self.tardiness[begin..], total),
            max_lateness,
            max_tardiness: max_lateness.max(0),
            num_tardy: tardy,
        }
    }
}
