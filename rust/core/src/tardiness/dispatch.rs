//! Composite dispatching rules by their definition: at every step each remaining job is scored anew, O(n^2).
//!
//! Jobs that take no time go first, in order of indices, where a rule divides by processing times.

use super::jobs::Jobs;
use super::rule::{RuleEntry, Scratch};
use crate::control::Pulse;

/// The rules of this file.
pub(super) const ENTRIES: [RuleEntry; 3] = [
    RuleEntry {
        name: "wmdd",
        title: "Weighted modified due date for ``1 || sum w_j T_j``: the smallest ``max(p_j, d_j - t) / w_j`` next",
        notes: "A float64 quotient; a job of weight 0 goes last. Ties: lower index. Without weights this is `mdd`.",
        cost: "O(n^2).",
        source: "Kanet, J. J., Li, X. (2004). A weighted modified due date rule for sequencing to minimize weighted tardiness. \
            Journal of Scheduling 7.",
        example: ([1, 5, 4, 2, 0, 3], 44),
        run: |jobs, _, scratch| wmdd(jobs, scratch),
    },
    RuleEntry {
        name: "panneerselvam",
        title: "Panneerselvam's rule for ``1 || sum T_j``: the largest ``(R - d_j) / p_j`` next, R the total time that remains",
        notes: "A float64 quotient; jobs that take no time go first, by index. Ties: higher index, as in the published code.",
        cost: "O(n^2).",
        source: "Panneerselvam, R. (2006). Simple heuristic to minimize total tardiness in a single machine scheduling problem. \
            International Journal of Advanced Manufacturing Technology 30.",
        example: ([2, 5, 0, 4, 1, 3], 32),
        run: |jobs, _, scratch| panneerselvam(jobs, scratch),
    },
    RuleEntry {
        name: "atc",
        title: "Apparent tardiness cost for ``1 || sum w_j T_j``",
        notes: "Next is the largest ``w_j / p_j exp(-max(0, d_j - p_j - t) / (k p_mean))``, the mean over all jobs, in float64; jobs \
            that take no time go first, by index. Ties: lower index.",
        cost: "O(n^2).",
        source: "Vepsalainen, A. P. J., Morton, T. E. (1987). Priority rules for job shops with weighted tardiness costs. Management \
            Science 33.",
        example: ([5, 1, 2, 4, 0, 3], 44),
        run: atc,
    },
];

/// Schedules the remaining job with the least score, again and again. `score(job, clock)`; on equal scores the first in `line` wins.
///
/// Shared by the plain definitions and by the rules that have no faster form.
pub(super) fn least<K: PartialOrd + Copy>(
    jobs: &Jobs,
    line: &mut Vec<u32>,
    sequence: &mut Vec<u32>,
    pulse: &mut Pulse,
    mut score: impl FnMut(usize, i64) -> K,
) {
    let mut clock = 0;
    while !line.is_empty() && !pulse.worked(line.len() as u64) {
        let (mut place, mut best) = (0, score(line[0] as usize, clock));
        for (k, &j) in line.iter().enumerate().skip(1) {
            let value = score(j as usize, clock);
            if value < best {
                (place, best) = (k, value);
            }
        }
        let job = line.remove(place);
        clock += jobs.processing_time[job as usize];
        sequence.push(job);
    }
}

/// The jobs that take time, in `line`; the others have been put into the sequence.
fn instant_first(jobs: &Jobs, scratch: &mut Scratch) {
    let (instant, line) = (0..jobs.len() as u32).partition(|&j| jobs.processing_time[j as usize] == 0);
    (scratch.sequence, scratch.line) = (instant, line);
}

/// Panneerselvam's rule; see its [`RuleEntry`].
pub fn panneerselvam(jobs: &Jobs, scratch: &mut Scratch) {
    instant_first(jobs, scratch);
    scratch.line.reverse(); // the first of equals is the one with the highest index
    let (p, d, horizon) = (jobs.processing_time, jobs.due_date, jobs.horizon);
    least(jobs, &mut scratch.line, &mut scratch.sequence, &mut scratch.pulse, |j, clock| {
        -((horizon - clock - d[j]) as f64 / p[j] as f64)
    });
}

/// Apparent tardiness cost with look-ahead parameter `k`; see its [`RuleEntry`].
pub fn atc(jobs: &Jobs, k: f64, scratch: &mut Scratch) {
    instant_first(jobs, scratch);
    let (p, d) = (jobs.processing_time, jobs.due_date);
    // A product that rounds to 0 would make 0/0 of a job without slack; this is as good as any that small.
    let scale = (k * (jobs.horizon as f64 / jobs.len() as f64)).max(f64::MIN_POSITIVE);
    least(jobs, &mut scratch.line, &mut scratch.sequence, &mut scratch.pulse, |j, clock| {
        let slack = (d[j] - p[j] - clock).max(0) as f64;
        -(jobs.weight.get(j) / p[j] as f64 * libm::exp(-slack / scale))
    });
}

/// Weighted modified due date; see its [`RuleEntry`].
pub fn wmdd(jobs: &Jobs, scratch: &mut Scratch) {
    scratch.sequence.clear();
    scratch.line = (0..jobs.len() as u32).collect();
    let (p, d) = (jobs.processing_time, jobs.due_date);
    least(jobs, &mut scratch.line, &mut scratch.sequence, &mut scratch.pulse, |j, clock| {
        let weight = jobs.weight.get(j);
        // A quotient beyond the floats still goes before a weight of 0.
        if weight == 0.0 { f64::INFINITY } else { (p[j].max(d[j] - clock) as f64 / weight).min(f64::MAX) }
    });
}
