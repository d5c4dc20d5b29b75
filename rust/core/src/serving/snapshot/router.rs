//! Snapshots of routers.

use super::super::numbered_router::{NumberedRouter, RoutedRequest, RouterOptions};
use super::{Reader, VERSION, require, write_list};
use crate::error::Error;

impl NumberedRouter {
    /// The slots in use in the order in which their requests were routed, and the complete state but for the options. The
    /// requests of a restored router have the slots 0, 1, ... in that order.
    #[must_use]
    pub fn save(&self) -> (Vec<u32>, Vec<i64>) {
        let unit = self.options.unit.to_bits() as i64;
        let mut words = vec![VERSION, unit, self.drawn as i64, self.last.is_some().into(), self.last.unwrap_or(0)];
        words.push(self.replicas.len() as i64);
        for &(id, number) in self.replicas.sorted() {
            let replica = self.replicas.get(number);
            words.extend([id, replica.weight.to_bits() as i64, replica.busy_until.to_bits() as i64]);
            write_list(&mut words, self.caches.oldest_first(number).into_iter().map(|hash| hash as i64));
        }
        let mut routed: Vec<(u64, u32)> = self.requests().map(|(slot, request)| (request.turn, slot)).collect();
        routed.sort_unstable();
        words.push(routed.len() as i64);
        let slots: Vec<u32> = routed.into_iter().map(|(_, slot)| slot).collect();
        for &slot in &slots {
            let request = self.request(slot);
            words.extend([self.replicas.get(request.replica).id, request.tokens]);
            write_list(&mut words, request.beginnings.iter().map(|&hash| hash as i64));
        }
        (slots, words)
    }

    /// The router that was saved.
    ///
    /// # Errors
    /// Options out of range; words that are not such a state.
    pub fn restore(options: RouterOptions, words: &[i64]) -> Result<Self, Error> {
        let mut reader = Reader(words);
        require(reader.word()? == VERSION)?;
        let unit = reader.float()?;
        require(unit > 0.0 && unit.is_finite())?;
        let mut restored = Self::new(RouterOptions { unit, ..options })?;
        restored.drawn = reader.word()? as u64;
        let (any, last) = (reader.word()?, reader.word()?);
        restored.last = (any == 1).then_some(last);
        for _ in 0..reader.count()? {
            let (id, weight, busy_until) = (reader.word()?, reader.float()?, reader.float()?);
            restored.add(id, weight)?;
            let number = restored.replicas.find(id).expect("it was added");
            require(!busy_until.is_nan())?;
            restored.replicas.set_busy_until(number, busy_until);
            let blocks: Vec<u64> = reader.list()?.iter().rev().map(|&hash| hash as u64).collect();
            restored.caches.touch(&blocks, number);
        }
        for _ in 0..reader.count()? {
            let (id, tokens) = (reader.word()?, reader.word()?);
            let beginnings: Vec<u64> = reader.list()?.iter().map(|&hash| hash as u64).collect();
            let number = restored.replicas.find(id);
            require(number.is_some() && tokens >= 0 && restored.can_carry(tokens))?;
            restored.enter(RoutedRequest { replica: number.unwrap_or_default(), tokens, turn: 0, beginnings });
        }
        reader.end()?;
        Ok(restored)
    }
}
