//! The order of keys as integers that compare quickly.

use std::cmp::Ordering;

use crate::online::heap::ordered;

/// The place of a key in the order: priority, higher first; rank, lower first; arrival; number of the submission.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct OrderKey {
    /// The priority, inverted, so that higher ones compare as less.
    pub priority: u64,
    /// The rank.
    pub rank: u64,
    /// The arrival.
    pub arrival: u64,
    /// The number of the submission, which identifies the key.
    pub number: u32,
}

impl OrderKey {
    /// Comes after all others.
    pub const LAST: Self = Self { priority: u64::MAX, rank: u64::MAX, arrival: u64::MAX, number: u32::MAX };
}

/// As a comparison of the fields in turn; two wide comparisons take fewer branches, which the processor cannot
/// predict.
impl Ord for OrderKey {
    #[inline]
    fn cmp(&self, other: &Self) -> Ordering {
        let wide = |key: &Self| {
            let joined = |high: u64, low: u64| u128::from(high) << 64 | u128::from(low);
            (joined(key.priority, key.rank), joined(key.arrival, u64::from(key.number)))
        };
        wide(self).cmp(&wide(other))
    }
}

impl PartialOrd for OrderKey {
    #[inline]
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

/// A number as an integer that compares as less if the number is higher.
#[inline]
pub(super) fn descending(value: f64) -> u64 {
    !ordered(value)
}
