//! The requests that wait at a replica, in their order.

use std::cmp::Reverse;
use std::collections::{BTreeSet, BinaryHeap};

use super::LineOrder;
use crate::deadline_ranks::{DatedWork, DeadlineRank, SlackEdf, SloDensity};

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

/// The place of a request in the order: first all with `false`, then all with `true`; among equals the lowest rank first.
type Place = (bool, Sorted);

/// The place of a waiting request in its line: one while it is in time, another one when it is late.
#[derive(Debug, Clone, Copy)]
pub(super) struct LineRank {
    in_time: Place,
    late: Place,
    /// The last moment at which it is in time.
    last_moment: f64,
}

impl LineRank {
    /// The rank of a request in an order. `first` and `whole` are the predicted times to its first token and to its end.
    pub fn new(order: LineOrder, prompt_tokens: i64, deadline: f64, first: f64, whole: f64) -> Self {
        match order {
            LineOrder::Fcfs => Self::lasting(0.0),
            LineOrder::ShortestPrompt => Self::lasting(prompt_tokens as f64),
            LineOrder::SlackEdf => Self::dated::<SlackEdf>(deadline, first),
            LineOrder::SloDensity => Self::dated::<SloDensity>(deadline, whole),
        }
    }

    fn lasting(rank: f64) -> Self {
        let place = (false, Sorted(rank));
        Self { in_time: place, late: place, last_moment: f64::INFINITY }
    }

    fn dated<R: DeadlineRank>(deadline: f64, remaining: f64) -> Self {
        let work = DatedWork { deadline, remaining, weight: 1.0 };
        let [in_time, late] = [false, true].map(|late| R::place(&work, late)).map(|(last, rank)| (last, Sorted(rank)));
        Self { in_time, late, last_moment: R::last_moment_in_time(&work) }
    }
}

/// The last moment at which a request is in time, its place of arrival, and its places in the line until then and afterwards.
type RankChange = (Sorted, u32, Place, Place);

/// The line of a replica. O(log n) an operation.
#[derive(Debug, Clone, Default)]
pub(super) struct WaitingLine {
    /// Place in the order, and place of arrival.
    waiting: BTreeSet<(Place, u32)>,
    changes: BinaryHeap<Reverse<RankChange>>,
}

impl WaitingLine {
    pub fn is_empty(&self) -> bool {
        self.waiting.is_empty()
    }

    /// A request waits.
    pub fn add(&mut self, place: u32, rank: LineRank, now: f64) {
        if rank.last_moment < now {
            self.waiting.insert((rank.late, place));
            return;
        }
        self.waiting.insert((rank.in_time, place));
        if rank.last_moment < f64::INFINITY {
            self.changes.push(Reverse((Sorted(rank.last_moment), place, rank.in_time, rank.late)));
        }
    }

    /// Ranks are those of this moment from now on.
    pub fn advance(&mut self, now: f64) {
        while let Some(&Reverse((Sorted(last_moment), place, in_time, late))) = self.changes.peek() {
            if last_moment >= now {
                break;
            }
            self.changes.pop();
            // It may have left the line since.
            if self.waiting.remove(&(in_time, place)) {
                self.waiting.insert((late, place));
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
