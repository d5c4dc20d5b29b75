//! Kernels that the processor is asked for at run time, each beside a portable twin; `unsafe` stands here and in their files alone.
//!
//! A kernel is a token. Holding an [`Avx512`] or [`Avx2`] proves that the processor has the instructions, so its methods are safe to call;
//! [`Simd::vectorize`] runs a whole loop with them enabled, so that nothing is called through a pointer on the way.

#![allow(unsafe_code)]

#[cfg(not(target_arch = "x86_64"))]
mod absent;
#[cfg(target_arch = "x86_64")]
mod avx2;
#[cfg(target_arch = "x86_64")]
mod avx512;
mod kernel;
mod portable;
mod sorted_pairs;
mod word;

use std::sync::OnceLock;

#[cfg(not(target_arch = "x86_64"))]
pub use self::absent::{Avx2, Avx512};
#[cfg(target_arch = "x86_64")]
pub use self::avx2::Avx2;
#[cfg(target_arch = "x86_64")]
pub use self::avx512::Avx512;
use self::kernel::first_run;
pub use self::kernel::{Loop, SearchKernel, Simd, Work};
pub use self::portable::Portable;
pub use self::sorted_pairs::{EIGHT, NOTHING, Pair, Pairs, SortedPairs};
use self::word::WINDOW;
pub use self::word::{Need, PADDING, Word, run_shifts};
use crate::memory::OutOfMemory;

/// Does the work with the best kernel there is.
pub fn run<W: Work>(work: W) -> W::Output {
    match avx512() {
        Some(kernel) => kernel.run(work),
        None => work.run(Portable),
    }
}

/// A kernel for profiles of levels by time slot; `on_kernel` works with the one that it holds.
#[derive(Debug, Clone, Copy)]
pub enum SlotKernel {
    /// Vectors of 512 bits.
    Avx512(Avx512),
    /// Vectors of 256 bits.
    Avx2(Avx2),
    /// What any processor can do.
    Portable(Portable),
}

impl SlotKernel {
    /// The widest vectors that this processor has, unless `SCHEDKIT_PORTABLE` is set in the environment.
    #[must_use]
    pub fn best() -> Self {
        static FOUND: OnceLock<SlotKernel> = OnceLock::new();
        *FOUND.get_or_init(|| {
            if std::env::var_os("SCHEDKIT_PORTABLE").is_some() {
                return Self::Portable(Portable);
            }
            let narrower = || Avx2::detect().map_or(Self::Portable(Portable), Self::Avx2);
            Avx512::detect().map_or_else(narrower, Self::Avx512)
        })
    }
}

/// An expression in which a name is the kernel that a [`SlotKernel`] holds, compiled once for each.
macro_rules! on_kernel {
    ($choice:expr, $kernel:ident => $work:expr) => {
        match $choice {
            $crate::simd::SlotKernel::Avx512($kernel) => $work,
            $crate::simd::SlotKernel::Avx2($kernel) => $work,
            $crate::simd::SlotKernel::Portable($kernel) => $work,
        }
    };
}
pub(crate) use on_kernel;

/// The AVX-512 kernel, if this processor has it and `SCHEDKIT_PORTABLE` is not set in the environment.
#[must_use]
pub fn avx512() -> Option<Avx512> {
    if let SlotKernel::Avx512(kernel) = SlotKernel::best() { Some(kernel) } else { None }
}

/// Runs simple loops over columns with wide vectors, where there are any.
#[inline(always)]
pub fn wide<R>(work: impl FnOnce() -> R) -> R {
    match avx512() {
        Some(kernel) => Simd::<u64>::vectorize(kernel, work),
        None => work(),
    }
}

/// Asks for the memory of `items[index]` to be fetched; nothing else happens, even if there is no such item.
#[inline(always)]
pub fn prefetch<T>(items: &[T], index: usize) {
    #[cfg(target_arch = "x86_64")]
    if let Some(item) = items.get(index) {
        use std::arch::x86_64::{_MM_HINT_T0, _mm_prefetch};
        // SAFETY: a prefetch is a hint that reads and writes nothing, every x86-64 processor has it, and the address is valid.
        unsafe { _mm_prefetch::<_MM_HINT_T0>(std::ptr::from_ref(item).cast()) };
    }
    #[cfg(not(target_arch = "x86_64"))]
    let _ = (items, index); // the portable twin leaves it to the processor
}

/// An empty vector with room for at least `capacity` items, which are about to be written one after the other. Room of several
/// megabytes is rounded up to whole huge pages and asked for in those, because touching fresh small pages can cost more than the work.
///
/// # Errors
/// The system refuses the memory.
pub fn try_fresh<T>(capacity: usize) -> Result<Vec<T>, OutOfMemory> {
    const HUGE: usize = 1 << 21;
    const HEADER: usize = 64; // what allocators keep beside a large block
    let bytes = capacity.saturating_mul(size_of::<T>());
    if !cfg!(target_os = "linux") || bytes < 2 * HUGE {
        return reserved(capacity); // the portable twin leaves it to the system
    }
    let room = bytes.saturating_add(HEADER).checked_next_multiple_of(HUGE).ok_or(OutOfMemory { bytes })? - HEADER;
    let items = reserved(room / size_of::<T>())?;
    #[cfg(target_os = "linux")]
    {
        const PAGE: usize = 1 << 12;
        const ADVICE: i32 = 14; // MADV_HUGEPAGE
        unsafe extern "C" {
            fn madvise(address: *mut std::ffi::c_void, length: usize, advice: i32) -> i32;
        }
        let start: *const T = items.as_ptr();
        let into_page = start.addr() % PAGE;
        // SAFETY: the pages from the first to the last byte of an allocation that is ours are mapped. The advice changes how they are
        // backed, never what they hold, also for the header before it; a refusal changes nothing.
        unsafe { madvise(start.wrapping_byte_sub(into_page).cast_mut().cast(), room + into_page, ADVICE) };
    }
    Ok(items)
}

fn reserved<T>(capacity: usize) -> Result<Vec<T>, OutOfMemory> {
    let mut items = Vec::new();
    let bytes = capacity.saturating_mul(size_of::<T>());
    items.try_reserve_exact(capacity).map_err(|_| OutOfMemory { bytes })?;
    Ok(items)
}

/// [`try_fresh`] for amounts that the caller has asked for already; what the system refuses all the same ends the process.
#[must_use]
pub fn fresh<T>(capacity: usize) -> Vec<T> {
    try_fresh(capacity).unwrap_or_else(|_| Vec::with_capacity(capacity))
}

#[cfg(test)]
mod tests;
