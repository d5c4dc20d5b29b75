//! Rolling horizon for long shops: windows of operations in order of time are searched one after the other, and what starts first in a
//! window is kept.
//!
//! A search of the whole shop hardly moves where many critical paths run side by side. A window is a shop of its own: its jobs are ready
//! when their kept operations are complete, its machines when they are free, and behind each job its remaining work follows.

mod rolling;
#[cfg(test)]
mod tests;

use self::rolling::Rolling;
use super::{RULES, Solution, refuse};
use crate::control::{Limits, Status, Watch};
use crate::error::{Error, InputError};
use crate::memory;
use crate::random::Random;
use crate::shop::Shop;
use crate::shop::bound::lower_bound;
use crate::shop::past::Past;
use std::time::Instant;

/// Bytes for each operation of what is kept and planned.
const BYTES_OF_PLANS: usize = 192;

/// How far a rolling horizon looks, and how far it moves on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Horizon {
    /// Operations of a window.
    pub window: usize,
    /// Operations that are kept of each window, at least 1 and at most all.
    pub step: usize,
}

impl Default for Horizon {
    /// 100 operations, of which 50 are kept.
    fn default() -> Self {
        Self { window: 100, step: 50 }
    }
}

/// Rolling horizon for `J, FJ | r_j | C_max`.
///
/// All operations are dispatched by the rule that makes the shortest schedule of the whole shop. The first `window` of these that are not kept
/// yet are searched, behind what is kept, for a short schedule of themselves and of the work that follows in their jobs; the `step` that
/// start first are kept. Each window has an equal share of what is left of the limits. The answer is the shortest of the schedules that have been seen, the dispatched ones
/// included. One thread searches; without a time limit no clock is read, and equal seeds give equal answers.
///
/// # Errors
/// A shop with anything but routes, durations, release times, due dates and weights; a horizon without operations, or that keeps more
/// than it searches; refused memory.
pub fn roll(
    shop: &Shop,
    horizon: Horizon,
    past: &Past,
    limits: &Limits,
    seed: u64,
    watch: &mut Watch<'_, i64>,
) -> Result<Solution, Error> {
    refuse(shop)?;
    if horizon.window == 0 {
        return Err(InputError::new("window", "must be >= 1").value(horizon.window).into());
    }
    if horizon.step == 0 || horizon.step > horizon.window {
        return Err(InputError::new("step", "must be >= 1 and at most the window").value(horizon.step).into());
    }
    memory::require_items(shop.num_operations() + shop.num_jobs() + shop.num_machines(), BYTES_OF_PLANS)?;
    let deadline = limits.time.and_then(|time| Instant::now().checked_add(time));
    let mut rolling = Rolling::new(shop, past, seed);
    let bound = if past.fixed().is_empty() && past.now() <= 0 { lower_bound(shop) } else { rolling.lower_bound() };
    let mut rule = RULES[0];
    let mut best = rolling.one_by_one(); // takes no time to find, so that there is a schedule whatever the limits are
    for other in RULES {
        if watch.check() {
            break;
        }
        if let Some(plan) = rolling.dispatched(other, deadline)?.filter(|plan| plan.makespan() < best.makespan()) {
            (best, rule) = (plan, other);
        }
    }
    let mut stopped = watch.improved(best.makespan(), bound, 0) || watch.check();
    let mut random = Random::new(seed);
    while !stopped && rolling.left > 0 && best.makespan() > bound {
        let Some(plan) = rolling.dispatched(rule, deadline)? else { break };
        let found = if plan.makespan() < best.makespan() { Some(plan.clone()) } else { None };
        let window = rolling.limits_of_window(horizon, limits, deadline);
        rolling.search_window(&plan, horizon, &window, Random::new(random.next_u64()), watch);
        let found = if rolling.left == 0 { Some(rolling.schedule()) } else { found };
        if let Some(found) = found.filter(|found| found.makespan() < best.makespan()) {
            best = found;
            stopped = watch.improved(best.makespan(), bound, rolling.moves);
        }
        stopped = stopped || watch.check();
    }
    let status = if best.makespan() <= bound { Status::Optimal } else { Status::Feasible };
    Ok(Solution { schedule: best, status, lower_bound: bound, num_moves: rolling.moves })
}
