//! Consistent hashing: replicas on a ring, and the order in which a key meets them.

use super::hashing::join;
use crate::memory::{self, OutOfMemory};

/// Points of a replica of weight 1 on the ring. More points make equal shares, and cost memory. A replica has between 1 and
/// 65,536.
const POINTS: f64 = 128.0;

/// Points of replicas on a ring of 2^64 places (Karger et al. 1997).
#[derive(Debug, Clone, Default)]
pub(super) struct Ring {
    /// Place and replica, in order once [`prepare`](Self::prepare) was called.
    points: Vec<(u64, u32)>,
    is_sorted: bool,
}

impl Ring {
    /// The places of a replica, which depend on nothing but its id and weight.
    fn places(id: i64, weight: f64) -> impl Iterator<Item = u64> {
        let count = (POINTS * weight).round().clamp(1.0, 65_536.0) as u64;
        (0..count).map(move |k| join(super::hash_integer(id), k))
    }

    /// Adds a replica; `number` stands for it in answers.
    ///
    /// # Errors
    /// The system refuses the memory.
    pub fn add(&mut self, number: u32, id: i64, weight: f64) -> Result<(), OutOfMemory> {
        let places = Self::places(id, weight);
        memory::reserve(&mut self.points, places.size_hint().0)?;
        self.points.extend(places.map(|place| (place, number)));
        self.is_sorted = false;
        Ok(())
    }

    /// Removes a replica. O(points).
    pub fn remove(&mut self, number: u32) {
        self.points.retain(|&(_, other)| other != number);
    }

    /// Puts the points of new replicas among the others, before the next [`walk`](Self::walk). O(points log points) if there
    /// are any.
    pub fn prepare(&mut self) {
        if !self.is_sorted {
            self.points.sort_unstable();
            self.is_sorted = true;
        }
    }

    /// The replicas in the order in which a key meets them; some come more than once.
    pub fn walk(&self, hash: u64) -> impl Iterator<Item = u32> + '_ {
        let first = self.points.partition_point(|&(place, _)| place < hash);
        self.points[first..].iter().chain(&self.points[..first]).map(|&(_, number)| number)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::serving::hash_integer;

    #[test]
    fn a_replica_that_joins_takes_keys_and_moves_no_others() {
        let mut ring = Ring::default();
        for id in 0..9 {
            ring.add(id as u32, id, 1.0).unwrap();
        }
        ring.prepare();
        let first = |ring: &Ring, key| ring.walk(hash_integer(key)).next().unwrap();
        let before: Vec<u32> = (0..10_000).map(|key| first(&ring, key)).collect();
        ring.add(9, 9, 1.0).unwrap();
        ring.prepare();
        let after: Vec<u32> = (0..10_000).map(|key| first(&ring, key)).collect();
        let moved = before.iter().zip(&after).filter(|(a, b)| a != b).count();
        assert!(before.iter().zip(&after).all(|(a, b)| a == b || *b == 9));
        assert!((600..1400).contains(&moved), "{moved} of 10,000 keys, a tenth is expected");
        ring.remove(9);
        assert_eq!((0..10_000).map(|key| first(&ring, key)).collect::<Vec<_>>(), before);
    }

    #[test]
    fn a_replica_of_double_weight_gets_about_double_the_keys() {
        let mut ring = Ring::default();
        ring.add(0, 0, 2.0).unwrap();
        ring.add(1, 1, 1.0).unwrap();
        ring.prepare();
        let heavy = (0..9000).filter(|&key| ring.walk(hash_integer(key)).next() == Some(0)).count();
        assert!((5400..6600).contains(&heavy), "{heavy} of 9,000");
    }
}
