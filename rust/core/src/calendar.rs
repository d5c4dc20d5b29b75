//! Capacity of a resource or a machine over time: right-open steps, once or again and again.

use crate::error::{InputError, TIME_LIMIT, check_each, check_length};

/// A resource's capacity as a step function of time, evaluated where it is asked for and never unrolled.
///
/// From `time[k]` up to `time[k + 1]` the capacity is `capacity[k]`. Without a period the last step holds for ever, and before the
/// first one the resource has its full capacity. With a period the pattern repeats in both directions of time, so the last step
/// holds until the first one of the next round.
///
/// ```
/// use schedkit_core::calendar::Calendar;
/// let day = Calendar::new(vec![8, 16], vec![2, 0], Some(24))?;
/// assert_eq!([0, 8, 15, 16, 32].map(|t| day.capacity_at(t)), [Some(0), Some(2), Some(2), Some(0), Some(2)]);
/// let lost = Calendar::new(vec![100], vec![1], None)?;
/// assert_eq!([99, 100].map(|t| lost.capacity_at(t)), [None, Some(1)]);
/// # Ok::<(), schedkit_core::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Calendar {
    time: Vec<i64>,
    capacity: Vec<i64>,
    period: Option<i64>,
}

impl Calendar {
    /// Validates the steps.
    ///
    /// # Errors
    /// Unequal lengths, times that do not increase or lie beyond 2^53 in either direction, negative capacities, a period that is
    /// not positive or not longer than the steps it must hold.
    pub fn new(time: Vec<i64>, capacity: Vec<i64>, period: Option<i64>) -> Result<Self, InputError> {
        check_length("capacity", capacity.len(), time.len())?;
        check_each("time", &time, "must lie between -2**53 and 2**53", |t| (-TIME_LIMIT..=TIME_LIMIT).contains(&t))?;
        if let Some(k) = time.windows(2).position(|pair| pair[0] >= pair[1]) {
            return Err(InputError::new("time", format!("must be later than time[{k}] = {}", time[k])).at([k + 1], time[k + 1]));
        }
        check_each("capacity", &capacity, "must be >= 0", |c| c >= 0)?;
        check_each("capacity", &capacity, "exceeds 2**53", |c| c <= TIME_LIMIT)?;
        if let Some(period) = period {
            if !(1..=TIME_LIMIT).contains(&period) {
                return Err(InputError::new("period", "must lie between 1 and 2**53").value(period));
            }
            if let (Some(first), Some(last)) = (time.first(), time.last())
                && last - first >= period
            {
                let reason = format!("must exceed time[{}] - time[0] = {}", time.len() - 1, last - first);
                return Err(InputError::new("period", reason).value(period));
            }
        }
        Ok(Self { time, capacity, period })
    }

    /// When each step begins.
    #[must_use]
    pub fn time(&self) -> &[i64] {
        &self.time
    }

    /// The capacity of each step.
    #[must_use]
    pub fn capacity(&self) -> &[i64] {
        &self.capacity
    }

    /// After which time the pattern repeats.
    #[must_use]
    pub fn period(&self) -> Option<i64> {
        self.period.filter(|_| !self.time.is_empty())
    }

    /// The capacity at a moment; `None` where the calendar says nothing and the resource has its full capacity.
    #[must_use]
    pub fn capacity_at(&self, time: i64) -> Option<i64> {
        let phase = time - self.round(time);
        let step = self.time.partition_point(|&t| t <= phase);
        self.capacity.get(step.checked_sub(1)?).copied()
    }

    /// The first step after a moment.
    #[must_use]
    pub fn next_step(&self, time: i64) -> Option<i64> {
        let round = self.round(time);
        let step = self.time.partition_point(|&t| t <= time - round);
        match self.time.get(step) {
            Some(t) => Some(t + round),
            None => Some(self.time.first()? + round + self.period?),
        }
    }

    /// The last step before a moment.
    #[must_use]
    pub fn previous_step(&self, time: i64) -> Option<i64> {
        let round = self.round(time - 1);
        let step = self.time.partition_point(|&t| t < time - round);
        Some(self.time.get(step.checked_sub(1)?)? + round)
    }

    /// Stands at a moment, ready to walk forward from step to step.
    pub(crate) fn walk_forward(&self, time: i64) -> Walk<'_> {
        let round = self.round(time);
        Walk { calendar: self, round, begun: self.time.partition_point(|&t| t <= time - round), forward: true }
    }

    /// Stands at a moment, ready to walk backward from step to step.
    pub(crate) fn walk_backward(&self, time: i64) -> Walk<'_> {
        let round = self.round(time - 1);
        Walk { calendar: self, round, begun: self.time.partition_point(|&t| t < time - round), forward: false }
    }

    /// What to take off a time so that it falls into the round that the steps describe.
    fn round(&self, time: i64) -> i64 {
        match (self.period, self.time.first()) {
            (Some(period), Some(first)) => (time - first).div_euclid(period) * period,
            _ => 0,
        }
    }
}

/// A walk through the steps of a calendar in one direction of time, each step at constant cost.
#[derive(Debug, Clone, Copy)]
pub struct Walk<'c> {
    calendar: &'c Calendar,
    /// What the round adds to the times of the steps.
    round: i64,
    /// Steps of the round that have begun here.
    begun: usize,
    forward: bool,
}

impl Walk<'_> {
    /// The capacity from here on, in the direction of the walk; `None` where the calendar says nothing.
    #[must_use]
    pub fn capacity(&self) -> Option<i64> {
        self.calendar.capacity.get(self.begun.checked_sub(1)?).copied()
    }

    /// The moment of the next step, in the direction of the walk.
    #[must_use]
    pub fn next(&self) -> Option<i64> {
        let time = &self.calendar.time;
        if !self.forward {
            return Some(time.get(self.begun.checked_sub(1)?)? + self.round);
        }
        match time.get(self.begun) {
            Some(t) => Some(t + self.round),
            None => Some(time.first()? + self.round + self.calendar.period?),
        }
    }

    /// Goes on to the next step, which must exist.
    pub fn advance(&mut self) {
        let (steps, period) = (self.calendar.time.len(), self.calendar.period.unwrap_or(0));
        if self.forward {
            if self.begun == steps {
                (self.begun, self.round) = (0, self.round + period);
            }
            self.begun += 1;
        } else {
            self.begun -= 1;
            if self.begun == 0 && period > 0 {
                (self.begun, self.round) = (steps, self.round - period);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn refused(time: &[i64], capacity: &[i64], period: Option<i64>) -> String {
        Calendar::new(time.to_vec(), capacity.to_vec(), period).unwrap_err().to_string()
    }

    #[test]
    fn every_column_is_checked() {
        assert!(Calendar::new(vec![], vec![], Some(7)).unwrap().next_step(0).is_none());
        assert_eq!(refused(&[0, 1], &[1], None), "capacity: has length 1, expected 2");
        assert_eq!(refused(&[0, 4, 4], &[1, 1, 1], None), "time[2] = 4: must be later than time[1] = 4");
        assert_eq!(refused(&[0], &[-1], None), "capacity[0] = -1: must be >= 0");
        assert_eq!(refused(&[i64::MIN], &[1], None), "time[0] = -9223372036854775808: must lie between -2**53 and 2**53");
        assert_eq!(refused(&[0, 7], &[1, 0], Some(7)), "period = 7: must exceed time[1] - time[0] = 7");
        assert_eq!(refused(&[0], &[1], Some(0)), "period = 0: must lie between 1 and 2**53");
    }

    proptest! {
        #[test]
        fn steps_agree_with_looking_at_every_tick(steps in prop::collection::btree_map(-9_i64..9, 0_i64..3, 0..5), period in prop::option::of(18_i64..30)) {
            let (time, capacity): (Vec<_>, Vec<_>) = steps.into_iter().unzip();
            let calendar = Calendar::new(time.clone(), capacity.clone(), period).unwrap();
            // The steps as they begin, tick by tick.
            let begins = |t: i64| time.iter().position(|&s| period.map_or(s == t, |p| (t - s).rem_euclid(p) == 0));
            for t in -40..40 {
                let holds = (0..200).find_map(|back| begins(t - back)).map(|k| capacity[k]);
                prop_assert_eq!(calendar.capacity_at(t), holds);
                let next = (t + 1..t + 100).find(|&t| begins(t).is_some());
                prop_assert_eq!(calendar.next_step(t), next);
                let previous = (1..100).map(|back| t - back).find(|&t| begins(t).is_some());
                prop_assert_eq!(calendar.previous_step(t), previous);
                let (mut on, mut back, mut now, mut then) = (calendar.walk_forward(t), calendar.walk_backward(t), t, t);
                for _ in 0..12 {
                    prop_assert_eq!((on.capacity(), on.next()), (calendar.capacity_at(now), calendar.next_step(now)));
                    prop_assert_eq!((back.capacity(), back.next()), (calendar.capacity_at(then - 1), calendar.previous_step(then)));
                    if let Some(next) = on.next() {
                        on.advance();
                        now = next;
                    }
                    if let Some(previous) = back.next() {
                        back.advance();
                        then = previous;
                    }
                }
            }
        }
    }
}
