//! The kernel for short durations: one packed level per time slot.
//!
//! Its cost grows with the durations, so times are divided by their greatest common divisor first, and long ones go to the
//! event list. The working set of a hundred activities is a few kilobytes: the cost is latency and branches, not memory.

use super::Project;
use super::decoder::Decoded;
use super::direction::Direction;
use super::padded::Padded;
use crate::simd::{Loop, Need, PADDING, Simd, Word, run_shifts};
use crate::word_layout::WordLayout;

/// The project in both directions of time, and the profile.
#[derive(Debug, Clone)]
pub struct Packed<W> {
    sides: [Side<W>; 2],
    guard: W,
    full: W,
    profile: Vec<W>,
    /// Completion by activity, in slots; one more entry that stays 0.
    finish: Vec<u32>,
    /// Profile slots before this one may be in use.
    dirty: usize,
}

/// The project in one direction of time.
#[derive(Debug, Clone)]
struct Side<W> {
    steps: Vec<Step<W>>,
    predecessors: Padded,
}

/// What placing one activity needs.
#[derive(Debug, Clone, Copy)]
struct Step<W> {
    need: Need<W>,
    /// Slots that must pass after its completion.
    tail: u32,
}

impl<W: Word> Packed<W> {
    /// Lays out a project whose durations are multiples of `scale`.
    pub fn new(project: &Project, lanes: &WordLayout, scale: i64) -> Self {
        let full = W::narrow(lanes.full[0]);
        let slots = (project.horizon() / scale) as usize + PADDING;
        Self {
            sides: [Direction::Forward, Direction::Backward].map(|direction| Side::new(project, lanes, scale, direction)),
            guard: W::narrow(lanes.guard[0]),
            full,
            profile: vec![full; slots],
            finish: vec![0; project.num_activities() + 1],
            dirty: 0,
        }
    }

    /// Places the activities of a precedence-feasible list one after the other, each as early as possible, until the makespan
    /// must exceed `limit`; in slots. Goes on with the schedule of which `begun` has been decoded, if anything has.
    pub fn decode<const GOES_ON: bool>(
        &mut self,
        simd: impl Simd<W>,
        list: impl Iterator<Item = u32>,
        direction: Direction,
        limit: u32,
        begun: Decoded<u32>,
    ) -> Decoded<u32> {
        simd.vectorize(Decoding::<'_, W, _, _, GOES_ON> { packed: self, simd, list, direction, limit, begun })
    }

    /// Completion of every activity in the last schedule, in slots.
    pub fn finish(&self) -> &[u32] {
        &self.finish[..self.finish.len() - 1]
    }
}

/// A partial schedule, to go on from it once more.
#[derive(Debug, Clone)]
pub struct SavedSlots<W> {
    profile: Vec<W>,
    finish: Vec<u32>,
}

impl<W> Default for SavedSlots<W> {
    fn default() -> Self {
        Self { profile: Vec::new(), finish: Vec::new() }
    }
}

impl<W: Word> Packed<W> {
    /// Keeps the schedule so far.
    pub fn save(&self, saved: &mut SavedSlots<W>) {
        saved.profile.clear();
        saved.profile.extend_from_slice(&self.profile[..self.dirty]);
        saved.finish.clear();
        saved.finish.extend_from_slice(&self.finish);
    }

    /// Returns to a schedule that was kept.
    pub fn restore(&mut self, saved: &SavedSlots<W>) {
        let slots = saved.profile.len();
        self.profile[..slots].copy_from_slice(&saved.profile);
        if slots < self.dirty {
            self.profile[slots..self.dirty].fill(self.full);
        }
        self.dirty = slots;
        self.finish.copy_from_slice(&saved.finish);
    }
}

/// The loop of [`Packed::decode`]. Known when this is compiled is whether it goes on, so that short lists pay nothing for that.
struct Decoding<'a, W, S, I, const GOES_ON: bool> {
    packed: &'a mut Packed<W>,
    simd: S,
    list: I,
    direction: Direction,
    limit: u32,
    begun: Decoded<u32>,
}

impl<W: Word, S: Simd<W>, I: Iterator<Item = u32>, const GOES_ON: bool> Loop for Decoding<'_, W, S, I, GOES_ON> {
    type Output = Decoded<u32>;

    #[inline(always)]
    fn run(self) -> Decoded<u32> {
        let Self { packed, simd, list, direction, limit, begun } = self;
        let Packed { sides, guard, full, profile, finish, dirty } = packed;
        let Side { steps, predecessors } = &sides[direction as usize];
        let Decoded { mut makespan, mut placed } = if GOES_ON { begun } else { Decoded { makespan: 0, placed: 0 } };
        if placed == 0 {
            profile[..*dirty].fill(*full);
        }
        for i in list {
            let Step { need, tail } = steps[i as usize];
            let mut time = 0;
            predecessors.each(i, |p| time = finish[p as usize].max(time));
            if need.duration > 0 {
                let start = simd.first_fit(profile, time as usize, need, *guard);
                simd.subtract(profile, start, need);
                time = start as u32 + need.duration;
            }
            finish[i as usize] = time;
            makespan = makespan.max(time);
            placed += 1;
            if time + tail > limit {
                break;
            }
        }
        *dirty = makespan as usize;
        Decoded { makespan, placed }
    }
}

impl<W: Word> Side<W> {
    fn new(project: &Project, lanes: &WordLayout, scale: i64, direction: Direction) -> Self {
        let mut row = Vec::with_capacity(1);
        let mut step = |(i, tail): (usize, &i64)| {
            let duration = project.duration()[i];
            row.clear();
            lanes.pack(project.demand_of(i), duration, &mut row);
            let slots = (duration / scale) as u32;
            let need = Need { demand: W::narrow(row[0]), duration: slots, shifts: run_shifts(slots.max(1)) };
            Step { need, tail: (tail / scale) as u32 }
        };
        Self {
            steps: direction.tails(project).iter().enumerate().map(&mut step).collect(),
            predecessors: Padded::new(direction.predecessors(project.graph()), project.num_activities()),
        }
    }
}
