//! Stores (reservoirs), which activities empty and fill: an activity takes units at its start and gives units at its end. The
//! level of a store must stay between 0 and its capacity; it is judged after all that happens at one moment.
//!
//! A project with stores is laid out and searched like one with maximal lags ([`super::max_lags`]). This module holds the
//! columns of stores ([`Stores`]), levels over time for serial generation ([`levels`]), and certificates that no schedule
//! exists ([`reasons`]).

mod levels;
mod reasons;
mod store;
#[cfg(test)]
mod tests;

use super::ProjectData;
use super::constraints::has_pauses;
use crate::error::{InputError, TIME_LIMIT, check_each, check_length};

pub(super) use levels::Levels;
pub(super) use reasons::of_stores as reasons_of_stores;
pub(super) use store::Store;

/// The capacity of a store without limit.
pub const NO_STORAGE_LIMIT: i64 = i64::MAX;

/// The stores of a project, and what each activity does to them.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Stores {
    /// The most that each store holds; [`NO_STORAGE_LIMIT`] where there is no limit.
    pub storage: Vec<i64>,
    /// What it holds before anything happens.
    pub initial: Vec<i64>,
    /// `taken[i * storage.len() + q]`: units of store `q` that activity `i` takes at its start.
    pub taken: Vec<i64>,
    /// The same for units that it gives at its end.
    pub given: Vec<i64>,
}

impl Stores {
    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.storage.is_empty()
    }

    /// Number of stores.
    #[must_use]
    pub fn len(&self) -> usize {
        self.storage.len()
    }

    /// What an activity takes at its start, by store.
    #[must_use]
    pub fn taken_by(&self, activity: usize) -> &[i64] {
        &self.taken[activity * self.len()..(activity + 1) * self.len()]
    }

    /// What an activity gives at its end, by store.
    #[must_use]
    pub fn given_by(&self, activity: usize) -> &[i64] {
        &self.given[activity * self.len()..(activity + 1) * self.len()]
    }
}

/// Completes absent columns of stores and judges given ones.
///
/// # Errors
/// Columns without stores or of a wrong length, negative numbers, a level above the capacity, sums beyond 2^53, modes or pauses on
/// calendars beside stores.
pub(super) fn check(data: &mut ProjectData) -> Result<(), InputError> {
    let (n, q) = (data.duration.len(), data.stores.len());
    let Stores { storage, initial, taken, given } = &mut data.stores;
    if q == 0 {
        let columns = [("initial", initial.len()), ("taken", taken.len()), ("given", given.len())];
        return match columns.iter().find(|(_, len)| *len > 0) {
            Some((field, _)) => Err(InputError::new(*field, "is given without storage, the capacities of the stores")),
            None => Ok(()),
        };
    }
    check_each("storage", storage, "must be >= 0", |units| units >= 0)?;
    check_each("storage", storage, "exceeds 2**53", |units| units <= TIME_LIMIT || units == NO_STORAGE_LIMIT)?;
    if initial.is_empty() {
        initial.resize(q, 0);
    }
    check_length("initial", initial.len(), q)?;
    check_each("initial", initial, "must be >= 0", |units| units >= 0)?;
    if let Some(k) = (0..q).find(|&k| initial[k] > storage[k].min(TIME_LIMIT)) {
        let reason = if storage[k] == NO_STORAGE_LIMIT {
            "exceeds 2**53".into()
        } else {
            format!("exceeds storage[{k}] = {}", storage[k])
        };
        return Err(InputError::new("initial", reason).at([k], initial[k]));
    }
    for (field, units) in [("taken", taken), ("given", given)] {
        if units.is_empty() {
            units.resize(n.saturating_mul(q), 0);
        }
        check_length(field, units.len(), n.saturating_mul(q))?;
        check_matrix(field, units, q).map_err(|error| error.named("activity", data.names.as_deref()))?;
    }
    let other = match &*data {
        data if has_pauses(data) => Some("pausable activities on calendars"),
        ProjectData { modes, .. } if !modes.is_empty() => Some("modes"),
        _ => None,
    };
    match other {
        Some(other) => Err(InputError::new("storage", format!("cannot be combined with {other} yet"))),
        None => Ok(()),
    }
}

/// Amounts are not negative, and those of a store sum up to 2^53 at most.
fn check_matrix(field: &'static str, values: &[i64], width: usize) -> Result<(), InputError> {
    let at = |k: usize| [k / width, k % width];
    let mut bad = values.iter().enumerate().filter(|&(_, &units)| units < 0);
    if let Some((k, &units)) = bad.next() {
        return Err(InputError::new(field, "must be >= 0").at(at(k), units).more(bad.count()));
    }
    let mut sums = vec![0_i64; width];
    for (k, &units) in values.iter().enumerate() {
        let sum = &mut sums[k % width];
        *sum = sum.saturating_add(units);
        if *sum > TIME_LIMIT {
            return Err(InputError::new(field, "the sum of the store up to here exceeds 2**53").at(at(k), units));
        }
    }
    Ok(())
}
