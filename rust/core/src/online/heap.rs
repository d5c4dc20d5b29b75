//! A 4-ary heap over small integers that can also remove any member: the waiting jobs of most policies.

/// Sentinel position of what is not in the heap.
const ABSENT: u32 = u32::MAX;

/// The place of the root: the last of the first four places, so that the children of place p are the four from 4 (p - 2) on.
const ROOT: usize = 3;

/// The key of places that are free; no member's key is as large.
const FREE: u128 = u128::MAX;

/// Keys of siblings side by side in one line of the cache: finding the least of them touches no other.
#[derive(Debug, Clone)]
#[repr(align(64))]
struct Siblings([u128; 4]);

/// A minimum heap of `(key, member)` with the position of every member.
///
/// The root is left vacant when its member is removed: a member that is pushed next starts there and goes down,
/// which saves moving the last member to the top and the new one up. Most events of a queue are such pairs.
#[derive(Debug, Clone, Default)]
pub struct IndexedHeap {
    keys: Vec<Siblings>,
    /// By place, from the root on; what stands there for a vacant root means nothing.
    members: Vec<u32>,
    position: Vec<u32>,
    vacant: bool,
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

/// The lesser of two, without a branch: nothing foretells which it is.
#[inline]
fn lesser(a: (u128, usize), b: (u128, usize)) -> (u128, usize) {
    std::hint::select_unpredictable(b.0 < a.0, b, a)
}

impl IndexedHeap {
    /// Whether there is no member.
    #[inline]
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Number of members.
    #[inline]
    #[must_use]
    pub fn len(&self) -> usize {
        self.members.len() - usize::from(self.vacant)
    }

    /// The least key and its member.
    #[inline]
    #[must_use]
    pub fn first(&self) -> Option<(u128, u32)> {
        if self.is_empty() {
            return None;
        }
        let (key, place) = if self.vacant { self.least_child(ROOT)? } else { (self.key(ROOT), ROOT) };
        Some((key, self.members[place - ROOT]))
    }

    /// Whether `member` is in the heap.
    #[inline]
    #[must_use]
    pub fn contains(&self, member: u32) -> bool {
        self.position.get(member as usize).is_some_and(|&position| position != ABSENT)
    }

    /// All members, in no particular order.
    pub fn members(&self) -> impl Iterator<Item = u32> + '_ {
        self.members[usize::from(self.vacant)..].iter().copied()
    }

    /// Finds the members with keys up to `bound`; the least key beyond it. O(members found).
    pub fn up_to(&self, bound: u128, found: &mut Vec<u32>) -> Option<u128> {
        let children = |place: usize| 4 * (place - 2)..4 * (place - 1);
        let mut places: Vec<usize> = if self.vacant { children(ROOT).collect() } else { vec![ROOT] };
        let mut beyond = None;
        while let Some(place) = places.pop() {
            let Some(&member) = self.members.get(place - ROOT) else { continue };
            let key = self.key(place);
            if key <= bound {
                found.push(member);
                places.extend(children(place));
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
        if self.vacant {
            self.vacant = false;
            let place = self.sink(ROOT, key);
            self.set(place, key, member);
            return;
        }
        let end = self.members.len() + ROOT;
        self.members.push(member);
        if end / 4 == self.keys.len() {
            self.keys.push(Siblings([FREE; 4]));
        }
        self.rise(end, key, member);
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
        if self.vacant {
            self.vacant = false;
            self.fill(ROOT);
        }
        let place = self.position[member as usize] as usize;
        self.position[member as usize] = ABSENT;
        if place == ROOT {
            self.vacant = true;
        } else {
            self.fill(place);
        }
        true
    }

    /// Moves the last member to a place that has become free.
    #[inline]
    fn fill(&mut self, place: usize) {
        let last = self.members.pop().expect("the place was a member's");
        let end = self.members.len() + ROOT;
        let key = std::mem::replace(&mut self.keys[end / 4].0[end % 4], FREE);
        if end.is_multiple_of(4) {
            self.keys.pop();
        }
        if place < end {
            let place = self.sink(place, key);
            self.rise(place, key, last);
        }
    }

    #[inline]
    fn key(&self, place: usize) -> u128 {
        self.keys[place / 4].0[place % 4]
    }

    /// Puts a member in its place.
    #[inline]
    fn set(&mut self, place: usize, key: u128, member: u32) {
        self.keys[place / 4].0[place % 4] = key;
        self.members[place - ROOT] = member;
        self.position[member as usize] = place as u32;
    }

    /// The child of a place with the least key; nothing if it has no children.
    #[inline]
    fn least_child(&self, place: usize) -> Option<(u128, usize)> {
        let &Siblings([a, b, c, d]) = self.keys.get(place - 2)?;
        let first = 4 * (place - 2);
        Some(lesser(lesser((a, first), (b, first + 1)), lesser((c, first + 2), (d, first + 3))))
    }

    /// Puts a member at `place`, or higher up where its parent's key is not larger.
    #[inline]
    fn rise(&mut self, mut place: usize, key: u128, member: u32) {
        while place > ROOT {
            let parent = place / 4 + 2;
            let other = self.key(parent);
            if other <= key {
                break;
            }
            self.set(place, other, self.members[parent - ROOT]);
            place = parent;
        }
        self.set(place, key, member);
    }

    /// The place from `place` downwards where no child has a lower key; the members on the way move up.
    #[inline]
    fn sink(&mut self, mut place: usize, key: u128) -> usize {
        while let Some((other, child)) = self.least_child(place) {
            if key <= other {
                break;
            }
            self.set(place, other, self.members[child - ROOT]);
            place = child;
        }
        place
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
