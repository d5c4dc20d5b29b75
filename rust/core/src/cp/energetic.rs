//! Energetic reasoning: in every interval of time, the work that cannot be done before or after it has to fit (after Baptiste, Le Pape and
//! Nuijten 1999).

use super::intervals::Intervals;
use super::lengths::Lengths;
use super::trail::Trail;

/// Whether some interval of time is too short for the work that must be done in it.
///
/// For an interval that begins at `a`, interval variable `i` behaves like a block from `max(lst_i, a)` on, at most `d_i` and at most
/// `ect_i - a` long: what of it lies before `b` is what `[a, b)` cannot avoid, whatever `b`. One profile of blocks for each `a`
/// therefore judges all intervals: O(R H (n + H)) for a horizon of H slots. What pauses is left out.
pub fn overloaded<L: Lengths>(intervals: &Intervals<L>, trail: &Trail, horizon: i32) -> bool {
    let mut change = vec![0_i64; horizon as usize + 1];
    let solid: Vec<(usize, i32)> = (0..intervals.len()).filter_map(|i| Some((i, intervals.lengths.fixed(i)?))).collect();
    (0..intervals.capacity.len()).any(|resource| {
        let capacity: Vec<i64> = (0..horizon).map(|slot| intervals.capacity_at(slot)[resource]).collect();
        (0..horizon).any(|begin| {
            change.fill(0);
            for &(i, duration) in &solid {
                let demand = intervals.demand_of(i)[resource];
                let from = trail.latest(i).max(begin);
                let length = duration.min(trail.earliest(i) + duration - begin);
                if length > 0 && demand > 0 && from < horizon {
                    change[from as usize] += demand;
                    change[(from + length).min(horizon) as usize] -= demand;
                }
            }
            let (mut level, mut slack) = (0, 0_i128); // slots times units may exceed 64 bits
            (begin..horizon).any(|slot| {
                level += change[slot as usize];
                slack += i128::from(capacity[slot as usize] - level);
                slack < 0
            })
        })
    })
}
