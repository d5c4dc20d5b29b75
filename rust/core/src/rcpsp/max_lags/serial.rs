//! Serial schedule generation with unscheduling (Franck, Neumann and Schwindt 2001).

use std::collections::VecDeque;

use super::model::Model;
use super::profile::Profile;
use crate::rcpsp::stores::Levels;

/// Decodes lists of one model.
#[derive(Debug, Clone)]
pub struct Decoder<'m> {
    model: &'m Model,
    profile: Profile,
    levels: Levels<'m>,
    /// No start is earlier, given what was taken out before.
    base: Vec<i64>,
    /// Windows of starts, given what is placed; both are the start of what is placed.
    pub earliest: Vec<i64>,
    latest: Vec<i64>,
    placed: Vec<bool>,
    queue: VecDeque<u32>,
    queued: Vec<bool>,
    distance: Vec<i64>,
}

/// Times that activities are taken out in one pass, per activity and beyond.
const MOST_PER_ACTIVITY: usize = 2;
const MOST: usize = 20;

impl<'m> Decoder<'m> {
    pub fn new(model: &'m Model) -> Self {
        let n = model.len();
        Self {
            model,
            profile: Profile::new(model),
            levels: Levels::new(&model.stores),
            base: vec![0; n],
            earliest: vec![0; n],
            latest: vec![0; n],
            placed: vec![false; n],
            queue: VecDeque::new(),
            queued: vec![false; n],
            distance: vec![0; n],
        }
    }

    /// Places the activities of a list one after the other, each as early as windows and resources allow. Where a maximal lag
    /// to placed activities does not let one start in time, those that bind it must start later: they, and what starts after
    /// the first of them, are taken out and placed again. Gives the makespan, or how many activities were left when the pass
    /// was given up.
    ///
    /// With `urgent_first`, activities that a maximal lag to placed ones binds come before all others, the one with the least
    /// latest start first. In a project with stores, an activity that has no place yet lets another one of the list go first,
    /// as [`other`](Self::other) says. Levels hold from each start on for all that is placed by then.
    ///
    /// The starts are in `earliest`. `stop` counts placements and tells whether to give up.
    pub fn decode(&mut self, list: &[u32], urgent_first: bool, stop: &mut dyn FnMut(u64) -> bool) -> Result<i64, usize> {
        let model = self.model;
        self.profile.clear();
        self.levels.clear();
        self.base.copy_from_slice(&model.earliest);
        self.earliest.copy_from_slice(&model.earliest);
        self.latest.copy_from_slice(&model.latest_by_deadline);
        self.placed.fill(false);
        for (i, span) in model.fixed.iter().enumerate() {
            if let Some((start, end)) = *span {
                self.profile.add(model.demand_of(i), start, end, 1);
                self.levels.add(i, start, end, 1);
                self.placed[i] = true;
            }
        }
        let mut left = self.placed.iter().filter(|&&placed| !placed).count();
        let mut most = MOST_PER_ACTIVITY * model.len() + MOST;
        let mut place = 0;
        while place < list.len() {
            let first = list[place] as usize;
            if self.placed[first] {
                place += 1;
                continue;
            }
            let urgent = if urgent_first { self.urgent(&list[place..]) } else { None };
            let i = urgent.unwrap_or(first);
            if stop(1) {
                return Err(left);
            }
            let start = self.find(i);
            let placed = if start <= self.latest[i] { Some((i, start)) } else { self.other(&list[place..], i, stop) };
            if let Some((i, start)) = placed {
                self.put(i, start);
                left -= 1;
                continue;
            }
            if most == 0 || start == i64::MAX || !self.unschedule(i, start - self.latest[i]) {
                return Err(left);
            }
            most -= 1;
            left = self.placed.iter().filter(|&&placed| !placed).count();
            place = 0;
        }
        let end = model.end(&self.earliest);
        // Beyond what is known of the calendars nothing counts.
        if self.levels.are_kept() && end <= model.known { Ok(end) } else { Err(1) }
    }

    /// One pass in the order of the list; if it fails, another one with urgent activities first.
    pub fn decode_or_urgent(&mut self, list: &[u32], stop: &mut dyn FnMut(u64) -> bool) -> Result<i64, usize> {
        self.decode(list, false, stop).or_else(|_| self.decode(list, true, stop))
    }

    /// The activity whose latest start is the least of those that placed ones bind and that wait for no other one (ties: first
    /// in the list).
    fn urgent(&self, list: &[u32]) -> Option<usize> {
        let open =
            list.iter().map(|&i| i as usize).filter(|&i| !self.placed[i] && self.latest[i] < self.model.latest_by_deadline[i]);
        let open = open.filter(|&i| self.model.waits_for[i].iter().all(|&j| self.placed[j as usize]));
        open.min_by_key(|&i| self.latest[i])
    }

    /// The earliest start within what resources and stores leave; `i64::MAX` if there is none.
    fn find(&self, i: usize) -> i64 {
        let (demand, duration) = (self.model.demand_of(i), self.model.duration[i]);
        let mut start = self.earliest[i];
        loop {
            let by_resources = self.profile.find(demand, duration, start);
            if by_resources == i64::MAX || self.model.stores.is_empty() {
                return by_resources;
            }
            match self.levels.find(i, duration, by_resources) {
                None => return i64::MAX,
                Some(by_levels) if by_levels == by_resources => return by_levels,
                Some(by_levels) => start = by_levels,
            }
        }
    }

    /// Where `stuck` has no place in a project with stores: the first of the list that waits for no other one and has a place,
    /// as it may give what is missing.
    fn other(&self, list: &[u32], stuck: usize, stop: &mut dyn FnMut(u64) -> bool) -> Option<(usize, i64)> {
        if self.model.stores.is_empty() {
            return None;
        }
        let open = list.iter().map(|&i| i as usize).filter(|&i| i != stuck && !self.placed[i]);
        let mut open = open.filter(|&i| self.model.waits_for[i].iter().all(|&j| self.placed[j as usize]));
        open.find_map(|i| {
            let start = if stop(1) { i64::MAX } else { self.find(i) };
            (start <= self.latest[i]).then_some((i, start))
        })
    }

    fn put(&mut self, i: usize, start: i64) {
        self.profile.add(self.model.demand_of(i), start, start + self.model.duration[i], 1);
        self.levels.add(i, start, start + self.model.duration[i], 1);
        self.placed[i] = true;
        (self.earliest[i], self.latest[i]) = (start, start);
        self.enter(i);
        self.follow();
    }

    fn take(&mut self, i: usize) {
        let start = self.earliest[i];
        self.profile.add(self.model.demand_of(i), start, start + self.model.duration[i], -1);
        self.levels.add(i, start, start + self.model.duration[i], -1);
        self.placed[i] = false;
    }

    fn enter(&mut self, i: usize) {
        if !std::mem::replace(&mut self.queued[i], true) {
            self.queue.push_back(i as u32);
        }
    }

    /// Draws the conclusions of the windows that have changed.
    fn follow(&mut self) {
        let model = self.model;
        while let Some(i) = self.queue.pop_front() {
            let i = i as usize;
            self.queued[i] = false;
            for &(j, lag) in &model.after[i] {
                let j = j as usize;
                if !self.placed[j] && self.earliest[i] + lag > self.earliest[j] {
                    self.earliest[j] = self.earliest[i] + lag;
                    self.enter(j);
                }
            }
            for &(j, lag) in &model.before[i] {
                let j = j as usize;
                if !self.placed[j] && self.latest[i] - lag < self.latest[j] {
                    self.latest[j] = self.latest[i] - lag;
                    self.enter(j);
                }
            }
        }
    }

    /// Takes out the placed activities that bind the latest start of `i`, which must start `later`, and all that start after
    /// the first of them; false if what is fixed binds it, or windows become empty.
    fn unschedule(&mut self, i: usize, later: i64) -> bool {
        const NEVER: i64 = i64::MIN / 2;
        let model = self.model;
        // Longest paths from i.
        self.distance.fill(NEVER);
        self.distance[i] = 0;
        self.enter(i);
        while let Some(k) = self.queue.pop_front() {
            let k = k as usize;
            self.queued[k] = false;
            for &(j, lag) in &model.after[k] {
                let j = j as usize;
                if self.distance[k] + lag > self.distance[j] {
                    self.distance[j] = self.distance[k] + lag;
                    self.enter(j);
                }
            }
        }
        let latest = self.latest[i];
        let binds = |k: &usize| self.placed[*k] && self.distance[*k] > NEVER && self.earliest[*k] - self.distance[*k] == latest;
        let binding: Vec<usize> = (0..model.len()).filter(binds).collect();
        if binding.is_empty() || binding.iter().any(|&k| model.fixed[k].is_some()) {
            return false;
        }
        let first = binding.iter().map(|&k| self.earliest[k]).min().unwrap_or(0);
        for &k in &binding {
            self.base[k] = self.base[k].max(self.earliest[k] + later);
            if self.base[k] > model.latest_by_deadline[k] {
                return false;
            }
            self.take(k);
        }
        for k in 0..model.len() {
            if self.placed[k] && model.fixed[k].is_none() && self.earliest[k] > first {
                self.take(k);
            }
        }
        self.rebuild()
    }

    /// Windows from the beginning; takes out what they do not let stay. False if one becomes empty.
    fn rebuild(&mut self) -> bool {
        let model = self.model;
        let n = model.len();
        loop {
            for k in 0..n {
                if !self.placed[k] {
                    (self.earliest[k], self.latest[k]) = (self.base[k], model.latest_by_deadline[k]);
                }
                self.enter(k);
            }
            self.follow();
            let early = |k: &usize| {
                self.placed[*k] && model.before[*k].iter().any(|&(j, lag)| self.earliest[j as usize] + lag > self.earliest[*k])
            };
            let moved: Vec<usize> = (0..n).filter(early).collect();
            if moved.iter().any(|&k| model.fixed[k].is_some()) {
                return false;
            }
            if moved.is_empty() {
                return (0..n).all(|k| self.earliest[k] <= self.latest[k]);
            }
            for k in moved {
                self.take(k);
            }
        }
    }
}
