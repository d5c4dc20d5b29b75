//! Rules for sets of intervals on one machine: overload, edge finding (Carlier and Pinson 1989; Vilim 2004), and the completion of all
//! that must come before an interval.
//!
//! Each rule is written for one direction of time and applied in both. In the direction of `side` an interval has a head, the least
//! time before its begin, and an end, the latest one.

use super::{Machine, NONE, Occupation, Orders, is_present, ordered};
use crate::cp::theta_tree::ThetaTree;
use crate::cp::trail::{Conflict, Literal, Reason, Trail};

/// What the rules note of the machine that they look at.
#[derive(Debug, Default)]
pub(super) struct Scratch {
    tree: ThetaTree,
    /// Earliest start, length, and latest end of each member.
    window: Vec<(i32, i32, i32)>,
    /// Members that are there by earliest start and by latest end, and those that may be there.
    starts: Vec<u32>,
    ends: Vec<u32>,
    possible_starts: Vec<u32>,
    possible_ends: Vec<u32>,
    /// By member, its place by earliest start.
    place: Vec<u32>,
}

impl Orders {
    /// The interval begins at `head` or later, in the direction of `side`.
    pub(super) fn begins(&self, i: usize, side: u32, head: i32) -> Literal {
        let Occupation { until, lag, .. } = self.occupations[i];
        if side == 0 { Literal::at_least(i, head) } else { Literal::at_most(until as usize, -head - lag) }
    }

    /// The interval ends at `end` or earlier, in the direction of `side`.
    pub(super) fn ends(&self, i: usize, side: u32, end: i32) -> Literal {
        let Occupation { until, lag, .. } = self.occupations[i];
        if side == 0 { Literal::at_most(until as usize, end - lag) } else { Literal::at_least(i, -end) }
    }

    /// Applies the rules for sets to all machines on which something has moved.
    pub fn propagate_sets(&mut self, trail: &mut Trail, work: &mut u64) -> Result<(), Conflict> {
        for m in 0..self.machines.len() {
            // Where all pairs are ordered these have drawn every conclusion.
            if !std::mem::replace(&mut self.moved[m], false) || self.open[m] == 0 {
                continue;
            }
            let before = trail.len();
            self.look(m, trail);
            let (count, candidates) = (self.scratch.starts.len() as u64, self.scratch.possible_starts.len() as u64);
            *work += count * (count + 16) / 64 + 1;
            for side in [0, 1] {
                self.find_edges(m, side, trail)?;
                self.complete_before(m, side, trail)?;
            }
            if candidates > count {
                *work += candidates / 4;
                self.exclude(m, trail)?;
            }
            if trail.len() > before {
                self.moved[m] = true;
                return Ok(()); // pairs first
            }
        }
        Ok(())
    }

    /// Reads the windows of the members, and sorts them by start and by end.
    fn look(&mut self, m: usize, trail: &Trail) {
        let Self { machines, scratch: Scratch { window, starts, ends, possible_starts, possible_ends, .. }, occupations, .. } =
            self;
        let Machine { members, presence, length, by_start, by_end, .. } = &mut machines[m];
        window.clear();
        window.extend(members.iter().zip(length.iter()).map(|(&i, &length)| {
            let Occupation { until, lag } = occupations[i as usize];
            (trail.earliest(i as usize), length, trail.latest(until as usize) + lag)
        }));
        insertion_sort(by_start, |k| window[k as usize].0);
        insertion_sort(by_end, |k| window[k as usize].2);
        let may_be = |&k: &u32| presence[k as usize] == NONE || !trail.is_false(ordered(presence[k as usize]));
        let is_there = |&k: &u32| is_present(presence[k as usize], trail);
        for (all, possible, there) in [(by_start, possible_starts, starts), (by_end, possible_ends, ends)] {
            possible.clear();
            possible.extend(all.iter().copied().filter(may_be));
            there.clear();
            there.extend(possible.iter().copied().filter(is_there));
        }
    }

    /// Edge finding. The sets that end by some time are looked at from the largest on; an interval that does not fit in with such a set comes behind
    /// all of it. O(n log n), and O(n) for each interval that is found.
    fn find_edges(&mut self, m: usize, side: u32, trail: &mut Trail) -> Result<(), Conflict> {
        let Self { machines, scratch: Scratch { tree, window, starts, ends, place, .. }, .. } = self;
        let machine = &machines[m];
        let (n, width) = (starts.len(), machine.members.len());
        if n == 0 {
            return Ok(());
        }
        let forward = side == 0;
        // In the direction of `side`.
        let by_start = |k: usize| if forward { starts[k] } else { ends[n - 1 - k] } as usize;
        let by_end = |k: usize| if forward { ends[k] } else { starts[n - 1 - k] } as usize;
        let head = |k: usize| if forward { window[k].0 } else { -window[k].2 };
        let end = |k: usize| if forward { window[k].2 } else { -window[k].0 };
        tree.fill((0..n).map(|k| (head(by_start(k)), window[by_start(k)].1)));
        place.resize(width, 0);
        for k in 0..n {
            place[by_start(k)] = k as u32;
        }
        for last in (0..n).rev() {
            let j = by_end(last);
            let until = end(j);
            if tree.end() > i64::from(until) {
                return Err(overload(m, side, by_end, last, (&head, until), window));
            }
            while let Some((completion, k)) = tree.optional_end()
                && completion > i64::from(until)
            {
                let i = by_start(k);
                let Some(from) = begin_of_set((0..n).rev().map(by_start), i, until, (&head, &end), window) else {
                    tree.remove(k);
                    continue;
                };
                for k in 0..=last {
                    let a = by_end(k);
                    let half = if forward { machine.before[a * width + i] } else { machine.before[i * width + a] };
                    if half != NONE {
                        trail.push(ordered(half), Reason::Edge { side: side as u8, machine: m as u16, from, until })?;
                    }
                }
                tree.remove(k);
            }
            tree.make_optional(place[j] as usize);
        }
        Ok(())
    }

    /// A member that may be elsewhere is not on the machine if it does not fit in with those that are. O(n log n), and O(n) for each that is
    /// excluded.
    fn exclude(&mut self, m: usize, trail: &mut Trail) -> Result<(), Conflict> {
        let Self { machines, scratch: Scratch { tree, window, possible_starts, possible_ends, place, .. }, .. } = self;
        let Machine { presence, .. } = &machines[m];
        let (head, end) = (|k: usize| window[k].0, |k: usize| window[k].2);
        let is_open =
            |k: usize| presence[k] != NONE && !trail.is_true(ordered(presence[k])) && !trail.is_false(ordered(presence[k]));
        tree.fill(possible_starts.iter().map(|&k| (window[k as usize].0, window[k as usize].1)));
        place.resize(presence.len(), 0);
        let mut open = vec![false; presence.len()];
        for (at, &k) in possible_starts.iter().enumerate() {
            place[k as usize] = at as u32;
            open[k as usize] = is_open(k as usize);
            if open[k as usize] {
                tree.make_optional(at);
            }
        }
        for &j in possible_ends.iter().rev() {
            let until = end(j as usize);
            while let Some((completion, at)) = tree.optional_end()
                && completion > i64::from(until)
            {
                let i = possible_starts[at] as usize;
                let others = possible_starts.iter().rev().map(|&k| k as usize).filter(|&k| k == i || !open[k]);
                if let Some(from) = begin_of_set(others, i, until, (&head, &end), window) {
                    let reason = Reason::Absent { machine: m as u16, from, until };
                    trail.push(ordered(presence[i]).negated(), reason)?;
                }
                tree.remove(at);
            }
            tree.remove(place[j as usize] as usize);
        }
        Ok(())
    }

    /// An interval begins when all that must come before it can be complete.
    fn complete_before(&self, m: usize, side: u32, trail: &mut Trail) -> Result<(), Conflict> {
        let (machine, Scratch { window, starts, ends, .. }) = (&self.machines[m], &self.scratch);
        let (n, width) = (starts.len(), machine.members.len());
        let forward = side == 0;
        for i in starts.iter().map(|&i| i as usize) {
            let (mut completion, mut begin, mut count) = (i32::MIN, 0, 0);
            for k in 0..n {
                let a = if forward { starts[k] } else { ends[n - 1 - k] } as usize;
                let half = if forward { machine.before[a * width + i] } else { machine.before[i * width + a] };
                if half == NONE || !trail.is_true(ordered(half)) {
                    continue;
                }
                let head = if forward { window[a].0 } else { -window[a].2 };
                if head >= completion {
                    (completion, begin, count) = (head, head, 0);
                }
                completion += window[a].1;
                count += 1;
            }
            if count > 1 {
                let interval = machine.members[i];
                let literal = self.begins(interval as usize, side, completion);
                trail.push(literal, Reason::Behind { interval, machine: m as u16, from: begin })?;
            }
        }
        Ok(())
    }
}

/// Where the set begins with which interval `i` does not fit before `until`: what ends by then, of those that begin at some time or later, so
/// that all of it and `i` complete then. `members` are in falling order of their heads, and `i` is one of them.
fn begin_of_set(
    members: impl Iterator<Item = usize>,
    i: usize,
    until: i32,
    (head, end): (&impl Fn(usize) -> i32, &impl Fn(usize) -> i32),
    window: &[(i32, i32, i32)],
) -> Option<i32> {
    let mut work = i64::from(window[i].1);
    for a in members {
        if a != i && end(a) <= until {
            work += i64::from(window[a].1);
        }
        let begin = if a == i || end(a) <= until { head(a) } else { continue };
        if begin <= head(i) && i64::from(begin) + work > i64::from(until) {
            return Some(begin);
        }
    }
    None
}

/// A set of intervals does not fit between its begin and `until`.
fn overload(
    m: usize,
    side: u32,
    by_end: impl Fn(usize) -> usize,
    last: usize,
    (head, until): (&impl Fn(usize) -> i32, i32),
    window: &[(i32, i32, i32)],
) -> Conflict {
    let mut inside: Vec<usize> = (0..=last).map(by_end).collect();
    inside.sort_by_key(|&k| std::cmp::Reverse(head(k)));
    let mut work = 0;
    for &k in &inside {
        work += i64::from(window[k].1);
        if i64::from(head(k)) + work > i64::from(until) {
            let (from, until) = if side == 0 { (head(k), until) } else { (-until, -head(k)) };
            return Conflict::Overloaded { machine: m as u32, from, until };
        }
    }
    unreachable!("some of them do not fit")
}

/// Sorts what is nearly sorted.
fn insertion_sort(order: &mut [u32], key: impl Fn(u32) -> i32) {
    for k in 1..order.len() {
        let moving = order[k];
        let rank = key(moving);
        let mut at = k;
        while at > 0 && key(order[at - 1]) > rank {
            order[at] = order[at - 1];
            at -= 1;
        }
        order[at] = moving;
    }
}
