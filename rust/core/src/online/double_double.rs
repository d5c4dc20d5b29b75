//! Numbers with twice the digits of a float, for clocks and service levels that are sums of very many parts.
//!
//! What meets at one instant in theory, a completion and an arrival say, would be parted by the rounding of such sums, and who is
//! served next may hang on it. Here rounding stays some 2^50 times below the last digit of a float, and what is closer than 2^27 times
//! below it [`meets`](DoubleDouble::meets).
//!
//! Dekker (1971), Numer. Math. 18; the names of the steps are Knuth's (4.2.2) and Shewchuk's (1997). Only sums, differences, products
//! and quotients are used, so every machine gives the same digits.

/// The sum of two floats, of which the second is at most half a digit of the first.
#[derive(Debug, Clone, Copy, PartialEq, PartialOrd)]
pub struct DoubleDouble {
    high: f64,
    low: f64,
}

impl From<f64> for DoubleDouble {
    #[inline]
    fn from(value: f64) -> Self {
        Self { high: value, low: 0.0 }
    }
}

/// The sum of two floats and its rounding error; nothing is known of their sizes.
#[inline]
fn two_sum(a: f64, b: f64) -> DoubleDouble {
    let high = a + b;
    let other = high - a;
    let low = (a - (high - other)) + (b - other);
    DoubleDouble { high, low: if high.is_finite() { low } else { 0.0 } }
}

/// The sum of two numbers, the first of which has the larger absolute value or is zero.
#[inline]
fn fast_two_sum(a: f64, b: f64) -> DoubleDouble {
    let high = a + b;
    DoubleDouble { high, low: if high.is_finite() { b - (high - a) } else { 0.0 } }
}

/// Halves of the digits of a float: their products are exact.
#[inline]
fn split(a: f64) -> (f64, f64) {
    let large = 134_217_729.0 * a; // 2^27 + 1
    let high = large - (large - a);
    (high, a - high)
}

/// The product of two floats and its rounding error.
#[inline]
fn two_product(a: f64, b: f64) -> DoubleDouble {
    let high = a * b;
    let ((a1, a2), (b1, b2)) = (split(a), split(b));
    let low = a2 * b2 - (((high - a1 * b1) - a2 * b1) - a1 * b2);
    DoubleDouble { high, low: if low.is_finite() { low } else { 0.0 } }
}

impl DoubleDouble {
    /// Later or higher than everything.
    pub const INFINITE: Self = Self { high: f64::INFINITY, low: 0.0 };

    /// `a - b` in full.
    #[inline]
    #[must_use]
    pub fn difference(a: f64, b: f64) -> Self {
        two_sum(a, -b)
    }

    /// The nearest float.
    #[inline]
    #[must_use]
    pub fn round(self) -> f64 {
        self.high
    }

    /// The difference to the nearest float.
    #[inline]
    #[must_use]
    pub fn rest(self) -> f64 {
        self.low
    }

    /// Whether the two differ by no more than what many sums have lost, of numbers as large as these or as `scale`.
    #[inline]
    #[must_use]
    pub fn meets(self, other: Self, scale: f64) -> bool {
        const LOST: f64 = f64::EPSILON * f64::EPSILON * (1_u64 << 24) as f64; // 2^-80
        (self - other).high.abs() <= LOST * self.high.abs().max(scale.abs())
    }

    /// Whether this is at least as much as the other, but for what many sums have lost.
    #[inline]
    #[must_use]
    pub fn reaches(self, other: Self, scale: f64) -> bool {
        self >= other || self.meets(other, scale)
    }

    /// The smaller one.
    #[inline]
    #[must_use]
    pub fn min(self, other: Self) -> Self {
        if other < self { other } else { self }
    }

    /// The larger one.
    #[inline]
    #[must_use]
    pub fn max(self, other: Self) -> Self {
        if other > self { other } else { self }
    }
}

impl std::ops::Neg for DoubleDouble {
    type Output = Self;
    #[inline]
    fn neg(self) -> Self {
        Self { high: -self.high, low: -self.low }
    }
}

impl std::ops::Add for DoubleDouble {
    type Output = Self;
    #[inline]
    fn add(self, other: Self) -> Self {
        let (high, low) = (two_sum(self.high, other.high), two_sum(self.low, other.low));
        let sum = fast_two_sum(high.high, high.low + low.high);
        fast_two_sum(sum.high, sum.low + low.low)
    }
}

impl std::ops::Sub for DoubleDouble {
    type Output = Self;
    #[inline]
    fn sub(self, other: Self) -> Self {
        self + -other
    }
}

impl std::ops::Mul<f64> for DoubleDouble {
    type Output = Self;
    #[inline]
    fn mul(self, factor: f64) -> Self {
        let product = two_product(self.high, factor);
        fast_two_sum(product.high, product.low + self.low * factor)
    }
}

impl std::ops::Div<f64> for DoubleDouble {
    type Output = Self;
    #[inline]
    fn div(self, divisor: f64) -> Self {
        let high = self.high / divisor;
        if !high.is_finite() {
            return Self::from(high);
        }
        let product = two_product(high, divisor);
        let rest = (self.high - product.high) - product.low + self.low;
        fast_two_sum(high, rest / divisor)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn thirds_add_up() {
        let third = DoubleDouble::from(1.0) / 3.0;
        let sum = (third + third + third) - DoubleDouble::from(1.0);
        assert!(sum.round().abs() < 1e-31, "{sum:?}");
        assert_ne!((1.0 / 3.0_f64).mul_add(3.0, -1.0), 0.0, "floats alone do not");
    }

    #[test]
    fn small_parts_of_large_clocks_are_kept() {
        let mut clock = DoubleDouble::from(1.7e9);
        for _ in 0..1_000_000 {
            clock = clock + DoubleDouble::from(1e-9);
        }
        assert!(((clock - DoubleDouble::from(1.7e9)).round() - 1e-3).abs() < 1e-15, "{clock:?}");
        assert_eq!((DoubleDouble::from(1e17) + DoubleDouble::from(1.0) - DoubleDouble::from(1e17)).round(), 1.0);
    }

    #[test]
    fn infinity_stays_what_it_is() {
        let infinite = DoubleDouble::INFINITE;
        assert_eq!((infinite - DoubleDouble::from(3.0)) / 7.0 * 5.0 + DoubleDouble::from(1.0), infinite);
        assert_eq!(infinite.min(DoubleDouble::from(2.0)), DoubleDouble::from(2.0));
        let above = DoubleDouble::from(1.0) + DoubleDouble::from(1e-20);
        assert!(DoubleDouble::from(1.0) < above && !above.meets(DoubleDouble::from(1.0), 1.0));
        assert!(above.meets(DoubleDouble::from(1.0), 1e9) && above.reaches(DoubleDouble::from(1.0), 0.0));
        assert!((DoubleDouble::from(1.0) - DoubleDouble::from(1e-30)).reaches(DoubleDouble::from(1.0), 0.0));
    }

    proptest! {
        /// Whole numbers of 90 bits, held to integers.
        #[test]
        fn sums_and_products_of_whole_numbers_are_exact(a in -(1_i128 << 90)..(1_i128 << 90), b in -(1_i128 << 90)..(1_i128 << 90), c in 1_i128..4096) {
            let twice = |x: i128| { let high = x as f64; two_sum(high, (x - high as i128) as f64) };
            let whole = |x: DoubleDouble| x.high as i128 + x.low as i128;
            prop_assert_eq!(whole(twice(a) + twice(b)), a + b);
            prop_assert_eq!(whole(twice(a) - twice(b)), a - b);
            prop_assert_eq!(whole(twice(a) * c as f64), a * c);
            prop_assert_eq!(whole(twice(a * c) / c as f64), a);
            prop_assert_eq!(twice(a) < twice(b), a < b);
        }
    }
}
