//! The least loaded of many replicas.

/// Loads by number; a tournament tree finds the least one at once.
#[derive(Debug, Clone, Default)]
pub(super) struct LoadTree {
    /// Twice as many places as leaves; place 1 is the root. Each place has the number of the least loaded leaf below it.
    winner: Vec<u32>,
    /// By number; infinite for numbers not in use.
    load: Vec<f64>,
    /// The order between equal loads, by number.
    id: Vec<i64>,
}

impl LoadTree {
    fn leaves(&self) -> usize {
        self.winner.len() / 2
    }

    /// The better of two numbers: less load, then lower id.
    #[inline]
    pub fn better(&self, a: u32, b: u32) -> u32 {
        let key = |number: u32| (self.load[number as usize], self.id[number as usize]);
        if key(b) < key(a) { b } else { a }
    }

    /// Makes places for this many numbers.
    fn grow(&mut self, numbers: usize) {
        let leaves = numbers.next_power_of_two();
        self.load.resize(leaves, f64::INFINITY);
        self.id.resize(leaves, i64::MAX);
        self.winner = vec![0; 2 * leaves];
        for leaf in 0..leaves {
            self.winner[leaves + leaf] = leaf as u32;
        }
        for place in (1..leaves).rev() {
            self.winner[place] = self.better(self.winner[2 * place], self.winner[2 * place + 1]);
        }
    }

    /// Sets the load of a number. O(log n).
    pub fn set(&mut self, number: u32, id: i64, load: f64) {
        if number as usize >= self.leaves() {
            self.grow(number as usize + 1);
        }
        (self.load[number as usize], self.id[number as usize]) = (load, id);
        let mut place = usize::midpoint(self.leaves(), number as usize);
        while place > 0 {
            self.winner[place] = self.better(self.winner[2 * place], self.winner[2 * place + 1]);
            place /= 2;
        }
    }

    /// Takes a number out of use.
    pub fn remove(&mut self, number: u32) {
        self.set(number, i64::MAX, f64::INFINITY);
    }

    /// The load of a number.
    #[inline]
    pub fn get(&self, number: u32) -> f64 {
        self.load[number as usize]
    }

    /// The number of least load; among equals that of the lowest id. There must be one in use.
    pub fn least(&self) -> u32 {
        self.winner[1.min(self.winner.len() - 1)]
    }

    /// The less loaded of two numbers; among equals the first.
    pub fn less_loaded(&self, first: u32, second: u32) -> u32 {
        if self.get(second) < self.get(first) { second } else { first }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::Random;

    #[test]
    fn the_least_is_that_of_a_scan() {
        let mut random = Random::new(2);
        for _ in 0..50 {
            let (mut tree, mut plain) = (LoadTree::default(), Vec::<(f64, i64, u32)>::new());
            for number in 0..random.between(1, 40) as u32 {
                let id = 1000 - i64::from(number);
                tree.set(number, id, 0.0);
                plain.push((0.0, id, number));
                for _ in 0..4 {
                    let k = random.below(plain.len() as u64) as usize;
                    plain[k].0 = random.below(4) as f64;
                    tree.set(plain[k].2, plain[k].1, plain[k].0);
                }
                let least = plain.iter().min_by(|a, b| a.partial_cmp(b).unwrap()).unwrap();
                assert_eq!(tree.least(), least.2);
            }
        }
    }
}
