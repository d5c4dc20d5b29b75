//! Radix sort of packed words: the top digit first until a bucket fits the cache, then the least significant digit first.
//!
//! A few bits more than the logarithm of their number tell most words apart. Only so many are sorted by digits; what is still
//! equal then is found in one pass and compared.

use super::RUN;
use crate::cost;
use crate::simd::wide;

/// Fewer words than this are sorted by comparison.
const SMALL: usize = 128;
/// More words than this are dealt out by their top bits first; so many fit the second-level cache, twice.
pub(super) const CACHED: usize = 1 << 16;
/// Bits beyond the logarithm of their number by which words are sorted: one in 64 meets an equal one, if keys are spread evenly.
const EXTRA: u32 = 6;
/// Bits of a digit.
const DIGIT: u32 = 8;
const BUCKETS: usize = 1 << DIGIT;

/// What words are sorted by: `bits` from bit `low` on. Below, words that are equal so far are in order already.
#[derive(Debug, Clone, Copy)]
pub(super) struct Keys {
    pub(super) low: u32,
    pub(super) bits: u32,
    /// The bits of the index.
    pub(super) index: u64,
    /// Whether this is all that jobs are sorted by; else it is of interest whether some are equal.
    pub(super) whole: bool,
}

/// A few neighbouring bits of a word.
#[derive(Debug, Clone, Copy)]
pub(super) struct Digit {
    shift: u32,
    mask: usize,
}

impl Digit {
    fn new(shift: u32, width: u32) -> Self {
        Self { shift, mask: (1 << width) - 1 }
    }

    /// The same digit of a word without its lowest `bits`.
    pub(super) fn above(self, bits: u32) -> Self {
        Self { shift: self.shift - bits, ..self }
    }

    #[inline(always)]
    pub(super) fn of(self, word: u64) -> usize {
        word.wrapping_shr(self.shift) as usize & self.mask & (BUCKETS - 1)
    }
}

/// Sizes of buckets, then their starts, and when all words have been placed, their ends. There are fewer than 2^32 words.
#[derive(Debug, Clone, Copy)]
pub(super) struct Buckets([u32; BUCKETS]);

impl Default for Buckets {
    fn default() -> Self {
        Self([0; BUCKETS])
    }
}

impl Buckets {
    #[inline(always)]
    pub(super) fn count(&mut self, digit: usize) {
        self.0[digit] = self.0[digit].wrapping_add(1);
    }

    /// From sizes to starts; the largest size.
    #[inline(always)]
    pub(super) fn start(&mut self) -> usize {
        let (mut start, mut largest) = (0_u32, 0);
        for place in &mut self.0 {
            largest = largest.max(*place);
            start = start.wrapping_add(std::mem::replace(place, start));
        }
        largest as usize
    }

    /// Where the next word of a bucket goes.
    #[inline(always)]
    pub(super) fn place(&mut self, digit: usize) -> usize {
        let place = &mut self.0[digit];
        *place = place.wrapping_add(1);
        place.wrapping_sub(1) as usize
    }
}

impl Keys {
    /// The top digit, of at most so many bits, and what is left to sort by within its buckets.
    pub(super) fn split(self, most: u32) -> (Digit, Self) {
        let width = most.min(self.bits).min(DIGIT);
        let bits = self.bits - width;
        (Digit::new(self.low + bits, width), Self { bits, ..self })
    }

    /// Writes the indices of the words into `order`, sorted; whether some keys are equal, if they are not whole. The buffer has the
    /// same size. If `worked` stops it, what is written must not be used.
    pub(super) fn sort(
        self,
        words: &mut [u64],
        buffer: &mut [u64],
        order: &mut [u32],
        worked: &mut impl FnMut(u64) -> bool,
    ) -> bool {
        if words.len() < SMALL || self.bits == 0 {
            words.sort_unstable();
            self.unpack(words, order)
        } else if words.len() <= CACHED {
            self.sort_cached(words, buffer, order)
        } else {
            let (digit, rest) = self.split(DIGIT);
            let mut buckets = Buckets::default();
            for &word in &*words {
                buckets.count(digit.of(word));
            }
            buckets.start();
            for part in words.chunks(RUN) {
                if worked(cost::MERGED * RUN as u64) {
                    return false;
                }
                scatter(part, buffer, &mut buckets, digit);
            }
            rest.sort_buckets(&buckets, buffer, words, order, worked)
        }
    }

    /// Sorts one bucket after the other; each one's buffer is that of the one before, and in the cache.
    pub(super) fn sort_buckets(
        self,
        ends: &Buckets,
        words: &mut [u64],
        buffer: &mut [u64],
        order: &mut [u32],
        worked: &mut impl FnMut(u64) -> bool,
    ) -> bool {
        let (mut start, mut tied) = (0, false);
        for end in ends.0 {
            let end = end as usize;
            if worked(cost::MERGED * (end - start) as u64) {
                return false;
            }
            tied |= self.sort(&mut words[start..end], &mut buffer[..end - start], &mut order[start..end], worked);
            start = end;
        }
        tied
    }

    /// Least significant digit first, all buckets counted in one pass; digits on which all words agree are skipped.
    fn sort_cached(self, words: &mut [u64], buffer: &mut [u64], order: &mut [u32]) -> bool {
        let enough = usize::BITS - words.len().leading_zeros() + EXTRA;
        let passes = self.bits.min(enough).div_ceil(DIGIT);
        let bits = self.bits.min(passes * DIGIT);
        let (low, width) = (self.low + self.bits - bits, bits.div_ceil(passes));
        let digits: [Digit; 8] = std::array::from_fn(|pass| Digit::new(low + pass as u32 * width, width));
        let digits = &digits[..passes as usize];
        let mut buckets = [Buckets::default(); 8];
        for &word in &*words {
            for (buckets, digit) in buckets.iter_mut().zip(digits) {
                buckets.count(digit.of(word));
            }
        }
        let (mut from, mut to) = (words, buffer);
        for (buckets, &digit) in buckets.iter_mut().zip(digits) {
            if buckets.start() < from.len() {
                scatter(from, to, buckets, digit);
                (from, to) = (to, from);
            }
        }
        if bits < self.bits {
            settle(from, low);
        }
        self.unpack(from, order)
    }

    fn unpack(self, words: &[u64], order: &mut [u32]) -> bool {
        wide(|| order.iter_mut().zip(words).for_each(|(job, word)| *job = (word & self.index) as u32));
        !self.whole && words.windows(2).any(|pair| pair[0] ^ pair[1] <= self.index)
    }
}

/// Moves every word to its bucket, in order.
#[inline(always)]
fn scatter(from: &[u64], to: &mut [u64], buckets: &mut Buckets, digit: Digit) {
    for &word in from {
        to[buckets.place(digit.of(word))] = word;
    }
}

/// Sorts the runs of words that are equal from bit `low` on, where they are not in order.
fn settle(words: &mut [u64], low: u32) {
    let mut k = 1;
    while k < words.len() {
        if words[k] >= words[k - 1] {
            k += 1;
            continue;
        }
        let key = words[k] >> low;
        let before = words[..k].iter().rev().take_while(|&word| word >> low == key).count();
        let after = words[k..].iter().take_while(|&word| word >> low == key).count();
        words[k - before..k + after].sort_unstable();
        k += after;
    }
}
