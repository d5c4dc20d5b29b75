//! Anytime search for `PS | prec | C_max`: sampled first solutions, then a bi-population genetic search until a limit or the
//! lower bound is reached.

pub(super) mod crossover;
mod first;
mod genetic;
mod non_delay;
pub(super) mod prover_thread;
mod sampling;
mod settings;

pub(super) use self::genetic::Better;
use self::genetic::{Genetic, Scheme};
use self::prover_thread::{Exchange, News, turn};
use self::settings::Settings;
use super::prover::{Prover, Reasoning};
use super::{Past, Project, Schedule, constrained, lower_bound};
use crate::control::{Limits, Status, Watch};
use crate::error::{InputError, Reason, check_length};
use crate::random::Random;

/// How to search.
#[derive(Debug, Clone, Default)]
pub struct Options<'a> {
    /// The answer depends on it, and, with a budget and no time limit, on nothing else.
    pub seed: u64,
    /// Threads; the answer does not depend on them.
    pub threads: usize,
    /// Start times of a schedule to begin with; of an infeasible one only the order is used.
    pub warm_start: Option<&'a [i64]>,
    /// What has happened already.
    pub past: Option<&'a Past>,
}

/// What the search found.
#[derive(Debug, Clone, PartialEq)]
pub struct Solution {
    /// The best schedule; if the status is unknown, one that misses deadlines by as little as was found; if it is infeasible, none.
    pub schedule: Schedule,
    /// Optimal if the makespan equals the lower bound or nothing shorter is left to try. Infeasible and unknown under constraints
    /// only.
    pub status: Status,
    /// No schedule is shorter.
    pub lower_bound: i64,
    /// Schedules spent: activity placements over the number of activities, rounded up.
    pub num_schedules: u64,
    /// Why there is no schedule, if the status is infeasible.
    pub reasons: Vec<Reason>,
}

/// Searches until the limits are reached or the makespan is proven optimal. The history stands in `watch`.
///
/// The budget's unit is one schedule, that is as many activity placements as there are activities, in whatever step they are
/// made; sampled and abandoned schedules count. The first schedule (latest finish time) is made whatever the limits are.
///
/// # Errors
/// A warm start of the wrong length.
pub fn solve(project: &Project, options: &Options, limits: &Limits, watch: &mut Watch<'_, i64>) -> Result<Solution, InputError> {
    let n = project.num_activities();
    if let Some(start_time) = options.warm_start {
        check_length("warm_start", start_time.len(), n)?;
    }
    let begin = Past::default();
    let past = options.past.unwrap_or(&begin);
    if project.is_constrained() || !past.is_empty() {
        return Ok(constrained::solve(project, past, options, limits, watch));
    }
    let mut search = Search {
        project,
        watch,
        lower_bound: lower_bound(project),
        budget: limits.budget.map_or(u64::MAX, |schedules| schedules.saturating_mul(n as u64)),
        placements: 0,
        best: Schedule { makespan: i64::MAX, ..Schedule::default() },
    };
    if n == 0 {
        search.best.makespan = 0;
    } else {
        search.run(options, limits);
    }
    let proven = search.best.makespan == search.lower_bound;
    Ok(Solution {
        status: if proven { Status::Optimal } else { Status::Feasible },
        lower_bound: search.lower_bound,
        num_schedules: search.placements.div_ceil(n.max(1) as u64),
        schedule: search.best,
        reasons: Vec::new(),
    })
}

struct Search<'a, 'w, 'p> {
    project: &'p Project,
    watch: &'a mut Watch<'w, i64>,
    lower_bound: i64,
    /// In activity placements.
    budget: u64,
    placements: u64,
    best: Schedule,
}

/// Schedules before the destructive bound is worth its while, where a budget alone limits the search.
const DESTRUCTIVE: u64 = 500;

/// The prover's turns: after how many schedules they begin, and how much more the search gets than the prover.
const PROOF_BY_BUDGET: (u64, u64) = (100_000, 8);
const PROOF_BY_TIME: (u64, u64) = (0, 2);

/// Schedules left for the search after the prover's last turn.
const RESERVE: u64 = 1000;

impl Search<'_, '_, '_> {
    fn run(&mut self, options: &Options, limits: &Limits) {
        let mut samples = Vec::new();
        if self.first(options, &mut samples) {
            return;
        }
        let known = limits.budget.filter(|_| limits.time.is_none());
        let mut prover = None;
        if known.is_none() && self.open_proof(&mut prover) {
            return;
        }
        let Some(settings) = self.sample(options, limits, known, &mut samples) else { return };
        let seed = Random::stream(options.seed, u64::MAX).next_u64(); // apart from the samples' streams
        let threads = options.threads.max(1);
        let beside = threads > 1 && limits.budget.is_none() && prover.is_some();
        let mut genetic = Genetic::new(self.project, settings, seed, threads - usize::from(beside), &samples);
        drop(samples);
        match prover {
            Some(prover) if beside => self.beside(&mut genetic, settings, prover),
            prover => self.in_turns(&mut genetic, settings, prover, known.is_some()),
        }
    }

    /// One thread makes schedules, and the prover takes its turns.
    fn in_turns(&mut self, genetic: &mut Genetic, settings: Settings, mut prover: Option<Prover>, budgeted: bool) {
        let n = self.project.num_activities() as u64;
        let (mut proving, (after, share)) = (0, if budgeted { PROOF_BY_BUDGET } else { PROOF_BY_TIME });
        while !self.generation(genetic, settings) {
            if prover.is_none() && budgeted && self.placements >= DESTRUCTIVE * n && self.open_proof(&mut prover) {
                return;
            }
            let Some(prover) = &mut prover else { continue };
            let searching = (self.placements - proving).saturating_sub(after * n);
            let turn_length = (searching / share).saturating_sub(proving);
            // A turn may end a little late: the last schedules are the search's own.
            if turn_length == 0 || turn_length.saturating_add(RESERVE * n) > self.budget.saturating_sub(self.placements) / 2 {
                continue;
            }
            if prover.best().is_none_or(|best| self.best.makespan < best) {
                prover.shorten(&self.best.start_time, self.best.makespan);
            }
            let news = turn(prover, turn_length, |placements| self.watch.worked(STEPS * placements));
            proving += news.placements;
            if self.learn(news) {
                return;
            }
        }
    }

    /// The prover has a thread of its own.
    fn beside(&mut self, genetic: &mut Genetic, settings: Settings, prover: Prover) {
        let (exchange, stop) = (Exchange::default(), self.watch.stop);
        std::thread::scope(|scope| {
            let exchange = &exchange;
            // A system that refuses the thread leaves the search without a prover.
            let _ = std::thread::Builder::new().spawn_scoped(scope, move || exchange.prove(prover, stop));
            let mut told = i64::MAX;
            loop {
                if self.best.makespan < told {
                    told = self.best.makespan;
                    exchange.tell(Better { makespan: told, start_time: self.best.start_time.clone() });
                }
                if self.generation(genetic, settings) | self.learn(exchange.take()) {
                    break;
                }
            }
            exchange.end();
        });
        self.learn(exchange.take());
    }

    /// One generation; true if the search is over.
    fn generation(&mut self, genetic: &mut Genetic, settings: Settings) -> bool {
        let n = self.project.num_activities();
        if !self.affords(n) || self.watch.check() {
            return true;
        }
        let places = usize::try_from((self.budget - self.placements) / n as u64).unwrap_or(usize::MAX);
        let early = self.placements < settings.parallel_schedules.saturating_mul(n as u64);
        let scheme = if early { Scheme::Parallel } else { Scheme::Serial };
        let (placed, better) = genetic.generation(places, scheme, self.best.makespan, self.watch);
        self.placements += placed;
        better.is_some_and(|better| self.improve(better))
    }

    /// Starts the prover with the destructive bound; true if that ends the search.
    fn open_proof(&mut self, prover: &mut Option<Prover>) -> bool {
        *prover = Prover::new(self.project, &Past::default(), Some((&self.best.start_time, self.best.makespan)));
        let Some(prover) = prover else { return false };
        prover.raise(Reasoning::ALL, || self.watch.check());
        self.learn(News { lower_bound: prover.lower_bound(), ..News::default() })
    }

    /// Takes over what the prover found; true if the search is over.
    fn learn(&mut self, news: News) -> bool {
        self.placements += news.placements;
        let higher = news.lower_bound > self.lower_bound;
        self.lower_bound = self.lower_bound.max(news.lower_bound);
        match news.better.filter(|better| better.makespan < self.best.makespan) {
            Some(better) => self.improve(better),
            None => (higher && self.report()) || self.best.makespan <= self.lower_bound,
        }
    }

    fn affords(&self, placements: usize) -> bool {
        self.budget.saturating_sub(self.placements) >= placements as u64
    }

    /// Tells of a better schedule or bound; true if the search is to stop.
    fn report(&mut self) -> bool {
        let used = self.placements.div_ceil(self.project.num_activities() as u64);
        self.watch.improved(self.best.makespan, self.lower_bound, used)
    }

    /// Takes over a better schedule; true if the search is over.
    fn improve(&mut self, better: Better) -> bool {
        self.best = Schedule::from_starts(self.project, better.start_time);
        self.report() || better.makespan <= self.lower_bound
    }
}

/// Steps of the watch's pace that one placement outside the fast kernels stands for.
const STEPS: u64 = 10;
