//! Many resources in one machine word: a lane for each, with a guard bit on top that shows a borrow.
//!
//! A level (what remains of every resource) keeps its guard bits set. `level - demand` clears the guard of exactly those lanes
//! that would go below zero, so one subtraction and one mask test all resources at once.

/// How resources are laid into 64-bit words; a lane never crosses a word.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WordLayout {
    /// Word and shift of each resource.
    place: Vec<(usize, u32)>,
    /// Word and bits of each resource, without the guard.
    masks: Vec<(usize, u64)>,
    /// Guard bits of each word.
    pub guard: Vec<u64>,
    /// Everything free: capacities under their guards.
    pub full: Vec<u64>,
    /// Bits used in the only word; more than 64 if there are several words.
    pub bits: u32,
}

impl WordLayout {
    /// Lays out resources of these capacities, first fit.
    pub fn new(capacity: &[i64]) -> Self {
        let mut used: Vec<u32> = vec![0];
        let mut lanes = Self { place: Vec::new(), masks: Vec::new(), guard: vec![0], full: vec![0], bits: 0 };
        for &capacity in capacity {
            let width = 64 - (capacity as u64).leading_zeros() + 1; // capacity <= 2^53, so a lane always fits
            let word = used.iter().position(|&bits| bits + width <= 64).unwrap_or_else(|| {
                used.push(0);
                lanes.guard.push(0);
                lanes.full.push(0);
                used.len() - 1
            });
            let shift = used[word];
            lanes.place.push((word, shift));
            lanes.masks.push((word, ((1 << (width - 1)) - 1) << shift));
            lanes.guard[word] |= 1 << (shift + width - 1);
            lanes.full[word] |= (capacity as u64) << shift | 1 << (shift + width - 1);
            used[word] += width;
        }
        lanes.bits = if used.len() == 1 { used[0] } else { u32::MAX };
        lanes
    }

    /// Number of words of a level.
    pub fn words(&self) -> usize {
        self.guard.len()
    }

    /// Adds a user's demands to `row`, one word after the other; what lasts no time uses nothing.
    pub fn pack(&self, demand: &[i64], duration: i64, row: &mut Vec<u64>) {
        let first = row.len();
        row.resize(first + self.words(), 0);
        if duration > 0 {
            for (&(word, shift), &units) in self.place.iter().zip(demand) {
                row[first + word] |= (units as u64) << shift;
            }
        }
    }

    /// Whether `demand` fits into `level`.
    #[inline]
    pub fn fits(&self, level: &[u64], demand: &[u64]) -> bool {
        level.iter().zip(demand).zip(&self.guard).all(|((level, demand), guard)| level.wrapping_sub(*demand) & guard == *guard)
    }

    /// Lowers `bound` to the largest of `levels` in every lane that `demand` needs.
    pub fn tighten(&self, bound: &mut [u64], levels: &[u64], demand: &[u64]) {
        for &(word, lane) in &self.masks {
            if demand[word] & lane != 0 {
                let most = levels.iter().skip(word).step_by(self.words()).map(|level| level & lane).max().unwrap_or(0);
                bound[word] = bound[word] & !lane | most;
            }
        }
    }
}
