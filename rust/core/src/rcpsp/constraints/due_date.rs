//! Due dates and weights, which bind nothing: they are the data of objectives that count lateness.

use super::column::{Constraint, constraint};
use super::window::NO_DEADLINE;
use crate::error::{InputError, TIME_LIMIT, check_each, check_length};
use crate::weights::Weights;

/// The due date of an activity that has none, the number that stands for no deadline as well.
pub const NO_DUE_DATE: i64 = NO_DEADLINE;

/// Refused are times more than 2^53 away from 0, no due date excepted, and so many early ones that total tardiness might leave 64 bits.
pub const DUE_DATE: Constraint = Constraint {
    is_restriction: false,
    ..constraint!(due_date: OfActivities(NO_DUE_DATE), |data| {
        let within = |time| time == NO_DUE_DATE || (-TIME_LIMIT..=TIME_LIMIT).contains(&time);
        check_each("due_date", &data.due_date, "must be within 2**53 of 0", within)?;
        if worst_total(data, |_| 1) > i128::from(i64::MAX) {
            return Err(InputError::new("due_date", "total tardiness might exceed 2**63 - 1"));
        }
        Ok(())
    })
};

/// Refused are negative weights, weights that are not finite, weights without any due date, and sums that might leave 64 bits.
pub const WEIGHT: Constraint = Constraint {
    is_restriction: false,
    ..constraint!(weight: Weights(), |data| {
        let n = data.duration.len();
        let fits = match &data.weight {
            Weights::Unit => return Ok(()),
            Weights::Integers(weights) => {
                check_length("weight", weights.len(), n)?;
                check_each("weight", weights, "must be >= 0", |weight| weight >= 0)?;
                worst_total(data, |i| i128::from(weights[i])) <= i128::from(i64::MAX)
            }
            Weights::Floats(weights) => {
                check_length("weight", weights.len(), n)?;
                check_each("weight", weights, "must be finite", f64::is_finite)?;
                check_each("weight", weights, "must be >= 0", |weight| weight >= 0.0)?;
                let late = |i: usize| weights[i] * (TIME_LIMIT as f64 - data.due_date[i] as f64).max(0.0);
                (0..n).map(late).sum::<f64>().is_finite()
            }
        };
        if n > 0 && data.due_date.iter().all(|&due| due == NO_DUE_DATE) {
            return Err(InputError::new("weight", "is given without due_date; it says what lateness costs"));
        }
        if fits { Ok(()) } else { Err(InputError::new("weight", "total weighted tardiness might exceed the largest number")) }
    })
};

/// The weighted tardiness of a schedule in which everything ends when the last activity does if they run one by one, calendars apart.
fn worst_total(data: &super::ProjectData, weight: impl Fn(usize) -> i128) -> i128 {
    let latest =
        data.release_time.iter().copied().max().unwrap_or(0).max(0) + data.total_lag() + data.duration.iter().sum::<i64>();
    // Fewer than 2^32 products below 2^118 each.
    let late = |(i, &due): (usize, &i64)| weight(i) * i128::from(latest.saturating_sub(due).max(0));
    data.due_date.iter().enumerate().map(late).sum()
}
