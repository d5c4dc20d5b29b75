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
/// A bin that has no number yet.
const UNNUMBERED: u32 = u32::MAX;

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

/// What is joined next.
enum Next<T> {
    /// An item that is a tuple of its own.
    Item(usize),
    Joined(Tuple<T>),
}

/// Tuples are joined by spread, the largest first, then by lowest index.
type Rank = (i64, Reverse<u32>);

struct Differencing<'a, T> {
    sorted: &'a [T],
    /// The index of each item among the unsorted ones.
    index: &'a [u32],
    k: usize,
    /// The first item that is still a tuple of its own; those behind it are too.
    next_item: usize,
    /// Ranks of tuples, and where they are stored.
    heap: BinaryHeap<(Rank, u32)>,
    tuples: Vec<Tuple<T>>,
    free: Vec<u32>,
    /// The two groups that each group of several items is made of; groups below the number of items are single items.
    parts: Vec<(u32, u32)>,
    buffer: Vec<(T, u32)>,
}

impl<'a, T: Size> Differencing<'a, T> {
    /// Each item as a tuple of its own.
    fn items(sorted: &'a [T], index: &'a [u32], k: usize) -> Self {
        let (heap, parts) = (BinaryHeap::new(), Vec::with_capacity(sorted.len()));
        Self { sorted, index, k, next_item: 0, heap, tuples: Vec::new(), free: Vec::new(), parts, buffer: Vec::new() }
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
            let mut tuple = Tuple { groups, lowest };
            let rank = all.normalized(&mut tuple);
            all.put(tuple, rank);
        }
        all
    }

    /// Joins all tuples; the bin of each item.
    fn run(mut self, pulse: &mut Pulse) -> Vec<u32> {
        let mut current = self.pop();
        while let Some(next) = self.pop() {
            let mut joined = match (current, next) {
                (None, next) => {
                    current = Some(next);
                    continue;
                }
                (Some(Next::Item(a)), Next::Item(b)) => {
                    let single = Tuple { groups: vec![(self.sorted[a], a as u32)], lowest: self.index[a] };
                    self.with_item(single, b)
                }
                (Some(Next::Item(item)), Next::Joined(tuple)) | (Some(Next::Joined(tuple)), Next::Item(item)) => {
                    self.with_item(tuple, item)
                }
                (Some(Next::Joined(a)), Next::Joined(b)) => self.join(a, &b),
            };
            if pulse.worked(cost::MERGED * (4 + joined.groups.len() as u64 / 4)) {
                return vec![0; self.sorted.len()];
            }
            let rank = self.normalized(&mut joined);
            let first =
                self.heap.peek().is_none_or(|&(other, _)| rank > other) && self.item_rank().is_none_or(|other| rank > other);
            current = if first {
                Some(Next::Joined(joined)) // most tuples grow by an item at a time, without a detour over the heap
            } else {
                self.put(joined, rank);
                self.pop()
            };
        }
        let groups = match current {
            Some(Next::Joined(whole)) => whole.groups,
            Some(Next::Item(item)) => vec![(self.sorted[item], item as u32)],
            None => Vec::new(),
        };
        self.numbered(&groups)
    }

    /// The bin of each item: groups by load, the largest first, then by their largest item.
    fn numbered(&self, groups: &[(T, u32)]) -> Vec<u32> {
        let n = self.sorted.len();
        let mut group_of = vec![EMPTY; n + self.parts.len()];
        for (number, &(_, group)) in groups.iter().enumerate().filter(|(_, group)| group.1 != EMPTY) {
            group_of[group as usize] = number as u32;
        }
        for (node, &(a, b)) in self.parts.iter().enumerate().rev() {
            (group_of[a as usize], group_of[b as usize]) = (group_of[n + node], group_of[n + node]);
        }
        group_of.truncate(n);
        let mut largest_item = vec![EMPTY; groups.len()];
        for (item, &group) in group_of.iter().enumerate().rev() {
            largest_item[group as usize] = item as u32;
        }
        let mut by_load: Vec<u32> = (0..groups.len() as u32).collect();
        by_load.sort_by(|&a, &b| {
            let (a, b) = (a as usize, b as usize);
            groups[b].0.order(&groups[a].0).then(largest_item[a].cmp(&largest_item[b]))
        });
        let mut number = vec![UNNUMBERED; groups.len()];
        by_load.iter().enumerate().for_each(|(place, &group)| number[group as usize] = place as u32);
        group_of.iter().map(|&group| number[group as usize]).collect()
    }

    /// Subtracts the smallest load of a tuple from all, and returns its rank.
    fn normalized(&self, tuple: &mut Tuple<T>) -> Rank {
        if tuple.groups.len() == self.k {
            let least = tuple.groups[self.k - 1].0;
            tuple.groups.iter_mut().for_each(|group| group.0 = group.0.minus(least));
        }
        (tuple.groups[0].0.key(), Reverse(tuple.lowest))
    }

    fn put(&mut self, tuple: Tuple<T>, rank: Rank) {
        let slot = self.free.pop().unwrap_or(self.tuples.len() as u32);
        if slot as usize == self.tuples.len() {
            self.tuples.push(tuple);
        } else {
            self.tuples[slot as usize] = tuple;
        }
        self.heap.push((rank, slot));
    }

    /// The rank of the first item that is a tuple of its own.
    fn item_rank(&self) -> Option<Rank> {
        self.sorted.get(self.next_item).map(|size| (size.key(), Reverse(self.index[self.next_item])))
    }

    /// Takes out the tuple of highest rank.
    fn pop(&mut self) -> Option<Next<T>> {
        let item = self.item_rank();
        match self.heap.peek() {
            Some(&(rank, slot)) if item.is_none_or(|item| rank > item) => {
                self.heap.pop();
                self.free.push(slot);
                let gone = Tuple { groups: Vec::new(), lowest: EMPTY };
                Some(Next::Joined(std::mem::replace(&mut self.tuples[slot as usize], gone)))
            }
            _ => {
                item?;
                self.next_item += 1;
                Some(Next::Item(self.next_item - 1))
            }
        }
    }

    /// A tuple with one more item, which goes to the smallest group.
    fn with_item(&mut self, mut tuple: Tuple<T>, item: usize) -> Tuple<T> {
        let (mut size, mut group) = (self.sorted[item], item as u32);
        if tuple.groups.len() == self.k {
            let (load, last) = tuple.groups.pop().expect("k groups");
            (size, group) = (load.plus(size), self.united(last, group));
        }
        if tuple.groups.last().is_none_or(|last| last.0 >= size) {
            tuple.groups.push((size, group));
        } else {
            let at = tuple.groups.partition_point(|other| other.0 >= size);
            tuple.groups.insert(at, (size, group));
        }
        Tuple { groups: tuple.groups, lowest: tuple.lowest.min(self.index[item]) }
    }

    /// The groups of two tuples, the largest of one with the smallest of the other, and so on.
    fn join(&mut self, a: Tuple<T>, b: &Tuple<T>) -> Tuple<T> {
        let (k, m) = (self.k, a.groups.len());
        let overlap = (m + b.groups.len()).saturating_sub(k);
        // The smallest groups of one meet the largest ones of the other, so those that meet none are the largest of each.
        let (alone_a, alone_b) = (m - overlap, b.groups.len() - overlap);
        let mut joined = std::mem::take(&mut self.buffer);
        joined.clear();
        joined.extend_from_slice(&a.groups[..alone_a]);
        joined.extend_from_slice(&b.groups[..alone_b]);
        for i in alone_a..m {
            let ((x, g), (y, h)) = (a.groups[i], b.groups[k - 1 - i]);
            joined.push((x.plus(y), self.united(g, h)));
        }
        joined.sort_by(|x, y| y.0.order(&x.0));
        self.buffer = a.groups;
        Tuple { groups: joined, lowest: a.lowest.min(b.lowest) }
    }

    /// Two groups as one.
    fn united(&mut self, g: u32, h: u32) -> u32 {
        if g == EMPTY || h == EMPTY {
            return g.min(h);
        }
        self.parts.push((g, h));
        (self.sorted.len() + self.parts.len() - 1) as u32
    }
}
