//! Pairs of moves that leave fewer fragments where no single move does.

use super::state::State;

/// A move of an item to a target.
pub(super) type Step = (usize, usize);

/// Looks for two moves that leave fewer fragments: the first one leaves as many as before, and the second one takes an item from or to the
/// nodes that the first one left. Items come in order from the item `from`, in a circle. Returns the pair and the item that was moved first,
/// from which the next search may go on; None if there is no such pair or `work` ends the search.
pub(super) fn find(state: &mut State<'_>, from: usize, work: &mut dyn FnMut(u64) -> bool) -> Option<([Step; 2], usize)> {
    let (n, m) = state.shape();
    let mut held = vec![Vec::new(); m];
    for item in (0..n).filter(|&item| state.node[item] >= 0) {
        for node in state.taken(item, state.node[item] as usize) {
            held[node].push(item);
        }
    }
    for item in (0..n).map(|k| (from + k) % n) {
        if state.node[item] < 0 || state.cluster.units(item) % state.cluster.data.block == 0 {
            continue;
        }
        let source = state.node[item] as usize;
        let Some(target) = neutral_target(state, item) else { continue };
        state.make(item, target);
        let second = second_move(state, item, source, &held);
        state.undo();
        if let Some(second) = second {
            return Some(([(item, target), second], item));
        }
        if work((n + m) as u64) {
            return None;
        }
    }
    None
}

/// The node to which an item can go without any change of the fragments, with the least fragments that suffice; ties by node.
fn neutral_target(state: &State<'_>, item: usize) -> Option<usize> {
    let source = state.node[item] as usize;
    state
        .places(item)
        .filter(|&target| target != source && state.change(item, target) == 0 && state.fits(item, target))
        .min_by_key(|&target| state.fragments_at(item, target))
}

/// A move from or to the nodes that an item has left that leaves fewer fragments.
fn second_move(state: &State<'_>, item: usize, source: usize, held: &[Vec<usize>]) -> Option<Step> {
    for node in state.taken(item, source) {
        for &other in held[node].iter().filter(|&&other| other != item && state.won(other) > 0) {
            let place = state.node[other] as usize;
            let target = state.places(other).find(|&target| target != place && improves(state, other, target));
            if let Some(target) = target {
                return Some((other, target));
            }
        }
        for other in (0..state.shape().0).filter(|&other| other != item && state.node[other] >= 0) {
            let target = state.place_at(other, node);
            if state.node[other] != target as i64 && improves(state, other, target) {
                return Some((other, target));
            }
        }
    }
    None
}

/// Whether an item fits on a node and leaves fewer fragments if it goes there.
#[inline]
fn improves(state: &State<'_>, item: usize, target: usize) -> bool {
    state.change(item, target) < 0 && state.fits(item, target)
}
