//! A set of small integers that finds its least member in a few instructions: 64-way tree of bit words.
//!
//! The eligible set of list schedulers: members are ranks, so the least member is the next choice.

/// What a list scheduler needs of the set of eligible ranks.
pub trait Eligible {
    /// Adds a rank if `condition` holds; costs the same if not, and nothing is mispredicted.
    fn insert_if(&mut self, condition: bool, rank: usize);
    /// Removes and returns the least rank.
    fn pop_first(&mut self) -> Option<usize>;
}

impl<E: Eligible> Eligible for &mut E {
    #[inline(always)]
    fn insert_if(&mut self, condition: bool, rank: usize) {
        (**self).insert_if(condition, rank);
    }

    #[inline(always)]
    fn pop_first(&mut self) -> Option<usize> {
        (**self).pop_first()
    }
}

/// Up to 128 ranks in two registers.
impl Eligible for u128 {
    #[inline(always)]
    fn insert_if(&mut self, condition: bool, rank: usize) {
        *self |= Self::from(condition) << (rank % 128);
    }

    #[inline(always)]
    fn pop_first(&mut self) -> Option<usize> {
        if *self == 0 {
            return None;
        }
        let first = self.trailing_zeros() as usize;
        *self &= *self - 1;
        Some(first)
    }
}

/// A set over `0..capacity`. Insert, remove and least member cost O(log64 capacity), without branches on the content.
#[derive(Debug, Clone, Default)]
pub struct RankSet {
    /// All levels, one after the other. Level 0 holds one bit a member; a bit of level `k + 1` says that the word below it is not
    /// empty; the top level is one word.
    words: Vec<u64>,
    /// Where each level starts.
    start: Vec<usize>,
}

impl RankSet {
    /// An empty set over `0..capacity`.
    #[must_use]
    pub fn new(capacity: usize) -> Self {
        let (mut start, mut total, mut size) = (Vec::new(), 0, capacity.max(1));
        loop {
            size = size.div_ceil(64);
            start.push(total);
            total += size;
            if size == 1 {
                return Self { words: vec![0; total], start };
            }
        }
    }

    /// Adds a member.
    #[inline]
    pub fn insert(&mut self, member: usize) {
        self.insert_if(true, member);
    }

    /// Removes a member; nothing happens if it is absent.
    #[inline]
    pub fn remove(&mut self, mut member: usize) {
        let mut empty = true;
        for &start in &self.start {
            let word = &mut self.words[start + member / 64];
            *word &= !(u64::from(empty) << (member % 64));
            empty = *word == 0;
            member /= 64;
        }
    }

    /// Whether `member` is in the set.
    #[inline]
    #[must_use]
    pub fn contains(&self, member: usize) -> bool {
        self.words[member / 64] >> (member % 64) & 1 != 0
    }

    /// The least member.
    #[inline]
    #[must_use]
    pub fn first(&self) -> Option<usize> {
        if self.is_empty() {
            return None;
        }
        Some(self.descend(0, self.start.len()))
    }

    /// The least member below the non-empty word `word` of level `height - 1`.
    #[inline]
    fn descend(&self, word: usize, height: usize) -> usize {
        self.start[..height]
            .iter()
            .rev()
            .fold(word, |word, &start| word * 64 + self.words[start + word].trailing_zeros() as usize)
    }

    /// The least member that is at least `from`.
    #[must_use]
    pub fn next(&self, mut from: usize) -> Option<usize> {
        for (height, &start) in self.start.iter().enumerate() {
            let end = self.start.get(height + 1).map_or(self.words.len(), |&end| end);
            let word = self.words[start..end].get(from / 64)? & (u64::MAX << (from % 64));
            if word != 0 {
                return Some(self.descend(from / 64 * 64 + word.trailing_zeros() as usize, height));
            }
            from = from / 64 + 1;
        }
        None
    }

    /// Whether there is no member.
    #[inline]
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.words.last().is_none_or(|&top| top == 0)
    }
}

impl Eligible for RankSet {
    #[inline]
    fn insert_if(&mut self, condition: bool, mut member: usize) {
        for &start in &self.start {
            self.words[start + member / 64] |= u64::from(condition) << (member % 64);
            member /= 64;
        }
    }

    #[inline]
    fn pop_first(&mut self) -> Option<usize> {
        let member = self.first()?;
        self.remove(member);
        Some(member)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::collections::BTreeSet;

    proptest! {
        #[test]
        fn equals_an_ordered_set(capacity in 1_usize..9000, ops in prop::collection::vec((0_u8..4, 0_usize..9000), 0..300)) {
            let mut fast = RankSet::new(capacity);
            let mut slow = BTreeSet::new();
            for (op, member) in ops {
                let member = member % capacity;
                match op {
                    0 | 1 => { fast.insert(member); slow.insert(member); }
                    2 => { fast.remove(member); slow.remove(&member); }
                    _ => prop_assert_eq!(fast.pop_first(), slow.pop_first()),
                }
                prop_assert_eq!(fast.first(), slow.first().copied());
                prop_assert_eq!(fast.next(member), slow.range(member..).next().copied());
                prop_assert_eq!(fast.contains(member), slow.contains(&member));
                prop_assert_eq!(fast.is_empty(), slow.is_empty());
            }
        }
    }
}
