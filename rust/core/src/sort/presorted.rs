//! Columns that are in order already. Comparison sorts notice that, and so does this, in one pass that wide vectors make cheap.

#![allow(clippy::needless_bitwise_bool)] // a branch would keep loops from wide vectors

use crate::simd::wide;

/// Jobs that are looked at together.
const BLOCK: usize = 1024;
/// A glance at so many jobs tells almost always that there is no order.
const GLANCE: usize = 8;
/// A job that has to pass more others of its key than this is left to those who sort everything.
const PASSED: usize = 8;

/// Writes the indices into `order`, sorted by `(major, minor, index)`, if `major` rises without too many equal values in a row, or if
/// it falls strictly. False if it does neither; what `order` holds must not be used then. O(n), as a rule O(1) where there is no order.
pub(super) fn sort(major: &[i64], minor: Option<&[i64]>, order: &mut [u32]) -> bool {
    let glance = &major[..major.len().min(GLANCE)];
    if glance.len() > 1 && falls(glance) {
        return falling(major, order);
    }
    let tangled = |minor: &[i64]| glance.first() == glance.last() && !rises(&minor[..glance.len()]);
    rises(glance) && !minor.is_some_and(tangled) && rising(major, minor, order)
}

fn rising(major: &[i64], minor: Option<&[i64]>, order: &mut [u32]) -> bool {
    order.first_mut().into_iter().for_each(|slot| *slot = 0);
    for (first, end) in blocks(major.len()) {
        let keys = &major[first..end];
        if !wide(|| rises(keys)) {
            return false;
        }
        wide(|| order[first + 1..end].iter_mut().zip(first as u32 + 1..end as u32).for_each(|(slot, j)| *slot = j));
        // The job in front may have been moved while the jobs before were settled.
        if let Some(minor) = minor
            && (order[first] as usize != first || wide(|| any_tie_falls(keys, &minor[first..end])))
            && !settle(major, minor, first + 1..end, order)
        {
            return false;
        }
    }
    true
}

fn falling(major: &[i64], order: &mut [u32]) -> bool {
    if !blocks(major.len()).all(|(first, end)| wide(|| falls(&major[first..end]))) {
        return false;
    }
    wide(|| order.iter_mut().rev().zip(0..major.len() as u32).for_each(|(slot, j)| *slot = j));
    true
}

/// Ranges that cover all pairs of neighbours.
fn blocks(n: usize) -> impl Iterator<Item = (usize, usize)> {
    (0..n.saturating_sub(1)).step_by(BLOCK).map(move |first| (first, (first + BLOCK + 1).min(n)))
}

#[inline(always)]
fn rises(keys: &[i64]) -> bool {
    keys.iter().zip(&keys[1.min(keys.len())..]).fold(true, |so_far, (a, b)| so_far & (a <= b))
}

#[inline(always)]
fn falls(keys: &[i64]) -> bool {
    keys.iter().zip(&keys[1.min(keys.len())..]).fold(true, |so_far, (a, b)| so_far & (a > b))
}

/// Whether neighbours with equal keys have falling minor ones.
#[inline(always)]
fn any_tie_falls(keys: &[i64], minor: &[i64]) -> bool {
    let pairs = keys.iter().zip(minor);
    pairs.clone().zip(pairs.skip(1)).fold(false, |so_far, ((a, x), (b, y))| so_far | ((a == b) & (x > y)))
}

/// Puts the jobs of the range among those of equal keys in front of them; false if one has to pass too many.
fn settle(major: &[i64], minor: &[i64], range: std::ops::Range<usize>, order: &mut [u32]) -> bool {
    for k in range {
        if major[k - 1] != major[k] || minor[order[k - 1] as usize] <= minor[k] {
            continue;
        }
        let mut place = k;
        while place > 0 && major[place - 1] == major[k] && minor[order[place - 1] as usize] > minor[k] {
            if k - place == PASSED {
                return false;
            }
            order[place] = order[place - 1];
            place -= 1;
        }
        order[place] = k as u32;
    }
    true
}
