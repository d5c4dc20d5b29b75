//! Minimum time lags: `after` starts no earlier than `lag` ticks after `before` has completed.

use crate::error::{InputError, check_length, check_nonnegative_sum};

/// Completes an absent column with zeros and judges a given one; returns the sum of all lags.
///
/// # Errors
/// Not one lag for each precedence pair, a negative one, a sum beyond 2^53.
pub fn check_lags(lag: &mut Vec<i64>, num_pairs: usize) -> Result<i64, InputError> {
    if lag.is_empty() {
        lag.resize(num_pairs, 0);
    }
    check_length("lag", lag.len(), num_pairs)?;
    check_nonnegative_sum("lag", lag)
}
