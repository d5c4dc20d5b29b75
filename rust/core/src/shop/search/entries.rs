//! A schedule of a blocking shop as one list of entries: in this order the operations enter their machines.
//!
//! An entry into a machine that another job keeps brings that job's next entry forward, and so on. If the jobs of such a chain wait for each
//! other in a cycle, they exchange their machines (Mascis and Pacciarelli 2002); where that is forbidden, the list is no schedule.

use super::annealing::Lists;
use crate::random::Random;
use crate::shop::Schedule;
use crate::shop::problem::{Blocking, Shop};

/// No operation, job or position.
const NONE: u32 = u32::MAX;
/// One change of so many moves an entry to any place.
const ANYWHERE: u64 = 12;
/// One change of so many concerns more of the two jobs than it has to.
const WIDER: u64 = 4;
/// Changes tried until the jobs do not block each other.
const ATTEMPTS: u32 = 8;

/// A list with its times.
#[derive(Debug, Clone)]
struct Plan {
    order: Vec<u32>,
    machine: Vec<u32>,
    start: Vec<i64>,
    end: Vec<i64>,
    /// The operation before on the machine.
    before: Vec<u32>,
    /// When each job completes.
    completion: Vec<i64>,
}

/// What is known while a list is decoded.
#[derive(Debug, Clone)]
struct Decoding {
    /// By job: the next operation, when it is ready, and the machine that it keeps.
    next: Vec<u32>,
    ready: Vec<i64>,
    at: Vec<u32>,
    /// By machine: the job that keeps it, when it became empty, and its last operation.
    holder: Vec<u32>,
    empty_since: Vec<i64>,
    last: Vec<u32>,
    /// Jobs of which each waits for the one behind it, and by job its place there.
    chain: Vec<u32>,
    place: Vec<u32>,
}

/// A list of entries, and a change that is tried.
#[derive(Debug, Clone)]
pub(super) struct Entries<'s> {
    shop: &'s Shop,
    now: Plan,
    tried: Plan,
    /// By operation its place in the list.
    rank: Vec<u32>,
    decoding: Decoding,
}

impl<'s> Lists<'s> for Entries<'s> {
    const FIRST_ROUND: u64 = 400;

    fn new(shop: &'s Shop, schedule: &Schedule) -> Self {
        let (count, jobs, machines) = (shop.num_operations(), shop.num_jobs(), shop.num_machines());
        let mut order: Vec<u32> = (0..count as u32).collect();
        order.sort_by_key(|&op| (schedule.start_time[op as usize], schedule.completion_time[op as usize], op));
        let plan = Plan {
            order,
            machine: schedule.machine.clone(),
            start: schedule.start_time.clone(),
            end: schedule.completion_time.clone(),
            before: vec![NONE; count],
            completion: (0..jobs).map(|j| shop.release_time(j)).collect(),
        };
        let decoding = Decoding {
            next: vec![0; jobs],
            ready: vec![0; jobs],
            at: vec![NONE; jobs],
            holder: vec![NONE; machines],
            empty_since: vec![0; machines],
            last: vec![NONE; machines],
            chain: Vec::new(),
            place: vec![NONE; jobs],
        };
        let mut entries = Self { shop, tried: plan.clone(), now: plan, rank: vec![0; count], decoding };
        if !entries.decode() {
            // Entries at one moment may need another order than that of operations; one job after the other is always possible.
            entries.tried.order = (0..count as u32).collect();
            entries.decode();
        }
        entries.accept();
        entries
    }

    fn schedule(&self) -> Schedule {
        let Plan { machine, start, end, .. } = &self.now;
        Schedule { machine: machine.clone(), start_time: start.clone(), completion_time: end.clone() }
    }

    fn completion(&self) -> &[i64] {
        &self.now.completion
    }

    fn tried_completion(&self) -> &[i64] {
        &self.tried.completion
    }

    fn accept(&mut self) {
        std::mem::swap(&mut self.now, &mut self.tried);
    }

    fn reject(&mut self) {}

    /// A list is in the order of its entries already.
    fn sort(&mut self) {}

    fn change(&mut self, job: usize, random: &mut Random) -> bool {
        self.tried.machine.clone_from(&self.now.machine);
        for (at, &op) in self.now.order.iter().enumerate() {
            self.rank[op as usize] = at as u32;
        }
        if random.below(ANYWHERE) == 0 {
            let count = self.now.order.len() as u64;
            let (a, b) = (random.below(count) as usize, random.below(count) as usize);
            return self.pass(a.min(b), a.max(b), random);
        }
        let (pair, movable) = self.critical(job, random);
        match (pair, movable) {
            (_, Some(op)) if pair.is_none() || random.below(3) == 0 => {
                let other = random.below(self.shop.choices(op).len() as u64) as usize;
                let machine = self.shop.choices(op).nth(other).map_or(NONE, |choice| choice.0 as u32);
                if machine == NONE || machine == self.now.machine[op] {
                    return false;
                }
                self.tried.machine[op] = machine;
                self.tried.order.clone_from(&self.now.order);
                self.decode()
            }
            (Some((before, op)), _) => self.pass(self.rank[before] as usize, self.rank[op] as usize, random),
            (None, _) => false,
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
            let ready = if op == operations.start { shop.release_time(shop.job(op)) } else { now.end[op - 1] };
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
    /// first. If the jobs block each other, it passes the other one earlier, or for longer. Whether some list is a schedule.
    fn pass(&mut self, mut from: usize, mut to: usize, random: &mut Random) -> bool {
        let (shop, order) = (self.shop, &self.now.order);
        let (behind, job) = (shop.job(order[from.min(to)] as usize), shop.job(order[to.max(from)] as usize));
        if from >= to || behind == job {
            return false;
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
                    return false;
                }
            }
            let Plan { order, .. } = &mut self.tried;
            order.clone_from(&self.now.order);
            let moved = |op: u32| shop.job(op as usize) == if forward { job } else { behind };
            let window = &self.now.order[from..=to];
            let (own, others) = (window.iter().filter(|op| moved(**op)), window.iter().filter(|op| !moved(**op)));
            if forward {
                order.splice(from..=to, own.chain(others).copied());
            } else {
                order.splice(from..=to, others.chain(own).copied());
            }
            if self.decode() {
                return true;
            }
            wider = true;
        }
        false
    }

    /// Makes the entries of the list that is tried, each as early as possible. Whether the list is a schedule.
    fn decode(&mut self) -> bool {
        let Self { shop, now, tried, decoding, .. } = self;
        let swap = shop.data().blocking == Blocking::Swap;
        decoding.begin(shop);
        let wished = std::mem::take(&mut tried.order);
        let mut is_schedule = true;
        for &op in &wished {
            while is_schedule && decoding.next[shop.job(op as usize)] <= op {
                is_schedule = decoding.make_way(shop, tried, shop.job(op as usize) as u32, swap);
            }
        }
        if !is_schedule {
            tried.order.clone_from(&now.order);
        }
        is_schedule
    }
}

impl Decoding {
    /// The empty shop before the first entry.
    fn begin(&mut self, shop: &Shop) {
        for job in 0..shop.num_jobs() {
            (self.next[job], self.ready[job], self.at[job]) = (shop.operations(job).start as u32, shop.release_time(job), NONE);
        }
        self.holder.fill(NONE);
        self.empty_since.fill(i64::MIN);
        self.last.fill(NONE);
    }

    /// Makes the next entry of a job, after those that it waits for. In a cycle of jobs that wait for each other all exchange their
    /// machines if they may; then the entry of the job may be still to come. False if they may not.
    fn make_way(&mut self, shop: &Shop, plan: &mut Plan, job: u32, swap: bool) -> bool {
        self.chain.clear();
        let mut last = job;
        let cycle = loop {
            self.place[last as usize] = self.chain.len() as u32;
            self.chain.push(last);
            let holder = self.holder[plan.machine[self.next[last as usize] as usize] as usize];
            if holder == NONE || holder == last {
                break None;
            }
            if self.place[holder as usize] != NONE {
                break Some(self.place[holder as usize] as usize);
            }
            last = holder;
        };
        for &job in &self.chain {
            self.place[job as usize] = NONE;
        }
        match cycle {
            None => {
                while let Some(job) = self.chain.pop() {
                    let machine = plan.machine[self.next[job as usize] as usize] as usize;
                    let start = self.ready[job as usize].max(self.empty_since[machine]);
                    self.leave(job as usize, start);
                    self.enter(shop, plan, job as usize, start);
                }
                true
            }
            Some(_) if !swap => false,
            Some(first) => {
                let start = self.chain[first..].iter().map(|&job| self.ready[job as usize]).max().unwrap_or(0);
                for k in first..self.chain.len() {
                    self.enter(shop, plan, self.chain[k] as usize, start);
                }
                true
            }
        }
    }

    /// A job leaves its machine.
    fn leave(&mut self, job: usize, time: i64) {
        if self.at[job] != NONE {
            let machine = self.at[job] as usize;
            (self.holder[machine], self.empty_since[machine]) = (NONE, time);
        }
    }

    /// A job makes its next entry.
    fn enter(&mut self, shop: &Shop, plan: &mut Plan, job: usize, start: i64) {
        let op = self.next[job] as usize;
        let machine = plan.machine[op] as usize;
        let duration = shop.choices(op).find(|choice| choice.0 == machine).map_or(0, |choice| choice.1);
        plan.order.push(op as u32);
        (plan.start[op], plan.end[op], plan.before[op]) = (start, start + duration, self.last[machine]);
        (self.last[machine], self.holder[machine], self.at[job]) = (op as u32, job as u32, machine as u32);
        (self.next[job], self.ready[job]) = (op as u32 + 1, start + duration);
        if op + 1 == shop.operations(job).end {
            plan.completion[job] = start + duration;
            self.leave(job, start + duration);
        }
    }
}
