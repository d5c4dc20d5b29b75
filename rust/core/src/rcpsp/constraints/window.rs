//! Time windows: `release_time` bounds the start, `deadline` the completion.

use crate::error::{InputError, TIME_LIMIT, check_each, check_length};

/// The deadline of an activity that has none.
pub const NO_DEADLINE: i64 = i64::MAX;

/// Completes absent columns and judges given ones. A window that is too short is legal: it is a reason for infeasibility, not an
/// error.
///
/// # Errors
/// A wrong length, a negative time, a time beyond 2^53 (no deadline excepted).
pub fn check_windows(release_time: &mut Vec<i64>, deadline: &mut Vec<i64>, n: usize) -> Result<(), InputError> {
    if release_time.is_empty() {
        release_time.resize(n, 0);
    }
    if deadline.is_empty() {
        deadline.resize(n, NO_DEADLINE);
    }
    for (field, column) in [("release_time", &*release_time), ("deadline", &*deadline)] {
        check_length(field, column.len(), n)?;
        check_each(field, column, "must be >= 0", |time| time >= 0)?;
    }
    check_each("release_time", release_time, "exceeds 2**53", |time| time <= TIME_LIMIT)?;
    check_each("deadline", deadline, "exceeds 2**53", |time| time <= TIME_LIMIT || time == NO_DEADLINE)
}
