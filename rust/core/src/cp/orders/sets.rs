//! Rules for sets of intervals on one machine: overload, edge finding (Carlier and Pinson 1989; Vilim 2004), and the completion of all
//! that must come before an interval.
//!
//! Each rule is written for one direction of time and applied in both. In the direction of `side` an interval has a head, the least
//! time before its begin, and an end, the latest one.

use super::{NONE, Occupation, Orders, ordered};
use crate::cp::trail::{Conflict, Literal, Reason, Trail};

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
            let count = self.machines[m].members.len() as u64;
            *work += count * (count + 16) / 64 + 1;
            let before = trail.len();
            self.look(m, trail);
            for side in [0, 1] {
                self.find_edges(m, side, trail)?;
                self.complete_before(m, side, trail)?;
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
        let Self { machines, window, occupations, .. } = self;
        let machine = &mut machines[m];
        window.clear();
        window.extend(machine.members.iter().map(|&i| {
            let Occupation { until, lag, length } = occupations[i as usize];
            (trail.earliest(i as usize), length, trail.latest(until as usize) + lag)
        }));
        insertion_sort(&mut machine.by_start, |k| window[k as usize].0);
        insertion_sort(&mut machine.by_end, |k| window[k as usize].2);
    }

    /// Edge finding. The sets that end by some time are looked at from the largest on; an interval that does not fit in with such a set comes behind
    /// all of it. O(n log n), and O(n) for each interval that is found.
    fn find_edges(&mut self, m: usize, side: u32, trail: &mut Trail) -> Result<(), Conflict> {
        let Self { machines, tree, window, .. } = self;
        let machine = &machines[m];
        let n = machine.members.len();
        let forward = side == 0;
        // In the direction of `side`.
        let by_start = |k: usize| if forward { machine.by_start[k] } else { machine.by_end[n - 1 - k] } as usize;
        let by_end = |k: usize| if forward { machine.by_end[k] } else { machine.by_start[n - 1 - k] } as usize;
        let head = |k: usize| if forward { window[k].0 } else { -window[k].2 };
        let end = |k: usize| if forward { window[k].2 } else { -window[k].0 };
        tree.fill((0..n).map(|k| (head(by_start(k)), window[by_start(k)].1)));
        let mut place = [0_u32; 128];
        let mut places = Vec::new();
        let place: &mut [u32] = if n <= 128 {
            &mut place[..n]
        } else {
            places.resize(n, 0);
            &mut places
        };
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
                // The set: what ends by `until`, of those that begin at some time or later, so that all of it and `i` complete then.
                let mut work = i64::from(window[i].1);
                let mut from = None;
                for k in (0..n).rev() {
                    let a = by_start(k);
                    if a != i && end(a) <= until {
                        work += i64::from(window[a].1);
                    }
                    let begin = if a == i || end(a) <= until { head(a) } else { continue };
                    if begin <= head(i) && i64::from(begin) + work > i64::from(until) {
                        from = Some(begin);
                        break;
                    }
                }
                let Some(from) = from else {
                    tree.remove(k);
                    continue;
                };
                for k in 0..=last {
                    let a = by_end(k);
                    let half = if forward { machine.before[a * n + i] } else { machine.before[i * n + a] };
                    if half != NONE {
                        trail.push(ordered(half), Reason::Edge { side: side as u8, from, until })?;
                    }
                }
                tree.remove(k);
            }
            tree.make_optional(place[j] as usize);
        }
        Ok(())
    }

    /// An interval begins when all that must come before it can be complete.
    fn complete_before(&self, m: usize, side: u32, trail: &mut Trail) -> Result<(), Conflict> {
        let (machine, window) = (&self.machines[m], &self.window);
        let n = machine.members.len();
        let forward = side == 0;
        for i in 0..n {
            let (mut completion, mut begin, mut count) = (i32::MIN, 0, 0);
            for k in 0..n {
                let a = if forward { machine.by_start[k] } else { machine.by_end[n - 1 - k] } as usize;
                let half = if forward { machine.before[a * n + i] } else { machine.before[i * n + a] };
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
                trail.push(literal, Reason::Behind { interval, from: begin })?;
            }
        }
        Ok(())
    }
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
