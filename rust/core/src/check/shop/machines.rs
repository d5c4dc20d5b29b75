//! What concerns the operations of one machine: overlaps, setups, and the exchange of machines at one moment.

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

    /// Finds jobs that exchange their machines in a cycle at one moment.
    ///
    /// A job enters a machine behind the job that was there, which must have entered its own next machine by then, and behind its own
    /// steps before. Entries at one moment that wait for each other are a cycle.
    fn exchanges(&mut self, runs: &[(usize, Time, Time, Run)]) {
        let mut waits: Vec<Vec<usize>> = vec![Vec::new(); self.runs.len()]; // entries that come later, by entry
        let mut open = vec![0_usize; self.runs.len()];
        let mut link = |first: usize, then: usize| {
            waits[first].push(then);
            open[then] += 1;
        };
        for pair in runs.windows(2) {
            let (earlier, run) = (pair[0].3, pair[1].3);
            let next = self.behind(earlier.operation).and_then(|next| self.runs[next]);
            if let Some(next) =
                next.filter(|next| pair[0].0 == pair[1].0 && next.start == run.start && next.operation != run.operation)
            {
                link(next.operation, run.operation);
            }
        }
        for run in self.runs.iter().flatten() {
            if let Some(before) = self.before(run.operation).and_then(|before| self.runs[before])
                && before.start == run.start
            {
                link(before.operation, run.operation);
            }
        }
        let mut free: Vec<usize> = (0..open.len()).filter(|&op| open[op] == 0).collect();
        while let Some(op) = free.pop() {
            for &then in &waits[op] {
                open[then] -= 1;
                if open[then] == 0 {
                    free.push(then);
                }
            }
        }
        for operation in (0..open.len()).filter(|&op| open[op] > 0) {
            let Some(run) = self.runs[operation] else { continue };
            let (label, place) = (self.label(operation), self.place(run.machine));
            let detail = || format!("{label} enters {place} at {}, in a cycle of exchanges, which no_swap forbids", run.start);
            self.found.add(Kind::MachineOverlap, &[operation as i64], detail);
        }
    }
}
