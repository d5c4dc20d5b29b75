//! Tolerances for differences that come from rounding, and sums that rounding does not touch.

/// How far rounding alone may move apart two quantities that should be equal, when they were made of these: four times 2^-52 of the
/// largest of them. One addition moves its result by half of 2^-52 at most, so that is room for a few operations, and no more.
pub(super) fn slack<const N: usize>(quantities: [f64; N]) -> f64 {
    4.0 * f64::EPSILON * quantities.into_iter().map(f64::abs).filter(|q| q.is_finite()).fold(0.0, f64::max)
}

/// Whether rounding explains the difference of two quantities; never for NaN, and for infinities only if they are equal.
pub(super) fn equal(a: f64, b: f64) -> bool {
    a == b || (a - b).abs() <= slack([a, b])
}

/// A sum whose own rounding error is far below that of a plain one: the errors of all additions are summed beside it.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Sum {
    high: f64,
    low: f64,
    /// The sum of the absolute terms.
    magnitude: f64,
    terms: f64,
}

impl Sum {
    pub fn add(&mut self, term: f64) {
        let sum = self.high + term;
        let part = sum - self.high;
        self.low += (self.high - (sum - part)) + (term - part);
        self.high = sum;
        self.magnitude += term.abs();
        self.terms += 1.0;
    }

    pub fn value(&self) -> f64 {
        if self.high.is_finite() { self.high + self.low } else { self.high }
    }

    /// Whether a plain sum of the same terms, in any order, may come to `claimed`. Each of n terms, two operations that made it and n
    /// additions are off by 2^-53 of the sum of absolute terms at most.
    pub fn explains(&self, claimed: f64) -> bool {
        let error = (self.terms + 4.0) * 0.5 * f64::EPSILON * self.magnitude;
        claimed == self.value() || (error.is_finite() && (claimed - self.value()).abs() <= error)
    }
}

impl Extend<f64> for Sum {
    fn extend<I: IntoIterator<Item = f64>>(&mut self, terms: I) {
        terms.into_iter().for_each(|term| self.add(term));
    }
}

impl FromIterator<f64> for Sum {
    fn from_iter<I: IntoIterator<Item = f64>>(terms: I) -> Self {
        let mut sum = Self::default();
        sum.extend(terms);
        sum
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn units_in_the_last_place_are_rounding_and_more_is_not() {
        let unix = 1_700_000_000.0;
        let unit = 2_f64.powi(-22); // numbers from 2^30 to 2^31 are this far apart
        assert!(equal(unix, unix + 6.0 * unit) && !equal(unix, unix + 7.0 * unit)); // 4 * 2^-52 * unix = 6.3 units
        assert!(equal(0.1 + 0.2, 0.3) && !equal(0.0, f64::MIN_POSITIVE));
        assert!(equal(f64::INFINITY, f64::INFINITY) && !equal(f64::INFINITY, f64::MAX) && !equal(f64::NAN, f64::NAN));
    }

    #[test]
    fn a_sum_is_exact_where_a_plain_one_is_not() {
        // A plain sum loses every 1; the exact one is 10^16 + 1000.
        let terms = || std::iter::once(1e16).chain(std::iter::repeat_n(1.0, 1000));
        assert_eq!(terms().sum::<f64>(), 1e16);
        let sum: Sum = terms().collect();
        assert_eq!(sum.value(), 1e16 + 1000.0);
        assert!(sum.explains(1e16) && !sum.explains(1e16 + 3000.0));
        // A million tenths are summed in plain order to 100000.00000133288 (a known value), their exact sum is 100000.
        let tenths: Sum = std::iter::repeat_n(0.1, 1_000_000).collect();
        assert!((tenths.value() - 100_000.0).abs() < 1e-10);
        assert!(tenths.explains(100_000.000_001_332_88) && !tenths.explains(100_000.000_02));
    }
}
