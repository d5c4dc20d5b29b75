//! The serial scheme on a timeline, in one direction of time.

use std::fmt::Debug;

use super::situation::{Link, Situation, UNREACHABLE};
use super::windows::{UNBOUNDED, Windows};
use crate::rcpsp::decoder::counting_sort;
use crate::rcpsp::{Direction, Relation};

/// Moments in the unit of a timeline.
pub trait Moment: Copy + Ord + Default + Debug + Send + Sync {
    /// Later than everything.
    const NEVER: Self;
    /// Not later than anything.
    const LEAST: Self;
    /// The moment so much later, or [`Self::NEVER`].
    #[must_use]
    fn after(self, length: Self) -> Self;
    /// The moment so much earlier, or the least one.
    #[must_use]
    fn before(self, length: Self) -> Self;
    /// Sorts a list by these moments; equal ones keep their order.
    fn sort(list: &mut [u32], moment: &[Self], scratch: &mut Vec<u32>);
}

impl Moment for u32 {
    const NEVER: Self = Self::MAX;
    const LEAST: Self = Self::MIN;

    #[inline(always)]
    fn after(self, length: Self) -> Self {
        self.saturating_add(length)
    }

    fn before(self, length: Self) -> Self {
        self.saturating_sub(length)
    }

    fn sort(list: &mut [u32], moment: &[Self], scratch: &mut Vec<u32>) {
        if moment.iter().max().is_some_and(|&last| last as usize <= MOST_COUNTED * list.len()) {
            counting_sort(list, moment, scratch);
        } else {
            list.sort_by_key(|&i| moment[i as usize]);
        }
    }
}

impl Moment for i64 {
    const NEVER: Self = Self::MAX;
    const LEAST: Self = Self::MIN;

    #[inline(always)]
    fn after(self, length: Self) -> Self {
        self.saturating_add(length)
    }

    fn before(self, length: Self) -> Self {
        self.saturating_sub(length)
    }

    fn sort(list: &mut [u32], moment: &[Self], _: &mut Vec<u32>) {
        list.sort_by_key(|&i| moment[i as usize]);
    }
}

/// Slots for each activity up to which counting sorts faster than comparing.
const MOST_COUNTED: usize = 16;

/// Places activities for [`serial`].
pub trait Place<T> {
    /// Placements between two looks at a stop sign.
    const LOOK: u32;
    /// Takes everything out that was placed.
    fn clear(&mut self);
    /// Places an activity as early as it fits from a moment on and returns its start and end; `None` if it does not fit within the horizon.
    fn place(&mut self, activity: usize, from: T) -> Option<(T, T)>;
    /// The least moment from which on every place ends at `end` or later; `None` if none within the horizon does.
    fn reaching(&self, activity: usize, end: T) -> Option<T>;
    /// What it has cost since it was last asked, in steps of the watch's pace.
    fn steps(&mut self, placements: u32) -> u64;
}

/// How the unit of a timeline and the ticks of a project, counted in the direction of the timeline, belong together.
pub trait Unit<T> {
    /// The first moment that is not before a tick.
    fn up(&self, tick: i64) -> T;
    /// The last moment that is not after a tick.
    fn down(&self, tick: i64) -> T;
    /// The tick of a moment.
    fn tick(&self, moment: T) -> i64;
    /// A number of ticks, which is a multiple of the unit.
    fn length(&self, ticks: i64) -> T;
}

/// A timeline that knows the fastest way to make a pass.
pub trait PassTimeline: Unit<Self::Time> {
    /// The unit in which it counts.
    type Time: Moment;
    /// [`serial`] on this timeline.
    fn serial(
        &mut self,
        activities: &mut Activities<Self::Time>,
        list: &[u32],
        from: Option<&[Self::Time]>,
        bounds: Bounds<Self::Time>,
        stop: &mut dyn FnMut(u64) -> bool,
    ) -> (Passed, u32);
}

/// How a pass ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Passed {
    /// Every activity has its place.
    Whole,
    /// One does not fit within the horizon.
    Beyond,
    /// One ends too late.
    Late {
        /// Which.
        activity: usize,
    },
    /// The computation is to stop.
    Stopped,
}

/// What bounds one pass.
#[derive(Debug, Clone, Copy)]
pub struct Bounds<T> {
    /// Nothing starts before.
    pub begin: T,
    /// Nothing ends after, the longest path behind it included.
    pub end: T,
    /// Whether activities have to keep their own windows.
    pub timely: bool,
}

/// Predecessors that stand inside a row; projects of common size have at most three.
const INLINE: usize = 3;

/// What a pass needs of an activity.
#[derive(Debug, Clone, Copy)]
struct Row<T> {
    /// No start before: releases and fixed predecessors, and what the window leaves.
    from: T,
    /// No start before, whatever the window says.
    hard: T,
    /// An end after this misses the window.
    due: T,
    /// Time that must pass after the end: the longest path behind it.
    tail: T,
    is_free: bool,
    /// Predecessors that are not fixed and complete before, with lags, padded with the activity that does not exist: a loop over a
    /// handful of them costs more in mispredicted ends than in work.
    inline: [(u32, T); INLINE],
    /// The others that complete before.
    more: (u32, u32),
    /// Links that let the activity overlap with a predecessor.
    overlapping: (u32, u32),
}

/// A link to a predecessor that is not fixed and with which the activity may overlap, in the unit of a timeline.
#[derive(Debug, Clone, Copy)]
struct Overlapping<T> {
    other: u32,
    /// The size of the lag.
    lag: T,
    is_lead: bool,
    relation: Relation,
}

impl<T: Moment> Overlapping<T> {
    fn new(link: Link, unit: &impl Unit<T>) -> Self {
        let Link { other, lag, relation } = link;
        Self { other: other as u32, lag: unit.length(lag.saturating_abs()), is_lead: lag < 0, relation }
    }

    /// When it lets an activity start; `None` for never.
    fn ready(self, activity: usize, start: &[T], end: &[T], timeline: &impl Place<T>) -> Option<T> {
        let p = self.other as usize;
        let event = if self.relation.from_finish() { end[p] } else { start[p] };
        let since = if self.is_lead { event.before(self.lag) } else { event.after(self.lag) };
        if self.relation.to_finish() { timeline.reaching(activity, since) } else { Some(since) }
    }
}

/// The latest moment before which one of several links does not let an activity start, `ready` at least; `None` for never.
fn ready_after<T: Moment>(
    links: &[Overlapping<T>],
    activity: usize,
    ready: T,
    (start, end): (&[T], &[T]),
    timeline: &impl Place<T>,
) -> Option<T> {
    links.iter().try_fold(ready, |ready, link| Some(ready.max(link.ready(activity, start, end, timeline)?)))
}

/// What bounds every activity in one direction of time, and its place in the last pass.
#[derive(Debug, Clone)]
pub struct Activities<T> {
    rows: Vec<Row<T>>,
    more: Vec<(u32, T)>,
    overlapping: Vec<Overlapping<T>>,
    /// Starts and ends in the last pass; one more entry for the padding.
    pub start: Vec<T>,
    /// See `start`.
    pub end: Vec<T>,
}

impl<T: Moment> Activities<T> {
    /// Lays out a situation in the unit of a timeline.
    pub fn new(situation: &Situation, windows: &Windows, direction: Direction, unit: &impl Unit<T>) -> Self {
        let n = situation.num_activities();
        let span = |i: usize| {
            let (start, end) = situation.fixed[i]?;
            Some(if direction == Direction::Forward { (start, end) } else { (-end, -start) })
        };
        let (mut rows, mut more, mut overlapping) = (Vec::with_capacity(n), Vec::new(), Vec::new());
        for i in 0..n {
            let bound = |link: Link| {
                let since = link.since(span(link.other)?);
                Some(if link.relation.to_finish() { reaching(situation, direction, i, since) } else { since })
            };
            let hard = situation
                .ahead(direction, i)
                .filter_map(bound)
                .fold(if direction == Direction::Forward { situation.release[i] } else { -UNBOUNDED }, i64::max);
            let (from, due) = match direction {
                Direction::Forward => (hard, windows.latest_finish[i]),
                Direction::Backward => (hard.max(-windows.latest_finish[i]), -windows.earliest_start[i]),
            };
            let mut inline = [(n as u32, T::default()); INLINE];
            let first = (more.len() as u32, overlapping.len() as u32);
            let mut places = inline.iter_mut();
            for link in situation.ahead(direction, i).filter(|link| situation.fixed[link.other].is_none()) {
                if !link.is_sequential() {
                    overlapping.push(Overlapping::new(link, unit));
                    continue;
                }
                let link = (link.other as u32, unit.length(link.lag));
                match places.next() {
                    Some(place) => *place = link,
                    None => more.push(link),
                }
            }
            rows.push(Row {
                from: unit.up(from),
                hard: unit.up(hard),
                due: unit.down(due),
                tail: T::default(),
                is_free: situation.fixed[i].is_none(),
                inline,
                more: (first.0, more.len() as u32),
                overlapping: (first.1, overlapping.len() as u32),
            });
        }
        for (row, tail) in rows.iter_mut().zip(tails(situation, direction)) {
            row.tail = unit.length(tail);
        }
        let spans = (0..n).map(|i| span(i).unwrap_or((0, 0)));
        let (mut start, mut end): (Vec<T>, Vec<T>) = spans.map(|(start, end)| (unit.up(start), unit.up(end))).unzip();
        start.push(T::default());
        end.push(T::LEAST);
        Self { rows, more, overlapping, start, end }
    }

    /// Lets every activity start where it stands in a schedule that misses windows: `stay` has the earliest starts, and activities
    /// that may start earlier keep their own bounds.
    pub fn relaxed(&self, stay: impl Iterator<Item = T>) -> Vec<T> {
        stay.zip(&self.rows).map(|(stay, row)| row.from.min(stay).max(row.hard)).collect()
    }

    /// The activities that are not fixed.
    pub fn free(&self) -> impl Iterator<Item = usize> + '_ {
        self.rows.iter().enumerate().filter(|(_, row)| row.is_free).map(|(i, _)| i)
    }
}

/// The least moment from which on every run of an activity ends at `end` or later, in a direction of time.
pub fn reaching(situation: &Situation, direction: Direction, activity: usize, end: i64) -> i64 {
    let run = &situation.runs[activity];
    let found = match direction {
        Direction::Forward => run.start_reaching(end),
        Direction::Backward => run.end_reaching(-end).map(|end| -end),
    };
    found.unwrap_or(UNREACHABLE)
}

/// For each activity the ticks that must pass after its end, in a direction of time: the longest path behind it. Links from the start
/// of an activity that may pause tell nothing of its end.
fn tails(situation: &Situation, direction: Direction) -> Vec<i64> {
    let (project, n) = (situation.project, situation.num_activities());
    let mut tails = vec![0_i64; n];
    let mut order = project.graph().topological_order().to_vec();
    if direction == Direction::Backward {
        order.reverse();
    }
    for i in order.into_iter().rev().map(|i| i as usize) {
        for Link { other: p, lag, relation } in situation.ahead(direction, i).filter(|link| situation.fixed[link.other].is_none())
        {
            let behind = if relation.to_finish() { tails[i] } else { tails[i] + project.duration()[i] };
            if relation.from_finish() {
                tails[p] = tails[p].max(lag.saturating_add(behind));
            } else if !project.data().pausable[p] {
                tails[p] = tails[p].max((lag - project.duration()[p]).saturating_add(behind));
            }
        }
    }
    tails
}

/// The serial scheme: takes everything out and places the activities of a precedence-feasible list one after the other, each as early as
/// possible from its moment in `from` on (the activities' own, if there is none), until one must end after its bounds. Returns how the
/// pass ended and how many activities of the list were dealt with. `stop` counts steps and tells whether to stop. Without `OVERLAPS` no
/// activity may overlap with its predecessors: with the code for that in its loop, passes on slots take three times as long.
#[inline(always)]
pub fn serial<const OVERLAPS: bool, T: Moment, P: Place<T>>(
    activities: &mut Activities<T>,
    timeline: &mut P,
    list: &[u32],
    from: Option<&[T]>,
    bounds: Bounds<T>,
    stop: &mut dyn FnMut(u64) -> bool,
) -> (Passed, u32) {
    let Activities { rows, more, overlapping, start, end } = activities;
    timeline.clear();
    let mut placed = 0;
    for &i in list {
        let i = i as usize;
        let row = &rows[i];
        placed += 1;
        if !row.is_free {
            continue;
        }
        let mut ready = from.map_or(row.from, |from| from[i]).max(bounds.begin);
        for &(p, lag) in &row.inline {
            ready = ready.max(end[p as usize].after(lag));
        }
        if row.more.1 > row.more.0 {
            for &(p, lag) in &more[row.more.0 as usize..row.more.1 as usize] {
                ready = ready.max(end[p as usize].after(lag));
            }
        }
        if OVERLAPS && row.overlapping.1 > row.overlapping.0 {
            let links = &overlapping[row.overlapping.0 as usize..row.overlapping.1 as usize];
            match ready_after(links, i, ready, (start, end), timeline) {
                Some(moment) => ready = moment,
                None => return (Passed::Beyond, placed),
            }
        }
        let Some(span) = timeline.place(i, ready) else { return (Passed::Beyond, placed) };
        (start[i], end[i]) = span;
        if span.1.after(row.tail) > bounds.end || (bounds.timely && span.1 > row.due) {
            return (Passed::Late { activity: i }, placed);
        }
        if placed % P::LOOK == 0 && stop(timeline.steps(P::LOOK)) {
            return (Passed::Stopped, placed);
        }
    }
    if stop(timeline.steps(placed % P::LOOK)) { (Passed::Stopped, placed) } else { (Passed::Whole, placed) }
}
