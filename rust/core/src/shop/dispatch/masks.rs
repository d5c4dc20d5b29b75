//! Dispatching of plain job shops with few jobs: the jobs that wait for a machine are the bits of one word.
//!
//! Completions and starts are compared together with their jobs, `value * 128 + job`, so that ties go to the lowest job without a further
//! comparison. The values stay below 2^55: release times and durations add up to at most 2^53, and so much is the present.

use super::super::Schedule;
use super::super::past::Past;
use super::super::problem::Shop;
use super::super::rule::{Candidate, Keys};
use super::super::timing::Machines;
use super::Scheme;
use crate::control::Pulse;

/// Jobs that a word has bits for.
const JOBS: usize = 128;
const SHIFT: u32 = JOBS.ilog2();
/// No job waits for the machine.
const NOTHING: i64 = i64::MAX;

/// Whether a shop can be dispatched here.
pub(super) fn serves(shop: &Shop) -> bool {
    shop.num_jobs() <= JOBS && shop.is_plain() && !shop.is_flexible()
}

/// The next operation of a job.
#[derive(Debug, Clone, Copy, Default)]
struct Next {
    operation: usize,
    machine: usize,
    arrival: i64,
    duration: i64,
    /// The key of the rule, unless keys depend on the moment.
    key: i64,
}

/// A schedule in the making.
struct Dispatching<'s> {
    shop: &'s Shop,
    keys: &'s Keys<'s>,
    scheme: Scheme,
    schedule: Schedule,
    /// By job.
    next: Vec<Next>,
    /// By machine: when it is free, the jobs that wait for it, and of these the least completion, or start if non-delay, with its job.
    free: Vec<i64>,
    waiting: Vec<u128>,
    first: Vec<i64>,
}

/// The schedule by a priority; one that `pulse` has stopped must not be used.
pub(super) fn dispatch(shop: &Shop, keys: &Keys, scheme: Scheme, past: &Past, pulse: &mut Pulse) -> Schedule {
    let (count, machines) = (shop.num_operations(), shop.num_machines());
    let schedule = Schedule { machine: vec![0; count], start_time: vec![0; count], completion_time: vec![0; count] };
    let mut run = Dispatching {
        shop,
        keys,
        scheme,
        schedule,
        next: vec![Next::default(); shop.num_jobs()],
        free: Machines::new(shop, past).free(),
        waiting: vec![0; machines],
        first: vec![NOTHING; machines],
    };
    let mut begin: Vec<usize> = (0..shop.num_jobs()).map(|job| shop.operations(job).start).collect();
    for f in past.fixed() {
        run.schedule.machine[f.operation] = f.machine as u32;
        (run.schedule.start_time[f.operation], run.schedule.completion_time[f.operation]) = (f.start, f.end);
        begin[shop.job(f.operation)] = f.operation + 1;
    }
    for (job, operation) in begin.into_iter().enumerate() {
        if operation == shop.operations(job).start {
            run.wait(job, operation, shop.release_time(job));
        } else {
            run.wait(job, operation, run.schedule.completion_time[operation - 1]);
        }
    }
    while let Some(job) = run.choose() {
        run.place(job);
        if pulse.worked(2 + machines as u64 / 8) {
            break;
        }
    }
    run.schedule
}

/// The jobs of a word, the lowest first.
#[inline]
fn jobs(mut word: u128) -> impl Iterator<Item = usize> {
    std::iter::from_fn(move || {
        let job = (word != 0).then(|| word.trailing_zeros() as usize);
        word &= word.wrapping_sub(1);
        job
    })
}

impl Dispatching<'_> {
    /// Makes an operation the next one of its job, if the job has that many.
    #[inline]
    fn wait(&mut self, job: usize, operation: usize, arrival: i64) {
        if operation < self.shop.operations(job).end {
            let data = self.shop.data(); // each operation has one choice, so choices are numbered like operations
            let (machine, duration) = (data.machine[operation] as usize, data.duration[operation]);
            let key = if self.keys.moves { 0 } else { self.keys.of(Candidate { operation, duration, arrival }, 0) };
            self.next[job] = Next { operation, machine, arrival, duration, key };
            self.waiting[machine] |= 1 << job;
            self.first[machine] = self.first[machine].min(self.value(machine, job));
        }
    }

    #[inline]
    fn start(&self, machine: usize, job: usize) -> i64 {
        self.next[job].arrival.max(self.free[machine])
    }

    /// What decides which operation is looked at first.
    #[inline]
    fn value(&self, machine: usize, job: usize) -> i64 {
        let start = self.start(machine, job);
        let value = if self.scheme == Scheme::Active { start + self.next[job].duration } else { start };
        (value << SHIFT) | job as i64
    }

    /// The job whose operation is placed next; `None` if all are placed.
    #[inline]
    fn choose(&self) -> Option<usize> {
        let least = self.first.iter().copied().min().filter(|&least| least != NOTHING)?;
        let (value, job) = (least >> SHIFT, (least & (JOBS as i64 - 1)) as usize);
        let best = match self.scheme {
            Scheme::Active => {
                let machine = self.next[job].machine;
                // An operation of duration 0 does not start before its own completion.
                let competes = move |&j: &usize| self.start(machine, j) < value || j == job;
                self.least_key(|| jobs(self.waiting[machine]).filter(competes))
            }
            Scheme::NonDelay => {
                let now = move |machine: &usize| self.first[*machine] >> SHIFT == value;
                let here = move |m: usize| jobs(self.waiting[m]).filter(move |&j| self.start(m, j) == value);
                self.least_key(|| (0..self.first.len()).filter(now).flat_map(here))
            }
        };
        best.map(|(_, job)| job)
    }

    /// The least key of the candidates, with its job.
    #[inline]
    fn least_key<I: Iterator<Item = usize>>(&self, candidates: impl Fn() -> I) -> Option<(i64, usize)> {
        if !self.keys.moves {
            return candidates().map(|job| (self.next[job].key, job)).min();
        }
        let start = |job: usize| self.start(self.next[job].machine, job);
        let now = candidates().map(start).min()?;
        let key = |job: usize| {
            let Next { operation, arrival, duration, .. } = self.next[job];
            (self.keys.of(Candidate { operation, duration, arrival }, now), job)
        };
        candidates().map(key).min()
    }

    /// Places the next operation of a job.
    #[inline]
    fn place(&mut self, job: usize) {
        let Next { operation, machine, duration, .. } = self.next[job];
        let start = self.start(machine, job);
        let completion = start + duration;
        self.schedule.machine[operation] = machine as u32;
        (self.schedule.start_time[operation], self.schedule.completion_time[operation]) = (start, completion);
        self.free[machine] = completion;
        self.waiting[machine] &= !(1 << job);
        self.first[machine] = jobs(self.waiting[machine]).map(|j| self.value(machine, j)).min().unwrap_or(NOTHING);
        self.wait(job, operation + 1, completion);
    }
}
