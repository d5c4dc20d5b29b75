//! The search of bin completion, with a stack of its own.

use super::{CountLimits, Fit, HashSet, Nodes, REMEMBERED, Random, Watch, cost, l2};

/// An item in the bin that is being completed.
#[derive(Debug, Clone, Copy)]
struct Placed {
    /// Its size, by position among the distinct sizes.
    size: usize,
    /// Whether it opened the bin.
    opened: bool,
    /// What the bin has left with it.
    residual: i64,
    /// The items of the bin with it.
    count: usize,
}

/// A bin on the stack: where its items begin, and which of its windows of unused capacity is tried.
#[derive(Debug, Clone, Copy)]
struct Bin {
    /// All unused capacity before this bin.
    unused: i64,
    /// Bins that may still hold the largest count.
    full_bins: usize,
    /// Bins that leave little are tried before those that leave more.
    wide: bool,
}

/// A state of the search.
pub(super) struct Completion {
    /// Distinct sizes, the largest first, and how many items of each are left.
    size: Vec<i64>,
    left: Vec<u32>,
    capacity: i64,
    counts: Option<CountLimits>,
    num_bins: usize,
    items_left: usize,
    placed: Vec<Placed>,
    bins: Vec<Bin>,
    unused: i64,
    full_bins: usize,
    /// Each item has a random number. The sum over the items that are not packed stands for a state of the search, so that states from
    /// which the search has failed are recognised.
    fingerprint: u128,
    number: Vec<u128>,
    failed: HashSet<u128>,
    buffer: Vec<i64>,
}

impl Completion {
    pub fn new(sorted: &[i64], num_bins: usize, capacity: i64, unused: i64, counts: Option<CountLimits>) -> Self {
        let (mut size, mut left): (Vec<i64>, Vec<u32>) = (Vec::new(), Vec::new());
        for class in sorted.chunk_by(|a, b| a == b) {
            size.push(class[0]);
            left.push(class.len() as u32);
        }
        let mut random = Random::new(0x7061_636b);
        let mut wide = || u128::from(random.next_u64()) << 64 | u128::from(random.next_u64());
        let number: Vec<u128> = (0..size.len() + 2).map(|_| wide()).collect();
        let fingerprint =
            left.iter().zip(&number).fold(0_u128, |sum, (&count, n)| sum.wrapping_add(n.wrapping_mul(u128::from(count))));
        Self {
            size,
            left,
            capacity,
            counts,
            num_bins,
            items_left: sorted.len(),
            placed: Vec::new(),
            bins: Vec::new(),
            unused,
            full_bins: counts.map_or(0, |counts| counts.full_bins),
            fingerprint,
            number,
            failed: HashSet::new(),
            buffer: Vec::new(),
        }
    }

    /// Searches until all items are in bins, all ways have failed, or a limit has come.
    pub fn run(mut self, sorted: &[i64], nodes: &mut Nodes, watch: &mut Watch<'_, i64>) -> Fit {
        if self.items_left == 0 {
            return Fit::Found(Vec::new());
        }
        if !self.open(false) {
            return Fit::Infeasible;
        }
        let mut from = self.placed[0].size;
        loop {
            if nodes.used >= nodes.limit || watch.worked(cost::PAIR * 4) {
                return Fit::Unknown;
            }
            if let Some(next) = self.option(from) {
                nodes.used += 1;
                self.place(next, false);
                from = next;
                continue;
            }
            if self.may_close() {
                self.unused -= self.placed[self.placed.len() - 1].residual;
                self.full_bins -= usize::from(self.is_full());
                if self.items_left == 0 {
                    return Fit::Found(self.assignment(sorted));
                }
                nodes.used += 1;
                if watch.worked(self.items_left as u64) {
                    return Fit::Unknown;
                }
                if self.open(false) {
                    from = self.placed[self.placed.len() - 1].size;
                    continue;
                }
                self.reopen();
            }
            match self.back() {
                Some(next) => from = next,
                None => return Fit::Infeasible,
            }
        }
    }

    /// Undoes what closing the bin on top changed.
    fn reopen(&mut self) {
        if let Some(bin) = self.bins.last() {
            (self.unused, self.full_bins) = (bin.unused, bin.full_bins);
        }
    }

    /// Takes items out until there is another option, and returns where it begins; None if all have failed.
    fn back(&mut self) -> Option<usize> {
        loop {
            let Placed { size, opened, .. } = self.placed.pop()?;
            self.left[size] += 1;
            self.items_left += 1;
            self.fingerprint = self.fingerprint.wrapping_add(self.number[size]);
            if !opened {
                return Some(size + 1);
            }
            let bin = self.bins.pop()?;
            if !bin.wide && self.open(true) {
                return Some(size);
            }
            let key = self.key();
            if self.failed.len() < REMEMBERED {
                self.failed.insert(key);
            }
            self.reopen();
        }
    }

    /// What tells states apart in which a bin is to be opened.
    fn key(&self) -> u128 {
        let n = self.size.len();
        let bins = self.number[n].wrapping_mul(self.bins.len() as u128);
        self.fingerprint.wrapping_add(bins).wrapping_add(self.number[n + 1].wrapping_mul(self.full_bins as u128))
    }

    /// Opens a bin with the largest item that is left, if the rest may fit.
    fn open(&mut self, wide: bool) -> bool {
        let bins_left = self.num_bins - self.bins.len();
        if !wide && (bins_left == 0 || self.failed.contains(&self.key()) || !self.may_fit(bins_left)) {
            return false;
        }
        if wide && self.narrow() >= self.unused {
            return false;
        }
        let Some(largest) = self.left.iter().position(|&count| count > 0) else { return false };
        self.bins.push(Bin { unused: self.unused, full_bins: self.full_bins, wide });
        self.place(largest, true);
        true
    }

    /// Whether bounds on counts and sizes allow the items that are left in so many bins.
    fn may_fit(&mut self, bins_left: usize) -> bool {
        if let Some(counts) = self.counts {
            let full = self.full_bins.min(bins_left);
            return self.items_left
                <= (counts.most - 1).saturating_mul(bins_left - full).saturating_add(counts.most.saturating_mul(full));
        }
        let (size, buffer) = (&self.size, &mut self.buffer);
        buffer.clear();
        self.left.iter().zip(size).for_each(|(&count, &size)| buffer.extend(std::iter::repeat_n(size, count as usize)));
        l2(buffer, self.capacity, &mut crate::control::Pulse::default()) <= bins_left
    }

    /// What a bin may leave unused in the first of its windows.
    fn narrow(&self) -> i64 {
        self.unused / 8
    }

    fn place(&mut self, size: usize, opened: bool) {
        let (residual, count) = match self.placed.last() {
            Some(top) if !opened => (top.residual, top.count),
            _ => (self.capacity, 0),
        };
        self.left[size] -= 1;
        self.items_left -= 1;
        self.fingerprint = self.fingerprint.wrapping_sub(self.number[size]);
        self.placed.push(Placed { size, opened, residual: residual - self.size[size], count: count + 1 });
    }

    /// The largest item from a position on that the bin on top may take, if the bin can then leave little enough.
    fn option(&self, from: usize) -> Option<usize> {
        let (top, bin) = (self.placed.last()?, self.bins.last()?);
        if let Some(counts) = self.counts
            && !(top.count + 1 < counts.most || (top.count + 1 == counts.most && self.full_bins > 0))
        {
            return None;
        }
        let first = from.max(self.size.partition_point(|&size| size > top.residual));
        let next = (first..self.size.len()).find(|&size| self.left[size] > 0)?;
        let needed = top.residual - if bin.wide { self.unused } else { self.narrow() };
        let mut reachable = 0_i64;
        for size in next..self.size.len() {
            if reachable >= needed {
                break;
            }
            reachable += self.size[size] * i64::from(self.left[size]);
        }
        (reachable >= needed).then_some(next)
    }

    /// Whether the bin on top holds the largest count.
    fn is_full(&self) -> bool {
        self.counts.is_some_and(|counts| self.placed.last().is_some_and(|top| top.count == counts.most))
    }

    /// Whether the bin on top may be left as it is: within its window, and no other set of items is surely as good.
    fn may_close(&self) -> bool {
        let (Some(top), Some(bin)) = (self.placed.last(), self.bins.last()) else { return false };
        let narrow = self.narrow();
        let (low, high) = if bin.wide { (narrow + 1, self.unused) } else { (0, narrow) };
        (low..=high).contains(&top.residual) && (self.counts.is_some() || !self.is_dominated(top.residual))
    }

    /// Whether an item that is left would fit beside the items of the bin on top, or in place of a smaller one, or of two that are not
    /// larger together. What it replaces fits where it would be.
    fn is_dominated(&self, residual: i64) -> bool {
        let is_left = |low: i64, high: i64| {
            let first = self.size.partition_point(|&size| size > high);
            self.size[first..].iter().zip(&self.left[first..]).take_while(|&(&size, _)| size >= low).any(|(_, &count)| count > 0)
        };
        if is_left(0, residual) {
            return true;
        }
        let inside = self.placed.iter().rev().take_while(|item| !item.opened).filter(|item| self.size[item.size] > 0);
        for (number, item) in inside.clone().enumerate() {
            let size = self.size[item.size];
            if is_left(size + 1, size + residual) {
                return true;
            }
            for other in inside.clone().take(number) {
                let both = size + self.size[other.size];
                if is_left(both, both + residual) {
                    return true;
                }
            }
        }
        false
    }

    /// The bins of all items: those of each size in order.
    fn assignment(&self, sorted: &[i64]) -> Vec<u32> {
        let mut next: Vec<usize> = self.size.iter().map(|&size| sorted.partition_point(|&other| other > size)).collect();
        let mut bin = vec![0; sorted.len()];
        let mut number = 0_u32;
        for (k, item) in self.placed.iter().enumerate() {
            number += u32::from(item.opened && k > 0);
            bin[next[item.size]] = number;
            next[item.size] += 1;
        }
        bin
    }
}
