//! The parallel schedule generation scheme (Kolisch 1996), in either direction of time.
//!
//! | kernel | what it looks at | chosen when |
//! | --- | --- | --- |
//! | levels | what is free at the moment, packed into words | precedence and constant capacities are all there is |
//! | timeline | the earliest place on a timeline, and its own window | lags, windows, calendars, disjunctions, a fixed past |
//!
//! Both start the same activities at the same times in projects that both can serve; tests compare them.

mod kernels;
mod running;

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use self::kernels::{AtMoment, Levels, OnTimeline, Refused};
use self::running::{Heap, Row, Running, SHORT_ROW};
use super::constrained::{Lost, Situation, Timetable, Windows};
use super::decoder::{Decoded, LOOK, SHORT_LIST, Stopper};
use super::{Direction, Lister, Project, Schedule};
use crate::bitset::{Eligible, RankSet};
use crate::timeline::Timeline;

/// Refusals after which time moves on where many schedules are made: more than projects of common size ever see, and what keeps a
/// schedule of a very wide project from costing the square of its length. When nothing runs the first activity fits, so time always
/// moves.
pub(super) const FEW_REFUSALS: u32 = 128;

/// Scratch space for one project.
#[derive(Debug)]
pub(super) struct ParallelScheme<'p> {
    walk: Walk<'p>,
    kernel: Capacity<'p>,
    /// What runs, in projects that are not very wide.
    row: Row,
    heap: Heap,
    /// Puts predecessors first, where an order by completion does not do so by itself.
    lister: Option<Lister>,
}

/// The kernel in use.
#[derive(Debug)]
enum Capacity<'p> {
    Levels(Levels<'p>),
    Timeline(Box<OnTimeline<'p>>),
}

/// The walk through time.
#[derive(Debug)]
struct Walk<'p> {
    project: &'p Project,
    rank: Vec<u32>,
    waiting: Vec<u32>,
    eligible: RankSet,
    /// Moment from which on they are eligible, and rank.
    later: BinaryHeap<Reverse<(i64, u32)>>,
    by_completion: Vec<u32>,
}

impl<'p> ParallelScheme<'p> {
    /// For a project with precedence and constant capacities alone.
    pub fn new(project: &'p Project) -> Self {
        Self::with(project, Capacity::Levels(Levels::new(project)))
    }

    /// For one with more.
    pub fn on_timeline(situation: &'p Situation<'p>, windows: &'p Windows) -> Self {
        let table = Timetable::new(situation, Direction::Forward, situation.origin());
        let kernel =
            Capacity::Timeline(Box::new(OnTimeline { situation, windows, table, start: vec![0; situation.num_activities()] }));
        Self::with(situation.project, kernel)
    }

    fn with(project: &'p Project, kernel: Capacity<'p>) -> Self {
        let overlapping = matches!(&kernel, Capacity::Timeline(timeline) if timeline.situation.is_overlapping);
        let lister = overlapping.then(|| Lister::new(project));
        Self { walk: Walk::new(project), kernel, row: Row::default(), heap: Heap::default(), lister }
    }

    /// The project's durations.
    pub fn duration(&self) -> &'p [i64] {
        self.walk.project.duration()
    }

    /// The schedule for an order of the activities.
    ///
    /// # Errors
    /// An activity that misses its window or finds no place, or the computation was stopped.
    pub fn schedule(&mut self, mut list: Vec<u32>, stop: Stopper) -> Result<Schedule, Lost> {
        let mut finish = vec![0; list.len()];
        let decoded = self.decode(&mut list, Direction::Forward, u32::MAX, &mut finish, stop)?;
        if (decoded.placed as usize) < list.len() {
            return Err(Lost::Stopped);
        }
        Ok(Schedule::from_times(self.starts(&finish), finish))
    }

    /// The starts of the last schedule, which was decoded forward.
    pub fn starts(&self, finish: &[i64]) -> Vec<i64> {
        match &self.kernel {
            Capacity::Levels(levels) => finish.iter().zip(levels.duration).map(|(finish, duration)| finish - duration).collect(),
            Capacity::Timeline(timeline) => {
                let starts = timeline.situation.fixed.iter().zip(&timeline.start);
                starts.map(|(span, &start)| span.map_or(start, |(start, _)| start)).collect()
            }
        }
    }

    /// Walks through time; at each moment starts what is eligible and fits, first in `list` first, until it is refused `refusals` times.
    /// Sorts `list` by completion, predecessors first, and returns the makespan; `finish` is counted in `direction` (forward alone on a timeline). Looks at
    /// `stop` every [`LOOK`] placements of a list that is not short.
    ///
    /// # Errors
    /// An activity that misses its window or finds no place.
    pub fn decode(
        &mut self,
        list: &mut [u32],
        direction: Direction,
        refusals: u32,
        finish: &mut [i64],
        stop: Stopper,
    ) -> Result<Decoded<i64>, Lost> {
        let Self { walk, kernel, .. } = self;
        match kernel {
            Capacity::Levels(levels) => {
                levels.level.copy_from_slice(&levels.lanes.full);
                if list.len() <= SHORT_ROW {
                    walk.run(levels, &mut self.row, list, (direction, refusals), finish, stop)
                } else {
                    walk.run(levels, &mut self.heap, list, (direction, refusals), finish, stop)
                }
            }
            Capacity::Timeline(timeline) => {
                timeline.table.clear();
                let OnTimeline { situation, start, .. } = &mut **timeline;
                for ((start, finish), span) in start.iter_mut().zip(&mut *finish).zip(&situation.fixed) {
                    (*start, *finish) = span.unwrap_or((0, 0));
                }
                let decoded = walk.run(&mut **timeline, &mut self.heap, list, (direction, refusals), finish, stop)?;
                if let Some(lister) = &mut self.lister {
                    lister.put_predecessors_first(list, direction);
                }
                Ok(decoded)
            }
        }
    }
}

impl<'p> Walk<'p> {
    fn new(project: &'p Project) -> Self {
        let n = project.num_activities();
        Self {
            project,
            rank: vec![0; n],
            waiting: vec![0; n],
            eligible: RankSet::new(n),
            later: BinaryHeap::new(),
            by_completion: Vec::with_capacity(n),
        }
    }

    #[inline(always)]
    fn run<K: AtMoment, R: Running>(
        &mut self,
        kernel: &mut K,
        running: &mut R,
        list: &mut [u32],
        (direction, most_refusals): (Direction, u32),
        finish: &mut [i64],
        stop: Stopper,
    ) -> Result<Decoded<i64>, Lost> {
        let graph = self.project.graph();
        let mut now = if K::LATER { i64::MIN } else { 0 };
        self.by_completion.clear();
        for (rank, &i) in list.iter().enumerate() {
            let waiting = direction.predecessors(graph).degree(i as usize) as u32;
            self.rank[i as usize] = rank as u32;
            self.waiting[i as usize] = waiting;
            if !K::LATER {
                self.eligible.insert_if(waiting == 0, rank);
            }
        }
        let is_first = |&i: &u32| K::LATER && direction.predecessors(graph).degree(i as usize) == 0;
        for i in (0..list.len() as u32).filter(is_first) {
            if kernel.is_fixed(i as usize) {
                self.complete(kernel, i, now, direction, finish);
            } else {
                self.admit(kernel, i, now, finish);
            }
        }
        let (mut look, mut tried) = (if list.len() > SHORT_LIST { LOOK } else { usize::MAX }, 0);
        loop {
            if self.by_completion.len() >= look || tried >= K::TRIES {
                (look, tried) = (look.saturating_add(LOOK), 0);
                if stop(u64::MAX) {
                    return Ok(self.give_up(running, now));
                }
            }
            let (mut from, mut refused) = (0, 0);
            while let Some(rank) = self.eligible.next(from).filter(|_| refused < most_refusals) {
                from = rank + 1;
                let i = list[rank];
                let end = match kernel.start(i as usize, now) {
                    Ok(end) => end,
                    Err(Refused::Now) => {
                        refused += 1;
                        continue; // what does not fit now will not fit at this moment any more
                    }
                    Err(Refused::Until(moment)) => {
                        tried += 1;
                        self.eligible.remove(rank);
                        self.later.push(Reverse((moment, rank as u32)));
                        continue;
                    }
                    Err(Refused::Failed(end)) => {
                        self.give_up(running, now);
                        return Err(Lost::Late { activity: i as usize, end });
                    }
                };
                self.eligible.remove(rank);
                finish[i as usize] = end;
                if K::LATER && kernel.is_overlapping() {
                    from = from.min(self.release(kernel, i, now, direction, finish));
                    running.push(end, i);
                } else if end == now {
                    from = from.min(self.complete(kernel, i, now, direction, finish));
                } else {
                    running.push(end, i);
                }
            }
            tried += u64::from(refused);
            let next = running.next();
            let later = if K::LATER { self.later.peek().map(|&Reverse((moment, _))| moment) } else { None };
            now = match (next, later) {
                (Some(next), Some(later)) => next.min(later),
                (Some(next), None) | (None, Some(next)) => next,
                (None, None) => break,
            };
            while let Some(i) = running.pop(now) {
                kernel.complete(i as usize);
                if K::LATER && kernel.is_overlapping() {
                    self.by_completion.push(i); // its successors have been released
                } else {
                    self.complete(kernel, i, now, direction, finish);
                }
            }
            while K::LATER && self.later.peek().is_some_and(|&Reverse((moment, _))| moment <= now) {
                let Some(Reverse((_, rank))) = self.later.pop() else { break };
                self.eligible.insert(rank as usize);
            }
        }
        list.copy_from_slice(&self.by_completion);
        if K::LATER {
            list.sort_by_key(|&i| finish[i as usize]); // fixed activities complete whenever they do
        }
        Ok(Decoded { makespan: now, placed: list.len() as u32 })
    }

    /// Takes in that an activity is complete, and releases its successors.
    #[inline]
    fn complete<K: AtMoment>(&mut self, kernel: &K, i: u32, now: i64, direction: Direction, finish: &[i64]) -> usize {
        self.by_completion.push(i);
        self.release(kernel, i, now, direction, finish)
    }

    /// Makes the successors of an activity eligible that wait for nothing else; returns the best rank among those that may start now.
    #[inline]
    fn release<K: AtMoment>(&mut self, kernel: &K, i: u32, now: i64, direction: Direction, finish: &[i64]) -> usize {
        let mut best = usize::MAX;
        let mut fixed = Vec::new();
        let mut next = Some(i);
        while let Some(i) = next {
            for &j in direction.successors(self.project.graph()).of(i as usize) {
                let waiting = &mut self.waiting[j as usize];
                *waiting -= 1;
                if *waiting > 0 {
                    continue;
                }
                if K::LATER && kernel.is_fixed(j as usize) {
                    fixed.push(j);
                } else {
                    best = best.min(self.admit(kernel, j, now, finish));
                }
            }
            next = if K::LATER { fixed.pop() } else { None };
            self.by_completion.extend(next);
        }
        best
    }

    /// Makes an activity, which waits for no predecessor any more, eligible from its moment on; returns its rank if that is now.
    #[inline(always)]
    fn admit<K: AtMoment>(&mut self, kernel: &K, i: u32, now: i64, finish: &[i64]) -> usize {
        let rank = self.rank[i as usize];
        if K::LATER {
            let ready = kernel.ready(i as usize, finish);
            if ready > now {
                self.later.push(Reverse((ready, rank)));
                return usize::MAX;
            }
        }
        self.eligible.insert(rank as usize);
        rank as usize
    }

    /// Forgets a schedule half-way.
    fn give_up(&mut self, running: &mut impl Running, now: i64) -> Decoded<i64> {
        running.clear();
        self.later.clear();
        while self.eligible.pop_first().is_some() {}
        Decoded { makespan: now, placed: self.by_completion.len() as u32 }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rcpsp::{Decoder, ProjectData};

    #[test]
    fn a_long_schedule_stops_on_the_way_and_the_next_is_as_ever() {
        let n = 20 * LOOK; // not a short list
        let data = ProjectData { duration: vec![2; n], demand: vec![1; n], capacity: vec![3], ..ProjectData::default() };
        let project = Project::new(data).expect("valid");
        let (mut parallel, mut decoder) = (ParallelScheme::new(&project), Decoder::new(&project));
        let (mut list, mut finish): (Vec<u32>, _) = ((0..n as u32).collect(), vec![0; n]);
        let whole = Decoded { makespan: 2 * n.div_ceil(3) as i64, placed: n as u32 };
        for looks in 0..4 {
            let stop = |left: &mut usize| {
                let stops = *left == 0;
                *left = left.saturating_sub(1);
                stops
            };
            let mut left = looks;
            let decoded = parallel
                .decode(&mut list, Direction::Forward, FEW_REFUSALS, &mut finish, &mut |_| stop(&mut left))
                .expect("no windows");
            let soon = (looks + 1) * LOOK;
            assert!((soon..soon + 3).contains(&(decoded.placed as usize)), "{looks}: {decoded:?}");
            let mut left = looks;
            let decoded = decoder.decode_until(&list, Direction::Forward, i64::MAX, &[], &mut |_| stop(&mut left));
            assert_eq!(decoded.placed as usize, looks * LOOK);
            assert_eq!(decoder.decode_until(&list, Direction::Forward, i64::MAX, &[], &mut |_| false), whole);
        }
    }
}
