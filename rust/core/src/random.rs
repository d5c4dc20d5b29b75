//! The one random number generator: xoshiro256++, seeded by an integer, with a stream that never changes between versions.
//!
//! Every derived draw (bounded integers, floats, shuffles) is defined here, not by a dependency, so that a seed means the same
//! answer for ever.

use rand_core::{Rng, SeedableRng};
use rand_xoshiro::{SplitMix64, Xoshiro256PlusPlus};

/// A seeded stream of random numbers.
///
/// ```
/// use schedkit_core::random::Random;
/// let mut a = Random::new(7);
/// let mut b = Random::new(7);
/// assert_eq!(a.below(1000), b.below(1000));
/// ```
#[derive(Debug, Clone)]
pub struct Random(Xoshiro256PlusPlus);

impl Random {
    /// The stream of `seed`.
    #[inline]
    #[must_use]
    pub fn new(seed: u64) -> Self {
        // What `seed_from_u64` does, made here, where the compiler leaves out the words that are never asked for.
        Self(Xoshiro256PlusPlus::from_rng(&mut SplitMix64::seed_from_u64(seed)))
    }

    /// Independent stream number `index` of `seed`, for threads, islands and instances. Stream 0 differs from `new(seed)`.
    #[must_use]
    pub fn stream(seed: u64, index: u64) -> Self {
        Streams::new(seed).get(index)
    }

    /// 64 random bits.
    #[inline]
    pub fn next_u64(&mut self) -> u64 {
        self.0.next_u64()
    }

    /// Uniform in `0..bound`, without bias (Lemire 2019); 0 for a bound of 0 or 1.
    #[inline]
    pub fn below(&mut self, bound: u64) -> u64 {
        let mut product = u128::from(self.next_u64()) * u128::from(bound);
        if (product as u64) < bound {
            let threshold = bound.wrapping_neg() % bound.max(1);
            while (product as u64) < threshold {
                product = u128::from(self.next_u64()) * u128::from(bound);
            }
        }
        (product >> 64) as u64
    }

    /// Uniform in `low..=high`.
    ///
    /// # Panics
    /// If `low > high`.
    #[inline]
    pub fn between(&mut self, low: i64, high: i64) -> i64 {
        assert!(low <= high, "between needs low <= high");
        let span = (high.wrapping_sub(low) as u64).wrapping_add(1);
        let offset = if span == 0 { self.next_u64() } else { self.below(span) };
        low.wrapping_add(offset as i64)
    }

    /// Uniform in `[0, 1)`, a multiple of 2^-53.
    #[inline]
    pub fn unit(&mut self) -> f64 {
        (self.next_u64() >> 11) as f64 * (1.0 / (1_u64 << 53) as f64)
    }

    /// Fisher-Yates, from the end.
    pub fn shuffle<T>(&mut self, items: &mut [T]) {
        for i in (1..items.len()).rev() {
            items.swap(i, self.below(i as u64 + 1) as usize);
        }
    }
}

/// The streams of one seed, where many are needed.
#[derive(Debug, Clone, Copy)]
pub struct Streams(u64);

impl Streams {
    /// The streams of `seed`.
    #[must_use]
    pub fn new(seed: u64) -> Self {
        Self(Random::new(seed).next_u64())
    }

    /// [`Random::stream`] number `index`.
    #[inline]
    #[must_use]
    pub fn get(&self, index: u64) -> Random {
        // Two rounds of seeding keep (seed, index) and (seed + 1, index - 1) apart.
        Random::new(self.0 ^ Random::new(index ^ 0x9e37_79b9_7f4a_7c15).next_u64().rotate_left(17))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_stream_is_the_published_one() {
        // First outputs of Blackman and Vigna's reference code for the state (1, 2, 3, 4).
        let mut seed = [0; 32];
        for (i, chunk) in seed.chunks_exact_mut(8).enumerate() {
            chunk.copy_from_slice(&(i as u64 + 1).to_le_bytes());
        }
        let mut r = Random(Xoshiro256PlusPlus::from_seed(seed));
        let expected = [41_943_041, 58_720_359, 3_588_806_011_781_223, 3_591_011_842_654_386, 9_228_616_714_210_784_205];
        assert_eq!(expected.map(|_| r.next_u64()), expected);
    }

    #[test]
    fn seeds_are_expanded_by_splitmix64() {
        // SplitMix64 of seed 0, Vigna's reference code: the four words of the state.
        let state = [0xe220_a839_7b1d_cdaf_u64, 0x6e78_9e6a_a1b9_65f4, 0x06c4_5d18_8009_454f, 0xf88b_b8a8_724c_81ec];
        let mut seed = [0; 32];
        for (chunk, word) in seed.chunks_exact_mut(8).zip(state) {
            chunk.copy_from_slice(&word.to_le_bytes());
        }
        let mut by_state = Random(Xoshiro256PlusPlus::from_seed(seed));
        let mut by_seed = Random::new(0);
        for _ in 0..8 {
            assert_eq!(by_state.next_u64(), by_seed.next_u64());
        }
    }

    #[test]
    fn bounded_draws_stay_in_bounds_and_reach_every_value() {
        let mut r = Random::new(3);
        let mut seen = [0_u32; 7];
        for _ in 0..7000 {
            seen[r.below(7) as usize] += 1;
        }
        assert!(seen.iter().all(|&count| (800..1200).contains(&count)), "{seen:?}");
        assert_eq!((r.below(0), r.below(1)), (0, 0));
        assert!((0..1000).all(|_| (0.0..1.0).contains(&r.unit())));
        assert!((0..100).all(|_| (-2..=2).contains(&r.between(-2, 2))));
        let _ = r.between(i64::MIN, i64::MAX);
    }

    #[test]
    fn a_shuffle_is_a_permutation_and_streams_differ() {
        let mut items: Vec<u32> = (0..100).collect();
        Random::new(1).shuffle(&mut items);
        assert_ne!(items, (0..100).collect::<Vec<_>>());
        items.sort_unstable();
        assert_eq!(items, (0..100).collect::<Vec<_>>());
        let first: std::collections::BTreeSet<u64> =
            (0..50).flat_map(|s| (0..50).map(move |i| Random::stream(s, i).next_u64())).collect();
        assert_eq!(first.len(), 2500);
    }
}
