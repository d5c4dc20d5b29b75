//! Short columns: each word is ranked by counting how many are smaller, with wide vectors and without a branch that depends on keys.

use crate::simd::{SearchKernel, Work, avx512, run};

/// The counts of so many words stay in registers.
const MOST: usize = 192;

/// Writes the positions of words of so many bits into `order`, sorted; the words are given in order of the positions that they end
/// with. False if there are too many, no wide vectors, or words that differ in their lower bits alone.
pub(super) fn rank(words: &[u64], bits: u32, order: &mut [u32]) -> bool {
    words.len() <= MOST && avx512().is_some() && run(Ranking { words, shift: bits.saturating_sub(u32::BITS), order })
}

struct Ranking<'a> {
    words: &'a [u64],
    shift: u32,
    order: &'a mut [u32],
}

impl Work for Ranking<'_> {
    type Output = bool;

    #[inline(always)]
    fn run(self, _: impl SearchKernel) -> bool {
        let Self { words, shift, order } = self;
        match words.len() {
            0..=64 => count::<64>(words, shift, order),
            65..=128 => count::<128>(words, shift, order),
            _ => count::<MOST>(words, shift, order),
        }
    }
}

#[inline(always)]
fn count<const N: usize>(words: &[u64], shift: u32, order: &mut [u32]) -> bool {
    let (mut tops, mut ranks) = ([0_u32; N], [0_u32; N]);
    for (top, &word) in tops.iter_mut().zip(words) {
        *top = (word >> shift) as u32;
    }
    for &top in &tops[..words.len()] {
        for (rank, &other) in ranks.iter_mut().zip(&tops) {
            *rank = rank.wrapping_add(u32::from(top < other));
        }
    }
    let positions = ranks[..words.len()].iter().zip(0..words.len() as u32);
    if shift == 0 {
        positions.for_each(|(&rank, position)| order[rank as usize] = position);
        return true;
    }
    // Where two share a rank one place stays empty, and the other one is taken twice.
    let order = &mut order[..words.len()];
    order.fill(u32::MAX);
    positions.for_each(|(&rank, position)| order[rank as usize] = position);
    !order.contains(&u32::MAX)
}
