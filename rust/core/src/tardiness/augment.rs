//! Augmentation after Bean and Hall: whenever a rule has appended a job, the one earlier job whose move to the end of the partial
//! sequence saves most tardiness is moved there.
//!
//! Neither the time nor the set of remaining jobs depends on such moves, so the rule runs first and its sequence is augmented after.

use super::jobs::Jobs;
use super::mdd::mdd;
use super::mddc::mddc;
use super::rule::{RuleEntry, Scratch};
use crate::control::Pulse;

/// The rules of this file.
pub(super) const ENTRIES: [RuleEntry; 2] = [
    RuleEntry {
        name: "augmented_mdd",
        title: "`mdd` with moves to the end, for ``1 || sum T_j``",
        notes: "Whenever the rule has appended a job, the one earlier job whose move to the end of the partial sequence saves most \
            tardiness is moved there, if it saves any; of equals the first.",
        cost: "O(n) a step and about as much a move, besides the rule.",
        source: "Bean, J. C., Hall, M. (1985). Accuracy of the modified due date rule. Technical report 85-10, University of \
            Michigan.",
        example: ([0, 5, 4, 2, 1, 3], 27),
        run: |jobs, _, scratch| augmented_mdd(jobs, scratch),
    },
    RuleEntry {
        name: "augmented_mddc",
        title: "`mddc` with moves to the end, for ``1 || sum T_j``",
        notes: "The moves are those of `augmented_mdd`.",
        cost: "O(n) a step and about as much a move, besides the rule.",
        source: "As `mddc` and `augmented_mdd`.",
        example: ([0, 5, 4, 2, 1, 3], 27),
        run: |jobs, _, scratch| augmented_mddc(jobs, scratch),
    },
];

/// What is known of each position of the partial sequence.
#[derive(Debug, Clone, Default)]
pub struct AugmentScratch {
    processing_time: Vec<i64>,
    due_date: Vec<i64>,
    tardiness: Vec<i64>,
    /// What all jobs behind this one would gain together if it were not in front of them.
    gain: Vec<i64>,
}

/// [`mdd`](super::mdd()) with moves to the end; see its [`RuleEntry`].
pub fn augmented_mdd(jobs: &Jobs, scratch: &mut Scratch) {
    mdd(jobs, scratch);
    augment(jobs, scratch);
}

/// [`mddc`](super::mddc()) with moves to the end; see its [`RuleEntry`].
pub fn augmented_mddc(jobs: &Jobs, scratch: &mut Scratch) {
    mddc(jobs, scratch);
    augment(jobs, scratch);
}

/// Augments `scratch.sequence` step by step.
///
/// A move must save something; of equal savings the first position is taken; one move a step, not repeated. Gains are kept from
/// step to step: O(n) a step, and a move costs O(n) for each job whose tardiness it brings below the longest processing time.
/// Bean and Hall (1985), Accuracy of the modified due date rule, technical report 85-10, University of Michigan.
pub fn augment(jobs: &Jobs, scratch: &mut Scratch) {
    let Scratch { sequence, pulse, augment: memory, .. } = scratch;
    memory.clear();
    let longest = jobs.processing_time.iter().copied().max().unwrap_or(0);
    let mut clock = 0;
    for end in 0..sequence.len() {
        if pulse.worked(end as u64) {
            return;
        }
        let job = sequence[end] as usize;
        clock += jobs.processing_time[job];
        let best = memory.best_move(clock, (clock - jobs.due_date[job]).max(0));
        memory.push(jobs.processing_time[job], jobs.due_date[job], clock);
        if let Some(place) = best {
            if memory.move_to_end(place, clock, longest, pulse) {
                return;
            }
            sequence[place..=end].rotate_left(1);
        }
    }
}

impl AugmentScratch {
    fn clear(&mut self) {
        for column in [&mut self.processing_time, &mut self.due_date, &mut self.tardiness, &mut self.gain] {
            column.clear();
        }
    }

    fn push(&mut self, processing_time: i64, due_date: i64, completion: i64) {
        self.processing_time.push(processing_time);
        self.due_date.push(due_date);
        self.tardiness.push((completion - due_date).max(0));
        self.gain.push(0);
    }

    /// Adds the job that is being appended to all gains; the first of the earlier positions whose move saves most.
    fn best_move(&mut self, clock: i64, appended: i64) -> Option<usize> {
        let (mut most, mut place) = (0, None);
        let rows = self.processing_time.iter().zip(&self.due_date).zip(self.tardiness.iter().zip(&mut self.gain));
        for (i, ((&p, &d), (&late, gain))) in rows.enumerate() {
            *gain += p.min(appended);
            let saving = *gain - ((clock - d).max(0) - late);
            if saving > most {
                (most, place) = (saving, Some(i));
            }
        }
        place
    }

    /// True if the pulse stopped it.
    fn move_to_end(&mut self, place: usize, clock: i64, longest: i64, pulse: &mut Pulse) -> bool {
        let time = self.processing_time[place];
        let last = (clock - self.due_date[place]).max(0);
        let moved = std::mem::replace(&mut self.tardiness[place], last);
        adjust(&mut self.gain[..place], &self.processing_time, moved, last);
        for x in place + 1..self.tardiness.len() {
            let before = self.tardiness[x];
            let after = (before - time).max(0);
            self.tardiness[x] = after;
            self.gain[x] += self.processing_time[x].min(last);
            if after < longest && before > 0 {
                if pulse.worked(x as u64) {
                    return true;
                }
                adjust(&mut self.gain[..x], &self.processing_time, before, after);
            }
        }
        for column in [&mut self.processing_time, &mut self.due_date, &mut self.tardiness, &mut self.gain] {
            column[place..].rotate_left(1);
        }
        if let Some(gain) = self.gain.last_mut() {
            *gain = 0; // no job follows the last one
        }
        false
    }
}

/// The gains of all jobs in front of one whose tardiness changes.
fn adjust(gains: &mut [i64], processing_time: &[i64], before: i64, after: i64) {
    for (gain, p) in gains.iter_mut().zip(processing_time) {
        *gain += p.min(&after) - p.min(&before);
    }
}
