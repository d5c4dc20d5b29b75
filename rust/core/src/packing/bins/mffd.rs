//! Modified first fit decreasing.

use std::ops::Range;

use super::first_fit;
use crate::control::Pulse;
use crate::cost;
use crate::packing::sizes::Size;

/// The bin of each item; the items are sorted, the largest first.
///
/// Items are large (above 1/2 of the capacity), medium (above 1/3), small (above 1/6) or tiny. Each large item opens a bin. Forward
/// through these bins, each gets the largest medium item that fits, if the smallest one does. Backward through those without a medium
/// item, each gets the smallest small item and the largest one that fits beside it, if the two smallest do. Forward again, each is
/// filled with the largest item of any kind that fits, again and again. First fit decreasing packs the rest into new bins.
/// O(n log n). Johnson and Garey (1985), "A 71/60 theorem for bin packing", Journal of Complexity 1.
pub(super) fn pack<T: Size>(sizes: &[T], capacity: T, pulse: &mut Pulse) -> Vec<u32> {
    let n = sizes.len();
    let end = |parts: f64| sizes.partition_point(|size| size.as_f64() * parts > capacity.as_f64());
    let (large, medium, small) = (end(2.0), end(3.0), end(6.0));
    let mut left = Remaining::new(sizes, large);
    let mut residual: Vec<T> = sizes[..large].iter().map(|&size| capacity.minus(size)).collect();
    let mut bin: Vec<u32> = (0..n as u32).collect();
    let mut without_medium = vec![true; large];
    let mut put = |left: &mut Remaining<'_, T>, residual: &mut T, item: usize, b: usize| {
        left.remove(item);
        *residual = residual.minus(sizes[item]);
        bin[item] = b as u32;
    };
    let step = cost::EVENT;
    for b in 0..large {
        if let Some(item) = left.largest(large..medium, residual[b]) {
            put(&mut left, &mut residual[b], item, b);
            without_medium[b] = false;
        }
        if pulse.worked(step) {
            return bin;
        }
    }
    for b in (0..large).rev().filter(|&b| without_medium[b]) {
        let Some((last, second)) = left.two_smallest(medium..small) else { break };
        if sizes[last] <= residual[b] && sizes[second] <= residual[b].minus(sizes[last]) {
            put(&mut left, &mut residual[b], last, b);
            let item = left.largest(medium..small, residual[b]).expect("the second smallest fits");
            put(&mut left, &mut residual[b], item, b);
        }
        if pulse.worked(step) {
            return bin;
        }
    }
    for (b, residual) in residual.iter_mut().enumerate() {
        while let Some(item) = left.largest(large..n, *residual) {
            put(&mut left, residual, item, b);
            if pulse.worked(step) {
                return bin;
            }
        }
    }
    let rest: Vec<usize> = (large..n).filter(|&item| left.has(item)).collect();
    let packed = first_fit::pack(&rest.iter().map(|&item| sizes[item]).collect::<Vec<T>>(), capacity, pulse);
    rest.iter().zip(packed).for_each(|(&item, b)| bin[item] = b + large as u32);
    bin
}

/// The items that are not packed yet; each removed one points to one behind it, or before it, that may be left.
struct Remaining<'a, T> {
    sizes: &'a [T],
    after: Vec<u32>,
    before: Vec<u32>,
}

impl<'a, T: Size> Remaining<'a, T> {
    /// All items from `first` on.
    fn new(sizes: &'a [T], first: usize) -> Self {
        let n = sizes.len() as u32;
        // Numbers are one higher in `before`, where 0 stands for none.
        let mut all = Self { sizes, after: (0..=n).collect(), before: (0..=n).collect() };
        (0..first).for_each(|item| all.remove(item));
        all
    }

    fn has(&self, item: usize) -> bool {
        self.after[item] as usize == item
    }

    fn remove(&mut self, item: usize) {
        self.after[item] = item as u32 + 1;
        self.before[item + 1] = item as u32;
    }

    /// The root of a chain of links, which is shortened on the way.
    fn root(links: &mut [u32], mut item: usize) -> usize {
        while links[item] as usize != item {
            links[item] = links[links[item] as usize];
            item = links[item] as usize;
        }
        item
    }

    /// The largest of these items that fits.
    fn largest(&mut self, items: Range<usize>, residual: T) -> Option<usize> {
        let from = items.start + self.sizes[items.clone()].partition_point(|&size| size > residual);
        let item = Self::root(&mut self.after, from);
        (item < items.end).then_some(item)
    }

    /// The smallest of these items and the next one.
    fn two_smallest(&mut self, items: Range<usize>) -> Option<(usize, usize)> {
        let last = Self::root(&mut self.before, items.end);
        let second = Self::root(&mut self.before, last.saturating_sub(1));
        (second > items.start).then(|| (last - 1, second - 1))
    }
}
