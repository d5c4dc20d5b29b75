//! Search for schedules of any objective, of shops with setups, transport and calendars too: simulated annealing on lists of operations.

use super::sequence::Sequence;
use super::until;
use crate::control::{Limits, Status, Stop, Watch};
use crate::error::{Error, InputError};
use crate::memory;
use crate::names::Named;
use crate::random::Random;
use crate::shop::dispatch::{Scheme, dispatch};
use crate::shop::objective::{Combination, Objective};
use crate::shop::past::Past;
use crate::shop::problem::{Blocking, Shop};
use crate::shop::rule::{Priority, Rule};
use crate::shop::{Schedule, lower_bound};
use crate::total::Total;
use std::time::Instant;

/// The rules of the first schedules.
const RULES: [&str; 6] = ["mwkr", "spt", "edd", "atc", "slack", "mopnr"];
/// Changes of the first round for each operation; every further round has so many times more.
const FIRST_ROUND: u64 = 3000;
const GROWTH: u64 = 2;
/// Changes whose mean worsening is the first temperature, times a share.
const SAMPLE: u32 = 200;
const FIRST_TEMPERATURE: f64 = 0.3;
/// The temperature falls to so much of the first one in a round, after every so many changes a little.
const LAST_TEMPERATURE: f64 = 0.02;
const PACE: u64 = 64;
/// Accepted changes after which the list is sorted by time, so that changes concern short stretches of it.
const SORT: u32 = 512;
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
/// A shop with blocking or without waiting; machines that never open for as long as an operation takes; refused memory.
pub fn anneal(
    shop: &Shop,
    objective: Objective,
    start: Option<&Schedule>,
    limits: &Limits,
    seed: u64,
    threads: usize,
    watch: &mut Watch<'_, Total>,
) -> Result<Minimum, Error> {
    let data = shop.data();
    let unknown = [(data.blocking != Blocking::None, "blocking"), (data.no_wait, "no_wait")];
    if let Some((_, name)) = unknown.into_iter().find(|(given, _)| *given) {
        return Err(InputError::new("shop", format!("the search does not know {name}; prove does")).into());
    }
    let others = if limits.budget.is_none() { threads.saturating_sub(1).min(256) } else { 0 };
    memory::require_items(shop.num_operations() + shop.num_jobs() + shop.num_machines(), (others + 1) * BYTES_PER_OPERATION)?;
    let bound = bound(shop, objective);
    let deadline = limits.time.and_then(|time| Instant::now().checked_add(time));
    let mut first: Option<(Total, Schedule)> = start.map(|start| (objective.value(shop, start), start.clone()));
    for rule in RULES {
        if first.is_some() && watch.check() {
            break;
        }
        // The first one runs to its end, so that there is a schedule whatever the limits are.
        let mut pulse = if first.is_some() { until(deadline) } else { crate::control::Pulse::default() };
        let rule = Priority::Rule(Rule::from_name(rule)?, seed);
        let schedule = dispatch(shop, &rule, Scheme::NonDelay, &Past::default(), &mut pulse)?;
        let value = objective.value(shop, &schedule);
        if !pulse.stopped() && first.as_ref().is_none_or(|first| less(value, first.0)) {
            first = Some((value, schedule));
        }
    }
    let Some(mut best) = first else { return Err(InputError::new("shop", "has no schedule").into()) };
    let mut stopped = watch.improved(best.0, bound, 0);
    let mut num_moves = 0;
    if less(bound, best.0) && !stopped {
        let stop: &Stop = watch.stop;
        let begin = best.clone();
        let chain = |k: u64| {
            let mut watch = Watch::new(stop);
            let mut search = Annealing::new(shop, objective, bound, begin.clone(), Random::stream(seed, k), u64::MAX);
            search.run(&mut watch);
            (search.best, search.moves)
        };
        let chain = &chain;
        std::thread::scope(|scope| {
            let granted = |k| std::thread::Builder::new().spawn_scoped(scope, move || chain(k)).ok(); // or one less
            let chains: Vec<_> = (1..=others as u64).filter_map(granted).collect();
            let budget = limits.budget.unwrap_or(u64::MAX);
            let mut search = Annealing::new(shop, objective, bound, begin.clone(), Random::new(seed), budget);
            search.run(watch);
            (best, num_moves) = (search.best, search.moves);
            for chain in chains {
                let (found, moves) = chain.join().expect("a chain does not panic");
                num_moves += moves;
                if less(found.0, best.0) {
                    best = found;
                    stopped = stopped || watch.improved(best.0, bound, num_moves);
                }
            }
        });
    }
    let status = if less(bound, best.0) { Status::Feasible } else { Status::Optimal };
    Ok(Minimum { schedule: best.1, status, objective: best.0, lower_bound: bound, num_moves })
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

/// One chain of changes.
struct Annealing<'s> {
    shop: &'s Shop,
    objective: Objective,
    bound: Total,
    sequence: Sequence<'s>,
    value: Total,
    best: (Total, Schedule),
    random: Random,
    moves: u64,
    budget: u64,
    accepted: u32,
    /// Jobs that add something to the objective.
    jobs: Vec<u32>,
}

impl<'s> Annealing<'s> {
    fn new(shop: &'s Shop, objective: Objective, bound: Total, begin: (Total, Schedule), random: Random, budget: u64) -> Self {
        let sequence = Sequence::new(shop, &begin.1);
        let value = objective.combined(shop, sequence.completion());
        let mut search = Self {
            shop,
            objective,
            bound,
            sequence,
            value,
            best: begin,
            random,
            moves: 0,
            budget,
            accepted: 0,
            jobs: Vec::new(),
        };
        search.look();
        search
    }

    /// Looks again which jobs add something to the objective.
    fn look(&mut self) {
        self.jobs.clear();
        let (shop, objective) = (self.shop, self.objective);
        let value = |job: usize| objective.of_job(shop, job, self.sequence.completion()[job]);
        let largest = (0..shop.num_jobs()).filter_map(value).max();
        for job in 0..shop.num_jobs() {
            let counts = match (objective.combination(), value(job)) {
                (_, None) => false,
                (Combination::Largest, value) => value == largest,
                (_, Some(value)) => value > 0,
            };
            if counts && !shop.operations(job).is_empty() {
                self.jobs.push(job as u32);
            }
        }
    }

    /// Tries one change; how much worse it is, if there is one.
    fn try_out(&mut self) -> Option<(Total, f64)> {
        self.moves += 1;
        let job = self.jobs[self.random.below(self.jobs.len() as u64) as usize] as usize;
        if !self.sequence.change(job, &mut self.random) {
            return None;
        }
        let value = self.objective.combined(self.shop, self.sequence.tried_completion());
        let worse = match (value, self.value) {
            (Total::Integer(value), Total::Integer(known)) => (value - known) as f64,
            (value, known) => value.as_f64() - known.as_f64(),
        };
        Some((value, worse))
    }

    fn accept(&mut self, value: Total) {
        self.sequence.accept();
        self.value = value;
        self.accepted += 1;
        if self.accepted.is_multiple_of(SORT) {
            self.sequence.sort();
        }
        self.look();
    }

    /// Rounds of annealing until the limits.
    fn run(&mut self, watch: &mut Watch<'_, Total>) {
        let operations = self.shop.num_operations() as u64;
        let mut round = FIRST_ROUND * operations.max(16);
        let temperature = self.first_temperature(watch);
        while self.go_on(watch) {
            self.anneal(temperature, round, watch);
            self.sequence = Sequence::new(self.shop, &self.best.1);
            self.value = self.objective.combined(self.shop, self.sequence.completion());
            self.look();
            round = round.saturating_mul(GROWTH);
        }
    }

    fn go_on(&mut self, watch: &mut Watch<'_, Total>) -> bool {
        let open = self.moves < self.budget && less(self.bound, self.best.0) && !self.jobs.is_empty();
        open && !watch.worked(self.shop.num_operations() as u64)
    }

    /// A share of the mean worsening of some changes.
    fn first_temperature(&mut self, watch: &mut Watch<'_, Total>) -> f64 {
        let (mut sum, mut count) = (0.0, 0.0);
        for _ in 0..SAMPLE {
            if !self.go_on(watch) {
                break;
            }
            if let Some((_, worse)) = self.try_out() {
                self.sequence.reject();
                if worse > 0.0 {
                    (sum, count) = (sum + worse, count + 1.0);
                }
            }
        }
        if count > 0.0 { FIRST_TEMPERATURE * sum / count } else { 1.0 }
    }

    fn anneal(&mut self, first: f64, round: u64, watch: &mut Watch<'_, Total>) {
        let cooling = LAST_TEMPERATURE.powf(PACE as f64 / round as f64);
        let mut temperature = first;
        for k in 0..round {
            if !self.go_on(watch) {
                return;
            }
            if k % PACE == 0 {
                temperature *= cooling;
            }
            let Some((value, worse)) = self.try_out() else { continue };
            if worse > 0.0 && self.random.unit() >= (-worse / temperature).exp() {
                self.sequence.reject();
                continue;
            }
            self.accept(value);
            if less(value, self.best.0) {
                self.best = (value, self.sequence.schedule());
                if watch.improved(value, self.bound, self.moves) {
                    return;
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::control::{Limits, Watch};
    use crate::names::Named;
    use crate::shop::test_shops::{judged, random_shop};
    use crate::shop::{Blocking, Objective, minimise};
    use crate::total::Total;

    use super::*;

    fn searched(shop: &Shop, objective: Objective, seed: u64, budget: u64) -> Minimum {
        let limits = Limits { budget: Some(budget), ..Limits::default() };
        let stop = Stop::new(&limits);
        let mut watch = Watch::<Total>::new(&stop);
        let found = minimise(shop, objective, None, &limits, seed, 1, &mut watch).unwrap();
        assert!(watch.history.windows(2).all(|pair| less(pair[1].objective, pair[0].objective)));
        assert_eq!(watch.history.last().unwrap().objective, found.objective);
        found
    }

    #[test]
    fn every_objective_of_random_shops_is_what_its_schedule_says() {
        for seed in 0..300 {
            let shop = random_shop(seed);
            if shop.data().blocking != Blocking::None || shop.data().no_wait {
                continue;
            }
            for (name, objective) in Objective::all() {
                let found = searched(&shop, objective, seed, 300);
                judged(&shop, &found.schedule);
                assert_eq!(found.objective, objective.value(&shop, &found.schedule), "{name} {seed}");
                assert!(!less(found.objective, found.lower_bound), "{name} {seed}");
                assert_eq!(found, searched(&shop, objective, seed, 300));
                let dispatched = dispatch(
                    &shop,
                    &Priority::Rule(Rule::from_name("atc").unwrap(), seed),
                    Scheme::NonDelay,
                    &Past::default(),
                    &mut crate::control::Pulse::default(),
                );
                assert!(!less(objective.value(&shop, &dispatched.unwrap()), found.objective), "{name} {seed}");
            }
        }
    }

    #[test]
    fn a_list_that_is_changed_and_taken_back_is_the_same() {
        for seed in 0..60 {
            let (shop, mut random) = (random_shop(seed), Random::new(seed));
            if shop.data().blocking != Blocking::None || shop.data().no_wait || shop.num_operations() == 0 {
                continue;
            }
            let rule = Priority::Rule(Rule::from_name("spt").unwrap(), seed);
            let mut pulse = crate::control::Pulse::default();
            let begin = dispatch(&shop, &rule, Scheme::NonDelay, &Past::default(), &mut pulse).unwrap();
            let mut sequence = Sequence::new(&shop, &begin);
            for _ in 0..200 {
                let before = sequence.clone();
                let job = random.below(shop.num_jobs() as u64) as usize;
                if !sequence.change(job, &mut random) {
                    assert!(sequence.is_like(&before));
                } else if random.below(2) == 0 {
                    sequence.reject();
                    assert!(sequence.is_like(&before));
                } else {
                    sequence.accept();
                    judged(&shop, &sequence.schedule());
                    sequence.sort();
                    judged(&shop, &sequence.schedule());
                }
            }
        }
    }
}
