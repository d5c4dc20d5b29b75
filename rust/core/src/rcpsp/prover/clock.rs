//! Clocks that run only during open time, and calendars as open time.

use crate::rcpsp::Calendar;

/// A clock that runs only during the open intervals of a stretch of time. It counts units of some ticks each, from 0 on; all times
/// that matter fall on whole units.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Clock {
    /// Right-open intervals, in order and apart.
    pub opens: Vec<(i64, i64)>,
    /// Open ticks before each interval, and in all.
    before: Vec<i64>,
    unit: i64,
}

impl Clock {
    pub fn new(opens: Vec<(i64, i64)>, unit: i64) -> Self {
        let mut before = vec![0];
        let mut sum = 0;
        before.extend(opens.iter().map(|(begin, end)| {
            sum += end - begin;
            sum
        }));
        Self { opens, before, unit }
    }

    /// The number of whole open units.
    pub fn total(&self) -> i64 {
        self.before[self.opens.len()] / self.unit
    }

    /// The number of whole open units before a moment.
    pub fn elapsed(&self, moment: i64) -> i64 {
        match self.opens.partition_point(|&(begin, _)| begin <= moment) {
            0 => 0,
            next => {
                let (begin, end) = self.opens[next - 1];
                (self.before[next - 1] + moment.min(end) - begin) / self.unit
            }
        }
    }

    /// When work begins that begins at a reading below the total.
    pub fn moment(&self, reading: i64) -> i64 {
        self.tick(reading * self.unit)
    }

    /// When work ends that ends at a reading between 1 and the total.
    pub fn end(&self, reading: i64) -> i64 {
        self.tick(reading * self.unit - 1) + 1
    }

    fn tick(&self, number: i64) -> i64 {
        let k = self.before[..self.opens.len()].partition_point(|&before| before <= number) - 1;
        self.opens[k].0 + number - self.before[k]
    }
}

/// The union of intervals, as intervals in order that do not touch.
pub(super) fn joined(mut intervals: Vec<(i64, i64)>) -> Vec<(i64, i64)> {
    intervals.sort_unstable();
    let mut found: Vec<(i64, i64)> = Vec::new();
    for (begin, end) in intervals {
        match found.last_mut() {
            Some(last) if begin <= last.1 => last.1 = last.1.max(end),
            _ => found.push((begin, end)),
        }
    }
    found
}

/// Within `[begin, end)`, when each of these calendars gives at least the units beside it; `None` if they step too often.
pub(super) fn open(needs: &[(&Calendar, i64)], begin: i64, end: i64, most_steps: usize) -> Option<Vec<(i64, i64)>> {
    let mut found: Vec<(i64, i64)> = Vec::new();
    let (mut now, mut steps) = (begin, 0);
    while now < end {
        steps += 1;
        if steps > most_steps {
            return None;
        }
        let next = needs.iter().filter_map(|(calendar, _)| calendar.next_step(now)).min().map_or(end, |next| next.min(end));
        if needs.iter().all(|(calendar, units)| calendar.capacity_at(now).is_none_or(|capacity| capacity >= *units)) {
            match found.last_mut() {
                Some(last) if last.1 == now => last.1 = next,
                _ => found.push((now, next)),
            }
        }
        now = next;
    }
    Some(found)
}
