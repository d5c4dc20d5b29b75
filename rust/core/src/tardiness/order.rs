//! Orders of jobs: keys packed beside their index into one word where they fit, then radix sorted; compared as tuples where not.
//!
//! Comparing through an index array costs a cache miss a comparison; one packed word is moved instead. Partitioning by the top bits
//! first keeps every later pass inside the cache.

use crate::simd::{Simd, avx512};

/// Fewer words than this are sorted by comparison.
const SMALL: usize = 192;
/// More words than this are partitioned by their top bits first; so many fit the second-level cache, twice.
const CACHED: usize = 1 << 16;
/// Bits of a digit.
const DIGIT: u32 = 8;
const BUCKETS: usize = 1 << DIGIT;

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

/// Least value and number of bits that tell the values of a column apart.
fn span(column: &[i64]) -> (i64, u32) {
    let (low, high) = wide(|| column.iter().fold((i64::MAX, i64::MIN), |(low, high), &v| (low.min(v), high.max(v))));
    if low >= high { (low, 0) } else { (low, 64 - (high.wrapping_sub(low) as u64).leading_zeros()) }
}

impl Sorter {
    /// Writes the indices of `major` into `order`, sorted by `(major, minor, index)`.
    pub fn sort(&mut self, major: &[i64], minor: Option<&[i64]>, order: &mut Vec<u32>) {
        let n = major.len();
        let index_bits = usize::BITS - n.saturating_sub(1).leading_zeros();
        let (low, bits) = span(major);
        let (minor_low, minor_bits) = minor.map_or((0, 0), span);
        let key_bits = bits + minor_bits;
        if key_bits + index_bits > u64::BITS {
            return sort_tuples(major, minor, order);
        }
        // A shift by all 64 bits would only happen to a key of no bits, which is zero anyway.
        let shift = (index_bits + minor_bits) % u64::BITS;
        self.words.resize(n, 0);
        let words = self.words.iter_mut().zip(major).zip(0_u64..);
        match minor.filter(|_| minor_bits > 0) {
            None => wide(|| words.for_each(|((word, v), j)| *word = (v.wrapping_sub(low) as u64) << shift | j)),
            Some(minor) => wide(|| {
                words.zip(minor).for_each(|(((word, v), j), m)| {
                    *word = (v.wrapping_sub(low) as u64) << shift | (m.wrapping_sub(minor_low) as u64) << index_bits | j;
                });
            }),
        }
        self.spare.resize(n, 0); // no pass reads what an earlier call left here
        // Where few values are equal it is enough to sort by the major key, and to look at the equal ones again.
        let few_ties = minor_bits > 0 && bits >= index_bits;
        let (low, bits) = if few_ties { (index_bits + minor_bits, bits) } else { (index_bits, key_bits) };
        sort_words(&mut self.words, &mut self.spare[..n], low, bits, few_ties, false);
        let mask = (1_u64 << (index_bits % u64::BITS)) - 1;
        order.resize(n, 0);
        wide(|| order.iter_mut().zip(&self.words).for_each(|(job, word)| *job = (word & mask) as u32));
    }
}

/// The definition, for keys of any width.
fn sort_tuples(major: &[i64], minor: Option<&[i64]>, order: &mut Vec<u32>) {
    let minor_of = |j: usize| minor.map_or(0, |minor| minor[j]);
    let mut keys: Vec<(i64, i64, u32)> = major.iter().enumerate().map(|(j, &v)| (v, minor_of(j), j as u32)).collect();
    keys.sort_unstable();
    order.clear();
    order.extend(keys.iter().map(|key| key.2));
}

/// The bits of `mask` that follow after `shift` ones; fewer than [`BUCKETS`] values.
#[inline(always)]
fn digit(word: u64, shift: u32, mask: usize) -> usize {
    word.wrapping_shr(shift) as usize & mask & (BUCKETS - 1)
}

/// Sorts words that are in order of their lowest `low` bits already, by the `bits` above these, or by all bits if `all` is set. The
/// result is in `words`, or in `spare` if `over` is set.
fn sort_words(words: &mut [u64], spare: &mut [u64], low: u32, bits: u32, all: bool, over: bool) {
    if words.len() < SMALL || bits == 0 {
        words.sort_unstable();
        if over {
            spare.copy_from_slice(words);
        }
        return;
    }
    if words.len() <= CACHED {
        sort_cached(words, spare, low, bits, over);
        if all {
            settle_ties(if over { spare } else { words }, low);
        }
        return;
    }
    let width = bits.min(DIGIT);
    let (shift, mask) = (low + bits - width, (1 << width) - 1);
    let mut ends = [0_u32; BUCKETS];
    for &word in &*words {
        ends[digit(word, shift, mask)] += 1;
    }
    scatter(words, spare, &mut ends, shift, mask);
    let mut start = 0;
    for end in ends {
        let end = end as usize;
        sort_words(&mut spare[start..end], &mut words[start..end], low, bits - width, all, !over);
        start = end;
    }
}

/// Sorts the runs of words that are equal from bit `low` on.
fn settle_ties(words: &mut [u64], low: u32) {
    let mut start = 0;
    for k in 1..=words.len() {
        if k == words.len() || (words[k] ^ words[start]) >> low != 0 {
            if k - start > 1 {
                words[start..k].sort_unstable();
            }
            start = k;
        }
    }
}

/// Moves every word to its bucket, in order. Takes the buckets' sizes, leaves their ends.
fn scatter(from: &[u64], to: &mut [u64], places: &mut [u32; BUCKETS], shift: u32, mask: usize) {
    let mut start = 0;
    for place in places.iter_mut() {
        start += std::mem::replace(place, start);
    }
    for &word in from {
        let place = &mut places[digit(word, shift, mask)];
        to[*place as usize] = word;
        *place = place.wrapping_add(1); // fewer than 2^32 words
    }
}

/// Least significant digit first, all histograms in one pass; digits on which all words agree are skipped.
fn sort_cached(words: &mut [u64], spare: &mut [u64], low: u32, bits: u32, over: bool) {
    let passes = bits.div_ceil(DIGIT);
    let width = bits.div_ceil(passes);
    let mask = (1 << width) - 1;
    let mut counts = [[0_u32; BUCKETS]; 8];
    let counts = &mut counts[..passes as usize];
    for &word in &*words {
        let mut shift = low;
        for counts in counts.iter_mut() {
            let count = &mut counts[digit(word, shift, mask)];
            *count = count.wrapping_add(1); // fewer than 2^32 words
            shift = shift.wrapping_add(width);
        }
    }
    let (mut from, mut to, mut swapped) = (words, spare, false);
    for (pass, counts) in counts.iter_mut().enumerate() {
        let shift = low + pass as u32 * width;
        if counts[digit(from[0], shift, mask)] as usize == from.len() {
            continue;
        }
        scatter(from, to, counts, shift, mask);
        (from, to, swapped) = (to, from, !swapped);
    }
    if swapped != over {
        to.copy_from_slice(from);
    }
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
            for width in [1, 10, 1 << 20, 1 << 40] {
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
