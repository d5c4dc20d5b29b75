//! Longest processing time first.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use super::counts::Counts;
use crate::control::Pulse;
use crate::cost;
use crate::packing::sizes::Size;

/// A heap of bins by load, ties by number; the load itself is beside its key.
struct LeastLoaded<T> {
    heap: BinaryHeap<Reverse<(i64, u32)>>,
    load: Vec<T>,
}

impl<T: Size> LeastLoaded<T> {
    /// Empty bins.
    fn new(bins: impl Iterator<Item = u32>, k: usize) -> Self {
        Self { heap: bins.map(|b| Reverse((T::default().key(), b))).collect(), load: vec![T::default(); k] }
    }

    /// The least loaded bin that may take an item; bins that may not are dropped for good.
    fn top(&mut self, counts: &Counts) -> Option<u32> {
        loop {
            let &Reverse((_, b)) = self.heap.peek()?;
            if counts.open(b as usize) {
                return Some(b);
            }
            self.heap.pop();
        }
    }

    /// Adds an item to the bin at the top.
    fn add(&mut self, size: T) {
        if let Some(mut top) = self.heap.peek_mut() {
            let b = top.0.1;
            let load = self.load[b as usize].plus(size);
            self.load[b as usize] = load;
            top.0 = (load.key(), b);
        }
    }
}

/// The bin of each item: the least loaded one that is not full, ties to the lowest. O(n log k).
pub(super) fn assign<T: Size>(sorted: &[T], k: usize, mut counts: Counts, pulse: &mut Pulse) -> Vec<u32> {
    let mut bins = LeastLoaded::new(0..k as u32, k);
    let mut bin = vec![0; sorted.len()];
    for (item, &size) in sorted.iter().enumerate() {
        if pulse.worked(cost::EVENT) {
            break;
        }
        let b = bins.top(&counts).expect("the counts hold all items");
        counts.add(b as usize);
        bins.add(size);
        bin[item] = b;
    }
    bin
}

/// The bin of each item: the one in which it ends first, ties to the lowest. Among bins of one speed that is the least loaded one, so
/// each item asks once for each speed. O(n (d + log k)) for d different speeds.
pub(super) fn assign_by_completion<T: Size>(sorted: &[T], speeds: &[f64], mut counts: Counts, pulse: &mut Pulse) -> Vec<u32> {
    let mut by_speed: Vec<u32> = (0..speeds.len() as u32).collect();
    by_speed.sort_by(|&a, &b| speeds[b as usize].total_cmp(&speeds[a as usize]));
    let same = |&a: &u32, &b: &u32| speeds[a as usize] == speeds[b as usize];
    let mut classes: Vec<(f64, LeastLoaded<T>)> = by_speed
        .chunk_by(same)
        .map(|class| (speeds[class[0] as usize], LeastLoaded::new(class.iter().copied(), speeds.len())))
        .collect();
    let mut bin = vec![0; sorted.len()];
    for (item, &size) in sorted.iter().enumerate() {
        if pulse.worked(cost::EVENT * classes.len() as u64) {
            break;
        }
        let mut best: Option<(f64, u32, usize)> = None;
        for (class, (speed, bins)) in classes.iter_mut().enumerate() {
            let Some(b) = bins.top(&counts) else { continue };
            let end = bins.load[b as usize].plus(size).as_f64() / *speed;
            if best.is_none_or(|(least, lowest, _)| end < least || (end == least && b < lowest)) {
                best = Some((end, b, class));
            }
        }
        let (_, b, class) = best.expect("the counts hold all items");
        counts.add(b as usize);
        classes[class].1.add(size);
        bin[item] = b;
    }
    bin
}
