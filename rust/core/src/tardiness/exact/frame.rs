//! A list whose pivot is being placed.
//!
//! Positions are tried from left to right. What the front costs never falls on the way; and what lies behind costs at least what lay
//! behind at an earlier position less the cost of the jobs between, so many positions are refuted without a search.

use super::list::{Item, Span, Table};
use super::memo::Fingerprint;
use super::pivot::Pivot;
use super::promising::Places;

/// What lies behind a position.
#[derive(Debug, Clone, Copy)]
pub(super) enum Behind {
    /// It costs this.
    Costs(i64),
    /// So much, at least, that the position is no better than another one.
    TooMuch,
}

/// A position of the pivot.
#[derive(Debug, Clone, Copy)]
pub(super) struct Position {
    /// The last job on the stack that goes in front, or the pivot's own place.
    place: usize,
    /// How many jobs go in front, when the pivot completes, and the fingerprint of everything up to it.
    ahead: usize,
    pub(super) completion: i64,
    prefix: Fingerprint,
    /// The first completion time for which all of these jobs may be in front.
    blocked: i64,
    /// Lower bound on what lies behind.
    pub(super) behind: i64,
}

impl Position {
    /// The next job that may go in front of the pivot.
    #[inline(always)]
    fn next(&self, pivot: Pivot, own: u32, list: &[Item]) -> Option<usize> {
        (self.place + 1..list.len()).find(|&k| pivot.passes(list[k].job, own))
    }

    /// Lets the job at `place` go in front, too.
    #[inline(always)]
    fn pass(&mut self, pivot: Pivot, table: &Table, item: Item, place: usize) {
        let p = table.processing_time[item.job as usize];
        self.place = place;
        self.ahead += 1;
        self.completion += p;
        self.prefix ^= table.word[item.job as usize];
        self.blocked = self.blocked.max(pivot.least_completion(item.due, p));
        self.behind -= table.tardiness(item.job, self.completion);
    }
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
    /// Where the pivot is on the stack.
    pub(super) at: usize,
    /// Positions that may be tried.
    pub(super) places: Places,
    /// The position that is being tried.
    pub(super) position: Position,
    /// Cost of the front at the last position where it was solved.
    pub(super) front: i64,
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
            position: Position { place: at, ahead: at - start, completion, prefix, blocked: i64::MIN, behind: 0 },
            front: 0,
            best: i64::MAX,
            branch: 0,
            passed: false,
            second: false,
        }
    }

    /// Goes on to a position that cannot be excluded, if there is one; stays where it is if it is one.
    pub(super) fn find_place(&mut self, table: &Table, items: &[Item]) -> bool {
        match self.pivot {
            Pivot::Longest => self.find(Pivot::Longest, table, items),
            Pivot::Earliest => self.find(Pivot::Earliest, table, items),
        }
    }

    /// Compiled for each pivot on its own; the position stays in registers.
    #[inline(always)]
    fn find(&mut self, pivot: Pivot, table: &Table, items: &[Item]) -> bool {
        let (own, list) = (items[self.at].job, &items[..self.end]);
        let due_date = table.due_date[own as usize];
        let mut position = self.position;
        let mut passed = std::mem::take(&mut self.passed);
        let found = loop {
            let completion = position.completion;
            let cost = self.front + (completion - due_date).max(0);
            if cost >= self.best {
                break false;
            }
            let next = position.next(pivot, own, list);
            let allowed =
                !passed && position.blocked <= completion && next.is_none_or(|next| pivot.allows(completion, list[next].due));
            if allowed && cost + position.behind < self.best && self.places.contains(position.place) {
                break true;
            }
            let Some(next) = next else {
                break false;
            };
            passed = false;
            position.pass(pivot, table, list[next], next);
        };
        self.position = position;
        found
    }

    /// Goes on to a known position, counted from the list's start.
    pub(super) fn go_to(&mut self, table: &Table, items: &[Item], place: usize) {
        let own = items[self.at].job;
        while self.position.place < self.start + place
            && let Some(next) = self.position.next(self.pivot, own, &items[..self.end])
        {
            self.position.pass(self.pivot, table, items[next], next);
        }
    }

    /// Both parts of this position are known.
    pub(super) fn finish_place(&mut self, table: &Table, items: &[Item], behind: Behind) {
        if let Behind::Costs(behind) = behind {
            let total = self.front + table.tardiness(items[self.at].job, self.position.completion) + behind;
            if total < self.best {
                (self.best, self.branch) = (total, self.pivot.branch(self.position.place - self.start));
            }
            self.position.behind = behind;
        }
        self.passed = true;
    }

    /// Puts the jobs in front of the pivot on the stack.
    pub(super) fn push_front(&self, items: &mut Vec<Item>) {
        match self.pivot {
            Pivot::Longest => {
                items.extend_from_within(self.start..self.at);
                items.extend_from_within(self.at + 1..=self.position.place);
            }
            Pivot::Earliest => self.push_if(items, |k, shorter| shorter && k <= self.position.place),
        }
    }

    /// Puts the jobs behind the pivot on the stack.
    pub(super) fn push_behind(&self, items: &mut Vec<Item>) {
        match self.pivot {
            Pivot::Longest => items.extend_from_within(self.position.place + 1..self.end),
            Pivot::Earliest => self.push_if(items, |k, shorter| !shorter || k > self.position.place),
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
        Span {
            clock: self.span.clock,
            finish: self.position.completion - table.processing_time[own],
            set: self.position.prefix ^ table.word[own],
        }
    }

    /// What lies behind this position.
    pub(super) fn behind_span(&self) -> Span {
        Span { clock: self.position.completion, finish: self.span.finish, set: self.span.set ^ self.position.prefix }
    }

    /// Number of jobs behind this position.
    pub(super) fn size_behind(&self) -> usize {
        self.end - self.start - self.position.ahead - 1
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
                    best = best.min(ends + table.tardiness(items[frame.at].job, frame.position.completion));
                    count += 1;
                    frame.passed = true;
                }
                assert_eq!(best, expected, "{pivot:?} {p:?} {d:?}");
                assert_eq!(count, pivot.count(&table, &items, frame.at, 0, usize::MAX), "{pivot:?} {p:?} {d:?}");
            }
        }
    }
}
