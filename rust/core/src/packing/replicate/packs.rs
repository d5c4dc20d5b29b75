//! Two greedy rules: replicas for the heaviest experts, and equally many items for each pack.

use std::cmp::{Ordering, Reverse};
use std::collections::BinaryHeap;

/// A load in a heap.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Load<T>(T);

impl<T: PartialOrd> Eq for Load<T> where Self: PartialEq {}

impl<T: PartialOrd + PartialEq> PartialOrd for Load<T> {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl<T: PartialOrd + PartialEq> Ord for Load<T> {
    fn cmp(&self, other: &Self) -> Ordering {
        self.0.partial_cmp(&other.0).unwrap_or(Ordering::Equal) // loads are finite
    }
}

/// A 32-bit or 64-bit float.
pub(super) trait Float: Copy + PartialOrd + Default + std::ops::Add<Output = Self> + std::ops::Div<Output = Self> {
    /// A count as a float.
    fn of(count: u32) -> Self;
    /// The indices of loads >= 0, the largest first, ties by index.
    fn descending(load: &[Self]) -> Vec<u32>;
}

impl Float for f32 {
    fn of(count: u32) -> Self {
        count as Self
    }

    fn descending(load: &[Self]) -> Vec<u32> {
        // Floats that are not negative have the order of their bits.
        let mut words: Vec<u64> = load.iter().zip(0..).map(|(load, i)| u64::from(!(load + 0.0).to_bits()) << 32 | i).collect();
        words.sort_unstable();
        words.into_iter().map(|word| word as u32).collect()
    }
}

impl Float for f64 {
    fn of(count: u32) -> Self {
        Self::from(count)
    }

    fn descending(load: &[Self]) -> Vec<u32> {
        crate::sort::descending(load)
    }
}

/// The number of replicas of each expert and, beyond the first of each, the experts in the order in which they get one: every further
/// slot goes to the expert with the largest load for each replica, ties to the lowest.
pub(super) fn replicas<F: Float>(load: &[F], slots: usize) -> (Vec<u32>, Vec<u32>) {
    let mut count = vec![1_u32; load.len()];
    let mut heap: BinaryHeap<(Load<F>, Reverse<u32>)> = if slots > load.len() {
        load.iter().zip(0..).map(|(&load, e)| (Load(load), Reverse(e))).collect()
    } else {
        BinaryHeap::new()
    };
    let mut further = Vec::with_capacity(slots.saturating_sub(load.len()));
    for _ in load.len()..slots {
        let Some(mut top) = heap.peek_mut() else { break };
        let e = top.1.0 as usize;
        count[e] += 1;
        top.0 = Load(load[e] / F::of(count[e]));
        further.push(e as u32);
    }
    (count, further)
}

/// The items of each pack, in the order in which they are packed: the largest item first, ties by index, each into the least loaded
/// pack that still has a place, ties to the lowest. If each pack holds one item, item i goes to pack i.
pub(super) fn balanced<F: Float>(load: &[F], packs: usize) -> Vec<Vec<u32>> {
    let places = load.len() / packs;
    if places == 1 {
        return (0..load.len() as u32).map(|item| vec![item]).collect();
    }
    let mut heap: BinaryHeap<Reverse<(Load<F>, u32)>> =
        (0..packs as u32).map(|pack| Reverse((Load(F::default()), pack))).collect();
    let mut content: Vec<Vec<u32>> = (0..packs).map(|_| Vec::with_capacity(places)).collect();
    for item in F::descending(load) {
        let Some(mut top) = heap.peek_mut() else { break };
        let Reverse((Load(sum), pack)) = *top;
        content[pack as usize].push(item);
        if content[pack as usize].len() == places {
            std::collections::binary_heap::PeekMut::pop(top);
        } else {
            *top = Reverse((Load(sum + load[item as usize]), pack));
        }
    }
    content
}
