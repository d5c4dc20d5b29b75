//! Irreducible sets of buffers that do not fit together.

use super::effort::Effort;
use super::exact::Outcome;
use super::part::parts;
use super::problem::Buffers;
use super::sections::load_bound;

/// Nodes after which a trial to drop several buffers at once is given up.
const TRIAL: u64 = 2000;

/// Whether buffers fit into the capacity, within so many nodes.
pub(super) fn fits(buffers: &Buffers, capacity: i64, nodes: u64, seed: u64, effort: &mut Effort<'_, '_>) -> Outcome {
    let bound = load_bound(buffers, &mut |steps| effort.worked(steps)).0;
    if fixed_conflict(buffers, Some(capacity)).is_some() || bound > capacity {
        return Outcome::Refuted;
    }
    let last = effort.nodes.saturating_add(nodes);
    for mut part in parts(buffers, seed, effort) {
        part.first_answers(capacity, effort);
        while part.peak > capacity {
            match part.round(Some(capacity), capacity, effort) {
                Outcome::Refuted => return Outcome::Refuted,
                Outcome::Stopped if effort.stopped() || effort.nodes >= last => return Outcome::Stopped,
                _ => {}
            }
        }
    }
    Outcome::Found
}

/// A fixed buffer above the capacity, or two fixed ones that overlap.
pub(super) fn fixed_conflict(buffers: &Buffers, capacity: Option<i64>) -> Option<Vec<usize>> {
    let mut fixed: Vec<(i64, i64, usize)> = Vec::new();
    for (i, offset) in buffers.fixed.iter().enumerate() {
        if let Some(offset) = *offset {
            if capacity.is_some_and(|capacity| offset + buffers.size[i] > capacity) {
                return Some(vec![i]);
            }
            fixed.push((offset, offset + buffers.size[i], i));
        }
    }
    // By start, with those still alive in the order of their offsets.
    fixed.sort_unstable_by_key(|&(_, _, i)| (buffers.start[i], i));
    let mut alive: Vec<(i64, i64, usize)> = Vec::new();
    for &(offset, top, i) in &fixed {
        alive.retain(|&(_, _, other)| buffers.end[other] > buffers.start[i]);
        if let Some(&(_, _, other)) = alive.iter().find(|&&(low, high, _)| low < top && offset < high) {
            return Some(vec![other.min(i), other.max(i)]);
        }
        alive.push((offset, top, i));
    }
    None
}

/// Whether buffers are all alive at one moment.
fn are_together(buffers: &Buffers, members: &[usize]) -> bool {
    let last_start = members.iter().map(|&i| buffers.start[i]).max();
    let first_end = members.iter().map(|&i| buffers.end[i]).min();
    last_start < first_end
}

/// Drops members of a set that does not fit, as long as the rest does not fit either; None if the search ends before it is proven that the
/// rest fits without any one member.
pub(super) fn reduced(
    buffers: &Buffers,
    mut members: Vec<usize>,
    capacity: i64,
    seed: u64,
    effort: &mut Effort<'_, '_>,
) -> Option<Vec<usize>> {
    if buffers.alignment == 1 && members.iter().all(|&i| buffers.fixed[i].is_none()) && are_together(buffers, &members) {
        // Only the sum counts.
        let mut sum: i64 = members.iter().map(|&i| buffers.size[i]).sum();
        members.retain(|&i| {
            let exceeds = sum - buffers.size[i] > capacity;
            sum -= if exceeds { buffers.size[i] } else { 0 };
            !exceeds
        });
        return Some(members);
    }
    let mut step = members.len().div_ceil(2);
    while step > 0 {
        let mut at = 0;
        while at < members.len() {
            if effort.worked(64) {
                return None;
            }
            let to = (at + step).min(members.len());
            let rest: Vec<usize> = [&members[..at], &members[to..]].concat();
            let nodes = if step == 1 { u64::MAX } else { TRIAL };
            match fits(&buffers.subset(&rest), capacity, nodes, seed, effort) {
                Outcome::Refuted => members = rest,
                Outcome::Stopped if step == 1 => return None,
                _ => at = to,
            }
        }
        step = if step == 1 { 0 } else { step.div_ceil(2) };
    }
    Some(members)
}
