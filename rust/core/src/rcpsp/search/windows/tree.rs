//! Depth-first search over active schedules, activities in the order of their starts: it finds what lists miss, and it can prove that
//! there is nothing to find.
//!
//! Any feasible schedule can be shifted left until it is active, and an active one is rebuilt by placing its activities in the order
//! of their starts, each at its earliest slot. Next in that order can only be an activity that starts before any other could have
//! completed (Giffler and Thompson 1960).

use super::deadline_overload::DeadlineOverload;
use crate::control::Watch;
use crate::random::Random;
use crate::rcpsp::Direction;
use crate::rcpsp::constrained::{Situation, Timetable, Windows, steps};
use crate::timeline::Timeline;

/// How a search ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// The tree holds a schedule within all windows.
    Found,
    /// There is none.
    Exhausted,
    /// Too many dead ends, or out of budget.
    Limit,
    /// Somebody wants to stop.
    Stopped,
}

/// What is known about every activity, in the tree's direction of time: fixed and placed ones have their times, the others their
/// earliest slots as last seen.
pub struct TimeBounds {
    pub start: Vec<i64>,
    pub end: Vec<i64>,
    /// No completion after.
    pub until: Vec<i64>,
    /// No start before.
    from: Vec<i64>,
}

/// Scratch space for searches in one situation and one direction of time.
pub struct Tree<'s> {
    situation: &'s Situation<'s>,
    direction: Direction,
    /// Every activity after those before it.
    order: Vec<u32>,
    time_bounds: TimeBounds,
    deadline_overload: DeadlineOverload,
    table: Timetable<'s, 's>,
    /// Activities with their slots' starts, in the order they were placed.
    placed: Vec<(u32, i64)>,
    is_open: Vec<bool>,
    /// Dead ends that each activity has caused; they make it urgent.
    weight: Vec<f64>,
    key: Vec<f64>,
    /// Questions to the timetable so far.
    pub placements: u64,
    /// Whether a dead end of this search is one only as far as the timetable could see.
    blind: bool,
}

/// A decision: what else could come at this point.
struct Node {
    candidates: Vec<u32>,
    next: usize,
    depth: usize,
}

enum Step {
    Branch(Vec<u32>),
    DeadEnd(usize),
    Complete,
}

impl<'s, 'p> Tree<'s> {
    /// Nothing happens before `origin`, in the tree's direction of time.
    pub fn new(situation: &'s Situation<'s>, direction: Direction, origin: i64) -> Self {
        let n = situation.num_activities();
        let mut order = situation.project.graph().topological_order().to_vec();
        if direction == Direction::Backward {
            order.reverse();
        }
        let span = |fixed: &Option<(i64, i64)>| match (fixed, direction) {
            (None, _) => (0, 0),
            (&Some(span), Direction::Forward) => span,
            (&Some((start, end)), Direction::Backward) => (-end, -start),
        };
        let (start, end) = situation.fixed.iter().map(span).unzip();
        Self {
            situation,
            direction,
            order,
            time_bounds: TimeBounds { start, end, until: vec![0; n], from: vec![0; n] },
            deadline_overload: DeadlineOverload::new(situation),
            table: Timetable::new(situation, direction, origin),
            placed: Vec::with_capacity(n),
            is_open: vec![true; n],
            weight: vec![0.0; n],
            key: vec![0.0; n],
            placements: 0,
            blind: false,
        }
    }

    /// Forgets who has caused dead ends.
    pub fn forget(&mut self) {
        self.weight.fill(0.0);
    }

    /// Start times of the schedule that was found.
    pub fn start_time(&self) -> Vec<i64> {
        match self.direction {
            Direction::Forward => self.time_bounds.start.clone(),
            Direction::Backward => self.time_bounds.end.iter().map(|end| -end).collect(),
        }
    }

    /// Looks for a schedule in which everybody keeps `windows`, urgent activities (those of early latest starts in `urgency`) first,
    /// until `dead_ends` were met or `budget` placements made.
    pub fn search(
        &mut self,
        windows: &Windows,
        urgency: &Windows,
        random: &mut Random,
        (dead_ends, budget): (u64, u64),
        watch: &mut Watch<'_, i64>,
    ) -> Outcome {
        let n = self.situation.num_activities();
        let scale = self.situation.project.horizon() as f64 / n.max(1) as f64;
        for i in 0..n {
            let (from, until, urgent) = match self.direction {
                Direction::Forward => (windows.earliest_start[i], windows.latest_finish[i], urgency.latest_start[i]),
                Direction::Backward => (-windows.latest_finish[i], -windows.earliest_start[i], -urgency.earliest_finish[i]),
            };
            (self.time_bounds.from[i], self.time_bounds.until[i]) = (from, until);
            self.key[i] = urgent as f64 - scale * (self.weight[i] + random.unit());
        }
        self.deadline_overload.sort(&self.time_bounds.until);
        self.blind = false;
        let (begun, mut seen) = (self.placements, self.table.seen());
        self.truncate(0);
        let mut met = 0;
        let mut path: Vec<Node> = Vec::new();
        loop {
            let before = self.placements;
            match self.expand() {
                Step::Complete => return Outcome::Found,
                Step::Branch(candidates) => {
                    let first = candidates[0] as usize;
                    path.push(Node { candidates, next: 1, depth: self.placed.len() });
                    self.place(first);
                }
                Step::DeadEnd(i) => {
                    self.weight[i] += 1.0;
                    met += 1;
                    loop {
                        let Some(node) = path.last_mut() else {
                            return if self.blind { Outcome::Limit } else { Outcome::Exhausted };
                        };
                        if let Some(&other) = node.candidates.get(node.next) {
                            node.next += 1;
                            let depth = node.depth;
                            self.truncate(depth);
                            self.place(other as usize);
                            break;
                        }
                        path.pop();
                    }
                    if met >= dead_ends {
                        self.weight.iter_mut().for_each(|weight| *weight *= 0.9);
                        return Outcome::Limit;
                    }
                }
            }
            if self.placements - begun > budget {
                return Outcome::Limit;
            }
            let looked = self.table.seen() - seen;
            seen += looked;
            if watch.worked(steps(self.placements - before, looked + self.deadline_overload.cost)) {
                return Outcome::Stopped;
            }
        }
    }

    /// Everybody's earliest slot; who is late makes a dead end.
    fn expand(&mut self) -> Step {
        let last = self.last();
        let mut open: Vec<(f64, i64, u32)> = Vec::new();
        let mut soonest = i64::MAX;
        let mut complete = true;
        for k in 0..self.order.len() {
            let i = self.order[k] as usize;
            if !self.is_open[i] || self.situation.fixed[i].is_some() {
                continue;
            }
            complete = false;
            let (mut from, mut eligible) = (self.time_bounds.from[i], true);
            for (p, lag) in self.situation.ahead(self.direction, i) {
                from = from.max(self.time_bounds.end[p] + lag);
                eligible &= !self.is_open[p] || self.situation.fixed[p].is_some();
            }
            if self.takes_time(i) {
                from = from.max(last);
            }
            self.placements += 1;
            let slot = match self.table.find(i, from) {
                Ok(slot) if slot.end <= self.time_bounds.until[i] => slot,
                Ok(_) => return Step::DeadEnd(i),
                Err(none) => {
                    self.blind |= none.horizon < self.time_bounds.until[i];
                    return Step::DeadEnd(i);
                }
            };
            (self.time_bounds.start[i], self.time_bounds.end[i]) = (slot.start, slot.end);
            if !eligible {
                continue;
            }
            if self.takes_time(i) {
                soonest = soonest.min(slot.end);
                open.push((self.key[i], slot.start, i as u32));
            } else {
                self.is_open[i] = false; // what takes no time comes as early as it can
                self.placed.push((i as u32, slot.start));
            }
        }
        if complete {
            return Step::Complete;
        }
        if let Some(i) = self.deadline_overload.late(self.situation, &self.table, &mut self.time_bounds, &self.is_open) {
            return Step::DeadEnd(i);
        }
        open.retain(|&(_, start, _)| start < soonest);
        open.sort_by(|a, b| a.0.total_cmp(&b.0).then(a.2.cmp(&b.2)));
        if open.is_empty() {
            return self.expand(); // only what takes no time was left, and it is placed
        }
        Step::Branch(open.into_iter().map(|(_, _, i)| i).collect())
    }

    fn takes_time(&self, activity: usize) -> bool {
        self.situation.project.duration()[activity] > 0
    }

    /// Places an activity at its earliest slot after those before it.
    fn place(&mut self, activity: usize) {
        let ahead = self.situation.ahead(self.direction, activity).map(|(p, lag)| self.time_bounds.end[p] + lag);
        let from = ahead.fold(self.time_bounds.from[activity], i64::max).max(self.last());
        self.replay(activity, from);
        self.is_open[activity] = false;
        self.placed.push((activity as u32, self.time_bounds.start[activity]));
    }

    fn replay(&mut self, activity: usize, from: i64) {
        self.placements += 1;
        if let Ok(slot) = self.table.find(activity, from) {
            self.table.take(activity, slot);
            (self.time_bounds.start[activity], self.time_bounds.end[activity]) = (slot.start, slot.end);
        }
    }

    /// When the last activity that takes time was started.
    fn last(&self) -> i64 {
        self.placed.iter().rev().find(|&&(i, _)| self.takes_time(i as usize)).map_or(i64::MIN, |&(_, start)| start)
    }

    /// Goes back to the first `depth` placements, and sees to it that `expand` can be asked for the rest again.
    fn truncate(&mut self, depth: usize) {
        for &(i, _) in &self.placed[depth..] {
            self.is_open[i as usize] = true;
        }
        self.placed.truncate(depth);
        self.table.clear();
        for k in 0..depth {
            let (i, start) = self.placed[k];
            self.replay(i as usize, start);
        }
    }
}
