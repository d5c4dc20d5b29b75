//! The order of items by one or two keys, which are packed beside the item's index into one word.
//!
//! If a word cannot hold both keys, it holds their upper bits, and the items that it cannot tell apart are compared afterwards.
//! Comparing through an index array costs a cache miss a comparison; one packed word is moved instead. Many words are dealt out by
//! their top bits while they are packed, so that all that follows, down to the indices that are written, happens inside the cache.

use super::digits::{Buckets, CACHED};
use super::key_layout::Layout;
use super::{RUN, counting, presorted, sort_by};
use crate::cost;
use crate::simd::wide;

/// Sorts indices by one or two integer keys, then by index. Keeps its memory from call to call.
#[derive(Debug, Clone, Default)]
pub struct Sorter {
    words: Vec<u64>,
    buffer: Vec<u64>,
    places: Vec<u32>,
    upper: Vec<i64>,
    tied: Vec<(i64, i64, u32)>,
}

/// Keys of at most so many bits are sorted by counting.
const COUNTED: u32 = 12;

impl Sorter {
    /// Writes the indices of `major` into `order`, sorted by `(major, minor, index)`.
    pub fn sort(&mut self, major: &[i64], minor: Option<&[i64]>, order: &mut Vec<u32>) {
        self.sort_interruptible(major, minor, order, |_| false);
    }

    /// [`sort`](Self::sort) that stops when `worked`, which is called with the steps of work since the last call, returns true; `order`
    /// is empty then. True if it was stopped.
    pub fn sort_interruptible(
        &mut self,
        major: &[i64],
        minor: Option<&[i64]>,
        order: &mut Vec<u32>,
        mut worked: impl FnMut(u64) -> bool,
    ) -> bool {
        let mut stopped = false;
        let mut worked = |steps: u64| {
            stopped = stopped || worked(steps);
            stopped
        };
        self.sort_all(major, minor, order, &mut worked);
        if stopped {
            order.clear();
        }
        stopped
    }

    fn sort_all(&mut self, major: &[i64], minor: Option<&[i64]>, order: &mut Vec<u32>, worked: &mut impl FnMut(u64) -> bool) {
        let n = major.len();
        order.resize(n, 0); // what an earlier call left here, and in the columns below, is overwritten
        if presorted::sort(major, minor, order) {
            return;
        }
        let layout = wide(|| Layout::of(major, minor));
        if layout.bits() > u64::BITS {
            return self.sort_upper(layout, major, minor, order, worked);
        }
        let tied = self.sort_words(layout, major, minor.filter(|_| layout.minor_bits > 0), order, worked);
        if let Some(second) = minor.filter(|_| tied && layout.minor_cut > 0) {
            self.settle(|j| (major[j], layout.minor(second[j])), major, minor, order, worked);
        }
    }

    /// Sorts by the upper bits of a first key that does not fit a word beside the index, then settles the rest.
    fn sort_upper(
        &mut self,
        layout: Layout,
        major: &[i64],
        minor: Option<&[i64]>,
        order: &mut [u32],
        worked: &mut impl FnMut(u64) -> bool,
    ) {
        let cut = layout.bits() - u64::BITS;
        let mut upper = std::mem::take(&mut self.upper);
        upper.clear();
        upper.extend(major.iter().map(|&v| (layout.key(v) >> cut) as i64));
        self.sort_words(Layout::of(&upper, None), &upper, None, order, worked);
        self.settle(|j| (upper[j], 0), major, minor, order, worked);
        self.upper = upper;
    }

    /// Sorts by the keys that the words hold; whether some of these may be equal.
    fn sort_words(
        &mut self,
        layout: Layout,
        major: &[i64],
        minor: Option<&[i64]>,
        order: &mut [u32],
        worked: &mut impl FnMut(u64) -> bool,
    ) -> bool {
        let n = major.len();
        if layout.key_bits() <= COUNTED && n >> layout.key_bits() > 0 {
            self.count(layout, major, minor, order, worked);
            return true;
        }
        self.buffer.resize(n, 0);
        if n > CACHED && layout.major_bits > 0 {
            return self.deal(layout, major, minor, order, worked);
        }
        self.words.resize(n, 0);
        let words = &mut self.words[..];
        wide(|| {
            let mut k = 0;
            layout.pack(0, major, minor, |word| {
                words[k] = word;
                k += 1;
            });
        });
        counting::rank(words, layout.bits(), order) || layout.keys().sort(words, &mut self.buffer, order, worked)
    }

    /// Keys of few bits: the indices are dealt out by them at once.
    fn count(
        &mut self,
        layout: Layout,
        major: &[i64],
        minor: Option<&[i64]>,
        order: &mut [u32],
        worked: &mut impl FnMut(u64) -> bool,
    ) {
        self.places.clear();
        self.places.resize(1 << layout.key_bits(), 0);
        let places = &mut self.places[..];
        layout.keys_in_order(major, minor, |key| places[key as usize] = places[key as usize].wrapping_add(1));
        let mut start = 0_u32;
        for place in &mut *places {
            start = start.wrapping_add(std::mem::replace(place, start));
        }
        let mut job = 0;
        for (first, major, minor) in runs(major, minor) {
            if first > 0 && worked(RUN as u64) {
                return;
            }
            layout.keys_in_order(major, minor, |key| {
                let place = &mut places[key as usize];
                order[*place as usize] = job;
                *place = place.wrapping_add(1);
                job = job.wrapping_add(1);
            });
        }
    }

    /// Deals words out by their top digit while they are packed, and sorts one bucket after the other.
    fn deal(
        &mut self,
        layout: Layout,
        major: &[i64],
        minor: Option<&[i64]>,
        order: &mut [u32],
        worked: &mut impl FnMut(u64) -> bool,
    ) -> bool {
        let (digit, rest) = layout.keys().split(layout.major_bits);
        let above = digit.above(layout.index_bits + layout.minor_bits);
        let mut buckets = Buckets::default();
        for &v in major {
            buckets.count(above.of(layout.key(v)));
        }
        self.words.resize(buckets.start(), 0);
        let buffer = &mut self.buffer;
        for (first, major, minor) in runs(major, minor) {
            if worked(cost::MERGED * RUN as u64) {
                return false;
            }
            layout.pack(first as u64, major, minor, |word| buffer[buckets.place(digit.of(word))] = word);
        }
        rest.sort_buckets(&buckets, buffer, &mut self.words, order, worked)
    }

    /// Puts items whose words held equal keys in order of the whole keys.
    fn settle(
        &mut self,
        held: impl Fn(usize) -> (i64, u64),
        major: &[i64],
        minor: Option<&[i64]>,
        order: &mut [u32],
        worked: &mut impl FnMut(u64) -> bool,
    ) {
        let (many, mut seen) = (order.len() > RUN, 0);
        for tied in order.chunk_by_mut(|&i, &j| held(i as usize) == held(j as usize)) {
            seen += tied.len();
            if many && seen >= RUN && worked(cost::SORTED * std::mem::take(&mut seen) as u64) {
                return;
            }
            if tied.len() < 2 {
                continue;
            }
            self.tied.clear();
            self.tied.extend(tied.iter().map(|&j| (major[j as usize], minor.map_or(0, |minor| minor[j as usize]), j)));
            if tied.len() <= RUN {
                self.tied.sort_unstable();
            } else {
                sort_by(&mut self.tied, &mut *worked, Ord::cmp);
            }
            tied.iter_mut().zip(&self.tied).for_each(|(job, key)| *job = key.2);
        }
    }
}

/// The columns in parts of [`RUN`] items, each with the index of its first item.
fn runs<'a>(major: &'a [i64], minor: Option<&'a [i64]>) -> impl Iterator<Item = (usize, &'a [i64], Option<&'a [i64]>)> {
    (0..major.len()).step_by(RUN).map(move |first| {
        let part = first..major.len().min(first + RUN);
        (first, &major[part.clone()], minor.map(|minor| &minor[part]))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::Random;
    use proptest::prelude::*;

    /// The definition.
    fn sort_tuples(major: &[i64], minor: Option<&[i64]>, order: &mut [u32]) {
        let minor_of = |j: usize| minor.map_or(0, |minor| minor[j]);
        let mut keys: Vec<(i64, i64, u32)> = major.iter().enumerate().map(|(j, &v)| (v, minor_of(j), j as u32)).collect();
        keys.sort_unstable();
        order.iter_mut().zip(keys).for_each(|(job, key)| *job = key.2);
    }

    fn check(major: &[i64], minor: Option<&[i64]>) {
        let (mut fast, mut slow) = (vec![9; 3], vec![0; major.len()]);
        Sorter::default().sort(major, minor, &mut fast);
        sort_tuples(major, minor, &mut slow);
        assert!(fast == slow, "n = {}", major.len());
    }

    proptest! {
        #[test]
        fn equals_the_definition(
            rows in prop::collection::vec((any::<i64>(), any::<i64>()), 0..600),
            major in 0_u32..=64, minor in 0_u32..=64,
        ) {
            let narrow = |v: i64, bits: u32| if bits == 0 { -7 } else { v >> (64 - bits) };
            let (a, b): (Vec<i64>, Vec<i64>) = rows.iter().map(|&(a, b)| (narrow(a, major), narrow(b, minor))).unzip();
            check(&a, Some(&b));
            check(&a, None);
        }
    }

    #[test]
    fn columns_in_order_whatever_their_ties() {
        let mut random = Random::new(6);
        for n in [0, 1, 2, 7, 8, 9, 64, 65, 200, 1024, 1025, 1026, 5000] {
            for width in [0, 1, n as i64 / 8, n as i64, 100 * n as i64] {
                let mut major: Vec<i64> = (0..n).map(|_| random.between(-width, width)).collect();
                let minor: Vec<i64> = (0..n).map(|_| random.between(0, 9)).collect();
                let rising: Vec<i64> = (0..n as i64).collect();
                major.sort_unstable();
                for turn in 0..3 {
                    check(&major, Some(&minor));
                    check(&major, Some(&rising));
                    check(&major, None);
                    match turn {
                        0 => major.reverse(),
                        _ => major.dedup(), // falls strictly
                    }
                    major.resize(n, major.last().map_or(0, |last| last - 1));
                }
            }
        }
    }

    #[test]
    fn short_columns_whose_keys_agree_in_their_upper_bits() {
        let mut random = Random::new(7);
        for n in (0..200).chain([256]) {
            for far in [0, 1 << 20, 1 << 45] {
                let column = |random: &mut Random| (0..n).map(|k| if k == 9 { far } else { random.between(0, 40) }).collect();
                let (major, minor): (Vec<i64>, Vec<i64>) = (column(&mut random), column(&mut random));
                check(&major, Some(&minor));
                check(&major, None);
            }
        }
    }

    #[test]
    fn keys_that_words_cannot_hold() {
        let mut random = Random::new(8);
        for n in [20, 150, 1000, CACHED + 9] {
            for (width, most) in [(1 << 50, 1 << 50), (1 << 46, 1 << 40), (3, 1 << 62), (1 << 53, 5), (1 << 62, 9)] {
                let major: Vec<i64> = (0..n).map(|k| random.between(-width, width) >> (k % 60)).collect();
                let minor: Vec<i64> = (0..n).map(|k| random.between(-most, most) >> (k % 50)).collect();
                check(&major, Some(&minor));
                check(&major, None);
                check(&vec![width; n], Some(&minor));
            }
        }
    }

    /// The number of questions is that of a sort which is not stopped; each of them may be the one that stops it.
    #[test]
    fn a_sort_stops_at_every_question_and_leaves_nothing() {
        let mut random = Random::new(9);
        let n = 200_000;
        let even: Vec<i64> = (0..n).map(|_| random.between(0, 1 << 36)).collect();
        let few: Vec<i64> = (0..n).map(|_| random.between(0, 99)).collect();
        let wide: Vec<i64> = (0..n).map(|_| random.between(-3, 3) << 60).collect();
        for (major, minor) in [(&even, Some(&few)), (&few, None), (&wide, Some(&even)), (&wide, None)] {
            let minor = minor.map(|minor| &minor[..]);
            let sort = |most: usize| {
                let (mut order, mut questions) = (Vec::new(), 0);
                let stopped = Sorter::default().sort_interruptible(major, minor, &mut order, |_| {
                    questions += 1;
                    questions > most
                });
                (stopped, order, questions)
            };
            let (stopped, order, questions) = sort(usize::MAX);
            assert!(!stopped && order.len() == n && questions > 9, "{questions}");
            for most in (0..questions).step_by(1 + questions / 20) {
                let (stopped, order, _) = sort(most);
                assert!(stopped && order.is_empty());
            }
        }
    }

    #[test]
    fn large_orders_with_skew_and_ties() {
        let mut random = Random::new(5);
        for n in [CACHED, CACHED + 1, 200_000] {
            for width in [1, 10, 1 << 20, 1 << 36] {
                let minor: Vec<i64> = (0..n).map(|_| random.between(0, 100)).collect();
                let even: Vec<i64> = (0..n).map(|_| random.between(-width, width)).collect();
                let skew: Vec<i64> = even.iter().map(|&v| if v % 4 == 0 { v } else { v.max(0) }).collect();
                check(&even, Some(&minor));
                check(&skew, Some(&minor));
                check(&skew, None);
            }
        }
    }
}
