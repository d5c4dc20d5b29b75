//! Maximal time lags: what may pass at most between the two events of a precedence pair.

use super::column::{Constraint, constraint};
use super::lag::NO_LAG;
use super::pausable::has_pauses;
use crate::error::{InputError, TIME_LIMIT};
use crate::rcpsp::ProjectData;

/// The maximal lag of a pair that has none.
pub const NO_MAX_LAG: i64 = i64::MAX;

/// Refused are lags whose sizes sum up to more than 2^53, pairs with neither a minimal nor a maximal lag, and projects with modes or with
/// activities that may pause on calendars. Lags that no schedule keeps are refused when the project is made.
pub const MAX_LAG: Constraint = constraint!(max_lag: OfPairs(NO_MAX_LAG, NO_MAX_LAG), check);

fn check(data: &ProjectData) -> Result<(), InputError> {
    let mut sum = 0_u64;
    for (k, &ticks) in data.max_lag.iter().enumerate() {
        if ticks == NO_MAX_LAG {
            if data.lag[k] == NO_LAG {
                return Err(InputError::new("lag", "is None, so the pair needs a max_lag").at([k], "None"));
            }
            continue;
        }
        sum = sum.saturating_add(ticks.unsigned_abs());
        if sum > TIME_LIMIT as u64 {
            return Err(InputError::new("max_lag", "the sum of sizes up to here exceeds 2**53").at([k], ticks));
        }
    }
    let present = data.max_lag.iter().any(|&ticks| ticks != NO_MAX_LAG);
    let other = match data {
        data if has_pauses(data) => Some("pausable activities on calendars"),
        ProjectData { modes, .. } if !modes.is_empty() => Some("modes"),
        _ => None,
    };
    match other.filter(|_| present) {
        Some(other) => Err(InputError::new("max_lag", format!("cannot be combined with {other} yet"))),
        None => Ok(()),
    }
}
