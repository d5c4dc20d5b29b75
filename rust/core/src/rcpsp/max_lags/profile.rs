//! What is in use of each resource over time, as a list of moments at which that changes; activities can be taken out again.

use super::model::Model;

/// Levels between moments.
#[derive(Debug, Clone)]
pub struct Profile {
    capacity: Vec<i64>,
    /// Moments in order, and what is in use of each resource from each of them on, row by row.
    time: Vec<i64>,
    used: Vec<i64>,
    /// The same while nothing is put in, but for what calendars take.
    clean: (Vec<i64>, Vec<i64>),
}

impl Profile {
    pub fn new(model: &Model) -> Self {
        let width = model.capacity.len();
        let (time, used) = (vec![i64::MIN], vec![0; width]);
        let mut profile = Self { capacity: model.capacity.clone(), time, used, clean: (Vec::new(), Vec::new()) };
        for stretch in &model.breaks {
            let mut taken = stretch.taken.clone();
            taken.resize(width, 0);
            profile.add(&taken, stretch.from, stretch.to, 1);
        }
        profile.clean = (profile.time.clone(), profile.used.clone());
        profile
    }

    pub fn clear(&mut self) {
        self.time.clone_from(&self.clean.0);
        self.used.clone_from(&self.clean.1);
    }

    fn row(&self, k: usize) -> &[i64] {
        &self.used[k * self.capacity.len()..(k + 1) * self.capacity.len()]
    }

    fn fits(&self, k: usize, demand: &[i64]) -> bool {
        self.row(k).iter().zip(&self.capacity).zip(demand).all(|((used, all), &units)| units == 0 || used + units <= *all)
    }

    /// The earliest start at `from` or later; what takes no time fits anywhere. `i64::MAX` if there is none.
    pub fn find(&self, demand: &[i64], duration: i64, from: i64) -> i64 {
        if duration == 0 {
            return from;
        }
        let mut start = from;
        for k in self.time.partition_point(|&time| time <= from) - 1..self.time.len() {
            let until = self.time.get(k + 1).copied();
            if !self.fits(k, demand) {
                match until {
                    Some(until) => start = until,
                    None => return i64::MAX,
                }
            } else if until.is_none_or(|until| until >= start + duration) {
                break;
            }
        }
        start
    }

    /// The latest start at `until` or before, and after `above`.
    pub fn find_last(&self, demand: &[i64], duration: i64, until: i64, above: i64) -> Option<i64> {
        let mut start = until;
        if duration > 0 {
            let mut k = self.time.partition_point(|&time| time < start + duration) - 1;
            while start > above {
                if !self.fits(k, demand) {
                    start = self.time[k].saturating_sub(duration);
                }
                if self.time[k] <= start {
                    break;
                }
                k -= 1;
            }
        }
        (start > above).then_some(start)
    }

    /// Puts an activity in, or takes it out if `sign` is -1.
    pub fn add(&mut self, demand: &[i64], start: i64, end: i64, sign: i64) {
        if start >= end || demand.iter().all(|&units| units == 0) {
            return;
        }
        let (from, to) = (self.split(start), self.split(end));
        for k in from..to {
            let row = &mut self.used[k * self.capacity.len()..][..self.capacity.len()];
            row.iter_mut().zip(demand).for_each(|(used, units)| *used += sign * units);
        }
    }

    /// The place of a moment in the list, which gets it if it is new.
    fn split(&mut self, moment: i64) -> usize {
        let place = self.time.partition_point(|&time| time < moment);
        if self.time.get(place) != Some(&moment) {
            self.time.insert(place, moment);
            let width = self.capacity.len();
            let at = place * width;
            self.used.splice(at..at, std::iter::repeat_n(0, width));
            self.used.copy_within(at - width..at, at);
        }
        place
    }
}
