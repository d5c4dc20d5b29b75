//! The best single moves in turn, or good ones drawn at random with pairs of moves after them.

use super::Move;
use super::choices::Choices;
use super::pairs::{self, Step};
use super::state::State;
use crate::random::Random;

/// Out of so many of the best moves one is drawn.
const CHOICE: usize = 4;

/// Makes the best single move as long as one leaves fewer fragments, ties by item, then by node. Returns the moves and the fragments left.
/// `work` counts steps; true ends the search with what it has.
pub(super) fn in_turn(begin: &State<'_>, max_moves: usize, work: &mut dyn FnMut(u64) -> bool) -> (Vec<Move>, i64) {
    let mut state = begin.clone();
    let mut choices = Choices::new(state.shape().0, 1, false);
    singles(&mut state, &mut choices, max_moves, None, work);
    (state.moves, state.fragments)
}

/// Makes good single moves, nodes with the least fragments that suffice first, and pairs of moves where no single one leaves fewer fragments.
/// With random numbers each move is one of the best ones.
pub(super) fn with_pairs(
    begin: &State<'_>,
    max_moves: usize,
    mut random: Option<&mut Random>,
    work: &mut dyn FnMut(u64) -> bool,
) -> (Vec<Move>, i64) {
    let mut state = begin.clone();
    let n = state.shape().0;
    let mut choices = Choices::new(n, if random.is_some() { CHOICE } else { 1 }, true);
    let mut from = 0;
    while singles(&mut state, &mut choices, max_moves, random.as_deref_mut(), work) && max_moves - state.moves.len() >= 2 {
        from = random.as_deref_mut().map_or(from, |random| random.below(n as u64) as usize);
        let Some((pair, next)) = pairs::find(&mut state, from, work) else { break };
        from = next;
        for step in pair {
            make(&mut state, &mut choices, step);
        }
    }
    (state.moves, state.fragments)
}

/// Makes single moves as long as one leaves fewer fragments; false if `work` ended the search.
fn singles(
    state: &mut State<'_>,
    choices: &mut Choices,
    max_moves: usize,
    mut random: Option<&mut Random>,
    work: &mut dyn FnMut(u64) -> bool,
) -> bool {
    while state.moves.len() < max_moves {
        let Some(best) = choices.best(state, work) else { return false };
        if best.is_empty() {
            return true;
        }
        let drawn = random.as_deref_mut().map_or(0, |random| random.below(best.len() as u64) as usize);
        make(state, choices, best[drawn]);
        if work(4 * state.shape().0 as u64) {
            return false;
        }
    }
    true
}

/// Makes one move.
fn make(state: &mut State<'_>, choices: &mut Choices, (item, target): Step) {
    let source = state.node[item] as usize;
    state.make(item, target);
    choices.moved(state, item, source, target);
}
