//! Postponing long jobs: a move that makes the sequence worse until others have followed.

use super::amount::Amount;
use super::dynasearch::{Dynasearch, Job, cost};
use crate::control::Watch;

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
    watch: &mut Watch<W>,
) {
    let mut longest = sequence.clone();
    longest.sort_unstable_by_key(|job| (std::cmp::Reverse(job.p), job.id));
    let (mut standing, mut tries) = (cost(sequence), POSTPONED);
    for job in longest {
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
