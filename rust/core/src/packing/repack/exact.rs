//! All sequences of moves in a small cluster.

use std::collections::HashMap;

use super::Move;
use super::state::State;

/// Situations that are remembered, at most.
const MOST_SEEN: usize = 1 << 18;
/// Moves of the sequences that are searched first; then twice as many, and so on.
const FIRST_MOVES: usize = 2;
/// Moves of the longest sequences that are searched.
const MOST_MOVES: usize = 1 << 16;

/// Depth-first searches over sequences of moves, which pass over those that cannot leave fewer fragments than the best ones, and over
/// situations that were reached before with as many moves left.
pub(super) struct Sequences<'a, 'w> {
    state: State<'a>,
    best: i64,
    bound: i64,
    /// The best moves, and the fragments they leave, if they are better than what was known before.
    pub found: Option<(Vec<Move>, i64)>,
    /// Moves that were left in each situation.
    seen: HashMap<Vec<i64>, usize>,
    /// Whether a sequence that may be continued was longer than the current search allows.
    cut: bool,
    /// Counts a sequence; true stops the search.
    node: &'w mut dyn FnMut() -> bool,
}

/// What a search does with a situation.
enum Situation {
    /// Its moves are tried.
    Open,
    /// No moves from it can be better.
    Closed,
    /// The search ends.
    Stopped,
}

impl<'a, 'w> Sequences<'a, 'w> {
    /// Looks for fewer fragments than `best`; `bound` ends the search.
    pub(super) fn new(state: State<'a>, best: i64, bound: i64, node: &'w mut dyn FnMut() -> bool) -> Self {
        Self { state, best, bound, found: None, seen: HashMap::new(), cut: false, node }
    }

    /// Searches short sequences first, and longer ones until none was cut off; whether the search was complete.
    pub(super) fn run(&mut self, max_moves: usize) -> bool {
        let mut moves = max_moves.min(FIRST_MOVES);
        loop {
            self.seen.clear();
            self.cut = false;
            if !self.within(moves, max_moves - moves) {
                return false;
            }
            if !self.cut {
                return true;
            }
            if moves >= MOST_MOVES {
                return false;
            }
            moves = (2 * moves).min(MOST_MOVES).min(max_moves);
        }
    }

    /// All sequences of at most so many moves, with a stack of its own; `beyond` more are allowed in longer searches. False if the search
    /// was stopped.
    fn within(&mut self, moves: usize, beyond: usize) -> bool {
        // Where each open situation goes on: the item, and the first node it has not been to.
        let mut next = Vec::new();
        match self.enter(moves, beyond) {
            Situation::Open => next.push((0, 0)),
            Situation::Closed => {}
            Situation::Stopped => return false,
        }
        while let Some(&from) = next.last() {
            if self.best <= self.bound {
                return true;
            }
            let Some((item, target)) = self.following(from) else {
                next.pop();
                self.state.undo();
                continue;
            };
            let depth = next.len();
            next[depth - 1] = (item, target + 1);
            self.state.make(item, target);
            match self.enter(moves - depth, beyond) {
                Situation::Open => next.push((0, 0)),
                Situation::Closed => self.state.undo(),
                Situation::Stopped => return false,
            }
        }
        true
    }

    /// Looks at the situation that a move has led to, with so many moves left.
    fn enter(&mut self, left: usize, beyond: usize) -> Situation {
        if self.state.fragments < self.best {
            self.best = self.state.fragments;
            self.found = Some((self.state.moves.clone(), self.best));
        }
        if self.best <= self.bound {
            return Situation::Closed;
        }
        if self.state.bound(left) >= self.best {
            self.cut = self.cut || (beyond > 0 && self.state.bound(left + beyond) < self.best);
            return Situation::Closed;
        }
        if self.seen.get(&self.state.node).is_some_and(|&others| others >= left) {
            return Situation::Closed;
        }
        if self.seen.len() < MOST_SEEN {
            self.seen.insert(self.state.node.clone(), left);
        }
        if (self.node)() { Situation::Stopped } else { Situation::Open }
    }

    /// The next move from an item and a node on, by item, then by node.
    fn following(&self, (first, from): (usize, usize)) -> Option<(usize, usize)> {
        let here = |item: usize, target: usize| self.state.node[item] != target as i64 && self.state.fits(item, target);
        let items = (first..self.state.shape().0).filter(|&item| self.state.node[item] >= 0);
        items.into_iter().find_map(|item| {
            let from = if item == first { from } else { 0 };
            self.state.places(item).find(|&target| target >= from && here(item, target)).map(|target| (item, target))
        })
    }
}
