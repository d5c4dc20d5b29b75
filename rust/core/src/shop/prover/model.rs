//! A shop as a problem of constraint programming: an interval for each operation, an order for each pair on a machine, and a flag for each
//! machine that an operation may take.
//!
//! An operation keeps its machine until it completes, or, where jobs block, until the next operation of its job begins. If it takes longer on
//! some machines than on others its end is an interval of its own, which the flag of each machine keeps away from the start. Jobs must not
//! exchange their machines at one moment with `no_swap`: times are then counted in parts of a unit, more than there are operations, and every
//! entry into a machine comes one part after those that it waits for. Whole units stay as they are, as no path has so many entries.

use super::loads::loads;
use super::options::Options;
use super::scope::{is_known, is_small};
use super::setups::Setups;
use crate::cp::{FixedLengths, Intervals, Literal, Member, Network, Occupation, Orders, Pair, Problem};
use crate::shop::problem::{Blocking, Shop};

/// Longer schedules, in parts of units, are left to the search.
const MOST_PARTS: i64 = 1 << 29;

/// What a problem's variables stand for.
#[derive(Debug)]
pub(super) struct Model {
    /// By operation: its start, and the machines that it may take.
    pub options: Options,
    /// The pairs of operations whose order is open, with the first variable of each.
    pairs: Vec<(u32, u32, usize)>,
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
        if !is_known(shop) || !is_small(shop) || count == 0 {
            return None;
        }
        let data = shop.data();
        let mut options = Options::new(shop);
        let setups = Setups::new(shop, &options.on_machine, &options.shortest);
        let ticks = data.setup.iter().chain(&data.initial_setup).flat_map(|(_, ticks)| ticks).chain(&data.transport);
        let unit = data.duration.iter().chain(&data.release_time).chain(ticks).copied().fold(0, gcd).max(1);
        let parts = if data.blocking == Blocking::NoSwap { count as i64 + 2 } else { 1 };
        let most = (makespan / unit).max(1).checked_add(1)?.checked_mul(parts)? - 1;
        if most > MOST_PARTS {
            return None;
        }
        options.on_machine.iter_mut().for_each(|members| {
            if members.len() == 1 {
                members.clear();
            }
        });
        let mut model = Self { options, pairs: Vec::new(), unit, parts, setups };
        let pairs = model.open_pairs(shop);
        let (begin, variables) = (model.options.num_intervals, model.options.num_intervals + model.num_variables(&pairs));
        let flags = model.options.add_flags(shop, variables, |time| model_count(unit, parts, time));
        let objective = variables + flags.len();
        let mut network = Network::new(vec![Vec::new(); objective + 1], vec![Vec::new(); objective + 1]);
        let mut bounds =
            vec![Literal::at_least(objective, model.count((bound.max(0) as u64).div_ceil(unit as u64) as i64 * unit))];
        let mut occupations: Vec<Occupation> = (0..begin as u32).map(|until| Occupation { until, lag: 0 }).collect();
        let (mut chain, mut since) = (vec![0; begin], vec![0; begin]);
        for job in 0..shop.num_jobs() {
            let operations = shop.operations(job);
            let mut sum = 0;
            for op in operations.clone() {
                let release = if op == operations.start { shop.release_time(job) } else { 0 };
                let start = model.options.start[op] as usize;
                bounds.push(Literal::at_least(start, model.count(release.max(model.setups.initial(op)))));
                let is_last = op + 1 == operations.end;
                let next = if is_last { objective } else { model.options.start[op + 1] as usize };
                let shortest = model.count(model.options.shortest[op]);
                let lag = if is_last { model.options.shortest[op] } else { model.step(shop, op) };
                let lag = model.count(lag) + model.pause();
                let end = model.options.end[op] as usize;
                (chain[start], since[start]) = (job as u32, sum);
                if end == start {
                    network.add_arc(start, next, lag);
                } else {
                    (chain[end], since[end]) = (job as u32, sum + i64::from(shortest));
                    network.add_arc(start, end, shortest);
                    network.add_arc(end, next, lag - shortest);
                }
                occupations[start] = if data.blocking == Blocking::None || is_last {
                    let own = if end == start { shortest } else { 0 };
                    Occupation { until: end as u32, lag: own + model.count(model.setups.least_behind(op)) }
                } else {
                    Occupation { until: next as u32, lag: 0 }
                };
                sum += i64::from(lag);
            }
        }
        for (i, j) in model.own_pairs(shop) {
            network.add_arc(i, j, model.count(model.options.shortest[i] + model.setups.least(i, j)));
        }
        let machines = model.members(shop);
        let orders = Orders::new(&machines, occupations, &pairs, &flags, parts as i32);
        let orders = orders.with_implied(&chain, &since).with_clauses(model.options.take_clauses());
        let orders = orders.with_loads(loads(shop, &model.options, |time| model.count(time)));
        bounds.extend(orders.bounds());
        let lengths = FixedLengths(vec![0; objective + 1]);
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

    /// The number of variables of pairs, which notes their places.
    fn num_variables(&mut self, pairs: &[Pair]) -> usize {
        let mut variable = self.options.num_intervals;
        for pair in pairs {
            let (i, j) = pair.intervals;
            let (i, j) = (self.options.operation[i as usize], self.options.operation[j as usize]);
            self.pairs.push((i, j, variable));
            variable += 1 + usize::from(pair.is_optional);
        }
        variable - self.options.num_intervals
    }

    /// The intervals of each machine, and how long they keep it at least.
    fn members(&self, shop: &Shop) -> Vec<Vec<Member>> {
        let blocks = shop.data().blocking != Blocking::None;
        let member = |machine: usize, op: usize| {
            let (duration, presence) = self.options.on(shop, op, machine);
            let is_last = op + 1 == shop.operations(shop.job(op)).end;
            let length = if blocks && !is_last {
                self.count(duration) + self.pause()
            } else {
                self.count(duration + self.setups.least_behind(op))
            };
            Member { interval: self.options.start[op], presence, length }
        };
        let machines = self.options.on_machine.iter().enumerate();
        machines.map(|(machine, members)| members.iter().map(|&op| member(machine, op as usize)).collect()).collect()
    }

    /// A time in parts of a unit; what is longer than any schedule may be shortened.
    fn count(&self, time: i64) -> i32 {
        model_count(self.unit, self.parts, time)
    }

    /// The part by which entries into machines are apart that wait for each other.
    fn pause(&self) -> i32 {
        i32::from(self.parts > 1)
    }

    /// The least time from the start of an operation to that of the next one of its job.
    fn step(&self, shop: &Shop, op: usize) -> i64 {
        let Options { shortest, .. } = &self.options;
        let ways = shop.choices(op).flat_map(|(from, _)| shop.choices(op + 1).map(move |(to, _)| (from, to)));
        let way = |(from, to)| {
            let setup = if from == to { self.setups.least(op, op + 1) } else { 0 };
            setup.max(shop.transport(from, to))
        };
        shortest[op] + ways.map(way).min().unwrap_or(0)
    }

    /// The pairs of operations of different jobs on one machine that can get into each other's way.
    fn open_pairs(&self, shop: &Shop) -> Vec<Pair> {
        let mut pairs = Vec::new();
        let Options { on_machine, start, longest, .. } = &self.options;
        let gap = |i: usize, j: usize| self.count(self.setups.least(i, j) - self.setups.least_behind(i)) + self.pause();
        for (machine, members) in on_machine.iter().enumerate() {
            for (k, &first) in members.iter().enumerate() {
                for &second in &members[k + 1..] {
                    let (i, j) = (first as usize, second as usize);
                    let plain = shop.data().blocking == Blocking::None && !self.setups.has(i);
                    let is_apart = shop.job(i) == shop.job(j) || plain && longest[i].max(longest[j]) == 0;
                    if !is_apart && first_common(shop, i, j) == Some(machine) {
                        let is_optional = shop.choices(i).len().max(shop.choices(j).len()) > 1;
                        pairs.push(Pair { intervals: (start[i], start[j]), gaps: (gap(i, j), gap(j, i)), is_optional });
                    }
                }
            }
        }
        pairs
    }

    /// A way to decide each variable, as a schedule has it in which an operation leaves its machine at `leave`.
    pub fn guide(&self, start: &[i64], machine: &[u32], leave: impl Fn(usize) -> i64) -> Vec<i32> {
        let first = |i: usize, j: usize| (start[i], leave(i)) < (start[j], leave(j));
        let mut guide = vec![0; self.options.num_intervals];
        for &(i, j, variable) in &self.pairs {
            guide.resize(variable + 2, 0);
            let order = i32::from(first(i as usize, j as usize));
            (guide[variable], guide[variable + 1]) = (order, 1 - order);
        }
        if let Some(&last) = self.pairs.last().map(|(.., last)| last) {
            guide.truncate(last + 2);
        }
        self.options.guide(machine, &mut guide);
        guide
    }

    /// The operations of each machine in the order of a solution; for shops without a choice of machines.
    pub fn sequences(&self, shop: &Shop, parts: &[i32]) -> Vec<Vec<u32>> {
        let mut before = vec![0_u32; shop.num_operations()];
        for &(i, j, variable) in &self.pairs {
            before[if parts[variable] == 1 { j } else { i } as usize] += 1;
        }
        let mut sequences: Vec<Vec<u32>> = vec![Vec::new(); shop.num_machines()];
        for op in 0..shop.num_operations() {
            shop.choices(op).take(1).for_each(|(machine, _)| sequences[machine].push(op as u32));
        }
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
        let mut next = vec![u32::MAX; self.options.start.len()];
        for pair in sequences.iter().flat_map(|sequence| sequence.windows(2)) {
            next[pair[0] as usize] = pair[1];
        }
        self.pairs.iter().filter_map(move |&(i, j, variable)| {
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
    fn own_pairs(&self, shop: &Shop) -> Vec<(usize, usize)> {
        let mut pairs = Vec::new();
        for members in &self.options.on_machine {
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

/// A time in parts of a unit; what is longer than any schedule may be shortened.
fn model_count(unit: i64, parts: i64, time: i64) -> i32 {
    (time / unit).saturating_mul(parts).min(MOST_PARTS + 1) as i32
}

/// The lowest machine that both operations may take.
fn first_common(shop: &Shop, i: usize, j: usize) -> Option<usize> {
    let common =
        shop.choices(i).map(|(machine, _)| machine).filter(|&machine| shop.choices(j).any(|(other, _)| other == machine));
    common.min()
}

fn gcd(a: i64, b: i64) -> i64 {
    if b == 0 { a } else { gcd(b, a % b) }
}
