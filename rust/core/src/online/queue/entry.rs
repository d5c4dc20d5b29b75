//! Arguments and results of the queue: entries and changes, which are validated here, and statistics.

use crate::error::InputError;

/// Amounts and times are at most this large, so that no sum of them overflows.
pub(in crate::online) const LARGEST: f64 = 1e100;

/// A job that is added to the queue.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct QueueEntry {
    /// Its size, or that of its first operation.
    pub size: Option<f64>,
    /// Service it has had elsewhere.
    pub attained: f64,
    /// Its weight.
    pub weight: f64,
    /// An estimate of its size.
    pub estimate: Option<f64>,
    /// Its deadline, infinite if it has none.
    pub deadline: f64,
    /// Its index, for ties; without one jobs are counted as they come.
    pub index: Option<u32>,
    /// How many operations it has had elsewhere.
    pub operation: u32,
    /// When it arrived first, if it comes back; else it arrives when it is added.
    pub arrival: Option<f64>,
    /// Its level of urgency: all jobs of a lower level go before.
    pub level: i64,
}

impl Default for QueueEntry {
    fn default() -> Self {
        Self {
            size: None,
            attained: 0.0,
            weight: 1.0,
            estimate: None,
            deadline: f64::INFINITY,
            index: None,
            operation: 0,
            arrival: None,
            level: 0,
        }
    }
}

impl QueueEntry {
    /// A job of this size.
    #[must_use]
    pub fn sized(size: f64) -> Self {
        Self { size: Some(size), ..Self::default() }
    }
}

/// A change of a job's facts; those that are not given stay.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Change {
    /// Its size, or that of its current operation.
    pub size: Option<f64>,
    /// Its weight.
    pub weight: Option<f64>,
    /// An estimate of its size.
    pub estimate: Option<f64>,
    /// Its deadline.
    pub deadline: Option<f64>,
    /// Its level of urgency.
    pub level: Option<i64>,
}

/// Statistics of the queue.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Stats {
    /// Keys in the queue.
    pub waiting: usize,
    /// The waiting time of the oldest of them, 0 if there is none.
    pub oldest: f64,
    /// Keys that were popped.
    pub served: u64,
    /// Mean time from `add` to `pop` of those, 0 if there are none.
    pub mean_flow_time: f64,
}

/// Refuses a number that is none, too large, or not `fine`.
#[inline]
pub(in crate::online) fn judge(field: &'static str, value: f64, fine: bool, reason: &'static str) -> Result<(), InputError> {
    if fine && value.abs() <= LARGEST { Ok(()) } else { Err(refusal(field, value, fine, reason)) }
}

/// Says what is wrong with a number that was refused.
#[cold]
fn refusal(field: &'static str, value: f64, fine: bool, reason: &'static str) -> InputError {
    let reason = if !value.is_finite() {
        "must be finite"
    } else if fine {
        "exceeds 1e100"
    } else {
        reason
    };
    InputError::new(field, reason).value(value)
}

/// Refuses a negative number where one is given.
#[inline]
pub(in crate::online) fn judge_size(field: &'static str, value: Option<f64>) -> Result<(), InputError> {
    value.map_or(Ok(()), |value| judge(field, value, value >= 0.0, "must be >= 0"))
}

/// Refuses a deadline that is none; plus infinity stands for the lack of one.
#[inline]
pub(in crate::online) fn judge_deadline(deadline: f64) -> Result<(), InputError> {
    if deadline == f64::INFINITY {
        return Ok(());
    }
    if deadline == f64::NEG_INFINITY {
        let reason = "must not be minus infinity; a key without a deadline has plus infinity";
        return Err(InputError::new("deadline", reason).value(deadline));
    }
    judge("deadline", deadline, true, "")
}

impl QueueEntry {
    /// Refuses numbers out of range; `now` is the time at which the job is added.
    #[inline]
    pub(in crate::online) fn judge(&self, now: f64) -> Result<(), InputError> {
        let fine = |value: f64| (0.0..=LARGEST).contains(&value);
        let sizes = fine(self.size.unwrap_or(0.0)) && fine(self.estimate.unwrap_or(0.0));
        let common = sizes && fine(self.attained) && fine(self.weight) && self.deadline == f64::INFINITY;
        if common && self.arrival.is_none() && self.index.is_none() { Ok(()) } else { self.judge_each(now) }
    }

    /// Judges one number after the other, and says what is wrong with the first that is refused.
    #[inline(never)]
    fn judge_each(&self, now: f64) -> Result<(), InputError> {
        if let Some(arrival) = self.arrival {
            judge("arrival", arrival, arrival <= now, "must not lie after now")?;
        }
        judge_size("size", self.size)?;
        judge_size("estimate", self.estimate)?;
        judge_size("attained", Some(self.attained))?;
        judge_size("weight", Some(self.weight))?;
        if self.index == Some(u32::MAX) {
            return Err(InputError::new("index", "must be below 2^32 - 1").value(i64::from(u32::MAX)));
        }
        judge_deadline(self.deadline)
    }
}

impl Change {
    /// Refuses numbers out of range.
    pub(in crate::online) fn judge(&self) -> Result<(), InputError> {
        judge_size("size", self.size)?;
        judge_size("estimate", self.estimate)?;
        judge_size("weight", self.weight)?;
        self.deadline.map_or(Ok(()), judge_deadline)
    }
}
