//! A 4-ary heap over small integers that can also remove any member: the waiting room of most policies.

/// Sentinel position of what is not in the heap.
const ABSENT: u32 = u32::MAX;

/// A minimum heap of `(key, member)` with the position of every member.
#[derive(Debug, Clone, Default)]
pub struct IndexedHeap {
    items: Vec<(u128, u32)>,
    position: Vec<u32>,
}

/// A key that orders by `value`, then `tie`. NaN never gets here; minus zero equals zero.
#[inline]
#[must_use]
pub fn key(value: f64, tie: u64) -> u128 {
    u128::from(ordered(value)) << 64 | u128::from(tie)
}

/// The bits of a number such that integers compare as the numbers do.
#[inline]
#[must_use]
pub fn ordered(value: f64) -> u64 {
    let bits = (value + 0.0).to_bits();
    bits ^ ((bits as i64 >> 63) as u64 | 1 << 63)
}

/// The value that a key orders by.
#[inline]
#[must_use]
pub fn value(key: u128) -> f64 {
    let bits = (key >> 64) as u64;
    f64::from_bits(if bits >> 63 == 1 { bits ^ 1 << 63 } else { !bits })
}

impl IndexedHeap {
    /// Whether there is no member.
    #[inline]
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.items.is_empty()
    }

    /// Number of members.
    #[must_use]
    pub fn len(&self) -> usize {
        self.items.len()
    }

    /// The least key and its member.
    #[inline]
    #[must_use]
    pub fn first(&self) -> Option<(u128, u32)> {
        self.items.first().copied()
    }

    /// Whether `member` is in the heap.
    #[must_use]
    pub fn contains(&self, member: u32) -> bool {
        self.position.get(member as usize).is_some_and(|&position| position != ABSENT)
    }

    /// All members, in no particular order.
    pub fn members(&self) -> impl Iterator<Item = u32> + '_ {
        self.items.iter().map(|&(_, member)| member)
    }

    /// Finds the members with keys up to `bound`; the least key beyond it. O(members found).
    pub fn up_to(&self, bound: u128, found: &mut Vec<u32>) -> Option<u128> {
        let (mut places, mut beyond) = (vec![0], None);
        while let Some(place) = places.pop() {
            let Some(&(key, member)) = self.items.get(place) else { continue };
            if key <= bound {
                found.push(member);
                places.extend(4 * place + 1..=4 * place + 4);
            } else if beyond.is_none_or(|least| key < least) {
                beyond = Some(key);
            }
        }
        beyond
    }

    /// Adds a member that is not there yet.
    #[inline]
    pub fn push(&mut self, key: u128, member: u32) {
        let index = member as usize;
        if index >= self.position.len() {
            self.position.resize(index + 1, ABSENT);
        }
        debug_assert!(!self.contains(member), "members are unique");
        self.items.push((key, member));
        self.rise(self.items.len() - 1);
    }

    /// Removes and returns the least.
    #[inline]
    pub fn pop(&mut self) -> Option<(u128, u32)> {
        let first = self.first()?;
        self.remove(first.1);
        Some(first)
    }

    /// Removes a member; false if it was not there.
    #[inline]
    pub fn remove(&mut self, member: u32) -> bool {
        if !self.contains(member) {
            return false;
        }
        let hole = self.position[member as usize] as usize;
        self.position[member as usize] = ABSENT;
        let last = self.items.pop().expect("a member was found");
        if hole < self.items.len() {
            self.items[hole] = last;
            self.position[last.1 as usize] = hole as u32;
            self.sink(hole);
            self.rise(self.position[last.1 as usize] as usize);
        }
        true
    }

    #[inline]
    fn rise(&mut self, mut place: usize) {
        let item = self.items[place];
        while place > 0 {
            let parent = (place - 1) / 4;
            if self.items[parent].0 <= item.0 {
                break;
            }
            self.items[place] = self.items[parent];
            self.position[self.items[place].1 as usize] = place as u32;
            place = parent;
        }
        self.items[place] = item;
        self.position[item.1 as usize] = place as u32;
    }

    #[inline]
    fn sink(&mut self, mut place: usize) {
        let item = self.items[place];
        loop {
            let first = 4 * place + 1;
            let children = first..(first + 4).min(self.items.len());
            let Some(least) = children.min_by_key(|&child| self.items[child].0) else { break };
            if item.0 <= self.items[least].0 {
                break;
            }
            self.items[place] = self.items[least];
            self.position[self.items[place].1 as usize] = place as u32;
            place = least;
        }
        self.items[place] = item;
        self.position[item.1 as usize] = place as u32;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::collections::BTreeSet;

    proptest! {
        #[test]
        fn equals_an_ordered_set(ops in prop::collection::vec((0_u8..5, 0_u32..40, 0_u64..20), 0..300)) {
            let (mut fast, mut slow, mut keys) = (IndexedHeap::default(), BTreeSet::new(), [0; 40]);
            for (op, member, value) in ops {
                let there = keys[member as usize] != 0 && slow.contains(&(keys[member as usize], member));
                prop_assert_eq!(fast.contains(member), there);
                if op == 0 {
                    prop_assert_eq!(fast.pop(), slow.pop_first());
                } else if there {
                    prop_assert!(fast.remove(member));
                    slow.remove(&(keys[member as usize], member));
                } else {
                    keys[member as usize] = key(value as f64 - 9.5, u64::from(member));
                    fast.push(keys[member as usize], member);
                    slow.insert((keys[member as usize], member));
                }
                prop_assert_eq!((fast.first(), fast.len()), (slow.first().copied(), slow.len()));
                let (bound, mut found) = (key(0.5, 0), Vec::new());
                let beyond = fast.up_to(bound, &mut found);
                found.sort_unstable();
                let mut expected: Vec<u32> = slow.iter().filter(|item| item.0 <= bound).map(|item| item.1).collect();
                expected.sort_unstable();
                prop_assert_eq!((found, beyond), (expected, slow.iter().map(|item| item.0).find(|&key| key > bound)));
            }
        }

        #[test]
        fn keys_order_as_numbers_do(a in prop::num::f64::ANY, b in prop::num::f64::ANY) {
            prop_assume!(!a.is_nan() && !b.is_nan());
            prop_assert_eq!(a.partial_cmp(&b), Some(ordered(a).cmp(&ordered(b))));
            prop_assert_eq!(value(key(a, 7)), a);
        }
    }
}
