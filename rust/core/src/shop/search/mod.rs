//! Search for short schedules of shops: tabu search from several starts, whose best schedules are linked by paths between them.

mod annealing;
mod assign;
mod entries;
mod neighbours;
mod no_wait;
mod orders;
mod population;
mod proof;
mod reassign;
mod roll;
mod segments;
mod selection;
mod sequence;
mod serial;
mod tabu;
#[cfg(test)]
pub(super) mod tests;

pub use annealing::Minimum;
pub use roll::{Horizon, roll};

use super::Schedule;
use super::bound::lower_bound;
use super::dispatch::{Scheme, dispatch};
use super::objective::Objective;
use super::past::Past;
use super::problem::Shop;
use super::prover::Prover;
use super::rule::{Priority, Rule};
use crate::control::{Improvement, Limits, Pulse, Status, Stop, Watch};
use crate::error::{Error, InputError};
use crate::memory;
use crate::names::Named;
use crate::random::Random;
use crate::total::Total;
use orders::{Arrangement, Orders};
use population::{ShopSearch, arranged};
use proof::{Exchange, Proof, Turns};
use std::cell::RefCell;
use std::time::{Duration, Instant};

/// The rules of the first schedules.
const RULES: [(&str, Scheme); 6] = [
    ("mopnr", Scheme::NonDelay),
    ("mwkr", Scheme::NonDelay),
    ("spt", Scheme::NonDelay),
    ("mopnr", Scheme::Active),
    ("mwkr", Scheme::Active),
    ("fifo", Scheme::Active),
];
/// Flexible shops of so many operations are first searched with one machine for each operation, for a share of the limits. A search that
/// moves operations between machines hardly gets ahead there, and dispatching takes slow machines.
const LONG: usize = 500;
const SHARE_OF_FIRST_STAGE: (u32, u32) = (3, 10);
/// Moves of this stage for each operation, at most: some seconds.
const MOVES_OF_FIRST_STAGE: u64 = 300;
/// Larger shops have no prover.
const MOST_OPERATIONS: usize = 450;
/// Bytes that a search takes for each operation and thread, at most.
const BYTES_PER_OPERATION: usize = 512;
/// The same for each machine that an operation may take.
const BYTES_PER_CHOICE: usize = 64;

/// The answer of [`solve`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Solution {
    /// The best schedule.
    pub schedule: Schedule,
    /// Optimal if the makespan equals the lower bound.
    pub status: Status,
    /// No makespan is less.
    pub lower_bound: i64,
    /// Moves made, by all threads, and what the effort of the prover stands for.
    pub num_moves: u64,
}

/// Anytime search for `J, FJ | r_j | C_max`.
///
/// It begins with the best of a few dispatching rules, or with `start` if that is better, and ends at its limits or when the makespan
/// equals the lower bound. Beside the search a prover raises the bound and finds schedules of its own, if the shop is not too
/// large; on one thread both take turns, and else the last thread is the prover's. With a budget of moves and no time limit no clock
/// is read, one thread works, and equal seeds give equal answers. Otherwise each other thread searches on its own.
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
    let (mut num_moves, mut lower_bound) = (0, bound);
    if best.0 > bound && shop.num_operations() > 0 && !stopped {
        let stop: &Stop = watch.stop;
        let begin = best.clone();
        let prover = (shop.num_operations() <= MOST_OPERATIONS).then(|| Prover::new(shop, &first, bound)).flatten();
        let is_beside = prover.is_some() && others > 0;
        let exchange = Exchange::default();
        let exchange = &exchange;
        let chain = |k: u64| {
            let mut watch = Watch::new(stop);
            let (begin, moves) = first_stage(shop, bound, begin.clone(), limits, seed.wrapping_add(k), &mut watch);
            let mut search = ShopSearch::new(shop, bound, begin, Random::stream(seed, k), u64::MAX, deadline, &mut watch);
            search.moves = moves;
            search.run();
            if search.best.0 <= bound {
                stop.halt();
            }
            (search.best, search.moves)
        };
        let chain = &chain;
        std::thread::scope(|scope| {
            let granted = |k| std::thread::Builder::new().spawn_scoped(scope, move || chain(k)).ok(); // or one less
            let searching = others as u64 - u64::from(is_beside);
            let chains: Vec<_> = (1..=searching).filter_map(granted).collect();
            let budget = limits.budget.unwrap_or(u64::MAX);
            let (start, moves) = first_stage(shop, bound, begin.clone(), limits, seed, watch);
            if start.0 < begin.0 && watch.improved(start.0, bound, moves) {
                stop.halt();
            }
            let (mut proving, mut proof) = (None, Proof::None);
            if let Some(prover) = prover {
                if is_beside {
                    // A system that refuses the thread leaves the search without a prover.
                    let prove = move || exchange.prove(prover, stop);
                    proving = std::thread::Builder::new().spawn_scoped(scope, prove).ok();
                    proof = Proof::Beside(exchange, first.makespan());
                } else {
                    proof = Proof::Turns(Box::new(Turns::new(prover, shop.num_operations())));
                }
            }
            let mut search = ShopSearch::new(shop, bound, start, Random::new(seed), budget, deadline, watch).with(proof);
            search.moves = moves;
            search.run();
            if search.best.0 <= search.bound {
                stop.halt();
            }
            if let Some(proving) = proving {
                proving.join().expect("the prover does not panic");
                search.learn(exchange.take());
            }
            (best, num_moves, lower_bound) = (search.best, search.moves, search.bound);
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
    let status = if best.0 <= lower_bound { Status::Optimal } else { Status::Feasible };
    Ok(Solution { schedule: orders.schedule(), status, lower_bound, num_moves })
}

/// Anytime search for `J, FJ | r_j, s_jk, block, no-wait | any`: [`solve`] for the makespan of a plain shop, and else simulated annealing on
/// lists of operations or jobs.
///
/// Annealing begins with the best of a few dispatching rules, or with one job after the other where jobs block or must not wait, or with
/// `start` if that is better. It ends at its limits or when the objective equals the lower bound, which is that of [`lower_bound`] for
/// the makespan, and else the value if no job waited. For the makespan of shops without calendars and `no_wait`, and without setups or
/// transport if they block or are flexible, a prover raises it, as in [`solve`]. With a budget and no time limit no clock is read, one thread searches, and equal seeds
/// give equal answers. Otherwise each thread searches on its own. A change takes O(N); in blocking shops of n jobs and m machines
/// O(N (n + m)) at most, without waiting O(N n) and more. Shops that block or must not wait of more than 2 10^7 operations times jobs and
/// machines are not searched: their answer is `start`, or one job after the other.
///
/// # Errors
/// Machines that never open for as long as an operation takes; where jobs block or must not wait, jobs that cannot pass one after the other
/// because of their own setups or because calendars close for ever; refused memory.
///
/// ```
/// use schedkit_core::control::{Limits, Stop, Watch};
/// use schedkit_core::names::Named;
/// use schedkit_core::shop::{Objective, Shop, ShopData, minimise};
/// let data = ShopData { job_start: vec![0, 1, 2], choice_start: vec![0, 1, 2], machine: vec![0, 0], duration: vec![5, 2], ..ShopData::default() };
/// let shop = Shop::new(ShopData { num_machines: 1, due_date: vec![6, 4], ..data })?;
/// let limits = Limits { budget: Some(100), ..Limits::default() };
/// let stop = Stop::new(&limits);
/// let tardiness = Objective::from_name("total_tardiness")?;
/// let found = minimise(&shop, tardiness, None, &limits, 0, 1, &mut Watch::new(&stop))?;
/// assert_eq!(found.objective.as_f64(), 1.0);
/// # Ok::<(), schedkit_core::Error>(())
/// ```
pub fn minimise(
    shop: &Shop,
    objective: Objective,
    start: Option<&Schedule>,
    limits: &Limits,
    seed: u64,
    threads: usize,
    watch: &mut Watch<'_, Total>,
) -> Result<Minimum, Error> {
    if !(objective.is_makespan() && shop.is_plain()) {
        return annealing::anneal(shop, objective, start, limits, seed, threads, watch);
    }
    let stop: &Stop = watch.stop;
    let shared = RefCell::new(watch);
    let report = |i: &Improvement<i64>| !shared.borrow_mut().improved(i.objective.into(), i.lower_bound.into(), i.budget_used);
    let mut inner = Watch::new(stop).with(Some(Box::new(report)), Some(Box::new(|| !shared.borrow_mut().check())));
    let Solution { schedule, status, lower_bound, num_moves } = solve(shop, start, limits, seed, threads, &mut inner)?;
    let objective = schedule.makespan().into();
    Ok(Minimum { schedule, status, objective, lower_bound: lower_bound.into(), num_moves })
}

/// The better one of a start and what a search with one machine for each operation finds, and the moves that this took.
fn first_stage(
    shop: &Shop,
    bound: i64,
    begin: (i64, Arrangement),
    limits: &Limits,
    seed: u64,
    watch: &mut Watch<'_, i64>,
) -> ((i64, Arrangement), u64) {
    if !shop.is_flexible() || shop.num_operations() < LONG {
        return (begin, 0);
    }
    let (share, whole) = SHARE_OF_FIRST_STAGE;
    let time = limits.time.map(|time| time.saturating_sub(Duration::from_secs_f64(watch.stop.elapsed())) * share / whole);
    let most = MOVES_OF_FIRST_STAGE * shop.num_operations() as u64;
    let budget = limits.budget.map_or(most, |budget| most.min(budget / u64::from(whole) * u64::from(share)));
    let stop = Stop::new(&Limits { time, budget: None, cancel: limits.cancel.clone() });
    let fixed = assign::with_one_machine_each(shop);
    let mut inner = Watch::new(&stop).with(None, Some(Box::new(|| !watch.check())));
    let mut start: Option<(i64, Arrangement)> = None;
    for (rule, scheme) in RULES {
        if inner.check() {
            break;
        }
        let Ok(rule) = Rule::from_name(rule) else { continue };
        let Ok(schedule) = dispatch(&fixed, &Priority::Rule(rule, seed), scheme, &Past::default(), &mut Pulse::default()) else {
            continue;
        };
        if start.as_ref().is_none_or(|start| schedule.makespan() < start.0) {
            start = Some((schedule.makespan(), arranged(&fixed, &schedule)));
        }
    }
    let Some(start) = start else { return (begin, 0) };
    let mut search = ShopSearch::new(&fixed, bound, start, Random::new(seed), budget, None, &mut inner);
    search.run();
    let moves = search.moves;
    if search.best.0 < begin.0 { (search.best, moves) } else { (begin, moves) }
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
