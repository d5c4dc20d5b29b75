//! A schedule of a blocking shop as one list of entries: in this order the operations enter their machines.
//!
//! An entry into a machine that another job keeps brings that job's next entry forward, and so on. If the jobs of such a chain wait for each
//! other in a cycle, they exchange their machines (Mascis and Pacciarelli 2002); where that is forbidden, the list is no schedule.

mod decoding;

use super::annealing::{Change, Lists};
use crate::random::Random;
use crate::shop::Schedule;
use crate::shop::problem::Shop;
use decoding::{Decoding, Outcome, Plan};

/// No operation, job or position.
const NONE: u32 = u32::MAX;
/// One change of so many moves an entry to any place.
const ANYWHERE: u64 = 12;
/// One change of so many concerns more of the two jobs than it has to.
const WIDER: u64 = 4;
/// Changes tried until the jobs do not block each other.
const ATTEMPTS: u32 = 8;

/// A list of entries, and a change that is tried.
#[derive(Debug, Clone)]
pub(super) struct Entries<'s> {
    shop: &'s Shop,
    now: Plan,
    tried: Plan,
    /// By operation its place in the list.
    rank: Vec<u32>,
    /// The list that is tried, before jobs made way.
    wished: Vec<u32>,
    decoding: Decoding<'s>,
    /// The schedule to begin with, if no list is known that gives one on its machines.
    only: Option<Schedule>,
}

impl Entries<'_> {
    /// The operations in the order in which they enter their machines.
    pub fn order(&self) -> &[u32] {
        &self.now.order
    }

    /// Bytes that a list takes.
    pub fn bytes(shop: &Shop) -> usize {
        Decoding::bytes(shop) + shop.num_operations() * 8
    }
}

impl<'s> Lists<'s> for Entries<'s> {
    fn new(shop: &'s Shop, schedule: &Schedule) -> Self {
        let count = shop.num_operations();
        let mut order: Vec<u32> = (0..count as u32).collect();
        order.sort_by_key(|&op| (schedule.start_time[op as usize], schedule.completion_time[op as usize], op));
        let duration = (0..count).map(|op| schedule.completion_time[op] - schedule.start_time[op]).collect();
        let plan = Plan::new(shop, (0..count as u32).collect(), schedule.machine.clone(), duration);
        let (tried, decoding) = (plan.clone(), Decoding::new(shop));
        let mut entries = Self { shop, now: plan, tried, rank: vec![0; count], wished: order, decoding, only: None };
        if entries.decode(0, i64::MAX) != Outcome::Schedule {
            // Entries at one moment may need another order than that of operations; one job after the other is possible, unless machines
            // close for ever.
            entries.wished = (0..count as u32).collect();
            if entries.decode(0, i64::MAX) != Outcome::Schedule {
                for op in 0..count {
                    entries.now.completion[shop.job(op)] = schedule.completion_time[op];
                }
                entries.only = Some(schedule.clone());
                return entries;
            }
        }
        entries.accept();
        entries
    }

    fn schedule(&self) -> Schedule {
        let Plan { machine, start, end, .. } = &self.now;
        let of_list = || Schedule { machine: machine.clone(), start_time: start.clone(), completion_time: end.clone() };
        self.only.clone().unwrap_or_else(of_list)
    }

    fn completion(&self) -> &[i64] {
        &self.now.completion
    }

    fn tried_completion(&self) -> &[i64] {
        &self.tried.completion
    }

    fn accept(&mut self) {
        self.decoding.accept(&mut self.now, &mut self.tried);
        for (&op, place) in self.now.order.iter().zip(0..) {
            self.rank[op as usize] = place;
        }
    }

    fn reject(&mut self) {}

    /// A list is in the order of its entries already.
    fn sort(&mut self) {}

    fn change(&mut self, job: usize, limit: i64, random: &mut Random) -> Change {
        if self.only.is_some() {
            return Change::None;
        }
        if self.shop.is_flexible() {
            self.tried.machine.clone_from(&self.now.machine);
            self.tried.duration.clone_from(&self.now.duration);
        }
        if random.below(ANYWHERE) == 0 {
            let count = self.now.order.len() as u64;
            let (a, b) = (random.below(count) as usize, random.below(count) as usize);
            return self.pass(a.min(b), a.max(b), limit, random);
        }
        match self.critical(job, random) {
            (pair, Some(op)) if pair.is_none() || random.below(3) == 0 => {
                let other = random.below(self.shop.choices(op).len() as u64) as usize;
                match self.shop.choices(op).nth(other) {
                    Some((machine, duration)) if machine as u32 != self.now.machine[op] => {
                        (self.tried.machine[op], self.tried.duration[op]) = (machine as u32, duration);
                        self.wished.clone_from(&self.now.order);
                        self.decode(self.rank[op] as usize, limit).into()
                    }
                    _ => Change::None,
                }
            }
            (Some((before, op)), _) => self.pass(self.rank[before] as usize, self.rank[op] as usize, limit, random),
            (None, _) => Change::None,
        }
    }
}

impl From<Outcome> for Change {
    fn from(outcome: Outcome) -> Self {
        match outcome {
            Outcome::Schedule => Self::Tried,
            Outcome::Blocked => Self::None,
            Outcome::Late => Self::Late,
        }
    }
}

impl Entries<'_> {
    /// On the way by which a job completes when it does: two operations that follow each other on a machine, and one that may choose
    /// another machine.
    fn critical(&self, job: usize, random: &mut Random) -> (Option<(usize, usize)>, Option<usize>) {
        let (shop, now) = (self.shop, &self.now);
        let (mut pair, mut movable, mut waits, mut choices) = (None, None, 0, 0);
        let Some(mut op) = shop.operations(job).last() else { return (None, None) };
        for _ in 0..2 * now.order.len() {
            if shop.choices(op).len() > 1 {
                choices += 1;
                movable = if random.below(choices) == 0 { Some(op) } else { movable };
            }
            let operations = shop.operations(shop.job(op));
            let ready = if op == operations.start {
                shop.release_time(shop.job(op))
            } else {
                now.end[op - 1] + shop.transport(now.machine[op - 1] as usize, now.machine[op] as usize)
            };
            let before = now.before[op];
            let behind_job = ready == now.start[op];
            if before == NONE || behind_job && random.below(2) == 0 {
                if op == operations.start {
                    break;
                }
                op -= 1;
                continue;
            }
            let before = before as usize;
            if shop.job(before) != shop.job(op) {
                waits += 1;
                pair = if random.below(waits) == 0 { Some((before, op)) } else { pair };
            }
            // The machine is free when the job before enters its next one, or is complete.
            op = if before + 1 < shop.operations(shop.job(before)).end && before + 1 != op { before + 1 } else { before };
        }
        (pair, movable)
    }

    /// Lets the job of the entry at `to` pass that of the entry at `from`, whose entries between the two then come last, or its own ones
    /// first. If the jobs block each other, it passes the other one earlier, or for longer.
    fn pass(&mut self, mut from: usize, mut to: usize, limit: i64, random: &mut Random) -> Change {
        let (shop, order) = (self.shop, &self.now.order);
        let (behind, job) = (shop.job(order[from.min(to)] as usize), shop.job(order[to.max(from)] as usize));
        if from >= to || behind == job {
            return Change::None;
        }
        let forward = random.below(2) == 0;
        let mut wider = random.below(WIDER) == 0;
        for _ in 0..ATTEMPTS {
            if wider {
                let (first, last) = (self.now.order[from] as usize, self.now.order[to] as usize);
                let can_begin_earlier = first > shop.operations(behind).start;
                let can_end_later = last + 1 < shop.operations(job).end;
                if can_begin_earlier && (!can_end_later || random.below(2) == 0) {
                    from = self.rank[first - 1] as usize;
                } else if can_end_later {
                    to = self.rank[last + 1] as usize;
                } else {
                    return Change::None;
                }
            }
            let Self { now: Plan { order, .. }, wished, .. } = self;
            let goes_first = |op: &&u32| (shop.job(**op as usize) == if forward { job } else { behind }) == forward;
            let window = &order[from..=to];
            wished.clear();
            wished.extend_from_slice(&order[..from]);
            wished.extend(window.iter().filter(goes_first));
            wished.extend(window.iter().filter(|op| !goes_first(op)));
            wished.extend_from_slice(&order[to + 1..]);
            match self.decode(from, limit) {
                Outcome::Blocked => wider = true,
                outcome => return outcome.into(),
            }
        }
        Change::None
    }

    /// The schedule of the list if nothing is known of it.
    #[cfg(test)]
    pub fn decoded_from_the_beginning(&self) -> Schedule {
        let Plan { machine, order, .. } = &self.now;
        let durations = (0..order.len()).map(|op| self.now.end[op] - self.now.start[op]).collect();
        let mut plan = Plan::new(self.shop, Vec::new(), machine.clone(), durations);
        let outcome = Decoding::new(self.shop).decode(order, &plan.clone(), 0, &mut plan, i64::MAX);
        assert_eq!((outcome, &plan.order), (Outcome::Schedule, order));
        Schedule { machine: machine.clone(), start_time: plan.start, completion_time: plan.end }
    }

    /// Makes the entries of the wished list, of which so many are those of now.
    fn decode(&mut self, from: usize, limit: i64) -> Outcome {
        self.decoding.decode(&self.wished, &self.now, from, &mut self.tried, limit)
    }
}
