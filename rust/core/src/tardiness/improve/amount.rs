//! Costs in the type of the weights: exact integers, or floats.

use std::ops::{Add, Sub};

use crate::tardiness::Total;

/// A sum of weighted tardiness.
pub trait Amount:
    Copy + PartialOrd + Default + Add<Output = Self> + Sub<Output = Self> + Send + Sync + std::fmt::Debug + Into<Total>
{
    /// More than any sum.
    const MAX: Self;
    /// This weight times so many ticks.
    #[must_use]
    fn times(self, ticks: i64) -> Self;
    /// The same for a bound, which may be beyond the range of sums: the nearest number within it.
    #[must_use]
    fn bound(self, ticks: i64) -> Self;
    /// A sum of bounds.
    #[must_use]
    fn plus(self, other: Self) -> Self;
    /// A sum that may leave the range on its way to a result within it.
    #[must_use]
    fn plus_product(self, weight: Self, ticks: i64) -> Self;
}

impl Amount for i64 {
    const MAX: Self = Self::MAX;
    #[inline]
    fn times(self, ticks: i64) -> Self {
        self * ticks
    }
    #[inline]
    fn bound(self, ticks: i64) -> Self {
        self.saturating_mul(ticks)
    }
    #[inline]
    fn plus(self, other: Self) -> Self {
        self.saturating_add(other)
    }
    #[inline]
    fn plus_product(self, weight: Self, ticks: i64) -> Self {
        self.wrapping_add(weight.wrapping_mul(ticks))
    }
}

impl Amount for f64 {
    const MAX: Self = Self::INFINITY;
    #[inline]
    fn times(self, ticks: i64) -> Self {
        self * ticks as Self
    }
    #[inline]
    fn bound(self, ticks: i64) -> Self {
        self * ticks as Self
    }
    #[inline]
    fn plus(self, other: Self) -> Self {
        self + other
    }
    #[inline]
    fn plus_product(self, weight: Self, ticks: i64) -> Self {
        self + weight * ticks as Self
    }
}
