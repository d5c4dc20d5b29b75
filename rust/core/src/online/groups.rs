//! Jobs of equal rank that share the server, and whose rank rises together: the heart of foreground-background.
//!
//! A group is known by its *level*, which grows by one with each unit of service that every member gets, so nothing has to be
//! done for the members while they are served. Each carries a *mark*, the level at which something happens to it.
//!
//! Levels that are equal in theory are reached by different sums of unequal shares: they are [`DoubleDouble`], marks are floats as given.

use super::double_double::DoubleDouble;
use super::heap::{IndexedHeap, key, ordered};
use super::pairing_heap::{NONE, PairingHeaps};

#[derive(Debug, Clone, Copy)]
struct SharingGroup {
    root: u32,
    level: DoubleDouble,
    count: u32,
}

/// All groups; the one with the lowest level is in front.
#[derive(Debug, Clone, Default)]
pub struct SharingGroups {
    heaps: PairingHeaps,
    front: Option<SharingGroup>,
    /// The other groups by level, each under its root.
    behind: IndexedHeap,
    /// Level and count of the groups behind, by root.
    aside: Vec<(DoubleDouble, u32)>,
}

impl SharingGroups {
    /// Level and number of members of the group in front.
    pub fn front(&self) -> Option<(DoubleDouble, u32)> {
        self.front.map(|front| (front.level, front.count))
    }

    /// The level at which something happens to the group in front: a member's mark, or the level of the next group.
    pub fn horizon(&self) -> DoubleDouble {
        let mark = self.front.map_or(DoubleDouble::INFINITE, |front| self.heaps.key(front.root).into());
        self.behind.first().map_or(mark, |(_, root)| mark.min(self.aside[root as usize].0))
    }

    /// Adds a member at this moment; the number of members that this pushed out of the front.
    pub fn join(&mut self, now: f64, slot: u32, level: DoubleDouble, mark: f64) -> u32 {
        let single = SharingGroup { root: self.heaps.single(slot, mark), level, count: 1 };
        let Some(front) = self.front else {
            self.front = Some(single);
            return 0;
        };
        if level.meets(front.level, now) {
            self.merge(single);
            0
        } else if level < front.level {
            self.set_aside(front);
            self.front = Some(single);
            front.count
        } else {
            self.set_aside(single);
            0
        }
    }

    /// The group in front has been served up to `level`; joins the groups that it has caught up with.
    pub fn advance(&mut self, level: DoubleDouble) {
        if let Some(front) = &mut self.front {
            front.level = level;
        }
        self.refill();
    }

    /// Takes a member out whose mark is reached at this moment. The group may be empty afterwards: `refill` follows.
    pub fn due(&mut self, now: f64) -> Option<u32> {
        let front = self.front.as_mut()?;
        let slot = front.root;
        if slot == NONE {
            return None;
        }
        if !front.level.reaches(self.heaps.key(slot).into(), now) {
            return None;
        }
        front.root = self.heaps.pop(slot);
        front.count -= 1;
        Some(slot)
    }

    /// Brings the next groups to the front, if they belong there.
    pub fn refill(&mut self) {
        if self.front.is_some_and(|front| front.count == 0) {
            self.front = None;
        }
        while let Some((_, root)) = self.behind.first() {
            let (level, count) = self.aside[root as usize];
            if self.front.is_some_and(|front| level > front.level) {
                break;
            }
            self.behind.pop();
            self.merge(SharingGroup { root, level, count });
        }
    }

    /// The members of the group in front.
    pub fn members(&mut self, members: &mut Vec<u32>) {
        members.clear();
        if let Some(front) = self.front {
            self.heaps.members(front.root, members);
        }
    }

    fn merge(&mut self, group: SharingGroup) {
        self.front = Some(match self.front {
            None => group,
            Some(front) => SharingGroup {
                root: self.heaps.merge(front.root, group.root),
                level: front.level,
                count: front.count + group.count,
            },
        });
    }

    fn set_aside(&mut self, group: SharingGroup) {
        let place = group.root as usize;
        if place >= self.aside.len() {
            self.aside.resize(place + 1, (0.0.into(), 0));
        }
        self.aside[place] = (group.level, group.count);
        self.behind.push(key(group.level.round(), ordered(group.level.rest())), group.root);
    }
}
