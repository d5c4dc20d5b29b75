//! Modified due date, and the Panwalkar-Smith-Koulamas rule, which is the same with other ties: O(n log n), or two sorts and a scan.
//!
//! A job is late once `t + p >= d`, and then stays late. Late jobs compete by `p`, the others by `d`. Jobs wait in order of due
//! dates; only the head of that line need be looked at, because a late job behind it is worth `t + p >= d >= d_head`: it cannot win
//! against the head. So a job becomes a member of the late set, a bitset over ranks by `p`, when it is the head and late.

use super::jobs::Jobs;
use super::rule::{RuleEntry, Scratch};
use crate::bitset::{Eligible, RankSet};
use crate::control::Pulse;
use crate::cost;
use crate::simd::prefetch;
use crate::sort::Sorter;

/// The rules of this file.
pub(super) const ENTRIES: [RuleEntry; 2] = [
    RuleEntry {
        name: "mdd",
        title: "Modified due date for ``1 || sum T_j``: repeatedly takes the job with the smallest ``max(t + p_j, d_j)``",
        notes: "Ties: lower index.",
        cost: "O(n log n).",
        source: "Baker, K. R., Bertrand, J. W. M. (1982). A dynamic priority rule for scheduling against due-dates. J. of Operations \
            Management 3.",
        example: ([0, 5, 4, 2, 1, 3], 27),
        run: |jobs, _, scratch| mdd(jobs, scratch),
    },
    RuleEntry {
        name: "psk",
        title: "Panwalkar, Smith and Koulamas's heuristic for ``1 || sum T_j``",
        notes: "Its search in order of processing times chooses the smallest ``(max(t + p_j, d_j), p_j, d_j, j)``: `mdd` with other \
            ties.",
        cost: "O(n log n).",
        source: "Panwalkar, S. S., Smith, M. L., Koulamas, C. P. (1993). A heuristic for the single machine tardiness problem. EJOR \
            70.",
        example: ([0, 5, 4, 2, 1, 3], 27),
        run: |jobs, _, scratch| psk(jobs, scratch),
    },
];

/// Memory is asked for so many steps before it is used.
const AHEAD: usize = 12;

/// Jobs that are handled between two looks at the pulse.
const CHUNK: usize = 1 << 14;

/// How jobs of equal modified due date are told apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Ties {
    /// By index alone.
    Index,
    /// Shorter first, then earlier due date, then index.
    ShortestFirst,
}

/// What the scan needs of a job, in order of due dates.
#[derive(Debug, Clone, Copy)]
struct Waiting {
    due_date: i64,
    processing_time: i64,
    job: u32,
    /// Position in the order by processing time.
    rank: u32,
}

/// Memory that calls share.
#[derive(Debug, Clone, Default)]
pub struct MddScratch {
    by_due_date: Vec<u32>,
    by_time: Vec<u32>,
    rank: Vec<u32>,
    line: Vec<Waiting>,
}

/// Modified due date; see its [`RuleEntry`].
pub fn mdd(jobs: &Jobs, scratch: &mut Scratch) {
    dispatch(jobs, scratch, Ties::Index);
}

/// Panwalkar, Smith and Koulamas's heuristic; see its [`RuleEntry`].
pub fn psk(jobs: &Jobs, scratch: &mut Scratch) {
    dispatch(jobs, scratch, Ties::ShortestFirst);
}

fn dispatch(jobs: &Jobs, scratch: &mut Scratch, ties: Ties) {
    let Scratch { sorter, sequence, mdd: memory, pulse, .. } = scratch;
    sequence.clear();
    if memory.prepare(jobs, sorter, ties, pulse) {
        return;
    }
    if jobs.len() <= 128 {
        memory.scan(jobs, 0_u128, ties, sequence, pulse);
    } else {
        memory.scan(jobs, RankSet::new(jobs.len()), ties, sequence, pulse);
    }
}

/// The job that will be looked at a few steps after the one at this place, as a rule.
fn soon(order: &[u32], place: usize) -> usize {
    order.get(place + AHEAD).map_or(usize::MAX, |&j| j as usize)
}

impl MddScratch {
    /// True if the pulse stopped it.
    fn prepare(&mut self, jobs: &Jobs, sorter: &mut Sorter, ties: Ties, pulse: &mut Pulse) -> bool {
        let (p, d) = (jobs.processing_time, jobs.due_date);
        let all = ties == Ties::ShortestFirst;
        if sorter.sort_interruptible(d, all.then_some(p), &mut self.by_due_date, |steps| pulse.worked(steps))
            || sorter.sort_interruptible(p, all.then_some(d), &mut self.by_time, |steps| pulse.worked(steps))
        {
            return true;
        }
        self.rank.resize(p.len(), 0);
        let mut rank = 0;
        for part in self.by_time.chunks(CHUNK) {
            for &j in part {
                self.rank[j as usize] = rank;
                rank = rank.wrapping_add(1);
            }
            if part.len() == CHUNK && pulse.worked(cost::PAIR * CHUNK as u64) {
                return true;
            }
        }
        let waiting = |(place, &job): (usize, &u32)| {
            let (j, ahead) = (job as usize, soon(&self.by_due_date, place));
            prefetch(d, ahead);
            prefetch(p, ahead);
            prefetch(&self.rank, ahead);
            Waiting { due_date: d[j], processing_time: p[j], job, rank: self.rank[j] }
        };
        self.line.clear();
        let mut jobs = self.by_due_date.iter().enumerate().map(waiting);
        while jobs.len() > CHUNK {
            self.line.extend(jobs.by_ref().take(CHUNK));
            if pulse.worked(cost::PAIR * CHUNK as u64) {
                return true;
            }
        }
        self.line.extend(jobs);
        false
    }

    /// If the pulse stops it, the sequence is incomplete.
    fn scan(&self, jobs: &Jobs, mut late: impl Eligible, ties: Ties, sequence: &mut Vec<u32>, pulse: &mut Pulse) {
        let (mut clock, mut head) = (0, 0);
        let mut best = usize::MAX; // the least rank among late jobs; the set holds the others
        loop {
            while let Some(next) = self.line.get(head)
                && clock + next.processing_time >= next.due_date
            {
                let rank = next.rank as usize;
                late.insert_if(best != usize::MAX, best.max(rank).min(self.line.len() - 1));
                best = best.min(rank);
                head += 1;
            }
            let waiting = self.line.get(head);
            let late_job = self.by_time.get(best).map(|&j| (j, jobs.processing_time[j as usize]));
            let head_wins = match (waiting, late_job) {
                (None, None) => return,
                (Some(_), None) => true,
                (None, Some(_)) => false,
                (Some(w), Some((j, p))) => match ties {
                    Ties::Index => (w.due_date, w.job) < (clock + p, j),
                    Ties::ShortestFirst => (w.due_date, w.rank as usize) < (clock + p, best),
                },
            };
            if let Some(w) = waiting.filter(|_| head_wins) {
                clock += w.processing_time;
                sequence.push(w.job);
                head += 1;
            } else if let Some((j, p)) = late_job {
                prefetch(jobs.processing_time, soon(&self.by_time, best));
                clock += p;
                sequence.push(j);
                best = late.pop_first().unwrap_or(usize::MAX);
            }
            if sequence.len().is_multiple_of(CHUNK) && pulse.worked(cost::EVENT * CHUNK as u64) {
                return;
            }
        }
    }
}
