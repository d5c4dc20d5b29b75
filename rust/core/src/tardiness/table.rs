//! Answers that are appended instance by instance: their memory need not be cleared first, which for a batch of small instances on one
//! thread takes as long as the system hands it out, or a quarter of the whole.

use super::batch::{Row, Rows, check};
use super::evaluate::{Summary, weighted};
use super::jobs::Jobs;
use super::rule::{Rule, Scratch};
use crate::control::Pulse;
use crate::error::InputError;
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
    /// An empty table with room for so many jobs.
    #[must_use]
    pub fn with_room(jobs: usize) -> Self {
        Self {
            sequence: simd::fresh(jobs),
            start_time: simd::fresh(jobs),
            completion_time: simd::fresh(jobs),
            lateness: simd::fresh(jobs),
            tardiness: simd::fresh(jobs),
        }
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

/// What [`run_many`](super::run_many) does on one thread, appended to a table. If `pulse` stops it, the answers are incomplete.
///
/// # Errors
/// As [`run_many`](super::run_many).
pub fn run_rows(rule: Rule, rows: Rows, pulse: &Pulse, table: &mut Table) -> Result<Vec<Summary>, InputError> {
    check(&rows)?;
    let mut summaries = Vec::with_capacity(rows.count);
    let (mut scratch, mut copy) = (Scratch::with_pulse(pulse.clone()), Row::default());
    for row in 0..rows.count {
        let jobs = copy.copy(&rows, row)?;
        rule.run(&jobs, &mut scratch);
        if scratch.pulse.worked(rows.width as u64) || scratch.pulse.stopped() {
            break; // the sequence may be incomplete
        }
        summaries.push(table.append(&jobs, &scratch.sequence));
    }
    Ok(summaries)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::names::Named;
    use crate::random::Random;
    use crate::tardiness::{Answers, Columns, Weights, run_many};

    #[test]
    fn appended_answers_are_those_that_are_filled_in() {
        let (mut random, mdd) = (Random::new(3), Rule::from_name("mdd").unwrap());
        for (count, width) in [(0, 3), (5, 0), (40, 7), (3, 1300)] {
            let cells = count * width;
            let mut draw = |most: u64| -> Vec<i64> { (0..cells).map(|_| random.below(most) as i64).collect() };
            let (p, d, w) = (draw(20), draw(20 * width as u64 + 1), draw(9));
            let floats: Vec<f64> = w.iter().map(|&w| w as f64 / 7.0).collect();
            for weight in [Weights::Unit, Weights::Integers(&w), Weights::Floats(&floats)] {
                let rows = Rows { count, width, processing_time: &p, due_date: &d, weight };
                let mut filled: [Vec<i64>; 5] = std::array::from_fn(|_| vec![-1; cells]);
                let [sequence, start_time, completion_time, lateness, tardiness] = &mut filled;
                let answers = Answers { sequence, columns: Columns { start_time, completion_time, lateness, tardiness } };
                let expected = run_many(mdd, rows, 1, &Pulse::default(), answers).unwrap();
                let mut table = Table::with_room(cells);
                assert_eq!(run_rows(mdd, rows, &Pulse::default(), &mut table).unwrap(), expected);
                let Table { sequence, start_time, completion_time, lateness, tardiness } = table;
                assert_eq!([sequence, start_time, completion_time, lateness, tardiness], filled);
            }
        }
    }

    #[test]
    fn refusals_name_the_row() {
        let rows = Rows { count: 2, width: 2, processing_time: &[1, 1, 1, -1], due_date: &[0; 4], weight: Weights::Unit };
        let (mut table, edd) = (Table::default(), Rule::from_name("edd").unwrap());
        let error = run_rows(edd, rows, &Pulse::default(), &mut table).unwrap_err();
        assert_eq!(error.to_string(), "processing_time[1, 1] = -1: must be >= 0");
        let rows = Rows { count: 2, width: 3, ..rows };
        assert!(run_rows(edd, rows, &Pulse::default(), &mut table).is_err());
    }
}
