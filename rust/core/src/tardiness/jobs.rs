//! The problem: jobs on one machine, all there at time 0, each with a due date and perhaps a weight.

use crate::error::{InputError, TIME_LIMIT, check_each, check_length, check_nonnegative_sum};
use crate::simd::wide;

/// Bytes of working memory that a rule or a search takes for each job, at most. Callers ask for them with
/// [`require_items`](crate::memory::require_items) before they start.
pub const BYTES_PER_JOB: usize = 256;

/// What a late tick of each job costs.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Weights<'a> {
    /// One, for every job.
    Unit,
    /// Integers; sums are exact.
    Integers(&'a [i64]),
    /// Floats; sums are taken in order of jobs.
    Floats(&'a [f64]),
}

impl Weights<'_> {
    /// The weight of a job, as a float.
    #[inline]
    #[must_use]
    pub fn get(&self, job: usize) -> f64 {
        match self {
            Self::Unit => 1.0,
            Self::Integers(weights) => weights[job] as f64,
            Self::Floats(weights) => weights[job],
        }
    }
}

/// A validated instance: no sum that an algorithm takes can overflow.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Jobs<'a> {
    /// `p_j >= 0`; the sum is at most 2^53.
    pub processing_time: &'a [i64],
    /// `d_j` of either sign, at most 2^53 away from 0.
    pub due_date: &'a [i64],
    /// `w_j >= 0`.
    pub weight: Weights<'a>,
    /// When the last job completes, in every sequence without idle time.
    pub horizon: i64,
}

impl<'a> Jobs<'a> {
    /// Judges the columns once. O(n).
    ///
    /// # Errors
    /// Unequal lengths; a negative processing time or a sum of them beyond 2^53; a due date beyond 2^53; a weight that is negative
    /// or not finite; so many and so late jobs that a sum of (weighted) tardiness might leave 64 bits; more than 2^32 - 1 jobs.
    pub fn new(processing_time: &'a [i64], due_date: &'a [i64], weight: Weights<'a>) -> Result<Self, InputError> {
        let n = processing_time.len();
        check_length("due_date", due_date.len(), n)?;
        if u32::try_from(n).is_err() {
            return Err(InputError::new("processing_time", "more than 2**32 - 1 jobs"));
        }
        // One look at all values accepts almost every instance; what it does not accept is judged value by value.
        let extremes = |column: &[i64]| {
            let start = (i64::MAX, i64::MIN, 0_i64);
            wide(|| column.iter().fold(start, |(low, high, sum), &v| (low.min(v), high.max(v), sum.wrapping_add(v))))
        };
        let (shortest, longest, sum) = extremes(processing_time);
        let fits = shortest >= 0 && longest.checked_mul(n as i64).is_some_and(|most| most <= TIME_LIMIT);
        let horizon = if fits { sum } else { check_nonnegative_sum("processing_time", processing_time)? };
        let (earliest, latest, _) = extremes(due_date);
        if n > 0 && (earliest < -TIME_LIMIT || latest > TIME_LIMIT) {
            check_each("due_date", due_date, "must be within 2**53 of 0", |d| (-TIME_LIMIT..=TIME_LIMIT).contains(&d))?;
        }
        let jobs = Self { processing_time, due_date, weight, horizon };
        jobs.check_weights()?;
        jobs.check_sums(earliest.min(horizon))?;
        Ok(jobs)
    }

    /// Number of jobs.
    #[must_use]
    pub fn len(&self) -> usize {
        self.processing_time.len()
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.processing_time.is_empty()
    }

    fn check_weights(&self) -> Result<(), InputError> {
        let n = self.len();
        match self.weight {
            Weights::Unit => Ok(()),
            Weights::Integers(w) => {
                check_length("weight", w.len(), n)?;
                check_each("weight", w, "must be >= 0", |w| w >= 0)
            }
            Weights::Floats(w) => {
                check_length("weight", w.len(), n)?;
                check_each("weight", w, "must be finite", f64::is_finite)?;
                check_each("weight", w, "must be >= 0", |w| w >= 0.0)
            }
        }
    }

    /// Every job as late as it can be: nothing that a sequence costs is more.
    fn check_sums(&self, earliest: i64) -> Result<(), InputError> {
        let worst = |j: usize| (self.horizon - self.due_date[j]).max(0);
        let plain = match i128::from(self.horizon - earliest) * self.len() as i128 {
            rough if rough <= i128::from(i64::MAX) => rough,
            _ => (0..self.len()).map(|j| i128::from(worst(j))).sum(),
        };
        if plain > i128::from(i64::MAX) {
            return Err(InputError::new("due_date", "total tardiness might exceed 2**63 - 1"));
        }
        let fits = match self.weight {
            Weights::Unit => true,
            Weights::Integers(w) => {
                // Fewer than 2^32 products below 2^117 each.
                let sum: i128 = (0..self.len()).map(|j| i128::from(w[j]) * i128::from(worst(j))).sum();
                sum <= i128::from(i64::MAX)
            }
            Weights::Floats(w) => (0..self.len()).map(|j| w[j] * worst(j) as f64).sum::<f64>().is_finite(),
        };
        if fits { Ok(()) } else { Err(InputError::new("weight", "total weighted tardiness might exceed the largest number")) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn error(p: &[i64], d: &[i64], w: Weights) -> String {
        Jobs::new(p, d, w).unwrap_err().to_string()
    }

    #[test]
    fn every_refusal_names_its_field() {
        let unit = Weights::Unit;
        assert_eq!(error(&[1, -2, -3], &[0; 3], unit), "processing_time[1] = -2: must be >= 0; 1 more");
        assert_eq!(error(&[1], &[0; 2], unit), "due_date: has length 2, expected 1");
        assert_eq!(error(&[TIME_LIMIT, 1], &[0; 2], unit), "processing_time[1] = 1: the sum up to here exceeds 2**53");
        assert_eq!(error(&[1], &[i64::MIN], unit), "due_date[0] = -9223372036854775808: must be within 2**53 of 0");
        assert_eq!(error(&[0; 1025], &[-TIME_LIMIT; 1025], unit), "due_date: total tardiness might exceed 2**63 - 1");
        assert_eq!(error(&[1], &[0], Weights::Integers(&[-1])), "weight[0] = -1: must be >= 0");
        assert_eq!(error(&[1], &[0], Weights::Floats(&[f64::NAN])), "weight[0] = NaN: must be finite");
        assert_eq!(error(&[1], &[0], Weights::Integers(&[1, 2])), "weight: has length 2, expected 1");
        let far = "weight: total weighted tardiness might exceed the largest number";
        assert_eq!(error(&[2], &[0], Weights::Integers(&[i64::MAX])), far);
        assert_eq!(error(&[2], &[0], Weights::Floats(&[f64::MAX])), far);
    }

    #[test]
    fn the_limits_themselves_are_legal() {
        assert_eq!(Jobs::new(&[TIME_LIMIT], &[-TIME_LIMIT], Weights::Unit).unwrap().horizon, TIME_LIMIT);
        assert!(Jobs::new(&[0; 511], &[-TIME_LIMIT; 511], Weights::Unit).is_ok());
        assert!(Jobs::new(&[], &[], Weights::Floats(&[])).is_ok());
    }
}
