//! The best single moves of all items, kept while others are made.

use super::state::State;

/// Moves of an item in order of preference: the change of the fragments, the fragments of the nodes concerned, the target.
type Choice = (i64, i64, usize);

/// The best moves of each item that leave fewer fragments, kept until one of their nodes changes.
pub(super) struct Choices {
    known: Vec<Option<Vec<Choice>>>,
    /// How many moves are kept for each item, and offered in all.
    width: usize,
    /// Whether nodes with the least fragments that suffice come first among equal changes.
    tight: bool,
}

impl Choices {
    pub(super) fn new(num_items: usize, width: usize, tight: bool) -> Self {
        Self { known: vec![None; num_items], width, tight }
    }

    /// The best moves of all items as pairs of item and target, at most as many as are kept; None if `work` ends the search.
    pub(super) fn best(&mut self, state: &State<'_>, work: &mut dyn FnMut(u64) -> bool) -> Option<Vec<(usize, usize)>> {
        let mut best: Vec<(i64, i64, usize, usize)> = Vec::with_capacity(self.width + 1);
        for item in (0..self.known.len()).filter(|&item| state.node[item] >= 0) {
            let mut steps = 8;
            if self.known[item].is_none() {
                self.known[item] = Some(self.moves_of(state, item));
                steps += state.shape().1 as u64 / 2;
            }
            for &(change, rest, target) in self.known[item].iter().flatten() {
                let entry = (change, rest, item, target);
                if best.len() < self.width || entry < best[best.len() - 1] {
                    best.insert(best.partition_point(|other| *other < entry), entry);
                    best.truncate(self.width);
                }
            }
            if work(steps) {
                return None;
            }
        }
        Some(best.iter().map(|&(_, _, item, target)| (item, target)).collect())
    }

    /// Learns that an item has moved between these nodes.
    pub(super) fn moved(&mut self, state: &State<'_>, item: usize, source: usize, target: usize) {
        let changed: Vec<usize> = state.taken(item, source).chain(state.taken(item, target)).collect();
        for other in (0..self.known.len()).filter(|&other| state.node[other] >= 0) {
            let Some(mut kept) = self.known[other].take() else { continue };
            let stale = |first: usize| state.taken(other, first).any(|node| changed.contains(&node));
            if stale(state.node[other] as usize) || kept.iter().any(|&(_, _, target)| stale(target)) {
                continue;
            }
            let mut last = None;
            for place in changed.iter().map(|&node| state.place_at(other, node)) {
                if last.replace(place) != Some(place) {
                    self.insert(state, &mut kept, other, place);
                }
            }
            self.known[other] = Some(kept);
        }
    }

    /// The best moves of an item that leave fewer fragments.
    fn moves_of(&self, state: &State<'_>, item: usize) -> Vec<Choice> {
        let mut found = Vec::new();
        if state.won(item) > 0 {
            let source = state.node[item] as usize;
            for target in state.places(item).filter(|&target| target != source) {
                self.insert(state, &mut found, item, target);
            }
        }
        found
    }

    /// Adds a move if it is among the best ones.
    #[inline]
    fn insert(&self, state: &State<'_>, kept: &mut Vec<Choice>, item: usize, target: usize) {
        let change = state.change(item, target);
        if change >= 0 {
            return;
        }
        let source = state.node[item] as usize;
        let rest = if self.tight { state.fragments_at(item, source) + state.fragments_at(item, target) } else { 0 };
        let entry = (change, rest, target);
        if (kept.len() < self.width || entry < kept[kept.len() - 1]) && state.fits(item, target) {
            kept.insert(kept.partition_point(|other| *other < entry), entry);
            kept.truncate(self.width);
        }
    }
}
