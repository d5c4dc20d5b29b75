//! The requests that wait at a replica, in their order.

use std::cmp::Reverse;
use std::collections::{BTreeSet, BinaryHeap};

use super::LineOrder;

/// A float that sorts.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Sorted(pub f64);

impl Eq for Sorted {}

impl PartialOrd for Sorted {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Sorted {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        self.0.total_cmp(&other.0)
    }
}

/// The rank of a waiting request, lower first: one until its time has come, another one from then on.
#[derive(Debug, Clone, Copy)]
pub(super) struct LineRank {
    before: f64,
    after: f64,
    /// The last moment of `before`, or the first of `after`.
    change: f64,
    /// Whether `before` holds at that moment still.
    inclusive: bool,
}

impl LineRank {
    /// The rank of a request in an order. `first` and `whole` are the predicted times to its first token and to its end.
    pub fn new(order: LineOrder, prompt_tokens: i64, deadline: f64, first: f64, whole: f64) -> Self {
        let lasting = |rank| Self { before: rank, after: rank, change: f64::INFINITY, inclusive: true };
        match order {
            LineOrder::Fcfs => lasting(0.0),
            LineOrder::ShortestPrompt => lasting(prompt_tokens as f64),
            LineOrder::SlackEdf => {
                Self { before: -1.0 / deadline, after: 1.0 / deadline, change: deadline - first, inclusive: false }
            }
            LineOrder::SloDensity => Self { before: -1.0 / whole, after: -0.1 / whole, change: deadline, inclusive: true },
        }
    }

    /// Whether the later rank holds at a moment.
    fn has_changed(&self, now: f64) -> bool {
        now > self.change || !self.inclusive && now == self.change
    }
}

/// When a rank changes: time, place of arrival, ranks before and after, and whether the earlier one holds at that time.
type RankChange = (Sorted, u32, Sorted, Sorted, bool);

/// The line of a replica. O(log n) an operation.
#[derive(Debug, Clone, Default)]
pub(super) struct WaitingLine {
    /// Rank and place of arrival.
    waiting: BTreeSet<(Sorted, u32)>,
    changes: BinaryHeap<Reverse<RankChange>>,
}

impl WaitingLine {
    pub fn is_empty(&self) -> bool {
        self.waiting.is_empty()
    }

    /// A request waits.
    pub fn add(&mut self, place: u32, rank: LineRank, now: f64) {
        if rank.has_changed(now) {
            self.waiting.insert((Sorted(rank.after), place));
            return;
        }
        self.waiting.insert((Sorted(rank.before), place));
        if rank.change < f64::INFINITY {
            let ranks = (Sorted(rank.before), Sorted(rank.after));
            self.changes.push(Reverse((Sorted(rank.change), place, ranks.0, ranks.1, rank.inclusive)));
        }
    }

    /// Ranks are those of this moment from now on.
    pub fn advance(&mut self, now: f64) {
        while let Some(&Reverse((Sorted(time), place, before, after, inclusive))) = self.changes.peek() {
            if time > now || inclusive && time == now {
                break;
            }
            self.changes.pop();
            // It may have left the line since.
            if self.waiting.remove(&(before, place)) {
                self.waiting.insert((after, place));
            }
        }
    }

    /// The requests in their order.
    pub fn iter(&self) -> impl Iterator<Item = u32> + '_ {
        self.waiting.iter().map(|&(_, place)| place)
    }

    /// Takes the first requests out of the line.
    pub fn take(&mut self, count: usize) -> Vec<u32> {
        (0..count).filter_map(|_| self.waiting.pop_first()).map(|(_, place)| place).collect()
    }
}
