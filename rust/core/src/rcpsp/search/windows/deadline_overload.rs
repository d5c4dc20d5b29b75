//! What can be said about all that is left at once: too much work before common deadlines, pairs that fit in neither order.
//!
//! All times are counted in the direction of the search.

use super::tree::TimeBounds;
use crate::rcpsp::constrained::{Situation, Timetable};

/// The sets of activities that compete: users of each resource, and pairs that may never overlap.
pub struct DeadlineOverload {
    /// For each resource its users, soonest deadline first.
    users: Vec<Vec<u32>>,
    /// Activities that share a group, or more of a resource than there is.
    pairs: Vec<(u32, u32)>,
    /// What a look at all of them costs at most, in segments of a timetable.
    pub cost: u64,
}

impl DeadlineOverload {
    pub fn new(situation: &Situation) -> Self {
        let project = situation.project;
        let n = situation.num_activities();
        let counts = |i: usize| situation.fixed[i].is_none() && project.duration()[i] > 0;
        let users: Vec<Vec<u32>> = (0..project.num_resources())
            .map(|r| (0..n).filter(|&i| counts(i) && project.demand_of(i)[r] > 0).map(|i| i as u32).collect())
            .collect();
        // A row of flags for each activity, because groups may say the same thing again and again.
        let mut excludes = vec![false; n * n];
        for group in &project.data().disjunctive {
            let members: Vec<u32> = group.iter().copied().filter(|&i| counts(i as usize)).collect();
            for (k, &i) in members.iter().enumerate() {
                members[k + 1..].iter().for_each(|&j| excludes[i.min(j) as usize * n + i.max(j) as usize] = true);
            }
        }
        let pausable = &project.data().pausable;
        for (r, users) in users.iter().enumerate() {
            // One that pauses may let the other in.
            let rigid: Vec<usize> = users.iter().map(|&i| i as usize).filter(|&i| !pausable[i]).collect();
            let heavy = |i: usize| project.demand_of(i)[r];
            for (k, &i) in rigid.iter().enumerate() {
                let clash = |&&j: &&usize| heavy(i) + heavy(j) > project.capacity()[r];
                rigid[k + 1..].iter().filter(clash).for_each(|&j| excludes[i * n + j] = true);
            }
        }
        let pairs: Vec<(u32, u32)> = (0..n * n).filter(|&k| excludes[k]).map(|k| ((k / n) as u32, (k % n) as u32)).collect();
        let cost = pairs.len() + users.iter().map(|users| users.len() * users.len()).sum::<usize>();
        Self { users, pairs, cost: cost as u64 }
    }

    /// Prepares for these deadlines.
    pub fn sort(&mut self, until: &[i64]) {
        self.users.iter_mut().for_each(|users| users.sort_by_key(|&i| until[i as usize]));
    }

    /// An activity that cannot complete in time because of all the others that are left; `open` tells who is left. Pairs that fit in
    /// one order only move earliest times on the way.
    pub fn late(&self, situation: &Situation, table: &Timetable, time_bounds: &mut TimeBounds, open: &[bool]) -> Option<usize> {
        self.out_of_order(situation, time_bounds, open).or_else(|| self.overloaded(situation, table, time_bounds, open))
    }

    fn out_of_order(&self, situation: &Situation, time_bounds: &mut TimeBounds, open: &[bool]) -> Option<usize> {
        let duration = situation.project.duration();
        loop {
            let mut moved = false;
            for &(i, j) in &self.pairs {
                let (i, j) = (i as usize, j as usize);
                if !open[i] || !open[j] {
                    continue;
                }
                let fits = |first: usize, second: usize| {
                    time_bounds.end[first].saturating_add(duration[second]) <= time_bounds.until[second]
                };
                let (first, second) = match (fits(i, j), fits(j, i)) {
                    (true, true) => continue,
                    (true, false) => (i, j),
                    (false, true) => (j, i),
                    (false, false) => return Some(if time_bounds.until[i] < time_bounds.until[j] { i } else { j }),
                };
                if time_bounds.start[second] < time_bounds.end[first] {
                    time_bounds.start[second] = time_bounds.end[first];
                    time_bounds.end[second] = time_bounds.end[second].max(time_bounds.end[first] + duration[second]);
                    moved = true;
                }
            }
            if !moved {
                return None;
            }
        }
    }

    /// From the first possible start on, for every deadline `b`: what must be done before `b` even if everybody is as late as
    /// possible, against what is free until then.
    fn overloaded(&self, situation: &Situation, table: &Timetable, time_bounds: &TimeBounds, open: &[bool]) -> Option<usize> {
        let project = situation.project;
        let mut left: Vec<(i64, i64, i64, usize)> = Vec::new();
        for (r, users) in self.users.iter().enumerate() {
            let bounded = |&&i: &&u32| open[i as usize] && time_bounds.until[i as usize] != i64::MAX;
            left.clear();
            left.extend(users.iter().filter(bounded).map(|&i| {
                let i = i as usize;
                (time_bounds.until[i], project.duration()[i], project.demand_of(i)[r], i)
            }));
            let Some(from) = left.iter().map(|&(_, _, _, i)| time_bounds.start[i]).min() else { continue };
            let mut supply = table.supply(r, from);
            for &(by, _, _, culprit) in &left {
                let before = |&(until, duration, demand, _): &(i64, i64, i64, usize)| {
                    i128::from((by - (until - duration)).clamp(0, duration)) * i128::from(demand)
                };
                if left.iter().map(before).sum::<i128>() > supply.until(by) {
                    return Some(culprit);
                }
            }
        }
        None
    }
}
