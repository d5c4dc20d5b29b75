//! Batches whose answers have drawn lengths.

use std::cmp::Reverse;

use super::batch::{Batch, RunningRequest};
use super::peak::{Holding, peak_of_sorted};
use super::prefixes::Prefix;

/// One draw of the lengths of all answers of a batch, and of those that might join it.
#[derive(Debug, Clone, Default)]
pub(super) struct DrawnBatch {
    /// Requests, the longest first.
    own: Vec<Holding>,
    /// Common prefixes, with their identities.
    shared: Vec<(u64, Holding)>,
}

impl DrawnBatch {
    /// The batch with the drawn length of each answer, by slot.
    pub fn new(batch: &Batch, length: impl Fn(u32, &RunningRequest) -> i64) -> Self {
        let mut drawn = Self::default();
        for (slot, request) in batch.iter() {
            let remaining = (length(slot, request) - request.produced(batch.step)).max(0);
            drawn.own.push(Holding { remaining, held: request.held(batch.step), growth: 1 });
            drawn.share(request.prefix, remaining);
        }
        drawn.own.sort_unstable_by_key(|holding| Reverse(holding.remaining));
        drawn
    }

    /// A request joins that will produce `remaining` tokens.
    pub fn join(&mut self, held: i64, remaining: i64, prefix: Option<Prefix>) {
        let place = self.own.partition_point(|holding| holding.remaining > remaining);
        self.own.insert(place, Holding { remaining, held, growth: 1 });
        self.share(prefix, remaining);
    }

    fn share(&mut self, prefix: Option<Prefix>, remaining: i64) {
        let Some(Prefix { id, tokens }) = prefix else { return };
        match self.shared.iter_mut().find(|(known, _)| *known == id) {
            Some((_, holding)) => holding.remaining = holding.remaining.max(remaining),
            None => self.shared.push((id, Holding { remaining, held: tokens, growth: 0 })),
        }
    }

    /// The largest use of the cache that this draw comes to. O(n) without common prefixes.
    pub fn peak(&self) -> i64 {
        if self.shared.is_empty() {
            return peak_of_sorted(&self.own);
        }
        let mut all = self.own.clone();
        all.extend(self.shared.iter().map(|(_, holding)| *holding));
        super::peak::peak(&mut all)
    }
}
