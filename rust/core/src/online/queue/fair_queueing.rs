//! Processor sharing in the queue: all jobs have equal shares, and the job with the least service since it was added goes first.

use super::backend::{INDEX, MARK, QueueBackend, WORDS};
use super::disclosure::Disclosure;
use super::entry::Change;
use crate::error::InputError;
use crate::online::heap::{IndexedHeap, key, value};
use crate::online::information::Facts;

/// Start-time fair queueing with equal weights (Goyal, Vin, Cheng 1996): a job's tag is the least tag at its arrival plus its
/// service since. O(log n) an operation. Ties: the order of arrival.
#[derive(Clone, Default)]
pub struct FairQueueing {
    waiting: IndexedHeap,
    known: Vec<TaggedJob>,
}

#[derive(Clone, Copy)]
struct TaggedJob {
    index: u32,
    tag: f64,
    attained: f64,
}

impl FairQueueing {
    fn put(&mut self, slot: u32, known: TaggedJob) {
        crate::online::ordered::put(&mut self.known, slot, known);
        self.waiting.push(key(known.tag, u64::from(known.index)), slot);
    }
}

impl QueueBackend for FairQueueing {
    fn add(&mut self, _: f64, slot: u32, attained: f64, facts: &Facts<Disclosure>) -> Result<(), InputError> {
        let tag = self.waiting.first().map_or(0.0, |(least, _)| value(least));
        self.put(slot, TaggedJob { index: facts.index, tag, attained });
        Ok(())
    }

    fn first(&mut self, _: f64) -> Option<u32> {
        self.waiting.first().map(|(_, slot)| slot)
    }

    fn take(&mut self, slot: u32) {
        self.waiting.remove(slot);
    }

    fn serve(&mut self, _: f64, slot: u32, attained: f64) -> (f64, bool) {
        let TaggedJob { index, tag, attained: before } = self.known[slot as usize];
        self.waiting.remove(slot);
        self.put(slot, TaggedJob { index, tag: tag + (attained - before), attained });
        (attained, false)
    }

    fn limit(&self, _: u32) -> f64 {
        f64::INFINITY
    }

    fn reveal(&mut self, _: f64, _: u32, _: f64, _: f64) -> Result<(f64, bool), InputError> {
        Err(InputError::new("reveal", "the policy takes none: sizes change by reprioritise"))
    }

    fn change(&mut self, _: f64, _: u32, _: f64, _: &Change) -> Result<(), InputError> {
        Ok(()) // it knows nothing
    }

    fn sharers(&mut self, _: f64, sharers: &mut Vec<u32>) {
        sharers.extend(self.waiting.members());
        sharers.sort_unstable_by_key(|&slot| self.known[slot as usize].index);
    }

    fn horizon(&mut self, _: f64, _: &dyn Fn(u32) -> f64) -> f64 {
        f64::INFINITY
    }

    fn preempts(&self) -> bool {
        true
    }

    fn looks_at_all(&self) -> bool {
        false
    }

    fn holds(&self) -> bool {
        false
    }

    fn stop(&mut self, _: f64) {}

    fn runs(&self, _: u32) -> bool {
        false
    }

    fn since(&self) -> f64 {
        0.0
    }

    fn save(&self, slot: u32) -> [u64; WORDS] {
        let TaggedJob { index, tag, .. } = self.known[slot as usize];
        let mut words = [0; WORDS];
        (words[INDEX], words[MARK]) = (u64::from(index), tag.to_bits());
        words
    }

    fn restore(&mut self, _: f64, slot: u32, index: u32, attained: f64, words: &[u64; WORDS]) {
        self.put(slot, TaggedJob { index, tag: f64::from_bits(words[MARK]), attained });
    }

    fn resume(&mut self, _: f64, _: Option<(u32, f64)>) {}

    fn turn(&self) -> u64 {
        0
    }

    fn copy(&self) -> Box<dyn QueueBackend> {
        Box::new(self.clone())
    }
}
