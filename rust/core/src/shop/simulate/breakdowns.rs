//! Breakdowns of machines: given as rows, or drawn while a simulation runs.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use crate::error::{Error, InputError, TIME_LIMIT};
use crate::memory;
use crate::names::Named;
use crate::random::{Random, Streams};
use crate::shop::problem::Shop;

/// A simulation with more breakdowns is refused: the machines run for too short to complete their work.
const MOST_BREAKDOWNS: usize = 10_000_000;

/// What becomes of an operation whose machine stops.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Interrupted {
    /// It continues after the repair, for the time that remained when the machine stopped.
    #[default]
    Resume,
    /// It starts again after the repair, with its whole duration.
    Restart,
}

impl Named for Interrupted {
    const FIELD: &'static str = "interrupted";
    const NOUN: &'static str = "kind of interruption";

    fn all() -> impl Iterator<Item = (&'static str, Self)> + Clone {
        [("resume", Self::Resume), ("restart", Self::Restart)].into_iter()
    }
}

/// A time for which a machine is down: `start <= t < end`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Downtime {
    /// When the machine stops.
    pub start: i64,
    /// The machine.
    pub machine: usize,
    /// When it runs again.
    pub end: i64,
}

/// When machines stop, and for how long.
#[derive(Debug, Clone, PartialEq)]
pub enum Breakdowns {
    /// Rows `(machine, start, end)`, in any order. Rows of one machine that touch or overlap count as one.
    Rows(Vec<(i64, i64, i64)>),
    /// Each machine runs for exponential times with this mean, and is then repaired for exponential times with the other mean. Each time
    /// is rounded up to whole ticks, at least 1.
    Uptime {
        /// Mean time from the end of a repair, or from 0, to the next breakdown.
        mean_uptime: f64,
        /// Mean time of a repair.
        mean_repair: f64,
    },
    /// Each operation of 2 ticks and more is interrupted once with this probability, at a moment after its start and before its
    /// completion that is drawn uniformly. The repair is drawn as above.
    Probability {
        /// From 0 to 1.
        probability: f64,
        /// Mean time of a repair.
        mean_repair: f64,
    },
}

impl Breakdowns {
    /// Checks everything that users give.
    ///
    /// # Errors
    /// A machine that does not exist, a row that does not end after its start, times beyond 2^53, means that are not positive and at most
    /// 2^53, a probability outside 0 to 1.
    pub(super) fn check(&self, shop: &Shop) -> Result<(), InputError> {
        let mean = |name: &'static str, value: f64| {
            let fits = value > 0.0 && value <= TIME_LIMIT as f64;
            if fits { Ok(()) } else { Err(InputError::new(name, "must be > 0 and at most 2**53").value(value)) }
        };
        match self {
            Self::Rows(rows) => {
                for (k, &(machine, start, end)) in rows.iter().enumerate() {
                    let fail = |place: usize, value: i64, reason: &'static str| {
                        Err(InputError::new("breakdowns", reason).at(vec![k, place], value))
                    };
                    if !(0..shop.num_machines() as i64).contains(&machine) {
                        return fail(0, machine, "there is no such machine");
                    }
                    if !(-TIME_LIMIT..=TIME_LIMIT).contains(&start) {
                        return fail(1, start, "must be within 2**53 of 0");
                    }
                    if end <= start || end > TIME_LIMIT {
                        return fail(2, end, "the machine must run again after it has stopped, and by 2**53");
                    }
                }
                Ok(())
            }
            Self::Uptime { mean_uptime, mean_repair } => {
                mean("mean_uptime", *mean_uptime)?;
                mean("mean_repair", *mean_repair)
            }
            Self::Probability { probability, mean_repair } => {
                if !(0.0..=1.0).contains(probability) {
                    return Err(InputError::new("probability", "must be from 0 to 1").value(*probability));
                }
                mean("mean_repair", *mean_repair)
            }
        }
    }
}

/// The breakdowns of one simulation in order of time, then of machines.
#[derive(Debug)]
pub(super) struct Source<'b> {
    breakdowns: &'b Breakdowns,
    coming: BinaryHeap<Reverse<Downtime>>,
    /// By machine, for breakdowns that come by time.
    random: Vec<Random>,
    streams: Streams,
    /// The breakdowns that have happened.
    pub past: Vec<Downtime>,
}

impl<'b> Source<'b> {
    /// The breakdowns of a seed.
    ///
    /// # Errors
    /// Refused memory.
    pub fn new(shop: &Shop, breakdowns: &'b Breakdowns, seed: u64) -> Result<Self, Error> {
        let streams = Streams::new(seed);
        let mut source = Self { breakdowns, coming: BinaryHeap::new(), random: Vec::new(), streams, past: Vec::new() };
        match breakdowns {
            Breakdowns::Rows(rows) => {
                memory::require_items(rows.len(), 3 * size_of::<Downtime>())?;
                source.coming = merged(rows).into_iter().map(Reverse).collect();
            }
            Breakdowns::Uptime { .. } => {
                memory::require_items(shop.num_machines(), size_of::<Random>() + size_of::<Downtime>())?;
                source.random = (0..shop.num_machines() as u64).map(|machine| streams.get(machine)).collect();
                for machine in 0..shop.num_machines() {
                    source.draw_next(machine, 0)?;
                }
            }
            Breakdowns::Probability { .. } => {}
        }
        Ok(source)
    }

    /// When the next breakdown happens.
    pub fn next_time(&self) -> Option<i64> {
        self.coming.peek().map(|Reverse(down)| down.start)
    }

    /// The next breakdown, which happens now.
    ///
    /// # Errors
    /// Too many breakdowns; refused memory.
    pub fn happen(&mut self) -> Result<Option<Downtime>, Error> {
        let Some(Reverse(down)) = self.coming.pop() else { return Ok(None) };
        if self.past.len() == MOST_BREAKDOWNS {
            let reason =
                format!("more than {MOST_BREAKDOWNS} happen before all operations are complete; machines run for too short");
            return Err(InputError::new("breakdowns", reason).into());
        }
        memory::reserve(&mut self.past, 1)?;
        self.past.push(down);
        self.draw_next(down.machine, down.end)?;
        Ok(Some(down))
    }

    /// Draws the breakdown of a machine that runs from a moment on.
    fn draw_next(&mut self, machine: usize, from: i64) -> Result<(), Error> {
        let Breakdowns::Uptime { mean_uptime, mean_repair } = *self.breakdowns else { return Ok(()) };
        let random = &mut self.random[machine];
        let start = from.saturating_add(ticks(mean_uptime, random));
        if start <= TIME_LIMIT {
            self.coming.push(Reverse(Downtime { start, machine, end: repaired(start, mean_repair, random)? }));
        }
        Ok(())
    }

    /// An operation starts: draws whether it will be interrupted. The draw depends on the seed and the operation alone.
    ///
    /// # Errors
    /// A repair that ends after 2^53.
    pub fn started(&mut self, operation: usize, machine: usize, start: i64, completion: i64) -> Result<(), Error> {
        let Breakdowns::Probability { probability, mean_repair } = *self.breakdowns else { return Ok(()) };
        let mut random = self.streams.get(operation as u64);
        if completion - start >= 2 && random.unit() < probability {
            let start = start + 1 + random.below((completion - start - 1) as u64) as i64;
            self.coming.push(Reverse(Downtime { start, machine, end: repaired(start, mean_repair, &mut random)? }));
        }
        Ok(())
    }
}

/// The rows with those of one machine that touch or overlap made one.
fn merged(rows: &[(i64, i64, i64)]) -> Vec<Downtime> {
    let mut sorted = rows.to_vec();
    sorted.sort_unstable();
    let mut merged: Vec<Downtime> = Vec::with_capacity(sorted.len());
    for (machine, start, end) in sorted {
        match merged.last_mut().filter(|last| last.machine as i64 == machine && start <= last.end) {
            Some(last) => last.end = last.end.max(end),
            None => merged.push(Downtime { start, machine: machine as usize, end }),
        }
    }
    merged
}

/// An exponential time in whole ticks, rounded up, at least 1.
fn ticks(mean: f64, random: &mut Random) -> i64 {
    (-mean * libm::log(1.0 - random.unit())).ceil().max(1.0) as i64
}

/// When a machine runs again that stops at a moment.
fn repaired(start: i64, mean: f64, random: &mut Random) -> Result<i64, InputError> {
    let end = start.saturating_add(ticks(mean, random));
    if end > TIME_LIMIT {
        return Err(InputError::new("mean_repair", "a repair ends after 2**53").value(mean));
    }
    Ok(end)
}
