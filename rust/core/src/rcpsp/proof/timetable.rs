//! Resources over time: what must run at each moment, and where nothing else fits (time tabling with explanations, after Schutt,
//! Feydy, Stuckey and Wallace 2011).
//!
//! An activity must run from its latest start to its earliest completion. These compulsory parts only grow on the way down the
//! tree, so the profile is kept up to date entry by entry of the trail, and taken back the same way.

use std::cmp::Reverse;

use super::network::Tasks;
use super::trail::{Conflict, Entry, Literal, ROOT, Reason, Trail};
use crate::lanes::Lanes;

#[derive(Debug)]
pub struct Timetable {
    lanes: Lanes,
    /// Lanes of each activity, and of what remains free in each slot.
    demand: Vec<u64>,
    free: Vec<u64>,
    /// Activities that use anything.
    users: Vec<u32>,
    /// Bounds as far as the profile knows them.
    earliest: Vec<i32>,
    latest: Vec<i32>,
    /// Entries of the trail that the profile knows.
    head: usize,
}

impl Timetable {
    /// For starts between 0 and `slots`.
    pub fn new(tasks: &Tasks, lanes: Lanes, slots: i32) -> Self {
        let n = tasks.len();
        let mut demand = Vec::new();
        for i in 0..n {
            lanes.pack(tasks.demand_of(i), i64::from(tasks.duration[i]), &mut demand);
        }
        let words = lanes.words();
        Self {
            free: lanes.full.iter().copied().cycle().take(slots as usize * words).collect(),
            users: (0..n as u32).filter(|&i| demand[i as usize * words..][..words].iter().any(|&d| d > 0)).collect(),
            lanes,
            demand,
            earliest: vec![0; n],
            latest: vec![slots; n],
            head: 0,
        }
    }

    /// Takes in the trail's new entries; whether the profile changed.
    pub fn take_in(&mut self, tasks: &Tasks, trail: &Trail) -> Result<bool, Conflict> {
        let mut changed = false;
        while self.head < trail.len() {
            let entry = trail.entry(self.head);
            let (from, to) = self.gained(tasks, &entry, entry.bound);
            let task = entry.literal().task();
            for t in from..to {
                if !self.fits(task, t) {
                    self.add(task, from, t, false);
                    return Err(Conflict::Overload(t));
                }
                self.add(task, t, t + 1, true);
            }
            changed |= from < to;
            self.know(&entry, entry.bound);
            self.head += 1;
        }
        Ok(changed)
    }

    /// Takes back the trail's entry number `index`, the latest.
    pub fn take_back(&mut self, tasks: &Tasks, index: usize, entry: &Entry) {
        if index < self.head {
            self.head = index;
            self.know(entry, entry.old);
            let (from, to) = self.gained(tasks, entry, entry.bound);
            self.add(entry.literal().task(), from, to, false);
        }
    }

    /// The trail was emptied at the root, after all of it was taken in.
    pub fn commit(&mut self) {
        self.head = 0;
    }

    fn know(&mut self, entry: &Entry, bound: i32) {
        let task = entry.literal().task();
        if entry.literal().is_lower() {
            self.earliest[task] = bound;
        } else {
            self.latest[task] = -bound;
        }
    }

    /// What the compulsory part gains when the entry's bound becomes `bound`.
    fn gained(&self, tasks: &Tasks, entry: &Entry, bound: i32) -> (i32, i32) {
        let task = entry.literal().task();
        let duration = tasks.duration[task];
        if duration == 0 {
            return (0, 0);
        }
        let (earliest, latest) = (self.earliest[task], self.latest[task]);
        if entry.literal().is_lower() {
            (latest.max(earliest + duration), bound + duration)
        } else {
            (-bound, latest.min(earliest + duration))
        }
    }

    fn add(&mut self, task: usize, from: i32, to: i32, busy: bool) {
        let words = self.lanes.words();
        let demand = &self.demand[task * words..][..words];
        if from >= to {
            return;
        }
        for level in self.free[from as usize * words..to as usize * words].chunks_exact_mut(words) {
            for (level, &demand) in level.iter_mut().zip(demand) {
                *level = if busy { *level - demand } else { *level + demand };
            }
        }
    }

    #[inline]
    fn fits(&self, task: usize, t: i32) -> bool {
        let words = self.lanes.words();
        self.lanes.fits(&self.free[t as usize * words..][..words], &self.demand[task * words..][..words])
    }

    /// Moves every start past the moments at which the activity does not fit, from both sides.
    pub fn propagate(&mut self, tasks: &Tasks, trail: &mut Trail) -> Result<(), Conflict> {
        for k in 0..self.users.len() {
            let task = self.users[k] as usize;
            let (mut earliest, mut latest) = (trail.earliest(task), trail.latest(task));
            if earliest == latest {
                continue;
            }
            let duration = tasks.duration[task];
            while let Some(moment) = (earliest..latest.min(earliest + duration)).rev().find(|&t| !self.fits(task, t)) {
                earliest = moment + 1;
                trail.push(Literal::at_least(task, earliest), Reason::Timetable { moment })?;
            }
            while let Some(moment) = (latest.max(earliest + duration)..latest + duration).find(|&t| !self.fits(task, t)) {
                latest = moment - duration;
                trail.push(Literal::at_most(task, latest), Reason::Timetable { moment })?;
            }
        }
        Ok(())
    }

    /// Literals that make some resource at `moment` too full for `besides` (an activity, or nobody at all), as things stood when
    /// the trail was `position` long: few of them, and such as hold for ever first.
    pub fn explain(
        &self,
        tasks: &Tasks,
        trail: &Trail,
        moment: i32,
        besides: Option<usize>,
        position: u32,
        literals: &mut Vec<Literal>,
    ) {
        let running = |task: usize| [Literal::at_most(task, moment), Literal::at_least(task, moment - tasks.duration[task] + 1)];
        let compulsory: Vec<usize> = self
            .users
            .iter()
            .map(|&i| i as usize)
            .filter(|&i| Some(i) != besides && running(i).iter().all(|&l| trail.was_true(l, position)))
            .collect();
        let over = |r: usize| {
            let used: i64 = compulsory.iter().map(|&i| tasks.demand_of(i)[r]).sum();
            used + besides.map_or(0, |i| tasks.demand_of(i)[r]) - tasks.capacity[r]
        };
        let resource =
            (0..tasks.capacity.len()).filter(|&r| over(r) > 0).max_by_key(|&r| over(r)).expect("the moment is too full");
        let mut spare = over(resource) - 1;
        // Those that hold for ever stay; of the others as many as possible go.
        let mut members: Vec<(usize, i64, usize)> = Vec::new();
        for &i in &compulsory {
            let cost = running(i).iter().filter(|&&literal| trail.position(literal) != ROOT).count();
            members.push((cost, tasks.demand_of(i)[resource], i));
        }
        members.sort_unstable_by_key(|&(cost, demand, task)| (Reverse(cost), demand, task));
        for (_, demand, task) in members {
            if demand <= spare {
                spare -= demand;
            } else {
                literals.extend(running(task));
            }
        }
    }
}
