//! The kernels that need AVX-512.
#![allow(unsafe_code)]

use std::arch::x86_64::{
    __m512d, __m512i, _CMP_LE_OQ, _CMP_LT_OQ, _mm_cvtsi128_si64, _mm512_alignr_epi64, _mm512_castpd_si512, _mm512_castsi512_pd,
    _mm512_castsi512_si128, _mm512_cmp_pd_mask, _mm512_cvtsd_f64, _mm512_loadu_epi32, _mm512_loadu_epi64, _mm512_loadu_pd,
    _mm512_mask_cmp_pd_mask, _mm512_mask_min_pd, _mm512_mask_mov_epi64, _mm512_mask_mov_pd, _mm512_mask_storeu_epi32,
    _mm512_mask_storeu_epi64, _mm512_maskz_loadu_epi32, _mm512_maskz_loadu_epi64, _mm512_maskz_loadu_pd, _mm512_max_pd,
    _mm512_min_pd, _mm512_reduce_min_pd, _mm512_set1_epi32, _mm512_set1_epi64, _mm512_set1_pd, _mm512_storeu_epi64,
    _mm512_storeu_pd, _mm512_sub_epi32, _mm512_sub_epi64, _mm512_testn_epi32_mask, _mm512_testn_epi64_mask,
};

use super::{Loop, NOTHING, Need, Pair, Pairs, Portable, SearchKernel, Simd, SortedPairs, WINDOW, Work, first_run};

/// Proof that the processor has AVX-512 (foundation, conflict detection, double and quad words) and bit-manipulation instructions.
#[derive(Debug, Clone, Copy)]
pub struct Avx512(());

impl Avx512 {
    /// Asks the processor.
    #[must_use]
    pub fn detect() -> Option<Self> {
        let found = is_x86_feature_detected!("avx512f")
            && is_x86_feature_detected!("avx512cd")
            && is_x86_feature_detected!("avx512dq")
            && is_x86_feature_detected!("bmi1")
            && is_x86_feature_detected!("bmi2")
            && is_x86_feature_detected!("lzcnt");
        found.then_some(Self(()))
    }

    /// Runs `work` with the instructions enabled.
    pub(super) fn run<W: Work>(self, work: W) -> W::Output {
        #[target_feature(enable = "avx512f,avx512cd,avx512dq,bmi1,bmi2,lzcnt")]
        fn enabled<W: Work>(kernel: Avx512, work: W) -> W::Output {
            work.run(kernel)
        }
        // SAFETY: `self` proves that the processor has these features.
        unsafe { enabled(self, work) }
    }
}

/// Sorted pairs in two registers. Only an [`Avx512`] makes it, so it is the same proof.
#[derive(Debug, Clone, Copy)]
pub struct Registers {
    number: __m512d,
    owner: __m512i,
}

impl SortedPairs for Registers {
    #[inline(always)]
    fn take(&mut self) -> Pair {
        self.take_if(true)
    }

    #[inline(always)]
    fn take_if(&mut self, wanted: bool) -> Pair {
        let lanes = 0_u8.wrapping_sub(u8::from(wanted));
        // SAFETY: `self` proves that the processor has the instructions.
        unsafe {
            let first = (_mm512_cvtsd_f64(self.number), _mm_cvtsi128_si64(_mm512_castsi512_si128(self.owner)) as u64);
            let (number, owner) = (_mm512_castpd_si512(self.number), self.owner);
            let nothing = _mm512_castpd_si512(_mm512_set1_pd(NOTHING.0));
            let no_owner = _mm512_set1_epi64(NOTHING.1 as i64);
            let shorter = (_mm512_alignr_epi64::<1>(nothing, number), _mm512_alignr_epi64::<1>(no_owner, owner));
            self.number = _mm512_castsi512_pd(_mm512_mask_mov_epi64(number, lanes, shorter.0));
            self.owner = _mm512_mask_mov_epi64(owner, lanes, shorter.1);
            first
        }
    }

    /// Both outcomes are computed and one is selected, because a branch could not be predicted.
    #[inline(always)]
    fn put_larger(&mut self, first: Pair, other: Pair) {
        // SAFETY: `self` proves that the processor has the instructions.
        unsafe {
            let (first, first_owner) = (_mm512_set1_pd(first.0), _mm512_set1_epi64(first.1 as i64));
            let (other, other_owner) = (_mm512_set1_pd(other.0), _mm512_set1_epi64(other.1 as i64));
            let lowest = _mm512_castpd_si512(_mm512_set1_pd(f64::NEG_INFINITY));
            // All pairs, each moved back by one place.
            let back = _mm512_castsi512_pd(_mm512_alignr_epi64::<7>(_mm512_castpd_si512(self.number), lowest));
            let back_owner = _mm512_alignr_epi64::<7>(self.owner, self.owner);
            let in_front = _mm512_cmp_pd_mask::<_CMP_LT_OQ>(other, first);
            let stay = _mm512_cmp_pd_mask::<_CMP_LE_OQ>(self.number, other);
            let here_or_stay = _mm512_cmp_pd_mask::<_CMP_LE_OQ>(back, other);
            let number = _mm512_max_pd(back, _mm512_min_pd(self.number, other));
            let owner = _mm512_mask_mov_epi64(_mm512_mask_mov_epi64(back_owner, here_or_stay, other_owner), stay, self.owner);
            self.number = _mm512_mask_mov_pd(number, in_front, _mm512_mask_mov_pd(back, 1, first));
            self.owner = _mm512_mask_mov_epi64(owner, in_front, _mm512_mask_mov_epi64(back_owner, 1, first_owner));
        }
    }

    #[inline(always)]
    fn pairs(self) -> Pairs {
        let mut pairs = Pairs::EMPTY;
        // SAFETY: eight lanes fill each array, and `self` proves that the processor has the instructions.
        unsafe {
            _mm512_storeu_pd(pairs.number.as_mut_ptr(), self.number);
            _mm512_storeu_epi64(pairs.owner.as_mut_ptr().cast(), self.owner);
        }
        pairs
    }
}

impl SearchKernel for Avx512 {
    type SortedPairs = Registers;

    #[inline(always)]
    fn load(self, pairs: &Pairs) -> Registers {
        // SAFETY: each array fills eight lanes, and `self` proves that the processor has the instructions.
        unsafe {
            let number = _mm512_loadu_pd(pairs.number.as_ptr());
            Registers { number, owner: _mm512_loadu_epi64(pairs.owner.as_ptr().cast()) }
        }
    }

    #[inline(always)]
    fn at_most(self, values: &[f64], limit: f64) -> u64 {
        let mut found = 0;
        for (k, group) in values.chunks(8).take(8).enumerate() {
            let some = u8::MAX >> (8 - group.len());
            // SAFETY: the mask keeps the load inside `group`, and `self` proves that the processor has the instructions.
            let bits = unsafe {
                let values = _mm512_maskz_loadu_pd(some, group.as_ptr());
                _mm512_mask_cmp_pd_mask::<_CMP_LE_OQ>(some, values, _mm512_set1_pd(limit))
            };
            found |= u64::from(bits) << (8 * k);
        }
        found
    }

    #[inline(always)]
    fn least(self, values: &[f64], among: u64) -> f64 {
        // SAFETY: the masks keep the loads inside `group`, and `self` proves that the processor has the instructions.
        unsafe {
            let mut least = _mm512_set1_pd(f64::INFINITY);
            for (k, group) in values.chunks(8).take(8).enumerate() {
                let some = (u8::MAX >> (8 - group.len())) & (among >> (8 * k)) as u8;
                least = _mm512_mask_min_pd(least, some, least, _mm512_maskz_loadu_pd(some, group.as_ptr()));
            }
            _mm512_reduce_min_pd(least)
        }
    }
}

macro_rules! simd {
    ($word:ty, $lane:ty, $lanes:expr, $mask:ty, $load:ident, $load_some:ident, $store_some:ident, $set:ident, $sub:ident, $test:ident) => {
        impl Simd<$word> for Avx512 {
            #[inline(always)]
            fn vectorize<L: Loop>(self, work: L) -> L::Output {
                #[target_feature(enable = "avx512f,bmi1,bmi2,lzcnt")]
                #[inline]
                fn enabled<L: Loop>(work: L) -> L::Output {
                    work.run()
                }
                // SAFETY: `self` proves that the processor has these features.
                unsafe { enabled(work) }
            }

            /// One subtraction and one test per vector give a bit per slot; shifts of the 64 bits find the first long run.
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
                    let guards = $set(guard as $lane);
                    let below = $set(demand.wrapping_sub(1) as $lane);
                    let mut k = 0;
                    while k < WINDOW as usize / $lanes {
                        let level = $load(window.as_ptr().add(k * $lanes).cast());
                        // The guard bits of `demand - 1 - level` are those of `level - demand`, inverted.
                        free |= u64::from($test($sub(below, level), guards)) << (k * $lanes);
                        k += 1;
                    }
                }
                free
            }

            #[inline(always)]
            fn subtract(self, profile: &mut [$word], start: usize, need: Need<$word>) {
                let slots = &mut profile[start..start + need.duration as usize];
                let mut done = 0;
                while done < slots.len() {
                    let some = <$mask>::MAX >> ($lanes - (slots.len() - done).min($lanes));
                    // SAFETY: the mask keeps load and store inside `slots`, and `self` proves that the processor has the
                    // instructions.
                    unsafe {
                        let place = slots.as_mut_ptr().add(done);
                        let level = $load_some(some, place.cast());
                        $store_some(place.cast(), some, $sub(level, $set(need.demand as $lane)));
                    }
                    done += $lanes;
                }
            }
        }
    };
}
simd!(
    u32,
    i32,
    16,
    u16,
    _mm512_loadu_epi32,
    _mm512_maskz_loadu_epi32,
    _mm512_mask_storeu_epi32,
    _mm512_set1_epi32,
    _mm512_sub_epi32,
    _mm512_testn_epi32_mask
);
simd!(
    u64,
    i64,
    8,
    u8,
    _mm512_loadu_epi64,
    _mm512_maskz_loadu_epi64,
    _mm512_mask_storeu_epi64,
    _mm512_set1_epi64,
    _mm512_sub_epi64,
    _mm512_testn_epi64_mask
);
