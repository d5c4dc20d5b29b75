//! Projects whose times have a common tick, slot by slot.

use super::Situation;
use super::pass::{Activities, Bounds, PassTimeline, Passed, Place, Unit, serial};
use super::timetable::Timetable;
use crate::cost;
use crate::rcpsp::Direction;
use crate::rcpsp::constraints::gcd;
use crate::simd::{Avx2, Avx512, Need, Simd, SlotKernel, Word, on_kernel, run_shifts};
use crate::timeline::Timeline;
use crate::timeline::segments::Slot;
use crate::timeline::slots::Slots;

/// Most slots of a horizon: copying more of them for every schedule would cost more than it saves.
const MOST_SLOTS: i64 = 1 << 15;

/// The tick that all times of a situation have in common, counted from `origin`.
pub fn common_tick(situation: &Situation, origin: i64) -> i64 {
    let (project, data) = (situation.project, situation.project.data());
    let durations = project.duration().iter().copied().chain(data.lag.iter().map(|lag| lag.abs()));
    let moments =
        situation.release.iter().copied().chain(situation.fixed.iter().flatten().flat_map(|&(start, end)| [start, end]));
    let steps = data.calendars.iter().flat_map(|(_, calendar)| calendar.time().iter().copied());
    let periods = data.calendars.iter().filter_map(|(_, calendar)| calendar.period());
    let mut tick = 0;
    for time in durations.chain(periods).chain(moments.chain(steps).map(|time| time - origin)) {
        tick = gcd(tick, time.abs());
        if tick == 1 {
            break;
        }
    }
    tick.max(1)
}

/// A timeline of slots with levels in words of one width.
#[derive(Debug, Clone)]
pub struct SlotTimeline<W> {
    slots: Slots<W>,
    need: Vec<Need<W>>,
    /// What is held through pauses, of those that may meet one.
    held: Vec<Option<W>>,
    origin: i64,
    tick: i64,
    simd: SlotKernel,
    seen: u64,
}

/// How many bits the lanes of resources and groups take; `None` if there are too many.
pub fn bits(situation: &Situation, table: &Timetable) -> Option<u32> {
    let groups = 2 * situation.project.data().disjunctive.len();
    u32::try_from(groups).ok().and_then(|groups| groups.checked_add(table.layout().bits)).filter(|&bits| bits <= 64)
}

impl<W: Word> SlotTimeline<W>
where
    Avx512: Simd<W>,
    Avx2: Simd<W>,
{
    /// Lays out `horizon` ticks from `origin` on, in a direction of time; `None` if they do not fit into memory or words.
    pub fn new(situation: &Situation, direction: Direction, origin: i64, tick: i64, horizon: i64) -> Option<Self> {
        let (project, data) = (situation.project, situation.project.data());
        let slots = horizon.div_euclid(tick);
        let mut table = Timetable::new(situation, direction, origin);
        let bits = bits(situation, &table)?;
        if !(1..=MOST_SLOTS).contains(&slots) || bits > 8 * size_of::<W>() as u32 || !table.extend(origin + slots * tick) {
            return None;
        }
        // A lane of capacity 1 for each group, behind those of the resources.
        let lane = |group: usize| table.layout().bits + 2 * group as u32;
        let groups: u64 = (0..data.disjunctive.len()).map(|g| 1 << lane(g)).sum();
        let guard = table.layout().guard[0] | groups << 1;
        let full = table.layout().full[0] | groups | groups << 1;
        let (mut base, mut empty) = (Vec::with_capacity(slots as usize), Vec::with_capacity(slots as usize));
        for (end, calendar, level) in table.segments() {
            let until = end.saturating_sub(origin).div_euclid(tick).min(slots) as usize;
            for (column, word) in [(&mut base, calendar), (&mut empty, level)] {
                column.resize(until.max(column.len()), word | groups | groups << 1);
            }
        }
        for g in 0..data.disjunctive.len() {
            for &(start, end) in table.fixed_spans(g) {
                let place = |time: i64| (time - origin).div_euclid(tick).clamp(0, slots) as usize;
                empty[place(start)..place(end)].iter_mut().for_each(|word| *word &= !(1 << lane(g)));
            }
        }
        let narrow = |column: Vec<u64>| column.into_iter().map(W::narrow).collect::<Vec<W>>();
        let mut need = Vec::with_capacity(situation.num_activities());
        let mut held = Vec::with_capacity(situation.num_activities());
        let mut row = Vec::with_capacity(1);
        for (i, &duration) in project.duration().iter().enumerate() {
            row.clear();
            table.layout().pack(project.demand_of(i), duration, &mut row);
            let groups: u64 = situation.groups_of[i].iter().filter(|_| duration > 0).map(|&g| 1 << lane(g as usize)).sum();
            let slots = (duration / tick) as u32;
            let demand = W::narrow(row[0] | groups);
            need.push(Need { demand, duration: slots, shifts: run_shifts(slots.max(1)) });
            held.push((data.pausable[i] && situation.runs[i].cost() > 0).then(|| W::narrow(groups)));
        }
        let longest = need.iter().map(|need| need.duration as usize).max().unwrap_or(0);
        let slots = Slots::new(W::narrow(guard), W::narrow(full), narrow(base), narrow(empty), longest);
        Some(Self { slots, need, held, origin, tick, simd: SlotKernel::best(), seen: 0 })
    }
}

impl<W: Word> Unit<u32> for SlotTimeline<W> {
    fn up(&self, tick: i64) -> u32 {
        let slot = tick.saturating_sub(self.origin).saturating_add(self.tick - 1).div_euclid(self.tick);
        slot.clamp(0, self.slots.horizon() as i64) as u32
    }

    fn down(&self, tick: i64) -> u32 {
        u32::try_from(tick.saturating_sub(self.origin).div_euclid(self.tick).max(0)).unwrap_or(u32::MAX)
    }

    fn tick(&self, slot: u32) -> i64 {
        self.origin + i64::from(slot) * self.tick
    }

    fn length(&self, ticks: i64) -> u32 {
        u32::try_from(ticks / self.tick).unwrap_or(u32::MAX >> 1)
    }
}

impl<W: Word> PassTimeline for SlotTimeline<W>
where
    Avx512: Simd<W>,
    Avx2: Simd<W>,
{
    type Time = u32;

    fn serial(
        &mut self,
        activities: &mut Activities<u32>,
        list: &[u32],
        from: Option<&[u32]>,
        bounds: Bounds<u32>,
        stop: &mut dyn FnMut(u64) -> bool,
    ) -> (Passed, u32) {
        on_kernel!(self.simd, simd => {
            let mut timeline = Vectorized { timeline: self, simd };
            Simd::<W>::vectorize(simd, || serial::<false, _, _>(activities, &mut timeline, list, from, bounds, stop))
        })
    }
}

/// Slots with the instructions for them.
struct Vectorized<'a, W, S> {
    timeline: &'a mut SlotTimeline<W>,
    simd: S,
}

impl<W: Word, S: Simd<W>> Place<u32> for Vectorized<'_, W, S> {
    const LOOK: u32 = 32;

    fn clear(&mut self) {
        self.timeline.slots.clear();
    }

    #[inline(always)]
    fn place(&mut self, activity: usize, from: u32) -> Option<(u32, u32)> {
        let SlotTimeline { slots, need, held, .. } = &mut *self.timeline;
        let need = need[activity];
        if need.duration == 0 {
            return Some((from, from));
        }
        if from as usize >= slots.horizon() {
            return None;
        }
        let (start, end) = match held[activity] {
            Some(held) => slots.place_pausable(self.simd, from as usize, need, held),
            None => slots.place(self.simd, from as usize, need),
        };
        (end <= slots.horizon()).then_some((start as u32, end as u32))
    }

    fn reaching(&self, _: usize, _: u32) -> Option<u32> {
        unreachable!("activities that overlap with their predecessors are placed on segments")
    }

    fn steps(&mut self, placements: u32) -> u64 {
        cost::PLACEMENT * u64::from(placements)
    }
}

impl<W: Word> Timeline for SlotTimeline<W>
where
    Avx512: Simd<W>,
    Avx2: Simd<W>,
{
    fn clear(&mut self) {
        self.slots.clear();
        self.seen += self.slots.horizon() as u64 / 64;
    }

    fn find(&mut self, activity: usize, from: i64) -> Option<Slot> {
        let need = self.need[activity];
        if need.duration == 0 {
            return Some(Slot::instant(from));
        }
        let horizon = self.slots.horizon();
        let from = (from - self.origin + self.tick - 1).div_euclid(self.tick).max(0) as usize;
        if from >= horizon {
            return None;
        }
        let (start, end) = on_kernel!(self.simd, simd => match self.held[activity] {
            Some(held) => self.slots.find_pausable(simd, from, need, held),
            None => spanned(self.slots.find(simd, from, need), need.duration),
        });
        self.seen += 1 + (end - from) as u64 / 16;
        if end > horizon {
            return None;
        }
        let time = |slot: usize| self.origin + slot as i64 * self.tick;
        Some(Slot::between((time(start), time(end)), (start, end)))
    }

    fn take(&mut self, activity: usize, slot: Slot) {
        let need = self.need[activity];
        if need.duration == 0 {
            return;
        }
        let (start, end) = slot.places();
        on_kernel!(self.simd, simd => match self.held[activity] {
            Some(held) => self.slots.take_pausable(simd, (start, end), need, held),
            None => self.slots.take(simd, start, need),
        });
    }

    fn segments_read(&self) -> u64 {
        self.seen
    }
}

fn spanned(start: usize, duration: u32) -> (usize, usize) {
    (start, start + duration as usize)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::Random;
    use crate::rcpsp::{Calendar, Past, Project, ProjectData};
    use proptest::prelude::*;

    fn random_project(random: &mut Random) -> (Project, Past) {
        let (n, width) = (random.between(2, 30) as usize, random.between(0, 4) as usize);
        let unit = random.between(1, 3);
        let capacity: Vec<i64> = (0..width).map(|_| random.between(1, 9)).collect();
        let calendars = (0..width).flat_map(|r| {
            (0..random.below(3))
                .map(|_| {
                    let steps = random.between(1, 5);
                    let time: Vec<i64> = (0..steps).map(|k| unit * (k * 9 + random.between(-4, 4))).collect();
                    let units = (0..steps).map(|_| random.between(0, capacity[r])).collect();
                    let period = (random.below(2) == 0).then(|| unit * (54 + 6 * random.below(2) as i64));
                    (r as u32, Calendar::new(time, units, period).expect("valid"))
                })
                .collect::<Vec<_>>()
        });
        let calendars = calendars.collect();
        let data = ProjectData {
            duration: (0..n).map(|_| unit * random.between(0, 9)).collect(),
            demand: (0..n).flat_map(|_| capacity.iter().map(|&c| random.between(0, c)).collect::<Vec<_>>()).collect(),
            pausable: (0..n).map(|_| random.below(2) == 0).collect(),
            release_time: (0..n).map(|_| unit * random.below(20) as i64).collect(),
            disjunctive: (0..random.below(3))
                .map(|_| (0..n as u32).filter(|_| random.below(2) == 0).collect::<Vec<_>>())
                .filter(|g| g.len() > 1)
                .collect(),
            capacity,
            calendars,
            ..ProjectData::default()
        };
        let project = Project::new(data).expect("valid");
        let past = if random.below(2) == 0 { vec![(0, -2 * unit, Some(7 * unit))] } else { vec![] };
        let past = Past::new(&project, &past, unit * random.between(-3, 3)).expect("valid");
        (project, past)
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(600))]
        #[test]
        fn slots_are_those_of_the_segments(seed in any::<u64>(), backward in any::<bool>()) {
            let mut random = Random::new(seed);
            let (project, past) = random_project(&mut random);
            let situation = Situation::new(&project, &past);
            let tick = common_tick(&situation, situation.origin());
            let horizon = 400 * tick;
            let (direction, begin) = if backward {
                (Direction::Backward, -situation.origin() - horizon)
            } else {
                (Direction::Forward, situation.origin())
            };
            let mut segments = Timetable::new(&situation, direction, begin);
            let mut slots = SlotTimeline::<u64>::new(&situation, direction, begin, tick, horizon).expect("few lanes");
            for _ in 0..2 { // the second time on used timelines
                Timeline::clear(&mut segments);
                Timeline::clear(&mut slots);
                for i in (0..project.num_activities()).filter(|&i| situation.fixed[i].is_none()) {
                    let from = begin + tick * random.below(100) as i64;
                    match (segments.find(i, from), slots.find(i, from)) {
                        (Some(expected), Some(slot)) => {
                            prop_assert_eq!((slot.start, slot.end), (expected.start, expected.end), "activity {}", i);
                            segments.take(i, expected);
                            slots.take(i, slot);
                        }
                        (Some(expected), None) => prop_assert!(expected.end > begin + horizon),
                        (found, slot) => prop_assert!(slot.is_none(), "activity {}: {:?}, {:?}", i, found, slot),
                    }
                }
            }
        }
    }
}
