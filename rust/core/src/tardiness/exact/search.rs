//! The search: depth first over the positions of the longest job, every solved state remembered. No recursion, no allocation a node.
//!
//! With the longest job at position r of the order of due dates, the jobs in front of it and behind it are two smaller problems
//! (Lawler). Positions are tried from left to right. What the front costs never falls on the way; and what lies behind at r costs at
//! least what lay behind at an earlier position less the cost of the jobs between, so many positions are refuted without a search.

use super::list::{Item, Lists, Span, Table};
use super::memo::{Fingerprint, Key, Memo};
use super::promising::{Places, Promising};
use crate::control::Watch;

/// Lists shorter than this are solved again rather than remembered.
const REMEMBERED: usize = 5;

/// Items that the stack may always hold: 16 MiB of them, a thousand jobs at every depth.
const LEAST_ROOM: usize = 1 << 20;

/// Why a search ended without an answer: a limit, a cancellation, or no more room for lists.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::tardiness) struct Stopped;

/// What lies behind a position.
#[derive(Debug, Clone, Copy)]
enum Behind {
    /// It costs this.
    Costs(i64),
    /// So much, at least, that the position is no better than another one.
    TooMuch,
}

/// A list whose longest job is being placed.
#[derive(Debug)]
struct Frame {
    /// Where its list starts and ends on the stack.
    start: usize,
    end: usize,
    span: Span,
    /// What the jobs cost that were taken off its ends.
    fixed: i64,
    /// Position of the longest job on the stack.
    longest: usize,
    /// Positions that may be tried.
    places: Places,
    /// Position that is being tried, when the longest job completes there, and the fingerprint of everything up to it.
    place: usize,
    completion: i64,
    prefix: Fingerprint,
    /// Largest `d + p` between the longest job's own position and this one.
    blocked: i64,
    /// Cost of the front at the last position where it was solved.
    front: i64,
    /// Lower bound on what lies behind this position.
    behind: i64,
    best: i64,
    branch: usize,
    /// Whether this position is done with.
    passed: bool,
    /// Whether the part that is being solved is the one behind.
    second: bool,
}

impl Frame {
    /// Goes on to a position that cannot be excluded, if there is one; stays where it is if it is one.
    fn find_place(&mut self, table: &Table, items: &[Item]) -> bool {
        let due_date = table.due_date[items[self.longest].job as usize];
        let Self { mut place, mut completion, mut prefix, mut blocked, mut behind, .. } = *self;
        let list = &items[..self.end];
        let mut passed = std::mem::take(&mut self.passed);
        let found = loop {
            let cost = self.front + (completion - due_date).max(0);
            let next = list.get(place + 1);
            if cost >= self.best {
                break false;
            }
            let allowed = !passed && blocked <= completion && next.is_none_or(|next| completion < next.due);
            if allowed && cost + behind < self.best && self.places.contains(place) {
                break true;
            }
            let Some(&Item { due, job }) = next else {
                break false;
            };
            passed = false;
            place += 1;
            let p = table.processing_time[job as usize];
            completion += p;
            prefix ^= table.word[job as usize];
            blocked = blocked.max(due + p);
            behind -= table.tardiness(job, completion);
        };
        (self.place, self.completion, self.prefix, self.blocked, self.behind) = (place, completion, prefix, blocked, behind);
        found
    }

    /// Both parts of this position are known.
    fn finish_place(&mut self, table: &Table, items: &[Item], behind: Behind) {
        if let Behind::Costs(behind) = behind {
            let total = self.front + table.tardiness(items[self.longest].job, self.completion) + behind;
            if total < self.best {
                (self.best, self.branch) = (total, self.place);
            }
            self.behind = behind;
        }
        self.passed = true;
    }

    /// The front of this position.
    fn front_span(&self, table: &Table, items: &[Item]) -> Span {
        let own = items[self.longest].job as usize;
        Span { clock: self.span.clock, finish: self.completion - table.processing_time[own], set: self.prefix ^ table.word[own] }
    }

    /// What lies behind this position.
    fn behind_span(&self) -> Span {
        Span { clock: self.completion, finish: self.span.finish, set: self.span.set ^ self.prefix }
    }
}

/// A depth-first search, and what it remembers.
pub(super) struct Search<'a> {
    pub(super) lists: Lists<'a>,
    memo: Memo,
    /// What chooses positions if not all are tried.
    promising: Option<Promising>,
    frames: Vec<Frame>,
    /// Most items on the stack.
    room: usize,
    /// Where the longest job of the list that was solved last goes, counted from the list's start.
    branch: usize,
    pub(super) num_nodes: u64,
    max_nodes: u64,
}

impl<'a> Search<'a> {
    pub(super) fn new(table: &'a Table, memory_limit: usize, max_nodes: u64) -> Self {
        let room = (memory_limit / 4 / size_of::<Item>()).max(LEAST_ROOM + 4 * table.original.len());
        let memo = Memo::new(memory_limit / 4 * 3);
        Self { lists: Lists::new(table), memo, promising: None, frames: Vec::new(), room, branch: 0, num_nodes: 0, max_nodes }
    }

    /// A search that is a heuristic: in lists of many jobs it tries promising positions only.
    pub(super) fn promising(table: &'a Table, memory_limit: usize, max_nodes: u64) -> Self {
        Self { promising: Some(Promising::new(table.original.len())), ..Self::new(table, memory_limit, max_nodes) }
    }

    /// Solves the list on the stack from `start` on and takes it off the stack.
    pub(super) fn solve(&mut self, start: usize, span: Span, watch: &mut Watch<i64>) -> Result<i64, Stopped> {
        let floor = self.frames.len();
        let mut answer = self.enter(start, span);
        loop {
            match answer {
                None => {
                    let frame = self.frames.last().expect("a list was entered");
                    let work = (frame.end - frame.start) as u64;
                    self.num_nodes += 1;
                    if self.num_nodes > self.max_nodes || self.lists.items.len() > self.room || watch.worked(work) {
                        self.frames.truncate(floor);
                        self.lists.items.truncate(start);
                        return Err(Stopped);
                    }
                    answer = self.advance();
                }
                Some(value) if self.frames.len() == floor => return Ok(value),
                Some(value) => {
                    let frame = self.frames.last_mut().expect("a frame is open");
                    let behind = if std::mem::take(&mut frame.second) { Some(Behind::Costs(value)) } else { self.behind(value) };
                    answer = behind.and_then(|behind| {
                        self.finish_place(behind);
                        self.advance()
                    });
                }
            }
        }
    }

    /// Looks at the list on top: its value (and the list is gone), or a frame for it.
    fn enter(&mut self, start: usize, mut span: Span) -> Option<i64> {
        let table = self.lists.table;
        let mut fixed = 0;
        let longest = loop {
            if self.lists.reduce(start, &mut span, &mut fixed, |_, _| ()) {
                fixed += self.lists.cost(start, span.clock);
                self.lists.items.truncate(start);
                return Some(fixed);
            }
            let list = &self.lists.items[start..];
            if list.len() >= REMEMBERED
                && let Some((value, _)) = self.memo.get(Key::new(span.set, span.clock))
            {
                self.lists.items.truncate(start);
                return Some(fixed + value);
            }
            let longest = longest(list);
            if longest + 1 < list.len() {
                break start + longest;
            }
            let job = list[longest].job; // last in order, too: it is last
            fixed += table.tardiness(job, span.finish);
            span.finish -= table.processing_time[job as usize];
            span.set ^= table.word[job as usize];
            self.lists.items.pop();
        };
        let (mut completion, mut prefix) = (span.clock, 0);
        for item in &self.lists.items[start..=longest] {
            completion += table.processing_time[item.job as usize];
            prefix ^= table.word[item.job as usize];
        }
        let places = match &mut self.promising {
            None => Places::All,
            Some(promising) => promising.choose(table, &self.lists.items, start, longest, span.clock),
        };
        self.frames.push(Frame {
            start,
            places,
            end: self.lists.items.len(),
            span,
            fixed,
            longest,
            place: longest,
            completion,
            prefix,
            blocked: i64::MIN,
            front: 0,
            behind: 0,
            best: i64::MAX,
            branch: longest,
            passed: false,
            second: false,
        });
        None
    }

    /// Goes on with the frame on top, from the position it is at, until a part must be solved or the answer is known.
    fn advance(&mut self) -> Option<i64> {
        let table = self.lists.table;
        loop {
            let frame = self.frames.last_mut().expect("a frame is open");
            if !frame.find_place(table, &self.lists.items) {
                return Some(self.leave());
            }
            let (start, end, longest, place) = (frame.start, frame.end, frame.longest, frame.place);
            let span = frame.front_span(table, &self.lists.items);
            // The front: everything up to the position but the longest job, in this order and with these due dates.
            self.lists.items.extend_from_within(start..longest);
            self.lists.items.extend_from_within(longest + 1..=place);
            let front = self.enter(end, span)?;
            let behind = self.behind(front)?;
            self.finish_place(behind);
        }
    }

    /// The front of the position costs this; what lies behind is known, or is being solved by a new frame.
    fn behind(&mut self, front: i64) -> Option<Behind> {
        let table = self.lists.table;
        let frame = self.frames.last_mut().expect("a frame is open");
        frame.front = front;
        let late = table.tardiness(self.lists.items[frame.longest].job, frame.completion);
        if front + late + frame.behind >= frame.best {
            return Some(Behind::TooMuch);
        }
        let (end, place, span) = (frame.end, frame.place, frame.behind_span());
        if let Some(value) = self.known(end - place - 1, span) {
            return Some(Behind::Costs(value));
        }
        self.lists.items.extend_from_within(place + 1..end);
        self.lists.raise(end, span.clock);
        let value = self.enter(end, span);
        if value.is_none() {
            let parent = self.frames.len() - 2; // the list is being solved by the frame on top
            self.frames[parent].second = true;
        }
        value.map(Behind::Costs)
    }

    fn finish_place(&mut self, behind: Behind) {
        let frame = self.frames.last_mut().expect("a frame is open");
        frame.finish_place(self.lists.table, &self.lists.items, behind);
    }

    /// What is known of a list of `size` jobs before it is even written down.
    fn known(&mut self, size: usize, span: Span) -> Option<i64> {
        match size {
            0 => Some(0),
            _ if size >= REMEMBERED => self.memo.get(Key::new(span.set, span.clock)).map(|found| found.0),
            _ => None,
        }
    }

    /// The frame on top is done: remembers its value and takes it off.
    fn leave(&mut self) -> i64 {
        let frame = self.frames.pop().expect("a frame is open");
        self.lists.items.truncate(frame.start);
        self.branch = frame.branch - frame.start;
        if frame.end - frame.start >= REMEMBERED {
            self.memo.insert(Key::new(frame.span.set, frame.span.clock), frame.best, self.branch as u32);
        }
        frame.fixed + frame.best
    }

    /// The optimal sequence that the remembered branches spell out; what has been dropped is solved again. The stack is empty.
    pub(super) fn sequence(&mut self, watch: &mut Watch<i64>) -> Result<Vec<u32>, Stopped> {
        enum Todo {
            Job(u32),
            List(Vec<Item>, Span),
        }
        let table = self.lists.table;
        let mut sequence = Vec::with_capacity(table.original.len());
        let everything = self.lists.push_everything();
        let mut todo = vec![Todo::List(std::mem::take(&mut self.lists.items), everything)];
        while let Some(next) = todo.pop() {
            let (list, mut span) = match next {
                Todo::Job(job) => {
                    sequence.push(job);
                    continue;
                }
                Todo::List(list, span) => (list, span),
            };
            self.lists.items = list;
            let place = |job, in_front| if in_front { sequence.push(job) } else { todo.push(Todo::Job(job)) };
            let solved = self.lists.reduce(0, &mut span, &mut 0, place);
            let list = std::mem::take(&mut self.lists.items);
            if solved {
                sequence.extend(list.iter().map(|item| item.job));
                continue;
            }
            let longest = longest(&list);
            let known = self.memo.get(Key::new(span.set, span.clock)).filter(|_| list.len() >= REMEMBERED);
            let branch = if longest + 1 == list.len() {
                longest
            } else if let Some((_, branch)) = known {
                branch as usize
            } else {
                self.lists.items.clone_from(&list);
                self.solve(0, span, watch)?;
                self.branch
            };
            let (own, prefix) =
                (list[longest].job as usize, list[..=branch].iter().fold(0, |set, item| set ^ table.word[item.job as usize]));
            let completion =
                span.clock + list[..=branch].iter().map(|item| table.processing_time[item.job as usize]).sum::<i64>();
            self.lists.items.extend_from_slice(&list[branch + 1..]);
            self.lists.raise(0, completion);
            let behind = Span { clock: completion, finish: span.finish, set: span.set ^ prefix };
            todo.push(Todo::List(std::mem::take(&mut self.lists.items), behind));
            todo.push(Todo::Job(list[longest].job));
            let front = (0..=branch).filter(|&k| k != longest).map(|k| list[k]).collect();
            let finish = completion - table.processing_time[own];
            todo.push(Todo::List(front, Span { clock: span.clock, finish, set: prefix ^ table.word[own] }));
        }
        Ok(sequence.into_iter().map(|job| table.original[job as usize]).collect())
    }
}

/// Position of the longest job.
fn longest(list: &[Item]) -> usize {
    let most = list.iter().map(|item| item.job).max();
    list.iter().position(|item| Some(item.job) == most).unwrap_or(0)
}
