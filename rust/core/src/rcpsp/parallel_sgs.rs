//! The parallel schedule generation scheme (Kolisch 1996).

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use super::constrained::{Past, Scheme, plan};
use super::rank::Ranker;
use super::{Priority, Project, Schedule};
use crate::bitset::RankSet;
use crate::control::Pulse;
use crate::error::Error;
use crate::word_layout::WordLayout;

/// Walks through time: at each moment starts the best (ties: lower index) eligible activity that fits, until none fits, then goes
/// to the next completion. Activities of duration 0 complete at once.
///
/// The schedule is non-delay; such schedules may all miss the optimum. O(n^2 R) worst case.
///
/// # Errors
/// Priorities of the wrong number, or not finite. Under constraints, a pass that misses a deadline or finds no place.
pub fn parallel_sgs(project: &Project, priority: Priority, seed: u64) -> Result<Schedule, Error> {
    plan(project, &Past::default(), Scheme::Parallel, priority, seed, &Pulse::default())
}

/// The parallel scheme without constraints, for a priority that has been judged.
pub(super) fn parallel(project: &Project, priority: Priority, seed: u64, pulse: &Pulse) -> Schedule {
    let mut pulse = pulse.clone();
    let n = project.num_activities();
    let mut ranker = Ranker::new(n);
    match priority {
        Priority::Rule(rule) => ranker.sort(&rule.values(project, seed, &mut pulse)),
        Priority::Floats(values) => ranker.sort(values),
        Priority::Integers(values) => ranker.sort(values),
    }
    if pulse.stopped() {
        return Schedule::default();
    }
    let Ranker { by_rank, rank, .. } = &ranker;
    let (graph, duration) = (project.graph(), project.duration());
    let lanes = WordLayout::new(project.capacity());
    let words = lanes.words();
    let mut demand = Vec::with_capacity(n * words);
    for (i, &duration) in duration.iter().enumerate() {
        lanes.pack(project.demand_of(i), duration, &mut demand);
    }
    let mut level = lanes.full.clone();
    let mut eligible = RankSet::new(n);
    let mut waiting: Vec<usize> = (0..n).map(|i| graph.predecessors().degree(i)).collect();
    for i in (0..n).filter(|&i| waiting[i] == 0) {
        eligible.insert(rank[i] as usize);
    }
    let mut start_time = vec![0; n];
    let mut running = BinaryHeap::new();
    let mut now = 0;
    // Makes the successors of a completed activity eligible; returns the best rank among the new ones.
    let complete = |i: usize, eligible: &mut RankSet, waiting: &mut [usize]| {
        let mut best = usize::MAX;
        for &j in graph.successors().of(i) {
            waiting[j as usize] -= 1;
            if waiting[j as usize] == 0 {
                eligible.insert(rank[j as usize] as usize);
                best = best.min(rank[j as usize] as usize);
            }
        }
        best
    };
    'time: loop {
        let mut from = 0;
        while let Some(candidate) = eligible.next(from) {
            if pulse.worked(1) {
                break 'time;
            }
            let i = by_rank[candidate] as usize;
            from = candidate + 1;
            let need = &demand[i * words..(i + 1) * words];
            if !lanes.fits(&level, need) {
                continue; // what does not fit now will not fit at this moment any more
            }
            eligible.remove(candidate);
            start_time[i] = now;
            if duration[i] == 0 {
                from = from.min(complete(i, &mut eligible, &mut waiting));
                continue;
            }
            for (level, need) in level.iter_mut().zip(need) {
                *level -= need;
            }
            running.push(Reverse((now + duration[i], i)));
        }
        let Some(&Reverse((next, _))) = running.peek() else { break };
        now = next;
        while let Some(&Reverse((end, i))) = running.peek()
            && end == now
        {
            running.pop();
            for (level, need) in level.iter_mut().zip(&demand[i * words..(i + 1) * words]) {
                *level += need;
            }
            complete(i, &mut eligible, &mut waiting);
        }
    }
    Schedule::from_starts(project, start_time)
}
