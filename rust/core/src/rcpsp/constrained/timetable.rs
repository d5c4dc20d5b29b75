//! Who holds what when: calendars, fixed activities, and what has been placed since.

use super::pass::{Activities, Bounds, PassTimeline, Passed, Place, Unit, reaching, serial};
use super::situation::{Situation, UNREACHABLE};
use crate::error::TIME_LIMIT;
use crate::rcpsp::Direction;
use crate::timeline::Timeline;
use crate::timeline::segments::{Found, Need, Profile, Slot};
use crate::word_layout::WordLayout;

/// Segments that a profile may have: beyond, nothing is found any more instead of filling the memory.
const MOST_SEGMENTS: usize = 1 << 20;

/// Segments of a part of the calendars, which are looked at within a millisecond or two.
pub const PART: usize = 1 << 12;

/// What a look at a group costs, in segments.
const GROUP: u64 = 8;

/// The profile of all resources and the spans of all disjunctive groups, in one direction of time.
///
/// Backward, moments are counted from the other end: `-t` stands for `t`. Calendars are expanded only as far as a search needs them.
#[derive(Debug, Clone)]
pub struct Timetable<'s, 'p> {
    situation: &'s Situation<'p>,
    direction: Direction,
    lanes: WordLayout,
    demand: Vec<u64>,
    /// Calendars and fixed activities alone.
    clean: Profile,
    profile: Profile,
    /// For each group the spans of its members, in order; those that meet are one, and none overlap.
    groups: Vec<Vec<(i64, i64)>>,
    clean_groups: Vec<Vec<(i64, i64)>>,
    /// Fixed activities with a span in this direction, those that hold resources.
    fixed: Vec<(i64, i64, usize)>,
    /// Segments looked at or copied so far: what it has cost.
    seen: u64,
    /// Those of them that [`Place::steps`] has counted.
    charged: u64,
}

impl<'s, 'p> Timetable<'s, 'p> {
    /// An empty timetable from `origin` on; nothing may be searched for before it.
    pub fn new(situation: &'s Situation<'p>, direction: Direction, origin: i64) -> Self {
        let project = situation.project;
        let lanes = WordLayout::new(project.capacity());
        let mut demand = Vec::with_capacity(situation.num_activities() * lanes.words());
        for (i, &duration) in project.duration().iter().enumerate() {
            lanes.pack(project.demand_of(i), duration, &mut demand);
        }
        let span = |(start, end): (i64, i64)| match direction {
            Direction::Forward => (start, end),
            Direction::Backward => (-end, -start),
        };
        let mut fixed = Vec::new();
        let mut clean_groups = vec![Vec::new(); project.data().disjunctive.len()];
        for (i, span) in situation.fixed.iter().enumerate().filter_map(|(i, fixed)| Some((i, span((*fixed)?)))) {
            if span.0 < span.1 && span.1 > origin && project.duration()[i] > 0 {
                fixed.push((span.0, span.1, i));
                situation.groups_of[i].iter().for_each(|&g| clean_groups[g as usize].push(span));
            }
        }
        for spans in &mut clean_groups {
            spans.sort_unstable();
        }
        let clean = Profile { frontier: origin, ..Profile::default() };
        let mut table = Self {
            situation,
            direction,
            lanes,
            demand,
            clean,
            profile: Profile::default(),
            groups: Vec::new(),
            clean_groups,
            fixed,
            seen: 0,
            charged: 0,
        };
        Timeline::clear(&mut table);
        table.extend(origin);
        table
    }

    /// The first moment from `from` on after which all groups of an activity are free for its duration at least.
    fn free_of_groups(&mut self, activity: usize, mut from: i64, duration: i64) -> i64 {
        let groups = &self.situation.groups_of[activity];
        let mut agreed = 0;
        for &g in groups.iter().cycle().take_while(|_| !groups.is_empty()) {
            let spans = &self.groups[g as usize];
            let begun = spans.partition_point(|&(_, end)| end <= from);
            let mut k = begun;
            let before = from;
            while let Some(&(_, end)) = spans.get(k).filter(|&&(start, _)| start < from.saturating_add(duration)) {
                (from, k) = (end, k + 1);
            }
            self.seen += (k - begun) as u64;
            agreed = if from == before { agreed + 1 } else { 1 };
            if agreed == groups.len() {
                break;
            }
        }
        from
    }

    /// The latest end among spans of the activity's groups that overlap `[start, end)`.
    fn overlapped(&self, activity: usize, start: i64, end: i64) -> Option<i64> {
        let latest = |&g: &u32| {
            let spans = &self.groups[g as usize];
            let k = spans.partition_point(|&(s, _)| s < end);
            spans.get(k.checked_sub(1)?).map(|&(_, e)| e).filter(|&e| e > start)
        };
        self.situation.groups_of[activity].iter().filter_map(latest).max()
    }

    /// The lanes of the resources.
    pub fn layout(&self) -> &WordLayout {
        &self.lanes
    }

    /// The segments `(end, base, level)` that calendars and fixed activities make, in order from the origin on, as far as they are
    /// known; only for lanes in one word.
    pub fn segments(&self) -> impl Iterator<Item = (i64, u64, u64)> + '_ {
        let ends = self.clean.time[1..].iter().copied().chain([self.clean.frontier]);
        ends.zip(&self.clean.base).zip(&self.clean.level).map(|((end, &base), &level)| (end, base, level))
    }

    /// The spans of a group's fixed members.
    pub fn fixed_spans(&self, group: usize) -> &[(i64, i64)] {
        &self.clean_groups[group]
    }

    fn need(&self, activity: usize) -> Need<'_> {
        let words = self.lanes.words();
        Need {
            demand: &self.demand[activity * words..(activity + 1) * words],
            duration: self.situation.project.duration()[activity],
            pausable: self.situation.project.data().pausable[activity],
        }
    }

    /// Looks at the calendars up to `until` at least; false if that is too much.
    pub fn extend(&mut self, until: i64) -> bool {
        self.extend_to(until, MOST_SEGMENTS)
    }

    /// Looks at the next part of the calendars, up to `until`; false if there are more parts.
    pub fn extend_by_part(&mut self, until: i64) -> bool {
        let most = (self.clean.time.len() + PART).min(MOST_SEGMENTS);
        self.extend_to(until, most) || most == MOST_SEGMENTS
    }

    /// Looks at the calendars up to `until` at least; false if that takes more than `most` segments.
    fn extend_to(&mut self, until: i64, most: usize) -> bool {
        let capacity = self.situation.project.capacity();
        let (mut units, mut base) = (Vec::with_capacity(capacity.len()), Vec::new());
        while self.clean.frontier <= until && self.clean.frontier < i64::MAX {
            if self.clean.time.len() >= most {
                return false;
            }
            let now = self.clean.frontier;
            let moment = if self.direction == Direction::Forward { now } else { -now - 1 };
            units.clear();
            units.extend_from_slice(capacity);
            for (r, calendar) in &self.situation.project.data().calendars {
                let units: &mut i64 = &mut units[*r as usize];
                *units = (*units).min(calendar.capacity_at(moment).unwrap_or(*units));
            }
            self.pack(&units, &mut base);
            for &(start, end, i) in &self.fixed {
                if start <= now && now < end && self.situation.works(i, moment) {
                    let demand = self.situation.project.demand_of(i);
                    units.iter_mut().zip(demand).for_each(|(units, demand)| *units = (*units - demand).max(0));
                }
            }
            let next = self.next_step(now);
            let mut level = Vec::with_capacity(base.len());
            self.pack(&units, &mut level);
            self.clean.extend(&base, &level, next);
            self.profile.extend(&base, &level, next);
        }
        true
    }

    fn pack(&self, units: &[i64], into: &mut Vec<u64>) {
        into.clear();
        self.lanes.pack(units, 1, into);
        into.iter_mut().zip(&self.lanes.guard).for_each(|(word, guard)| *word |= guard);
    }

    /// The next moment at which a calendar or a fixed activity changes something.
    fn next_step(&self, now: i64) -> i64 {
        let step = |calendar: &crate::rcpsp::Calendar| match self.direction {
            Direction::Forward => calendar.next_step(now),
            Direction::Backward => calendar.previous_step(-now).map(|t| -t),
        };
        let calendars = self.situation.project.data().calendars.iter().filter_map(|(_, calendar)| step(calendar));
        let fixed = self.fixed.iter().flat_map(|&(start, end, _)| [start, end]).filter(|&t| t > now);
        calendars.chain(fixed).min().unwrap_or(i64::MAX)
    }
}

impl Unit<i64> for Timetable<'_, '_> {
    fn up(&self, tick: i64) -> i64 {
        tick
    }

    fn down(&self, tick: i64) -> i64 {
        tick
    }

    fn tick(&self, moment: i64) -> i64 {
        moment
    }

    fn length(&self, ticks: i64) -> i64 {
        ticks
    }
}

impl PassTimeline for Timetable<'_, '_> {
    type Time = i64;

    fn serial(
        &mut self,
        activities: &mut Activities<i64>,
        list: &[u32],
        from: Option<&[i64]>,
        bounds: Bounds<i64>,
        stop: &mut dyn FnMut(u64) -> bool,
    ) -> (Passed, u32) {
        serial::<true, _, _>(activities, self, list, from, bounds, stop)
    }
}

impl Place<i64> for Timetable<'_, '_> {
    const LOOK: u32 = 1; // a search may look at many segments

    fn clear(&mut self) {
        Timeline::clear(self);
    }

    fn place(&mut self, activity: usize, from: i64) -> Option<(i64, i64)> {
        let slot = if from == UNREACHABLE { None } else { self.find(activity, from) }?;
        self.take(activity, slot);
        Some((slot.start, slot.end))
    }

    fn reaching(&self, activity: usize, end: i64) -> Option<i64> {
        Some(reaching(self.situation, self.direction, activity, end)).filter(|&moment| moment != UNREACHABLE)
    }

    fn steps(&mut self, placements: u32) -> u64 {
        let looked = self.seen - std::mem::replace(&mut self.charged, self.seen);
        steps(u64::from(placements), looked)
    }
}

/// Steps of a watch's pace that searches for places stand for: some for each, some for each segment looked at.
pub fn steps(placements: u64, segments: u64) -> u64 {
    10 * placements + segments / 4
}

impl Timeline for Timetable<'_, '_> {
    fn clear(&mut self) {
        self.seen += self.clean.time.len() as u64 + GROUP * self.groups.len() as u64;
        self.profile.copy_from(&self.clean);
        self.groups.clone_from(&self.clean_groups);
    }

    fn find(&mut self, activity: usize, from: i64) -> Option<Slot> {
        let duration = self.situation.project.duration()[activity];
        let mut from = from;
        if duration == 0 {
            return Some(Slot::instant(from));
        }
        loop {
            from = self.free_of_groups(activity, from, duration);
            let mut seen = self.seen;
            let found = self.profile.find(&self.lanes, self.need(activity), from, &mut seen);
            self.seen = seen;
            match found {
                Found::Frontier(_) if self.profile.frontier == i64::MAX => return None,
                Found::Frontier(candidate) => {
                    let run = &self.situation.runs[activity];
                    let alone = match self.direction {
                        Direction::Forward => run.earliest(candidate),
                        Direction::Backward => run.latest(-candidate).map(|(start, end)| (-end, -start)),
                    };
                    let (_, end) = alone?;
                    if !self.extend(end) {
                        return None; // whatever fits goes on beyond it
                    }
                }
                Found::Slot(slot) if slot.end > TIME_LIMIT => return None,
                Found::Slot(slot) => {
                    self.seen += GROUP * self.situation.groups_of[activity].len() as u64;
                    match self.overlapped(activity, slot.start, slot.end) {
                        None => return Some(slot),
                        Some(end) => from = end,
                    }
                }
            }
        }
    }

    fn take(&mut self, activity: usize, slot: Slot) {
        if slot.start == slot.end {
            return;
        }
        let words = self.lanes.words();
        let need = Need {
            demand: &self.demand[activity * words..(activity + 1) * words],
            duration: slot.end - slot.start,
            pausable: self.situation.project.data().pausable[activity],
        };
        self.profile.take(&self.lanes, need, slot);
        self.seen += GROUP * self.situation.groups_of[activity].len() as u64;
        for &g in &self.situation.groups_of[activity] {
            let spans = &mut self.groups[g as usize];
            let place = spans.partition_point(|&(start, _)| start < slot.start);
            let follows = place > 0 && spans[place - 1].1 == slot.start;
            let precedes = spans.get(place).is_some_and(|&(start, _)| start == slot.end);
            match (follows, precedes) {
                (true, true) => spans[place - 1].1 = spans.remove(place).1,
                (true, false) => spans[place - 1].1 = slot.end,
                (false, true) => spans[place].0 = slot.start,
                (false, false) => spans.insert(place, (slot.start, slot.end)),
            }
        }
    }

    fn segments_read(&self) -> u64 {
        self.seen
    }
}
