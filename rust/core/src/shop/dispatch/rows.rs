//! Dispatching of plain job shops with few jobs: the operations that wait for a machine stand side by side in a row, in no order.
//!
//! A step looks at each waiting operation of one machine, without branches that depend on times or keys, and at one number of each machine.

mod least;

use self::least::{Least, Moment, NOTHING};
use super::super::Schedule;
use super::super::past::Past;
use super::super::problem::Shop;
use super::super::rule::{Candidate, Keys};
use super::super::timing::Machines;
use super::Scheme;
use crate::control::Pulse;
use std::hint::select_unpredictable;

/// More jobs are left to queues.
const JOBS: usize = least::JOBS;
/// All rows together have at most so many entries, or so many times as many as there are operations.
const ENTRIES: usize = 4096;
const SPARSE: usize = 4;

/// Whether a shop can be dispatched here.
pub(super) fn serves(shop: &Shop) -> bool {
    let (jobs, entries) = (shop.num_jobs(), shop.num_jobs().saturating_mul(shop.num_machines()));
    let fit = entries <= ENTRIES.max(SPARSE * shop.num_operations());
    jobs <= JOBS && fit && shop.is_plain() && !shop.is_flexible()
}

/// The next operation of a job, which waits for a machine.
#[derive(Debug, Clone, Copy, Default)]
struct Waiting {
    arrival: i64,
    duration: i64,
    /// The key of the rule, unless keys depend on the moment.
    key: i64,
    operation: u32,
    job: u32,
}

impl Waiting {
    #[inline]
    fn candidate(&self) -> Candidate {
        Candidate { operation: self.operation as usize, duration: self.duration, arrival: self.arrival }
    }
}

/// The least key of some waiting operations, ties to the lowest job, and the place of its operation in the row.
#[derive(Debug, Clone, Copy)]
struct Choice {
    key: i64,
    job: u32,
    place: u32,
}

impl Choice {
    const NONE: Self = Self { key: i64::MAX, job: u32::MAX, place: 0 };

    /// Takes another one instead if it competes and comes first.
    #[inline]
    fn consider(&mut self, competes: bool, other: Self) {
        let (less, equal, lower) = (other.key < self.key, other.key == self.key, other.job < self.job);
        let ahead = equal & lower;
        let first = less | ahead;
        let take = competes & first;
        self.key = select_unpredictable(take, other.key, self.key);
        self.job = select_unpredictable(take, other.job, self.job);
        self.place = select_unpredictable(take, other.place, self.place);
    }
}

/// What is known of a machine.
#[derive(Debug, Clone, Copy)]
struct Machine {
    free: i64,
    /// Number of operations in its row.
    count: usize,
    /// If non-delay, the choice of the rule among the operations that can start first.
    choice: Choice,
}

/// A schedule in the making.
struct Dispatching<'s, const ACTIVE: bool> {
    shop: &'s Shop,
    keys: &'s Keys<'s>,
    schedule: Schedule,
    machine: Vec<Machine>,
    /// The rows of all machines, each with an entry for every job.
    rows: Vec<Waiting>,
    /// By machine the least completion of its row with the job, or if non-delay the least start with the job of the choice.
    first: Least,
    /// Whether some operations take no time.
    is_instant: bool,
    /// By job the machine that its next operation waits for.
    at: Vec<u32>,
}

/// The schedule by a priority; one that `pulse` has stopped must not be used.
pub(super) fn dispatch(shop: &Shop, keys: &Keys, scheme: Scheme, past: &Past, pulse: &mut Pulse) -> Schedule {
    match scheme {
        Scheme::Active => run::<true>(shop, keys, past, pulse),
        Scheme::NonDelay => run::<false>(shop, keys, past, pulse),
    }
}

fn run<const ACTIVE: bool>(shop: &Shop, keys: &Keys, past: &Past, pulse: &mut Pulse) -> Schedule {
    let (count, machines, jobs) = (shop.num_operations(), shop.num_machines(), shop.num_jobs());
    let machine = shop.data().machine.iter().map(|&machine| machine as u32).collect(); // choices are numbered like operations
    let free = Machines::new(shop, past).free();
    let mut run = Dispatching::<ACTIVE> {
        shop,
        keys,
        schedule: Schedule { machine, start_time: vec![0; count], completion_time: vec![0; count] },
        machine: free.into_iter().map(|free| Machine { free, count: 0, choice: Choice::NONE }).collect(),
        rows: vec![Waiting::default(); machines * jobs],
        first: Least::new(machines),
        is_instant: shop.data().duration.contains(&0),
        at: vec![0; jobs],
    };
    let mut begin: Vec<usize> = (0..jobs).map(|job| shop.operations(job).start).collect();
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
    while let Some((machine, place)) = if ACTIVE { run.choose() } else { run.earliest() } {
        run.place(machine, place);
        if pulse.worked(2 + machines as u64 / 8) {
            break;
        }
    }
    run.schedule
}

impl<const ACTIVE: bool> Dispatching<'_, ACTIVE> {
    /// The operations that wait for a machine.
    #[inline]
    fn row(&self, machine: usize) -> &[Waiting] {
        let begin = machine * self.at.len();
        &self.rows[begin..begin + self.machine[machine].count]
    }

    /// Makes an operation the next one of its job, if the job has that many.
    #[inline]
    fn wait(&mut self, job: u32, operation: usize, arrival: i64) {
        if operation >= self.shop.operations(job as usize).end {
            return;
        }
        let (machine, duration) = (self.schedule.machine[operation], self.shop.data().duration[operation]);
        let key = if self.keys.moves { 0 } else { self.keys.of(Candidate { operation, duration, arrival }, 0) };
        let mut waiting = Waiting { arrival, duration, key, operation: operation as u32, job };
        self.at[job as usize] = machine;
        let (machine, jobs) = (machine as usize, self.at.len());
        let here = &mut self.machine[machine];
        let place = here.count;
        self.rows[machine * jobs + place] = waiting;
        here.count += 1;
        let start = arrival.max(here.free);
        if ACTIVE {
            self.first.lower(machine, Moment::new(start + duration, job));
            return;
        }
        if self.keys.moves {
            waiting.key = self.keys.of(waiting.candidate(), start);
        }
        let first = self.first.of(machine);
        if first >= Moment::new(start + 1, 0) {
            here.choice = Choice::NONE;
        }
        // Of equal starts the choice decides, which the moment names.
        if Moment::new(start, 0) <= first {
            here.choice.consider(true, Choice { key: waiting.key, job, place: place as u32 });
            self.first.set(machine, Moment::new(start, here.choice.job));
        }
    }

    /// Active: the machine of the earliest completion, and the place of the operation that the rule chooses there; `None` if all are placed.
    #[inline]
    fn choose(&self) -> Option<(usize, usize)> {
        let (completion, first) = self.first.least().parts()?;
        let machine = self.at[first as usize] as usize;
        let free = self.machine[machine].free;
        let row = self.row(machine);
        // An operation of duration 0 does not start before its own completion.
        let competes = |w: &Waiting| {
            let (starts, is_first) = (w.arrival.max(free) < completion, w.job == first);
            starts | is_first
        };
        let mut best = Choice::NONE;
        if self.keys.moves {
            let competing = || row.iter().zip(0..).filter(|(w, _)| competes(w));
            let now = competing().map(|(w, _)| w.arrival.max(free)).min().unwrap_or(0);
            for (w, place) in competing() {
                best.consider(true, Choice { key: self.keys.of(w.candidate(), now), job: w.job, place });
            }
        } else {
            for (w, place) in row.iter().zip(0..) {
                best.consider(competes(w), Choice { key: w.key, job: w.job, place });
            }
        }
        Some((machine, best.place as usize))
    }

    /// Non-delay: a machine where an operation can start first, and the place of the operation that the rule chooses; `None` if all are
    /// placed. Of several machines the rule chooses only where some operations take no time: otherwise what starts on one of them changes
    /// nothing on the others at this moment, so each order of them leads to the same schedule.
    #[inline]
    fn earliest(&self) -> Option<(usize, usize)> {
        let (start, job) = self.first.least().parts()?;
        let mut machine = self.at[job as usize] as usize;
        if self.is_instant {
            let (mut best, next) = (Choice::NONE, Moment::new(start + 1, 0));
            for (here, first) in self.machine.iter().zip(self.first.all()) {
                best.consider(*first < next, here.choice);
            }
            machine = self.at[best.job as usize] as usize;
        }
        Some((machine, self.machine[machine].choice.place as usize))
    }

    /// Places the operation at a place of the row of a machine.
    #[inline]
    fn place(&mut self, machine: usize, place: usize) {
        let row = machine * self.at.len();
        let here = &mut self.machine[machine];
        here.count -= 1;
        let count = here.count;
        let Waiting { arrival, duration, operation, job, .. } = self.rows[row + place];
        self.rows[row + place] = self.rows[row + count];
        let start = arrival.max(here.free);
        let completion = start + duration;
        here.free = completion;
        let operation = operation as usize;
        (self.schedule.start_time[operation], self.schedule.completion_time[operation]) = (start, completion);
        self.look(machine);
        self.wait(job, operation + 1, completion);
    }

    /// Finds out which operation of a machine is the first one.
    #[inline]
    fn look(&mut self, machine: usize) {
        let free = self.machine[machine].free;
        let row = self.row(machine);
        let mut first = NOTHING;
        if ACTIVE {
            for w in row {
                first = first.min(Moment::new(w.arrival.max(free) + w.duration, w.job));
            }
        } else {
            let mut choice = Choice::NONE;
            for w in row {
                first = first.min(Moment::new(w.arrival.max(free), w.job));
            }
            let earliest = first.parts().map_or(0, |(start, _)| start);
            for (w, place) in row.iter().zip(0..) {
                let competes = w.arrival.max(free) == earliest;
                let key = if self.keys.moves && competes { self.keys.of(w.candidate(), earliest) } else { w.key };
                choice.consider(competes, Choice { key, job: w.job, place });
            }
            if !row.is_empty() {
                first = Moment::new(earliest, choice.job);
            }
            self.machine[machine].choice = choice;
        }
        self.first.set(machine, first);
    }
}
