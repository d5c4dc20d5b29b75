//! A list whose pivot is being placed, and the two ways to split a list.
//!
//! With the longest job at position r of the order of due dates, the jobs in front of it and behind it are two smaller problems
//! (Lawler). So they are with the job that is due first: only shorter ones can precede it, and if h of them do, then the h that are due
//! first (Della Croce, Tadei, Baracco and Grosso). Where the longest job has many possible positions and the other few, the other is
//! the pivot.
//!
//! Positions are tried from left to right. What the front costs never falls on the way; and what lies behind costs at least what lay
//! behind at an earlier position less the cost of the jobs between, so many positions are refuted without a search.

use super::list::{Item, Span, Table};
use super::memo::Fingerprint;
use super::promising::Places;

/// So many positions of the longest job are many. With fewer, states that stem from one kind of pivot alone are met again more often,
/// and that is worth more than a position saved.
const MANY: usize = 8;

/// The job that is placed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Pivot {
    /// The longest one; any number of the jobs behind it may go in front of it.
    Longest,
    /// The one due first; any number of the shorter jobs may.
    Earliest,
}

impl Pivot {
    /// The longest job of a list, unless it has many possible positions and the job due first at most half as many.
    pub(super) fn choose(table: &Table, list: &[Item], longest: usize, clock: i64) -> Self {
        let last = Self::Longest.count(table, list, longest, clock, usize::MAX);
        if last >= MANY && Self::Earliest.count(table, list, 0, clock, last / 2) <= last / 2 {
            Self::Earliest
        } else {
            Self::Longest
        }
    }

    /// How many positions are possible, or more than `most`.
    fn count(self, table: &Table, list: &[Item], at: usize, clock: i64, most: usize) -> usize {
        let own = list[at].job;
        let before: i64 = list[..at].iter().map(|item| table.processing_time[item.job as usize]).sum();
        let mut completion = clock + before + table.processing_time[own as usize];
        let (mut count, mut blocked) = (0, i64::MIN);
        for item in list[at + 1..].iter().filter(|item| self.passes(item.job, own)) {
            count += usize::from(blocked <= completion && self.allows(completion, item.due));
            if count > most {
                return count;
            }
            let p = table.processing_time[item.job as usize];
            completion += p;
            blocked = blocked.max(self.least_completion(item.due, p));
        }
        count + usize::from(blocked <= completion)
    }

    /// Whether a job behind the pivot in the list can go in front of it.
    #[inline]
    fn passes(self, job: u32, own: u32) -> bool {
        self == Self::Longest || job < own
    }

    /// Whether the next job may stay behind a pivot that completes then: it would be on time, or else it had better go in front.
    #[inline]
    fn allows(self, completion: i64, due: i64) -> bool {
        match self {
            Self::Longest => completion < due,
            Self::Earliest => completion <= due,
        }
    }

    /// The first completion time of the pivot for which a job may be in front of it: else it could as well follow the pivot.
    #[inline]
    fn least_completion(self, due: i64, p: i64) -> i64 {
        match self {
            Self::Longest => due + p,
            Self::Earliest => due + 1,
        }
    }

    /// A pivot and its place in the list as one number.
    #[inline]
    pub(super) fn branch(self, place: usize) -> u32 {
        (place as u32) << 1 | u32::from(self == Self::Earliest)
    }

    /// The same back.
    pub(super) fn of(branch: u32) -> (Self, usize) {
        (if branch & 1 == 1 { Self::Earliest } else { Self::Longest }, branch as usize >> 1)
    }
}

/// What lies behind a position.
#[derive(Debug, Clone, Copy)]
pub(super) enum Behind {
    /// It costs this.
    Costs(i64),
    /// So much, at least, that the position is no better than another one.
    TooMuch,
}

/// A list whose pivot is being placed.
#[derive(Debug)]
pub(super) struct Frame {
    /// Where its list starts and ends on the stack.
    pub(super) start: usize,
    pub(super) end: usize,
    pub(super) span: Span,
    /// What the jobs cost that were taken off its ends.
    pub(super) fixed: i64,
    pivot: Pivot,
    /// Position of the pivot on the stack.
    pub(super) at: usize,
    /// Positions that may be tried.
    pub(super) places: Places,
    /// Position that is being tried: of the last job on the stack that goes in front, or the pivot's own.
    place: usize,
    /// How many jobs go in front, when the pivot completes there, and the fingerprint of everything up to it.
    ahead: usize,
    pub(super) completion: i64,
    prefix: Fingerprint,
    /// The first completion time for which all of these jobs may be in front.
    blocked: i64,
    /// Cost of the front at the last position where it was solved.
    pub(super) front: i64,
    /// Lower bound on what lies behind this position.
    pub(super) behind: i64,
    pub(super) best: i64,
    /// The best position, counted from the list's start, as [`Pivot::branch`] writes it.
    pub(super) branch: u32,
    /// Whether this position is done with.
    passed: bool,
    /// Whether the part that is being solved is the one behind.
    pub(super) second: bool,
}

impl Frame {
    /// For the list from `start` to the end, with the pivot in front of all jobs that may pass it.
    pub(super) fn new(table: &Table, items: &[Item], pivot: Pivot, start: usize, longest: usize, span: Span, fixed: i64) -> Self {
        let at = if pivot == Pivot::Longest { longest } else { start };
        let (mut completion, mut prefix) = (span.clock, 0);
        for item in &items[start..=at] {
            completion += table.processing_time[item.job as usize];
            prefix ^= table.word[item.job as usize];
        }
        Self {
            start,
            end: items.len(),
            span,
            fixed,
            pivot,
            at,
            places: Places::All,
            place: at,
            ahead: at - start,
            completion,
            prefix,
            blocked: i64::MIN,
            front: 0,
            behind: 0,
            best: i64::MAX,
            branch: 0,
            passed: false,
            second: false,
        }
    }

    /// The next job that may go in front of the pivot.
    #[inline]
    fn next(&self, items: &[Item]) -> Option<usize> {
        let own = items[self.at].job;
        (self.place + 1..self.end).find(|&k| self.pivot.passes(items[k].job, own))
    }

    /// Lets the job at `place` go in front, too.
    #[inline]
    fn pass(&mut self, table: &Table, item: Item, place: usize) {
        let p = table.processing_time[item.job as usize];
        self.place = place;
        self.ahead += 1;
        self.completion += p;
        self.prefix ^= table.word[item.job as usize];
        self.blocked = self.blocked.max(self.pivot.least_completion(item.due, p));
        self.behind -= table.tardiness(item.job, self.completion);
    }

    /// Goes on to a position that cannot be excluded, if there is one; stays where it is if it is one.
    pub(super) fn find_place(&mut self, table: &Table, items: &[Item]) -> bool {
        let own = items[self.at].job;
        let mut passed = std::mem::take(&mut self.passed);
        loop {
            let cost = self.front + table.tardiness(own, self.completion);
            if cost >= self.best {
                return false;
            }
            let next = self.next(items);
            let allowed = !passed
                && self.blocked <= self.completion
                && next.is_none_or(|next| self.pivot.allows(self.completion, items[next].due));
            if allowed && cost + self.behind < self.best && self.places.contains(self.place) {
                return true;
            }
            let Some(next) = next else {
                return false;
            };
            passed = false;
            self.pass(table, items[next], next);
        }
    }

    /// Goes on to a known position, counted from the list's start.
    pub(super) fn go_to(&mut self, table: &Table, items: &[Item], place: usize) {
        while self.place < self.start + place
            && let Some(next) = self.next(items)
        {
            self.pass(table, items[next], next);
        }
    }

    /// Both parts of this position are known.
    pub(super) fn finish_place(&mut self, table: &Table, items: &[Item], behind: Behind) {
        if let Behind::Costs(behind) = behind {
            let total = self.front + table.tardiness(items[self.at].job, self.completion) + behind;
            if total < self.best {
                (self.best, self.branch) = (total, self.pivot.branch(self.place - self.start));
            }
            self.behind = behind;
        }
        self.passed = true;
    }

    /// Puts the jobs in front of the pivot on the stack.
    pub(super) fn push_front(&self, items: &mut Vec<Item>) {
        match self.pivot {
            Pivot::Longest => {
                items.extend_from_within(self.start..self.at);
                items.extend_from_within(self.at + 1..=self.place);
            }
            Pivot::Earliest => self.push_if(items, |k, shorter| shorter && k <= self.place),
        }
    }

    /// Puts the jobs behind the pivot on the stack.
    pub(super) fn push_behind(&self, items: &mut Vec<Item>) {
        match self.pivot {
            Pivot::Longest => items.extend_from_within(self.place + 1..self.end),
            Pivot::Earliest => self.push_if(items, |k, shorter| !shorter || k > self.place),
        }
    }

    fn push_if(&self, items: &mut Vec<Item>, wanted: impl Fn(usize, bool) -> bool) {
        let own = items[self.at].job;
        for k in self.at + 1..self.end {
            let item = items[k];
            if wanted(k, item.job < own) {
                items.push(item);
            }
        }
    }

    /// The front of this position.
    pub(super) fn front_span(&self, table: &Table, items: &[Item]) -> Span {
        let own = items[self.at].job as usize;
        Span { clock: self.span.clock, finish: self.completion - table.processing_time[own], set: self.prefix ^ table.word[own] }
    }

    /// What lies behind this position.
    pub(super) fn behind_span(&self) -> Span {
        Span { clock: self.completion, finish: self.span.finish, set: self.span.set ^ self.prefix }
    }

    /// Number of jobs behind this position.
    pub(super) fn size_behind(&self) -> usize {
        self.end - self.start - self.ahead - 1
    }
}

#[cfg(test)]
mod tests {
    use super::super::list::Lists;
    use super::*;
    use crate::random::Random;
    use crate::tardiness::{Jobs, Weights};

    /// The least tardiness of some jobs from `clock` on, by trying each as the last one.
    fn optimum(table: &Table, jobs: &[u32], clock: i64) -> i64 {
        let time = |jobs: &[u32]| jobs.iter().map(|&j| table.processing_time[j as usize]).sum::<i64>();
        let mut values = vec![0; 1 << jobs.len()];
        for set in 1..values.len() {
            let members: Vec<u32> = (0..jobs.len()).filter(|k| set >> k & 1 == 1).map(|k| jobs[k]).collect();
            let completion = clock + time(&members);
            let last = (0..jobs.len()).filter(|k| set >> k & 1 == 1);
            values[set] =
                last.map(|k| values[set ^ 1 << k] + table.tardiness(jobs[k], completion)).min().expect("the set is not empty");
        }
        values[values.len() - 1]
    }

    #[test]
    fn either_pivot_has_an_optimal_position_among_the_possible_ones() {
        let mut random = Random::new(31);
        for _ in 0..3000 {
            let longest = [3, 8, 30][random.below(3) as usize];
            let p: Vec<i64> = (0..2 + random.below(6)).map(|_| random.between(0, longest)).collect();
            let total: i64 = p.iter().sum();
            let low = random.between(-total / 4, total);
            let d: Vec<i64> = p.iter().map(|_| random.between(low, low + total / 2)).collect();
            let table = Table::new(&Jobs::new(&p, &d, Weights::Unit).unwrap());
            let mut lists = Lists::new(&table);
            let span = lists.push_everything();
            let items = lists.items;
            let jobs = |items: &[Item]| items.iter().map(|item| item.job).collect::<Vec<_>>();
            let expected = optimum(&table, &jobs(&items), 0);
            let longest = items.iter().position(|item| item.job as usize == p.len() - 1).unwrap();
            for pivot in [Pivot::Longest, Pivot::Earliest] {
                let mut frame = Frame::new(&table, &items, pivot, 0, longest, span, 0);
                let (mut best, mut count) = (i64::MAX, 0);
                while frame.find_place(&table, &items) {
                    let part = |push: fn(&Frame, &mut Vec<Item>)| {
                        let mut stack = items.clone();
                        push(&frame, &mut stack);
                        jobs(&stack[items.len()..])
                    };
                    let (front, behind) = (part(Frame::push_front), part(Frame::push_behind));
                    assert_eq!((front.len() + behind.len() + 1, behind.len()), (p.len(), frame.size_behind()));
                    let ends = optimum(&table, &front, 0) + optimum(&table, &behind, frame.behind_span().clock);
                    best = best.min(ends + table.tardiness(items[frame.at].job, frame.completion));
                    count += 1;
                    frame.passed = true;
                }
                assert_eq!(best, expected, "{pivot:?} {p:?} {d:?}");
                assert_eq!(count, pivot.count(&table, &items, frame.at, 0, usize::MAX), "{pivot:?} {p:?} {d:?}");
            }
        }
    }
}
