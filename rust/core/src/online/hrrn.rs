//! Highest response ratio next: the waiting time counts the more, the shorter the job.

use super::discipline::{Discipline, Place, Recorded, Running, put};
use super::heap::{key, value};
use super::information::{Facts, Size};

const NOBODY: u32 = u32::MAX;

/// How many have to be asked for at once, at least, before a look at everybody pays.
const FEW: usize = 8;

/// How many can be looked at in the time of replaying the matches for one.
const LOOK: usize = 256;

/// Picks the highest `(now - release_time) / size` when a server is free (Brinch Hansen 1971); never preempts, and no job
/// starves.
///
/// Ratios are lines in time that overtake one another, so the waiting room is a kinetic tournament: every match knows when its
/// outcome changes next. O(log^2 n) amortised an event. The ratio of a job of size 0 is infinite. Ties: lower index.
#[derive(Debug, Clone, Default)]
pub struct Hrrn {
    line: Vec<Line>,
    /// Winners of a complete binary tree; leaf `k` of the last half is slot `k`.
    winner: Vec<u32>,
    /// When the outcome of a match, or of one below it, may change.
    until: Vec<f64>,
    count: usize,
    /// The last moment that was spoken of.
    now: f64,
    /// Who goes next at that moment, the first one last, where many are asked for at once.
    lined_up: Vec<u32>,
}

#[derive(Debug, Clone, Copy)]
struct Line {
    release: f64,
    size: f64,
    index: u32,
}

impl Line {
    /// Infinite for a job of size 0, from its arrival on.
    fn ratio(&self, now: f64) -> f64 {
        if self.size == 0.0 { f64::INFINITY } else { (now - self.release) / self.size }
    }
}

impl Hrrn {
    fn leaves(&self) -> usize {
        self.winner.len() / 2
    }

    /// Makes room for a slot.
    fn grow(&mut self, slot: usize, now: f64) {
        let leaves = (slot + 1).next_power_of_two().max(2 * self.leaves()).max(2);
        let mut winner = vec![NOBODY; 2 * leaves];
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
        self.winner[node] = if a == NOBODY || b == NOBODY {
            a.min(b) // nobody is the largest number
        } else {
            let (x, y) = (self.line[a as usize], self.line[b as usize]);
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
        self.winner[leaf] = NOBODY;
        self.count -= 1;
        if self.lined_up.last() == Some(&slot) {
            self.lined_up.pop();
            self.distrust(leaf);
        } else {
            self.lined_up.clear();
            self.climb(slot, now);
        }
    }

    /// Leaves the matches above a leaf to be replayed when somebody asks for their winner. Above such a match all are such.
    fn distrust(&mut self, leaf: usize) {
        let mut node = leaf >> 1;
        while node > 0 && self.until[node] > f64::NEG_INFINITY {
            self.until[node] = f64::NEG_INFINITY;
            node >>= 1;
        }
    }

    /// Finds the next `k` by one look at everybody. O(n + k log k).
    fn look_at_all(&mut self, now: f64, k: usize) {
        let mut best: Vec<u128> = Vec::with_capacity(2 * k);
        let (mut worst, mut bar) = (u128::MAX, 0.0);
        for (&slot, line) in self.winner[self.leaves()..].iter().zip(&self.line) {
            // Nearly all are told by a product, which takes less than the ratio.
            if slot == NOBODY || now - line.release < bar * line.size {
                continue;
            }
            let place = key(-line.ratio(now), u64::from(line.index) << 32 | u64::from(slot));
            if place < worst {
                best.push(place);
                if best.len() == 2 * k {
                    worst = *best.select_nth_unstable(k - 1).1;
                    bar = (-value(worst)).min(f64::MAX) * (1.0 - 1e-15); // so much lower that rounding hides nobody
                    best.truncate(k);
                }
            }
        }
        best.sort_unstable();
        self.lined_up.extend(best.into_iter().take(k).rev().map(|place| place as u32));
    }
}

/// When the loser's ratio passes the winner's; a little early, so that rounding cannot hide it.
fn overtakes(winner: &Line, loser: &Line) -> f64 {
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
        let line = Line { release: facts.release_time, size: facts.revealed.0, index: facts.index };
        put(&mut self.line, slot, line);
        self.now = now;
        self.lined_up.clear();
        if slot as usize >= self.leaves() {
            self.grow(slot as usize, now);
        }
        let leaf = self.leaves() + slot as usize;
        self.winner[leaf] = slot;
        self.count += 1;
        self.climb(slot, now);
    }

    fn nobody_waits(&self) -> bool {
        self.count == 0
    }

    fn first(&mut self, now: f64) -> Option<u32> {
        if self.count == 0 {
            return None;
        }
        if let Some(&slot) = self.lined_up.last().filter(|_| self.now == now) {
            return Some(slot);
        }
        self.now = now;
        self.lined_up.clear();
        self.refresh(1, now);
        Some(self.winner[1])
    }

    fn begin(&mut self, now: f64, slot: u32) {
        self.now = now;
        self.lined_up.clear();
        self.take(slot, now);
    }

    fn victim(&mut self, _: f64, _: &[Running]) -> Option<usize> {
        None
    }

    fn stop(&mut self, now: f64, job: Running) {
        self.now = now;
        self.lined_up.clear();
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

impl Recorded for Hrrn {
    fn facts(&self, slot: u32) -> Facts<Size> {
        let Line { release, size, index } = self.line[slot as usize];
        Facts { index, number: index, release_time: release, weight: 1.0, deadline: f64::INFINITY, revealed: Size(size) }
    }

    fn place(&self, _: u32) -> Place {
        Place { phase: 0, joined: 0, mark: 0.0 }
    }

    fn restore(&mut self, now: f64, slot: u32, attained: f64, facts: Facts<Size>, _: Place) {
        self.arrive(now, slot, attained, facts);
    }

    fn line_up(&mut self, now: f64, k: usize) {
        if k >= FEW && self.count / LOOK <= k {
            self.now = now;
            self.lined_up.clear();
            self.look_at_all(now, k.min(self.count));
        }
    }
}
