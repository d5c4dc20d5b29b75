//! Rules that are one sort: earliest due date, shortest processing time, weighted shortest processing time.

use super::jobs::{Jobs, Weights};
use super::rule::Scratch;

/// Earliest due date, optimal for `1 || L_max`.
///
/// Ties: shorter first, then lower index. O(n log n); linear where due date, time and index fit 64 bits together.
/// Jackson (1955), Scheduling a production line to minimize maximum tardiness, UCLA research report 43.
pub fn edd(jobs: &Jobs, scratch: &mut Scratch) {
    scratch.sorter.sort(jobs.due_date, Some(jobs.processing_time), &mut scratch.sequence);
}

/// Shortest processing time, optimal for `1 || sum C_j`, and for `1 || sum T_j` when every job is late anyway.
///
/// Ties: earlier due date first, then lower index. O(n log n).
/// Smith (1956), Various optimizers for single-stage production, Naval Research Logistics Quarterly 3.
pub fn spt(jobs: &Jobs, scratch: &mut Scratch) {
    scratch.sorter.sort(jobs.processing_time, Some(jobs.due_date), &mut scratch.sequence);
}

/// Weighted shortest processing time, optimal for `1 || sum w_j C_j`.
///
/// Largest `w_j / p_j` first, a float64 quotient; jobs that take no time go first. Ties: lower index. O(n log n).
/// Smith (1956), Various optimizers for single-stage production, Naval Research Logistics Quarterly 3.
pub fn wspt(jobs: &Jobs, scratch: &mut Scratch) {
    if jobs.weight == Weights::Unit {
        // 1 / p falls with p, and strictly so below 2^53 / 2^26; beyond, neighbours may share a quotient.
        if jobs.processing_time.iter().all(|&p| p < 1 << 26) {
            return scratch.sorter.sort(jobs.processing_time, None, &mut scratch.sequence);
        }
    }
    let quotient = |(j, &p): (usize, &i64)| if p == 0 { f64::INFINITY } else { jobs.weight.get(j) / p as f64 };
    // The bits of floats that are not negative are ordered as the floats are.
    let keys = jobs.processing_time.iter().enumerate().map(quotient).map(|q| -((q + 0.0).to_bits() as i64));
    scratch.column.clear();
    scratch.column.extend(keys);
    scratch.sorter.sort(&scratch.column, None, &mut scratch.sequence);
}
