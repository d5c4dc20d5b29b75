//! Kernels that this processor family does not have. They are never made; their methods are the portable ones.
#![deny(unsafe_code)] // allowed in the kernels alone

use super::{Loop, Need, Pairs, Portable, SearchKernel, Simd, Word, Work};

macro_rules! absent {
    ($kernel:ident) => {
        /// Never made on this processor family.
        #[derive(Debug, Clone, Copy)]
        pub struct $kernel(Portable);

        impl $kernel {
            /// Always `None` here.
            #[must_use]
            pub fn detect() -> Option<Self> {
                None
            }
        }

        impl<W: Word> Simd<W> for $kernel {
            fn vectorize<L: Loop>(self, work: L) -> L::Output {
                work.run()
            }
            fn first_fit(self, profile: &[W], from: usize, need: Need<W>, guard: W) -> usize {
                self.0.first_fit(profile, from, need, guard)
            }
            fn subtract(self, profile: &mut [W], start: usize, need: Need<W>) {
                self.0.subtract(profile, start, need);
            }
            fn free(self, profile: &[W], from: usize, demand: W, guard: W) -> u64 {
                self.0.free(profile, from, demand, guard)
            }
        }
    };
}
absent!(Avx2);
absent!(Avx512);

impl Avx512 {
    pub(super) fn run<W: Work>(self, work: W) -> W::Output {
        work.run(self.0)
    }
}

impl SearchKernel for Avx512 {
    type SortedPairs = Pairs;
    fn load(self, pairs: &Pairs) -> Pairs {
        self.0.load(pairs)
    }
    fn at_most(self, values: &[f64], limit: f64) -> u64 {
        self.0.at_most(values, limit)
    }
    fn least(self, values: &[f64], among: u64) -> f64 {
        self.0.least(values, among)
    }
}
