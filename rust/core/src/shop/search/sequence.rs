//! A schedule as one list of all operations, each behind those before it on its machine and in its job.
//!
//! Every list in which jobs keep their routes is a schedule, and so is every list with other machines: nothing has to be repaired, whatever
//! setups, ways and calendars a shop has.

use super::annealing::{Change, Lists};
use crate::random::Random;
use crate::shop::Schedule;
use crate::shop::problem::Shop;
use crate::shop::timing::first_open;

/// No operation.
const NONE: u32 = u32::MAX;

/// When operations run.
#[derive(Debug, Clone)]
struct Times {
    start: Vec<i64>,
    end: Vec<i64>,
    /// The operation before on the machine.
    before: Vec<u32>,
    /// When each job completes.
    completion: Vec<i64>,
}

/// A list of operations with its times, and a change that is tried.
#[derive(Debug, Clone)]
pub(super) struct Sequence<'s> {
    shop: &'s Shop,
    order: Vec<u32>,
    position: Vec<u32>,
    machine: Vec<u32>,
    duration: Vec<i64>,
    now: Times,
    tried: Times,
    /// By machine the last operation so far.
    last: Vec<u32>,
    /// The positions that a change has rewritten, what stood there, and the machine and duration that an operation had.
    changed: (usize, Vec<u32>),
    reassigned: Option<(usize, u32, i64)>,
    /// Jobs and machines whose later operations follow the one that is moved, by the number of the change.
    follows: (Vec<u64>, Vec<u64>),
    change: u64,
    later: Vec<u32>,
}

impl<'s> Lists<'s> for Sequence<'s> {
    /// The list is in order of time.
    fn new(shop: &'s Shop, schedule: &Schedule) -> Self {
        let count = shop.num_operations();
        let times = Times {
            start: schedule.start_time.clone(),
            end: schedule.completion_time.clone(),
            before: vec![NONE; count],
            completion: (0..shop.num_jobs()).map(|j| shop.release_time(j)).collect(),
        };
        let mut order: Vec<u32> = (0..count as u32).collect();
        order.sort_by_key(|&op| (times.start[op as usize], times.end[op as usize], op));
        let mut sequence = Self {
            shop,
            position: vec![0; count],
            machine: schedule.machine.clone(),
            duration: (0..count).map(|op| schedule.completion_time[op] - schedule.start_time[op]).collect(),
            tried: times.clone(),
            now: times,
            last: vec![NONE; shop.num_machines()],
            changed: (0, Vec::new()),
            reassigned: None,
            follows: (vec![0; shop.num_jobs()], vec![0; shop.num_machines()]),
            change: 0,
            later: Vec::new(),
            order,
        };
        sequence.renumber(0, count);
        sequence.decode();
        sequence.accept();
        sequence
    }

    fn schedule(&self) -> Schedule {
        let Times { start, end, .. } = &self.now;
        Schedule { machine: self.machine.clone(), start_time: start.clone(), completion_time: end.clone() }
    }

    fn completion(&self) -> &[i64] {
        &self.now.completion
    }

    fn tried_completion(&self) -> &[i64] {
        &self.tried.completion
    }

    fn change(&mut self, job: usize, _limit: i64, random: &mut Random) -> Change {
        if self.change_on_the_way(job, random) { Change::Tried } else { Change::None }
    }

    fn accept(&mut self) {
        std::mem::swap(&mut self.now, &mut self.tried);
        self.changed.1.clear();
        self.reassigned = None;
    }

    fn reject(&mut self) {
        if let Some((op, machine, duration)) = self.reassigned.take() {
            (self.machine[op], self.duration[op]) = (machine, duration);
        }
        let (from, old) = (self.changed.0, std::mem::take(&mut self.changed.1));
        self.order[from..from + old.len()].copy_from_slice(&old);
        self.renumber(from, from + old.len());
        self.changed.1 = old;
        self.changed.1.clear();
    }

    fn sort(&mut self) {
        let (start, position) = (&self.now.start, &self.position);
        self.order.sort_by_key(|&op| (start[op as usize], position[op as usize]));
        self.renumber(0, self.order.len());
    }
}

impl Sequence<'_> {
    /// An operation goes before one that it waits for on its machine, or to another machine.
    fn change_on_the_way(&mut self, job: usize, random: &mut Random) -> bool {
        let Some(last) = self.shop.operations(job).last() else { return false };
        let is_flexible = self.shop.is_flexible();
        let (mut op, mut waits, mut choices) = (last, 0, 0);
        let (mut pair, mut movable) = (None, None);
        loop {
            if is_flexible && self.shop.choices(op).len() > 1 {
                choices += 1;
                movable = if random.below(choices) == 0 { Some(op) } else { movable };
            }
            let before = self.now.before[op];
            let (arrival, free) = self.ready(&self.now, op, before);
            let waits_for_machine = before != NONE && (free > arrival || free == arrival && random.below(2) == 0);
            if waits_for_machine {
                waits += 1;
                pair = if random.below(waits) == 0 { Some((before as usize, op)) } else { pair };
                op = before as usize;
            } else if !self.is_first(op) && arrival >= free {
                op -= 1;
            } else {
                break;
            }
        }
        match (pair, movable) {
            (Some((before, op)), None) => self.put_before(before, op, random),
            (None, Some(op)) => self.reassign(op, random),
            (Some((before, op)), Some(other)) => {
                if random.below(2) == 0 {
                    self.put_before(before, op, random)
                } else {
                    self.reassign(other, random)
                }
            }
            (None, None) => false,
        }
    }

    fn renumber(&mut self, from: usize, to: usize) {
        for at in from..to {
            self.position[self.order[at] as usize] = at as u32;
        }
    }

    fn is_first(&self, op: usize) -> bool {
        op == self.shop.operations(self.shop.job(op)).start
    }

    /// When the job of an operation arrives at its machine, and when that is ready behind an operation before.
    #[inline]
    fn ready(&self, times: &Times, op: usize, before: u32) -> (i64, i64) {
        let (shop, job, machine) = (self.shop, self.shop.job(op), self.machine[op] as usize);
        let arrival = if self.is_first(op) {
            shop.release_time(job)
        } else {
            times.end[op - 1] + shop.transport(self.machine[op - 1] as usize, machine)
        };
        let free = match before {
            NONE => shop.setup(machine, None, job),
            before => times.end[before as usize] + shop.setup(machine, Some(shop.job(before as usize)), job),
        };
        (arrival, free)
    }

    /// Times of the list as it is, every operation as early as its place allows; whether each machine opens for long enough.
    fn decode(&mut self) -> bool {
        let mut times =
            std::mem::replace(&mut self.tried, Times { start: vec![], end: vec![], before: vec![], completion: vec![] });
        self.last.fill(NONE);
        let mut possible = true;
        for at in 0..self.order.len() {
            let op = self.order[at] as usize;
            let (machine, duration) = (self.machine[op] as usize, self.duration[op]);
            let before = std::mem::replace(&mut self.last[machine], op as u32);
            let (arrival, free) = self.ready(&times, op, before);
            let mut start = arrival.max(free);
            if let Some(calendar) = self.shop.calendar(machine) {
                match first_open(calendar, start, duration) {
                    Some(open) => start = open,
                    None => possible = false,
                }
            }
            (times.start[op], times.end[op], times.before[op]) = (start, start + duration, before);
            times.completion[self.shop.job(op)] = start + duration;
            if !possible {
                break;
            }
        }
        self.tried = times;
        possible
    }

    /// Puts an operation before one that runs on its machine before it; now and then still further to the front.
    fn put_before(&mut self, before: usize, op: usize, random: &mut Random) -> bool {
        let mut target = before;
        while random.below(3) == 0 && self.now.before[target] != NONE {
            target = self.now.before[target] as usize;
        }
        self.change += 1;
        let (from, to) = (self.position[target] as usize, self.position[op] as usize);
        let (jobs, machines) = (&mut self.follows.0, &mut self.follows.1);
        self.changed.0 = from;
        self.changed.1.clear();
        self.changed.1.extend_from_slice(&self.order[from..=to]);
        self.later.clear();
        let mut kept = from;
        for at in from..=to {
            let other = self.order[at] as usize;
            let (job, machine) = (self.shop.job(other), self.machine[other] as usize);
            let follows = jobs[job] == self.change || machines[machine] == self.change;
            if other == op {
                if jobs[job] == self.change {
                    self.changed.1.truncate(at - from);
                    self.reject(); // its job would come before itself
                    return false;
                }
                self.order[kept] = op as u32;
                kept += 1;
            } else if follows || other == target {
                (jobs[job], machines[machine]) = (self.change, self.change);
                self.later.push(other as u32);
            } else {
                self.order[kept] = other as u32;
                kept += 1;
            }
        }
        self.order[kept..=to].copy_from_slice(&self.later);
        self.renumber(from, to + 1);
        self.try_out()
    }

    /// Gives an operation another one of its machines, at its place in the list.
    fn reassign(&mut self, op: usize, random: &mut Random) -> bool {
        let mut choices = self.shop.choices(op);
        let (mut machine, mut duration) = (self.machine[op] as usize, self.duration[op]);
        let skip = random.below(choices.len() as u64 - 1) as usize;
        if let Some(choice) = choices.by_ref().filter(|choice| choice.0 != machine).nth(skip) {
            (machine, duration) = choice;
        }
        self.reassigned = Some((op, self.machine[op], self.duration[op]));
        (self.machine[op], self.duration[op]) = (machine as u32, duration);
        self.try_out()
    }

    fn try_out(&mut self) -> bool {
        let possible = self.decode();
        if !possible {
            self.reject();
        }
        possible
    }

    /// Whether the list, the machines and the times are those of another one.
    #[cfg(test)]
    pub fn is_like(&self, other: &Self) -> bool {
        self.order == other.order && self.position == other.position && self.schedule() == other.schedule()
    }
}
