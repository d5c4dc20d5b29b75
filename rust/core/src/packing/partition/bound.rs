//! Lower bounds on the largest load.

use crate::packing::sizes::Size;

/// By which part a sum of floats that is carried along may be wrong: larger than the number of items times their precision.
const DRIFT: f64 = 1e-6;

/// A bound on the largest load; sizes are sorted, the largest first. O(n).
///
/// The largest of: the sum over k, rounded up; for each j the j + 1 smallest of the j k + 1 largest sizes, because some bin holds so many
/// of these; the largest size with the smallest ones that its bin must hold beside it, because the other bins cannot hold them.
pub(super) fn lower_bound<T: Size>(sorted: &[T], k: usize, max_count: Option<usize>, equal_count: bool) -> T {
    let n = sorted.len();
    let Some(&first) = sorted.first() else { return T::default() };
    let sum = |part: &[T]| part.iter().fold(T::default(), |sum, &size| sum.plus(size));
    let larger = |a: T, b: T| if b > a { b } else { a };
    let mut best = larger(first, sum(sorted).share(k, n));
    // Sums of neighbouring groups differ by k items, so each follows from the one before, nearly; few may exceed the bound.
    let mut nearly = first.as_f64();
    let mut j = 1_usize;
    while j.saturating_mul(k) < n {
        let (begin, end) = (j * k - j, j * k);
        nearly -= sorted[begin + 1 - k..begin].iter().map(|size| size.as_f64()).sum::<f64>();
        nearly += sorted[end + 1 - k..=end].iter().map(|size| size.as_f64()).sum::<f64>();
        if nearly > best.as_f64() * (1.0 - DRIFT) {
            best = larger(best, rounded(sum(&sorted[begin..=end]), j + 1));
        }
        j += 1;
    }
    let least = match (equal_count, max_count) {
        (true, _) => n / k,
        (false, Some(most)) => n.saturating_sub((k - 1).saturating_mul(most)),
        (false, None) => 0,
    };
    if least > 1 {
        best = larger(best, rounded(first.plus(sum(&sorted[n + 1 - least..])), least));
    }
    best
}

/// A sum with allowance for the rounding of floats.
fn rounded<T: Size>(sum: T, items: usize) -> T {
    sum.share(1, items)
}

/// The part by which the rounding of floats may change the sum of so many sizes, and its share.
pub(super) fn rounding(items: usize) -> f64 {
    f64::EPSILON * (items + 4) as f64
}

/// A bound on the largest completion time: for each i the i largest sizes on the i fastest bins, and all sizes on all bins.
pub(super) fn with_speeds<T: Size>(sorted: &[T], speeds: &[f64]) -> f64 {
    let mut fastest = speeds.to_vec();
    fastest.sort_by(|a, b| b.total_cmp(a));
    let (mut best, mut work, mut speed) = (0.0_f64, 0.0, 0.0);
    for (i, &fast) in fastest.iter().enumerate() {
        speed += fast;
        work += if i + 1 == fastest.len() {
            sorted.get(i..).unwrap_or_default().iter().map(|size| size.as_f64()).sum()
        } else {
            sorted.get(i).map_or(0.0, |size| size.as_f64())
        };
        best = best.max(work / speed);
    }
    best * (1.0 - rounding(2 * sorted.len() + speeds.len()))
}
