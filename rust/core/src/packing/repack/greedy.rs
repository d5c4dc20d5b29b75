//! The best single moves in turn, or good ones drawn at random.

use super::Move;
use super::state::State;
use crate::random::Random;

/// Out of so many of the best moves one is drawn.
const CHOICE: usize = 4;

/// Makes moves as long as one leaves fewer fragments: the best one, ties by item, then by node, or with random numbers one of the best.
/// Returns the moves and the fragments left. `work` counts steps; true ends the search with what it has.
pub(super) fn greedy(
    begin: &State<'_>,
    max_moves: usize,
    mut random: Option<&mut Random>,
    work: &mut dyn FnMut(u64) -> bool,
) -> (Vec<Move>, i64) {
    let mut state = begin.clone();
    let (n, m) = state.shape();
    // The best moves of each item, kept until one of their nodes changes.
    let mut known: Vec<Option<Vec<(i64, usize)>>> = vec![None; n];
    while state.moves.len() < max_moves {
        let mut best: Vec<(i64, usize, usize)> = Vec::with_capacity(CHOICE + 1);
        let width = if random.is_some() { CHOICE } else { 1 };
        for (item, known) in known.iter_mut().enumerate() {
            if state.node[item] < 0 {
                continue;
            }
            let source = state.node[item] as usize;
            let kept = known.take().unwrap_or_else(|| moves_of(&state, item, source, m, width));
            for &(change, target) in &kept {
                let entry = (change, item, target);
                if best.len() < width || entry < best[best.len() - 1] {
                    best.insert(best.partition_point(|other| *other < entry), entry);
                    best.truncate(width);
                }
            }
            *known = Some(kept);
            if work(m as u64 / 2 + 8) {
                return (state.moves, state.fragments);
            }
        }
        if best.is_empty() {
            break;
        }
        let chosen = random.as_deref_mut().map_or(0, |random| random.below(best.len() as u64) as usize);
        let (_, item, target) = best[chosen];
        let source = state.node[item] as usize;
        state.make(item, target);
        for (other, kept) in known.iter_mut().enumerate() {
            let here = state.node[other] == source as i64 || state.node[other] == target as i64;
            if here || kept.as_ref().is_some_and(|kept| kept.iter().any(|entry| entry.1 == source || entry.1 == target)) {
                *kept = None;
            } else if let Some(kept) = kept.as_mut().filter(|_| state.node[other] >= 0) {
                for node in [source, target] {
                    insert(&state, kept, other, node, width);
                }
            }
        }
        if work(4 * n as u64) {
            break;
        }
    }
    (state.moves, state.fragments)
}

/// The best moves of an item that leave fewer fragments.
fn moves_of(state: &State<'_>, item: usize, source: usize, m: usize, width: usize) -> Vec<(i64, usize)> {
    let mut found = Vec::new();
    for target in (0..m).filter(|&target| target != source) {
        insert(state, &mut found, item, target, width);
    }
    found
}

/// Adds a move if it is among the best ones.
#[inline]
fn insert(state: &State<'_>, kept: &mut Vec<(i64, usize)>, item: usize, target: usize, width: usize) {
    let entry = (state.change(item, target), target);
    if entry.0 < 0 && (kept.len() < width || entry < kept[kept.len() - 1]) && state.fits(item, target) {
        kept.insert(kept.partition_point(|other| *other < entry), entry);
        kept.truncate(width);
    }
}
