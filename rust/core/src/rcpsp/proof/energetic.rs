//! Energetic reasoning: in every interval, the work that cannot be done outside it has to fit (after Baptiste, Le Pape and Nuijten
//! 1999).

use super::network::Tasks;
use super::trail::Trail;

/// Whether some interval is too short for the work that must be done in it.
///
/// For an interval that begins at `a`, activity `i` behaves like a block from `max(lst_i, a)` on, at most `d_i` and at most
/// `ect_i - a` long: what of it lies before `b` is what `[a, b)` cannot avoid, whatever `b`. One profile of blocks for each `a`
/// therefore judges all intervals: O(R H (n + H)) for a horizon of H slots.
pub fn overloaded(tasks: &Tasks, trail: &Trail, horizon: i32) -> bool {
    let mut change = vec![0_i64; horizon as usize + 1];
    (0..tasks.capacity.len()).any(|resource| {
        (0..horizon).any(|begin| {
            change.fill(0);
            for task in 0..tasks.len() {
                let (duration, demand) = (tasks.duration[task], tasks.demand_of(task)[resource]);
                let from = trail.latest(task).max(begin);
                let length = duration.min(trail.earliest(task) + duration - begin);
                if length > 0 && demand > 0 && from < horizon {
                    change[from as usize] += demand;
                    change[(from + length).min(horizon) as usize] -= demand;
                }
            }
            let (mut level, mut spare) = (0, 0_i128); // slots times units may exceed 64 bits
            (begin..horizon).any(|slot| {
                level += change[slot as usize];
                spare += i128::from(tasks.capacity[resource] - level);
                spare < 0
            })
        })
    })
}
