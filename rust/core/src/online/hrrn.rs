//! Highest response ratio next: the waiting time counts the more, the shorter the job.

use super::declaration::{Costs, declare};
use super::discipline::{Discipline, PolicyState, QueueDiscipline, Running};
use super::heap::{key, value};
use super::information::{Facts, Size};
use super::ordered::put;

const NO_JOB: u32 = u32::MAX;

/// A look at all jobs pays only if at least this many are popped at once.
const FEW: usize = 8;

/// This many jobs can be looked at in the time that one pop takes to replay its matches.
const LOOK: usize = 256;

/// Picks the highest `(now - release_time) / size` when a server is free (Brinch Hansen 1971); never preempts, and no job
/// starves.
///
/// Ratios are lines in time that overtake one another, so the waiting jobs form a kinetic tournament: every match knows when its
/// outcome changes next. O(log^2 n) amortised an event. The ratio of a job of size 0 is infinite. Ties: lower index.
#[derive(Debug, Clone, Default)]
pub struct Hrrn {
    job: Vec<ResponseRatio>,
    /// Winners of a complete binary tree; leaf `k` of the last half is slot `k`.
    winner: Vec<u32>,
    /// When the outcome of a match, or of one below it, may change.
    until: Vec<f64>,
    count: usize,
    /// The last moment that was spoken of.
    now: f64,
    /// The next jobs at that moment, the first one last, if many are popped at once.
    prepared: Vec<u32>,
}

declare!(
    Hrrn,
    "hrrn",
    COSTS: Costs =
        Costs { event: "O(log² n) amortised", operation: "O(log² n) amortised", pop_many: "O(n + k log n), at most O(k log² n)" }
);

#[derive(Debug, Clone, Copy)]
struct ResponseRatio {
    release: f64,
    size: f64,
    index: u32,
}

impl ResponseRatio {
    /// Infinite for a job of size 0, from its arrival on.
    fn ratio(&self, now: f64) -> f64 {
        if self.size == 0.0 { f64::INFINITY } else { (now - self.release) / self.size }
    }
}

impl Hrrn {
    fn leaves(&self) -> usize {
        self.winner.len() / 2
    }

    /// Enlarges the tournament so that it has a leaf for this slot.
    fn grow(&mut self, slot: usize, now: f64) {
        let leaves = (slot + 1).next_power_of_two().max(2 * self.leaves()).max(2);
        let mut winner = vec![NO_JOB; 2 * leaves];
        winner[leaves..leaves + self.leaves()].copy_from_slice(&self.winner[self.leaves()..]);
        self.winner = winner;
        self.until = vec![f64::INFINITY; 2 * leaves];
        for node in (1..leaves).rev() {
            self.play(node, now);
        }
    }

    /// Decides one match at this moment, and until when the decision holds.
    fn play(&mut self, node: usize, now: f64) {
        let (left, right) = (2 * node, 2 * node + 1);
        let (a, b) = (self.winner[left], self.winner[right]);
        let mut until = self.until[left].min(self.until[right]);
        self.winner[node] = if a == NO_JOB || b == NO_JOB {
            a.min(b) // `NO_JOB` is the largest number
        } else {
            let (x, y) = (self.job[a as usize], self.job[b as usize]);
            let first = y.ratio(now).total_cmp(&x.ratio(now)).then(x.index.cmp(&y.index)).is_lt();
            let (winner, best, other) = if first { (a, x, y) } else { (b, y, x) };
            until = until.min(overtakes(&best, &other));
            winner
        };
        self.until[node] = until;
    }

    fn climb(&mut self, slot: u32, now: f64) {
        let mut node = (self.leaves() + slot as usize) >> 1;
        while node > 0 {
            self.play(node, now);
            node >>= 1;
        }
    }

    /// Replays the matches whose outcome may have changed.
    fn refresh(&mut self, node: usize, now: f64) {
        if node < self.leaves() && self.until[node] <= now {
            self.refresh(2 * node, now);
            self.refresh(2 * node + 1, now);
            self.play(node, now);
        }
    }

    fn take(&mut self, slot: u32, now: f64) {
        let leaf = self.leaves() + slot as usize;
        self.winner[leaf] = NO_JOB;
        self.count -= 1;
        if self.prepared.last() == Some(&slot) {
            self.prepared.pop();
            self.mark_stale(leaf);
        } else {
            self.prepared.clear();
            self.climb(slot, now);
        }
    }

    /// Marks the matches above a leaf, which are replayed when their winner is needed. All matches above a marked one are marked.
    fn mark_stale(&mut self, leaf: usize) {
        let mut node = leaf >> 1;
        while node > 0 && self.until[node] > f64::NEG_INFINITY {
            self.until[node] = f64::NEG_INFINITY;
            node >>= 1;
        }
    }

    /// Finds the next `k` by one look at all jobs. O(n + k log k).
    fn look_at_all(&mut self, now: f64, k: usize) {
        let mut best: Vec<u128> = Vec::with_capacity(2 * k);
        let (mut worst, mut bar) = (u128::MAX, 0.0);
        for (&slot, line) in self.winner[self.leaves()..].iter().zip(&self.job) {
            // Nearly all are told by a product, which takes less than the ratio.
            if slot == NO_JOB || now - line.release < bar * line.size {
                continue;
            }
            let place = key(-line.ratio(now), u64::from(line.index) << 32 | u64::from(slot));
            if place < worst {
                best.push(place);
                if best.len() == 2 * k {
                    worst = *best.select_nth_unstable(k - 1).1;
                    bar = (-value(worst)).min(f64::MAX) * (1.0 - 1e-15); // so much lower that rounding hides no job
                    best.truncate(k);
                }
            }
        }
        best.sort_unstable();
        self.prepared.extend(best.into_iter().take(k).rev().map(|place| place as u32));
    }
}

/// When the loser's ratio passes the winner's; a little early, so that rounding cannot hide it.
fn overtakes(winner: &ResponseRatio, loser: &ResponseRatio) -> f64 {
    let steeper = winner.size - loser.size;
    if steeper <= 0.0 || loser.size == 0.0 {
        return f64::INFINITY; // a loser of size 0 has lost to a lower index of the same ratio
    }
    let crossing = (loser.release * winner.size - winner.release * loser.size) / steeper;
    let scale = (loser.release.abs() + crossing.abs()) * winner.size + (winner.release.abs() + crossing.abs()) * loser.size;
    crossing - 1e-14 * scale / steeper
}

impl Discipline for Hrrn {
    type Info = Size;
    const PREEMPTIVE: bool = false;

    fn arrive(&mut self, now: f64, slot: u32, _: f64, facts: Facts<Size>) {
        let line = ResponseRatio { release: facts.release_time, size: facts.revealed.0, index: facts.index };
        put(&mut self.job, slot, line);
        self.now = now;
        self.prepared.clear();
        if slot as usize >= self.leaves() {
            self.grow(slot as usize, now);
        }
        let leaf = self.leaves() + slot as usize;
        self.winner[leaf] = slot;
        self.count += 1;
        self.climb(slot, now);
    }

    fn none_wait(&self) -> bool {
        self.count == 0
    }

    fn first(&mut self, now: f64) -> Option<u32> {
        if self.count == 0 {
            return None;
        }
        if let Some(&slot) = self.prepared.last().filter(|_| self.now == now) {
            return Some(slot);
        }
        self.now = now;
        self.prepared.clear();
        self.refresh(1, now);
        Some(self.winner[1])
    }

    fn begin(&mut self, now: f64, slot: u32) {
        self.now = now;
        self.prepared.clear();
        self.take(slot, now);
    }

    fn victim(&mut self, _: f64, _: &[Running]) -> Option<usize> {
        None
    }

    fn stop(&mut self, now: f64, job: Running) {
        self.now = now;
        self.prepared.clear();
        let leaf = self.leaves() + job.slot as usize;
        self.winner[leaf] = job.slot;
        self.count += 1;
        self.climb(job.slot, now);
    }

    fn leave(&mut self, slot: u32, waiting: bool) {
        if waiting {
            self.take(slot, self.now);
        }
    }
}

impl QueueDiscipline for Hrrn {
    fn facts(&self, slot: u32) -> Facts<Size> {
        let ResponseRatio { release, size, index } = self.job[slot as usize];
        Facts { index, number: index, release_time: release, weight: 1.0, deadline: f64::INFINITY, revealed: Size(size) }
    }

    fn state(&self, _: u32) -> PolicyState {
        PolicyState { phase: 0, joined: 0, mark: 0.0 }
    }

    fn restore(&mut self, now: f64, slot: u32, attained: f64, facts: Facts<Size>, _: PolicyState) {
        self.arrive(now, slot, attained, facts);
    }

    fn prepare_pops(&mut self, now: f64, k: usize) {
        if k >= FEW && self.count / LOOK <= k {
            self.now = now;
            self.prepared.clear();
            self.look_at_all(now, k.min(self.count));
        }
    }
}
