//! The moments between which keys hold their reservations.

use std::cmp::Ordering;

/// A time, and an instant of it: keys that last no time follow each other at the same time, in its instants 0, 1 and so on.
///
/// So a key without a duration holds its demand like any other, from one instant to the next. When time goes on, instants begin with 0
/// again.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Moment {
    pub time: f64,
    pub instant: u32,
}

impl Moment {
    /// The first instant of a time.
    pub fn at(time: f64) -> Self {
        Self { time, instant: 0 }
    }

    /// When a key that starts at this moment ends. A duration too short to change the time counts as none.
    #[inline]
    pub fn after(self, duration: f64) -> Self {
        let time = self.time + duration;
        if time > self.time { Self::at(time) } else { self.next() }
    }

    /// The next instant.
    pub fn next(self) -> Self {
        Self { time: self.time, instant: self.instant.saturating_add(1) }
    }
}

impl PartialOrd for Moment {
    #[inline]
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.time.partial_cmp(&other.time)?.then(self.instant.cmp(&other.instant)))
    }

    #[inline]
    fn lt(&self, other: &Self) -> bool {
        self.time < other.time || (self.time == other.time && self.instant < other.instant)
    }

    #[inline]
    fn le(&self, other: &Self) -> bool {
        self.time < other.time || (self.time == other.time && self.instant <= other.instant)
    }

    #[inline]
    fn ge(&self, other: &Self) -> bool {
        other <= self
    }
}
