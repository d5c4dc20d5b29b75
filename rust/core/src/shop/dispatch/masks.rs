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

/// Jobs that the largest word has bits for.
const JOBS: usize = 128;
const SHIFT: u32 = JOBS.ilog2();
/// No job waits for the machine.
const NOTHING: i64 = i64::MAX;
/// No job competes.
const NO_KEY: (i64, u32) = (i64::MAX, u32::MAX);

/// Whether a shop can be dispatched here.
pub(super) fn serves(shop: &Shop) -> bool {
    shop.num_jobs() <= JOBS && shop.is_plain() && !shop.is_flexible()
}

/// A set of jobs in one machine word.
trait Word: Copy {
    const EMPTY: Self;
    fn with(self, job: u32) -> Self;
    fn without(self, job: u32) -> Self;
    /// The lowest job, and the other ones.
    fn split(self) -> Option<(u32, Self)>;
}

macro_rules! word {
    ($kind:ty) => {
        impl Word for $kind {
            const EMPTY: Self = 0;

            #[inline]
            fn with(self, job: u32) -> Self {
                self | (1 as Self).wrapping_shl(job)
            }

            #[inline]
            fn without(self, job: u32) -> Self {
                self & !(1 as Self).wrapping_shl(job)
            }

            #[inline]
            fn split(self) -> Option<(u32, Self)> {
                (self != 0).then(|| (self.trailing_zeros(), self & self.wrapping_sub(1)))
            }
        }
    };
}
word!(u64);
word!(u128);

/// The next operation of a job.
#[derive(Debug, Clone, Copy, Default)]
struct Next {
    operation: u32,
    machine: u32,
    arrival: i64,
    duration: i64,
    /// The key of the rule, unless keys depend on the moment.
    key: i64,
}

impl Next {
    #[inline]
    fn candidate(&self) -> Candidate {
        Candidate { operation: self.operation as usize, duration: self.duration, arrival: self.arrival }
    }
}

/// What is known of a machine.
#[derive(Debug, Clone, Copy)]
struct Machine<W> {
    free: i64,
    /// The jobs that wait for it.
    waiting: W,
}

/// A schedule in the making.
struct Dispatching<'s, W> {
    shop: &'s Shop,
    keys: &'s Keys<'s>,
    scheme: Scheme,
    schedule: Schedule,
    /// By job.
    next: Vec<Next>,
    machine: Vec<Machine<W>>,
    /// By machine the least completion, or start if non-delay, of the jobs that wait for it, with its job.
    first: Vec<i64>,
}

/// The schedule by a priority; one that `pulse` has stopped must not be used.
pub(super) fn dispatch(shop: &Shop, keys: &Keys, scheme: Scheme, past: &Past, pulse: &mut Pulse) -> Schedule {
    if shop.num_jobs() <= 64 { run::<u64>(shop, keys, scheme, past, pulse) } else { run::<u128>(shop, keys, scheme, past, pulse) }
}

fn run<W: Word>(shop: &Shop, keys: &Keys, scheme: Scheme, past: &Past, pulse: &mut Pulse) -> Schedule {
    let (count, machines) = (shop.num_operations(), shop.num_machines());
    let machine = shop.data().machine.iter().map(|&machine| machine as u32).collect(); // choices are numbered like operations
    let schedule = Schedule { machine, start_time: vec![0; count], completion_time: vec![0; count] };
    let free = Machines::new(shop, past).free();
    let mut run = Dispatching::<W> {
        shop,
        keys,
        scheme,
        schedule,
        next: vec![Next::default(); shop.num_jobs()],
        machine: free.into_iter().map(|free| Machine { free, waiting: W::EMPTY }).collect(),
        first: vec![NOTHING; machines],
    };
    let mut begin: Vec<usize> = (0..shop.num_jobs()).map(|job| shop.operations(job).start).collect();
    for f in past.fixed() {
        (run.schedule.start_time[f.operation], run.schedule.completion_time[f.operation]) = (f.start, f.end);
        begin[shop.job(f.operation)] = f.operation + 1;
    }
    for (job, operation) in begin.into_iter().enumerate() {
        if operation == shop.operations(job).start {
            run.wait(job as u32, operation, shop.release_time(job));
        } else {
            run.wait(job as u32, operation, run.schedule.completion_time[operation - 1]);
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
fn jobs<W: Word>(mut word: W) -> impl Iterator<Item = u32> {
    std::iter::from_fn(move || {
        let (job, others) = word.split()?;
        word = others;
        Some(job)
    })
}

impl<W: Word> Dispatching<'_, W> {
    /// Makes an operation the next one of its job, if the job has that many.
    #[inline]
    fn wait(&mut self, job: u32, operation: usize, arrival: i64) {
        if operation < self.shop.operations(job as usize).end {
            let data = self.shop.data();
            let (machine, duration) = (data.machine[operation] as u32, data.duration[operation]);
            let key = if self.keys.moves { 0 } else { self.keys.of(Candidate { operation, duration, arrival }, 0) };
            let next = Next { operation: operation as u32, machine, arrival, duration, key };
            self.next[job as usize] = next;
            let Machine { free, waiting } = self.machine[machine as usize];
            self.machine[machine as usize].waiting = waiting.with(job);
            let value = self.value(free, job, &next);
            let first = &mut self.first[machine as usize];
            *first = value.min(*first);
        }
    }

    /// What decides which operation is looked at first.
    #[inline]
    fn value(&self, free: i64, job: u32, next: &Next) -> i64 {
        let start = next.arrival.max(free);
        let value = if self.scheme == Scheme::Active { start + next.duration } else { start };
        (value << SHIFT) | i64::from(job)
    }

    /// The job whose operation is placed next; `None` if all are placed.
    #[inline]
    fn choose(&self) -> Option<u32> {
        let least = self.first.iter().copied().min().filter(|&least| least != NOTHING)?;
        let (value, job) = (least >> SHIFT, (least & (JOBS as i64 - 1)) as u32);
        let best = match self.scheme {
            Scheme::Active => {
                // An operation of duration 0 does not start before its own completion.
                let here = self.machine[self.next[job as usize].machine as usize];
                self.least_key(here, |j, start| start < value || j == job, None)
            }
            Scheme::NonDelay => {
                let mut best = NO_KEY;
                for (first, here) in self.first.iter().zip(&self.machine) {
                    if first >> SHIFT == value {
                        best = self.least_key(*here, |_, start| start == value, Some(value)).min(best);
                    }
                }
                best
            }
        };
        Some(best.1)
    }

    /// The least key of the jobs that compete for a machine, with its job. Without a moment it is the earliest of their starts.
    #[inline]
    fn least_key(&self, here: Machine<W>, competes: impl Fn(u32, i64) -> bool, now: Option<i64>) -> (i64, u32) {
        let next = |job: u32| (job, &self.next[job as usize]);
        let competing = || jobs(here.waiting).map(next).filter(|(job, next)| competes(*job, next.arrival.max(here.free)));
        if !self.keys.moves {
            let mut best = NO_KEY;
            for (job, next) in jobs(here.waiting).map(next) {
                // Without branches; jobs rise, so a key as low as the least one does not replace it.
                let better = next.key < best.0 || best.1 == NO_KEY.1;
                if competes(job, next.arrival.max(here.free)) & better {
                    best = (next.key, job);
                }
            }
            return best;
        }
        let earliest = || competing().map(|(_, next)| next.arrival.max(here.free)).min().unwrap_or(0);
        let now = now.unwrap_or_else(earliest);
        competing().map(|(job, next)| (self.keys.of(next.candidate(), now), job)).min().unwrap_or(NO_KEY)
    }

    /// Places the next operation of a job.
    #[inline]
    fn place(&mut self, job: u32) {
        let Next { operation, machine, arrival, duration, .. } = self.next[job as usize];
        let (operation, machine) = (operation as usize, machine as usize);
        let here = &mut self.machine[machine];
        let start = arrival.max(here.free);
        let completion = start + duration;
        (self.schedule.start_time[operation], self.schedule.completion_time[operation]) = (start, completion);
        (here.free, here.waiting) = (completion, here.waiting.without(job));
        let waiting = here.waiting;
        let value = |j: u32| self.value(completion, j, &self.next[j as usize]);
        self.first[machine] = jobs(waiting).map(value).min().unwrap_or(NOTHING);
        self.wait(job, operation + 1, completion);
    }
}
