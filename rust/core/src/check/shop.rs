//! Is this a feasible schedule of this shop?

mod downtime;
mod exchanges;
mod machines;
mod objectives;
#[cfg(test)]
mod tests;

use super::findings::Findings;
use super::{Claimed, Kind, Violation};
use crate::control::Pulse;
use crate::cost;
use crate::memory::{self, OutOfMemory};
use crate::shop::{Blocking, ShopData};

/// A schedule to be checked: entry `k` says that an operation runs on a machine from `start[k]` to `end[k]`.
#[derive(Debug, Clone, Copy, Default)]
pub struct ShopClaim<'a> {
    /// Operations, numbered through in the order of jobs, in any order.
    pub operation: &'a [i64],
    /// Their machines.
    pub machine: &'a [i64],
    /// Start times.
    pub start: &'a [i64],
    /// Completion times.
    pub end: &'a [i64],
    /// Objectives that are claimed, by name.
    pub objectives: &'a [(&'a str, Claimed)],
    /// What has happened already: `(operation, machine, start, end)`; such an end may differ from the plan, which holds where it is
    /// `None`.
    pub fixed: &'a [(i64, i64, i64, Option<i64>)],
    /// Nothing that is not fixed starts earlier.
    pub now: i64,
    /// When machines were down: `(machine, start, end)`, in any order.
    pub down: &'a [(i64, i64, i64)],
    /// Whether an operation that is interrupted starts again behind the repair; else it goes on.
    pub restart: bool,
}

/// Times wide enough for every sum of claimed times.
type Time = i128;

/// Where and when an operation runs.
#[derive(Debug, Clone, Copy)]
struct Run {
    operation: usize,
    machine: usize,
    start: Time,
    end: Time,
    /// What has happened is not judged against duration, calendars and the present.
    fixed: bool,
}

struct Judge<'a> {
    shop: &'a ShopData,
    claim: &'a ShopClaim<'a>,
    /// The job of each operation.
    job: Vec<usize>,
    /// By operation; `None` for one that is missing or has no such machine.
    runs: Vec<Option<Run>>,
    /// When machines were down, by machine and time.
    down: Vec<(i64, i64, i64)>,
    found: Findings,
}

/// The violations of a schedule, by kind, then by subject. Empty means feasible.
///
/// Subjects are operations, numbered through in the order of jobs: one, or for `precedence`, `lag` (transport, setups, waiting) and
/// `machine_overlap` two of them; one and the machine for `forbidden_processor` and `downtime`; nothing for objectives. An operation of
/// duration 0 takes its machine for a moment, which must not lie inside another operation. Nothing starts while its machine is down. The
/// time from start to end of an interrupted operation is its duration plus the repairs, or, if it starts again after each repair, the
/// time up to the end of the last repair plus its duration. With blocking, an operation keeps its machine until its job leaves for the
/// next one. Between two fixed operations setups, transport and waiting are not judged. At most
/// [`MOST`](super::MOST) violations of a kind are listed. O(N log N) for N operations.
///
/// # Panics
/// If columns of the claim differ in length.
#[must_use]
pub fn check_shop(shop: &ShopData, claim: &ShopClaim) -> Vec<Violation> {
    check_shop_interruptible(shop, claim, &Pulse::default()).expect("memory for the checker")
}

/// [`check_shop`] that stops when `pulse` does; its answer must not be used then.
///
/// # Errors
/// The system refuses the memory.
///
/// # Panics
/// If columns of the claim differ in length.
pub fn check_shop_interruptible(shop: &ShopData, claim: &ShopClaim, pulse: &Pulse) -> Result<Vec<Violation>, OutOfMemory> {
    let count = shop.choice_start.len().saturating_sub(1);
    memory::require_items(count + claim.operation.len() + claim.down.len(), 4 * size_of::<Option<Run>>())?;
    let mut job = Vec::with_capacity(count);
    for (j, pair) in shop.job_start.windows(2).enumerate() {
        job.resize(pair[1], j);
    }
    let down = downtime::merged(claim.down);
    let mut judge = Judge { shop, claim, job, runs: vec![None; count], down, found: Findings::new(pulse) };
    judge.assign();
    judge.keep_the_past();
    judge.operations();
    judge.machines();
    judge.objectives();
    Ok(judge.found.finish())
}

impl Judge<'_> {
    /// What details call an operation.
    fn label(&self, operation: usize) -> String {
        let job = self.job[operation];
        let step = operation - self.shop.job_start[job];
        match &self.shop.names {
            Some(names) => format!("operation {step} of job '{}'", names[job]),
            None => format!("operation {step} of job {job}"),
        }
    }

    /// What details call a machine.
    fn place(&self, machine: usize) -> String {
        match &self.shop.machine_names {
            Some(names) => format!("machine '{}'", names[machine]),
            None => format!("machine {machine}"),
        }
    }

    /// The duration of an operation on a machine, if it can run there.
    fn duration(&self, operation: usize, machine: i64) -> Option<i64> {
        let choices = self.shop.choice_start[operation]..self.shop.choice_start[operation + 1];
        choices.into_iter().find(|&k| self.shop.machine[k] == machine).map(|k| self.shop.duration[k])
    }

    /// The operation before this one in its job.
    fn before(&self, operation: usize) -> Option<usize> {
        (operation > self.shop.job_start[self.job[operation]]).then(|| operation - 1)
    }

    /// The operation behind this one in its job.
    fn behind(&self, operation: usize) -> Option<usize> {
        (operation + 1 < self.shop.job_start[self.job[operation] + 1]).then_some(operation + 1)
    }

    fn transport(&self, from: usize, to: usize) -> Time {
        self.shop.transport.get(from * self.shop.num_machines + to).map_or(0, |&ticks| ticks.into())
    }

    fn assign(&mut self) {
        let count = self.runs.len();
        let (mut named, mut past) = (vec![false; count], vec![false; count]);
        for &(id, ..) in self.claim.fixed {
            if let Some(is_fixed) = usize::try_from(id).ok().and_then(|op| past.get_mut(op)) {
                *is_fixed = true;
            }
        }
        for (k, &id) in self.claim.operation.iter().enumerate() {
            if self.found.worked(cost::CHECKED) {
                return;
            }
            let Some(operation) = usize::try_from(id).ok().filter(|&op| op < count) else {
                self.found.add(Kind::UnknownId, &[id], || format!("there is no operation {id}: the shop has {count}, from 0 on"));
                continue;
            };
            if named[operation] {
                let label = self.label(operation);
                self.found.add(Kind::Duplicate, &[id], || format!("{label} is scheduled more than once"));
                continue;
            }
            named[operation] = true;
            let machine = self.claim.machine[k];
            let Some(duration) = self.duration(operation, machine) else {
                let label = self.label(operation);
                self.found.add(Kind::ForbiddenProcessor, &[id, machine], || format!("{label} cannot run on machine {machine}"));
                continue;
            };
            let (start, end) = (Time::from(self.claim.start[k]), Time::from(self.claim.end[k]));
            let fixed = past[operation];
            let run = Run { operation, machine: machine as usize, start, end, fixed };
            if !fixed {
                self.takes(run, duration);
            }
            self.runs[operation] = Some(run);
        }
        for (operation, named) in named.into_iter().enumerate() {
            if !named {
                let label = self.label(operation);
                self.found.add(Kind::Missing, &[operation as i64], || format!("{label} is not scheduled"));
            }
        }
    }

    fn keep_the_past(&mut self) {
        for &(id, machine, start, end) in self.claim.fixed {
            let known = usize::try_from(id).ok().and_then(|op| self.runs.get(op).copied().flatten());
            let Some(run) = known else { continue };
            let planned = || (start + self.duration(run.operation, machine).unwrap_or(0)).max(self.claim.now);
            let end = end.unwrap_or_else(planned);
            if (run.machine as i64, run.start, run.end) != (machine, start.into(), end.into()) {
                let detail = format!(
                    "{} ran on machine {machine} from {start} to {end}, the schedule says machine {} from {} to {}",
                    self.label(run.operation),
                    run.machine,
                    run.start,
                    run.end
                );
                self.found.add(Kind::Fixed, &[id], || detail);
            }
        }
    }

    /// What concerns an operation and its job.
    fn operations(&mut self) {
        for operation in 0..self.runs.len() {
            if self.found.worked(cost::CHECKED) {
                return;
            }
            let Some(run) = self.runs[operation] else { continue };
            let (id, start, label) = (operation as i64, run.start, self.label(operation));
            if run.fixed {
                continue;
            }
            let now = self.claim.now;
            if start < Time::from(now) {
                self.found.add(Kind::BeforeNow, &[id], || format!("{label} starts at {start}, before the present {now}"));
            }
            self.closed(run, &label);
            let Some(before) = self.before(operation) else {
                let release = self.shop.release_time.get(self.job[operation]).copied().unwrap_or(0);
                if start < Time::from(release) {
                    self.found
                        .add(Kind::Release, &[id], || format!("{label} starts at {start}, its job is released at {release}"));
                }
                continue;
            };
            let Some(earlier) = self.runs[before] else { continue };
            let (other, pair) = (self.label(before), [before as i64, id]);
            let arrival = earlier.end + self.transport(earlier.machine, run.machine);
            if start < earlier.end {
                self.found
                    .add(Kind::Precedence, &pair, || format!("{label} starts at {start}, but {other} ends at {}", earlier.end));
            } else if start < arrival {
                self.found.add(Kind::Lag, &pair, || format!("{label} starts at {start}, but its job arrives at {arrival}"));
            } else if start > arrival && self.shop.no_wait {
                self.found.add(Kind::Lag, &pair, || {
                    format!("{label} starts at {start}, but its job arrives at {arrival} and must not wait")
                });
            }
        }
    }

    /// When the machine of an operation is free again, setups not counted.
    fn leaves(&self, run: Run) -> Time {
        match (self.shop.blocking, self.behind(run.operation).and_then(|next| self.runs[next])) {
            (Blocking::None, _) | (_, None) => run.end,
            (_, Some(next)) => (next.start - self.transport(run.machine, next.machine)).max(run.end),
        }
    }
}
