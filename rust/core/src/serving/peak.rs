//! The largest use of a cache that a batch will come to, by the plain formula.

/// What a request holds, or what several requests with a common prefix hold together.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Holding {
    /// Steps until it gives back what it holds.
    pub remaining: i64,
    /// Tokens that it holds now.
    pub held: i64,
    /// Tokens that it holds more after each step: 1 for a request, 0 for a common prefix.
    pub growth: i64,
}

/// The largest sum of tokens that these hold at the same time, from now until all have ended, if no other joins them. 0 if
/// there are none.
///
/// The sum is largest in the last step of one of them. If they are sorted by the steps that remain, the largest first, that is
/// the maximum over `k` of `held_1 + ... + held_k + remaining_k * (growth_1 + ... + growth_k)`. O(n log n). Source: Gong et al.
/// (2025), "Past-Future Scheduler for LLM Serving under SLA Guarantees", ASPLOS.
///
/// ```
/// use schedkit_core::serving::{Holding, peak};
/// // 3 tokens for 4 more steps, and 10 tokens for 1 more step.
/// let mut batch = [(4, 3), (1, 10)].map(|(remaining, held)| Holding { remaining, held, growth: 1 });
/// assert_eq!(peak(&mut batch), 15); // after one step: 4 and 11; after four steps only 7
/// ```
#[must_use]
pub fn peak(batch: &mut [Holding]) -> i64 {
    batch.sort_unstable_by_key(|holding| std::cmp::Reverse(holding.remaining));
    peak_of_sorted(batch)
}

/// As [`peak`], for holdings in order.
pub(super) fn peak_of_sorted(batch: &[Holding]) -> i64 {
    let (mut held, mut growth, mut peak) = (0, 0, 0);
    for holding in batch {
        held += holding.held;
        growth += holding.growth;
        peak = peak.max(held + holding.remaining * growth);
    }
    peak
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use crate::random::Random;

    /// A batch of up to `largest` requests, a third of them common prefixes.
    pub fn random_batch(random: &mut Random, largest: u64) -> Vec<Holding> {
        let n = random.below(largest + 1);
        (0..n)
            .map(|_| Holding {
                remaining: random.below(30) as i64,
                held: random.below(40) as i64,
                growth: i64::from(random.below(3) > 0),
            })
            .collect()
    }

    #[test]
    fn equals_a_simulation_step_by_step() {
        let mut random = Random::new(1);
        for _ in 0..3000 {
            let mut batch = random_batch(&mut random, 8);
            let last = batch.iter().map(|holding| holding.remaining).max().unwrap_or(0);
            let at = |step: i64| -> i64 { batch.iter().filter(|h| h.remaining >= step).map(|h| h.held + h.growth * step).sum() };
            let simulated = (0..=last).map(at).max().unwrap_or(0);
            assert_eq!(peak(&mut batch), simulated);
        }
    }
}
