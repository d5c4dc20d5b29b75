//! Search for short schedules of job shops: tabu search from several starts, whose best schedules are linked by paths between them.
//!
//! A population of schedules is improved by tabu search. Then two of them make a new one: operations sorted by
//! `(1 - t) rank_A + t rank_B` of two topological orders follow their routes again, so every point between two schedules is a schedule.

mod neighbours;
mod orders;
mod tabu;
#[cfg(test)]
mod tests;

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
use orders::Orders;
use std::time::Instant;
use tabu::TabuSearch;

/// Schedules in the population, at the beginning and at most.
const POPULATION: (usize, usize) = (2, 30);
/// Runs without a new best schedule after which the population grows by a random one.
const RUNS: u64 = 10;
/// Steps without improvement after which a run of tabu search ends.
const PATIENCE: u64 = 12_000;
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
const BYTES_PER_OPERATION: usize = 256;

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

/// Anytime search for `J | r_j | C_max`.
///
/// It begins with the best of a few dispatching rules, or with `start` if that is better, and ends at its limits or when the makespan
/// equals the lower bound. With a budget of moves and no time limit no clock is read, one thread searches, and equal seeds give equal
/// answers. Otherwise each thread searches on its own.
///
/// # Errors
/// A shop with a choice of machines, or with anything but routes, durations, release times, due dates and weights; refused memory.
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
    let bound = lower_bound(shop);
    // One job after the other, which takes no time to find, so that there is a schedule whatever the limits are.
    let mut orders = Orders::new(shop);
    orders.load(&(0..shop.num_operations() as u32).collect::<Vec<_>>());
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
    let mut best = (first.makespan(), sorted(shop, &first));
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
    if shop.is_flexible() {
        return Err(InputError::new("shop", "the search does not choose machines; dispatch does"));
    }
    Ok(())
}

/// The operations of a schedule in a topological order.
fn sorted(shop: &Shop, schedule: &Schedule) -> Vec<u32> {
    let mut operations: Vec<u32> = (0..shop.num_operations() as u32).collect();
    operations.sort_by_key(|&op| (schedule.start_time[op as usize], schedule.completion_time[op as usize]));
    operations
}

/// One thread's search.
struct ShopSearch<'a, 'w> {
    shop: &'a Shop,
    bound: i64,
    /// The best makespan and its operations in topological order.
    best: (i64, Vec<u32>),
    random: Random,
    budget: u64,
    moves: u64,
    deadline: Option<Instant>,
    watch: &'a mut Watch<'w, i64>,
    tabu: TabuSearch,
    population: Vec<(i64, Vec<u32>)>,
    /// How many the population holds at present, and the runs since it has grown or the best schedule was found.
    size: usize,
    runs: u64,
}

impl<'a, 'w> ShopSearch<'a, 'w> {
    fn new(
        shop: &'a Shop,
        bound: i64,
        best: (i64, Vec<u32>),
        random: Random,
        budget: u64,
        deadline: Option<Instant>,
        watch: &'a mut Watch<'w, i64>,
    ) -> Self {
        let tabu = TabuSearch::new(Orders::new(shop), shop.num_jobs(), shop.num_machines());
        Self {
            shop,
            bound,
            best,
            random,
            budget,
            moves: 0,
            deadline,
            watch,
            tabu,
            population: Vec::new(),
            size: POPULATION.0,
            runs: 0,
        }
    }

    fn run(&mut self) {
        while !self.done() {
            let start = match self.population.len() {
                0 => self.best.1.clone(),
                known if known < self.size => self.random_start(),
                _ => self.between(),
            };
            let (before, moves) = (self.best.0, self.moves);
            let found = self.improve(&start);
            self.keep(found);
            self.moves += u64::from(self.moves == moves); // so that a budget ends where no schedule has a move
            self.runs = if self.best.0 < before { 0 } else { self.runs + 1 };
            if self.runs >= RUNS && self.size < POPULATION.1 {
                (self.size, self.runs) = (self.size + 1, 0);
            }
        }
    }

    fn done(&mut self) -> bool {
        self.best.0 <= self.bound || self.moves >= self.budget || self.watch.check()
    }

    /// A run of tabu search.
    fn improve(&mut self, start: &[u32]) -> (i64, Vec<u32>) {
        let Self { tabu, watch, random, best, moves, budget, bound, .. } = self;
        let cost = tabu.orders.len() as u64 / 2 + 64;
        let mut known = best.0;
        tabu.run(start, *bound, PATIENCE, random, |run| {
            if run.makespan < known {
                known = run.makespan;
                *best = (known, run.best.clone());
                if watch.improved(known, *bound, *moves) {
                    return true;
                }
            }
            if *moves >= *budget {
                return true;
            }
            *moves += 1;
            watch.worked(cost)
        });
        if tabu.makespan < best.0 {
            *best = (tabu.makespan, tabu.best.clone());
            watch.improved(best.0, *bound, *moves);
        }
        (tabu.makespan, tabu.best.clone())
    }

    /// A schedule by random numbers.
    fn random_start(&mut self) -> Vec<u32> {
        let numbers: Vec<i64> = (0..self.shop.num_operations()).map(|_| (self.random.next_u64() >> 1) as i64).collect();
        let mut pulse = until(self.deadline);
        match dispatch(self.shop, &Priority::Integers(&numbers), Scheme::NonDelay, &Past::default(), &mut pulse) {
            Ok(schedule) if !pulse.stopped() => sorted(self.shop, &schedule),
            _ => self.best.1.clone(),
        }
    }

    /// A schedule between two of the population.
    fn between(&mut self) -> Vec<u32> {
        let size = self.population.len() as u64;
        let a = self.random.below(size);
        let b = (a + 1 + self.random.below(size - 1)) % size;
        let share = 0.25 + 0.5 * self.random.unit();
        let mut key = vec![0.0; self.shop.num_operations()];
        for (member, weight) in [(a, 1.0 - share), (b, share)] {
            for (rank, &op) in self.population[member as usize].1.iter().enumerate() {
                key[op as usize] += weight * rank as f64;
            }
        }
        let mut operations: Vec<u32> = (0..key.len() as u32).collect();
        operations.sort_by(|&a, &b| key[a as usize].total_cmp(&key[b as usize])); // stable, so ties keep the order of jobs
        operations
    }

    /// Puts a schedule into the population, in the place of the worst one if it is full, unless it is there already or worse than all.
    fn keep(&mut self, found: (i64, Vec<u32>)) {
        if self.population.len() < self.size {
            self.population.push(found);
            return;
        }
        if self.population.iter().any(|member| member.0 == found.0 && member.1 == found.1) {
            return;
        }
        if let Some(worst) = self.population.iter_mut().max_by_key(|member| member.0)
            && found.0 <= worst.0
        {
            *worst = found;
        }
    }
}
