//! The search: depth first over the positions of a pivot, every solved state remembered. No recursion, no allocation a node.

use super::frame::{Behind, Frame};
use super::list::{Item, Lists, Span, Table};
use super::memo::{Memo, StateKey};
use super::pivot::Pivot;
use super::promising::{Places, Promising};
use crate::control::Watch;
use crate::tardiness::Total;

/// Lists shorter than this are solved again rather than remembered.
const REMEMBERED: usize = 5;

/// Only lists that are fewer frames deep may have the other pivot. It was never seen to save nodes, and further down it costs time.
const ROOT: usize = 4;

/// Items that the stack may always hold: 16 MiB of them, a thousand jobs at every depth.
const LEAST_ROOM: usize = 1 << 20;

/// Why a search ended without an answer: a limit, a cancellation, or no more room for lists.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::tardiness) struct Stopped;

/// A depth-first search, and what it remembers.
pub(super) struct BranchAndMemorize<'a> {
    pub(super) lists: Lists<'a>,
    memo: Memo,
    /// What chooses positions if not all are tried.
    promising: Option<Promising>,
    frames: Vec<Frame>,
    /// Most items on the stack.
    room: usize,
    /// The branch that is best in the list that was solved last: see [`Frame::branch`].
    branch: u32,
    pub(super) num_nodes: u64,
    max_nodes: u64,
}

impl<'a> BranchAndMemorize<'a> {
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
    pub(super) fn solve(&mut self, start: usize, span: Span, watch: &mut Watch<Total>) -> Result<i64, Stopped> {
        let floor = self.frames.len();
        let mut answer = self.enter(start, span, watch);
        loop {
            match answer {
                None => {
                    let frame = self.frames.last().expect("a list was entered");
                    let work = (frame.end - frame.start) as u64;
                    self.num_nodes += 1;
                    let full = self.num_nodes > self.max_nodes || self.lists.items.len() > self.room;
                    if full || watch.worked(work) || watch.stop.halted() {
                        self.frames.truncate(floor);
                        self.lists.items.truncate(start);
                        return Err(Stopped);
                    }
                    answer = self.advance(watch);
                }
                Some(value) if self.frames.len() == floor => return Ok(value),
                Some(value) => {
                    let frame = self.frames.last_mut().expect("a frame is open");
                    let behind =
                        if std::mem::take(&mut frame.second) { Some(Behind::Costs(value)) } else { self.behind(value, watch) };
                    answer = behind.and_then(|behind| {
                        self.finish_place(behind);
                        self.advance(watch)
                    });
                }
            }
        }
    }

    /// Looks at the list on top: its value (and the list is gone), or a frame for it.
    fn enter(&mut self, start: usize, mut span: Span, watch: &mut Watch<Total>) -> Option<i64> {
        let table = self.lists.table;
        let mut fixed = 0;
        let longest = loop {
            if self.lists.reduce(start, &mut span, &mut fixed, watch, |_, _| ()) {
                fixed += self.lists.cost(start, span.clock);
                self.lists.items.truncate(start);
                return Some(fixed);
            }
            let list = &self.lists.items[start..];
            if list.len() >= REMEMBERED
                && let Some((value, _)) = self.memo.get(StateKey::new(span.set, span.clock))
            {
                self.lists.items.truncate(start);
                return Some(fixed + value);
            }
            let longest = longest(list);
            if longest + 1 < list.len() || watch.worked(list.len() as u64) {
                break start + longest;
            }
            let job = list[longest].job; // last in order, too: it is last
            fixed += table.tardiness(job, span.finish);
            span.finish -= table.processing_time[job as usize];
            span.set ^= table.word[job as usize];
            self.lists.items.pop();
        };
        let items = &self.lists.items;
        let (pivot, places) = match &mut self.promising {
            None if self.frames.len() >= ROOT => (Pivot::Longest, Places::All),
            None => (Pivot::choose(table, &items[start..], longest - start, span.clock), Places::All),
            Some(promising) => (Pivot::Longest, promising.choose(table, items, start, longest, span.clock)),
        };
        let mut frame = Frame::new(table, items, pivot, start, longest, span, fixed);
        frame.places = places;
        self.frames.push(frame);
        None
    }

    /// Goes on with the frame on top, from the position it is at, until a part must be solved, the answer is known, or time is up.
    fn advance(&mut self, watch: &mut Watch<Total>) -> Option<i64> {
        let table = self.lists.table;
        loop {
            let frame = self.frames.last_mut().expect("a frame is open");
            if !frame.find_place(table, &self.lists.items) {
                return Some(self.leave());
            }
            let (start, end, span) = (frame.start, frame.end, frame.front_span(table, &self.lists.items));
            frame.push_front(&mut self.lists.items); // in the same order and with the same due dates
            let front = self.enter(end, span, watch)?;
            let behind = self.behind(front, watch)?;
            self.finish_place(behind);
            if watch.worked((end - start) as u64) {
                return None;
            }
        }
    }

    /// The front of the position costs this; what lies behind is known, or is being solved by a new frame.
    fn behind(&mut self, front: i64, watch: &mut Watch<Total>) -> Option<Behind> {
        let table = self.lists.table;
        let frame = self.frames.last_mut().expect("a frame is open");
        frame.front = front;
        let late = table.tardiness(self.lists.items[frame.at].job, frame.position.completion);
        if front + late + frame.position.behind >= frame.best {
            return Some(Behind::TooMuch);
        }
        let (end, size, span) = (frame.end, frame.size_behind(), frame.behind_span());
        if let Some(value) = self.known(size, span) {
            return Some(Behind::Costs(value));
        }
        self.frames[self.frames.len() - 1].push_behind(&mut self.lists.items);
        self.lists.raise(end, span.clock);
        let value = self.enter(end, span, watch);
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
            _ if size >= REMEMBERED => self.memo.get(StateKey::new(span.set, span.clock)).map(|found| found.0),
            _ => None,
        }
    }

    /// The frame on top is done: remembers its value and takes it off.
    fn leave(&mut self) -> i64 {
        let frame = self.frames.pop().expect("a frame is open");
        self.lists.items.truncate(frame.start);
        self.branch = frame.branch;
        if frame.end - frame.start >= REMEMBERED {
            self.memo.insert(StateKey::new(frame.span.set, frame.span.clock), frame.best, frame.branch);
        }
        frame.fixed + frame.best
    }

    /// The optimal sequence that the remembered branches spell out; what has been dropped is solved again. The stack is empty.
    pub(super) fn sequence(&mut self, watch: &mut Watch<Total>) -> Result<Vec<u32>, Stopped> {
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
            let solved = self.lists.reduce(0, &mut span, &mut 0, watch, place);
            let list = std::mem::take(&mut self.lists.items);
            if solved {
                sequence.extend(list.iter().map(|item| item.job));
                continue;
            }
            let longest = longest(&list);
            let known = self.memo.get(StateKey::new(span.set, span.clock)).filter(|_| list.len() >= REMEMBERED);
            let branch = if longest + 1 == list.len() {
                Pivot::Longest.branch(longest)
            } else if let Some((_, branch)) = known {
                branch
            } else {
                self.lists.items.clone_from(&list);
                self.solve(0, span, watch)?;
                self.branch
            };
            let (pivot, place) = Pivot::of(branch);
            let mut frame = Frame::new(table, &list, pivot, 0, longest, span, 0);
            frame.go_to(table, &list, place);
            let mut part = list.clone();
            frame.push_behind(&mut part);
            self.lists.items.extend_from_slice(&part[list.len()..]);
            self.lists.raise(0, frame.position.completion);
            todo.push(Todo::List(std::mem::take(&mut self.lists.items), frame.behind_span()));
            todo.push(Todo::Job(list[frame.at].job));
            part.truncate(list.len());
            frame.push_front(&mut part);
            todo.push(Todo::List(part.split_off(list.len()), frame.front_span(table, &list)));
        }
        Ok(sequence.into_iter().map(|job| table.original[job as usize]).collect())
    }
}

/// Position of the longest job.
fn longest(list: &[Item]) -> usize {
    let most = list.iter().map(|item| item.job).max();
    list.iter().position(|item| Some(item.job) == most).unwrap_or(0)
}
