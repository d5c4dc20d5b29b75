//! Depth-first search for offsets within a capacity.
//!
//! A placement that fits can be pushed down until every buffer lies at the lowest offset where it overlaps none of those below. So it
//! suffices to place buffers in the order of their offsets, each at the lowest offset above what is placed, which never falls. Branches
//! are cut where a section has too little space above its floor, and where a buffer is raised above a gap that another one fills
//! entirely. Parts that no buffer joins any more are searched on their own.

use std::ops::Range;

use super::model::Model;

/// How a search ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Outcome {
    /// The offsets fit.
    Found,
    /// No offsets fit.
    Refuted,
    /// The nodes allowed are used up, or the search was stopped.
    Stopped,
}

/// A buffer that was raised, with its former offset and cause.
pub(super) type Raised = (u32, i64, u32);

/// No buffer.
pub(super) const NONE: u32 = u32::MAX;

/// Buffers that are not placed, which time separates from all others that are not placed.
pub(super) struct Island {
    /// Where they are on the stack of members.
    pub members: Range<usize>,
    /// Their sections.
    pub sections: Range<usize>,
    /// The lowest offset that one of them may have, and the lowest top.
    pub lowest: i64,
    pub lowest_top: i64,
    /// The highest offset that the next one of them may have, since all later ones lie as high.
    pub highest: i64,
}

/// A search within one capacity; among equal offsets the buffer of the lowest rank comes first.
pub(super) struct Exact<'a> {
    pub(super) model: &'a Model,
    pub(super) capacity: i64,
    pub(super) rank: &'a [u32],
    /// Whether the search jumps back to the last placement that seems to be to blame. It then refutes nothing.
    pub(super) jumps: bool,
    /// The offset of each placed buffer, and the lowest possible one of all others.
    pub offset: Vec<i64>,
    /// The placed buffer that raised each one last.
    pub(super) cause: Vec<u32>,
    pub(super) placed: Vec<bool>,
    /// The sizes of the buffers of each section that are not placed.
    pub(super) remaining: Vec<i64>,
    /// The fixed buffers of each section.
    pub(super) fixed: Vec<Vec<u32>>,
    /// The placed buffers to blame for the last dead end, as bits.
    pub(super) blamed: Vec<u64>,
    /// How often each buffer was left over in a section without space for it.
    pub failures: Vec<u64>,
    pub(super) most_nodes: u64,
    pub(super) node: &'a mut dyn FnMut(u64) -> bool,
    pub(super) stacks: Stacks,
}

/// What the open nodes of the tree hold, one node above the other.
#[derive(Default)]
pub(super) struct Stacks {
    /// Buffers that are not placed, of each island by start.
    pub(super) members: Vec<u32>,
    pub(super) islands: Vec<Island>,
    /// Buffers that may be the next one, with offset and rank.
    pub(super) candidates: Vec<(i64, u32, u32)>,
    pub(super) raised: Vec<Raised>,
    /// Placed buffers to blame for the dead ends below a node, as bits.
    pub(super) blamed: Vec<u64>,
}

impl<'a> Exact<'a> {
    /// A search of at most so many nodes; `node` counts each, with its steps, and returns true to stop the search.
    pub(super) fn new(
        model: &'a Model,
        capacity: i64,
        rank: &'a [u32],
        jumps: bool,
        most_nodes: u64,
        node: &'a mut dyn FnMut(u64) -> bool,
    ) -> Self {
        let (buffers, n) = (&model.buffers, model.buffers.len());
        let is_fixed = |i: &u32| buffers.fixed[*i as usize].is_some();
        let fixed_of = |members: &Vec<u32>| members.iter().copied().filter(is_fixed).collect();
        let size_of = |members: &Vec<u32>| members.iter().filter(|i| !is_fixed(i)).map(|&i| buffers.size[i as usize]).sum();
        Self {
            model,
            capacity,
            rank,
            jumps,
            offset: (0..n).map(|i| buffers.fixed[i].unwrap_or_else(|| model.above_fixed(i, 0))).collect(),
            cause: vec![NONE; n],
            placed: buffers.fixed.iter().map(Option::is_some).collect(),
            remaining: model.sections.members.iter().map(size_of).collect(),
            fixed: model.sections.members.iter().map(fixed_of).collect(),
            blamed: vec![0; n.div_ceil(64)],
            failures: vec![0; n],
            most_nodes,
            node,
            stacks: Stacks::default(),
        }
    }

    /// Whether all buffers that are not fixed fit; their offsets are then in `offset`.
    pub(super) fn run(&mut self) -> Outcome {
        let buffers = &self.model.buffers;
        if (0..buffers.len()).any(|i| self.offset[i] + buffers.size[i] > self.capacity) {
            return Outcome::Refuted;
        }
        if !self.sections_fit(0..self.remaining.len()) {
            return Outcome::Refuted;
        }
        let mut members: Vec<u32> = (0..buffers.len() as u32).filter(|&i| !self.placed[i as usize]).collect();
        members.sort_unstable_by_key(|&i| (buffers.start[i as usize], i));
        self.stacks.members = members;
        match self.descend() {
            Outcome::Refuted if self.jumps => Outcome::Stopped,
            outcome => outcome,
        }
    }

    /// Puts the islands of the members in a range of the stack, without one of them, on the stacks.
    pub(super) fn divide(&mut self, members: Range<usize>, without: u32) {
        let model = self.model;
        let (mut from, mut to) = (0, 0);
        let (mut lowest, mut lowest_top) = (i64::MAX, i64::MAX);
        let mut begin = self.stacks.members.len();
        self.stacks.members.reserve(members.len());
        for at in members.start..=members.end {
            let i = if at < members.end { self.stacks.members[at] } else { NONE };
            if at < members.end && i == without {
                continue;
            }
            let range = if i == NONE { (u32::MAX, 0) } else { model.sections.range[i as usize] };
            let end = self.stacks.members.len();
            if range.0 >= to {
                if end > begin {
                    let sections = from as usize..to as usize;
                    let highest = self.capacity - self.remaining[sections.clone()].iter().max().copied().unwrap_or(0);
                    self.stacks.islands.push(Island { members: begin..end, sections, lowest, lowest_top, highest });
                }
                (begin, from, to, lowest, lowest_top) = (end, range.0, 0, i64::MAX, i64::MAX);
            }
            if i != NONE {
                let offset = self.offset[i as usize];
                to = to.max(range.1);
                lowest = lowest.min(offset);
                lowest_top = lowest_top.min(offset + model.buffers.size[i as usize]);
                self.stacks.members.push(i);
            }
        }
    }

    /// Marks a buffer as placed.
    pub(super) fn place(&mut self, i: usize) {
        self.placed[i] = true;
        let (from, to) = self.model.sections.range[i];
        for remaining in &mut self.remaining[from as usize..to as usize] {
            *remaining -= self.model.buffers.size[i];
        }
    }

    /// Marks a buffer as not placed; whoever placed it restores the lowest offsets.
    pub(super) fn unplace(&mut self, i: usize) {
        if std::mem::take(&mut self.placed[i]) {
            let (from, to) = self.model.sections.range[i];
            for remaining in &mut self.remaining[from as usize..to as usize] {
                *remaining += self.model.buffers.size[i];
            }
        }
    }
}
