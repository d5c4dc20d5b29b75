//! Rules that start from a sorted sequence and move jobs: Holsenback and Russell's net benefit of relocation, and EDDC.

use super::jobs::Jobs;
use super::rule::{RuleEntry, Scratch};
use super::sorted::{edd, spt};

/// The rules of this file.
pub(super) const ENTRIES: [RuleEntry; 2] = [
    RuleEntry {
        name: "nbr",
        title: "Net benefit of relocation for ``1 || sum T_j``",
        notes: "From the end of the `edd` sequence backwards: while the job at a position is tardy, the earlier and longer job whose \
            move to right behind it saves most tardiness is moved there. Ties: the job that is earlier in the sequence.",
        cost: "O(n^2) a move.",
        source: "Holsenback, J. E., Russell, R. M. (1992). A heuristic algorithm for sequencing on one machine to minimize total \
            tardiness. Journal of the Operational Research Society 43. Reconstructed from its idea.",
        example: ([0, 5, 4, 2, 1, 3], 27),
        run: |jobs, _, scratch| nbr(jobs, scratch),
    },
    RuleEntry {
        name: "eddc",
        title: "EDDC for ``1 || sum T_j``, one of two heuristics that a language model found",
        notes: "Shortest first, ``(p, d, index)``; then each job in turn walks to the front through jobs with later due dates, and \
            passes those that would be on time with slack at the moment it reaches them.",
        cost: "O(n^2).",
        source: "Cetinkaya, I., Buyuktahtakin, I. E., Shojaee, P., Reddy, C. K. (2025). Discovering heuristics with large language \
            models for mixed-integer programs: single-machine scheduling. arXiv 2510.24013. Defined by the authors' code.",
        example: ([0, 5, 4, 2, 1, 3], 27),
        run: |jobs, _, scratch| eddc(jobs, scratch),
    },
];

/// Net benefit of relocation; see its [`RuleEntry`]. The publication leaves details open.
pub fn nbr(jobs: &Jobs, scratch: &mut Scratch) {
    edd(jobs, scratch);
    let (p, d, sequence) = (jobs.processing_time, jobs.due_date, &mut scratch.sequence);
    let (tardiness, pulse) = (&mut scratch.column, &mut scratch.pulse);
    for end in (1..sequence.len()).rev() {
        let completion: i64 = sequence[..=end].iter().map(|&j| p[j as usize]).sum();
        loop {
            if pulse.worked(end as u64) {
                return;
            }
            let last = sequence[end] as usize;
            if completion <= d[last] {
                break;
            }
            tardiness.clear();
            let mut clock = 0;
            tardiness.extend(sequence[..=end].iter().map(|&j| {
                clock += p[j as usize];
                (clock - d[j as usize]).max(0)
            }));
            let mut best = (0, end);
            for i in 0..end {
                let job = sequence[i] as usize;
                if p[job] > p[last] {
                    if pulse.worked((end - i) as u64) {
                        return;
                    }
                    let saved: i64 = tardiness[i + 1..].iter().map(|&late| late.min(p[job])).sum();
                    let net = saved - ((completion - d[job]).max(0) - tardiness[i]);
                    if net > best.0 {
                        best = (net, i);
                    }
                }
            }
            if best.1 == end {
                break;
            }
            sequence[best.1..=end].rotate_left(1);
        }
    }
}

/// EDDC, a heuristic for `1 || sum T_j` that a language model found.
///
/// Shortest first, `(p, d, index)`; then each job in turn walks to the front through jobs with later due dates, and passes those
/// that would be on time with slack at the moment it reaches them. O(n^2).
/// Çetinkaya, Büyüktahtakın, Shojaee and Reddy (2025), arXiv 2510.24013; defined by the authors' code, not the printed pseudo-code.
pub fn eddc(jobs: &Jobs, scratch: &mut Scratch) {
    spt(jobs, scratch);
    let (p, d, sequence) = (jobs.processing_time, jobs.due_date, &mut scratch.sequence);
    let mut start = 0; // of the job that walks
    for i in 1..sequence.len() {
        if scratch.pulse.worked(i as u64) {
            return;
        }
        start += p[sequence[i - 1] as usize];
        let mover = sequence[i] as usize;
        let (mut clock, mut j) = (start, i);
        while j > 0 && d[sequence[j] as usize] < d[sequence[j - 1] as usize] {
            let before = sequence[j - 1] as usize;
            if d[before] > clock {
                sequence.swap(j - 1, j);
            }
            j -= 1;
            clock -= p[before];
        }
        start += p[mover] - p[sequence[i] as usize];
    }
}
