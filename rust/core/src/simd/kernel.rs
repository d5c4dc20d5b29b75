//! The operations of kernels.
#![deny(unsafe_code)] // allowed in the kernels alone

use super::word::{WINDOW, runs};
use super::{Need, Pairs, SortedPairs, Word};

/// The operations on a profile of levels by time slot.
pub trait Simd<W: Word>: Copy {
    /// Runs `work` with this kernel's instructions enabled.
    fn vectorize<L: Loop>(self, work: L) -> L::Output;
    /// The first slot at or after `from` where the need fits for its whole duration. The profile ends in [`PADDING`](super::PADDING) free slots.
    fn first_fit(self, profile: &[W], from: usize, need: Need<W>, guard: W) -> usize;
    /// Takes the need out of the slots from `start` on.
    fn subtract(self, profile: &mut [W], start: usize, need: Need<W>);
    /// One bit for each of the 64 slots from `from` on, set where the demand fits.
    fn free(self, profile: &[W], from: usize, demand: W, guard: W) -> u64;
}

/// [`Simd::first_fit`] for durations below [`WINDOW`]: a bit for each slot, and shifts of the 64 bits find the first long run.
#[inline(always)]
pub(super) fn first_run<W: Word>(simd: impl Simd<W>, profile: &[W], from: usize, need: Need<W>, guard: W) -> usize {
    let mut start = from;
    loop {
        let free = simd.free(profile, start, need.demand, guard);
        let found = runs(free, need.shifts);
        if found != 0 {
            return start + found.trailing_zeros() as usize;
        }
        start += (WINDOW - free.leading_ones()) as usize; // the run that the window ends in may go on
    }
}

/// A loop that a kernel runs. Closures serve where they are short; a long one may stay a function of its own, in which the instructions
/// are not enabled, while `#[inline(always)]` on `run` forces a loop into the function that enables them.
pub trait Loop {
    /// The result of the loop.
    type Output;
    /// Runs the loop.
    fn run(self) -> Self::Output;
}

impl<R, F: FnOnce() -> R> Loop for F {
    type Output = R;
    #[inline(always)]
    fn run(self) -> R {
        self()
    }
}

/// The search for small numbers, none of them NaN: among the first 64 of a column, or among pairs that are kept in order.
pub trait SearchKernel: Copy {
    /// Pairs in order, in registers where the processor has them.
    type SortedPairs: SortedPairs;
    /// Loads these pairs.
    fn load(self, pairs: &Pairs) -> Self::SortedPairs;
    /// One bit per number, set where it is at most `limit`.
    fn at_most(self, values: &[f64], limit: f64) -> u64;
    /// The least of the numbers whose bits are set in `among`; infinity if there is none.
    fn least(self, values: &[f64], among: u64) -> f64;
}

/// A loop that is compiled once for every kernel. A closure would not do: nothing forces it into the function that enables the
/// instructions, while `#[inline(always)]` on `run` does.
pub trait Work {
    /// The result of the loop.
    type Output;
    /// Runs the loop.
    fn run(self, kernel: impl SearchKernel) -> Self::Output;
}
