//! Search for schedules of any objective, of shops with setups, transport, calendars, blocking or without waiting too, on lists of operations:
//! simulated annealing where the largest value of a job counts, parallel tempering for sums, for shops that block (on selections if they are
//! job shops without setups, ways and closed machines), and on lists of jobs for those that must not wait.

mod chain;
mod current;
mod proving;
mod tempering;
#[cfg(test)]
mod tests;

pub(super) use current::{Change, Lists};

use super::entries::Entries;
use super::no_wait::Jobs;
use super::proof::{Exchange, Proof, Turns};
use super::selection::Selection;
use super::sequence::Sequence;
use super::serial::one_by_one;
use super::{MOST_OPERATIONS, until};
use crate::control::{Limits, Pulse, Status, Stop, Watch};
use crate::error::{Error, InputError};
use crate::memory;
use crate::names::Named;
use crate::random::Random;
use crate::shop::dispatch::{Scheme, dispatch};
use crate::shop::objective::{Combination, Objective};
use crate::shop::past::Past;
use crate::shop::problem::{Blocking, Shop};
use crate::shop::prover::Prover;
use crate::shop::rule::{Priority, Rule};
use crate::shop::{Breakdowns, Interrupted, Schedule, lower_bound, simulate};
use crate::total::Total;
use chain::Annealing;
use current::Goal;
use proving::Known;
use std::time::Instant;
use tempering::Tempering;

/// The rules of the first schedules.
const RULES: [&str; 6] = ["mwkr", "spt", "edd", "atc", "slack", "mopnr"];
/// Blocking shops of more entries times jobs and machines are not searched, as one list takes too long.
const MOST_STEPS: u64 = 20_000_000;
/// Bytes that a search takes for each operation and thread, at most.
const BYTES_PER_OPERATION: usize = 256;

/// The answer of [`minimise`](super::minimise).
#[derive(Debug, Clone, PartialEq)]
pub struct Minimum {
    /// The best schedule.
    pub schedule: Schedule,
    /// Optimal if the objective equals the bound.
    pub status: Status,
    /// The value of the objective.
    pub objective: Total,
    /// No schedule has less.
    pub lower_bound: Total,
    /// Changes tried, by all threads.
    pub num_moves: u64,
}

/// The search of [`minimise`](super::minimise) for everything but the makespan of a plain shop.
///
/// # Errors
/// Machines that never open for as long as an operation takes; jobs that cannot pass alone because of their own setups; calendars that close
/// before all jobs have passed where jobs block or must not wait; refused memory.
pub fn anneal(
    shop: &Shop,
    objective: Objective,
    start: Option<&Schedule>,
    limits: &Limits,
    seed: u64,
    threads: usize,
    watch: &mut Watch<'_, Total>,
) -> Result<Minimum, Error> {
    let others = if limits.budget.is_none() { threads.saturating_sub(1).min(256) } else { 0 };
    let (blocks, no_wait) = (shop.data().blocking != Blocking::None, shop.data().no_wait);
    let on_selections = blocks && !shop.is_flexible() && !has_extras(shop);
    let lists = if blocks || no_wait || objective.combination() != Combination::Largest { tempering::LISTS } else { 1 };
    let bytes = match blocks || no_wait {
        true if can_list(shop) => Entries::bytes(shop).max(Selection::bytes(shop)).saturating_mul(lists),
        true => 0,
        false => (shop.num_operations() + shop.num_jobs() + shop.num_machines()).saturating_mul(BYTES_PER_OPERATION * lists),
    };
    memory::require_items(others + 1, bytes)?;
    let mut bound = bound(shop, objective);
    let deadline = limits.time.and_then(|time| Instant::now().checked_add(time));
    let mut best = first_schedule(shop, objective, start, deadline, seed, watch)?;
    let stopped = watch.improved(best.0, bound, 0);
    let mut num_moves = 0;
    if less(bound, best.0) && !stopped && (!(blocks || no_wait) || can_list(shop)) {
        let goal = Goal { shop, objective, bound };
        let chains = Chains { goal, others, seed, budget: limits.budget.unwrap_or(u64::MAX) };
        (best, bound, num_moves) = chains.run(&best, watch, |known, random, watch| {
            if no_wait {
                Tempering::<Jobs>::new(known, random).run(watch)
            } else if on_selections {
                Tempering::<Selection>::new(known, random).run(watch)
            } else if blocks {
                Tempering::<Entries>::new(known, random).run(watch)
            } else if objective.combination() == Combination::Largest {
                Annealing::<Sequence>::new(known, random).run(watch)
            } else {
                Tempering::<Sequence>::new(known, random).run(watch)
            }
        });
    }
    let status = if less(bound, best.0) { Status::Feasible } else { Status::Optimal };
    Ok(Minimum { schedule: best.1, status, objective: best.0, lower_bound: bound, num_moves })
}

/// Whether a shop has setups, ways or closed machines.
fn has_extras(shop: &Shop) -> bool {
    let data = shop.data();
    !(data.setup.is_empty() && data.initial_setup.is_empty() && data.transport.is_empty() && data.calendars.is_empty())
}

/// Whether a shop whose jobs block or must not wait is small enough for the rules and the search: an entry may wait for all jobs, and a rule
/// looks at all of them.
fn can_list(shop: &Shop) -> bool {
    (shop.num_operations() as u64).saturating_mul((shop.num_jobs() + shop.num_machines()) as u64) <= MOST_STEPS
}

/// The best schedule of some rules, or the start if that is better.
fn first_schedule(
    shop: &Shop,
    objective: Objective,
    start: Option<&Schedule>,
    deadline: Option<Instant>,
    seed: u64,
    watch: &mut Watch<'_, Total>,
) -> Result<(Total, Schedule), Error> {
    let (blocks, no_wait) = (shop.data().blocking != Blocking::None, shop.data().no_wait);
    let mut first: Option<(Total, Schedule)> = start.map(|start| (objective.value(shop, start), start.clone()));
    if first.is_none() && (blocks || no_wait) {
        let schedule = one_by_one(shop)?;
        first = Some((objective.value(shop, &schedule), schedule));
    }
    if no_wait || blocks && has_extras(shop) {
        return first.ok_or_else(no_schedule); // no rule knows these
    }
    for rule in RULES {
        if first.is_some() && (watch.check() || blocks && !can_list(shop)) {
            break;
        }
        // The first one runs to its end, so that there is a schedule whatever the limits are.
        let mut pulse = if first.is_some() { until(deadline) } else { Pulse::default() };
        let rule = Priority::Rule(Rule::from_name(rule)?, seed);
        let schedule = if blocks {
            simulate(shop, &rule, &Breakdowns::Rows(Vec::new()), Interrupted::Resume, seed, &mut pulse)?.schedule
        } else {
            dispatch(shop, &rule, Scheme::NonDelay, &Past::default(), &mut pulse)?
        };
        let value = objective.value(shop, &schedule);
        if !pulse.stopped() && first.as_ref().is_none_or(|first| less(value, first.0)) {
            first = Some((value, schedule));
        }
    }
    first.ok_or_else(no_schedule)
}

fn no_schedule() -> Error {
    InputError::new("shop", "has no schedule").into()
}

/// The chains of a search, one for each thread that has no prover.
#[derive(Clone, Copy)]
struct Chains<'s> {
    goal: Goal<'s>,
    others: usize,
    seed: u64,
    budget: u64,
}

impl<'s> Chains<'s> {
    /// The best of what the chains find, from a first schedule on, the bound, and the changes that they tried. The first chain has a prover
    /// for the makespan, which takes turns with it or has the last thread.
    fn run(
        self,
        first: &(Total, Schedule),
        watch: &mut Watch<'_, Total>,
        search: impl for<'a> Fn(Known<'s, 'a>, Random, &mut Watch<'_, Total>) -> Known<'s, 'a> + Sync,
    ) -> ((Total, Schedule), Total, u64) {
        let Self { goal, others, seed, budget } = self;
        let stop: &Stop = watch.stop;
        let search = &search;
        let prover = match (first.0, goal.bound) {
            (Total::Integer(_), Total::Integer(bound))
                if goal.objective.is_makespan() && goal.shop.num_operations() <= MOST_OPERATIONS =>
            {
                Prover::new(goal.shop, &first.1, bound)
            }
            _ => None,
        };
        let exchange = &Exchange::default();
        std::thread::scope(|scope| {
            let chain = move |k: u64| {
                let known = Known::new(goal, first.clone(), u64::MAX, Proof::None);
                search(known, Random::stream(seed, k), &mut Watch::new(stop))
            };
            let granted = |k| std::thread::Builder::new().spawn_scoped(scope, move || chain(k)).ok(); // or one less
            let is_beside = prover.is_some() && others > 0;
            let chains: Vec<_> = (1..=(others - usize::from(is_beside)) as u64).filter_map(granted).collect();
            let (mut proving, mut proof) = (None, Proof::None);
            if let Some(prover) = prover {
                if is_beside {
                    // A system that refuses the thread leaves the search without a prover.
                    let prove = move || exchange.prove(prover, stop);
                    proving = std::thread::Builder::new().spawn_scoped(scope, prove).ok();
                    proof = Proof::Beside(exchange, first.1.makespan());
                } else {
                    proof = Proof::Turns(Box::new(Turns::new(prover, goal.shop.num_operations())));
                }
            }
            let mut known = search(Known::new(goal, first.clone(), budget, proof), Random::new(seed), watch);
            if !less(known.goal.bound, known.best.0) {
                stop.halt();
            }
            if let Some(proving) = proving {
                proving.join().expect("the prover does not panic");
                known.learn(exchange.take(), watch);
            }
            let mut stopped = false;
            for chain in chains {
                let found = chain.join().expect("a chain does not panic");
                known.moves += found.moves;
                if less(found.best.0, known.best.0) {
                    known.best = found.best;
                    stopped = stopped || watch.improved(known.best.0, known.goal.bound, known.moves);
                }
            }
            (known.best, known.goal.bound, known.moves)
        })
    }
}

/// Whether a value is less than another one; integers are compared exactly.
fn less(a: Total, b: Total) -> bool {
    match (a, b) {
        (Total::Integer(a), Total::Integer(b)) => a < b,
        _ => a.as_f64() < b.as_f64(),
    }
}

/// A value that no schedule is below.
fn bound(shop: &Shop, objective: Objective) -> Total {
    if objective.is_makespan() {
        return lower_bound(shop).into();
    }
    let alone: Vec<i64> = (0..shop.num_jobs()).map(|j| shop.release_time(j) + shop.total_work(j)).collect();
    objective.combined(shop, &alone)
}
