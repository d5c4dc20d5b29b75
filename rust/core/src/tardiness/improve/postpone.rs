//! Postponing long jobs: a move that makes the sequence worse until others have followed.

use super::amount::Amount;
use super::dynasearch::{Dynasearch, Job, cost};
use crate::control::Watch;
use crate::tardiness::Total;

/// Long early jobs that are tried among the late ones.
const POSTPONED: u32 = 40;

/// Puts the longest early jobs among the late ones, one after the other, and goes down from there by moves; what is better stays.
///
/// It pays to give up a long job for several shorter ones, but the first of these moves alone makes the sequence worse.
pub(super) fn postpone<W: Amount>(
    sequence: &mut Vec<Job<W>>,
    dynasearch: &mut Dynasearch<W>,
    budget: Option<u64>,
    moves: &mut u64,
    watch: &mut Watch<Total>,
) {
    let mut longest = sequence.clone();
    longest.sort_unstable_by_key(|job| (std::cmp::Reverse(job.p), job.id));
    let (mut standing, mut tries) = (cost(sequence), POSTPONED);
    for job in longest {
        if watch.worked(sequence.len() as u64) {
            return;
        }
        let (mut clock, mut from, mut to) = (0, None, sequence.len());
        for (k, other) in sequence.iter().enumerate() {
            clock += other.p;
            if other.id == job.id {
                if clock > job.d {
                    break;
                }
                from = Some(k);
            } else if from.is_some() && clock > other.d && other.p > job.p {
                to = k;
                break;
            }
        }
        let Some(from) = from else { continue };
        if tries == 0 {
            return;
        }
        tries -= 1;
        let mut trial = sequence.clone();
        trial[from..to].rotate_left(1);
        *moves += 1;
        let mut before = W::MAX;
        while budget.is_none_or(|budget| *moves < budget) {
            let Some(made) = dynasearch.improve(&mut trial, watch) else { return };
            *moves += made;
            let after = cost(&trial);
            if made == 0 || after >= before {
                break;
            }
            before = after;
        }
        if before < standing {
            standing = before;
            sequence.clone_from(&trial);
        }
        if budget.is_some_and(|budget| *moves >= budget) || watch.check() {
            return;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::control::{Limits, Stop};
    use crate::random::Random;
    use proptest::prelude::*;

    fn run(sequence: &mut Vec<Job<i64>>, budget: Option<u64>) -> u64 {
        let stop = Stop::new(&Limits::default());
        let (mut dynasearch, mut moves) = (Dynasearch::new(sequence.len()), 0);
        postpone(sequence, &mut dynasearch, budget, &mut moves, &mut Watch::new(&stop));
        moves
    }

    proptest! {
        #[test]
        fn keeps_the_jobs_and_never_makes_them_cost_more(
            rows in prop::collection::vec((0_i64..40, -20_i64..300, 0_i64..5), 0..40), budget in prop::option::of(0_u64..30),
        ) {
            let before: Vec<Job<i64>> = rows.iter().zip(0..).map(|(&(p, d, w), id)| Job { p, d, w, id }).collect();
            let mut after = before.clone();
            run(&mut after, budget);
            prop_assert!(cost(&after) <= cost(&before));
            let mut ids: Vec<u32> = after.iter().map(|job| job.id).collect();
            ids.sort_unstable();
            prop_assert!(ids.into_iter().eq(0..rows.len() as u32));
            prop_assert!(after.iter().all(|job| before[job.id as usize] == *job));
        }
    }

    #[test]
    fn looks_up_while_it_finds_no_job() {
        let mut sequence: Vec<Job<i64>> = (0..3000).map(|id| Job { p: 1 + i64::from(id % 7), d: 0, w: 1, id }).collect();
        let (stop, mut looks) = (Stop::new(&Limits::default()), 0);
        let poll = || {
            looks += 1;
            true
        };
        let mut watch = Watch::new(&stop).with(None, Some(Box::new(poll)));
        postpone(&mut sequence, &mut Dynasearch::new(3000), None, &mut 0, &mut watch);
        drop(watch);
        assert!(looks > 100, "{looks} looks at nine million places");
    }

    #[test]
    fn leaves_local_optima_of_single_moves_behind() {
        let mut random = Random::new(51);
        let mut better = 0;
        for _ in 0..50 {
            let p: Vec<i64> = (0..60).map(|_| random.between(1, 100)).collect();
            let jobs = p.iter().zip(0..).map(|(&p, id)| Job { p, d: random.between(1200, 1300), w: 1, id });
            let mut sequence: Vec<Job<i64>> = jobs.collect();
            let stop = Stop::new(&Limits::default());
            let mut dynasearch = Dynasearch::new(sequence.len());
            while dynasearch.improve(&mut sequence, &mut Watch::new(&stop)).is_some_and(|made| made > 0) {}
            let local = cost(&sequence);
            run(&mut sequence, None);
            better += u32::from(cost(&sequence) < local);
        }
        assert!(better > 0);
    }
}
