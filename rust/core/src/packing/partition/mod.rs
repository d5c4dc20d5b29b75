//! Partition into a given number of bins, `P || C_max` and `Q || C_max`: the largest load becomes small.

mod bound;
mod counts;
mod differencing;
mod exact;
mod lpt;
mod multifit;
#[cfg(test)]
mod tests;

pub use exact::partition_exact;

use super::sizes::{Size, check_sizes, descending, loads, reached};
use crate::control::Pulse;
use crate::error::{Error, InputError, check_each, check_length};
use crate::memory;
use crate::names::Named;
use crate::total::Total;
use counts::Counts;

/// Bytes that a method takes for each item, and for each bin, at most.
const BYTES: usize = 96;

/// A heuristic method of partition.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PartitionMethod {
    /// Longest processing time first: each item into the least loaded bin, the largest items first.
    Lpt,
    /// First fit decreasing, with a binary search for the least capacity that suffices.
    Multifit,
    /// Largest differencing method (Karmarkar and Karp 1982).
    KarmarkarKarp,
}

impl Named for PartitionMethod {
    const FIELD: &'static str = "method";

    fn all() -> impl Iterator<Item = (&'static str, Self)> + Clone {
        [("lpt", Self::Lpt), ("multifit", Self::Multifit), ("karmarkar_karp", Self::KarmarkarKarp)].into_iter()
    }
}

/// What a partition has to respect.
#[derive(Debug, Clone, Copy, Default)]
pub struct PartitionOptions<'a> {
    /// The most items in a bin.
    pub max_count: Option<usize>,
    /// Whether the numbers of items in two bins may differ by one at most.
    pub equal_count: bool,
    /// The speed of each bin; its completion time is its load over its speed.
    pub speeds: Option<&'a [f64]>,
}

/// Items in a given number of bins.
#[derive(Debug, Clone, PartialEq)]
pub struct Partition<T> {
    /// The bin of each item.
    pub bin: Vec<u32>,
    /// The sum of the sizes in each bin.
    pub load: Vec<T>,
    /// The largest load, or with speeds the largest completion time.
    pub max_load: Total,
    /// No partition has a smaller one, apart from the rounding of floats.
    pub lower_bound: Total,
}

/// Distributes items over `k` bins so that the largest load is small.
///
/// | method | guarantee | time |
/// | --- | --- | --- |
/// | `Lpt` | 4/3 - 1/(3 k) times the least (Graham 1969) | O(n log n); with d different speeds O(n (d + log k)) |
/// | `Multifit` | 13/11 times the least (Yue 1990), and never worse than `Lpt` | O(n log k) for each of some 50 capacities |
/// | `KarmarkarKarp` | 4/3 - 1/(3 k) times the least (Michiels et al. 2003) | O(n log n) for few bins, O(n k log k) at most |
///
/// Speeds are for `Lpt` alone. With equal counts, `KarmarkarKarp` is the balanced differencing of Michiels et al. (2012), which begins
/// with groups of k items of neighbouring sizes; with a largest count it keeps plain differencing if that respects it, and else takes the
/// better one of `Lpt` and balanced differencing. `Multifit` takes no equal counts.
///
/// # Errors
/// Negative or infinite sizes, no bin, counts that cannot hold all items, options that a method does not take, refused memory.
///
/// ```
/// use schedkit_core::control::Pulse;
/// use schedkit_core::packing::{PartitionMethod, PartitionOptions, partition};
/// let options = PartitionOptions::default();
/// let found = partition(&[8_i64, 7, 6, 5, 4], 2, PartitionMethod::KarmarkarKarp, &options, &mut Pulse::default())?;
/// assert_eq!((found.load, found.lower_bound), (vec![16, 14], 15.into()));
/// # Ok::<(), schedkit_core::Error>(())
/// ```
pub fn partition<T: Size>(
    sizes: &[T],
    k: usize,
    method: PartitionMethod,
    options: &PartitionOptions<'_>,
    pulse: &mut Pulse,
) -> Result<Partition<T>, Error> {
    check(sizes, k, options)?;
    let refused = match method {
        PartitionMethod::Multifit if options.equal_count => Some(("equal_count", "method 'multifit' takes no equal counts")),
        PartitionMethod::Multifit | PartitionMethod::KarmarkarKarp if options.speeds.is_some() => {
            Some(("speeds", "only method 'lpt' takes speeds"))
        }
        _ => None,
    };
    if let Some((field, reason)) = refused {
        return Err(InputError::new(field, reason).into());
    }
    memory::require_items(sizes.len() + k, BYTES)?;
    let stopped = Partition { bin: Vec::new(), load: Vec::new(), max_load: 0.into(), lower_bound: 0.into() };
    let order = descending(sizes, pulse);
    if pulse.stopped() {
        return Ok(stopped);
    }
    let sorted: Vec<T> = order.iter().map(|&i| sizes[i as usize]).collect();
    let counts = Counts::new(sizes.len(), k, options.max_count, options.equal_count);
    let bin = match (method, options.speeds) {
        (PartitionMethod::Lpt, None) => lpt::assign(&sorted, k, counts, pulse),
        (_, Some(speeds)) => lpt::assign_by_completion(&sorted, speeds, counts, pulse),
        (PartitionMethod::Multifit, None) => multifit::assign(&sorted, k, &counts, pulse),
        (PartitionMethod::KarmarkarKarp, None) => differencing::assign(&sorted, &order, k, counts, pulse),
    };
    if pulse.stopped() {
        return Ok(stopped);
    }
    let bin = in_order_of_items(&order, &bin);
    let load = loads(sizes, &bin, k);
    if let Some(speeds) = options.speeds {
        let max_load = load.iter().zip(speeds).map(|(load, speed)| load.as_f64() / speed).fold(0.0, f64::max);
        let rounding = bound::rounding(2 * sorted.len() + k);
        let lower_bound = reached(bound::with_speeds(&sorted, speeds), max_load, rounding);
        return Ok(Partition { bin, load, max_load: max_load.into(), lower_bound: lower_bound.into() });
    }
    let max_load = largest(&load);
    let least = bound::lower_bound(&sorted, k, options.max_count, options.equal_count);
    let rounding = if T::WHOLE { 0.0 } else { bound::rounding(sorted.len()) };
    let is_reached = reached(least.as_f64(), max_load.as_f64(), rounding) >= max_load.as_f64();
    let lower_bound = if is_reached { max_load } else { least };
    Ok(Partition { bin, load, max_load: max_load.into(), lower_bound: lower_bound.into() })
}

/// Refuses what no method takes.
fn check<T: Size>(sizes: &[T], k: usize, options: &PartitionOptions<'_>) -> Result<(), InputError> {
    if k == 0 {
        return Err(InputError::new("k", "must be >= 1").value(0_i64));
    }
    check_sizes("sizes", sizes)?;
    if let Some(most) = options.max_count
        && most.saturating_mul(k) < sizes.len()
    {
        let reason = format!("{k} bins of at most {most} items hold {} items, not {}", most * k, sizes.len());
        return Err(InputError::new("max_count", reason).value(most));
    }
    if let Some(speeds) = options.speeds {
        check_length("speeds", speeds.len(), k)?;
        check_each("speeds", speeds, "must be positive and finite", |v| v > 0.0 && v.is_finite())?;
    }
    Ok(())
}

/// The bins of items by index, from those in descending order of size.
fn in_order_of_items(order: &[u32], bin: &[u32]) -> Vec<u32> {
    let mut by_item = vec![0; order.len()];
    order.iter().zip(bin).for_each(|(&i, &b)| by_item[i as usize] = b);
    by_item
}

/// The largest load, 0 without bins.
fn largest<T: Size>(load: &[T]) -> T {
    load.iter().copied().fold(T::default(), |most, load| if load > most { load } else { most })
}
