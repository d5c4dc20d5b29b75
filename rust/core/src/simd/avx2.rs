//! The kernels for processors that have AVX2, but not AVX-512.
#![allow(unsafe_code)]

use std::arch::x86_64::{
    _mm256_and_si256, _mm256_castsi256_pd, _mm256_castsi256_ps, _mm256_cmpeq_epi32, _mm256_cmpeq_epi64, _mm256_cmpgt_epi32,
    _mm256_cmpgt_epi64, _mm256_loadu_si256, _mm256_movemask_pd, _mm256_movemask_ps, _mm256_set1_epi32, _mm256_set1_epi64x,
    _mm256_setr_epi32, _mm256_setr_epi64x, _mm256_storeu_si256, _mm256_sub_epi32, _mm256_sub_epi64,
};

use super::{Loop, Need, Portable, Simd, WINDOW, first_run};

/// Proof that the processor has AVX2 and bit-manipulation instructions.
#[derive(Debug, Clone, Copy)]
pub struct Avx2(());

impl Avx2 {
    /// Asks the processor.
    #[must_use]
    pub fn detect() -> Option<Self> {
        let found = is_x86_feature_detected!("avx2")
            && is_x86_feature_detected!("bmi1")
            && is_x86_feature_detected!("bmi2")
            && is_x86_feature_detected!("lzcnt");
        found.then_some(Self(()))
    }
}

macro_rules! avx2 {
    ($word:ty, $lane:ty, $lanes:expr, $set:ident, $sub:ident, $equal:ident, $larger:ident, $float:ident, $bits:ident, $places:expr) => {
        impl Simd<$word> for Avx2 {
            #[inline(always)]
            fn vectorize<L: Loop>(self, work: L) -> L::Output {
                #[target_feature(enable = "avx2,bmi1,bmi2,lzcnt")]
                #[inline]
                fn enabled<L: Loop>(work: L) -> L::Output {
                    work.run()
                }
                // SAFETY: `self` proves that the processor has these features.
                unsafe { enabled(work) }
            }

            #[inline(always)]
            fn first_fit(self, profile: &[$word], from: usize, need: Need<$word>, guard: $word) -> usize {
                if need.duration >= WINDOW {
                    return Portable.first_fit(profile, from, need, guard);
                }
                first_run(self, profile, from, need, guard)
            }

            #[inline(always)]
            fn free(self, profile: &[$word], from: usize, demand: $word, guard: $word) -> u64 {
                let window = &profile[from..from + WINDOW as usize];
                let mut free = 0_u64;
                // SAFETY: every vector lies inside `window`, and `self` proves that the processor has the instructions.
                unsafe {
                    let (guards, demand) = ($set(guard as $lane), $set(demand as $lane));
                    let mut k = 0;
                    while k < WINDOW as usize / $lanes {
                        let level = _mm256_loadu_si256(window.as_ptr().add(k * $lanes).cast());
                        let fits = $equal(_mm256_and_si256($sub(level, demand), guards), guards);
                        free |= u64::from($bits($float(fits)) as u32) << (k * $lanes);
                        k += 1;
                    }
                }
                free
            }

            /// The first two vectors always, without a branch; slots beyond the duration are written as they were.
            #[inline(always)]
            fn subtract(self, profile: &mut [$word], start: usize, need: Need<$word>) {
                let mut done = 0;
                let slots = &mut profile[start..start + (need.duration as usize).next_multiple_of(2 * $lanes)];
                while done < slots.len() {
                    // SAFETY: both vectors lie inside `slots`, and `self` proves that the processor has the instructions.
                    unsafe {
                        let demand = $set(need.demand as $lane);
                        for part in [done, done + $lanes] {
                            let left = $set(need.duration as $lane - part as $lane);
                            let some = $larger(left, $places);
                            let place = slots.as_mut_ptr().add(part).cast();
                            let level = _mm256_loadu_si256(place);
                            _mm256_storeu_si256(place, $sub(level, _mm256_and_si256(demand, some)));
                        }
                    }
                    done += 2 * $lanes;
                }
            }
        }
    };
}
avx2!(
    u32,
    i32,
    8,
    _mm256_set1_epi32,
    _mm256_sub_epi32,
    _mm256_cmpeq_epi32,
    _mm256_cmpgt_epi32,
    _mm256_castsi256_ps,
    _mm256_movemask_ps,
    _mm256_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7)
);
avx2!(
    u64,
    i64,
    4,
    _mm256_set1_epi64x,
    _mm256_sub_epi64,
    _mm256_cmpeq_epi64,
    _mm256_cmpgt_epi64,
    _mm256_castsi256_pd,
    _mm256_movemask_pd,
    _mm256_setr_epi64x(0, 1, 2, 3)
);
