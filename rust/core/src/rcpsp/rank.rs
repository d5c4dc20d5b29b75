//! From priorities to ranks: who comes before whom, ties by index.

use crate::error::Value;
use crate::sort::{Sorter, float_key};

/// A number that can be a priority.
pub trait Key: Copy {
    /// The numbers as integers in the same order, in `column` if they are none; equal numbers (0.0 and -0.0) give equal integers.
    fn ordered<'a>(values: &'a [Self], column: &'a mut Vec<i64>) -> &'a [i64];
    /// The number as an index below `n`, if it is one.
    fn index(self, n: usize) -> Option<usize>;
    /// Neither infinite nor NaN.
    fn is_finite(self) -> bool;
    /// For messages.
    fn value(self) -> Value;
}

impl Key for i64 {
    fn ordered<'a>(values: &'a [Self], _: &'a mut Vec<i64>) -> &'a [i64] {
        values
    }

    #[inline]
    fn index(self, n: usize) -> Option<usize> {
        ((self as u64) < n as u64).then_some(self as usize)
    }

    fn is_finite(self) -> bool {
        true
    }

    fn value(self) -> Value {
        self.into()
    }
}

impl Key for f64 {
    fn ordered<'a>(values: &'a [Self], column: &'a mut Vec<i64>) -> &'a [i64] {
        column.clear();
        column.extend(values.iter().map(|&value| float_key(value)));
        column
    }

    #[inline]
    fn index(self, n: usize) -> Option<usize> {
        // Beside 2^52 the last bits of a float count units: cheaper than a cast, which must treat NaN and large numbers apart.
        let i = (self + (1_u64 << 52) as f64).to_bits() as u32;
        (f64::from(i) == self && (i as usize) < n).then_some(i as usize)
    }

    fn is_finite(self) -> bool {
        self.is_finite()
    }

    fn value(self) -> Value {
        self.into()
    }
}

/// Scratch space that ranks priorities without allocating.
#[derive(Debug, Clone)]
pub struct Ranker {
    /// Activities by (priority, index).
    pub by_rank: Vec<u32>,
    /// Rank by activity; one more entry for the padding of neighbour lists.
    pub rank: Vec<u32>,
    sorter: Sorter,
    column: Vec<i64>,
}

impl Ranker {
    /// Scratch for `n` activities.
    pub fn new(n: usize) -> Self {
        Self { by_rank: vec![0; n], rank: vec![0; n + 1], sorter: Sorter::default(), column: Vec::new() }
    }

    /// Fills `by_rank` and `rank`. O(n log n), O(n) if the priorities are a permutation of `0..n`.
    pub fn sort<K: Key>(&mut self, priority: &[K]) {
        if self.try_permutation(priority) {
            return;
        }
        self.sorter.sort(K::ordered(priority, &mut self.column), None, &mut self.by_rank);
        for (k, &i) in self.by_rank.iter().enumerate() {
            self.rank[i as usize] = k as u32;
        }
    }

    /// Takes over an order of all activities.
    pub fn take_order(&mut self, list: &[u32]) {
        self.by_rank.copy_from_slice(list);
        for (k, &i) in list.iter().enumerate() {
            self.rank[i as usize] = k as u32;
        }
    }

    /// Turns the order around: the highest priority first, ties by larger index.
    pub fn reverse(&mut self) {
        let n = self.by_rank.len();
        self.by_rank.reverse();
        self.rank[..n].iter_mut().for_each(|rank| *rank = n as u32 - 1 - *rank);
    }

    /// Distinct integers in `0..n` are ranks already.
    fn try_permutation<K: Key>(&mut self, priority: &[K]) -> bool {
        let n = priority.len();
        self.by_rank.fill(u32::MAX);
        for (i, &key) in priority.iter().enumerate() {
            let Some(rank) = key.index(n) else { return false };
            if self.by_rank[rank] != u32::MAX {
                return false;
            }
            self.by_rank[rank] = i as u32;
            self.rank[i] = rank as u32;
        }
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn numbers_that_are_indices() {
        assert_eq!((3.0_f64.index(4), 4.0_f64.index(4), 0.5_f64.index(4), (-1.0_f64).index(4)), (Some(3), None, None, None));
        assert_eq!([f64::NAN, f64::MAX, 4_294_967_296.0, 4_294_967_297.0, 1e17, -4_294_967_295.0].map(|x| x.index(4)), [None; 6]);
        assert_eq!((-0.0_f64).index(1), Some(0));
        assert_eq!((3_i64.index(4), 4_i64.index(4), (-1_i64).index(4)), (Some(3), None, None));
    }

    proptest! {
        #[test]
        fn every_way_of_ranking_agrees_with_a_stable_sort(
            floats in prop::collection::vec(prop_oneof![Just(0.0), Just(-0.0), Just(1.0), Just(1.0 + f64::EPSILON), any::<f64>()], 0..300),
            small in prop::collection::vec(0_i64..40, 0..300),
        ) {
            let floats: Vec<f64> = floats.into_iter().filter(|x| x.is_finite()).collect();
            agrees(&floats)?;
            agrees(&small)?;
            let mut permutation: Vec<i64> = (0..small.len() as i64).collect();
            permutation.sort_by_key(|&i| (small[i as usize], -i));
            agrees(&permutation)?;
        }
    }

    fn agrees<K: Key + PartialOrd>(priority: &[K]) -> Result<(), TestCaseError> {
        let mut expected: Vec<u32> = (0..priority.len() as u32).collect();
        expected.sort_by(|&a, &b| priority[a as usize].partial_cmp(&priority[b as usize]).expect("finite"));
        let mut ranker = Ranker::new(priority.len());
        ranker.sort(priority);
        prop_assert_eq!(&ranker.by_rank, &expected);
        prop_assert!(expected.iter().enumerate().all(|(k, &i)| ranker.rank[i as usize] == k as u32));
        Ok(())
    }
}
