//! Which placements leave the other buffers without space, and what is to blame for it.

use std::ops::Range;

use super::exact::{Exact, NONE};

impl Exact<'_> {
    /// Raises what must lie above a buffer that was placed. Returns the sections touched, None if one of the raised buffers does not fit any
    /// more.
    pub(super) fn raise(&mut self, i: usize) -> Option<Range<usize>> {
        let model = self.model;
        let top = self.offset[i] + model.buffers.size[i];
        let (mut from, mut to) = model.sections.range[i];
        for &j in &model.neighbours[i] {
            let k = j as usize;
            if self.placed[k] || self.offset[k] >= top {
                continue;
            }
            self.stacks.raised.push((j, self.offset[k], self.cause[k]));
            (self.offset[k], self.cause[k]) = (model.above_fixed(k, top), i as u32);
            let range = model.sections.range[k];
            (from, to) = (from.min(range.0), to.max(range.1));
            if self.offset[k] + model.buffers.size[k] > self.capacity {
                self.failures[k] += 1;
                self.blamed.fill(0);
                self.blame(range.0.max(model.sections.range[i].0) as usize);
                return None;
            }
        }
        Some(from as usize..to as usize)
    }

    /// Whether the buffers of each section that are not placed can still fit above its floor.
    pub(super) fn sections_fit(&mut self, mut range: Range<usize>) -> bool {
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
        let mut free = self.model.sections.members[section].iter().filter(|&&i| !self.placed[i as usize]);
        if self.fixed[section].is_empty() {
            let highest = self.capacity - need;
            return free.any(|&i| self.offset[i as usize] <= highest);
        }
        let floor = free.map(|&i| self.offset[i as usize]).min().unwrap_or(0);
        let above = |&i: &u32| {
            let (offset, size) = (self.offset[i as usize], self.model.buffers.size[i as usize]);
            (offset + size - offset.max(floor)).max(0)
        };
        floor + need + self.fixed[section].iter().map(above).sum::<i64>() <= self.capacity
    }

    /// Blames what is placed in a section, and what raised the other buffers there.
    pub(super) fn blame(&mut self, section: usize) {
        for &i in &self.model.sections.members[section] {
            let culprit = if self.placed[i as usize] { i } else { self.cause[i as usize] };
            if culprit != NONE {
                self.blamed[culprit as usize / 64] |= 1 << (culprit % 64);
            }
        }
    }
}
