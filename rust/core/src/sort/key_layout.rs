//! How keys and an index are packed into one word.

use super::digits::Keys;

/// Where the keys and the index are in a word: from the top, the major key, the minor key and the index. Where that is too much, the
/// lowest bits of the minor key are cut off; the major key is whole.
#[derive(Debug, Clone, Copy)]
pub(super) struct Layout {
    major_low: i64,
    minor_low: i64,
    pub major_bits: u32,
    pub minor_bits: u32,
    pub minor_cut: u32,
    pub index_bits: u32,
}

impl Layout {
    #[inline(always)]
    pub fn of(major: &[i64], minor: Option<&[i64]>) -> Self {
        let index_bits = usize::BITS - major.len().saturating_sub(1).leading_zeros();
        let (major_low, major_bits) = span(major);
        let (minor_low, all) = minor.map_or((0, 0), span);
        let minor_bits = all.min(u64::BITS.saturating_sub(major_bits + index_bits));
        Self { major_low, minor_low, major_bits, minor_bits, minor_cut: all - minor_bits, index_bits }
    }

    pub fn bits(self) -> u32 {
        self.key_bits() + self.index_bits
    }

    pub fn key_bits(self) -> u32 {
        self.major_bits + self.minor_bits
    }

    pub fn keys(self) -> Keys {
        let index = (1_u64 << (self.index_bits % u64::BITS)) - 1;
        Keys { low: self.index_bits, bits: self.key_bits(), index, whole: self.minor_cut == 0 }
    }

    #[inline(always)]
    pub fn key(self, major: i64) -> u64 {
        major.wrapping_sub(self.major_low) as u64
    }

    #[inline(always)]
    pub fn minor(self, minor: i64) -> u64 {
        // A cut of all 64 bits would only happen where none of them are held.
        (minor.wrapping_sub(self.minor_low) as u64) >> (self.minor_cut % u64::BITS)
    }

    /// The keys of the jobs, major above minor, in order of their indices.
    #[inline(always)]
    pub fn keys_in_order(self, major: &[i64], minor: Option<&[i64]>, mut take: impl FnMut(u64)) {
        // A shift by all 64 bits would only happen to a key of no bits, which is zero anyway.
        let shift = self.minor_bits % u64::BITS;
        match minor {
            None => major.iter().for_each(|&v| take(self.key(v) << shift)),
            Some(minor) => major.iter().zip(minor).for_each(|(&v, &m)| {
                take(self.key(v) << shift | self.minor(m));
            }),
        }
    }

    /// The words of the jobs from `first` on, whose keys are given, in order of their indices.
    #[inline(always)]
    pub fn pack(self, first: u64, major: &[i64], minor: Option<&[i64]>, mut take: impl FnMut(u64)) {
        let (shift, mut job) = (self.index_bits % u64::BITS, first);
        self.keys_in_order(major, minor, |key| {
            take(key << shift | job);
            job = job.wrapping_add(1);
        });
    }
}

/// Least value and number of bits that tell the values of a column apart.
#[inline(always)]
fn span(column: &[i64]) -> (i64, u32) {
    let (low, high) = column.iter().fold((i64::MAX, i64::MIN), |(low, high), &v| (low.min(v), high.max(v)));
    if low >= high { (low, 0) } else { (low, 64 - (high.wrapping_sub(low) as u64).leading_zeros()) }
}
