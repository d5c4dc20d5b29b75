//! The job that is placed.
//!
//! With the longest job at position r of the order of due dates, the jobs in front of it and behind it are two smaller problems
//! (Lawler). So they are with the job that is due first: only shorter ones can precede it, and if h of them do, then the h that are due
//! first (Della Croce, Tadei, Baracco and Grosso). Where the longest job has many possible positions and the other few, the other is
//! the pivot.

use super::list::{Item, Table};

/// So many positions of the longest job are many. States that stem from one kind of pivot alone are met again more often, and that is
/// worth more than a few positions saved.
const MANY: usize = 4;

/// The job that is placed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Pivot {
    /// The longest one; any number of the jobs behind it may go in front of it.
    Longest,
    /// The one due first; any number of the shorter jobs may.
    Earliest,
}

impl Pivot {
    /// The longest job of a list, unless it has many possible positions and the job due first at most half as many. O(n).
    pub(super) fn choose(table: &Table, list: &[Item], longest: usize, clock: i64) -> Self {
        if list.len() - longest < MANY {
            return Self::Longest;
        }
        let last = Self::Longest.count(table, list, longest, clock, usize::MAX);
        if last >= MANY && Self::Earliest.count(table, list, 0, clock, last / 2) <= last / 2 {
            Self::Earliest
        } else {
            Self::Longest
        }
    }

    /// How many positions are possible, or more than `most`.
    pub(super) fn count(self, table: &Table, list: &[Item], at: usize, clock: i64, most: usize) -> usize {
        let own = list[at].job;
        let before: i64 = list[..at].iter().map(|item| table.processing_time[item.job as usize]).sum();
        let mut completion = clock + before + table.processing_time[own as usize];
        let (mut count, mut blocked) = (0, i64::MIN);
        for item in list[at + 1..].iter().filter(|item| self.passes(item.job, own)) {
            count += usize::from(blocked <= completion && self.allows(completion, item.due));
            if count > most {
                return count;
            }
            let p = table.processing_time[item.job as usize];
            completion += p;
            blocked = blocked.max(self.least_completion(item.due, p));
        }
        count + usize::from(blocked <= completion)
    }

    /// Whether a job behind the pivot in the list can go in front of it.
    #[inline(always)]
    pub(super) fn passes(self, job: u32, own: u32) -> bool {
        self == Self::Longest || job < own
    }

    /// Whether the next job may stay behind a pivot that completes then: it would be on time, or else it had better go in front.
    #[inline(always)]
    pub(super) fn allows(self, completion: i64, due: i64) -> bool {
        match self {
            Self::Longest => completion < due,
            Self::Earliest => completion <= due,
        }
    }

    /// The first completion time of the pivot for which a job may be in front of it: else it could as well follow the pivot.
    #[inline(always)]
    pub(super) fn least_completion(self, due: i64, p: i64) -> i64 {
        match self {
            Self::Longest => due + p,
            Self::Earliest => due + 1,
        }
    }

    /// A pivot and its place in the list as one number.
    #[inline(always)]
    pub(super) fn branch(self, place: usize) -> u32 {
        (place as u32) << 1 | u32::from(self == Self::Earliest)
    }

    /// The same back.
    pub(super) fn of(branch: u32) -> (Self, usize) {
        (if branch & 1 == 1 { Self::Earliest } else { Self::Longest }, branch as usize >> 1)
    }
}

#[cfg(test)]
mod tests {
    use super::super::list::Lists;
    use super::super::{MEMORY, solve_exact};
    use super::*;
    use crate::control::{Limits, Stop, Watch};
    use crate::random::Random;
    use crate::tardiness::{Jobs, Weights, solve_subsets, total_tardiness};

    #[test]
    fn the_other_pivot_is_taken_and_leads_to_optimal_sequences() {
        let (limits, mut taken) = (Limits::default(), 0);
        let mut random = Random::new(7);
        for _ in 0..5000 {
            let p: Vec<i64> = (0..14).map(|_| random.between(1, 100)).collect();
            let total: i64 = p.iter().sum();
            let d: Vec<i64> = p.iter().map(|_| random.between(0, total)).collect();
            let jobs = Jobs::new(&p, &d, Weights::Unit).unwrap();
            let table = Table::new(&jobs);
            let mut lists = Lists::new(&table);
            let mut span = lists.push_everything();
            let stop = Stop::new(&limits);
            let mut watch = Watch::new(&stop);
            if lists.reduce(0, &mut span, &mut 0, &mut watch, |_, _| ()) {
                continue;
            }
            let longest = (0..lists.items.len()).max_by_key(|&k| lists.items[k].job).unwrap();
            if Pivot::choose(&table, &lists.items, longest, span.clock) == Pivot::Earliest {
                taken += 1;
                let sequence = solve_subsets(&jobs, &mut watch).unwrap().sequence;
                let solution = solve_exact(&jobs, &limits, MEMORY, &mut watch);
                assert_eq!(solution.objective, total_tardiness(&jobs, &sequence), "{p:?} {d:?}");
                assert_eq!(solution.objective, total_tardiness(&jobs, &solution.sequence), "{p:?} {d:?}");
            }
        }
        assert!(taken > 5, "{taken}");
    }
}
