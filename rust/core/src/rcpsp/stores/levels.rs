//! The levels of stores over time while activities are put in and taken out.

use super::Store;

/// Levels between moments, store by store.
#[derive(Debug, Clone)]
pub struct Levels<'m> {
    stores: &'m [Store],
    profiles: Vec<Profile>,
}

/// Moments in order, and the level from each of them on.
#[derive(Debug, Clone, Default)]
struct Profile {
    time: Vec<i64>,
    level: Vec<i64>,
}

impl<'m> Levels<'m> {
    pub fn new(stores: &'m [Store]) -> Self {
        let mut levels = Self { stores, profiles: vec![Profile::default(); stores.len()] };
        levels.clear();
        levels
    }

    pub fn clear(&mut self) {
        for (profile, store) in self.profiles.iter_mut().zip(self.stores) {
            (profile.time, profile.level) = (vec![i64::MIN], vec![store.initial]);
        }
    }

    /// Puts activity `i` in, or takes it out if `sign` is -1.
    pub fn add(&mut self, i: usize, start: i64, end: i64, sign: i64) {
        for (profile, store) in self.profiles.iter_mut().zip(self.stores) {
            profile.change(start, -sign * store.taken[i]);
            profile.change(end, sign * store.given[i]);
        }
    }

    /// Whether every level is one that its store may have.
    pub fn are_kept(&self) -> bool {
        self.profiles.iter().zip(self.stores).all(|(profile, store)| profile.level.iter().all(|&level| store.holds(level)))
    }

    /// The earliest start of activity `i` at `from` or later that keeps the levels from then on; `None` if what is put in lets
    /// none.
    pub fn find(&self, i: usize, duration: i64, from: i64) -> Option<i64> {
        let mut start = from;
        loop {
            let before = start;
            for (profile, store) in self.profiles.iter().zip(self.stores) {
                start = profile.later(store, i, duration, start)?;
            }
            if start == before {
                return Some(start);
            }
        }
    }

    /// The latest start of activity `i` at `until` or before, and after `above`, that keeps the levels.
    pub fn find_last(&self, i: usize, duration: i64, until: i64, above: i64) -> Option<i64> {
        let mut start = until;
        loop {
            let before = start;
            for (profile, store) in self.profiles.iter().zip(self.stores) {
                start = profile.earlier(store, i, duration, start)?;
                if start <= above {
                    return None;
                }
            }
            if start == before {
                return Some(start);
            }
        }
    }
}

impl Profile {
    fn change(&mut self, moment: i64, units: i64) {
        if units == 0 {
            return;
        }
        let place = self.time.partition_point(|&time| time < moment);
        if self.time.get(place) != Some(&moment) {
            self.time.insert(place, moment);
            self.level.insert(place, self.level[place - 1]);
        }
        self.level[place..].iter_mut().for_each(|level| *level += units);
    }

    /// The level from moment `k` on, and when it ends.
    fn piece(&self, k: usize) -> (i64, i64, i64) {
        (self.time[k], self.time.get(k + 1).copied().unwrap_or(i64::MAX), self.level[k])
    }

    /// The first start that no piece forbids that comes after it begins, `start` or later.
    fn later(&self, store: &Store, i: usize, duration: i64, mut start: i64) -> Option<i64> {
        let (taken, given) = (store.taken[i], store.given[i]);
        if taken == 0 && given == 0 {
            return Some(start);
        }
        loop {
            let before = start;
            for k in (0..self.time.len()).rev() {
                let (from, to, level) = self.piece(k);
                if to <= start {
                    break;
                }
                if !store.holds(level - taken + given) && to > start + duration {
                    start = if to == i64::MAX { return None } else { to - duration };
                }
                if duration > 0 && !store.holds(level - taken) && from < start + duration && to > start {
                    start = if to == i64::MAX { return None } else { to };
                }
            }
            if start == before {
                return Some(start);
            }
        }
    }

    /// The last start that no piece forbids, `start` or earlier.
    fn earlier(&self, store: &Store, i: usize, duration: i64, mut start: i64) -> Option<i64> {
        let (taken, given) = (store.taken[i], store.given[i]);
        if taken == 0 && given == 0 {
            return Some(start);
        }
        loop {
            let before = start;
            for k in 0..self.time.len() {
                let (from, to, level) = self.piece(k);
                if to > start + duration && !store.holds(level - taken + given) {
                    return None;
                }
                if duration > 0 && to > start && from < start + duration && !store.holds(level - taken) {
                    start = from.checked_sub(duration)?;
                }
                if from < start && !store.holds(level) {
                    start = if k == 0 { return None } else { from };
                }
            }
            if start == before {
                return Some(start);
            }
        }
    }
}
