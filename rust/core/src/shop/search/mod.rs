//! Search for short schedules of shops: tabu search from several starts, whose best schedules are linked by paths between them.

mod neighbours;
mod orders;
mod population;
mod reassign;
mod roll;
mod segments;
mod tabu;
#[cfg(test)]
mod tests;

pub use roll::{Horizon, roll};

use super::Schedule;
use super::bound::lower_bound;
use super::dispatch::{Scheme, dispatch};
use super::past::Past;
use super::problem::Shop;
use super::rule::{Priority, Rule};
use crate::control::{Limits, Pulse, Status, Stop, Watch};
use crate::error::{Error, InputError};
use crate::memory;
use crate::names::Named;
use crate::random::Random;
use orders::{Arrangement, Orders};
use population::{ShopSearch, arranged};
use std::time::Instant;

/// The rules of the first schedules.
const RULES: [(&str, Scheme); 6] = [
    ("mopnr", Scheme::NonDelay),
    ("mwkr", Scheme::NonDelay),
    ("spt", Scheme::NonDelay),
    ("mopnr", Scheme::Active),
    ("mwkr", Scheme::Active),
    ("fifo", Scheme::Active),
];
/// Bytes that a search takes for each operation and thread, at most.
const BYTES_PER_OPERATION: usize = 512;
/// The same for each machine that an operation may take.
const BYTES_PER_CHOICE: usize = 64;

/// The answer of [`solve`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Solution {
    /// The best schedule.
    pub schedule: Schedule,
    /// Optimal if the makespan equals the bound.
    pub status: Status,
    /// No makespan is less.
    pub lower_bound: i64,
    /// Moves made, by all threads.
    pub num_moves: u64,
}

/// Anytime search for `J, FJ | r_j | C_max`.
///
/// It begins with the best of a few dispatching rules, or with `start` if that is better, and ends at its limits or when the makespan
/// equals the lower bound. With a budget of moves and no time limit no clock is read, one thread searches, and equal seeds give equal
/// answers. Otherwise each thread searches on its own.
///
/// # Errors
/// A shop with anything but routes, durations, release times, due dates and weights; refused memory.
pub fn solve(
    shop: &Shop,
    start: Option<&Schedule>,
    limits: &Limits,
    seed: u64,
    threads: usize,
    watch: &mut Watch<'_, i64>,
) -> Result<Solution, Error> {
    refuse(shop)?;
    let others = if limits.budget.is_none() { threads.saturating_sub(1).min(256) } else { 0 };
    memory::require_items(shop.num_operations() + shop.num_jobs() + shop.num_machines(), (others + 1) * BYTES_PER_OPERATION)?;
    memory::require_items(shop.data().machine.len(), (others + 1) * BYTES_PER_CHOICE)?;
    let bound = lower_bound(shop);
    // One job after the other, which takes no time to find, so that there is a schedule whatever the limits are.
    let mut orders = Orders::new(shop);
    let count = shop.num_operations();
    orders.load(&Arrangement { order: (0..count as u32).collect(), machine: vec![u32::MAX; count] });
    let mut first = orders.schedule();
    if let Some(start) = start.filter(|start| start.makespan() < first.makespan()) {
        first = start.clone();
    }
    let deadline = limits.time.and_then(|time| Instant::now().checked_add(time));
    for (rule, scheme) in RULES {
        if watch.check() {
            break;
        }
        let (rule, mut pulse) = (Priority::Rule(Rule::from_name(rule)?, seed), until(deadline));
        let schedule = dispatch(shop, &rule, scheme, &Past::default(), &mut pulse)?;
        if !pulse.stopped() && schedule.makespan() < first.makespan() {
            first = schedule;
        }
    }
    let mut stopped = watch.improved(first.makespan(), bound, 0);
    let mut best = (first.makespan(), arranged(shop, &first));
    let mut num_moves = 0;
    if best.0 > bound && shop.num_operations() > 0 && !stopped {
        let stop: &Stop = watch.stop;
        let begin = best.clone();
        let chain = |k: u64| {
            let mut watch = Watch::new(stop);
            let mut search = ShopSearch::new(shop, bound, begin.clone(), Random::stream(seed, k), u64::MAX, deadline, &mut watch);
            search.run();
            if search.best.0 <= bound {
                stop.halt();
            }
            (search.best, search.moves)
        };
        let chain = &chain;
        std::thread::scope(|scope| {
            let granted = |k| std::thread::Builder::new().spawn_scoped(scope, move || chain(k)).ok(); // or one less
            let chains: Vec<_> = (1..=others as u64).filter_map(granted).collect();
            let budget = limits.budget.unwrap_or(u64::MAX);
            let mut search = ShopSearch::new(shop, bound, begin.clone(), Random::new(seed), budget, deadline, watch);
            search.run();
            (best, num_moves) = (search.best, search.moves);
            if best.0 <= bound {
                stop.halt();
            }
            for chain in chains {
                let (found, moves) = chain.join().expect("a chain does not panic");
                num_moves += moves;
                if found.0 < best.0 {
                    best = found;
                    stopped = stopped || watch.improved(best.0, bound, num_moves);
                }
            }
        });
    }
    orders.load(&best.1);
    let status = if best.0 <= bound { Status::Optimal } else { Status::Feasible };
    Ok(Solution { schedule: orders.schedule(), status, lower_bound: bound, num_moves })
}

/// What stops dispatching at the time limit.
fn until(deadline: Option<Instant>) -> Pulse {
    deadline.map_or_else(Pulse::default, |deadline| Pulse::default().until(deadline))
}

/// Refuses shops that the search does not know.
fn refuse(shop: &Shop) -> Result<(), InputError> {
    if !shop.is_plain() {
        let reason = "the search knows routes, durations, release times, due dates and weights only; dispatch knows more";
        return Err(InputError::new("shop", reason));
    }
    Ok(())
}
