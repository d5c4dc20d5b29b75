//! Dynasearch: the best set of moves that do not overlap, found by dynamic programming over positions.
//!
//! A move works on a segment of positions `i..=j`: it swaps the first and the last job, moves the first behind the last, or the last in
//! front of the first. Each insertion is evaluated in constant time, because the jobs between shift by the same time while the segment
//! grows by one job. The shift of a swap depends on both jobs. A bound in constant time excludes most swaps; for the others the jobs
//! between are added up if the segment is short, and for long segments a Fenwick tree over lateness gives the sum in O(log n).
//! Congram, Potts and van de Velde (2002), INFORMS Journal on Computing 14; Grosso, Della Croce and Tadei (2004), Operations Research
//! Letters 32.

use super::amount::Amount;
use crate::control::Watch;
use crate::cost;
use crate::sort::Sorter;
use crate::tardiness::Total;

/// Segments up to this long are added up job by job.
const SHORT: usize = 64;
/// The longest segment that is tried, so that a pass takes linear time for very many jobs.
const MAX_SEGMENT: usize = 2000;

/// A job with what the search needs of it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Job<W> {
    pub(super) p: i64,
    pub(super) d: i64,
    pub(super) w: W,
    pub(super) id: u32,
}

impl<W: Amount> Job<W> {
    #[inline]
    pub(super) fn cost(&self, completion: i64) -> W {
        self.w.times((completion - self.d).max(0))
    }
}

/// The total weighted tardiness of a sequence that starts at time 0.
pub(super) fn cost<W: Amount>(sequence: &[Job<W>]) -> W {
    let mut clock = 0;
    sequence.iter().fold(W::default(), |sum, job| {
        clock += job.p;
        sum + job.cost(clock)
    })
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Move {
    None,
    /// Both ends change places.
    Swap,
    /// The first one goes behind the last one.
    Later,
    /// The last one goes in front of the first one.
    Earlier,
}

/// Working arrays of a pass.
#[derive(Debug)]
pub(super) struct Dynasearch<W> {
    /// The completion time of the job at each position.
    completion: Vec<i64>,
    /// The total weight of the tardy jobs before each position.
    tardy_weight_before: Vec<W>,
    /// Best change of the first k positions, and the segment that ends there.
    best: Vec<W>,
    choice: Vec<(usize, Move)>,
    /// Ranks by lateness, and sums of weights and of weighted lateness above a rank.
    sorted: Vec<i64>,
    rank: Vec<u32>,
    lateness: Vec<i64>,
    order: Vec<u32>,
    sorter: Sorter,
    tree: Vec<(W, W)>,
}

impl<W: Amount> Dynasearch<W> {
    pub(super) fn new(n: usize) -> Self {
        Self {
            completion: vec![0; n],
            tardy_weight_before: vec![W::default(); n + 1],
            best: vec![W::default(); n + 1],
            choice: vec![(0, Move::None); n + 1],
            sorted: Vec::new(),
            rank: vec![0; n],
            lateness: Vec::new(),
            order: Vec::new(),
            sorter: Sorter::default(),
            tree: vec![(W::default(), W::default()); n + 1],
        }
    }

    /// Makes the best set of moves; returns their number, 0 in a local optimum, or none if `watch` stops it.
    pub(super) fn improve(&mut self, sequence: &mut [Job<W>], watch: &mut Watch<Total>) -> Option<u64> {
        let n = sequence.len();
        if self.prepare(sequence, watch) {
            return None;
        }
        self.best.fill(W::MAX);
        self.best[0] = W::default();
        for k in 0..n {
            if k > 0 {
                self.end_at(sequence, k - 1);
            }
            self.start_at(sequence, k);
            if watch.worked(n.min(MAX_SEGMENT) as u64) {
                return None;
            }
        }
        if n > 0 {
            self.end_at(sequence, n - 1);
        }
        let (mut made, mut k) = (0, n);
        while k > 0 {
            let (i, kind) = self.choice[k];
            match kind {
                Move::None => {}
                Move::Swap => sequence.swap(i, k - 1),
                Move::Later => sequence[i..k].rotate_left(1),
                Move::Earlier => sequence[i..k].rotate_right(1),
            }
            made += u64::from(kind != Move::None);
            k = i;
        }
        Some(made)
    }

    /// Computes completion times, tardy weights and ranks by lateness. True if `watch` stops it.
    fn prepare(&mut self, sequence: &[Job<W>], watch: &mut Watch<Total>) -> bool {
        let mut clock = 0;
        for (k, job) in sequence.iter().enumerate() {
            clock += job.p;
            self.completion[k] = clock;
            let tardy = if clock > job.d { job.w } else { W::default() };
            self.tardy_weight_before[k + 1] = self.tardy_weight_before[k].plus(tardy);
        }
        if sequence.len() > SHORT {
            self.lateness.clear();
            self.lateness.extend(self.completion.iter().zip(sequence).map(|(completion, job)| completion - job.d));
            if self.sorter.sort_interruptible(&self.lateness, None, &mut self.order, |steps| watch.worked(steps)) {
                return true;
            }
            self.sorted.clear();
            self.sorted.extend(self.order.iter().map(|&k| self.lateness[k as usize]));
            for (rank, &k) in self.order.iter().enumerate() {
                self.rank[k as usize] = rank as u32;
            }
        }
        watch.worked(cost::PAIR * sequence.len() as u64)
    }

    /// Notes a change of the first `j + 1` positions by a move on `i..=j`, if it is the best one so far.
    #[inline]
    fn offer(&mut self, i: usize, j: usize, change: W, kind: Move) {
        let total = self.best[i] + change;
        if total < self.best[j + 1] {
            (self.best[j + 1], self.choice[j + 1]) = (total, (i, kind));
        }
    }

    /// Fixes the best change of the first `j + 1` positions: those offered, no move of the job at `j`, or a move to an earlier place.
    fn end_at(&mut self, sequence: &[Job<W>], j: usize) {
        if self.best[j] <= self.best[j + 1] {
            // Doing nothing is preferred among equals.
            (self.best[j + 1], self.choice[j + 1]) = (self.best[j], (j, Move::None));
        }
        let (last, before) = (sequence[j], sequence[j].cost(self.completion[j]));
        let mut shifted = W::default();
        for i in (j.saturating_sub(MAX_SEGMENT)..j).rev() {
            let job = sequence[i];
            shifted = shifted + (job.cost(self.completion[i] + last.p) - job.cost(self.completion[i]));
            let change = shifted + (last.cost(self.completion[i] - job.p + last.p) - before);
            if change < W::default() {
                self.offer(i, j, change, Move::Earlier);
            } else if shifted > before {
                return; // a longer segment costs even more
            }
        }
    }

    /// Moves of segments that start at position `i`: the job there goes to a later place, or changes places with another.
    fn start_at(&mut self, sequence: &[Job<W>], i: usize) {
        let (first, zero) = (sequence[i], W::default());
        let (start, before) = (self.completion[i] - first.p, first.cost(self.completion[i]));
        let mut shifted = zero;
        let mut filled = 0; // how many of the jobs behind i are in the tree
        for j in i + 1..sequence.len().min(i + MAX_SEGMENT) {
            let job = sequence[j];
            let own = job.cost(self.completion[j]);
            let later = first.cost(self.completion[j]) - before;
            let earlier = job.cost(start + job.p) - own;
            let shift = job.p - first.p;
            // If the jobs between move forward, only tardy jobs gain, at most their weight times the shift each. If they move back, each
            // tardy job loses its weight times the shift.
            let least_between = (self.tardy_weight_before[j] - self.tardy_weight_before[i + 1]).bound(shift);
            let least = later.plus(earlier).plus(least_between);
            if least < zero && self.best[i].plus(least) < self.best[j + 1] {
                let between = if j - i <= SHORT {
                    let cost = |(job, &c): (&Job<W>, &i64)| job.cost(c + shift) - job.cost(c);
                    sequence[i + 1..j].iter().zip(&self.completion[i + 1..j]).map(cost).fold(zero, |sum, change| sum + change)
                } else {
                    while filled < j - i - 1 {
                        filled += 1;
                        self.add(sequence, i + filled);
                    }
                    self.above(-shift, shift) - self.above(0, 0)
                };
                let change = later + earlier + between;
                if change < zero {
                    self.offer(i, j, change, Move::Swap);
                }
            }
            shifted = shifted + (job.cost(self.completion[j] - first.p) - own);
            let change = shifted + later;
            if change < zero {
                self.offer(i, j, change, Move::Later);
            }
        }
        self.clear(sequence.len(), i, filled);
    }

    /// Removes the `filled` jobs behind position `i` from the tree; if they are many, by overwriting the whole tree.
    fn clear(&mut self, n: usize, i: usize, filled: usize) {
        let nothing = (W::default(), W::default());
        if filled * 16 > n {
            return self.tree.fill(nothing);
        }
        for rank in &self.rank[i + 1..=i + filled] {
            let mut node = n - *rank as usize;
            while node < self.tree.len() {
                self.tree[node] = nothing;
                node += node & node.wrapping_neg();
            }
        }
    }

    /// Puts a job into the tree, at its rank from the end.
    fn add(&mut self, sequence: &[Job<W>], k: usize) {
        let (w, late) = (sequence[k].w, self.completion[k] - sequence[k].d);
        let mut node = sequence.len() - self.rank[k] as usize;
        while node < self.tree.len() {
            let (weights, lateness) = self.tree[node];
            self.tree[node] = (weights.plus_product(w, 1), lateness.plus_product(w, late));
            node += node & node.wrapping_neg();
        }
    }

    /// The weighted tardiness, after a shift by `shift`, of the jobs in the tree whose lateness is above `threshold`.
    fn above(&self, threshold: i64, shift: i64) -> W {
        let mut node = self.sorted.len() - self.sorted.partition_point(|&late| late <= threshold);
        let (mut weights, mut lateness) = (W::default(), W::default());
        while node > 0 {
            let (w, late) = self.tree[node];
            (weights, lateness) = (weights.plus_product(w, 1), lateness.plus_product(late, 1));
            node &= node - 1;
        }
        lateness.plus_product(weights, shift)
    }
}
