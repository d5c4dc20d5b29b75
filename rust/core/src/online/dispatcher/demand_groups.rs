//! The keys by what they demand: equal demands form one group, so that one look decides for all of its keys.

use std::collections::HashMap;

use super::head_tree::HeadTree;
use super::order_key::OrderKey;
use super::ready_list::ReadyList;
use crate::word_layout::WordLayout;

/// No place in the list of groups with ready keys.
const NOWHERE: u32 = u32::MAX;

/// Groups of keys with equal demands. A group lives as long as it has unfinished keys.
#[derive(Debug, Clone)]
pub(super) struct DemandGroups {
    /// Resources.
    width: usize,
    /// Demands, by group and resource.
    demand: Vec<i64>,
    /// Unfinished keys, by group.
    users: Vec<u32>,
    /// Groups without keys, to be used again.
    unused: Vec<u32>,
    index: HashMap<Box<[i64]>, u32>,
    ready: Vec<ReadyList>,
    /// The first ready keys of the groups that may start at the capacity of the moment.
    heads: HeadTree,
    /// No key of the group has a shorter estimate. It may be too short after the key with the shortest one has left.
    shortest: Vec<f64>,
    /// Whether a group has a demand above the capacity of the moment.
    excessive: Vec<bool>,
    /// Whether such groups take part in [`heads`](Self::heads).
    keeps_excessive: bool,
    /// Groups with ready keys, and their demands as words, in the same order.
    active: Vec<u32>,
    words: Vec<u64>,
    /// Place in `active`, by group.
    place: Vec<u32>,
    /// How demands are packed: by the largest capacities that there have been.
    layout: WordLayout,
    largest: Vec<i64>,
    /// Buffers of [`fitting`](Self::fitting): what is free, not below zero, and the same as words.
    clamped: Vec<i64>,
    level: Vec<u64>,
}

impl DemandGroups {
    /// No groups. With `keeps_excessive` groups with demands above the capacity of the moment keep their turn.
    pub fn new(capacity: &[i64], keeps_excessive: bool) -> Self {
        Self {
            width: capacity.len(),
            demand: Vec::new(),
            users: Vec::new(),
            unused: Vec::new(),
            index: HashMap::new(),
            ready: Vec::new(),
            heads: HeadTree::default(),
            shortest: Vec::new(),
            excessive: Vec::new(),
            keeps_excessive,
            active: Vec::new(),
            words: Vec::new(),
            place: Vec::new(),
            layout: WordLayout::new(capacity),
            largest: capacity.to_vec(),
            clamped: Vec::new(),
            level: Vec::new(),
        }
    }

    /// The demands of a group.
    #[inline]
    pub fn demand(&self, group: u32) -> &[i64] {
        let at = group as usize * self.width;
        &self.demand[at..at + self.width]
    }

    /// Whether the demands of a group fit into what is free.
    #[inline]
    pub fn fits(&self, group: u32, free: &[i64]) -> bool {
        fits(self.demand(group), free)
    }

    /// Whether a group demands more than the capacity of the moment.
    pub fn is_excessive(&self, group: u32) -> bool {
        self.excessive[group as usize]
    }

    /// The group of a new key with these demands, which are within the capacity.
    pub fn join(&mut self, demand: &[i64]) -> u32 {
        if let Some(&group) = self.index.get(demand) {
            self.users[group as usize] += 1;
            return group;
        }
        let group = self.unused.pop().unwrap_or_else(|| {
            let group = self.users.len() as u32;
            self.demand.resize((group as usize + 1) * self.width, 0);
            self.users.push(0);
            self.ready.push(ReadyList::default());
            self.shortest.push(f64::INFINITY);
            self.excessive.push(false);
            self.place.push(NOWHERE);
            group
        });
        self.demand[group as usize * self.width..][..self.width].copy_from_slice(demand);
        self.users[group as usize] = 1;
        self.excessive[group as usize] = false;
        self.index.insert(demand.into(), group);
        group
    }

    /// A key of the group is finished.
    pub fn leave(&mut self, group: u32) {
        let users = &mut self.users[group as usize];
        *users -= 1;
        if *users == 0 {
            let at = group as usize * self.width;
            self.index.remove(&self.demand[at..at + self.width]);
            self.unused.push(group);
        }
    }

    /// The capacity has changed.
    pub fn set_capacity(&mut self, capacity: &[i64]) {
        for row in self.demand.chunks_exact(self.width.max(1)).chain([capacity]) {
            self.largest.iter_mut().zip(row).for_each(|(largest, &units)| *largest = units.max(*largest));
        }
        self.layout = WordLayout::new(&self.largest);
        self.words.clear();
        for &group in &self.active {
            let at = group as usize * self.width;
            self.layout.pack(&self.demand[at..at + self.width], 1, &mut self.words);
        }
        for group in 0..self.users.len() as u32 {
            self.excessive[group as usize] = self.users[group as usize] > 0 && !self.fits(group, capacity);
            self.refresh_head(group);
        }
    }

    fn refresh_head(&mut self, group: u32) {
        let takes_part = self.keeps_excessive || !self.excessive[group as usize];
        let first = if takes_part { self.ready[group as usize].first() } else { None };
        self.heads.set(group, first.unwrap_or(OrderKey::LAST));
    }

    /// A key of the group is ready.
    pub fn insert(&mut self, group: u32, key: OrderKey, estimate: f64) {
        let ready = &mut self.ready[group as usize];
        if ready.is_empty() {
            self.place[group as usize] = self.active.len() as u32;
            self.active.push(group);
            self.shortest[group as usize] = f64::INFINITY;
            let at = group as usize * self.width;
            self.layout.pack(&self.demand[at..at + self.width], 1, &mut self.words);
        }
        let shortest = &mut self.shortest[group as usize];
        *shortest = shortest.min(estimate);
        ready.insert(key, estimate);
        if ready.first() == Some(key) {
            self.refresh_head(group);
        }
    }

    /// A ready key of the group starts, or waits no longer.
    pub fn remove(&mut self, group: u32, key: OrderKey) {
        let ready = &mut self.ready[group as usize];
        let was_first = ready.first() == Some(key);
        ready.remove(key);
        if ready.is_empty() {
            let place = std::mem::replace(&mut self.place[group as usize], NOWHERE) as usize;
            self.active.swap_remove(place);
            let (words, last) = (self.layout.words(), self.active.len());
            for word in 0..words {
                self.words[place * words + word] = self.words[last * words + word];
            }
            self.words.truncate(last * words);
            if let Some(&moved) = self.active.get(place) {
                self.place[moved as usize] = place as u32;
            }
        }
        if was_first {
            self.refresh_head(group);
        }
    }

    /// The first ready key of all that take part, and its group.
    #[inline]
    pub fn first(&self) -> Option<(u32, OrderKey)> {
        self.heads.first()
    }

    /// The first ready key of a group that takes part; [`OrderKey::LAST`] if there is none.
    #[inline]
    pub fn head(&self, group: u32) -> OrderKey {
        self.heads.head(group)
    }

    /// The first ready key of a group with an estimate that `suits`; shorter ones must suit if longer ones do.
    #[inline]
    pub fn first_of_with(&mut self, group: u32, suits: impl Fn(f64) -> bool) -> Option<OrderKey> {
        if !suits(self.shortest[group as usize]) {
            return None;
        }
        let ready = &self.ready[group as usize];
        let found = ready.first_with(suits);
        if found.is_none() {
            self.shortest[group as usize] = ready.shortest();
        }
        found
    }

    /// Finds the groups with ready keys whose demands fit into what is free.
    pub fn fitting(&mut self, free: &[i64], found: &mut Vec<u32>) {
        found.clear();
        self.set_level(free);
        let level = &self.level;
        if let (&[level], &[guard]) = (level.as_slice(), self.layout.guard.as_slice()) {
            // Nothing foretells which groups fit, so every group is written, and only those that fit stay.
            found.resize(self.active.len(), 0);
            let mut count = 0;
            for (&words, &group) in self.words.iter().zip(&self.active) {
                found[count] = group;
                count += usize::from(level.wrapping_sub(words) & guard == guard);
            }
            found.truncate(count);
        } else {
            let rows = self.words.chunks_exact(self.layout.words());
            found.extend(rows.zip(&self.active).filter(|(row, _)| self.layout.fits(level, row)).map(|(_, &group)| group));
        }
    }

    /// Keeps, of groups that fitted before, those with ready keys that still do.
    pub fn still_fitting(&mut self, free: &[i64], found: &mut Vec<u32>) {
        self.set_level(free);
        let count = self.layout.words();
        found.retain(|&group| {
            let at = self.place[group as usize];
            at != NOWHERE && self.layout.fits(&self.level, &self.words[at as usize * count..][..count])
        });
    }

    /// Packs what is free; below zero counts as zero.
    fn set_level(&mut self, free: &[i64]) {
        self.clamped.clear();
        self.clamped.extend(free.iter().map(|&free| free.max(0)));
        self.level.clear();
        self.layout.pack(&self.clamped, 1, &mut self.level);
        for (level, guard) in self.level.iter_mut().zip(&self.layout.guard) {
            *level |= guard;
        }
    }
}

/// Whether demands fit into what is free.
#[inline]
pub(super) fn fits(demand: &[i64], free: &[i64]) -> bool {
    demand.iter().zip(free).all(|(&demand, &free)| demand == 0 || demand <= free)
}
