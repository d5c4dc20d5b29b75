//! A job shop as a problem of constraint programming: one interval for each operation, an order for each pair on a machine.
//!
//! An operation keeps its machine until it completes, or, where jobs block, until the next operation of its job begins. Jobs must not
//! exchange their machines at one moment with `no_swap`: times are then counted in parts of a unit, more than there are operations, and every
//! entry into a machine comes one part after those that it waits for. Whole units stay as they are, as no path has so many entries.

use super::setups::Setups;
use crate::cp::{FixedLengths, Intervals, Literal, Network, Occupation, Orders, Pair, Problem};
use crate::shop::problem::{Blocking, Shop};

/// Shops with more pairs of operations on one machine are left to the search.
const MOST_PAIRS: usize = 25_000;
/// Longer schedules, in parts of units, are left to the search.
const MOST_PARTS: i64 = 1 << 29;

/// What a problem's variables stand for.
#[derive(Debug)]
pub(super) struct Model {
    pub machine: Vec<u32>,
    pub duration: Vec<i64>,
    /// The pairs of operations whose order is open, and where the first one is in the list of variables.
    pub pairs: Vec<(u32, u32)>,
    /// Some shortest schedule starts everything at multiples of this.
    unit: i64,
    /// Parts of a unit.
    parts: i64,
    /// Setups, where those of consecutive operations alone may be longer than the model says.
    pub setups: Setups,
}

impl Model {
    /// The model, and the problem of a makespan between a bound and a known one; `None` if the shop is too large, or has something that the
    /// model does not know.
    pub fn new(shop: &Shop, makespan: i64, bound: i64) -> Option<(Self, Problem<FixedLengths>)> {
        let count = shop.num_operations();
        if !is_known(shop) || count == 0 || num_pairs(shop) > MOST_PAIRS {
            return None;
        }
        let data = shop.data();
        let (machine, duration): (Vec<u32>, Vec<i64>) =
            (0..count).filter_map(|op| shop.choices(op).next()).map(|(machine, duration)| (machine as u32, duration)).unzip();
        let mut machines: Vec<Vec<u32>> = vec![Vec::new(); shop.num_machines()];
        for (op, &machine) in machine.iter().enumerate() {
            machines[machine as usize].push(op as u32);
        }
        let setups = Setups::new(shop, &machines, &duration);
        let ticks = data.setup.iter().chain(&data.initial_setup).flat_map(|(_, ticks)| ticks).chain(&data.transport);
        let unit = duration.iter().chain(&data.release_time).chain(ticks).copied().fold(0, gcd).max(1);
        let parts = if data.blocking == Blocking::NoSwap { count as i64 + 2 } else { 1 };
        let most = (makespan / unit).max(1).checked_add(1)?.checked_mul(parts)? - 1;
        if most > MOST_PARTS {
            return None;
        }
        machines.retain(|members| members.len() > 1);
        let mut model = Self { machine, duration, pairs: Vec::new(), unit, parts, setups };
        let pairs = model.open_pairs(shop, &machines);
        model.pairs = pairs.iter().map(|pair| pair.intervals).collect();
        let variables = count + pairs.len() + 1;
        let mut network = Network::new(vec![Vec::new(); variables], vec![Vec::new(); variables]);
        let mut bounds =
            vec![Literal::at_least(variables - 1, model.count((bound.max(0) as u64).div_ceil(unit as u64) as i64 * unit))];
        let mut occupations = Vec::with_capacity(count);
        let (mut chain, mut since) = (vec![0; count], vec![0; count]);
        for job in 0..shop.num_jobs() {
            let operations = shop.operations(job);
            let mut sum = 0;
            for op in operations.clone() {
                let begin = if op == operations.start { shop.release_time(job) } else { 0 };
                bounds.push(Literal::at_least(op, model.count(begin.max(model.setups.initial(op)))));
                let is_last = op + 1 == operations.end;
                let lag = if is_last { model.duration[op] } else { model.step(shop, op) };
                let lag = model.count(lag) + model.pause();
                network.add_arc(op, if is_last { variables - 1 } else { op + 1 }, lag);
                occupations.push(if data.blocking == Blocking::None || is_last {
                    let length = model.count(model.duration[op] + model.setups.least_behind(op));
                    Occupation { until: op as u32, lag: length, length }
                } else {
                    Occupation { until: op as u32 + 1, lag: 0, length: lag }
                });
                (chain[op], since[op]) = (job as u32, sum);
                sum += i64::from(lag);
            }
        }
        for (i, j) in model.own_pairs(shop, &machines) {
            network.add_arc(i, j, model.count(model.duration[i] + model.setups.least(i, j)));
        }
        let orders = Orders::new(machines, occupations, pairs, parts as i32).with_implied(&chain, &since);
        bounds.extend(orders.bounds());
        let lengths = FixedLengths(vec![0; variables]);
        let problem = Problem {
            intervals: Intervals { lengths, demand: Vec::new(), capacity: Vec::new(), steps: Vec::new() },
            network,
            slots: most as i32,
            bounds,
            cliques: Vec::new(),
            costs: None,
            choices: None,
            reservoirs: Vec::new(),
            orders: Some(orders),
        };
        Some((model, problem))
    }

    /// A time in parts of a unit; what is longer than any schedule may be shortened.
    fn count(&self, time: i64) -> i32 {
        (time / self.unit).saturating_mul(self.parts).min(MOST_PARTS + 1) as i32
    }

    /// The part by which entries into machines are apart that wait for each other.
    fn pause(&self) -> i32 {
        i32::from(self.parts > 1)
    }

    /// The least time from the start of an operation to that of the next one of its job.
    fn step(&self, shop: &Shop, op: usize) -> i64 {
        let (from, to) = (self.machine[op], self.machine[op + 1]);
        let setup = if from == to { self.setups.least(op, op + 1) } else { 0 };
        self.duration[op] + setup.max(shop.transport(from as usize, to as usize))
    }

    /// The pairs of operations of different jobs on one machine that can get into each other's way.
    fn open_pairs(&self, shop: &Shop, machines: &[Vec<u32>]) -> Vec<Pair> {
        let mut pairs = Vec::new();
        let gap = |i: usize, j: usize| self.count(self.setups.least(i, j) - self.setups.least_behind(i)) + self.pause();
        for members in machines {
            for (k, &first) in members.iter().enumerate() {
                for &second in &members[k + 1..] {
                    let (i, j) = (first as usize, second as usize);
                    let plain = shop.data().blocking == Blocking::None && !self.setups.has(i);
                    if shop.job(i) != shop.job(j) && !(plain && self.duration[i].max(self.duration[j]) == 0) {
                        pairs.push(Pair { intervals: (first, second), gaps: (gap(i, j), gap(j, i)) });
                    }
                }
            }
        }
        pairs
    }

    /// The operations of each machine in the order of a solution.
    pub fn sequences(&self, shop: &Shop, parts: &[i32]) -> Vec<Vec<u32>> {
        let count = self.duration.len();
        let mut before = vec![0_u32; count];
        for (&(i, j), &first) in self.pairs.iter().zip(&parts[count..]) {
            before[if first == 1 { j } else { i } as usize] += 1;
        }
        let mut sequences: Vec<Vec<u32>> = vec![Vec::new(); shop.num_machines()];
        (0..count).for_each(|op| sequences[self.machine[op] as usize].push(op as u32));
        for sequence in &mut sequences {
            for (k, &j) in sequence.iter().enumerate() {
                let own = sequence[..k].iter().filter(|&&i| shop.job(i as usize) == shop.job(j as usize)).count();
                before[j as usize] += own as u32;
            }
            sequence.sort_by_key(|&op| (before[op as usize], op));
        }
        sequences
    }

    /// The orders of operations that follow each other in these sequences.
    pub fn orders(&self, sequences: &[Vec<u32>]) -> impl Iterator<Item = Literal> {
        let mut next = vec![u32::MAX; self.duration.len()];
        for pair in sequences.iter().flat_map(|sequence| sequence.windows(2)) {
            next[pair[0] as usize] = pair[1];
        }
        let first_variable = self.duration.len();
        self.pairs.iter().zip(first_variable..).filter_map(move |(&(i, j), variable)| {
            if next[i as usize] == j {
                Some(Literal::at_least(variable, 1))
            } else if next[j as usize] == i {
                Some(Literal::at_most(variable, 0))
            } else {
                None
            }
        })
    }

    /// The pairs of operations of one job on one machine with setups.
    fn own_pairs(&self, shop: &Shop, machines: &[Vec<u32>]) -> Vec<(usize, usize)> {
        let mut pairs = Vec::new();
        for members in machines {
            for (k, &i) in members.iter().enumerate().filter(|&(_, &i)| self.setups.has(i as usize)) {
                let own = members[k + 1..].iter().filter(|&&j| shop.job(i as usize) == shop.job(j as usize));
                pairs.extend(own.map(|&j| (i as usize, j as usize)));
            }
        }
        pairs
    }

    /// The objective that stands for all makespans up to this one.
    pub fn objective(&self, makespan: i64) -> i32 {
        ((makespan.div_euclid(self.unit) + 1) * self.parts - 1) as i32
    }

    /// The time that a count of parts stands for.
    pub fn time(&self, parts: i32) -> i64 {
        i64::from(parts) / self.parts * self.unit
    }
}

/// Whether the model knows all that a shop has. Between setups, operations without duration may start together, where their order counts;
/// and where jobs must not exchange their machines, a job may be complete at once when it enters its last one.
fn is_known(shop: &Shop) -> bool {
    let data = shop.data();
    let has_setups = !(data.setup.is_empty() && data.initial_setup.is_empty());
    let blocks = data.blocking != Blocking::None;
    let vanishes = |op: usize| shop.choices(op).any(|(_, duration)| duration == 0);
    let is_last = |op: usize| op + 1 == shop.operations(shop.job(op)).end;
    let unclear = |op: usize| vanishes(op) && (has_setups || data.blocking == Blocking::NoSwap && is_last(op));
    let combined = blocks && (has_setups || !data.transport.is_empty());
    let unknown = shop.is_flexible() || !data.calendars.is_empty() || data.no_wait || combined;
    !(unknown || (0..shop.num_operations()).any(unclear))
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
