//! Memory of problems that are gone, for the problems to come.
//!
//! A million numbers are copied in half a millisecond. Touching fresh memory for them takes twice as long on top, because the system
//! clears it first; who builds one stream of jobs after another pays that once.

use std::ops::RangeInclusive;
use std::sync::Mutex;

use schedkit_core::simd;

/// How many buffers are kept, and how many numbers each holds: 32 MB at most, no more than an allocator keeps.
const KEPT: usize = 2;
const NUMBERS: RangeInclusive<usize> = 1 << 18..=1 << 21;

static SPARE: Mutex<Vec<Vec<f64>>> = Mutex::new(Vec::new());

/// An empty buffer with room for this many numbers, and less than twice the room it takes. Whoever finds another thread here
/// (or, after a fork, what is left of one) does without.
pub fn buffer(len: usize) -> Vec<f64> {
    if NUMBERS.contains(&len)
        && let Ok(mut spare) = SPARE.try_lock()
        && let Some(place) = spare.iter().position(|buffer| (len..2 * len).contains(&buffer.capacity()))
    {
        return spare.swap_remove(place);
    }
    simd::fresh(len)
}

/// Keeps the memory of these numbers, which nobody needs any more, in the place of what was kept longest.
pub fn keep(mut buffer: Vec<f64>) {
    if NUMBERS.contains(&buffer.capacity())
        && let Ok(mut spare) = SPARE.try_lock()
    {
        buffer.clear();
        spare.truncate(KEPT - 1);
        spare.insert(0, buffer);
    }
}
