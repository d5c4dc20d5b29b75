//! Sizes of items: integers, or finite floats.

use std::cmp::Ordering;
use std::fmt::Debug;

use crate::control::Pulse;
use crate::error::{InputError, Value, check_each, check_nonnegative_sum};
use crate::sort::{Sorter, float_key};

/// A search among floats ends when its limits differ by no more than this part.
const CLOSE: f64 = 1e-12;

/// The number type of sizes and loads.
pub trait Size: Copy + PartialOrd + Debug + Default + Send + Sync + Into<Value> + Into<crate::total::Total> {
    /// Whether the numbers are integers.
    const WHOLE: bool;
    /// A number below all sizes.
    const BELOW: Self;
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
    /// The number that has this key, for integers; floats have no use for it.
    fn from_key(key: i64) -> Self;
    /// A number between two others, from the lower one up to below the upper one; None if there is none worth trying.
    fn between(low: Self, high: Self) -> Option<Self>;
    /// The least number that a search tries above one that has failed.
    #[must_use]
    fn above(self) -> Self;
    /// A part of a sum that no share of all `parts` parts can all be below.
    #[must_use]
    fn share(self, parts: usize, items: usize) -> Self;
    /// The number as a float.
    fn as_f64(self) -> f64;
    /// Refuses sizes that are negative or not finite, and a sum beyond what the type adds up exactly or holds.
    ///
    /// # Errors
    /// The first such size, by index.
    fn check(field: &'static str, sizes: &[Self]) -> Result<(), InputError>;
}

impl Size for i64 {
    const WHOLE: bool = true;
    const BELOW: Self = -1;

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

    fn from_key(key: i64) -> Self {
        key
    }

    fn between(low: Self, high: Self) -> Option<Self> {
        (low < high).then(|| low + (high - low) / 2)
    }

    fn above(self) -> Self {
        self + 1
    }

    fn share(self, parts: usize, _: usize) -> Self {
        (self as u64).div_ceil(parts as u64) as Self
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
    const WHOLE: bool = false;
    const BELOW: Self = -1.0;

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

    fn from_key(key: i64) -> Self {
        key as Self
    }

    fn between(low: Self, high: Self) -> Option<Self> {
        (high - low > high * CLOSE).then(|| low + (high - low) / 2.0)
    }

    fn above(self) -> Self {
        self
    }

    fn share(self, parts: usize, items: usize) -> Self {
        self / parts as Self * (1.0 - Self::EPSILON * (items + 4) as Self)
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
    if sizes.len() > i32::MAX as usize {
        return Err(InputError::new(field, format!("has {} items, at most 2**31 - 1 are possible", sizes.len())));
    }
    T::check(field, sizes)
}

/// The indices of sizes, the largest size first, ties by index. What a stopped pulse leaves must not be used.
pub(super) fn descending<T: Size>(sizes: &[T], pulse: &mut Pulse) -> Vec<u32> {
    let keys: Vec<i64> = sizes.iter().map(|size| -size.key()).collect();
    let mut order = Vec::new();
    Sorter::default().sort_interruptible(&keys, None, &mut order, |steps| pulse.worked(steps));
    order
}

/// A bound on a value that was lowered by a part `rounding`: the value itself if both differ by such rounding alone.
pub(super) fn reached(bound: f64, value: f64, rounding: f64) -> f64 {
    if value <= bound * (1.0 + 2.0 * rounding) { value } else { bound }
}

/// The sum of the sizes in each bin, added up in order of the items.
pub(super) fn loads<T: Size>(sizes: &[T], bin: &[u32], num_bins: usize) -> Vec<T> {
    let mut load = vec![T::default(); num_bins];
    for (&size, &b) in sizes.iter().zip(bin) {
        load[b as usize] = load[b as usize].plus(size);
    }
    load
}
