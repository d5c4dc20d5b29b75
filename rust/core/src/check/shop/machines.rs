//! What concerns the operations of one machine: overlaps and setups.

use super::{Judge, Run, Time};
use crate::check::Kind;
use crate::cost;
use crate::shop::Blocking;

/// How many beginnings of orders are tried for operations that pass a machine at one moment in no time.
const MOST_ORDERS: usize = 10_000;
/// More operations than these are judged in the order of their numbers.
const MOST_TOGETHER: usize = 64;

/// A stay on a machine: the machine, from when, until when, and the operation.
type Stay = (usize, Time, Time, Run);

impl Judge<'_> {
    pub(super) fn machines(&mut self) {
        let mut runs: Vec<Stay> =
            self.runs.iter().flatten().map(|&run| (run.machine, run.start, self.leaves(run), run)).collect();
        if self.found.worked(cost::SORTED * runs.len() as u64) {
            return;
        }
        runs.sort_by_key(|&(machine, start, leaves, run)| (machine, start, leaves, run.operation));
        self.order_instants(&mut runs);
        for (k, &(machine, start, _, run)) in runs.iter().enumerate() {
            if self.found.worked(cost::CHECKED) {
                return;
            }
            let before = k.checked_sub(1).map(|k| runs[k]).filter(|before| before.0 == machine);
            let Some((_, _, leaves, earlier)) = before else {
                self.first_on_its_machine(run);
                continue;
            };
            let (label, other, place) = (self.label(run.operation), self.label(earlier.operation), self.place(machine));
            let pair = [earlier.operation as i64, run.operation as i64];
            let ready = leaves + self.setup(machine, earlier.operation, run.operation);
            if start < leaves {
                let verb = if leaves > earlier.end { "keeps" } else { "runs on" };
                self.found.add(Kind::MachineOverlap, &pair, || {
                    format!("{label} starts at {start}, but {other} {verb} {place} until {leaves}")
                });
            } else if start < ready && !(run.fixed && earlier.fixed) {
                self.found
                    .add(Kind::Lag, &pair, || format!("{label} starts at {start}, but {place} is set up for it at {ready}"));
            }
        }
        if self.shop.blocking == Blocking::NoSwap {
            self.exchanges(&runs);
        }
    }

    /// Operations that pass a machine at one moment in no time may do so in any order: puts them into one whose setups are in time, if
    /// one is found.
    fn order_instants(&self, runs: &mut [Stay]) {
        if self.shop.setup.is_empty() && self.shop.initial_setup.is_empty() {
            return;
        }
        let mut first = 0;
        while first < runs.len() {
            let (machine, moment, leaves, _) = runs[first];
            let here = |stay: &&Stay| (stay.0, stay.1, stay.2) == (machine, moment, leaves);
            let count = runs[first..].iter().take_while(here).count();
            if (2..=MOST_TOGETHER).contains(&count) && leaves == moment {
                let mut order: Vec<Stay> = Vec::with_capacity(count);
                let mut left = runs[first..first + count].to_vec();
                let around = (first.checked_sub(1).map(|k| runs[k]), runs.get(first + count).copied());
                let mut tries = MOST_ORDERS;
                if self.completes(around, &mut order, &mut left, &mut tries) {
                    runs[first..first + count].copy_from_slice(&order);
                }
            }
            first += count;
        }
    }

    /// Whether the operations that are left can follow those of an order, with setups in time between the stays around them.
    fn completes(
        &self,
        around: (Option<Stay>, Option<Stay>),
        order: &mut Vec<Stay>,
        left: &mut Vec<Stay>,
        tries: &mut usize,
    ) -> bool {
        if left.is_empty() {
            return around
                .1
                .is_none_or(|next| order.last().is_none_or(|&last| next.0 != last.0 || self.in_time(Some(last), next)));
        }
        for k in 0..left.len() {
            if *tries == 0 {
                return false;
            }
            *tries -= 1;
            let stay = left[k];
            if self.in_time(order.last().copied().or(around.0).filter(|before| before.0 == stay.0), stay) {
                left.remove(k);
                order.push(stay);
                if self.completes(around, order, left, tries) {
                    return true;
                }
                order.pop();
                left.insert(k, stay);
            }
        }
        false
    }

    /// Whether a machine is set up in time for a stay, behind another one or as the first one.
    fn in_time(&self, before: Option<Stay>, (machine, start, _, run): Stay) -> bool {
        if let Some((_, _, leaves, earlier)) = before {
            return leaves + self.setup(machine, earlier.operation, run.operation) <= start;
        }
        let initial = self.shop.initial_setup.iter().find(|(m, _)| *m == machine as i64);
        let ticks = initial.map_or(0, |(_, ticks)| ticks[self.family(run.operation)]);
        Time::from(self.claim.now) + Time::from(ticks) <= start
    }

    fn family(&self, operation: usize) -> usize {
        let job = self.job[operation];
        self.shop.family.get(job).map_or(job, |&family| family as usize)
    }

    fn setup(&self, machine: usize, before: usize, after: usize) -> Time {
        let Some((_, ticks)) = self.shop.setup.iter().find(|(m, _)| *m == machine as i64) else { return 0 };
        let width = ticks.len().isqrt();
        ticks[self.family(before) * width + self.family(after)].into()
    }

    fn first_on_its_machine(&mut self, run: Run) {
        let machine = run.machine as i64;
        let Some((_, ticks)) = self.shop.initial_setup.iter().find(|(m, _)| *m == machine) else { return };
        let ready = Time::from(self.claim.now) + Time::from(ticks[self.family(run.operation)]);
        if run.start < ready && !run.fixed {
            let (label, place, start) = (self.label(run.operation), self.place(run.machine), run.start);
            let detail = || format!("{label} starts at {start}, but {place} is set up for it at {ready}");
            self.found.add(Kind::Lag, &[run.operation as i64], detail);
        }
    }
}
