//! From a precedence-feasible list to an active schedule: one face for all kernels.
//!
//! | kernel | file | chosen when | gain | oracle |
//! | --- | --- | --- | --- | --- |
//! | events, one list | `events.rs`, `flat.rs` | always possible; up to 4,000 activities | | an enumeration |
//! | events, in chunks | `chunked.rs` | more than 4,000 activities | grows with the length; the two meet at 4,000 | the list |
//! | time slots | `packed.rs` | mean duration up to 30 slots, levels of at most 64 bits | grows as durations shrink; the two meet at 30 slots | the events |
//! | time slots, AVX-512 | `simd/avx512.rs` | the processor has it | 1.6 (search on a timeline) | its portable twin |
//! | time slots, AVX2 | `simd/avx2.rs` | the processor has it, but not AVX-512 | 1.5 (`serial_sgs_many`), 1.4 (search) | its portable twin |
//! | timeline | `constrained/` | lags, windows, calendars, disjunctions, a fixed past | it alone knows them | the others, on plain projects |
//!
//! The kernels of a timeline have a table of their own in [`timeline`](crate::timeline).

mod partial;

pub(super) use self::partial::Partial;

use super::constrained::{Lost, Situation, TimelineDecoder, Windows};
use super::direction::Direction;
use super::events::Events;
use super::list::Order;
use super::packed::Packed;
use super::{Project, Schedule};
use crate::simd::{Avx2, Avx512, Portable, SlotKernel, on_kernel};
use crate::word_layout::WordLayout;

/// How far a decode came.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Decoded<T> {
    /// Largest completion so far.
    pub makespan: T,
    /// Activities placed; fewer than all if the limit was out of reach.
    pub placed: u32,
}

impl Decoded<i64> {
    /// Of a decode that is about to begin.
    pub(super) const NOTHING: Self = Self { makespan: 0, placed: 0 };
}

/// Which kernel builds the schedules. All give equal results.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kernel {
    /// One packed level per time slot, portable instructions.
    Packed,
    /// The same with AVX-512.
    PackedAvx512,
    /// The same with AVX2.
    PackedAvx2,
    /// A sorted list of the moments at which the profile changes.
    Events,
    /// A timeline that knows lags, windows, calendars, disjunctions and a fixed past.
    Timeline,
}

/// Mean duration, in slots, up to which time slots are cheaper than events (measured; the kernels meet near here).
const SHORT: i64 = 30;
/// Longest profile in slots: 256 MB in the widest packed kernel.
const MOST_SLOTS: i64 = 1 << 25;

/// Placements between two looks at a stop sign within one schedule: some milliseconds where they are slowest.
pub(super) const LOOK: usize = 64;
/// Lists up to this length are made and decoded in one go.
pub(super) const SHORT_LIST: usize = 1024;

/// Counts steps of work and tells whether to stop; `u64::MAX` asks to look at once.
pub(super) type Stopper<'a> = &'a mut dyn FnMut(u64) -> bool;

/// Scratch space that turns lists into schedules without allocating. It knows precedence and constant capacities, nothing else.
///
/// ```
/// use schedkit_core::rcpsp::{Decoder, Direction, Project, ProjectData};
/// let data = ProjectData { duration: vec![2, 3], demand: vec![1, 1], capacity: vec![1], ..ProjectData::default() };
/// let project = Project::new(data)?;
/// let mut decoder = Decoder::new(&project);
/// assert_eq!(decoder.decode(&[1, 0], Direction::Forward), 5);
/// assert_eq!(decoder.schedule(Direction::Forward, 5).start_time, [3, 0]);
/// # Ok::<(), schedkit_core::Error>(())
/// ```
#[derive(Debug, Clone)]
pub struct Decoder<'p> {
    project: &'p Project,
    scale: i64,
    kernel: Kernel,
    simd: SlotKernel,
    state: State<'p>,
}

#[derive(Debug, Clone)]
enum State<'p> {
    Narrow(Packed<u32>),
    Wide(Packed<u64>),
    Events(Events),
    Timeline(Box<TimelineDecoder<'p>>),
}

impl<'p> Decoder<'p> {
    /// Chooses the kernel by resources and durations.
    #[must_use]
    pub fn new(project: &'p Project) -> Self {
        let scale = tick(project);
        let short = project.horizon() / scale <= SHORT * positive(project) as i64;
        let kernel = match SlotKernel::best() {
            _ if !short => Kernel::Events,
            SlotKernel::Avx512(_) => Kernel::PackedAvx512,
            SlotKernel::Avx2(_) => Kernel::PackedAvx2,
            SlotKernel::Portable(_) => Kernel::Packed,
        };
        Self::with_kernel(project, kernel)
    }

    /// Asks for a kernel: those with vectors need the processor, the packed ones need resources that fit 64 bits and a profile
    /// that fits memory; where they do not, a simpler kernel serves.
    #[must_use]
    pub fn with_kernel(project: &'p Project, kernel: Kernel) -> Self {
        let scale = tick(project);
        let lanes = WordLayout::new(project.capacity());
        let packable = lanes.bits <= 64 && project.horizon() / scale <= MOST_SLOTS;
        let simd = match kernel {
            Kernel::PackedAvx512 => Avx512::detect().map(SlotKernel::Avx512),
            Kernel::PackedAvx2 => Avx2::detect().map(SlotKernel::Avx2),
            _ => None,
        };
        let kernel = match kernel {
            Kernel::Timeline => Kernel::Events,
            kernel if kernel != Kernel::Events && !packable => Kernel::Events,
            Kernel::PackedAvx512 | Kernel::PackedAvx2 if simd.is_none() => Kernel::Packed,
            kernel => kernel,
        };
        let simd = simd.unwrap_or(SlotKernel::Portable(Portable));
        let state = match kernel {
            Kernel::Events => State::Events(Events::new(project, lanes)),
            _ if lanes.bits <= 32 => State::Narrow(Packed::new(project, &lanes, scale)),
            _ => State::Wide(Packed::new(project, &lanes, scale)),
        };
        Self { project, scale, kernel, simd, state }
    }

    /// For a project with more than precedence and constant capacities.
    pub(super) fn on_timeline(situation: &'p Situation<'p>, windows: &'p Windows) -> Self {
        let timeline = Box::new(TimelineDecoder::new(situation, windows));
        Self {
            project: situation.project,
            scale: 1,
            kernel: Kernel::Timeline,
            simd: SlotKernel::Portable(Portable),
            state: State::Timeline(timeline),
        }
    }

    /// Goes on with slots, if a timeline can, for schedules not much longer than this one.
    #[inline]
    pub(super) fn speed_up(&mut self, makespan: i64) {
        if let State::Timeline(timeline) = &mut self.state {
            timeline.speed_up(makespan);
        }
    }

    /// Placements beside those of the decoded lists, since this was last asked.
    #[inline]
    pub(super) fn take_extra_placements(&mut self) -> u64 {
        if let State::Timeline(timeline) = &mut self.state { std::mem::take(&mut timeline.extra_placements) } else { 0 }
    }

    /// The kernel in use.
    #[must_use]
    pub fn kernel(&self) -> Kernel {
        self.kernel
    }

    /// Places the activities of `list` one after the other, each as early as precedence and resources allow; returns the
    /// makespan. `list` must hold every activity once, after its predecessors in the given direction.
    pub fn decode(&mut self, list: &[u32], direction: Direction) -> i64 {
        self.decode_each(list.iter().copied(), direction, i64::MAX, &mut |_| false).makespan
    }

    /// The same, abandoned as soon as the makespan must exceed `limit`, or `stop` says so: with a list that is not short it is asked
    /// every [`LOOK`] placements. On a timeline the limit is a value (see [`LATE`](super::constrained::LATE)), that of `parent`.
    pub(super) fn decode_until(
        &mut self,
        list: &[u32],
        direction: Direction,
        limit: i64,
        parent: &[u32],
        stop: Stopper,
    ) -> Decoded<i64> {
        if let State::Timeline(timeline) = &mut self.state {
            return timeline.decode(list, direction, limit, parent, stop);
        }
        self.decode_each(list.iter().copied(), direction, limit, stop)
    }

    /// The same for an order that may still be in the making.
    ///
    /// # Errors
    /// On a timeline, an activity that misses its window, with its completion if it has any.
    pub(super) fn decode_order(&mut self, order: Order, stop: Stopper) -> Result<i64, Lost> {
        if let State::Timeline(timeline) = &mut self.state {
            let mut list = Vec::new();
            order.collect_into(&mut list);
            return timeline.pass_in_time(&list, stop);
        }
        Ok(match order {
            Order::Listed(list) => self.decode_each(list.iter().copied(), Direction::Forward, i64::MAX, stop),
            Order::Few(selection) => self.decode_each(selection, Direction::Forward, i64::MAX, stop),
            Order::Many(selection) => self.decode_each(selection, Direction::Forward, i64::MAX, stop),
        }
        .makespan)
    }

    /// Places the activities of a list, successors first, as late as possible within `end`, and writes their starts.
    ///
    /// # Errors
    /// On a timeline, an activity that finds no place.
    pub(super) fn shift_right(&mut self, list: &[u32], end: i64, start_time: &mut [i64], stop: Stopper) -> Result<(), Lost> {
        let mut end = end;
        if let State::Timeline(timeline) = &mut self.state {
            timeline.shift_right(list, end, stop)?;
        } else {
            end = self.decode_each(list.iter().copied(), Direction::Backward, i64::MAX, stop).makespan;
        }
        self.starts(Direction::Backward, end, start_time);
        Ok(())
    }

    #[inline]
    fn decode_each(
        &mut self,
        mut list: impl Iterator<Item = u32>,
        direction: Direction,
        limit: i64,
        stop: Stopper,
    ) -> Decoded<i64> {
        if self.project.num_activities() <= SHORT_LIST {
            return self.decode_part::<false>(list, direction, limit, Decoded::NOTHING);
        }
        self.decode_long(&mut list, direction, limit, Decoded::NOTHING, stop)
    }

    /// A look at the stop sign every few placements; apart from the short lists, whose loop must stay small.
    #[inline(never)]
    fn decode_long(
        &mut self,
        list: &mut dyn Iterator<Item = u32>,
        direction: Direction,
        limit: i64,
        mut decoded: Decoded<i64>,
        stop: Stopper,
    ) -> Decoded<i64> {
        while !stop(u64::MAX) {
            let before = decoded.placed;
            decoded = self.decode_part::<true>((&mut *list).take(LOOK), direction, limit, decoded);
            if ((decoded.placed - before) as usize) < LOOK {
                break;
            }
        }
        decoded
    }

    /// Goes on with a schedule of which so much has been decoded.
    #[inline]
    fn decode_part<const GOES_ON: bool>(
        &mut self,
        list: impl Iterator<Item = u32>,
        direction: Direction,
        limit: i64,
        begun: Decoded<i64>,
    ) -> Decoded<i64> {
        let slots = u32::try_from(limit / self.scale).unwrap_or(u32::MAX);
        let done = Decoded { makespan: (begun.makespan / self.scale) as u32, placed: begun.placed };
        let decoded = match &mut self.state {
            State::Narrow(packed) => on_kernel!(self.simd, simd => packed.decode::<GOES_ON>(simd, list, direction, slots, done)),
            State::Wide(packed) => on_kernel!(self.simd, simd => packed.decode::<GOES_ON>(simd, list, direction, slots, done)),
            State::Events(events) => return events.decode(self.project, list, direction, limit, begun),
            State::Timeline(_) => unreachable!("lists reach a timeline whole"),
        };
        Decoded { makespan: i64::from(decoded.makespan) * self.scale, placed: decoded.placed }
    }

    /// Sorts the activities of `list` by completion in the last schedule, in its own direction of time; equal ones keep their
    /// order in `list`, and none comes before its predecessors.
    pub(super) fn sort_by_completion(&mut self, list: &mut [u32], scratch: &mut Vec<u32>) {
        match &mut self.state {
            State::Narrow(state) => counting_sort(list, state.finish(), scratch),
            State::Wide(state) => counting_sort(list, state.finish(), scratch),
            State::Events(state) => list.sort_by_key(|&i| state.finish()[i as usize]),
            State::Timeline(state) => state.sort_by_completion(list, scratch),
        }
    }

    /// Puts predecessors first in an order by the completions of some schedule. Where they always complete first it is so already.
    pub(super) fn put_predecessors_first(&mut self, list: &mut [u32], direction: Direction) {
        if let State::Timeline(state) = &mut self.state {
            state.put_predecessors_first(list, direction);
        }
    }

    /// Calls `each(activity, completion)` for the last schedule, completion counted in the direction it was decoded in.
    #[inline]
    fn completions(&self, mut each: impl FnMut(usize, i64)) {
        let packed = |finish: &[u32], each: &mut dyn FnMut(usize, i64)| {
            finish.iter().enumerate().for_each(|(i, &f)| each(i, i64::from(f) * self.scale));
        };
        match &self.state {
            State::Narrow(state) => packed(state.finish(), &mut each),
            State::Wide(state) => packed(state.finish(), &mut each),
            State::Events(state) => state.finish().iter().enumerate().for_each(|(i, &f)| each(i, f)),
            State::Timeline(_) => unreachable!("a timeline knows its starts"),
        }
    }

    /// Writes the starts of the last schedule, decoded in `direction`; a backward one is laid so that it ends at `end`.
    pub fn starts(&self, direction: Direction, end: i64, start_time: &mut [i64]) {
        if let State::Timeline(timeline) = &self.state {
            return timeline.starts(start_time);
        }
        let duration = self.project.duration();
        match direction {
            Direction::Forward => self.completions(|i, f| start_time[i] = f - duration[i]),
            Direction::Backward => self.completions(|i, f| start_time[i] = end - f),
        }
    }

    /// Writes the completions of the last schedule, decoded forward.
    pub(super) fn completion_times(&self, completion_time: &mut [i64]) {
        if let State::Timeline(timeline) = &self.state {
            return timeline.completions(completion_time);
        }
        self.completions(|i, f| completion_time[i] = f);
    }

    /// The last schedule, decoded in `direction`; a backward one is laid so that it ends at `end`.
    #[must_use]
    pub fn schedule(&self, direction: Direction, end: i64) -> Schedule {
        let mut start_time = vec![0; self.project.num_activities()];
        self.starts(direction, end, &mut start_time);
        if let State::Timeline(timeline) = &self.state {
            let mut completion_time = vec![0; start_time.len()];
            timeline.completions(&mut completion_time);
            return Schedule::from_times(start_time, completion_time);
        }
        Schedule::from_starts(self.project, start_time)
    }
}

impl Schedule {
    /// Completes the columns; `start_time` must have one entry per activity. Pausable activities pause over their downtime.
    #[must_use]
    pub fn from_starts(project: &Project, start_time: Vec<i64>) -> Self {
        let completion_time: Vec<i64> = start_time.iter().enumerate().map(|(i, &start)| project.completion(i, start)).collect();
        Self::from_times(start_time, completion_time)
    }

    /// Adds the makespan.
    pub(super) fn from_times(start_time: Vec<i64>, completion_time: Vec<i64>) -> Self {
        let makespan = completion_time.iter().copied().max().unwrap_or(0);
        Self { start_time, completion_time, makespan }
    }
}

/// Stable, in time proportional to the number of activities and slots.
pub(super) fn counting_sort(list: &mut [u32], finish: &[u32], scratch: &mut Vec<u32>) {
    let slots = finish.iter().copied().max().unwrap_or(0) as usize + 1;
    scratch.clear();
    scratch.resize(slots + list.len(), 0);
    let (place, sorted) = scratch.split_at_mut(slots);
    for &f in finish {
        place[f as usize] += 1;
    }
    let mut next = 0;
    for count in &mut *place {
        (*count, next) = (next, next + *count);
    }
    for &i in &*list {
        let slot = &mut place[finish[i as usize] as usize];
        sorted[*slot as usize] = i;
        *slot += 1;
    }
    list.copy_from_slice(sorted);
}

/// Greatest common divisor of all durations, at least 1.
fn tick(project: &Project) -> i64 {
    let gcd = |mut a: i64, mut b: i64| {
        while b != 0 {
            (a, b) = (b, a % b);
        }
        a
    };
    project.duration().iter().copied().fold(0, gcd).max(1)
}

/// Activities that take time.
fn positive(project: &Project) -> usize {
    project.duration().iter().filter(|&&d| d > 0).count()
}
