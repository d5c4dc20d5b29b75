//! Large allocations that may fail.
//!
//! An ordinary allocation that the system refuses ends the whole process. The functions here report [`OutOfMemory`] instead, so that a
//! program which embeds the library can go on. They serve what grows with the input: copies of columns, working memory, answers.
//!
//! Many small growing buffers cannot be tried one by one at a bearable cost. A function that uses such buffers calls [`require`] with
//! the sum of their sizes before it starts. The sum is asked for and given back at once, so nothing is reserved: another thread may
//! take the memory in between, and then the process ends as it would without the question.

use std::fmt;
use std::hint::black_box;

use crate::simd;

/// Amounts below this are not asked for: they come from memory that the process has already.
const SMALL: usize = 1 << 18;

/// Memory that [`require`] asks for on top, for the small allocations that nothing counts. It is also the amount from which on usual
/// allocators take memory from the system and give it back at once, so the question leaves no trace in them.
const RESERVE: usize = 1 << 25;

/// The system refused memory.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct OutOfMemory {
    /// How many bytes were asked for; `usize::MAX` stands for more than a machine can address.
    pub bytes: usize,
}

impl fmt::Display for OutOfMemory {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.bytes {
            usize::MAX => f.write_str("not enough memory: more is needed than any machine can address"),
            bytes => write!(f, "not enough memory: {} MB more are needed", bytes.div_ceil(1_000_000)),
        }
    }
}

impl std::error::Error for OutOfMemory {}

/// Asks whether this many bytes can be allocated now, with 32 MiB to spare. Amounts below 256 KiB are always granted.
///
/// The cost is two system calls, about two microseconds.
///
/// # Errors
/// The system refuses.
///
/// ```
/// use schedkit_core::memory;
/// assert!(memory::require(1 << 20).is_ok());
/// assert!(memory::require(usize::MAX).is_err());
/// ```
pub fn require(bytes: usize) -> Result<(), OutOfMemory> {
    if bytes < SMALL {
        return Ok(());
    }
    let mut probe: Vec<u8> = Vec::new();
    probe.try_reserve_exact(bytes.saturating_add(RESERVE)).map_err(|_| OutOfMemory { bytes })?;
    black_box(&mut probe); // an allocation without a use would be optimized away
    Ok(())
}

/// [`require`] for `count` items of `size` bytes each.
///
/// # Errors
/// The system refuses, or the product is beyond what can be addressed.
pub fn require_items(count: usize, size: usize) -> Result<(), OutOfMemory> {
    require(count.saturating_mul(size))
}

/// An empty vector with room for `capacity` items, which are about to be written; large ones lie on huge pages.
///
/// # Errors
/// The system refuses.
pub fn with_capacity<T>(capacity: usize) -> Result<Vec<T>, OutOfMemory> {
    simd::try_fresh(capacity)
}

/// Makes room for `additional` more items.
///
/// # Errors
/// The system refuses; the vector is unchanged.
pub fn reserve<T>(items: &mut Vec<T>, additional: usize) -> Result<(), OutOfMemory> {
    items.try_reserve(additional).map_err(|_| OutOfMemory { bytes: additional.saturating_mul(size_of::<T>()) })
}

/// A vector of `len` equal items.
///
/// # Errors
/// The system refuses.
///
/// ```
/// use schedkit_core::memory;
/// assert_eq!(memory::filled(3, 7_i64).unwrap(), [7, 7, 7]);
/// assert!(memory::filled(1 << 60, 0_i64).is_err());
/// ```
pub fn filled<T: Clone>(len: usize, item: T) -> Result<Vec<T>, OutOfMemory> {
    require_items(len, size_of::<T>())?;
    Ok(vec![item; len]) // zeros come from the system as they are, without being written
}

/// A copy of a slice.
///
/// # Errors
/// The system refuses.
pub fn copied<T: Copy>(items: &[T]) -> Result<Vec<T>, OutOfMemory> {
    let mut copy = with_capacity(items.len())?;
    copy.extend_from_slice(items);
    Ok(copy)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_impossible_allocation_is_refused_with_its_size() {
        let bytes = usize::MAX;
        assert_eq!(require(bytes), Err(OutOfMemory { bytes }));
        assert_eq!(require_items(usize::MAX / 2, 8), Err(OutOfMemory { bytes }));
        assert_eq!(with_capacity::<i64>(usize::MAX), Err(OutOfMemory { bytes }));
        assert_eq!(reserve(&mut vec![1_u8], usize::MAX), Err(OutOfMemory { bytes }));
        assert_eq!(filled(1 << 58, 1_i64).unwrap_err().to_string(), "not enough memory: 2305843009214 MB more are needed");
    }

    #[test]
    fn a_possible_allocation_is_granted() {
        let items: Vec<i64> = (0..1000).collect();
        assert_eq!(copied(&items).unwrap(), items);
        let mut grown = with_capacity(10).unwrap();
        assert!(grown.is_empty() && grown.capacity() >= 10);
        reserve(&mut grown, 1000).unwrap();
        grown.extend(items);
        assert_eq!(filled(1 << 20, 0_u8).unwrap().len(), 1 << 20);
    }
}
