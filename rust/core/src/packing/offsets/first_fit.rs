//! First fit: buffers in an order, each at the lowest offset where it overlaps none that is placed.

use super::effort::Effort;
use super::problem::Buffers;

/// Buffers in a block, at most.
const BLOCK: usize = 64;

/// A placed buffer.
#[derive(Debug, Clone, Copy)]
struct Placed {
    offset: i64,
    top: i64,
    start: i64,
    end: i64,
}

/// Placed buffers of neighbouring offsets, with the time that they span together.
#[derive(Debug, Clone)]
struct Block {
    placed: Vec<Placed>,
    start: i64,
    end: i64,
}

/// Placed buffers by ascending offset, in blocks, so that those of another time are passed over at once.
#[derive(Debug, Clone, Default)]
pub(super) struct Space {
    blocks: Vec<Block>,
}

impl Space {
    /// Forgets all buffers.
    pub(super) fn clear(&mut self) {
        self.blocks.clear();
    }

    /// The lowest aligned offset at which the buffer overlaps no placed one, and the number of buffers looked at.
    pub(super) fn lowest(&self, buffers: &Buffers, i: usize) -> (i64, u64) {
        let (start, end, size) = (buffers.start[i], buffers.end[i], buffers.size[i]);
        let mut place = 0_i64;
        let mut steps = 1;
        for block in &self.blocks {
            steps += 1;
            if block.start >= end || start >= block.end {
                continue;
            }
            steps += block.placed.len() as u64;
            for other in &block.placed {
                if other.start < end && start < other.end && other.top > place {
                    if other.offset >= place + size {
                        return (place, steps);
                    }
                    place = buffers.aligned(other.top);
                }
            }
        }
        (place, steps)
    }

    /// Places a buffer.
    pub(super) fn insert(&mut self, buffers: &Buffers, i: usize, offset: i64) {
        let (start, end) = (buffers.start[i], buffers.end[i]);
        let placed = Placed { offset, top: offset + buffers.size[i], start, end };
        let at = self.blocks.partition_point(|block| block.placed[0].offset <= offset).saturating_sub(1);
        let Some(block) = self.blocks.get_mut(at) else {
            self.blocks.push(Block { placed: vec![placed], start, end });
            return;
        };
        let slot = block.placed.partition_point(|other| other.offset <= offset);
        block.placed.insert(slot, placed);
        (block.start, block.end) = (block.start.min(start), block.end.max(end));
        if block.placed.len() > BLOCK {
            let upper = block.placed.split_off(BLOCK / 2);
            (block.start, block.end) = span(&block.placed);
            let (start, end) = span(&upper);
            self.blocks.insert(at + 1, Block { placed: upper, start, end });
        }
    }
}

fn span(placed: &[Placed]) -> (i64, i64) {
    let start = placed.iter().map(|other| other.start).min().unwrap_or(0);
    (start, placed.iter().map(|other| other.end).max().unwrap_or(0))
}

/// Places all buffers in the given order, the fixed ones first. Returns false, with `offset` incomplete, if the search is to stop or a buffer
/// would reach `limit`.
pub(super) fn first_fit(
    buffers: &Buffers,
    order: &[u32],
    limit: i64,
    space: &mut Space,
    offset: &mut [i64],
    effort: &mut Effort<'_, '_>,
) -> bool {
    space.clear();
    for (i, given) in buffers.fixed.iter().enumerate() {
        if let Some(given) = *given {
            space.insert(buffers, i, given);
            offset[i] = given;
        }
    }
    for &i in order {
        let i = i as usize;
        if buffers.fixed[i].is_some() {
            continue;
        }
        let (place, steps) = space.lowest(buffers, i);
        if place + buffers.size[i] >= limit || effort.worked(steps / 8 + 1) {
            return false;
        }
        space.insert(buffers, i, place);
        offset[i] = place;
    }
    true
}
