//! The largest use of the cache for one draw of the lengths of all answers, kept up to date while requests come, go and outlive their
//! lengths.

use std::collections::BTreeSet;

use super::batch::RunningRequest;
use super::peak_tree::PeakTree;
use super::prefixes::{Prefix, SharedPrefixes};

/// A request as one draw sees it.
#[derive(Debug, Clone, Copy, Default)]
struct Drawn {
    point: u32,
    /// The step at which its answer ends.
    end: i64,
}

/// One draw of the lengths of all answers of a batch.
#[derive(Debug, Clone, Default)]
pub(super) struct DrawnPeaks {
    tree: PeakTree,
    prefixes: SharedPrefixes,
    /// By slot.
    drawn: Vec<Drawn>,
    /// Ends, turns and slots: equal ends in the order of starts, so that a restored admission draws alike.
    by_end: BTreeSet<(i64, u64, u32)>,
}

/// A request that may join the batch, while the question lasts.
pub(super) struct Candidate {
    pub draw: usize,
    point: u32,
    end: i64,
    prefix: Option<Prefix>,
}

impl DrawnPeaks {
    /// The largest sum of tokens at the end of an answer, 0 if there is none. O(1).
    pub fn peak(&self) -> i64 {
        self.tree.peak()
    }

    /// The same if a request without a common prefix were there, too. O(log n).
    pub fn peak_with(&self, end: i64, base: i64) -> i64 {
        self.tree.peak_with(end, base)
    }

    fn insert(&mut self, end: i64, base: i64, prefix: Option<Prefix>) -> u32 {
        if let Some(prefix) = prefix {
            self.prefixes.join(prefix, end);
            self.update_prefix(prefix.id);
        }
        self.tree.insert(end, base, 1)
    }

    fn remove(&mut self, point: u32, end: i64, prefix: Option<Prefix>) {
        self.tree.remove(point);
        if let Some(Prefix { id, .. }) = prefix {
            self.prefixes.leave(id, end);
            self.update_prefix(id);
            self.prefixes.forget_unused(id);
        }
    }

    /// Moves the point of a prefix to the last end of the requests that hold it.
    fn update_prefix(&mut self, id: u64) {
        let Some(shared) = self.prefixes.get_mut(id) else { return };
        if let Some(point) = shared.point.take() {
            self.tree.remove(point);
        }
        if let Some(end) = shared.end() {
            shared.point = Some(self.tree.insert(end, shared.tokens, 0));
        }
    }

    /// The tokens that a prefix adds to what is held: none if a request holds it already.
    pub fn added_by(&self, prefix: Option<Prefix>) -> i64 {
        prefix.filter(|prefix| self.prefixes.get(prefix.id).is_none()).map_or(0, |prefix| prefix.tokens)
    }

    /// A request of the batch is there, whose answer ends at this step.
    pub fn enter(&mut self, slot: u32, request: &RunningRequest, end: i64) {
        let point = self.insert(end, request.base, request.prefix);
        if slot as usize >= self.drawn.len() {
            self.drawn.resize(slot as usize + 1, Drawn::default());
        }
        self.drawn[slot as usize] = Drawn { point, end };
        self.by_end.insert((end, request.turn, slot));
    }

    /// A request of the batch is not there any more.
    pub fn leave(&mut self, slot: u32, request: &RunningRequest) {
        let Drawn { point, end } = self.drawn[slot as usize];
        self.remove(point, end, request.prefix);
        self.by_end.remove(&(end, request.turn, slot));
    }

    /// The step at which the answer of a request ends.
    pub fn end(&self, slot: u32) -> i64 {
        self.drawn[slot as usize].end
    }

    /// A request whose answer should have ended before this step.
    pub fn outlived(&self, step: i64) -> Option<u32> {
        self.by_end.first().filter(|&&(end, ..)| end < step).map(|&(.., slot)| slot)
    }

    /// A request joins until it is withdrawn.
    pub fn propose(&mut self, draw: usize, end: i64, base: i64, prefix: Option<Prefix>) -> Candidate {
        Candidate { draw, point: self.insert(end, base, prefix), end, prefix }
    }

    /// Withdraws a request that was proposed.
    pub fn withdraw(&mut self, candidate: &Candidate) {
        self.remove(candidate.point, candidate.end, candidate.prefix);
    }
}
