//! Time windows: `release_time` bounds the start, `deadline` the completion.
//!
//! A window that is too short is legal: it is a reason for infeasibility, not an error.

use super::column::{Constraint, constraint};
use crate::error::{TIME_LIMIT, check_each};

/// The deadline of an activity that has none.
pub const NO_DEADLINE: i64 = i64::MAX;

/// Refused are negative times, and times that with all durations and lags exceed 2^53.
pub const RELEASE_TIME: Constraint = constraint!(release_time: OfActivities(0), |data| {
    check_each("release_time", &data.release_time, "must be >= 0", |time| time >= 0)?;
    check_each("release_time", &data.release_time, "exceeds 2**53", |time| time <= TIME_LIMIT)?;
    let work = data.total_lag() + data.duration.iter().sum::<i64>();
    let reason = "together with all durations and lags it exceeds 2**53";
    check_each("release_time", &data.release_time, reason, |release| release + work <= TIME_LIMIT)
});

/// Refused are negative times and times beyond 2^53, no deadline excepted.
pub const DEADLINE: Constraint = constraint!(deadline: OfActivities(NO_DEADLINE), |data| {
    check_each("deadline", &data.deadline, "must be >= 0", |time| time >= 0)?;
    check_each("deadline", &data.deadline, "exceeds 2**53", |time| time <= TIME_LIMIT || time == NO_DEADLINE)
});
