//! All sequences of moves in a small cluster.

use std::collections::HashMap;

use super::Move;
use super::state::State;

/// A depth-first search over sequences of moves, which passes over those that cannot leave fewer fragments than the best ones, and over
/// situations that were reached before with as many moves left.
pub(super) struct Sequences<'a, 'w> {
    state: State<'a>,
    best: i64,
    bound: i64,
    /// The best moves, and the fragments they leave, if they are better than what was known before.
    pub found: Option<(Vec<Move>, i64)>,
    /// Moves that were left in each situation.
    seen: HashMap<Vec<i64>, usize>,
    /// Counts a sequence; true stops the search.
    node: &'w mut dyn FnMut() -> bool,
}

/// Situations that are remembered, at most.
const MOST_SEEN: usize = 1 << 18;

impl<'a, 'w> Sequences<'a, 'w> {
    /// Looks for fewer fragments than `best`; `bound` ends the search.
    pub(super) fn new(state: State<'a>, best: i64, bound: i64, node: &'w mut dyn FnMut() -> bool) -> Self {
        Self { state, best, bound, found: None, seen: HashMap::new(), node }
    }

    /// Whether the search was complete.
    pub(super) fn run(&mut self, moves: usize) -> bool {
        if self.state.fragments < self.best {
            self.best = self.state.fragments;
            self.found = Some((self.state.moves.clone(), self.best));
        }
        if self.best <= self.bound || moves == 0 || self.state.bound(moves) >= self.best {
            return true;
        }
        if self.seen.get(&self.state.node).is_some_and(|&left| left >= moves) {
            return true;
        }
        if self.seen.len() < MOST_SEEN {
            self.seen.insert(self.state.node.clone(), moves);
        }
        if (self.node)() {
            return false;
        }
        for item in 0..self.state.shape().0 {
            if self.state.node[item] < 0 {
                continue;
            }
            for target in self.state.places(item) {
                if self.state.node[item] != target as i64 && self.state.fits(item, target) {
                    self.state.make(item, target);
                    let complete = self.run(moves - 1);
                    self.state.undo();
                    if !complete {
                        return false;
                    }
                }
            }
        }
        true
    }
}
