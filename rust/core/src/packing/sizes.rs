//! Sizes of items: integers, or finite floats.

use std::cmp::Ordering;
use std::fmt::Debug;

use crate::error::{InputError, Value, check_each, check_nonnegative_sum};
use crate::sort::float_key;

/// The number type of sizes and loads.
pub trait Size: Copy + PartialOrd + Debug + Default + Send + Sync + Into<Value> + Into<crate::total::Total> {
    /// The largest number of the type.
    const MOST: Self;
    /// The sum, in the order of the arguments.
    #[must_use]
    fn plus(self, other: Self) -> Self;
    /// The difference.
    #[must_use]
    fn minus(self, other: Self) -> Self;
    /// A total order; sizes are never NaN.
    fn order(&self, other: &Self) -> Ordering;
    /// An integer in the same order.
    fn key(self) -> i64;
    /// The number as a float.
    fn as_f64(self) -> f64;
    /// Refuses sizes that are negative or not finite, and a sum beyond what the type adds up exactly or holds.
    ///
    /// # Errors
    /// The first such size, by index.
    fn check(field: &'static str, sizes: &[Self]) -> Result<(), InputError>;
}

impl Size for i64 {
    const MOST: Self = Self::MAX;

    #[inline]
    fn plus(self, other: Self) -> Self {
        self + other
    }

    #[inline]
    fn minus(self, other: Self) -> Self {
        self - other
    }

    #[inline]
    fn order(&self, other: &Self) -> Ordering {
        self.cmp(other)
    }

    #[inline]
    fn key(self) -> i64 {
        self
    }

    #[inline]
    fn as_f64(self) -> f64 {
        self as f64
    }

    fn check(field: &'static str, sizes: &[Self]) -> Result<(), InputError> {
        check_nonnegative_sum(field, sizes).map(|_| ())
    }
}

impl Size for f64 {
    const MOST: Self = Self::INFINITY;

    #[inline]
    fn plus(self, other: Self) -> Self {
        self + other
    }

    #[inline]
    fn minus(self, other: Self) -> Self {
        self - other
    }

    #[inline]
    fn order(&self, other: &Self) -> Ordering {
        self.total_cmp(other)
    }

    #[inline]
    fn key(self) -> i64 {
        float_key(self)
    }

    #[inline]
    fn as_f64(self) -> f64 {
        self
    }

    fn check(field: &'static str, sizes: &[Self]) -> Result<(), InputError> {
        check_each(field, sizes, "must be finite and >= 0", |v| v.is_finite() && v >= 0.0)?;
        if sizes.iter().sum::<f64>().is_finite() {
            return Ok(());
        }
        Err(InputError::new(field, "the sum exceeds what a float holds"))
    }
}

/// Refuses sizes that are negative or not finite, and a sum beyond 2^53 or what a float holds.
///
/// # Errors
/// The first such size, by index.
///
/// ```
/// use schedkit_core::packing::check_sizes;
/// assert!(check_sizes("sizes", &[3_i64, 1]).is_ok());
/// assert_eq!(check_sizes("sizes", &[3_i64, -1]).unwrap_err().to_string(), "sizes[1] = -1: must be >= 0");
/// ```
pub fn check_sizes<T: Size>(field: &'static str, sizes: &[T]) -> Result<(), InputError> {
    T::check(field, sizes)
}
