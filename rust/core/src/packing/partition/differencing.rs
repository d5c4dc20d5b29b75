//! The largest differencing method of Karmarkar and Karp, for any number of bins.
//!
//! A tuple is a partial partition into k groups of items with known differences of their loads. Each item begins as a tuple of its own,
//! and the two tuples of largest spread are joined again and again, the largest group of one with the smallest of the other. Most groups
//! of most tuples are empty, so only those with items are stored, and items that have not been joined yet are a sorted list.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use super::counts::Counts;
use super::{largest, lpt};
use crate::control::Pulse;
use crate::cost;
use crate::packing::sizes::{Size, loads};

/// A group without items.
const EMPTY: u32 = u32::MAX;

/// The bin of each item, of which `index` has the indices before sorting; the largest load is in bin 0, and so on; of equal loads the one with the largest item comes first.
///
/// Without limits on counts this is the method of Karmarkar and Karp (1982), "The differencing method of set partitioning", in the
/// k-way form of Michiels et al. (2003). With equal counts it is balanced: Michiels et al. (2012), "Performance ratios for the
/// differencing method applied to the balanced number partitioning problem".
pub(super) fn assign<T: Size>(sorted: &[T], index: &[u32], k: usize, counts: Counts, pulse: &mut Pulse) -> Vec<u32> {
    if k == 1 || sorted.is_empty() {
        return vec![0; sorted.len()];
    }
    let balanced = |pulse: &mut Pulse| Differencing::groups_of_k(sorted, index, k).run(pulse);
    if counts.equal() {
        return balanced(pulse);
    }
    let plain = Differencing::items(sorted, index, k).run(pulse);
    if !counts.limited() || counts.allow(&plain) {
        return plain;
    }
    let (greedy, balanced) = (lpt::assign(sorted, k, counts, pulse), balanced(pulse));
    if largest(&loads(sorted, &balanced, k)) <= largest(&loads(sorted, &greedy, k)) { balanced } else { greedy }
}

/// Groups with their loads above the smallest one, largest first. Groups that are not stored are empty and have load 0.
struct Tuple<T> {
    groups: Vec<(T, u32)>,
    /// The lowest index of the items of all groups.
    lowest: u32,
}

/// Tuples in the order in which they are joined: by spread, then by lowest item.
type Entry = (i64, Reverse<u32>, u32);

struct Differencing<'a, T> {
    sorted: &'a [T],
    /// The index of each item among the unsorted ones.
    index: &'a [u32],
    k: usize,
    /// The first item that is still a tuple of its own; those behind it are too.
    next_item: usize,
    heap: BinaryHeap<Entry>,
    tuples: Vec<Tuple<T>>,
    free: Vec<u32>,
    /// Groups are lists: the item behind each item, and the last one of the group of each first item.
    behind: Vec<u32>,
    last: Vec<u32>,
    buffer: Vec<(T, u32)>,
}

impl<'a, T: Size> Differencing<'a, T> {
    /// Each item as a tuple of its own.
    fn items(sorted: &'a [T], index: &'a [u32], k: usize) -> Self {
        let n = sorted.len();
        let (heap, tuples, free, buffer) = (BinaryHeap::new(), Vec::new(), Vec::new(), Vec::new());
        Self { sorted, index, k, next_item: 0, heap, tuples, free, behind: vec![EMPTY; n], last: (0..n as u32).collect(), buffer }
    }

    /// Each k neighbours in order of size as a tuple.
    fn groups_of_k(sorted: &'a [T], index: &'a [u32], k: usize) -> Self {
        let mut all = Self::items(sorted, index, k);
        all.next_item = sorted.len();
        for (number, part) in sorted.chunks(k).enumerate() {
            let first = number * k;
            let mut groups: Vec<(T, u32)> = part.iter().enumerate().map(|(i, &size)| (size, (first + i) as u32)).collect();
            groups.resize(k, (T::default(), EMPTY));
            let lowest = index[first..first + part.len()].iter().copied().min().unwrap_or(EMPTY);
            all.put(Tuple { groups, lowest });
        }
        all
    }

    /// Joins all tuples; the bin of each item.
    fn run(mut self, pulse: &mut Pulse) -> Vec<u32> {
        let n = self.sorted.len();
        while let Some(a) = self.pop() {
            let Some(b) = self.pop() else {
                self.put(a);
                break;
            };
            if pulse.worked(cost::MERGED * (8 + b.groups.len().min(self.k)) as u64) {
                return vec![0; n];
            }
            let joined = self.join(a, b);
            self.put(joined);
        }
        let mut bin = vec![0; n];
        let groups = self.pop().map_or(Vec::new(), |whole| whole.groups);
        let mut first_items: Vec<(T, u32)> = Vec::new();
        for &(load, head) in &groups {
            let (mut item, mut lowest) = (head, EMPTY);
            while item != EMPTY {
                lowest = lowest.min(item);
                item = self.behind[item as usize];
            }
            first_items.push((load, lowest));
        }
        let mut place: Vec<u32> = (0..groups.len() as u32).collect();
        place.sort_by(|&a, &b| {
            let (a, b) = (first_items[a as usize], first_items[b as usize]);
            b.0.order(&a.0).then(a.1.cmp(&b.1))
        });
        for (number, &group) in place.iter().enumerate() {
            let mut item = groups[group as usize].1;
            while item != EMPTY {
                bin[item as usize] = number as u32;
                item = self.behind[item as usize];
            }
        }
        bin
    }

    /// Stores a tuple after its smallest load has been subtracted from all.
    fn put(&mut self, mut tuple: Tuple<T>) {
        if tuple.groups.len() == self.k {
            let least = tuple.groups[self.k - 1].0;
            tuple.groups.iter_mut().for_each(|group| group.0 = group.0.minus(least));
        }
        let (spread, lowest) = (tuple.groups[0].0.key(), Reverse(tuple.lowest));
        let slot = self.free.pop().unwrap_or(self.tuples.len() as u32);
        if slot as usize == self.tuples.len() {
            self.tuples.push(tuple);
        } else {
            self.tuples[slot as usize] = tuple;
        }
        self.heap.push((spread, lowest, slot));
    }

    /// The tuple of largest spread, ties to the one with the lowest item.
    fn pop(&mut self) -> Option<Tuple<T>> {
        let item = self.next_item;
        let single = self.sorted.get(item).map(|size| (size.key(), Reverse(self.index[item])));
        match (self.heap.peek(), single) {
            (Some(&(spread, lowest, slot)), single) if single.is_none_or(|single| (spread, lowest) > single) => {
                self.heap.pop();
                self.free.push(slot);
                let gone = Tuple { groups: Vec::new(), lowest: EMPTY };
                Some(std::mem::replace(&mut self.tuples[slot as usize], gone))
            }
            (_, Some(_)) => {
                self.next_item += 1;
                Some(Tuple { groups: vec![(self.sorted[item], item as u32)], lowest: self.index[item] })
            }
            (_, None) => None,
        }
    }

    /// The groups of two tuples, the largest of one with the smallest of the other, and so on.
    fn join(&mut self, mut a: Tuple<T>, mut b: Tuple<T>) -> Tuple<T> {
        if a.groups.len() < b.groups.len() {
            std::mem::swap(&mut a, &mut b);
        }
        let lowest = a.lowest.min(b.lowest);
        let (k, m) = (self.k, a.groups.len());
        let overlap = (m + b.groups.len()).saturating_sub(k);
        // The smallest groups of one meet the largest ones of the other, so those that meet none are the largest of each.
        let (alone_a, alone_b) = (m - overlap, b.groups.len() - overlap);
        if let [(size, group)] = b.groups[..] {
            let (size, group) = if overlap == 0 {
                (size, group)
            } else {
                let (load, last) = a.groups.pop().expect("a full tuple");
                (load.plus(size), self.linked(last, group))
            };
            let at = a.groups.partition_point(|other| other.0 >= size);
            a.groups.insert(at, (size, group));
            return Tuple { groups: a.groups, lowest };
        }
        let mut joined = std::mem::take(&mut self.buffer);
        joined.clear();
        joined.extend_from_slice(&a.groups[..alone_a]);
        joined.extend_from_slice(&b.groups[..alone_b]);
        for i in alone_a..m {
            let ((x, g), (y, h)) = (a.groups[i], b.groups[k - 1 - i]);
            joined.push((x.plus(y), self.linked(g, h)));
        }
        joined.sort_by(|x, y| y.0.order(&x.0));
        self.buffer = a.groups;
        Tuple { groups: joined, lowest }
    }

    /// Two lists of items as one.
    fn linked(&mut self, g: u32, h: u32) -> u32 {
        if g == EMPTY || h == EMPTY {
            return g.min(h);
        }
        let end = self.last[g as usize];
        self.behind[end as usize] = h;
        self.last[g as usize] = self.last[h as usize];
        g
    }
}
