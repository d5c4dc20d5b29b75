//! Entries with setups, ways and closed machines.

use super::{Decoding, NONE, Outcome, Plan};
use crate::shop::search::serial::own_setup_fits;
use crate::shop::timing::first_open;

/// Rounds in which jobs that exchange machines wait for each other's setups and for open machines, beside one for each job.
const ROUNDS: usize = 100;

impl Decoding<'_> {
    /// When the jobs of the chain from `first` on, which wait for each other in a cycle, enter their machines; whether they can.
    pub(super) fn exchange(&mut self, plan: &Plan, first: usize) -> bool {
        let (cycle, mut starts) = (&self.chain[first..], std::mem::take(&mut self.starts));
        let mut possible = true;
        starts.clear();
        if self.plain {
            let start = cycle.iter().map(|&job| self.known.ready[job as usize]).max().unwrap_or(0);
            starts.resize(cycle.len(), start);
        } else {
            starts.extend(cycle.iter().map(|&job| self.known.ready[job as usize] + self.way(plan, job as usize)));
            possible = self.settle(plan, cycle, &mut starts);
        }
        self.starts = starts;
        possible
    }

    /// Delays the jobs of a cycle until each enters a machine that is open, and after the setup behind the job that leaves it; whether that
    /// ends.
    fn settle(&self, plan: &Plan, cycle: &[u32], starts: &mut [i64]) -> bool {
        for _ in 0..cycle.len() + ROUNDS {
            let mut rests = true;
            for k in 0..cycle.len() {
                let behind = (k + 1) % cycle.len();
                let (job, holder) = (cycle[k] as usize, cycle[behind] as usize);
                let machine = plan.machine[self.known.next[job] as usize] as usize;
                let leaves = starts[behind] - self.way(plan, holder);
                let ready = starts[k].max(leaves + self.shop.setup(machine, Some(holder), job));
                let Some(start) = self.open(plan, job, ready) else { return false };
                rests &= start == starts[k];
                starts[k] = start;
            }
            if rests {
                return true;
            }
        }
        false
    }

    /// The way of a job to its next machine.
    fn way(&self, plan: &Plan, job: usize) -> i64 {
        match self.known.at[job] {
            NONE => 0,
            from => self.shop.transport(from as usize, plan.machine[self.known.next[job] as usize] as usize),
        }
    }

    /// When the next machine of a job is open for long enough.
    fn open(&self, plan: &Plan, job: usize, from: i64) -> Option<i64> {
        let op = self.known.next[job] as usize;
        match self.shop.calendar(plan.machine[op] as usize) {
            None => Some(from),
            Some(calendar) => first_open(calendar, from, plan.duration[op]),
        }
    }

    /// Lets a job enter its next machine, empty or its own, as early as setups, ways and closed times allow.
    pub(super) fn enter_empty_of_any(&mut self, plan: &mut Plan, job: usize) -> Outcome {
        let op = self.known.next[job];
        let machine = plan.machine[op as usize] as usize;
        let way = self.way(plan, job);
        let mut start = self.known.ready[job] + way;
        let last = self.known.last[machine];
        if self.known.holder[machine] == job as u32 {
            if !own_setup_fits(self.shop, job, machine, way) {
                return Outcome::Blocked; // the machine becomes free when the operation begins that needs the setup
            }
        } else if last == NONE {
            start = start.max(self.shop.setup(machine, None, job));
        } else {
            let ready = self.known.empty_since[machine] + self.shop.setup(machine, Some(self.shop.job(last as usize)), job);
            start = start.max(ready);
        }
        let Some(start) = self.open(plan, job, start) else { return Outcome::Blocked };
        self.leave(job, start - way);
        self.enter(plan, job, start)
    }
}
