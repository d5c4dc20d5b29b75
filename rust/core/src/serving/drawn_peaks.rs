//! The largest use of the cache for one draw of the lengths of all answers, kept up to date while requests come, go and outlive
//! their lengths.

use std::collections::BTreeSet;

use super::batch::RunningRequest;
use super::peak_tree::PeakTree;
use super::prefixes::{Prefix, SharedPrefixes};
use crate::error::InputError;

/// One draw of the lengths of all answers of a batch.
#[derive(Debug, Clone, Default)]
pub(super) struct DrawnPeaks {
    tree: PeakTree,
    prefixes: SharedPrefixes,
    /// The step at which the answer of each request ends, by slot.
    ends: Vec<i64>,
    /// Ends, turns and slots of the requests that may be drawn anew: equal ends in the order of starts, so that a restored
    /// admission draws alike.
    by_end: BTreeSet<(i64, u64, u32)>,
}

/// A request that may join the batch, while the question lasts.
#[derive(Debug, Clone, Copy)]
pub(super) struct Candidate {
    /// The number of the draw.
    pub draw: usize,
    /// The step at which its answer ends.
    pub end: i64,
    /// Its own tokens at step 0, as if it had run since then.
    pub base: i64,
    /// The step until which it holds no more than its prompt, if that is not the present one.
    pub begin: Option<i64>,
    pub prefix: Option<Prefix>,
}

impl Candidate {
    /// Whether it is one line from now to its end: one question to the tree answers for it.
    pub fn is_plain(&self) -> bool {
        self.begin.is_none() && self.prefix.is_none()
    }
}

impl DrawnPeaks {
    /// The largest sum of tokens at the end of an answer, 0 if there is none. O(1).
    pub fn peak(&self) -> i64 {
        self.tree.peak()
    }

    /// The largest sum if a request that is plain joined these. O(log n).
    pub fn peak_with(&self, end: i64, base: i64) -> i64 {
        self.tree.peak_with(end, base)
    }

    /// Adds the points of a request. Until a late `begin` it holds its prompt, which is more than the line of its tokens says;
    /// a second line, which falls by a token a step until `begin`, adds the difference.
    fn insert(&mut self, end: i64, base: i64, begin: Option<i64>, prefix: Option<Prefix>) {
        self.tree.insert(end, base, 1);
        if let Some(begin) = begin {
            self.tree.insert(begin, begin, -1);
        }
        if let Some(prefix) = prefix {
            self.prefixes.join(prefix, end);
            self.update_prefix(prefix.id);
        }
    }

    fn remove(&mut self, end: i64, base: i64, begin: Option<i64>, prefix: Option<Prefix>) {
        self.tree.remove(end, base, 1);
        if let Some(begin) = begin {
            self.tree.remove(begin, begin, -1);
        }
        if let Some(Prefix { id, .. }) = prefix {
            self.prefixes.leave(id, end);
            self.update_prefix(id);
            self.prefixes.forget_unused(id);
        }
    }

    /// Moves the point of a prefix to the last end of the requests that hold it.
    fn update_prefix(&mut self, id: u64) {
        let Some(shared) = self.prefixes.get_mut(id) else { return };
        let (before, after) = (shared.counted_until, shared.end());
        if before == after {
            return;
        }
        shared.counted_until = after;
        let tokens = shared.tokens;
        if let Some(end) = before {
            self.tree.remove(end, tokens, 0);
        }
        if let Some(end) = after {
            self.tree.insert(end, tokens, 0);
        }
    }

    /// Refuses a prefix that is known with another number of tokens.
    pub fn judge(&self, prefix: Prefix) -> Result<(), InputError> {
        self.prefixes.judge(prefix)
    }

    /// The tokens that a prefix adds to what is held: none if a request holds it already.
    pub fn added_by(&self, prefix: Option<Prefix>) -> i64 {
        prefix.filter(|prefix| self.prefixes.get(prefix.id).is_none()).map_or(0, |prefix| prefix.tokens)
    }

    /// Adds a request of the batch whose answer ends at this step.
    pub fn enter(&mut self, slot: u32, request: &RunningRequest, end: i64) {
        self.insert(end, request.base, request.late_begin(), request.prefix);
        if slot as usize >= self.ends.len() {
            self.ends.resize(slot as usize + 1, 0);
        }
        self.ends[slot as usize] = end;
        self.by_end.insert((end, request.turn, slot));
    }

    /// Removes a request of the batch.
    pub fn leave(&mut self, slot: u32, request: &RunningRequest) {
        let end = self.ends[slot as usize];
        self.remove(end, request.base, request.late_begin(), request.prefix);
        self.by_end.remove(&(end, request.turn, slot));
    }

    /// A request keeps the length that was drawn for it last, however long its answer gets.
    pub fn keep(&mut self, slot: u32, request: &RunningRequest) {
        self.by_end.remove(&(self.ends[slot as usize], request.turn, slot));
    }

    /// The step at which the answer of a request ends.
    pub fn end(&self, slot: u32) -> i64 {
        self.ends[slot as usize]
    }

    /// A request whose answer should have ended before this step, and whose length may be drawn anew.
    pub fn outlived(&self, step: i64) -> Option<u32> {
        self.by_end.first().filter(|&&(end, ..)| end < step).map(|&(.., slot)| slot)
    }

    /// A request joins until it is withdrawn.
    pub fn propose(&mut self, candidate: &Candidate) {
        self.insert(candidate.end, candidate.base, candidate.begin, candidate.prefix);
    }

    /// Withdraws a request that was proposed.
    pub fn withdraw(&mut self, candidate: &Candidate) {
        self.remove(candidate.end, candidate.base, candidate.begin, candidate.prefix);
    }
}
