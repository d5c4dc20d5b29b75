//! Children that are decoded block by block: several orders of each block are tried, and the best of them goes on.

use crate::random::Random;
use crate::rcpsp::decoder::{Decoded, Partial, Stopper};
use crate::rcpsp::{Decoder, Direction, Project};

/// Blocks of a list, the first of which may be short, so that there is one more.
const BLOCKS: usize = 4;
/// Orders that are tried for each block.
pub(super) const ORDERS: usize = 3;
/// Activities from which on lists are cut into blocks: shorter ones gain nothing (measured with 30 and 60).
const LONG_ENOUGH: usize = 40;
/// What the resources' shares of the weights are rounded to.
const SHARE: f64 = 1024.0;

/// Scratch space to decode in blocks.
#[derive(Debug)]
pub(super) struct BlockSearch {
    /// Work of each activity: its duration times the shares of the capacities that it takes.
    weight: Vec<f64>,
    /// The orders beside that of the child.
    others: [Vec<u32>; ORDERS - 1],
    block_of: Vec<u32>,
    before: Partial,
    best: Partial,
}

/// An order of a block that was tried: makespan and weighted completion, the schedule so far, and the number of the order.
type Chosen = ((i64, f64), Decoded<i64>, Option<usize>);

/// What a child came to.
pub(super) struct Placed {
    /// The makespan, if the child is complete.
    pub makespan: Option<i64>,
    /// Activities placed in all orders that were tried.
    pub placements: u64,
}

impl BlockSearch {
    /// Whether lists of a project are cut into blocks.
    pub fn serves(project: &Project, decoder: &Decoder) -> bool {
        decoder.takes_parts() && project.num_activities() >= LONG_ENOUGH
    }

    pub fn new(project: &Project) -> Self {
        let n = project.num_activities();
        let share = |(&demand, &capacity): (&i64, &i64)| (SHARE * demand as f64 / capacity.max(1) as f64).floor();
        let work = |i: usize| {
            let shares: f64 = project.demand_of(i).iter().zip(project.capacity()).map(share).sum();
            project.duration()[i] as f64 * shares
        };
        Self {
            weight: (0..n).map(work).collect(),
            others: std::array::from_fn(|_| vec![0; n]),
            block_of: vec![0; n],
            before: Partial::default(),
            best: Partial::default(),
        }
    }

    /// Where the blocks of a list of `n` activities end.
    pub fn cuts(n: usize, random: &mut Random) -> [usize; BLOCKS + 1] {
        let length = n / BLOCKS;
        let first = random.below(length as u64 + 1) as usize;
        let mut ends = [n; BLOCKS + 1];
        for (k, end) in ends[..BLOCKS].iter_mut().enumerate() {
            *end = first + k * length;
        }
        ends
    }

    /// Gives each block of the child the order that its activities have in `list`, as the order with this number. O(n).
    pub fn order(&mut self, number: usize, ends: &[usize], child: &[u32], list: &[u32]) {
        let mut next = [0; BLOCKS + 1];
        let mut from = 0;
        for (block, &end) in ends.iter().enumerate() {
            next[block] = from;
            for &i in &child[from..end] {
                self.block_of[i as usize] = block as u32;
            }
            from = end;
        }
        let order = &mut self.others[number];
        for &i in list {
            let place = &mut next[self.block_of[i as usize] as usize];
            order[*place] = i;
            *place += 1;
        }
    }

    /// Decodes block after block in the orders that there are. The one whose activities complete first, weighted by their work,
    /// goes on; in the last block the one with the least makespan. Ties: the child's own order, then that of the lower number. The child
    /// becomes the list of the orders that were chosen.
    pub fn decode(
        &mut self,
        decoder: &mut Decoder,
        ends: &[usize],
        child: &mut [u32],
        direction: Direction,
        limit: i64,
        stop: Stopper,
    ) -> Placed {
        let Self { weight, others, before, best, .. } = self;
        let (mut decoded, mut from, mut placements) = (Decoded::NOTHING, 0, 0);
        for &end in ends {
            if end == from {
                continue;
            }
            let distinct = |k: usize, child: &[u32]| {
                let order = &others[k][from..end];
                *order != child[from..end] && others[..k].iter().all(|other| other[from..end] != *order)
            };
            let last = (0..others.len()).rev().find(|&k| distinct(k, child));
            if last.is_some() && from > 0 {
                decoder.save(before);
            }
            let mut chosen: Option<Chosen> = None;
            let mut is_current = false;
            let orders = std::iter::once(None).chain((0..others.len()).filter(|&k| distinct(k, child)).map(Some));
            for (tried, number) in orders.enumerate() {
                if tried > 0 && from > 0 {
                    decoder.restore(before);
                }
                let part = number.map_or(&child[from..end], |k| &others[k][from..end]);
                let reached = decoder.go_on(part, direction, limit, decoded, stop);
                placements += u64::from(reached.placed - decoded.placed);
                is_current = false;
                if (reached.placed as usize) < end || reached.makespan > limit {
                    continue;
                }
                let makespan = if end == child.len() { reached.makespan } else { 0 };
                let key = (makespan, decoder.weighted_completion(part, weight));
                if chosen.is_none_or(|(least, ..)| key < least) {
                    (chosen, is_current) = (Some((key, reached, number)), true);
                    if number != last {
                        decoder.save(best);
                    }
                }
            }
            let Some((_, reached, number)) = chosen else { return Placed { makespan: None, placements } };
            if !is_current {
                decoder.restore(best);
            }
            if let Some(k) = number {
                child[from..end].copy_from_slice(&others[k][from..end]);
            }
            (decoded, from) = (reached, end);
        }
        Placed { makespan: Some(decoded.makespan), placements }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rcpsp::Kernel;
    use crate::rcpsp::kernel_tests::{list, plain};
    use proptest::prelude::*;

    /// The child as the definition says: each order of a block is decoded behind all that was chosen before, from scratch.
    fn plain_decode(
        project: &Project,
        ends: &[usize],
        orders: &[Vec<u32>],
        direction: Direction,
        limit: i64,
    ) -> Option<Vec<u32>> {
        let (n, weight) = (project.num_activities(), BlockSearch::new(project).weight);
        let mut chosen = Vec::new();
        for &end in ends {
            let from = chosen.len();
            let tried = orders.iter().filter_map(|order| {
                let mut decoder = Decoder::with_kernel(project, Kernel::Events);
                let begun: Vec<u32> = chosen.iter().chain(&order[from..end]).copied().collect();
                let decoded = decoder.decode_until(&begun, direction, limit, &[], &mut |_| false);
                if (decoded.placed as usize) < end || decoded.makespan > limit {
                    return None;
                }
                let (mut start, mut work) = (vec![0; n], 0.0);
                decoder.starts(Direction::Forward, 0, &mut start);
                for &i in &begun[from..] {
                    work += weight[i as usize] * (start[i as usize] + project.duration()[i as usize]) as f64;
                }
                Some((if end == n { decoded.makespan } else { 0 }, work, begun))
            });
            chosen = tried.min_by(|a, b| (a.0, a.1).partial_cmp(&(b.0, b.1)).expect("numbers"))?.2;
        }
        Some(chosen)
    }

    proptest! {
        #[test]
        fn blocks_go_on_in_the_order_of_least_weighted_completion(seed in any::<u64>()) {
            let random = &mut Random::new(seed);
            let data = plain(random);
            let duration = data.duration.iter().map(|d| d + 1).collect();
            let project = Project::new(crate::rcpsp::ProjectData { duration, ..data }).expect("valid");
            let n = project.num_activities();
            let mut lists: Vec<Vec<u32>> = (0..ORDERS).map(|_| list(&project, random)).collect();
            let direction = [Direction::Forward, Direction::Backward][random.below(2) as usize];
            if direction == Direction::Backward {
                for list in &mut lists {
                    list.reverse();
                }
            }
            let limit = match Decoder::new(&project).decode(&lists[0], direction) {
                _ if random.below(3) == 0 => i64::MAX,
                makespan => makespan - random.below(2) as i64,
            };
            for kernel in [Kernel::PackedAvx512, Kernel::PackedAvx2, Kernel::Packed, Kernel::Events] {
                let mut decoder = Decoder::with_kernel(&project, kernel);
                let (mut blocks, mut child) = (BlockSearch::new(&project), lists[0].clone());
                let ends = BlockSearch::cuts(n, &mut Random::new(seed));
                prop_assert!(ends.is_sorted() && ends[BLOCKS] == n);
                for (number, list) in lists[1..].iter().enumerate() {
                    blocks.order(number, &ends, &child, list);
                }
                let orders: Vec<Vec<u32>> = std::iter::once(child.clone()).chain(blocks.others.clone()).collect();
                let placed = blocks.decode(&mut decoder, &ends, &mut child, direction, limit, &mut |_| false);
                prop_assert!(placed.placements <= (ORDERS * n) as u64);
                let expected = plain_decode(&project, &ends, &orders, direction, limit);
                prop_assert_eq!(placed.makespan.is_some(), expected.is_some());
                if let Some(makespan) = placed.makespan {
                    prop_assert_eq!(Some(&child), expected.as_ref());
                    let mut whole = Decoder::with_kernel(&project, Kernel::Events);
                    prop_assert_eq!(whole.decode(&child, direction), makespan);
                    prop_assert_eq!(decoder.schedule(direction, makespan), whole.schedule(direction, makespan));
                }
            }
        }
    }
}
