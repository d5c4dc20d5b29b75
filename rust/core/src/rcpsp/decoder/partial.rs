//! Partial schedules: what is needed to decode a list part by part, to return to a part, and to compare different orders of it.

use super::{Decoded, Decoder, Direction, SHORT_LIST, State, Stopper};
use crate::rcpsp::events::SavedEvents;
use crate::rcpsp::packed::SavedSlots;

/// A partial schedule that a decoder can return to, with memory that it uses again.
#[derive(Debug, Default)]
pub(in crate::rcpsp) struct Partial {
    narrow: SavedSlots<u32>,
    wide: SavedSlots<u64>,
    events: Option<SavedEvents>,
}

impl Decoder<'_> {
    /// Whether lists can be decoded in parts. A timeline takes them whole.
    pub(in crate::rcpsp) fn takes_parts(&self) -> bool {
        !matches!(self.state, State::Timeline(_))
    }

    /// Places the activities of `part` behind those that have been decoded, as [`decode_until`](Self::decode_until) would.
    #[inline]
    pub(in crate::rcpsp) fn go_on(
        &mut self,
        part: &[u32],
        direction: Direction,
        limit: i64,
        decoded: Decoded<i64>,
        stop: Stopper,
    ) -> Decoded<i64> {
        if self.project.num_activities() <= SHORT_LIST {
            return self.decode_part::<true>(part.iter().copied(), direction, limit, decoded);
        }
        self.decode_long(&mut part.iter().copied(), direction, limit, decoded, stop)
    }

    /// Keeps the schedule so far. O(n + slots).
    pub(in crate::rcpsp) fn save(&self, partial: &mut Partial) {
        match &self.state {
            State::Narrow(packed) => packed.save(&mut partial.narrow),
            State::Wide(packed) => packed.save(&mut partial.wide),
            State::Events(events) => partial.events = Some(events.save()),
            State::Timeline(_) => unreachable!("lists reach a timeline whole"),
        }
    }

    /// Returns to a schedule that was kept. O(n + slots).
    pub(in crate::rcpsp) fn restore(&mut self, partial: &Partial) {
        match &mut self.state {
            State::Narrow(packed) => packed.restore(&partial.narrow),
            State::Wide(packed) => packed.restore(&partial.wide),
            State::Events(events) => partial.events.iter().for_each(|saved| events.restore(saved)),
            State::Timeline(_) => unreachable!("lists reach a timeline whole"),
        }
    }

    /// The sum of weight times completion over the activities of `part`, with completions in units of the decoder.
    #[inline]
    pub(in crate::rcpsp) fn weighted_completion(&self, part: &[u32], weight: &[f64]) -> f64 {
        let sum = |finish: &dyn Fn(usize) -> f64| part.iter().map(|&i| weight[i as usize] * finish(i as usize)).sum();
        match &self.state {
            State::Narrow(packed) => sum(&|i| f64::from(packed.finish()[i])),
            State::Wide(packed) => sum(&|i| f64::from(packed.finish()[i])),
            State::Events(events) => sum(&|i| (events.finish()[i] / self.scale) as f64),
            State::Timeline(_) => unreachable!("lists reach a timeline whole"),
        }
    }
}
