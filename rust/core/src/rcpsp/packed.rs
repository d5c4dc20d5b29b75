//! The kernel for short durations: one packed level per time slot.
//!
//! Its cost grows with the durations, so times are divided by their greatest common divisor first, and long ones go to the
//! event list. The working set of a hundred activities is a few kilobytes: the cost is latency and branches, not memory.

use super::Project;
use super::decoder::Direction;
use super::lanes::Lanes;
use super::padded::Padded;
use crate::simd::{Need, PADDING, Simd, Word, run_shifts};

/// Demands, the precedence in both directions, and the profile.
#[derive(Debug, Clone)]
pub struct Packed<W> {
    needs: Vec<Need<W>>,
    predecessors: [Padded; 2],
    guard: W,
    full: W,
    profile: Vec<W>,
    /// Completion by activity, in slots; one more entry that stays 0.
    finish: Vec<u32>,
    /// Profile slots before this one may be in use.
    dirty: usize,
}

impl<W: Word> Packed<W> {
    /// Lays out a project whose durations are multiples of `scale`.
    pub fn new(project: &Project, lanes: &Lanes, scale: i64) -> Self {
        let full = W::narrow(lanes.full[0]);
        let slots = (project.horizon() / scale) as usize + PADDING;
        Self {
            needs: (0..project.num_activities()).map(|i| need(project, lanes, scale, i)).collect(),
            predecessors: [Direction::Forward, Direction::Backward]
                .map(|direction| Padded::new(direction.predecessors(project.graph()), project.num_activities())),
            guard: W::narrow(lanes.guard[0]),
            full,
            profile: vec![full; slots],
            finish: vec![0; project.num_activities() + 1],
            dirty: 0,
        }
    }

    /// Places the activities of a precedence-feasible list one after the other, each as early as possible; returns the makespan
    /// in slots.
    pub fn decode(&mut self, simd: impl Simd<W>, list: impl Iterator<Item = u32>, direction: Direction) -> u32 {
        simd.vectorize(|| self.decode_with(simd, list, direction))
    }

    #[inline(always)]
    fn decode_with(&mut self, simd: impl Simd<W>, list: impl Iterator<Item = u32>, direction: Direction) -> u32 {
        let Self { needs, predecessors, guard, full, profile, finish, dirty } = self;
        let predecessors = &predecessors[direction as usize];
        profile[..*dirty].fill(*full);
        let mut makespan = 0;
        for i in list {
            let need = needs[i as usize];
            let mut time = 0;
            predecessors.each(i, |p| time = finish[p as usize].max(time));
            if need.duration > 0 {
                let start = simd.first_fit(profile, time as usize, need, *guard);
                simd.subtract(profile, start, need);
                time = start as u32 + need.duration;
            }
            finish[i as usize] = time;
            makespan = makespan.max(time);
        }
        *dirty = makespan as usize;
        makespan
    }

    /// Completion of every activity in the last schedule, in slots.
    pub fn finish(&self) -> &[u32] {
        &self.finish[..self.finish.len() - 1]
    }
}

fn need<W: Word>(project: &Project, lanes: &Lanes, scale: i64, activity: usize) -> Need<W> {
    let duration = project.duration()[activity];
    let mut row = Vec::with_capacity(1);
    lanes.pack(project.demand_of(activity), duration, &mut row);
    let slots = (duration / scale) as u32;
    Need { demand: W::narrow(row[0]), duration: slots, shifts: run_shifts(slots.max(1)) }
}
