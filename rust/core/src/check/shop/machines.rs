//! What concerns the operations of one machine: overlaps and setups.

use super::{Judge, Run, Time};
use crate::check::Kind;
use crate::cost;
use crate::shop::Blocking;

impl Judge<'_> {
    pub(super) fn machines(&mut self) {
        let mut runs: Vec<(usize, Time, Time, Run)> =
            self.runs.iter().flatten().map(|&run| (run.machine, run.start, self.leaves(run), run)).collect();
        if self.found.worked(cost::SORTED * runs.len() as u64) {
            return;
        }
        runs.sort_by_key(|&(machine, start, leaves, run)| (machine, start, leaves, run.operation));
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
