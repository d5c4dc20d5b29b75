//! Levels of several resources in one machine word, and runs of time slots in a mask: what all kernels work on.

#![deny(unsafe_code)] // allowed in the kernels alone

/// A machine word that holds one lane per resource (see `rcpsp::lanes`), guard bits set.
pub trait Word: Copy + Default + Eq + Send + Sync + std::fmt::Debug + 'static {
    /// Narrows a 64-bit lane word.
    fn narrow(word: u64) -> Self;
    /// `level - demand`, wrapping.
    #[must_use]
    fn minus(self, demand: Self) -> Self;
    /// Whether subtracting `demand` from this level leaves every guard bit set.
    fn fits(self, demand: Self, guard: Self) -> bool;
}

macro_rules! word {
    ($type:ty) => {
        impl Word for $type {
            #[inline(always)]
            fn narrow(word: u64) -> Self {
                word as $type
            }
            #[inline(always)]
            fn minus(self, demand: Self) -> Self {
                self.wrapping_sub(demand)
            }
            #[inline(always)]
            fn fits(self, demand: Self, guard: Self) -> bool {
                self.wrapping_sub(demand) & guard == guard
            }
        }
    };
}
word!(u32);
word!(u64);

/// What the kernels know of one activity.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Need<W> {
    /// Demand, one lane per resource.
    pub demand: W,
    /// Time slots, at least 1.
    pub duration: u32,
    /// Six shifts of 5 bits that together find `duration` ones in a row; see [`run_shifts`].
    pub shifts: u32,
}

/// Slots beyond the horizon that a profile must have, always free, so that kernels may read ahead.
pub const PADDING: usize = WINDOW as usize + 16;

/// Slots that the vector kernel looks at in one step.
pub(super) const WINDOW: u32 = 64;

/// Shifts `s1, s2, ...` such that `m &= m >> s1; m &= m >> s2; ...` leaves bit `k` set where `duration` ones start at `k`.
///
/// Each step at most doubles the run that a bit stands for; unused shifts are 0 and change nothing. Exact up to 63 slots, all
/// that a window of 64 can be asked for.
#[must_use]
pub fn run_shifts(duration: u32) -> u32 {
    let (mut shifts, mut have) = (0, 1);
    for step in 0..6 {
        let shift = have.min(duration.min(WINDOW - 1) - have);
        shifts |= shift << (5 * step);
        have += shift;
    }
    shifts
}

/// Bits of `mask` at which a run of ones as long as the activity starts.
#[inline(always)]
pub(super) fn runs(mut mask: u64, shifts: u32) -> u64 {
    // Four steps serve durations to 16, the rest is rare.
    mask &= mask >> (shifts & 31);
    mask &= mask >> (shifts >> 5 & 31);
    mask &= mask >> (shifts >> 10 & 31);
    mask &= mask >> (shifts >> 15 & 31);
    if shifts >> 20 != 0 {
        mask &= mask >> (shifts >> 20 & 31);
        mask &= mask >> (shifts >> 25 & 31);
    }
    mask
}
