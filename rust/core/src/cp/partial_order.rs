//! The order in which a solution uses its resources, as distances between intervals: whatever keeps to it may move, and still fits.

use super::intervals::Intervals;
use super::lengths::Lengths;

/// Distances `(from, to, lag)` that keep the order of the intervals in `kept`, as `start` has it.
///
/// Units of a resource are handed on from intervals that have ended to one that starts (chaining, Policella et al. 2007), first from those
/// that come before it anyway, then from those that ended last. Whatever comes before another interval by way of intervals that are
/// not kept still comes before it. Intervals whose length depends on their start are not kept. O(n^2 R + n^3 / 64).
pub fn partial_order<L: Lengths>(intervals: &Intervals<L>, start: &[i32], kept: &[bool]) -> Vec<(u32, u32, i32)> {
    let (n, width) = (kept.len(), intervals.capacity.len());
    let words = n.div_ceil(64);
    let end = |i: usize| intervals.lengths.end(i, start[i]);
    let mut order: Vec<usize> = (0..n).filter(|&i| intervals.lengths.lasts(i)).collect();
    order.sort_by_key(|&i| (start[i], i));
    // By interval, those that come before it; and of those that are kept, the ones that come before it.
    let mut before = vec![0_u64; n * words];
    let mut covered = vec![0_u64; n * words];
    // By resource, the intervals that have units left to hand on, and how many.
    let mut left: Vec<Vec<(usize, i64)>> = vec![Vec::new(); width];
    let mut arcs = Vec::new();
    for &j in &order {
        let mut mine = vec![0_u64; words];
        for (resource, holders) in left.iter_mut().enumerate() {
            let mut need = intervals.demand_of(j)[resource];
            if need == 0 {
                continue;
            }
            holders.sort_by_key(|&(i, _)| {
                let known = mine[i / 64] >> (i % 64) & 1 == 1;
                (end(i) > start[j], !known, -end(i), i)
            });
            // Units that no interval has used yet make up for what is missing.
            for (i, units) in holders.iter_mut() {
                if need == 0 || end(*i) > start[j] {
                    break;
                }
                let taken = need.min(*units);
                (*units, need) = (*units - taken, need - taken);
                mine[*i / 64] |= 1 << (*i % 64);
                for word in 0..words {
                    mine[word] |= before[*i * words + word];
                }
            }
            holders.retain(|&(_, units)| units > 0);
            holders.push((j, intervals.demand_of(j)[resource]));
        }
        if kept[j] {
            let mut nearest: Vec<usize> = (0..n).filter(|&i| kept[i] && mine[i / 64] >> (i % 64) & 1 == 1).collect();
            nearest.sort_by_key(|&i| (-start[i], i));
            let mut known = vec![0_u64; words];
            for i in nearest {
                if known[i / 64] >> (i % 64) & 1 == 0 {
                    if let Some(length) = intervals.lengths.fixed(i) {
                        arcs.push((i as u32, j as u32, length));
                    }
                    known[i / 64] |= 1 << (i % 64);
                    for word in 0..words {
                        known[word] |= covered[i * words + word];
                    }
                }
            }
            covered[j * words..(j + 1) * words].copy_from_slice(&known);
        }
        before[j * words..(j + 1) * words].copy_from_slice(&mine);
    }
    arcs
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cp::FixedLengths;
    use crate::random::Random;
    use proptest::prelude::*;

    /// Whether no slot is too full.
    fn fits(intervals: &Intervals<FixedLengths>, start: &[i32]) -> bool {
        let runs = |i: usize, slot: i32| start[i] <= slot && slot < intervals.lengths.end(i, start[i]);
        start.iter().all(|&slot| {
            (0..intervals.capacity.len()).all(|r| {
                let running = (0..start.len()).filter(|&i| runs(i, slot));
                running.map(|i| intervals.demand_of(i)[r]).sum::<i64>() <= intervals.capacity[r]
            })
        })
    }

    proptest! {
        #[test]
        fn whatever_keeps_to_the_order_fits(seed in any::<u64>()) {
            let random = &mut Random::new(seed);
            let (n, width) = (random.between(1, 12) as usize, random.between(0, 3) as usize);
            let capacity: Vec<i64> = (0..width).map(|_| random.between(1, 6)).collect();
            let demand = (0..n).flat_map(|_| capacity.iter().map(|&c| random.between(0, c)).collect::<Vec<_>>()).collect();
            let lengths = FixedLengths((0..n).map(|_| random.between(0, 5) as i32).collect());
            let intervals = Intervals { lengths, demand, capacity, steps: Vec::new() };
            let mut start: Vec<i32> = Vec::new();
            for i in 0..n {
                // The first start from a random one on at which this interval fits with those before it.
                start.push(random.below(6) as i32);
                while !fits(&intervals, &start) {
                    start[i] += 1;
                }
            }
            let kept: Vec<bool> = (0..n).map(|_| random.below(4) > 0).collect();
            let arcs = partial_order(&intervals, &start, &kept);
            prop_assert!(arcs.iter().all(|&(i, j, lag)| kept[i as usize] && kept[j as usize] && start[j as usize] - start[i as usize] >= lag));
            let arcs = partial_order(&intervals, &start, &vec![true; n]);
            let mut order: Vec<usize> = (0..n).collect();
            order.sort_by_key(|&i| (start[i], i));
            let mut moved = vec![0; n];
            for &j in &order {
                let after = arcs.iter().filter(|arc| arc.1 as usize == j).map(|&(i, _, lag)| moved[i as usize] + lag);
                moved[j] = after.fold(0, i32::max) + random.below(4) as i32;
            }
            prop_assert!(fits(&intervals, &moved));
        }
    }
}
