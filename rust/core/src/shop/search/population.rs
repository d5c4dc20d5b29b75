//! One thread's search: a population of schedules that tabu search improves.
//!
//! Two members make a new start: operations sorted by `(1 - t) rank_A + t rank_B` of two topological orders follow their routes again, so
//! every point between two schedules is a schedule. Each operation takes its machine from one of the two.

use super::orders::Arrangement;
use super::proof::{News, Proof};
use super::tabu::TabuSearch;
use super::until;
use crate::control::Watch;
use crate::random::Random;
use crate::shop::dispatch::{Scheme, dispatch};
use crate::shop::past::Past;
use crate::shop::rule::Priority;
use crate::shop::{Schedule, Shop};
use std::time::Instant;

/// Schedules in the population, at the beginning and at most.
const POPULATION: (usize, usize) = (2, 30);
/// Runs without a new best schedule after which the population grows by a random one.
const RUNS: u64 = 10;
/// Steps without improvement after which a run of tabu search ends, in job shops and in flexible ones, whose steps take longer.
const PATIENCE: (u64, u64) = (50_000, 4_000);
/// In flexible shops it is one for each so many moves made, once that is more, and at most so many: long runs pay late.
const GROWTH_OF_PATIENCE: (u64, u64) = (100, 20_000);
/// No two schedules of the population have so many tenths of their operations in common.
const COMMON: usize = 9;

/// The machines of a schedule, and its operations in a topological order.
pub(super) fn arranged(shop: &Shop, schedule: &Schedule) -> Arrangement {
    let mut order: Vec<u32> = (0..shop.num_operations() as u32).collect();
    order.sort_by_key(|&op| (schedule.start_time[op as usize], schedule.completion_time[op as usize]));
    Arrangement { order, machine: schedule.machine.clone() }
}

/// One thread's search.
pub(super) struct ShopSearch<'a, 'w> {
    shop: &'a Shop,
    /// No makespan is less.
    pub bound: i64,
    /// The best makespan and its arrangement.
    pub best: (i64, Arrangement),
    random: Random,
    budget: u64,
    pub moves: u64,
    deadline: Option<Instant>,
    watch: &'a mut Watch<'w, i64>,
    tabu: TabuSearch,
    population: Vec<(i64, Arrangement)>,
    /// How many the population holds at present, and the runs since it has grown or the best schedule was found.
    size: usize,
    runs: u64,
    proof: Proof<'a>,
}

impl<'a, 'w> ShopSearch<'a, 'w> {
    pub fn new(
        shop: &'a Shop,
        bound: i64,
        best: (i64, Arrangement),
        random: Random,
        budget: u64,
        deadline: Option<Instant>,
        watch: &'a mut Watch<'w, i64>,
    ) -> Self {
        let tabu = TabuSearch::new(shop);
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
            proof: Proof::None,
        }
    }

    /// With machines that are ready at some times, and work that follows behind each job; see [`Orders::frame`](super::orders::Orders::frame).
    pub fn framed(mut self, machine_ready: &[i64], following: &[i64]) -> Self {
        self.tabu.orders.frame(machine_ready, following);
        self
    }

    /// With a prover beside it.
    pub fn with(mut self, proof: Proof<'a>) -> Self {
        self.proof = proof;
        self
    }

    pub fn run(&mut self) {
        while !self.done() {
            self.prove();
            if self.done() {
                return;
            }
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

    /// Gives a prover on this thread its turn, and takes over what the prover has found.
    fn prove(&mut self) {
        let Self { proof, watch, best, tabu, moves, budget, .. } = self;
        let known = || {
            tabu.orders.load(&best.1);
            tabu.orders.schedule()
        };
        let left = budget.saturating_sub(*moves);
        let Some(news) = proof.news((*moves, left), best.0, known, |steps| watch.worked(steps)) else { return };
        self.learn(news);
    }

    /// Takes over what a prover has found.
    pub fn learn(&mut self, news: News) {
        let News { better, lower_bound, moves } = news;
        self.moves += moves;
        let is_higher = lower_bound > self.bound;
        self.bound = self.bound.max(lower_bound);
        let better = better.filter(|better| better.makespan() < self.best.0);
        if let Some(schedule) = &better {
            self.best = (schedule.makespan(), arranged(self.shop, schedule));
            self.keep(self.best.clone());
            self.runs = 0;
        }
        if is_higher || better.is_some() {
            self.watch.improved(self.best.0, self.bound, self.moves);
        }
    }

    /// Steps without improvement after which the next run of tabu search ends.
    fn patience(&self) -> u64 {
        let (moves, most) = GROWTH_OF_PATIENCE;
        if self.shop.is_flexible() { (self.moves / moves).clamp(PATIENCE.1, most) } else { PATIENCE.0 }
    }

    /// A run of tabu search.
    fn improve(&mut self, start: &Arrangement) -> (i64, Arrangement) {
        let patience = self.patience();
        let Self { tabu, watch, random, best, moves, budget, bound, .. } = self;
        let cost = tabu.orders.len() as u64 / 2 + 64;
        let mut known = best.0;
        tabu.run(start, *bound, patience, random, |run| {
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
    fn random_start(&mut self) -> Arrangement {
        let numbers: Vec<i64> = (0..self.shop.num_operations()).map(|_| (self.random.next_u64() >> 1) as i64).collect();
        let mut pulse = until(self.deadline);
        match dispatch(self.shop, &Priority::Integers(&numbers), Scheme::NonDelay, &Past::default(), &mut pulse) {
            Ok(schedule) if !pulse.stopped() => arranged(self.shop, &schedule),
            _ => self.best.1.clone(),
        }
    }

    /// A schedule between two of the population.
    fn between(&mut self) -> Arrangement {
        let size = self.population.len() as u64;
        let a = self.random.below(size);
        let b = (a + 1 + self.random.below(size - 1)) % size;
        let share = 0.25 + 0.5 * self.random.unit();
        let mut key = vec![0.0; self.shop.num_operations()];
        for (member, weight) in [(a, 1.0 - share), (b, share)] {
            for (rank, &op) in self.population[member as usize].1.order.iter().enumerate() {
                key[op as usize] += weight * rank as f64;
            }
        }
        let mut order: Vec<u32> = (0..key.len() as u32).collect();
        order.sort_by(|&a, &b| key[a as usize].total_cmp(&key[b as usize])); // stable, so ties keep the order of jobs
        let mut machine = self.population[a as usize].1.machine.clone();
        if self.shop.is_flexible() {
            for (here, &there) in machine.iter_mut().zip(&self.population[b as usize].1.machine) {
                if self.random.unit() < share {
                    *here = there;
                }
            }
        }
        Arrangement { order, machine }
    }

    /// The member that has most operations in common with an arrangement, if that is more than is allowed.
    fn alike(&self, arrangement: &Arrangement) -> Option<usize> {
        let mine = self.ahead(arrangement);
        let common = |member: &Arrangement| self.ahead(member).iter().zip(&mine).filter(|(theirs, mine)| theirs == mine).count();
        let (most, member) = self.population.iter().enumerate().map(|(k, member)| (common(&member.1), k)).max()?;
        (10 * most >= COMMON * mine.len()).then_some(member)
    }

    /// For each operation its machine and the operation ahead of it there: two arrangements have an operation in common if both are equal.
    fn ahead(&self, arrangement: &Arrangement) -> Vec<(u32, u32)> {
        let mut last = vec![u32::MAX; self.shop.num_machines()];
        let mut ahead = vec![(0, 0); arrangement.order.len()];
        for &operation in &arrangement.order {
            let machine = arrangement.machine[operation as usize];
            ahead[operation as usize] = (machine, std::mem::replace(&mut last[machine as usize], operation));
        }
        ahead
    }

    /// Puts a schedule into the population. If that is full, it takes the place of the member that is much like it, and else of the worst one,
    /// unless it is worse.
    fn keep(&mut self, found: (i64, Arrangement)) {
        if self.population.len() < self.size {
            self.population.push(found);
            return;
        }
        let replaced = self.alike(&found.1).or_else(|| (0..self.population.len()).max_by_key(|&k| self.population[k].0));
        if let Some(member) = replaced.map(|k| &mut self.population[k])
            && found.0 <= member.0
        {
            *member = found;
        }
    }
}
