//! Sets of jobs as lists in order of due dates, one after the other on a stack; and what can be said of a list at once.
//!
//! Jobs are numbered in order `(p, d, index)`, so the largest number is the longest job. In a list that starts at time t, due dates
//! are raised to `t + p`: earlier no job can complete, and the tardiness up to there is unavoidable.

use super::memo::Fingerprint;
use crate::control::Watch;
use crate::random::Random;
use crate::tardiness::Jobs;
use crate::tardiness::Total;

/// A job of a list, with its raised due date.
#[derive(Debug, Clone, Copy)]
pub(super) struct Item {
    pub(super) due: i64,
    pub(super) job: u32,
}

/// The jobs, renumbered.
#[derive(Debug)]
pub(super) struct Table {
    pub(super) processing_time: Vec<i64>,
    pub(super) due_date: Vec<i64>,
    /// A random word each, for fingerprints of sets.
    pub(super) word: Vec<Fingerprint>,
    /// The caller's index of each.
    pub(super) original: Vec<u32>,
}

impl Table {
    pub(super) fn new(jobs: &Jobs) -> Self {
        let mut scratch = crate::tardiness::Scratch::default();
        crate::tardiness::spt(jobs, &mut scratch);
        let column = |of: &[i64]| scratch.sequence.iter().map(|&j| of[j as usize]).collect();
        let mut random = Random::new(0x5eed);
        let word = || u128::from(random.next_u64()) << 64 | u128::from(random.next_u64());
        Self {
            processing_time: column(jobs.processing_time),
            due_date: column(jobs.due_date),
            word: std::iter::repeat_with(word).take(jobs.len()).collect(),
            original: scratch.sequence,
        }
    }

    #[inline]
    pub(super) fn tardiness(&self, job: u32, completion: i64) -> i64 {
        (completion - self.due_date[job as usize]).max(0)
    }
}

/// A list without its items: when it starts and ends, and which set it is.
#[derive(Debug, Clone, Copy)]
pub(super) struct Span {
    pub(super) clock: i64,
    pub(super) finish: i64,
    pub(super) set: Fingerprint,
}

/// A stack of lists in one vector.
#[derive(Debug)]
pub(super) struct Lists<'a> {
    pub(super) table: &'a Table,
    pub(super) items: Vec<Item>,
    late: Vec<Item>,
    bits: Vec<u64>,
}

impl<'a> Lists<'a> {
    pub(super) fn new(table: &'a Table) -> Self {
        let words = table.original.len().div_ceil(64);
        Self { table, items: Vec::new(), late: Vec::new(), bits: vec![0; words] }
    }

    /// All jobs, from time 0, on an empty stack.
    pub(super) fn push_everything(&mut self) -> Span {
        let due = &self.table.due_date;
        self.items.extend((0..due.len() as u32).map(|job| Item { due: due[job as usize], job }));
        self.items.sort_unstable_by_key(|item| (item.due, item.job));
        self.raise(0, 0);
        let set = self.table.word.iter().fold(0, |set, word| set ^ word);
        Span { clock: 0, finish: self.table.processing_time.iter().sum(), set }
    }

    /// The list on top from `start` on, with due dates raised for the time `clock`, in order again.
    pub(super) fn raise(&mut self, start: usize, clock: i64) {
        // Jobs that are late whatever happens are ordered by processing time, which is the order of their numbers; a bit each sorts them.
        let p = &self.table.processing_time;
        let (mut kept, mut low, mut high) = (start, usize::MAX, 0);
        for k in start..self.items.len() {
            let item = self.items[k];
            if item.due > clock + p[item.job as usize] {
                self.items[kept] = item;
                kept += 1;
            } else {
                let word = item.job as usize / 64;
                self.bits[word] |= 1 << (item.job % 64);
                (low, high) = (low.min(word), high.max(word));
            }
        }
        if kept == self.items.len() {
            return;
        }
        self.late.clear();
        for word in low..=high {
            let mut bits = std::mem::take(&mut self.bits[word]);
            while bits != 0 {
                let job = word as u32 * 64 + bits.trailing_zeros();
                bits &= bits - 1;
                self.late.push(Item { due: clock + p[job as usize], job });
            }
        }
        // Merged from the back, into the room that the late jobs have left.
        let mut free = self.items.len();
        let mut late = self.late.len();
        while late > 0 {
            let item = self.late[late - 1];
            free -= 1;
            if kept > start && (self.items[kept - 1].due, self.items[kept - 1].job) > (item.due, item.job) {
                kept -= 1;
                self.items[free] = self.items[kept];
            } else {
                late -= 1;
                self.items[free] = item;
            }
        }
    }

    /// Takes jobs off both ends of the list from `start` on while their place is known. Adds to `value` what they cost, and tells
    /// `ends` which were taken: `(job, in front)`. True if the list that is left is an optimal sequence as it is.
    ///
    /// A job is *pressed* if it would be late by more than its own time in this order. If one that is not pressed is due after all
    /// others and ends the list, it can be last: whoever is last instead completes at `finish`; moved behind it, the job loses at most
    /// `finish - d <= p`, and no more than the other one gains (Emmons's second theorem). So the first job precedes all others unless a
    /// shorter one is pressed; those that are longer follow it by his first theorem.
    ///
    /// Quadratic if thousands of jobs are taken off the front one by one; it leaves off when time is up.
    pub(super) fn reduce(
        &mut self,
        start: usize,
        span: &mut Span,
        value: &mut i64,
        watch: &mut Watch<Total>,
        mut ends: impl FnMut(u32, bool),
    ) -> bool {
        let table = self.table;
        loop {
            while let Some(&Item { due, job }) = self.items[start..].last() {
                let p = table.processing_time[job as usize];
                if span.finish - p > due {
                    break;
                }
                *value += table.tardiness(job, span.finish);
                span.finish -= p;
                span.set ^= table.word[job as usize];
                ends(job, false);
                self.items.pop();
            }
            let list = &self.items[start..];
            let Some(&Item { job: first, .. }) = list.first() else {
                return true;
            };
            let (mut clock, mut tardy, mut longest, mut sorted, mut free) = (span.clock, 0, 0, true, true);
            for &Item { due, job } in list {
                let p = table.processing_time[job as usize];
                free &= job >= first || clock <= due;
                clock += p;
                tardy += u32::from(clock > due);
                sorted &= job >= longest;
                longest = longest.max(job);
                if tardy > 1 && !sorted && !free {
                    return false;
                }
            }
            if tardy <= 1 || sorted {
                return true; // at most one tardy job, or shortest first
            }
            if watch.worked(list.len() as u64) {
                return false;
            }
            span.clock += table.processing_time[first as usize];
            span.set ^= table.word[first as usize];
            *value += table.tardiness(first, span.clock);
            ends(first, true);
            self.items.remove(start);
            self.raise(start, span.clock);
        }
    }

    /// What the list from `start` on costs in this order.
    pub(super) fn cost(&self, start: usize, mut clock: i64) -> i64 {
        let cost = |item: &Item| {
            clock += self.table.processing_time[item.job as usize];
            self.table.tardiness(item.job, clock)
        };
        self.items[start..].iter().map(cost).sum()
    }
}
