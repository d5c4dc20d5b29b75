//! The free amount of each resource over time, given the running keys and all reservations.

use super::demand_groups::fits;
use super::moment::Moment;

/// A step function of time: segment k lasts from `time[k]` to `time[k + 1]`, the last one has no end.
#[derive(Debug, Clone)]
pub(super) struct Profile {
    width: usize,
    time: Vec<Moment>,
    /// By segment and resource. Below zero where the capacity has shrunk below what is in use.
    free: Vec<i64>,
}

impl Profile {
    /// The same amounts from `now` on.
    pub fn new(now: f64, free: &[i64]) -> Self {
        Self { width: free.len(), time: vec![Moment::at(now)], free: free.to_vec() }
    }

    fn free(&self, segment: usize) -> &[i64] {
        &self.free[segment * self.width..][..self.width]
    }

    /// The segment that holds a moment that is not before the first one.
    fn segment(&self, time: Moment) -> usize {
        self.time.partition_point(|&start| start <= time).saturating_sub(1)
    }

    /// The segment that begins at a moment, which is made if there is none.
    fn split(&mut self, time: Moment) -> usize {
        let segment = self.segment(time);
        if self.time[segment] >= time {
            return segment;
        }
        let at = (segment + 1) * self.width;
        self.free.extend_from_within(at - self.width..at);
        self.free[at..].rotate_right(self.width);
        self.time.insert(segment + 1, time);
        segment + 1
    }

    /// Joins a segment with the one before, if their amounts are equal.
    fn join(&mut self, segment: usize) {
        if segment > 0 && segment < self.time.len() && self.free(segment) == self.free(segment - 1) {
            self.time.remove(segment);
            let at = segment * self.width;
            self.free.drain(at..at + self.width);
        }
    }

    /// Adds `sign` times the demand from `start` to `end`.
    fn change(&mut self, start: Moment, end: Moment, demand: &[i64], sign: i64) {
        let start = if start < self.time[0] { self.time[0] } else { start };
        if end <= start || start.time == f64::INFINITY {
            return;
        }
        let first = self.split(start);
        let last = if end.time == f64::INFINITY { self.time.len() } else { self.split(end) };
        if self.width > 0 {
            for free in self.free[first * self.width..last * self.width].chunks_exact_mut(self.width) {
                free.iter_mut().zip(demand).for_each(|(free, demand)| *free += sign * demand);
            }
        }
        self.join(last);
        self.join(first);
    }

    /// Takes a demand away from `start` to `end`, either of which may be infinite.
    pub fn take(&mut self, start: Moment, end: Moment, demand: &[i64]) {
        self.change(start, end, demand, -1);
    }

    /// Gives back what [`take`](Self::take) took.
    pub fn give(&mut self, start: Moment, end: Moment, demand: &[i64]) {
        self.change(start, end, demand, 1);
    }

    /// Forgets what lies before `now`.
    pub fn advance(&mut self, now: f64) {
        let now = Moment::at(now);
        let segment = self.segment(now);
        self.time.drain(..segment);
        self.free.drain(..segment * self.width);
        if self.time[0] < now {
            self.time[0] = now;
        }
    }

    /// The earliest moment, not before `from`, from which the demand fits for this long; infinite if there is none.
    pub fn earliest(&self, from: Moment, duration: f64, demand: &[i64]) -> Moment {
        const NEVER: Moment = Moment { time: f64::INFINITY, instant: 0 };
        if from.time == f64::INFINITY {
            return NEVER;
        }
        let mut start = if from < self.time[0] { self.time[0] } else { from };
        let mut segment = self.segment(start);
        loop {
            let end = start.after(duration);
            let mut last = segment;
            loop {
                if !fits(demand, self.free(last)) {
                    break;
                }
                last += 1;
                if last == self.time.len() || self.time[last] >= end {
                    return start;
                }
            }
            segment = last + 1;
            if segment == self.time.len() {
                return NEVER;
            }
            start = self.time[segment];
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn take(profile: &mut Profile, start: f64, end: f64, demand: i64) {
        profile.take(Moment::at(start), Moment::at(end), &[demand]);
    }

    fn earliest(profile: &Profile, from: f64, duration: f64, demand: i64) -> f64 {
        profile.earliest(Moment::at(from), duration, &[demand]).time
    }

    #[test]
    fn gaps_are_found_and_closed() {
        let mut profile = Profile::new(0.0, &[4]);
        take(&mut profile, 0.0, 10.0, 3);
        take(&mut profile, 10.0, 15.0, 4);
        assert_eq!(earliest(&profile, 0.0, 8.0, 1), 0.0);
        assert_eq!(earliest(&profile, 0.0, 12.0, 1), 15.0);
        assert_eq!(earliest(&profile, 3.0, f64::INFINITY, 1), 15.0);
        assert_eq!(earliest(&profile, 0.0, 0.0, 2), 15.0);
        take(&mut profile, 20.0, f64::INFINITY, 4);
        assert_eq!(earliest(&profile, 0.0, 6.0, 2), f64::INFINITY);
        take(&mut profile, 10.0, 15.0, -4);
        assert_eq!(earliest(&profile, 0.0, 6.0, 2), 10.0);
        profile.advance(12.0);
        assert_eq!(earliest(&profile, 0.0, 6.0, 2), 12.0);
        take(&mut profile, 20.0, f64::INFINITY, -4);
        assert_eq!(profile.time, [Moment::at(12.0)]);
    }

    #[test]
    fn what_lasts_no_time_takes_an_instant() {
        let mut profile = Profile::new(0.0, &[2]);
        take(&mut profile, 0.0, 1.0, 1);
        for instant in 0..3 {
            let start = profile.earliest(Moment::at(0.0), 0.0, &[2]);
            assert_eq!(start, Moment { time: 1.0, instant });
            profile.take(start, start.after(0.0), &[2]);
        }
        assert_eq!(profile.earliest(Moment::at(0.0), 5.0, &[1]), Moment { time: 1.0, instant: 3 });
        assert_eq!(profile.earliest(Moment::at(0.0), 1.0, &[1]), Moment::at(0.0));
    }
}
