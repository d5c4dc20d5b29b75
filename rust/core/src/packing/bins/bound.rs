//! Lower bounds on the number of bins.

use crate::control::Pulse;
use crate::cost;
use crate::packing::sizes::Size;

/// Relative rounding of a sum of floats that a bound allows for, for each item.
const ROUNDING: f64 = f64::EPSILON;

/// A bound on the number of bins; sizes are sorted, the largest first.
///
/// For integers L2 of Martello and Toth (1990), "Lower bounds and reduction procedures for the bin packing problem", Discrete Applied
/// Mathematics 28: for each threshold a, items above C - a are alone, items above C/2 are apart, and items from a to C/2 fill what
/// these leave. For floats the sum over the capacity, rounded up with allowance for rounding. O(n).
pub(in crate::packing) fn lower_bound<T: Size>(sorted: &[T], capacity: T, pulse: &mut Pulse) -> usize {
    if T::WHOLE {
        let whole: Vec<i64> = sorted.iter().map(|size| size.key()).collect();
        return l2(&whole, capacity.key(), pulse);
    }
    let share = sorted.iter().map(|size| size.as_f64()).sum::<f64>() / capacity.as_f64();
    (share * (1.0 - ROUNDING * (sorted.len() + 4) as f64)).ceil() as usize
}

/// L2 of integers, the largest first, none above the capacity.
pub(in crate::packing) fn l2(sorted: &[i64], capacity: i64, pulse: &mut Pulse) -> usize {
    let half = sorted.partition_point(|&size| 2 * size > capacity);
    let mut prefix = Vec::with_capacity(sorted.len() + 1);
    prefix.push(0_i64);
    for &size in sorted {
        prefix.push(prefix[prefix.len() - 1] + size);
    }
    let mut best = half as i64;
    // The thresholds that matter are the sizes up to half the capacity, and 0; they fall, so C - a rises and fewer are alone.
    let (mut end, mut alone) = (half, half);
    while end <= sorted.len() {
        let threshold = if end < sorted.len() { sorted[end] } else { 0 };
        while end < sorted.len() && sorted[end] >= threshold {
            end += 1;
        }
        while alone > 0 && sorted[alone - 1] <= capacity - threshold {
            alone -= 1;
        }
        let apart = (half - alone) as i64;
        let free = apart * capacity - (prefix[half] - prefix[alone]);
        let over = (prefix[end] - prefix[half] - free).max(0);
        best = best.max(half as i64 + (over + capacity - 1) / capacity);
        if pulse.worked(cost::PAIR) || end == sorted.len() {
            break;
        }
    }
    best as usize
}
