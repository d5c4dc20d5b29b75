//! Rules that are one sort: earliest due date, shortest processing time, weighted shortest processing time.

use super::jobs::{Jobs, Weights};
use super::rule::{RuleEntry, Scratch};
use crate::sort::float_key;

/// The rules of this file.
pub(super) const ENTRIES: [RuleEntry; 3] = [
    RuleEntry {
        name: "spt",
        title: "Shortest processing time, optimal for ``1 || sum C_j``, and for ``1 || sum T_j`` when every job is late anyway",
        notes: "Ties: earlier due date first, then lower index.",
        cost: "O(n log n).",
        source: "Smith, W. E. (1956). Various optimizers for single-stage production. Naval Research Logistics Quarterly 3.",
        example: ([2, 5, 0, 4, 1, 3], 32),
        run: |jobs, _, scratch| spt(jobs, scratch),
    },
    RuleEntry {
        name: "edd",
        title: "Earliest due date, optimal for ``1 || L_max`` and a start for ``1 || sum T_j``",
        notes: "Ties: shorter first, then lower index.",
        cost: "O(n log n), linear where due date, time and index fit 64 bits together.",
        source: "Jackson, J. R. (1955). Scheduling a production line to minimize maximum tardiness. UCLA research report 43.",
        example: ([0, 5, 1, 4, 2, 3], 34),
        run: |jobs, _, scratch| edd(jobs, scratch),
    },
    RuleEntry {
        name: "wspt",
        title: "Weighted shortest processing time, optimal for ``1 || sum w_j C_j``: the largest ``w_j / p_j`` first",
        notes: "A float64 quotient; jobs that take no time go first. Ties: lower index.",
        cost: "O(n log n).",
        source: "Smith, W. E. (1956). Various optimizers for single-stage production. Naval Research Logistics Quarterly 3.",
        example: ([5, 2, 1, 4, 0, 3], 50),
        run: |jobs, _, scratch| wspt(jobs, scratch),
    },
];

/// Earliest due date; see its [`RuleEntry`].
pub fn edd(jobs: &Jobs, scratch: &mut Scratch) {
    let Scratch { sorter, sequence, pulse, .. } = scratch;
    sorter.sort_interruptible(jobs.due_date, Some(jobs.processing_time), sequence, |steps| pulse.worked(steps));
}

/// Shortest processing time; see its [`RuleEntry`].
pub fn spt(jobs: &Jobs, scratch: &mut Scratch) {
    let Scratch { sorter, sequence, pulse, .. } = scratch;
    sorter.sort_interruptible(jobs.processing_time, Some(jobs.due_date), sequence, |steps| pulse.worked(steps));
}

/// Weighted shortest processing time; see its [`RuleEntry`].
pub fn wspt(jobs: &Jobs, scratch: &mut Scratch) {
    let Scratch { sorter, sequence, pulse, column, .. } = scratch;
    let worked = |steps| pulse.worked(steps);
    if jobs.weight == Weights::Unit {
        // 1 / p falls with p, and strictly so below 2^53 / 2^26; beyond, neighbours may share a quotient.
        if jobs.processing_time.iter().all(|&p| p < 1 << 26) {
            sorter.sort_interruptible(jobs.processing_time, None, sequence, worked);
            return;
        }
    }
    let quotient = |(j, &p): (usize, &i64)| if p == 0 { f64::INFINITY } else { jobs.weight.get(j) / p as f64 };
    column.clear();
    column.extend(jobs.processing_time.iter().enumerate().map(quotient).map(|q| float_key(-q)));
    sorter.sort_interruptible(column, None, sequence, worked);
}
