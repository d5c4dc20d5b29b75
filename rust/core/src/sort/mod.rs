//! Sorting for every family.
//!
//! [`Sorter`] puts indices in order of one or two columns of integers, or of one column of floats ([`float_key`]), ties by index.
//! A function inside the crate sorts items that are compared by a function (`interruptible.rs`). Both can be stopped: what they call
//! with the steps of work done so far, [`Pulse::worked`](crate::control::Pulse::worked) for instance, returns true if the sort should
//! end without an answer.
//!
//! | method | chosen when | in |
//! | --- | --- | --- |
//! | one pass over the columns | the first key rises or falls already | `presorted.rs` |
//! | counting of smaller keys, with wide vectors | at most 192 items | `counting.rs` |
//! | one bucket for each key | keys of at most 12 bits, more items than keys | `packed.rs` |
//! | radix sort of packed words | all other columns | `digits.rs` |
//!
//! The oracle of all four is a sort of tuples, in the tests of `packed.rs`.

mod counting;
mod digits;
mod interruptible;
mod key_layout;
mod packed;
mod presorted;

pub(crate) use interruptible::sort_by;
pub use packed::Sorter;

/// Items that are handled between two questions whether the sort should stop; fewer items are sorted without a question.
const RUN: usize = 1 << 14;

/// An integer in the order of the floats that are not NaN; 0.0 and -0.0 give equal integers.
#[inline]
#[must_use]
pub fn float_key(value: f64) -> i64 {
    let bits = (value + 0.0).to_bits() as i64;
    if bits < 0 { bits ^ i64::MAX } else { bits }
}

/// The indices of numbers that are not NaN, the largest number first, ties by index.
pub(crate) fn descending(values: &[f64]) -> Vec<u32> {
    let keys: Vec<i64> = values.iter().map(|&value| float_key(-value)).collect();
    let mut order = Vec::new();
    Sorter::default().sort(&keys, None, &mut order);
    order
}

#[cfg(test)]
mod tests {
    use super::float_key;

    #[test]
    fn keys_keep_the_order_of_floats() {
        let floats = [f64::NEG_INFINITY, f64::MIN, -1.5, -5e-324, -0.0, 5e-324, 1.0, f64::MAX, f64::INFINITY];
        assert!(floats.is_sorted_by(|&a, &b| float_key(a) < float_key(b)));
        assert_eq!(float_key(-0.0), float_key(0.0));
    }
}
