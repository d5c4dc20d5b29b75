//! Groups of alternatives, of which exactly one runs: what is decided before the search, and choices that are made to keep to them.

use super::model::Model;
use crate::random::Random;

/// Stands for the row of a choice not to run.
pub const OFF: usize = usize::MAX;
/// Rounds over all groups after which choices that do not keep to them are given up.
const MOST_ROUNDS: usize = 12;

/// The groups of a project.
#[derive(Debug, Clone, Default)]
pub struct Alternatives {
    pub groups: Vec<Vec<u32>>,
    /// The groups of each activity.
    of: Vec<Vec<u32>>,
    /// The first activity of those that groups tie together, for each activity; itself where there are none.
    leader: Vec<u32>,
    /// A group of which the activities that must run, or that cannot, leave no choice.
    pub contradiction: Option<usize>,
}

impl Alternatives {
    /// The groups of `n` activities.
    pub fn new(groups: &[Vec<u32>], n: usize) -> Self {
        let mut of = vec![Vec::new(); n];
        let mut leader: Vec<u32> = (0..n as u32).collect();
        for (g, group) in groups.iter().enumerate() {
            for &i in group {
                of[i as usize].push(g as u32);
            }
        }
        // Activities that share groups have one leader.
        let mut is_seen = vec![false; groups.len()];
        for first in 0..n {
            let mut open = of[first].clone();
            while let Some(g) = open.pop() {
                if std::mem::replace(&mut is_seen[g as usize], true) {
                    continue;
                }
                for &i in &groups[g as usize] {
                    leader[i as usize] = first as u32;
                    open.extend(&of[i as usize]);
                }
            }
        }
        Self { groups: groups.to_vec(), of, leader, contradiction: None }
    }

    /// The activity whose side an activity takes where two parents are crossed, so that groups stay whole.
    pub fn leader(&self, i: usize) -> usize {
        self.leader[i] as usize
    }

    /// The groups of an activity.
    pub fn of(&self, i: usize) -> impl Iterator<Item = &[u32]> {
        self.of[i].iter().map(|&g| &self.groups[g as usize][..])
    }

    /// Whether an activity stands in a group.
    pub fn is_member(&self, i: usize) -> bool {
        !self.of[i].is_empty()
    }

    /// Takes out of `kept`, the rows of each activity, what no group allows: of a group in which one activity must run, all others do not; an
    /// activity runs if no other of its group can. True if anything changed.
    pub fn narrow(&mut self, kept: &mut [Vec<usize>]) -> bool {
        let mut has_changed = false;
        let mut changed = true;
        while std::mem::take(&mut changed) && self.contradiction.is_none() {
            for (g, group) in self.groups.iter().enumerate() {
                let musts: Vec<usize> = group.iter().map(|&i| i as usize).filter(|&i| !kept[i].contains(&OFF)).collect();
                let able: Vec<usize> =
                    group.iter().map(|&i| i as usize).filter(|&i| kept[i].iter().any(|&row| row != OFF)).collect();
                match (musts.len(), able.len()) {
                    (2.., _) | (_, 0) => self.contradiction = Some(g),
                    (1, 2..) => {
                        able.iter().filter(|&&i| i != musts[0]).for_each(|&i| kept[i].retain(|&row| row == OFF));
                        changed = true;
                    }
                    (0, 1) => {
                        kept[able[0]].retain(|&row| row != OFF);
                        changed = true;
                    }
                    _ => {}
                }
            }
            has_changed |= changed;
        }
        has_changed
    }
}

impl Model<'_> {
    /// In how many groups not exactly one activity runs.
    pub fn num_violated(&self, choice: &[u32]) -> i64 {
        let running = |group: &&Vec<u32>| group.iter().filter(|&&i| self.runs(choice[i as usize])).count();
        self.alternatives.groups.iter().filter(|group| running(group) != 1).count() as i64
    }

    /// Changes choices until exactly one activity of every group runs; false if it came to no such choice. Groups without one take one at
    /// random, or without `random` the one that takes least time (ties: lower index).
    pub fn settle(&self, choice: &mut [u32], mut random: Option<&mut Random>) -> bool {
        let groups = &self.alternatives.groups;
        for round in 0..MOST_ROUNDS {
            let mut is_settled = true;
            for group in groups {
                let running: Vec<u32> = group.iter().copied().filter(|&i| self.runs(choice[i as usize])).collect();
                if running.len() == 1 {
                    continue;
                }
                is_settled = false;
                let able: Vec<u32> = if running.is_empty() || round > 0 {
                    group.iter().copied().filter(|&i| self.can_run(i as usize)).collect()
                } else {
                    running
                };
                // One that the other groups let run, if there is one.
                let mut left = able;
                while let Some(place) = self.picked(&left, &mut random) {
                    let i = left.swap_remove(place) as usize;
                    if self.turn(choice, i, true, &mut random) {
                        break;
                    }
                }
            }
            if is_settled {
                return true;
            }
        }
        false
    }

    /// Follows a change of activity `i`, which has begun or ceased to run: the other activities of its groups change as well, and those of
    /// their groups. Where that is impossible nothing else changes.
    pub fn follow(&self, choice: &mut [u32], i: usize, random: &mut Random) {
        if self.alternatives.is_member(i) {
            let runs = self.runs(choice[i]);
            self.turn(choice, i, runs, &mut Some(random));
        }
    }

    fn can_run(&self, i: usize) -> bool {
        !self.running(i).is_empty()
    }

    fn can_rest(&self, i: usize) -> bool {
        self.running(i).len() < self.choices(i).len()
    }

    /// The place of one of these activities.
    fn picked(&self, able: &[u32], random: &mut Option<&mut Random>) -> Option<usize> {
        if able.is_empty() {
            return None;
        }
        let length = |&i: &u32| self.running(i as usize).map(|c| self.duration[c]).min().unwrap_or(0);
        match random {
            Some(random) => Some(random.below(able.len() as u64) as usize),
            None => (0..able.len()).min_by_key(|&k| (length(&able[k]), able[k])),
        }
    }

    /// Lets an activity run or not, and changes others as far as its groups need it, each activity once; false, with everything as it was, if
    /// that leads to a contradiction.
    fn turn(&self, choice: &mut [u32], i: usize, on: bool, random: &mut Option<&mut Random>) -> bool {
        let Self { alternatives, .. } = self;
        // What was changed, with its old choice.
        let mut changed = vec![(i, choice[i])];
        if !self.put(choice, i, on, random) {
            return false;
        }
        let mut next = 0;
        let mut is_possible = true;
        'all: while next < changed.len() {
            let (i, _) = changed[next];
            next += 1;
            let on = self.runs(choice[i]);
            for &g in &alternatives.of[i] {
                let group = &alternatives.groups[g as usize];
                let is_changed = |changed: &[(usize, u32)], j: usize| changed.iter().any(|&(other, _)| other == j);
                if on {
                    for j in group.iter().map(|&j| j as usize).filter(|&j| j != i && self.runs(choice[j])).collect::<Vec<_>>() {
                        let old = choice[j];
                        if is_changed(&changed, j) || !self.put(choice, j, false, random) {
                            is_possible = false;
                            break 'all;
                        }
                        changed.push((j, old));
                    }
                    continue;
                }
                if group.iter().any(|&j| self.runs(choice[j as usize])) {
                    continue;
                }
                // One that no group keeps from running.
                let is_blocked = |j: usize| {
                    let mut others = alternatives.of[j].iter().flat_map(|&g| &alternatives.groups[g as usize]);
                    others.any(|&k| self.runs(choice[k as usize]) && is_changed(&changed, k as usize))
                };
                let able = group.iter().copied().filter(|&j| {
                    let j = j as usize;
                    j != i && self.can_run(j) && !is_changed(&changed, j) && !is_blocked(j)
                });
                let able: Vec<u32> = able.collect();
                let Some(place) = self.picked(&able, random) else {
                    is_possible = false;
                    break 'all;
                };
                let j = able[place] as usize;
                changed.push((j, choice[j]));
                self.put(choice, j, true, random);
            }
        }
        if !is_possible {
            changed.iter().rev().for_each(|&(i, old)| choice[i] = old);
        }
        is_possible
    }

    /// Gives an activity a choice in which it runs, or does not; false if it has none.
    fn put(&self, choice: &mut [u32], i: usize, on: bool, random: &mut Option<&mut Random>) -> bool {
        if self.runs(choice[i]) == on {
            return true;
        }
        if !(if on { self.can_run(i) } else { self.can_rest(i) }) {
            return false;
        }
        let own = self.running(i);
        choice[i] = match random {
            _ if !on => self.first[i],
            Some(random) if own.len() > 1 => (own.start as u64 + random.below(own.len() as u64)) as u32,
            _ => own.start as u32,
        };
        true
    }
}
