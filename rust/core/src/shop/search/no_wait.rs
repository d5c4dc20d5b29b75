//! A schedule of a shop without waiting as a list of jobs: each begins as early as it passes between those before it in the list.
//!
//! The operations of a job follow each other at fixed distances, so that a job is moved as a whole: its begin is delayed until every machine
//! has room for its operation, with the setups between that and its neighbours, and is open (Schuster and Framinan 2003).

use super::annealing::{Change, Lists};
use crate::random::Random;
use crate::shop::Schedule;
use crate::shop::problem::Shop;
use crate::shop::timing::first_open;

/// How often a job is delayed until it is given up, beyond once for each operation on its machines.
const MOST_DELAYS: usize = 1000;
/// One change of so many concerns any job, not one that counts.
const ANY_JOB: u64 = 4;

/// When jobs run.
#[derive(Debug, Clone)]
struct Plan {
    /// Jobs in the order in which they are placed.
    order: Vec<u32>,
    machine: Vec<u32>,
    duration: Vec<i64>,
    start: Vec<i64>,
    completion: Vec<i64>,
}

/// A list of jobs, and a change that is tried.
#[derive(Debug, Clone)]
pub(super) struct Jobs<'s> {
    shop: &'s Shop,
    now: Plan,
    tried: Plan,
    /// By machine what runs there: `(start, end, operation)`, in this order.
    lines: Vec<Vec<(i64, i64, u32)>>,
    /// Whether the list is the schedule to begin with, which no list is known to give.
    fixed: bool,
}

impl<'s> Lists<'s> for Jobs<'s> {
    /// Jobs in the order in which they begin.
    fn new(shop: &'s Shop, schedule: &Schedule) -> Self {
        let begin = |job: u32| shop.operations(job as usize).next().map_or(0, |op| schedule.start_time[op]);
        let mut order: Vec<u32> = (0..shop.num_jobs() as u32).collect();
        order.sort_by_key(|&job| (begin(job), job));
        let mut completion: Vec<i64> = (0..shop.num_jobs()).map(|job| shop.release_time(job)).collect();
        for (op, &end) in schedule.completion_time.iter().enumerate() {
            completion[shop.job(op)] = end;
        }
        let now = Plan {
            order,
            machine: schedule.machine.clone(),
            duration: schedule.completion_time.iter().zip(&schedule.start_time).map(|(end, start)| end - start).collect(),
            start: schedule.start_time.clone(),
            completion,
        };
        let mut jobs = Self { shop, tried: now.clone(), now, lines: vec![Vec::new(); shop.num_machines()], fixed: false };
        if jobs.place_all() {
            jobs.accept();
        } else {
            jobs.fixed = true;
        }
        jobs
    }

    fn schedule(&self) -> Schedule {
        let Plan { machine, duration, start, .. } = &self.now;
        let end = start.iter().zip(duration).map(|(start, duration)| start + duration).collect();
        Schedule { machine: machine.clone(), start_time: start.clone(), completion_time: end }
    }

    fn completion(&self) -> &[i64] {
        &self.now.completion
    }

    fn tried_completion(&self) -> &[i64] {
        &self.tried.completion
    }

    fn change(&mut self, job: usize, _limit: i64, random: &mut Random) -> Change {
        let count = self.now.order.len();
        if self.fixed {
            return Change::None;
        }
        let job = if random.below(ANY_JOB) == 0 { random.below(count as u64) as usize } else { job };
        self.reject();
        let moved = if self.shop.is_flexible() && random.below(2) == 0 {
            self.reassign(job, random)
        } else {
            let from = self.now.order.iter().position(|&other| other as usize == job).unwrap_or(0);
            let to = random.below(count as u64) as usize;
            self.tried.order.remove(from);
            self.tried.order.insert(to, job as u32);
            from != to
        };
        if moved && self.place_all() { Change::Tried } else { Change::None }
    }

    fn accept(&mut self) {
        std::mem::swap(&mut self.now, &mut self.tried);
    }

    fn reject(&mut self) {
        self.tried.order.clone_from(&self.now.order);
        self.tried.machine.clone_from(&self.now.machine);
        self.tried.duration.clone_from(&self.now.duration);
    }

    /// The order of a list says more than times do.
    fn sort(&mut self) {}
}

impl Jobs<'_> {
    /// Gives an operation of a job another one of its machines; whether there is one.
    fn reassign(&mut self, job: usize, random: &mut Random) -> bool {
        let operations = self.shop.operations(job);
        if operations.is_empty() {
            return false;
        }
        let op = operations.start + random.below(operations.len() as u64) as usize;
        let mut choices = self.shop.choices(op);
        let choice = choices.nth(random.below(choices.len() as u64) as usize);
        let Some((machine, duration)) = choice.filter(|choice| choice.0 as u32 != self.tried.machine[op]) else { return false };
        (self.tried.machine[op], self.tried.duration[op]) = (machine as u32, duration);
        true
    }

    /// Places the jobs of the list that is tried one after the other; whether each has a place.
    fn place_all(&mut self) -> bool {
        self.lines.iter_mut().for_each(Vec::clear);
        (0..self.tried.order.len()).all(|k| self.place(self.tried.order[k] as usize))
    }

    /// Places a job between those that are there, as early as it passes.
    fn place(&mut self, job: usize) -> bool {
        let (shop, plan) = (self.shop, &mut self.tried);
        let mut clock = shop.release_time(job);
        plan.completion[job] = clock;
        for op in shop.operations(job) {
            if op > shop.operations(job).start {
                clock += shop.transport(plan.machine[op - 1] as usize, plan.machine[op] as usize);
            }
            plan.start[op] = clock;
            clock += plan.duration[op];
        }
        let there: usize = shop.operations(job).map(|op| self.lines[plan.machine[op] as usize].len()).sum();
        for _ in 0..there + MOST_DELAYS {
            let mut delay = 0;
            for op in shop.operations(job) {
                let Some(needed) = self.delay(job, op) else { return false };
                delay = delay.max(needed);
            }
            let plan = &mut self.tried;
            if delay == 0 {
                for op in shop.operations(job) {
                    let (start, end) = (plan.start[op], plan.start[op] + plan.duration[op]);
                    plan.completion[job] = end;
                    let line = &mut self.lines[plan.machine[op] as usize];
                    let run = (start, end, op as u32);
                    line.insert(line.partition_point(|other| *other < run), run);
                }
                return true;
            }
            shop.operations(job).for_each(|op| plan.start[op] += delay);
        }
        false
    }

    /// By how much an operation has to begin later than it does now, at least; `None` if its machine never opens for so long.
    fn delay(&self, job: usize, op: usize) -> Option<i64> {
        let (shop, plan) = (self.shop, &self.tried);
        let machine = plan.machine[op] as usize;
        let run = |op: usize| (plan.start[op], plan.start[op] + plan.duration[op], op as u32);
        let (start, end, _) = run(op);
        let line = &self.lines[machine];
        let place = line.partition_point(|other| *other < run(op));
        let here = |other: &usize| plan.machine[*other] as usize == machine;
        let operations = shop.operations(job);
        let own_before = (operations.start..op).rev().find(here).map(run);
        let own_after = (op + 1..operations.end).find(here).map(run);
        let before = line[..place].last().copied().max(own_before);
        let after = line.get(place).copied().into_iter().chain(own_after).min();
        let setup = |a: u32, b: u32| shop.setup(machine, Some(shop.job(a as usize)), shop.job(b as usize));
        let ready =
            match before {
                None => shop.setup(machine, None, job),
                // An own operation moves along, so only another place helps.
                Some((_, left, other)) if own_before.is_some_and(|own| own.2 == other) => {
                    if left + setup(other, op as u32) > start { start + 1 } else { start }
                }
                Some((_, left, other)) => left + setup(other, op as u32),
            };
        let mut delay = (ready - start).max(0);
        if let Some((begins, leaves, other)) = after
            && shop.job(other as usize) != job
            && end + setup(op as u32, other) > begins
        {
            delay = delay.max((leaves + setup(other, op as u32) - start).max(1));
        }
        match shop.calendar(machine) {
            None => Some(delay),
            Some(calendar) => first_open(calendar, start, plan.duration[op]).map(|open| delay.max(open - start)),
        }
    }
}
