//! Orders of two chains of intervals that imply each other, because their opposite would be a cycle with them.

use super::{Distance, NONE, Orders, Rows};

/// Where more pairs of orders would be looked at, none are.
const MOST_LOOKED_AT: u64 = 4_000_000;

impl Orders {
    /// Looks for orders that exclude each other: of two, the second interval of either starts, in its chain, no later than the first one of the
    /// other has ended, and the times on this way round add up to more than 0. `chain` tells the chain of each interval, the sums of least
    /// distances in it up to each one are `since`; chains are numbered like their intervals. O(P p) for P pairs, p of which concern the same two chains.
    #[must_use]
    pub fn with_implied(mut self, chain: &[u32], since: &[i64]) -> Self {
        let begin = 2 * self.first_variable as u32;
        let mut halves: Vec<(u32, u32, u32)> = Vec::with_capacity(2 * self.pairs.len());
        let orders = (begin..).zip(&self.distances).filter(|&(half, _)| self.pair(half).0 != NONE as usize);
        for (half, &distance) in orders {
            if let Some(Distance { from, to, .. }) = distance {
                halves.push((chain[from as usize], chain[to as usize], half));
            }
        }
        halves.sort_unstable();
        let alike = |a: &(u32, u32, u32), b: &(u32, u32, u32)| (a.0, a.1) == (b.0, b.1);
        if halves.chunk_by(alike).map(|chunk| (chunk.len() as u64).pow(2)).sum::<u64>() > MOST_LOOKED_AT {
            return self;
        }
        let mut implied = vec![Vec::new(); self.distances.len()];
        for &(from_chain, to_chain, half) in &halves {
            let (from, to, lag) = self.arc(half);
            let first = halves.partition_point(|&(a, b, _)| (a, b) < (to_chain, from_chain));
            for &(_, _, other) in halves[first..].iter().take_while(|&&(a, b, _)| (a, b) == (to_chain, from_chain)) {
                let (leave, enter, other_lag) = self.arc(other);
                let is_cycle = to <= leave && enter <= from;
                if other != half ^ 1
                    && is_cycle
                    && i64::from(lag) + i64::from(other_lag) + since[leave] - since[to] + since[from] - since[enter] > 0
                {
                    implied[(half - begin) as usize].push(other ^ 1);
                }
            }
        }
        self.implied = Rows::new(implied);
        self
    }
}
