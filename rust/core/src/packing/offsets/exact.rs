//! Depth-first search for offsets within a capacity.
//!
//! A placement that fits can be pushed down until every buffer lies at the lowest offset where it overlaps none of those below. So it
//! suffices to place buffers in the order of their offsets, each at the lowest offset above what is placed, which never falls. Branches
//! are cut where a section has too little space above its floor, and where a buffer is raised above a gap that another one fills
//! entirely. Parts that no buffer joins any more are searched on their own.

use std::ops::Range;

use super::problem::Buffers;
use super::sections::Sections;

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
type Raised = (u32, i64, u32);

/// What a search reads.
pub(super) struct Model {
    pub buffers: Buffers,
    pub sections: Sections,
    /// The buffers that overlap each one in time.
    pub neighbours: Vec<Vec<u32>>,
}

impl Model {
    /// The model of a problem.
    pub(super) fn new(buffers: Buffers) -> Self {
        let mut order: Vec<u32> = (0..buffers.len() as u32).collect();
        order.sort_unstable_by_key(|&i| (buffers.start[i as usize], i));
        let mut neighbours: Vec<Vec<u32>> = vec![Vec::new(); buffers.len()];
        for (k, &i) in order.iter().enumerate() {
            for &j in order[k + 1..].iter().take_while(|&&j| buffers.start[j as usize] < buffers.end[i as usize]) {
                neighbours[i as usize].push(j);
                neighbours[j as usize].push(i);
            }
        }
        Self { sections: Sections::new(&buffers), buffers, neighbours }
    }
}

/// A search within one capacity; among equal offsets the buffer of the lowest rank comes first.
pub(super) struct Exact<'a> {
    model: &'a Model,
    capacity: i64,
    rank: &'a [u32],
    /// Whether the search jumps back to the last placement that seems to be to blame. It then refutes nothing.
    jumps: bool,
    /// The offset of each placed buffer, and the lowest possible one of all others.
    pub offset: Vec<i64>,
    /// The placed buffer that raised each one last.
    cause: Vec<u32>,
    placed: Vec<bool>,
    /// The sizes of the buffers of each section that are not placed.
    remaining: Vec<i64>,
    /// The fixed buffers of each section.
    fixed: Vec<Vec<u32>>,
    /// The placed buffers to blame for the last dead end, as bits.
    blamed: Vec<u64>,
    /// How often each buffer was left over in a section without space for it.
    pub failures: Vec<u64>,
    most_nodes: u64,
    node: &'a mut dyn FnMut(u64) -> bool,
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
        let mut search = Self {
            model,
            capacity,
            rank,
            jumps,
            offset: vec![0; n],
            cause: vec![u32::MAX; n],
            placed: buffers.fixed.iter().map(Option::is_some).collect(),
            remaining: model.sections.members.iter().map(size_of).collect(),
            fixed: model.sections.members.iter().map(fixed_of).collect(),
            blamed: vec![0; n.div_ceil(64)],
            failures: vec![0; n],
            most_nodes,
            node,
        };
        for i in 0..n {
            search.offset[i] = buffers.fixed[i].unwrap_or_else(|| search.above_fixed(i, 0));
        }
        search
    }

    /// The lowest offset from `place` on where a buffer overlaps no fixed one.
    fn above_fixed(&self, i: usize, place: i64) -> i64 {
        let buffers = &self.model.buffers;
        let mut place = buffers.aligned(place);
        let (from, to) = self.model.sections.range[i];
        if self.fixed[from as usize..to as usize].iter().all(Vec::is_empty) {
            return place;
        }
        loop {
            let tops = self.model.neighbours[i].iter().filter_map(|&j| {
                let (offset, size) = (buffers.fixed[j as usize]?, buffers.size[j as usize]);
                (offset < place + buffers.size[i] && place < offset + size).then_some(offset + size)
            });
            let Some(top) = tops.max() else { return place };
            place = buffers.aligned(top);
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
        match self.parts(&members, (0, 0)) {
            Outcome::Refuted if self.jumps => Outcome::Stopped,
            outcome => outcome,
        }
    }

    /// Searches the parts of the members that time separates, those with the least space to spare first.
    fn parts(&mut self, members: &[u32], floor: (i64, u32)) -> Outcome {
        let buffers = &self.model.buffers;
        let (mut begin, mut reach) = (0, i64::MIN);
        let mut parts: Vec<(i64, Range<usize>)> = Vec::new();
        for k in 0..=members.len() {
            let start = members.get(k).map_or(i64::MAX, |&i| buffers.start[i as usize]);
            if start >= reach && k > begin {
                let part = &members[begin..k];
                let lowest = part.iter().map(|&i| self.offset[i as usize]).min().unwrap_or(0);
                parts.push((self.highest(&self.sections_of(part)) - lowest, begin..k));
                (begin, reach) = (k, i64::MIN);
            }
            if let Some(&i) = members.get(k) {
                reach = reach.max(buffers.end[i as usize]);
            }
        }
        parts.sort_unstable_by_key(|(slack, range)| (*slack, range.start));
        for k in 0..parts.len() {
            let outcome = self.part(&members[parts[k].1.clone()], floor);
            if outcome != Outcome::Found {
                for (_, range) in &parts[..k] {
                    for &i in &members[range.clone()] {
                        self.unplace(i as usize);
                    }
                }
                return outcome;
            }
        }
        Outcome::Found
    }

    /// The sections of some buffers of one part.
    fn sections_of(&self, part: &[u32]) -> Range<usize> {
        let ranges = part.iter().map(|&i| self.model.sections.range[i as usize]);
        let (from, to) = ranges.fold((u32::MAX, 0), |(from, to), range| (from.min(range.0), to.max(range.1)));
        from as usize..to as usize
    }

    /// The highest offset that the next buffer of a part may have, since all later ones lie as high.
    fn highest(&self, sections: &Range<usize>) -> i64 {
        self.capacity - self.remaining[sections.clone()].iter().max().copied().unwrap_or(0)
    }

    /// Marks a buffer as placed.
    fn place(&mut self, i: usize) {
        self.placed[i] = true;
        let (from, to) = self.model.sections.range[i];
        for section in from..to {
            self.remaining[section as usize] -= self.model.buffers.size[i];
        }
    }

    /// Marks a buffer as not placed; whoever placed it restores the lowest offsets.
    fn unplace(&mut self, i: usize) {
        if std::mem::take(&mut self.placed[i]) {
            let (from, to) = self.model.sections.range[i];
            for section in from..to {
                self.remaining[section as usize] += self.model.buffers.size[i];
            }
        }
    }

    /// Searches one part: tries each buffer as the next one.
    fn part(&mut self, members: &[u32], floor: (i64, u32)) -> Outcome {
        let buffers = &self.model.buffers;
        // Above the lowest top that an unplaced buffer can have there is a gap which that buffer fills.
        let lowest_top = members.iter().map(|&i| self.offset[i as usize] + buffers.size[i as usize]).min().unwrap_or(0);
        let sections = self.sections_of(members);
        let highest = self.highest(&sections).min(lowest_top - 1);
        let key = |&i: &u32| (self.offset[i as usize], self.rank[i as usize]);
        let mut candidates: Vec<u32> =
            members.iter().copied().filter(|i| key(i) >= floor && self.offset[*i as usize] <= highest).collect();
        candidates.sort_unstable_by_key(key);
        let mut union = vec![0_u64; self.blamed.len()];
        let mut tried: Vec<(i64, i64, i64)> = Vec::new();
        for &i in &candidates {
            let i = i as usize;
            let kind = (buffers.start[i], buffers.end[i], buffers.size[i]);
            if tried.contains(&kind) {
                continue; // an equal buffer of a lower rank failed here
            }
            tried.push(kind);
            if self.most_nodes == 0 || (self.node)(8 * members.len() as u64) {
                return Outcome::Stopped;
            }
            self.most_nodes -= 1;
            self.place(i);
            let (raised, fits) = self.raise(i);
            if let Some(range) = fits.clone()
                && self.sections_fit(range)
            {
                let rest: Vec<u32> = members.iter().copied().filter(|&j| j as usize != i).collect();
                let outcome = self.parts(&rest, (self.offset[i], self.rank[i]));
                if outcome != Outcome::Refuted {
                    return outcome;
                }
            }
            for &(j, before, cause) in raised.iter().rev() {
                (self.offset[j as usize], self.cause[j as usize]) = (before, cause);
            }
            self.unplace(i);
            if self.jumps && self.blamed[i / 64] >> (i % 64) & 1 == 0 {
                return Outcome::Refuted;
            }
            union.iter_mut().zip(&self.blamed).for_each(|(all, blamed)| *all |= blamed);
            union[i / 64] &= !(1 << (i % 64));
            let is_covered = self.model.neighbours[i].iter().any(|&j| !self.placed[j as usize]);
            if fits.is_some() && !is_covered {
                break; // nothing lies on it, so that its place is not to blame
            }
        }
        self.blamed.copy_from_slice(&union);
        if let Some(fullest) = sections.max_by_key(|&section| self.remaining[section]) {
            self.blame(fullest);
        }
        Outcome::Refuted
    }

    /// Raises what must lie above a buffer that was placed: the former offsets and causes, and the sections touched, None if one of
    /// the raised buffers does not fit any more.
    fn raise(&mut self, i: usize) -> (Vec<Raised>, Option<Range<usize>>) {
        let model = self.model;
        let top = self.offset[i] + model.buffers.size[i];
        let (mut from, mut to) = model.sections.range[i];
        let mut raised = Vec::new();
        for &j in &model.neighbours[i] {
            let k = j as usize;
            if self.placed[k] || self.offset[k] >= top {
                continue;
            }
            raised.push((j, self.offset[k], self.cause[k]));
            (self.offset[k], self.cause[k]) = (self.above_fixed(k, top), i as u32);
            let range = model.sections.range[k];
            (from, to) = (from.min(range.0), to.max(range.1));
            if self.offset[k] + model.buffers.size[k] > self.capacity {
                self.failures[k] += 1;
                self.blamed.fill(0);
                self.blame(range.0.max(model.sections.range[i].0) as usize);
                return (raised, None);
            }
        }
        (raised, Some(from as usize..to as usize))
    }

    /// Whether the buffers of each section that are not placed can still fit above its floor.
    fn sections_fit(&mut self, mut range: Range<usize>) -> bool {
        let Some(short) = range.find(|&section| !self.section_fits(section)) else { return true };
        self.blamed.fill(0);
        self.blame(short);
        for &i in &self.model.sections.members[short] {
            self.failures[i as usize] += u64::from(!self.placed[i as usize]);
        }
        false
    }

    fn section_fits(&self, section: usize) -> bool {
        let need = self.remaining[section];
        if need == 0 {
            return true;
        }
        let free = self.model.sections.members[section].iter().filter(|&&i| !self.placed[i as usize]);
        let floor = free.map(|&i| self.offset[i as usize]).min().unwrap_or(0);
        let above = |&i: &u32| {
            let (offset, size) = (self.offset[i as usize], self.model.buffers.size[i as usize]);
            (offset + size - offset.max(floor)).max(0)
        };
        floor + need + self.fixed[section].iter().map(above).sum::<i64>() <= self.capacity
    }

    /// Blames what is placed in a section, and what raised the other buffers there.
    fn blame(&mut self, section: usize) {
        for &i in &self.model.sections.members[section] {
            let culprit = if self.placed[i as usize] { i } else { self.cause[i as usize] };
            if culprit != u32::MAX {
                self.blamed[culprit as usize / 64] |= 1 << (culprit % 64);
            }
        }
    }
}
