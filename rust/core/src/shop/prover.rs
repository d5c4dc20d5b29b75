//! Proofs for the makespan of job shops by constraint programming ([`crate::cp`]): lower bounds, shorter schedules, and the proof that
//! there are none.

#[cfg(test)]
mod tests;

use super::Schedule;
use super::problem::Shop;
use crate::cp::{ConflictSearch, FixedLengths, Intervals, Literal, Network, Orders, Problem, Reasoning, SearchEvent};

/// Shops with more pairs of operations on one machine are left to the search.
const MOST_PAIRS: usize = 25_000;
/// Longer schedules, in units, are left to the search.
const MOST_UNITS: i64 = 1 << 29;

/// What a slice of the search brought.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Event {
    /// Nothing is decided yet.
    Paused,
    /// A better schedule than the best known one.
    Better(Schedule),
    /// No schedule is better than the best known one.
    Proved,
}

/// Looks for shorter schedules than the best known one of a plain job shop, and for the proof that there are none.
///
/// Times are counted in units, the greatest common divisor of all durations and release times: some shortest schedule starts
/// everything at multiples.
#[derive(Debug)]
pub struct Prover {
    search: Box<ConflictSearch<FixedLengths>>,
    machine: Vec<u32>,
    duration: Vec<i64>,
    pairs: Vec<(u32, u32)>,
    unit: i64,
    best: i64,
}

impl Prover {
    /// Starts from a schedule and a lower bound of the makespan below it; `None` if the shop is too large, is not plain, or has a choice
    /// of machines.
    #[must_use]
    pub fn new(shop: &Shop, known: &Schedule, bound: i64) -> Option<Self> {
        let count = shop.num_operations();
        if !shop.is_plain() || shop.is_flexible() || count == 0 || num_pairs(shop) > MOST_PAIRS {
            return None;
        }
        let (machine, duration): (Vec<u32>, Vec<i64>) =
            (0..count).filter_map(|op| shop.choices(op).next()).map(|(machine, duration)| (machine as u32, duration)).unzip();
        let jobs = (0..shop.num_jobs()).filter(|&job| !shop.operations(job).is_empty());
        let unit = duration.iter().copied().chain(jobs.clone().map(|job| shop.release_time(job))).fold(0, gcd).max(1);
        let slots = (known.makespan() / unit).max(1);
        if slots > MOST_UNITS {
            return None;
        }
        let mut machines: Vec<Vec<u32>> = vec![Vec::new(); shop.num_machines()];
        for (op, &machine) in machine.iter().enumerate() {
            machines[machine as usize].push(op as u32);
        }
        machines.retain(|members| members.len() > 1);
        let mut pairs = Vec::new();
        for members in &machines {
            for (k, &i) in members.iter().enumerate() {
                let open =
                    |&j: &u32| shop.job(i as usize) != shop.job(j as usize) && duration[i as usize].max(duration[j as usize]) > 0;
                pairs.extend(members[k + 1..].iter().copied().filter(open).map(|j| (i, j)));
            }
        }
        let variables = count + pairs.len() + 1;
        let mut length: Vec<i32> = duration.iter().map(|&d| (d / unit) as i32).collect();
        length.resize(variables, 0);
        let mut network = Network::new(vec![Vec::new(); variables], vec![Vec::new(); variables]);
        let mut bounds = vec![Literal::at_least(variables - 1, (bound.max(0) as u64).div_ceil(unit as u64) as i32)];
        for job in jobs {
            let operations = shop.operations(job);
            bounds.push(Literal::at_least(operations.start, (shop.release_time(job) / unit) as i32));
            for op in operations.clone() {
                let next = if op + 1 < operations.end { op + 1 } else { variables - 1 };
                network.add_arc(op, next, length[op]);
            }
        }
        let orders = Orders::new(machines, pairs.clone(), count);
        bounds.extend(orders.bounds());
        let intervals = Intervals { lengths: FixedLengths(length), demand: Vec::new(), capacity: Vec::new(), steps: Vec::new() };
        let problem = Problem {
            intervals,
            network,
            slots: slots as i32,
            bounds,
            cliques: Vec::new(),
            costs: None,
            choices: None,
            reservoirs: Vec::new(),
            orders: Some(orders),
        };
        let search = Box::new(ConflictSearch::new(problem));
        let mut prover = Self { search, machine, duration, pairs, unit, best: i64::MAX };
        prover.improve(known);
        Some(prover)
    }

    /// A better schedule has become known.
    pub fn improve(&mut self, known: &Schedule) {
        self.best = known.makespan();
        let start = &known.start_time;
        let end = &known.completion_time;
        let slots = start.iter().map(|start| (start / self.unit) as i32);
        let first = |i: usize, j: usize| (start[i], end[i]) < (start[j], end[j]);
        let order = self.pairs.iter().map(|&(i, j)| i32::from(first(i as usize, j as usize)));
        self.search.limit(slots.chain(order), ((self.best - 1).div_euclid(self.unit)) as i32);
    }

    /// No schedule is shorter, or the best known one is among the shortest.
    #[must_use]
    pub fn lower_bound(&self) -> i64 {
        if self.is_proved() { self.best } else { i64::from(self.search.lower_bound()) * self.unit }
    }

    /// Whether no schedule is shorter than the best known one.
    #[must_use]
    pub fn is_proved(&self) -> bool {
        self.search.is_refuted()
    }

    /// The makespan of the best schedule known.
    #[must_use]
    pub fn best(&self) -> i64 {
        self.best
    }

    /// Effort so far, in bounds looked at.
    #[must_use]
    pub fn work(&self) -> u64 {
        self.search.work()
    }

    /// Raises the lower bound by refuting makespans without search. Stops early if `stop` says so.
    pub fn raise(&mut self, stop: impl FnMut() -> bool) {
        self.search.raise(Reasoning { disjunctive: false, energetic: false }, stop);
    }

    /// Searches until something is decided, the effort reaches `most_work`, or `stop` says so, which gets the effort since it was
    /// last asked. The next call goes on where this one paused.
    pub fn run(&mut self, most_work: u64, stop: impl FnMut(u64) -> bool) -> Event {
        match self.search.run(most_work, stop) {
            SearchEvent::Paused => Event::Paused,
            SearchEvent::Refuted => Event::Proved,
            SearchEvent::Solution(slots) => {
                let start_time: Vec<i64> = slots[..self.duration.len()].iter().map(|&slot| i64::from(slot) * self.unit).collect();
                let completion_time = start_time.iter().zip(&self.duration).map(|(start, duration)| start + duration).collect();
                Event::Better(Schedule { machine: self.machine.clone(), start_time, completion_time })
            }
        }
    }
}

/// The pairs of operations that have no machine but the same one.
fn num_pairs(shop: &Shop) -> usize {
    let mut members = vec![0_usize; shop.num_machines()];
    for op in 0..shop.num_operations() {
        shop.choices(op).take(1).for_each(|(machine, _)| members[machine] += 1);
    }
    members.iter().fold(0, |sum, &count| sum.saturating_add(count.saturating_mul(count.saturating_sub(1)) / 2))
}

fn gcd(a: i64, b: i64) -> i64 {
    if b == 0 { a } else { gcd(b, a % b) }
}
