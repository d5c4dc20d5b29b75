//! The twin of every kernel that runs everywhere.
#![deny(unsafe_code)] // allowed in the kernels alone

use super::{Loop, Need, Pairs, SearchKernel, Simd, Word};

/// What any processor can do.
#[derive(Debug, Clone, Copy)]
pub struct Portable;

impl<W: Word> Simd<W> for Portable {
    #[inline(always)]
    fn vectorize<L: Loop>(self, work: L) -> L::Output {
        work.run()
    }

    /// Looks at each window from its end, so that the last conflict moves the start as far as it can.
    #[inline(always)]
    fn first_fit(self, profile: &[W], from: usize, need: Need<W>, guard: W) -> usize {
        let duration = need.duration as usize;
        let (mut start, mut checked) = (from, from); // slots from `start` to `checked` are known to fit
        loop {
            let end = start + duration;
            match profile[checked..end].iter().rposition(|level| !level.fits(need.demand, guard)) {
                None => return start,
                Some(conflict) => start = checked + conflict + 1,
            }
            checked = end;
        }
    }

    #[inline(always)]
    fn subtract(self, profile: &mut [W], start: usize, need: Need<W>) {
        for level in &mut profile[start..start + need.duration as usize] {
            *level = level.minus(need.demand);
        }
    }

    #[inline(always)]
    fn free(self, profile: &[W], from: usize, demand: W, guard: W) -> u64 {
        let window = profile[from..from + 64].iter().enumerate();
        window.fold(0, |free, (k, level)| free | u64::from(level.fits(demand, guard)) << k)
    }
}

impl SearchKernel for Portable {
    type SortedPairs = Pairs;

    #[inline(always)]
    fn load(self, pairs: &Pairs) -> Pairs {
        *pairs
    }

    #[inline(always)]
    fn at_most(self, values: &[f64], limit: f64) -> u64 {
        values.iter().take(64).enumerate().fold(0, |found, (k, &value)| found | u64::from(value <= limit) << k)
    }

    #[inline(always)]
    fn least(self, values: &[f64], mut among: u64) -> f64 {
        let mut least = f64::INFINITY;
        while among != 0 {
            let value = values[among.trailing_zeros() as usize];
            least = if value < least { value } else { least };
            among &= among - 1;
        }
        least
    }
}
