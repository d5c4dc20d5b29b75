//! A priority queue for the waiting room of a stable system: a short sorted array, and a heap for what it cannot hold.
//!
//! At load 0.9 the waiting room of SRPT rarely holds more than some thirty jobs, and a sorted array beats any heap there; in
//! overload the array is the front of the heap.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

/// The array holds at most this many.
const ROOM: usize = 64;

/// Remaining time, as bits that order like the (non-negative) number, and job.
type Item = (u64, u32);

/// A minimum queue of `(remaining, job)`.
#[derive(Debug, Default)]
pub struct Spill {
    /// Largest first, so that the least is at the cheap end. Nothing here is larger than anything in the heap.
    array: Vec<Item>,
    heap: BinaryHeap<Reverse<Item>>,
}

impl Spill {
    /// Adds a job; `remaining` is positive.
    #[inline]
    pub fn push(&mut self, remaining: f64, job: u32) {
        let item = (remaining.to_bits(), job);
        if let Some(&Reverse(least)) = self.heap.peek()
            && item > least
        {
            self.heap.push(Reverse(item));
            return;
        }
        if self.array.len() == ROOM {
            self.heap.extend(self.array.drain(..ROOM / 2).map(Reverse));
            return self.push(remaining, job);
        }
        self.array.push(item);
        let array = self.array.as_mut_slice();
        let mut place = array.len() - 1;
        while place > 0 && array[place - 1].0 < item.0 {
            array[place] = array[place - 1];
            place -= 1;
        }
        while place > 0 && array[place - 1].0 == item.0 && array[place - 1].1 < job {
            array[place] = array[place - 1];
            place -= 1;
        }
        array[place] = item;
    }

    /// The least remaining time.
    #[inline]
    pub fn least(&self) -> Option<f64> {
        self.array.last().map(|&(bits, _)| f64::from_bits(bits))
    }

    /// Takes the least out; ties by job.
    #[inline]
    pub fn pop(&mut self) -> Option<(f64, u32)> {
        let (bits, job) = self.array.pop()?;
        if self.array.is_empty() && !self.heap.is_empty() {
            for _ in 0..ROOM / 2 {
                let Some(Reverse(item)) = self.heap.pop() else { break };
                self.array.push(item);
            }
            self.array.reverse();
        }
        Some((f64::from_bits(bits), job))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::collections::BTreeSet;

    proptest! {
        #[test]
        fn equals_an_ordered_set(ops in prop::collection::vec((0_u8..5, 1_u32..400), 0..1500)) {
            let (mut fast, mut slow) = (Spill::default(), BTreeSet::new());
            for (job, (op, size)) in ops.into_iter().enumerate() {
                if op == 0 {
                    let expected = slow.pop_first().map(|(size, job): (u32, u32)| (f64::from(size), job));
                    prop_assert_eq!(fast.pop(), expected);
                } else {
                    fast.push(f64::from(size), job as u32);
                    slow.insert((size, job as u32));
                }
                prop_assert_eq!(fast.least(), slow.first().map(|&(size, _)| f64::from(size)));
            }
        }
    }
}
