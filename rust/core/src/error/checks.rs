//! Checks of columns that every family makes.

use super::{InputError, Value};

/// The largest number that a time, or a sum of times, may reach: 2^53, so that every one is exact as a float too.
pub const TIME_LIMIT: i64 = 1 << 53;

/// Refuses lengths that differ.
///
/// # Errors
/// `actual` differs from `expected`.
pub fn check_length(field: &'static str, actual: usize, expected: usize) -> Result<(), InputError> {
    if actual == expected {
        return Ok(());
    }
    Err(InputError::new(field, format!("has length {actual}, expected {expected}")))
}

/// Refuses every value for which `ok` is false; names the first, counts the rest.
///
/// # Errors
/// At least one value is refused.
pub fn check_each<T: Copy + Into<Value>>(
    field: &'static str,
    values: &[T],
    reason: &'static str,
    ok: impl Fn(T) -> bool,
) -> Result<(), InputError> {
    let mut bad = values.iter().enumerate().filter(|&(_, &v)| !ok(v));
    match bad.next() {
        None => Ok(()),
        Some((i, &v)) => Err(InputError::new(field, reason).at([i], v).more(bad.count())),
    }
}

/// Refuses negative values and a sum beyond [`TIME_LIMIT`]; returns the sum.
///
/// # Errors
/// A negative value, or too large a sum (the index where the running sum passes the limit is named).
pub fn check_nonnegative_sum(field: &'static str, values: &[i64]) -> Result<i64, InputError> {
    check_each(field, values, "must be >= 0", |v| v >= 0)?;
    let mut sum = 0_i64;
    for (i, &v) in values.iter().enumerate() {
        sum = sum.saturating_add(v);
        if sum > TIME_LIMIT {
            return Err(InputError::new(field, "the sum up to here exceeds 2**53").at([i], v));
        }
    }
    Ok(sum)
}

/// Refuses names of another number than `expected`, and names that are not unique.
///
/// # Errors
/// A wrong length, or the first name that an earlier one equals.
pub fn check_names(field: &'static str, names: Option<&[String]>, expected: usize) -> Result<(), InputError> {
    let Some(names) = names else { return Ok(()) };
    check_length(field, names.len(), expected)?;
    let mut first = std::collections::HashMap::with_capacity(names.len());
    for (i, name) in names.iter().enumerate() {
        if let Some(earlier) = first.insert(name.as_str(), i) {
            return Err(InputError::new(field, format!("duplicate of {field}[{earlier}]")).at([i], format!("'{name}'")));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_text_names_field_index_value_owner_reason_and_count() {
        let names = vec!["saw".to_owned(), "mill-4".to_owned()];
        let e = check_each("processing_time", &[1_i64, -3, -1, -2], "must be >= 0", |v| v >= 0).unwrap_err();
        assert_eq!(e.named("job", Some(&names)).to_string(), "processing_time[1] = -3 (job 'mill-4'): must be >= 0; 2 more");
    }

    #[test]
    fn sums_are_limited_not_wrapped() {
        assert_eq!(check_nonnegative_sum("p", &[TIME_LIMIT]).unwrap(), TIME_LIMIT);
        assert_eq!(check_nonnegative_sum("p", &[TIME_LIMIT, 1]).unwrap_err().index, [1]);
        assert_eq!(check_nonnegative_sum("p", &[i64::MAX, i64::MAX]).unwrap_err().index, [0]);
    }
}
