//! One shop of a learning environment, scheduled operation by operation.

use std::sync::Arc;

use crate::shop::Schedule;
use crate::shop::dispatch::Scheme;
use crate::shop::problem::Shop;
use crate::total::Total;

/// Where the next operation of a job would go.
#[derive(Debug, Clone, Copy)]
pub struct Place {
    pub machine: usize,
    /// When the machine is ready for the job, its setup included.
    pub machine_ready: i64,
    pub start: i64,
    pub completion: i64,
}

/// One shop in the making.
#[derive(Debug, Clone)]
pub struct Instance {
    pub shop: Arc<Shop>,
    pub schedule: Schedule,
    /// By job: the next operation, when the job is ready for it, and a time before which the job cannot complete.
    pub next: Vec<u32>,
    pub ready: Vec<i64>,
    pub completion_bound: Vec<i64>,
    /// By machine: when it is free, the job of its last operation, and the work that can go to no other machine.
    pub free: Vec<i64>,
    pub last: Vec<Option<u32>>,
    pub load: Vec<i64>,
    /// The operations that are placed, in the order in which that happened.
    pub order: Vec<u32>,
    pub makespan: i64,
    pub lower_bound: Total,
    /// By job the place of the earliest completion; kept up to date where a scheme asks for it.
    pub place: Vec<Option<Place>>,
}

impl Instance {
    pub fn new(shop: Arc<Shop>) -> Self {
        let count = shop.num_operations();
        let mut instance = Self {
            schedule: Schedule { machine: vec![0; count], start_time: vec![0; count], completion_time: vec![0; count] },
            next: vec![0; shop.num_jobs()],
            ready: vec![0; shop.num_jobs()],
            completion_bound: vec![0; shop.num_jobs()],
            free: vec![0; shop.num_machines()],
            last: vec![None; shop.num_machines()],
            load: vec![0; shop.num_machines()],
            order: Vec::with_capacity(count),
            makespan: 0,
            lower_bound: Total::Integer(0),
            place: vec![None; shop.num_jobs()],
            shop,
        };
        instance.reset();
        instance
    }

    pub fn reset(&mut self) {
        let shop = &self.shop;
        for job in 0..shop.num_jobs() {
            self.next[job] = shop.operations(job).start as u32;
            self.ready[job] = shop.release_time(job);
            self.completion_bound[job] = shop.release_time(job) + shop.total_work(job);
        }
        self.free.fill(0);
        self.last.fill(None);
        self.load.fill(0);
        for op in 0..shop.num_operations() {
            if let (1, Some((machine, duration))) = (shop.choices(op).len(), shop.choices(op).next()) {
                self.load[machine] += duration;
            }
        }
        self.order.clear();
        (self.makespan, self.lower_bound) = (0, Total::Integer(0));
    }

    /// Where the next operation of a job goes on one of its machines.
    #[inline]
    pub fn place_on(&self, job: usize, machine: usize, duration: i64) -> Place {
        let (shop, op) = (&*self.shop, self.next[job] as usize);
        let is_first = op == shop.operations(job).start;
        let way = if is_first { 0 } else { shop.transport(self.schedule.machine[op - 1] as usize, machine) };
        let machine_ready = self.free[machine] + shop.setup(machine, self.last[machine].map(|job| job as usize), job);
        let start = machine_ready.max(self.ready[job] + way);
        Place { machine, machine_ready, start, completion: start + duration }
    }

    /// The place of the earliest completion; ties go to the lowest machine.
    #[inline]
    pub fn earliest(&self, job: usize) -> Option<Place> {
        let op = self.next[job] as usize;
        let places = self.shop.choices(op).map(|(machine, duration)| self.place_on(job, machine, duration));
        places.min_by_key(|place| (place.completion, place.machine))
    }

    pub fn is_done(&self) -> bool {
        self.order.len() == self.shop.num_operations()
    }

    pub fn has_next(&self, job: usize) -> bool {
        (self.next[job] as usize) < self.shop.operations(job).end
    }

    /// Looks again where the next operations go that can take one of some machines, and that of `placed`.
    pub fn look_again(&mut self, placed: Option<usize>, concerned: impl Fn(usize) -> bool) {
        for job in 0..self.next.len() {
            let op = self.next[job] as usize;
            if !self.has_next(job) {
                self.place[job] = None;
            } else if placed == Some(job) || self.shop.choices(op).any(|(machine, _)| concerned(machine)) {
                self.place[job] = self.earliest(job);
            }
        }
    }

    /// The jobs that a scheme may place next.
    pub fn restrict(&self, scheme: Scheme, legal: &mut [bool]) {
        legal.fill(false);
        let rows = self.place.iter().zip(legal).zip(0..);
        let rows = rows.filter_map(|((place, legal), job)| Some((place.as_ref()?, legal, job)));
        match scheme {
            Scheme::Active => {
                let first = self.place.iter().zip(0..).filter_map(|(place, job)| Some((place.as_ref()?, job)));
                let Some((least, winner)) = first.min_by_key(|(place, _)| place.completion) else { return };
                // An operation of duration 0 does not start before its own completion.
                let competes = |place: &Place| place.machine == least.machine && place.start < least.completion;
                rows.for_each(|(place, legal, job)| *legal = competes(place) || job == winner);
            }
            Scheme::NonDelay => {
                let Some(least) = self.place.iter().flatten().map(|place| place.start).min() else { return };
                rows.for_each(|(place, legal, _)| *legal = place.start == least);
            }
        }
    }

    /// Places the next operation of a job.
    #[inline]
    pub fn put(&mut self, job: usize, place: Place) {
        let op = self.next[job] as usize;
        let Place { machine, start, completion, .. } = place;
        self.schedule.machine[op] = machine as u32;
        (self.schedule.start_time[op], self.schedule.completion_time[op]) = (start, completion);
        if self.shop.choices(op).len() == 1 {
            self.load[machine] -= completion - start;
        }
        (self.free[machine], self.last[machine]) = (completion, Some(job as u32));
        self.next[job] += 1;
        self.ready[job] = completion;
        let rest = if self.has_next(job) { self.shop.remaining_work(op + 1) } else { 0 };
        self.completion_bound[job] = completion + rest;
        self.makespan = self.makespan.max(completion);
        self.order.push(op as u32);
    }
}
