//! Dispatching of job shops of any size: the ready operations of each machine stand in heaps, the machines in a tree.
//!
//! Nothing that is placed starts (non-delay) or ends (active) before what was placed earlier, so a heap by arrivals shows which
//! operations begin to compete at a moment. Operations are numbered job by job: of two ready ones the lower belongs to the lower job.

mod active;
mod by_rule;
mod non_delay;

use super::super::Schedule;
use super::super::past::Past;
use super::super::problem::Shop;
use super::super::rule::{Candidate, Keys};
use super::super::timing::Machines;
use super::Scheme;
use crate::control::Pulse;
use crate::cost;

/// What decides which machine comes first: two values and the operation that they belong to.
type Head = (i64, i64, u32);
/// No operation waits for the machine.
const NOTHING: Head = (i64::MAX, i64::MAX, u32::MAX);

/// Whether a shop can be dispatched here: an operation has one machine, which is always open and needs no setup.
pub(super) fn serves(shop: &Shop) -> bool {
    let data = shop.data();
    !shop.is_flexible() && data.setup.is_empty() && data.initial_setup.is_empty() && data.calendars.is_empty()
}

/// The schedule by a priority; one that `pulse` has stopped must not be used.
///
/// O(N (log n + log m)) for N operations of n jobs on m machines; a step by a rule whose keys depend on the moment looks at all
/// operations that compete for one machine.
pub(super) fn dispatch(shop: &Shop, keys: &Keys, scheme: Scheme, past: &Past, pulse: &mut Pulse) -> Schedule {
    match scheme {
        Scheme::Active => run::<active::Queue>(shop, keys, past, pulse),
        Scheme::NonDelay => run::<non_delay::Queue>(shop, keys, past, pulse),
    }
}

/// The ready operations of one machine.
trait Queue {
    /// Of a machine that is free from a moment on.
    fn new(free: i64) -> Self;
    /// Adds an operation, and returns the head of a queue that has no other.
    fn arrive(&mut self, candidate: Candidate, ready: &Ready) -> Head;
    /// Removes the operation that the rule chooses, given the head of the queue; returns it with its start.
    fn take(&mut self, head: Head, ready: &Ready) -> (usize, i64);
    /// Makes the machine free from a moment on; returns the new head.
    fn release(&mut self, free: i64, ready: &Ready) -> Head;
    /// Number of operations that each of these steps looks at.
    fn scanned(&self) -> usize;
}

/// What queues look up.
struct Ready<'s> {
    shop: &'s Shop,
    keys: &'s Keys<'s>,
    /// When each job arrives at the machine of its next operation.
    arrival: Vec<i64>,
    /// Whether each operation has been placed.
    placed: Vec<bool>,
}

impl Ready<'_> {
    /// The candidate for a ready operation.
    #[inline]
    fn candidate(&self, operation: usize) -> Candidate {
        let arrival = self.arrival[self.shop.job(operation)];
        Candidate { operation, duration: self.duration(operation), arrival }
    }

    #[inline]
    fn machine(&self, operation: usize) -> usize {
        self.shop.data().machine[operation] as usize // each operation has one choice, so choices are numbered like operations
    }

    #[inline]
    fn duration(&self, operation: usize) -> i64 {
        self.shop.data().duration[operation]
    }

    #[inline]
    fn is_placed(&self, operation: u32) -> bool {
        self.placed[operation as usize]
    }
}

fn run<Q: Queue>(shop: &Shop, keys: &Keys, past: &Past, pulse: &mut Pulse) -> Schedule {
    let mut run = Dispatching::<Q>::new(shop, keys, past);
    let mut last: Vec<Option<usize>> = vec![None; shop.num_jobs()];
    for f in past.fixed() {
        run.schedule.machine[f.operation] = f.machine as u32;
        (run.schedule.start_time[f.operation], run.schedule.completion_time[f.operation]) = (f.start, f.end);
        last[shop.job(f.operation)] = Some(f.operation);
    }
    for (job, last) in last.into_iter().enumerate() {
        match last {
            Some(operation) => run.complete(operation),
            None if shop.operations(job).is_empty() => {}
            None => run.wait(shop.operations(job).start, shop.release_time(job)),
        }
        if pulse.worked(cost::EVENT) {
            return run.schedule;
        }
    }
    while let Some(steps) = run.place() {
        if pulse.worked(steps) {
            break;
        }
    }
    run.schedule
}

/// A schedule in the making.
struct Dispatching<'s, Q> {
    ready: Ready<'s>,
    queues: Vec<Q>,
    heads: Heads,
    schedule: Schedule,
}

impl<'s, Q: Queue> Dispatching<'s, Q> {
    fn new(shop: &'s Shop, keys: &'s Keys<'s>, past: &Past) -> Self {
        let count = shop.num_operations();
        Self {
            ready: Ready { shop, keys, arrival: vec![0; shop.num_jobs()], placed: vec![false; count] },
            queues: Machines::new(shop, past).free().into_iter().map(Q::new).collect(),
            heads: Heads::new(shop.num_machines()),
            schedule: Schedule { machine: vec![0; count], start_time: vec![0; count], completion_time: vec![0; count] },
        }
    }

    /// Makes an operation the next one of its job.
    #[inline]
    fn wait(&mut self, operation: usize, arrival: i64) {
        self.ready.arrival[self.ready.shop.job(operation)] = arrival;
        let machine = self.ready.machine(operation);
        let head = self.queues[machine].arrive(self.ready.candidate(operation), &self.ready);
        self.heads.lower(machine, head);
    }

    /// Lets the job of a completed operation go on to its next one.
    #[inline]
    fn complete(&mut self, operation: usize) {
        let (shop, next) = (self.ready.shop, operation + 1);
        if next < shop.operations(shop.job(operation)).end {
            let way = shop.transport(self.schedule.machine[operation] as usize, self.ready.machine(next));
            self.wait(next, self.schedule.completion_time[operation] + way);
        }
    }

    /// Places an operation; returns the steps of work, or `None` if all are placed.
    #[inline]
    fn place(&mut self) -> Option<u64> {
        let head = self.heads.least()?;
        let machine = self.ready.machine(head.2 as usize);
        let queue = &mut self.queues[machine];
        let steps = 2 * cost::EVENT + cost::PAIR * queue.scanned() as u64;
        let (operation, start) = queue.take(head, &self.ready);
        let completion = start + self.ready.duration(operation);
        self.schedule.machine[operation] = machine as u32;
        (self.schedule.start_time[operation], self.schedule.completion_time[operation]) = (start, completion);
        self.ready.placed[operation] = true;
        self.heads.set(machine, queue.release(completion, &self.ready));
        self.complete(operation);
        Some(steps)
    }
}

/// The heads of all machines, and the least of each half, quarter and so on of them.
struct Heads {
    /// Node `k` is the least of the nodes `2 k` and `2 k + 1`; the last half are the heads by machine.
    node: Vec<Head>,
}

impl Heads {
    fn new(machines: usize) -> Self {
        Self { node: vec![NOTHING; 2 * machines.next_power_of_two()] }
    }

    /// The least head, if operations are left.
    #[inline]
    fn least(&self) -> Option<Head> {
        Some(self.node[1]).filter(|head| *head != NOTHING)
    }

    #[inline]
    fn set(&mut self, machine: usize, head: Head) {
        let mut k = self.node.len() / 2 + machine;
        self.node[k] = head;
        while k > 1 {
            k /= 2;
            let least = self.node[2 * k].min(self.node[2 * k + 1]);
            if self.node[k] == least {
                break;
            }
            self.node[k] = least;
        }
    }

    /// Makes `head` the head of a machine if it is less.
    #[inline]
    fn lower(&mut self, machine: usize, head: Head) {
        if head < self.node[self.node.len() / 2 + machine] {
            self.set(machine, head);
        }
    }
}
