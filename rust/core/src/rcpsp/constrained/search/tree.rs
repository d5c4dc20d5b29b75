//! Depth-first search over active schedules, activities in the order of their starts: it finds what lists miss, and it can prove that
//! there is nothing to find.
//!
//! Any feasible schedule can be shifted left until it is active, and an active one is rebuilt by placing its activities in the order
//! of their starts, each at its earliest slot. Next in that order can only be an activity that starts before any other could have
//! completed (Giffler and Thompson 1960).

use crate::control::Watch;
use crate::random::Random;
use crate::rcpsp::constrained::schemes::{fixed_part, origin, ready};
use crate::rcpsp::constrained::timetable::Timetable;
use crate::rcpsp::constrained::{Situation, Windows};
use crate::rcpsp::{Direction, Schedule};

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

/// Scratch space for searches in one situation.
pub struct Tree<'s, 'p> {
    situation: &'s Situation<'p>,
    table: Timetable<'s, 'p>,
    /// Activities with their slots' starts, in the order they were placed.
    placed: Vec<(u32, i64)>,
    is_placed: Vec<bool>,
    pub schedule: Schedule,
    /// Dead ends that each activity has caused; they make it urgent.
    weight: Vec<f64>,
    key: Vec<f64>,
    /// Questions to the timetable so far.
    pub placements: u64,
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

impl<'s, 'p> Tree<'s, 'p> {
    pub fn new(situation: &'s Situation<'p>) -> Self {
        let n = situation.num_activities();
        Self {
            situation,
            table: Timetable::new(situation, Direction::Forward, origin(situation)),
            placed: Vec::with_capacity(n),
            is_placed: vec![false; n],
            schedule: fixed_part(situation),
            weight: vec![0.0; n],
            key: vec![0.0; n],
            placements: 0,
        }
    }

    /// Looks for a schedule in which nobody completes after `windows.latest_finish`, urgent activities (low `urgency`) first, until
    /// `dead_ends` were met or `budget` placements made.
    pub fn search(
        &mut self,
        windows: &Windows,
        urgency: &[i64],
        random: &mut Random,
        (dead_ends, budget): (u64, u64),
        watch: &mut Watch<'_, i64>,
    ) -> Outcome {
        let n = self.situation.num_activities();
        let scale = self.situation.project.horizon() as f64 / n.max(1) as f64;
        for (i, key) in self.key.iter_mut().enumerate() {
            *key = urgency[i] as f64 - scale * (self.weight[i] + random.unit());
        }
        self.truncate(0);
        let begun = self.placements;
        let mut met = 0;
        let mut path: Vec<Node> = Vec::new();
        loop {
            let before = self.placements;
            match self.expand(windows) {
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
                        let Some(node) = path.last_mut() else { return Outcome::Exhausted };
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
            if watch.worked(10 * (self.placements - before)) {
                return Outcome::Stopped;
            }
        }
    }

    /// Everybody's earliest slot; who is late makes a dead end.
    fn expand(&mut self, windows: &Windows) -> Step {
        let last = self.last();
        let mut open: Vec<(f64, i64, u32)> = Vec::new();
        let mut soonest = i64::MAX;
        let mut complete = true;
        for k in 0..self.situation.num_activities() {
            let i = self.situation.project.graph().topological_order()[k] as usize;
            if self.is_placed[i] || self.situation.fixed[i].is_some() {
                continue;
            }
            complete = false;
            let (mut from, mut eligible) = (self.situation.release[i], true);
            for (p, lag) in self.situation.before(i) {
                from = from.max(self.schedule.completion_time[p] + lag);
                eligible &= self.is_placed[p] || self.situation.fixed[p].is_some();
            }
            if self.takes_time(i) {
                from = from.max(last);
            }
            self.placements += 1;
            let slot = self.table.find(i, from);
            let Some(slot) = slot.filter(|slot| slot.end <= windows.latest_finish[i]) else { return Step::DeadEnd(i) };
            (self.schedule.start_time[i], self.schedule.completion_time[i]) = (slot.start, slot.end);
            if !eligible {
                continue;
            }
            if self.takes_time(i) {
                soonest = soonest.min(slot.end);
                open.push((self.key[i], slot.start, i as u32));
            } else {
                self.is_placed[i] = true; // what takes no time comes as early as it can
                self.placed.push((i as u32, slot.start));
            }
        }
        if complete {
            return Step::Complete;
        }
        open.retain(|&(_, start, _)| start < soonest);
        open.sort_by(|a, b| a.0.total_cmp(&b.0).then(a.2.cmp(&b.2)));
        if open.is_empty() {
            return self.expand(windows); // only what takes no time was left, and it is placed
        }
        Step::Branch(open.into_iter().map(|(_, _, i)| i).collect())
    }

    fn takes_time(&self, activity: usize) -> bool {
        self.situation.project.duration()[activity] > 0
    }

    /// Places an activity at its earliest slot after those before it.
    fn place(&mut self, activity: usize) {
        let from = ready(self.situation, &self.schedule.completion_time, activity).max(self.last());
        self.replay(activity, from);
        self.is_placed[activity] = true;
        self.placed.push((activity as u32, self.schedule.start_time[activity]));
    }

    fn replay(&mut self, activity: usize, from: i64) {
        self.placements += 1;
        if let Some(slot) = self.table.find(activity, from) {
            self.table.take(activity, slot);
            (self.schedule.start_time[activity], self.schedule.completion_time[activity]) = (slot.start, slot.end);
        }
    }

    /// When the last activity that takes time was started.
    fn last(&self) -> i64 {
        self.placed.iter().rev().find(|&&(i, _)| self.takes_time(i as usize)).map_or(i64::MIN, |&(_, start)| start)
    }

    /// Goes back to the first `depth` placements, and sees to it that `expand` can be asked for the rest again.
    fn truncate(&mut self, depth: usize) {
        for &(i, _) in &self.placed[depth..] {
            self.is_placed[i as usize] = false;
        }
        self.placed.truncate(depth);
        self.table.clear();
        for k in 0..depth {
            let (i, start) = self.placed[k];
            self.replay(i as usize, start);
        }
    }
}
