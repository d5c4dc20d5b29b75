//! MDDC, a heuristic for `1 || sum T_j` that a language model found, by the staircase of jobs that can win.
//!
//! The score never falls when `p` or `d` grows, so a job wins only if no other is at most as long and earlier in the order
//! `(d, p, index)`, in which the first of equals is taken. In order of processing times these are the jobs of falling rank by due
//! date; a tree of least ranks steps from one to the next. Every score is the definition's expression, so choices are the same bit
//! for bit. Times from [`MONOTONE`] on are left to the definition: two of them may be so close that rounding turns their order.

use super::jobs::Jobs;
use super::plain;
use super::rule::{RuleEntry, Scratch};
use crate::control::Pulse;
use crate::cost;

/// The rules of this file.
pub(super) const ENTRIES: [RuleEntry; 1] = [RuleEntry {
    name: "mddc",
    title: "MDDC for ``1 || sum T_j``, one of two heuristics that a language model found",
    notes: "Next is the smallest ``max(1.1 p + t, d) (1 + theta) + p / (t + m)``, where ``theta = r^2 / (1 + r^2)``, ``r = \
            min(1, p / (t + M))``, and M and m are the largest and the mean processing time of the jobs that remain; float64, in \
            this order. Ties: earlier due date, then shorter, then lower index.",
    cost: "O(n k log n), k a dozen as a rule.",
    source: "As `eddc`.",
    example: ([0, 5, 4, 2, 1, 3], 27),
    run: |jobs, _, scratch| mddc(jobs, scratch),
}];

/// Below this, neighbouring processing times differ by more than all the rounding errors of a score together.
const MONOTONE: i64 = 1 << 40;

/// Jobs that are handled between two looks at the pulse.
const CHUNK: usize = 1 << 14;

/// The state of one step that scores depend on: the time, and the largest and the mean processing time that remain.
#[derive(Debug, Clone, Copy)]
pub(super) struct Moment {
    time: f64,
    with_longest: f64,
    with_mean: f64,
}

impl Moment {
    pub(super) fn new(clock: i64, longest: i64, remaining: i64, count: usize) -> Self {
        let time = clock as f64;
        Self { time, with_longest: time + longest as f64, with_mean: time + remaining as f64 / count as f64 }
    }

    /// The score, and what it would be if the job were late: no longer job scores less than that.
    #[inline]
    pub(super) fn score(self, p: f64, d: f64) -> (f64, f64) {
        // 0 / 0 is 0: all jobs take no time, and none has passed.
        let share = if p == 0.0 { 0.0 } else { (p / self.with_longest).min(1.0) };
        let theta = share * share / (1.0 + share * share);
        let rest = if p == 0.0 { 0.0 } else { p / self.with_mean };
        let late = 1.1 * p + self.time;
        (late.max(d) * (1.0 + theta) + rest, late * (1.0 + theta) + rest)
    }
}

/// Memory that calls share.
#[derive(Debug, Clone, Default)]
pub struct MddcScratch {
    by_due_date: Vec<u32>,
    by_time: Vec<u32>,
    /// A heap-shaped tree over positions in `by_time`: the least rank by due date below each node, `u32::MAX` where none is left.
    least: Vec<u32>,
    /// `(p, d)` by position, as floats.
    score: Vec<(f64, f64)>,
}

/// MDDC: the smallest `max(1.1 p + t, d) (1 + theta) + p / (t + m)` next, where `theta = r^2 / (1 + r^2)`,
/// `r = min(1, p / (t + M))`, and `M` and `m` are the largest and the mean processing time of the jobs that remain.
///
/// Float64, in this order of operations. Ties: earlier due date, then shorter, then lower index. O(n k log n), where k is the
/// length of a staircase, a dozen as a rule. The sequence of the quadratic definition, [`plain::mddc`].
/// Çetinkaya, Büyüktahtakın, Shojaee and Reddy (2025), arXiv 2510.24013.
pub fn mddc(jobs: &Jobs, scratch: &mut Scratch) {
    if jobs.processing_time.iter().any(|&p| p >= MONOTONE) {
        return plain::mddc(jobs, scratch);
    }
    let Scratch { sorter, sequence, pulse, mddc: memory, .. } = scratch;
    let (p, d) = (jobs.processing_time, jobs.due_date);
    let stopped = sorter.sort_interruptible(d, Some(p), &mut memory.by_due_date, |steps| pulse.worked(steps))
        || sorter.sort_interruptible(p, Some(d), &mut memory.by_time, |steps| pulse.worked(steps))
        || memory.prepare(jobs, sequence, pulse);
    sequence.clear();
    if stopped {
        return;
    }
    let (mut clock, mut count) = (0, jobs.len());
    let mut longest = jobs.len(); // position behind the longest job that remains
    let leaves = memory.least.len() / 2;
    while count > 0 && !pulse.worked(cost::DECISION) {
        while memory.least[leaves + longest - 1] == u32::MAX {
            longest -= 1;
        }
        let most = jobs.processing_time[memory.by_time[longest - 1] as usize];
        let place = memory.choose(Moment::new(clock, most, jobs.horizon - clock, count));
        let job = memory.by_time[place];
        memory.remove(place);
        clock += jobs.processing_time[job as usize];
        count -= 1;
        sequence.push(job);
    }
}

impl MddcScratch {
    /// Fills the tree; `rank` is memory for the ranks by due date. True if the pulse stopped it.
    fn prepare(&mut self, jobs: &Jobs, rank: &mut Vec<u32>, pulse: &mut Pulse) -> bool {
        let n = jobs.len();
        rank.resize(n, 0);
        let mut next = 0;
        for part in self.by_due_date.chunks(CHUNK) {
            for &j in part {
                rank[j as usize] = next;
                next = next.wrapping_add(1);
            }
            if part.len() == CHUNK && pulse.worked(cost::PAIR * CHUNK as u64) {
                return true;
            }
        }
        let leaves = n.next_power_of_two();
        self.least.clear();
        self.least.resize(leaves, 0);
        for part in self.by_time.chunks(CHUNK) {
            self.least.extend(part.iter().map(|&j| rank[j as usize]));
            if part.len() == CHUNK && pulse.worked(cost::PAIR * CHUNK as u64) {
                return true;
            }
        }
        self.least.resize(2 * leaves, u32::MAX);
        for node in (1..leaves).rev() {
            self.least[node] = self.least[2 * node].min(self.least[2 * node + 1]);
        }
        let pair = |&j: &u32| (jobs.processing_time[j as usize] as f64, jobs.due_date[j as usize] as f64);
        self.score.clear();
        for part in self.by_time.chunks(CHUNK) {
            self.score.extend(part.iter().map(pair));
            if part.len() == CHUNK && pulse.worked(cost::PAIR * CHUNK as u64) {
                return true;
            }
        }
        false
    }

    /// The position of the job with the least score, of the least rank among equals.
    fn choose(&self, moment: Moment) -> usize {
        let leaves = self.least.len() / 2;
        let mut node = self.descend(1, u32::MAX);
        let (mut best, mut found) = (f64::INFINITY, node);
        loop {
            let (p, d) = self.score[node - leaves];
            let (score, late) = moment.score(p, d);
            if late > best {
                return found - leaves; // and so is everything longer
            }
            if score <= best {
                (best, found) = (score, node); // of equals the later one in the walk has the lower rank
            }
            // The next leaf to the right with a lower rank, if there is one.
            let rank = self.least[node];
            if self.least[1] == rank {
                return found - leaves;
            }
            while node % 2 == 1 || self.least[node + 1] >= rank {
                node /= 2;
            }
            node = self.descend(node + 1, rank);
        }
    }

    /// The leftmost leaf below `node` whose rank is less than `bound`; the caller knows that there is one.
    fn descend(&self, mut node: usize, bound: u32) -> usize {
        let leaves = self.least.len() / 2;
        while node < leaves {
            node = 2 * node + usize::from(self.least[2 * node] >= bound);
        }
        node
    }

    fn remove(&mut self, place: usize) {
        let mut node = self.least.len() / 2 + place;
        self.least[node] = u32::MAX;
        while node > 1 {
            node /= 2;
            self.least[node] = self.least[2 * node].min(self.least[2 * node + 1]);
        }
    }
}
