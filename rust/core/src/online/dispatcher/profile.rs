//! What is free of each resource over time, by what runs and by all reservations.

use super::demand_groups::fits;

/// A step function of time: segment k lasts from `time[k]` to `time[k + 1]`, the last one has no end.
#[derive(Debug, Clone)]
pub(super) struct Profile {
    width: usize,
    time: Vec<f64>,
    /// By segment and resource. Below zero where the capacity has shrunk below what is in use.
    free: Vec<i64>,
}

impl Profile {
    /// The same amounts from `now` on.
    pub fn new(now: f64, free: &[i64]) -> Self {
        Self { width: free.len(), time: vec![now], free: free.to_vec() }
    }

    fn free(&self, segment: usize) -> &[i64] {
        &self.free[segment * self.width..][..self.width]
    }

    /// The segment that holds a time that is not before the first one.
    fn segment(&self, time: f64) -> usize {
        self.time.partition_point(|&start| start <= time).saturating_sub(1)
    }

    /// The segment that begins at a time, which is made if there is none.
    fn split(&mut self, time: f64) -> usize {
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
    fn change(&mut self, start: f64, end: f64, demand: &[i64], sign: i64) {
        let start = start.max(self.time[0]);
        if end <= start || start == f64::INFINITY {
            return;
        }
        let first = self.split(start);
        let last = if end == f64::INFINITY { self.time.len() } else { self.split(end) };
        if self.width > 0 {
            for free in self.free[first * self.width..last * self.width].chunks_exact_mut(self.width) {
                free.iter_mut().zip(demand).for_each(|(free, demand)| *free += sign * demand);
            }
        }
        self.join(last);
        self.join(first);
    }

    /// Takes a demand away from `start` to `end`, either of which may be infinite.
    pub fn take(&mut self, start: f64, end: f64, demand: &[i64]) {
        self.change(start, end, demand, -1);
    }

    /// Gives back what [`take`](Self::take) took.
    pub fn give(&mut self, start: f64, end: f64, demand: &[i64]) {
        self.change(start, end, demand, 1);
    }

    /// Forgets what lies before `now`.
    pub fn advance(&mut self, now: f64) {
        let segment = self.segment(now);
        self.time.drain(..segment);
        self.free.drain(..segment * self.width);
        self.time[0] = self.time[0].max(now);
    }

    /// The earliest time, not before `from`, from which the demand fits for this long; infinite if there is none. What lasts no time has
    /// to fit at its moment.
    pub fn earliest(&self, from: f64, duration: f64, demand: &[i64]) -> f64 {
        if from == f64::INFINITY {
            return from;
        }
        let mut start = from.max(self.time[0]);
        let mut segment = self.segment(start);
        loop {
            let end = start + duration;
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
                return f64::INFINITY;
            }
            start = self.time[segment];
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn gaps_are_found_and_closed() {
        let mut profile = Profile::new(0.0, &[4]);
        profile.take(0.0, 10.0, &[3]);
        profile.take(10.0, 15.0, &[4]);
        assert_eq!(profile.earliest(0.0, 8.0, &[1]), 0.0);
        assert_eq!(profile.earliest(0.0, 12.0, &[1]), 15.0);
        assert_eq!(profile.earliest(3.0, f64::INFINITY, &[1]), 15.0);
        assert_eq!(profile.earliest(0.0, 0.0, &[2]), 15.0);
        profile.take(20.0, f64::INFINITY, &[4]);
        assert_eq!(profile.earliest(0.0, 6.0, &[2]), f64::INFINITY);
        profile.give(10.0, 15.0, &[4]);
        assert_eq!(profile.earliest(0.0, 6.0, &[2]), 10.0);
        profile.advance(12.0);
        assert_eq!(profile.earliest(0.0, 6.0, &[2]), 12.0);
        profile.give(20.0, f64::INFINITY, &[4]);
        assert_eq!(profile.time, [12.0]);
    }
}
