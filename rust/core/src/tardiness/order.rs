//! Orders of jobs: keys packed beside their index into one word where they fit, and these words sorted; compared as tuples where not.
//!
//! Comparing through an index array costs a cache miss a comparison; one packed word is moved instead. A few words are ranked by
//! counting the smaller ones, with wide vectors. Many are dealt out by their top bits while they are packed, so that all that follows,
//! down to the indices that are written, happens inside the cache.

use super::digits::{Buckets, CACHED, Keys};
use crate::simd::{Simd, avx512};

/// Sorts job indices by one or two integer keys, then by index. Keeps its memory from call to call.
#[derive(Debug, Clone, Default)]
pub struct Sorter {
    words: Vec<u64>,
    spare: Vec<u64>,
}

/// Runs simple loops over columns with wide vectors, where there are any.
#[inline(always)]
pub(super) fn wide<R>(work: impl FnOnce() -> R) -> R {
    match avx512() {
        Some(simd) => Simd::<u64>::vectorize(simd, work),
        None => work(),
    }
}

impl Sorter {
    /// Writes the indices of `major` into `order`, sorted by `(major, minor, index)`.
    pub fn sort(&mut self, major: &[i64], minor: Option<&[i64]>, order: &mut Vec<u32>) {
        let n = major.len();
        if in_order(major, minor) {
            order.clear();
            order.extend(0..n as u32);
            return;
        }
        let layout = wide(|| Layout::of(major, minor));
        if layout.bits() > u64::BITS {
            return sort_tuples(major, minor, order);
        }
        let minor = minor.filter(|_| layout.minor_bits > 0);
        order.resize(n, 0); // nobody reads what an earlier call left here, nor in the two others
        self.spare.resize(n, 0);
        if n > CACHED && layout.major_bits > 0 {
            return self.deal(layout, major, minor, order);
        }
        self.words.resize(n, 0);
        let words = &mut self.words[..];
        wide(|| {
            let mut k = 0;
            layout.pack(major, minor, |word| {
                words[k] = word;
                k += 1;
            });
        });
        if !rank(words, layout.bits() <= u32::BITS, order) {
            layout.keys().sort(words, &mut self.spare, order);
        }
    }

    /// Deals words out by their top digit while they are packed, and sorts one bucket after the other.
    fn deal(&mut self, layout: Layout, major: &[i64], minor: Option<&[i64]>, order: &mut [u32]) {
        let (digit, rest) = layout.keys().split(layout.major_bits);
        let above = digit.above(layout.index_bits + layout.minor_bits);
        let mut buckets = Buckets::default();
        for &v in major {
            buckets.count(above.of(layout.key(v)));
        }
        self.words.resize(buckets.start(), 0);
        let spare = &mut self.spare;
        layout.pack(major, minor, |word| spare[buckets.place(digit.of(word))] = word);
        rest.sort_buckets(&buckets, spare, &mut self.words, order);
    }
}

/// Whether the order is that of the indices; as a rule the first few jobs tell that it is not.
fn in_order(major: &[i64], minor: Option<&[i64]>) -> bool {
    match minor {
        None => major.is_sorted(),
        Some(minor) => major.iter().zip(minor).is_sorted(),
    }
}

/// Where the keys and the index are in a word: from the top, the major key, the minor key and the index.
#[derive(Debug, Clone, Copy)]
struct Layout {
    major_low: i64,
    minor_low: i64,
    major_bits: u32,
    minor_bits: u32,
    index_bits: u32,
}

impl Layout {
    #[inline(always)]
    fn of(major: &[i64], minor: Option<&[i64]>) -> Self {
        let index_bits = usize::BITS - major.len().saturating_sub(1).leading_zeros();
        let (major_low, major_bits) = span(major);
        let (minor_low, minor_bits) = minor.map_or((0, 0), span);
        Self { major_low, minor_low, major_bits, minor_bits, index_bits }
    }

    fn bits(self) -> u32 {
        self.major_bits + self.minor_bits + self.index_bits
    }

    fn keys(self) -> Keys {
        let index = (1_u64 << (self.index_bits % u64::BITS)) - 1;
        Keys { low: self.index_bits, bits: self.major_bits + self.minor_bits, index }
    }

    #[inline(always)]
    fn key(self, major: i64) -> u64 {
        major.wrapping_sub(self.major_low) as u64
    }

    /// The words of the jobs in order of their indices.
    #[inline(always)]
    fn pack(self, major: &[i64], minor: Option<&[i64]>, mut take: impl FnMut(u64)) {
        // A shift by all 64 bits would only happen to a key of no bits, which is zero anyway.
        let shift = (self.index_bits + self.minor_bits) % u64::BITS;
        match minor {
            None => major.iter().zip(0_u64..).for_each(|(&v, j)| take(self.key(v) << shift | j)),
            Some(minor) => major.iter().zip(minor).zip(0_u64..).for_each(|((&v, m), j)| {
                take(self.key(v) << shift | (m.wrapping_sub(self.minor_low) as u64) << self.index_bits | j);
            }),
        }
    }
}

/// Least value and number of bits that tell the values of a column apart.
#[inline(always)]
fn span(column: &[i64]) -> (i64, u32) {
    let (low, high) = column.iter().fold((i64::MAX, i64::MIN), |(low, high), &v| (low.min(v), high.max(v)));
    if low >= high { (low, 0) } else { (low, 64 - (high.wrapping_sub(low) as u64).leading_zeros()) }
}

macro_rules! ranking {
    ($name:ident, $word:ty) => {
        /// Sorts at most `N` words, given in order of their jobs, by counting for each how many are smaller; writes the jobs.
        #[inline(always)]
        fn $name<const N: usize>(words: &[u64], order: &mut [u32]) {
            let (mut lanes, mut ranks) = ([0; N], [0; N]);
            for (lane, &word) in lanes.iter_mut().zip(words) {
                *lane = word as $word;
            }
            for &word in &lanes[..words.len()] {
                for (rank, &lane) in ranks.iter_mut().zip(&lanes) {
                    *rank = <$word>::wrapping_add(*rank, <$word>::from(word < lane));
                }
            }
            for (&rank, job) in ranks[..words.len()].iter().zip(0..) {
                order[rank as usize] = job;
            }
        }
    };
}
ranking!(rank_narrow, u32);
ranking!(rank_wide, u64);

/// Ranks the words, if they are few enough and there are wide vectors. The sizes keep all counts in registers.
fn rank(words: &[u64], narrow: bool, order: &mut [u32]) -> bool {
    if avx512().is_none() {
        return false;
    }
    match (words.len(), narrow) {
        (0..=64, true) => wide(|| rank_narrow::<64>(words, order)),
        (65..=128, true) => wide(|| rank_narrow::<128>(words, order)),
        (129..=192, true) => wide(|| rank_narrow::<192>(words, order)),
        (0..=64, false) => wide(|| rank_wide::<64>(words, order)),
        _ => return false,
    }
    true
}

/// The definition, for keys of any width.
fn sort_tuples(major: &[i64], minor: Option<&[i64]>, order: &mut Vec<u32>) {
    let minor_of = |j: usize| minor.map_or(0, |minor| minor[j]);
    let mut keys: Vec<(i64, i64, u32)> = major.iter().enumerate().map(|(j, &v)| (v, minor_of(j), j as u32)).collect();
    keys.sort_unstable();
    order.clear();
    order.extend(keys.iter().map(|key| key.2));
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::Random;
    use proptest::prelude::*;

    fn check(major: &[i64], minor: Option<&[i64]>) {
        let (mut fast, mut slow) = (vec![9; 3], Vec::new());
        Sorter::default().sort(major, minor, &mut fast);
        sort_tuples(major, minor, &mut slow);
        assert!(fast == slow, "n = {}", major.len());
    }

    proptest! {
        #[test]
        fn equals_the_definition(
            rows in prop::collection::vec((any::<i64>(), any::<i64>()), 0..600),
            major in 0_u32..=64, minor in 0_u32..=64,
        ) {
            let narrow = |v: i64, bits: u32| if bits == 0 { -7 } else { v >> (64 - bits) };
            let (a, b): (Vec<i64>, Vec<i64>) = rows.iter().map(|&(a, b)| (narrow(a, major), narrow(b, minor))).unzip();
            check(&a, Some(&b));
            check(&a, None);
        }
    }

    #[test]
    fn large_orders_with_skew_and_ties() {
        let mut random = Random::new(5);
        for n in [CACHED, CACHED + 1, 200_000] {
            for width in [1, 10, 1 << 20, 1 << 36] {
                let minor: Vec<i64> = (0..n).map(|_| random.between(0, 100)).collect();
                let even: Vec<i64> = (0..n).map(|_| random.between(-width, width)).collect();
                let skew: Vec<i64> = even.iter().map(|&v| if v % 4 == 0 { v } else { v.max(0) }).collect();
                check(&even, Some(&minor));
                check(&skew, Some(&minor));
                check(&skew, None);
            }
        }
    }
}
