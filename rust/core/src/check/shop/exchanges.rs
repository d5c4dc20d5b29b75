//! The exchange of machines at one moment, which `no_swap` forbids.

use std::collections::{HashMap, HashSet};

use super::{Judge, Run, Time};
use crate::check::Kind;
use crate::cost;

/// Machine, start, the moment at which the machine is left, and the rest.
type Entry = (usize, Time, Time, Run);

/// Entries of one moment that are tried in every order, and sets of entries that are tried in all.
const MOST_ENTRIES: usize = 64;
const MOST_STATES: usize = 100_000;

impl Judge<'_> {
    /// Finds jobs that exchange their machines in a cycle at one moment.
    ///
    /// A job enters a machine behind the job that was there, which must have entered its own next machine by then, and behind its own
    /// steps before. Entries at one moment that wait for each other are a cycle. Jobs that enter a machine and leave it at the same moment
    /// may do so in any order, so a cycle is reported only if no order of them works.
    pub(super) fn exchanges(&mut self, runs: &[Entry]) {
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
        if open.iter().all(|&open| open == 0) {
            return;
        }
        let mut by_moment: Vec<Entry> = runs.to_vec();
        by_moment.sort_by_key(|&(_, start, _, run)| (start, run.operation));
        let (mut possible, mut states) = (HashMap::new(), MOST_STATES);
        for operation in (0..open.len()).filter(|&op| open[op] > 0) {
            let Some(run) = self.runs[operation] else { continue };
            let is_possible = *possible.entry(run.start).or_insert_with(|| {
                let first = by_moment.partition_point(|entry| entry.1 < run.start);
                let end = by_moment.partition_point(|entry| entry.1 <= run.start);
                self.has_order(runs, &by_moment[first..end], &mut states)
            });
            if is_possible {
                continue;
            }
            let (label, place) = (self.label(operation), self.place(run.machine));
            let detail = || format!("{label} enters {place} at {}, in a cycle of exchanges, which no_swap forbids", run.start);
            self.found.add(Kind::MachineOverlap, &[operation as i64], detail);
        }
    }

    /// Whether the entries of one moment can be made one after the other, each into an empty machine. False if there are too many to
    /// try; `states` is how many sets of entries are still tried.
    fn has_order(&mut self, runs: &[Entry], entries: &[Entry], states: &mut usize) -> bool {
        if entries.len() > MOST_ENTRIES {
            return false;
        }
        let place = |operation: usize| entries.iter().position(|entry| entry.3.operation == operation);
        // By entry: those that come first, of the same job and of the job that keeps the machine; and how its job leaves the machine again.
        let (mut needs, mut leaves) = (Vec::new(), Vec::new());
        for (k, &(machine, moment, until, run)) in entries.iter().enumerate() {
            let own = self.before(run.operation).and_then(place);
            let keeper = runs.partition_point(|entry| (entry.0, entry.1) < (machine, moment));
            let keeper = keeper.checked_sub(1).map(|at| runs[at]).filter(|keeper| keeper.0 == machine);
            let freed = keeper.and_then(|keeper| self.behind(keeper.3.operation)).and_then(place).filter(|&freed| freed != k);
            needs.push(own.map_or(0, |own| 1_u64 << own) | freed.map_or(0, |freed| 1 << freed));
            leaves.push((until == moment).then(|| self.behind(run.operation).and_then(place)));
        }
        let is_empty = |made: u64, k: usize| {
            let here = (0..entries.len()).filter(|&other| made >> other & 1 == 1 && entries[other].0 == entries[k].0);
            let has_left = |next: Option<usize>| next.is_none_or(|next| next == k || made >> next & 1 == 1);
            here.into_iter().all(|other| leaves[other].is_some_and(has_left))
        };
        let all = u64::MAX >> (64 - entries.len());
        let (mut seen, mut open) = (HashSet::from([0_u64]), vec![0_u64]);
        while let Some(made) = open.pop() {
            if made == all {
                return true;
            }
            if *states == 0 || self.found.worked(cost::DECISION * entries.len() as u64) {
                return false;
            }
            *states -= 1;
            for k in (0..entries.len()).filter(|&k| made >> k & 1 == 0 && needs[k] & !made == 0) {
                if is_empty(made, k) && seen.insert(made | 1 << k) {
                    open.push(made | 1 << k);
                }
            }
        }
        false
    }
}
