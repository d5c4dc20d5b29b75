//! Projects with constraints or a fixed past as intervals.
//!
//! The common clock stops while calendars close to every activity; there most durations are fixed numbers. An activity that pauses at
//! other times has a length that depends on its start. Activities without duration that have a lag, or a relation other than FS, are read on a clock that never
//! stops, because lags run at night too.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use crate::cp::{Intervals, Lengths, Literal, Network, Pauses, Problem, StepMap, TableLengths};
use crate::rcpsp::Calendar;
use crate::rcpsp::constrained::{Situation, Windows};
use crate::rcpsp::constraints::gcd;

use super::capacity::left;
use super::clock::{Clock, joined, open};
use super::goal::Goal;
use super::plain::precedence;
use super::translation::Translation;
use super::{MOST_ACTIVITIES, MOST_ATOMS, horizon};

/// Calendar steps within the horizon; with more a project is left to the search.
const MOST_STEPS: usize = 1 << 16;

/// Which schedules a problem asks for.
#[derive(Clone, Copy)]
pub(super) enum Wanted<'g> {
    /// Any.
    Feasible,
    /// No longer than this.
    Shorter(i64),
    /// Those whose costs are no larger than this.
    Cheaper(&'g Goal, i64),
}

/// The problem of the schedules that are wanted; `None` if it is too large, or nothing is left to plan.
pub(super) fn problem(situation: &Situation, wanted: Wanted) -> Option<(Translation, Problem<TableLengths>)> {
    let n = situation.num_activities();
    if n > MOST_ACTIVITIES {
        return None;
    }
    let begin = situation.now;
    let end = match wanted {
        Wanted::Feasible => horizon::sufficient(situation, MOST_STEPS)?,
        Wanted::Shorter(makespan) => makespan,
        Wanted::Cheaper(goal, limit) => goal.horizon(situation, limit, MOST_STEPS)?,
    }
    .max(begin);
    let mut windows = Windows::forward(situation, &mut |_| false).ok()?;
    windows.backward(situation, end, &mut |_| false).ok()?;
    let free: Vec<usize> = (0..n).filter(|&i| situation.fixed[i].is_none()).collect();
    if free.is_empty() {
        return None;
    }
    let unit = unit(situation, &free);
    let opens = opens(situation, &free, begin, end, MOST_STEPS)?;
    let common = Clock::new(joined(opens.values().flat_map(|opens| opens.iter().copied()).collect()), unit);
    let real = Clock::new(if begin < end { vec![(begin, end)] } else { Vec::new() }, unit);
    let events = events_on_real(situation, &free);
    let mut on_real: Vec<bool> = free.iter().map(|i| events.contains(i)).collect();
    on_real.push(!events.is_empty());
    let total = if events.is_empty() { common.total() } else { real.total() };
    if (free.len() as i64 + 1).checked_mul(total + 3).is_none_or(|atoms| atoms > MOST_ATOMS) {
        return None;
    }
    let translation = Translation {
        common,
        real,
        on_real,
        earliest: windows.earliest_start.clone(),
        fixed: situation.fixed.clone(),
        done: windows.length(),
        free,
    };
    let builder = Builder { situation, windows: &windows, opens, unit, translation: &translation };
    let problem = builder.problem(total as i32, end, wanted)?;
    Some((translation, problem))
}

/// A number of ticks that divides all durations, lags and times, counted from the present, at which work may become possible: some
/// shortest schedule starts everything at multiples.
pub(super) fn unit(situation: &Situation, free: &[usize]) -> i64 {
    let data = situation.project.data();
    let since = |time: i64| (time - situation.now).max(0);
    let mut unit = free.iter().fold(0, |unit, &i| gcd(gcd(unit, data.duration[i]), since(situation.release[i])));
    unit = data.lag.iter().fold(unit, |unit, &lag| gcd(unit, lag.abs()));
    // Lags may run on from the past.
    let fixed = situation.fixed.iter().flatten().flat_map(|&(start, end)| [start, end]);
    unit = fixed.fold(unit, |unit, time| gcd(unit, (time - situation.now).abs()));
    for (_, calendar) in &data.calendars {
        let steps = calendar.time().iter().fold(unit, |unit, time| gcd(unit, (time - situation.now).abs()));
        unit = gcd(steps, calendar.period().unwrap_or(0));
    }
    unit.max(1)
}

/// Right-open intervals of time, which activities with the same calendars share.
type Open = Arc<[(i64, i64)]>;

pub(super) type Opens = BTreeMap<usize, Open>;

/// When each free activity that has work to do may work.
pub(super) fn opens(situation: &Situation, free: &[usize], begin: i64, end: i64, most_steps: usize) -> Option<Opens> {
    let mut known: Vec<(Vec<(&Calendar, i64)>, Open)> = Vec::new();
    let mut found = BTreeMap::new();
    for &i in free.iter().filter(|&&i| situation.project.duration()[i] > 0) {
        let needs = situation.needs(i);
        let opens = if let Some((_, opens)) = known.iter().find(|(others, _)| *others == needs) {
            Arc::clone(opens)
        } else {
            let opens: Open = open(&needs, begin, end, most_steps)?.into();
            known.push((needs, Arc::clone(&opens)));
            opens
        };
        found.insert(i, opens);
    }
    Some(found)
}

/// Activities without duration that have a lag, or a relation other than FS, and those that precedence connects with them through others without duration.
fn events_on_real(situation: &Situation, free: &[usize]) -> BTreeSet<usize> {
    let event = |i: usize| situation.project.duration()[i] == 0 && situation.fixed[i].is_none();
    let around = |i: usize| situation.before(i).chain(situation.after(i));
    let mut reached: Vec<usize> =
        free.iter().copied().filter(|&i| event(i) && around(i).any(|link| !link.is_immediate())).collect();
    let mut found = BTreeSet::new();
    while let Some(i) = reached.pop() {
        if found.insert(i) {
            reached.extend(around(i).map(|link| link.other).filter(|&j| event(j)));
        }
    }
    found
}

/// What the parts of a problem are made from.
pub(super) struct Builder<'a, 'p> {
    pub situation: &'a Situation<'p>,
    pub windows: &'a Windows,
    pub opens: Opens,
    pub unit: i64,
    pub translation: &'a Translation,
}

impl Builder<'_, '_> {
    fn problem(&self, slots: i32, end: i64, wanted: Wanted) -> Option<Problem<TableLengths>> {
        let (project, translation) = (self.situation.project, self.translation);
        let (free, common) = (&translation.free, &translation.common);
        let n = free.len();
        let mut lengths = TableLengths { work: Vec::with_capacity(n + 1), pauses: Vec::with_capacity(n + 1) };
        let mut demand = Vec::new();
        for &i in free {
            lengths.work.push(i32::try_from(project.duration()[i] / self.unit).ok()?);
            lengths.pauses.push(self.pauses(i));
            demand.extend_from_slice(project.demand_of(i));
        }
        lengths.work.push(0);
        lengths.pauses.push(None);
        demand.extend(std::iter::repeat_n(0, project.num_resources()));
        let steps = left(self.situation, common, self.situation.now, end, MOST_STEPS)?;
        let intervals = Intervals { lengths, demand, capacity: project.capacity().to_vec(), steps };
        let before = precedence(project);
        let ordered = |k: usize, l: usize| before(free[k], free[l]) || before(free[l], free[k]);
        let grouped = self.grouped();
        let apart = |k: usize, l: usize| grouped.contains(&(k.min(l), k.max(l))) || intervals.exclusive(k, l);
        let mut exclusive: Vec<Vec<u32>> =
            (0..n).map(|k| (0..n).filter(|&l| k != l && !ordered(k, l) && apart(k, l)).map(|l| l as u32).collect()).collect();
        exclusive.push(Vec::new());
        let holes = self.holes(&intervals.lengths);
        let mut network = Network::new(exclusive, holes);
        let is_cheaper = matches!(wanted, Wanted::Cheaper(..));
        self.distances(&mut network, &intervals.lengths, !is_cheaper);
        let cliques = Problem::cliques(&intervals, |k, l| ordered(k, l) || apart(k, l));
        let bounds = self.bounds(&intervals.lengths);
        let costs = match wanted {
            Wanted::Cheaper(goal, limit) => {
                Some(goal.costs(self.situation, self.windows, translation, &intervals.lengths, limit))
            }
            _ => None,
        };
        Some(Problem { intervals, network, slots, bounds, cliques, costs, choices: None, reservoirs: Vec::new(), orders: None })
    }

    /// The pauses of an activity that rests while others may work.
    fn pauses(&self, activity: usize) -> Option<Arc<Pauses>> {
        let common = &self.translation.common;
        let opens = self.opens.get(&activity)?;
        if !self.situation.project.data().pausable[activity] || opens[..] == common.opens[..] {
            return None;
        }
        let own = Clock::new(opens.to_vec(), self.unit);
        let work = self.situation.project.duration()[activity] / self.unit;
        let end = StepMap::new((0..common.total()).map_while(|reading| {
            let end = own.elapsed(common.moment(reading)) + work;
            (end <= own.total()).then(|| common.elapsed(own.end(end)) as i32)
        }));
        Some(Arc::new(Pauses { end, rests: self.rests(activity) }))
    }

    /// The slots of the common clock in which an activity may not work.
    fn rests(&self, activity: usize) -> Vec<(i32, i32)> {
        let common = &self.translation.common;
        let mut rests = Vec::new();
        let mut last = 0;
        for &(from, to) in self.opens[&activity].iter() {
            let (from, to) = (common.elapsed(from) as i32, common.elapsed(to) as i32);
            if last < from {
                rests.push((last, from));
            }
            last = to;
        }
        if i64::from(last) < common.total() {
            rests.push((last, common.total() as i32));
        }
        rests
    }

    /// Excluded starts of each interval.
    fn holes(&self, lengths: &TableLengths) -> Vec<Vec<(i32, i32)>> {
        let (project, common) = (self.situation.project, &self.translation.common);
        let mut holes: Vec<Vec<(i64, i64)>> = vec![Vec::new(); lengths.len()];
        for (k, &i) in self.translation.free.iter().enumerate() {
            if project.duration()[i] == 0 {
                continue;
            }
            if project.data().pausable[i] {
                holes[k].extend(self.rests(i).iter().map(|&(from, to)| (i64::from(from), i64::from(to))));
            } else {
                // It must not be under way when the calendars close to it.
                let mut last = 0;
                for &(from, to) in self.opens[&i].iter() {
                    let (from, to) = (common.elapsed(from), common.elapsed(to));
                    holes[k].push((last, from));
                    last = last.max(to - i64::from(lengths.work[k]) + 1).max(from);
                }
                holes[k].push((last, common.total()));
            }
            for &group in &self.situation.groups_of[i] {
                for &j in &project.data().disjunctive[group as usize] {
                    let Some((start, end)) = self.situation.fixed[j as usize] else { continue };
                    let looked_at = start < end && end > self.situation.now && project.duration()[j as usize] > 0;
                    if looked_at && start < self.translation.real.opens.last().map_or(0, |open| open.1) {
                        let (start, end) = (common.elapsed(start) as i32, common.elapsed(end));
                        holes[k].push((i64::from(lengths.start_for(k, start + 1).max(0)), end));
                    }
                }
            }
        }
        let narrow = |(from, to): (i64, i64)| (from as i32, to as i32);
        holes
            .into_iter()
            .map(|holes| joined(holes.into_iter().filter(|(from, to)| from < to).collect()).into_iter().map(narrow).collect())
            .collect()
    }

    /// Pairs of intervals that share a disjunctive group.
    fn grouped(&self) -> BTreeSet<(usize, usize)> {
        let project = self.situation.project;
        let mut place = vec![None; project.num_activities()];
        self.translation
            .free
            .iter()
            .enumerate()
            .filter(|&(_, &i)| project.duration()[i] > 0)
            .for_each(|(k, &i)| place[i] = Some(k));
        let mut pairs = BTreeSet::new();
        for group in &project.data().disjunctive {
            let members: Vec<usize> = group.iter().filter_map(|&i| place[i as usize]).collect();
            for (at, &k) in members.iter().enumerate() {
                pairs.extend(members[at + 1..].iter().map(|&l| (k.min(l), k.max(l))));
            }
        }
        pairs
    }

    fn bounds(&self, lengths: &TableLengths) -> Vec<Literal> {
        let mut bounds = Vec::new();
        for (k, &i) in self.translation.free.iter().enumerate() {
            let clock = self.translation.clock(k);
            let (start, end) = (self.windows.earliest_start[i], self.windows.latest_finish[i]);
            bounds.push(Literal::at_least(k, clock.elapsed(start) as i32));
            let latest = lengths.start_for(k, clock.elapsed(end) as i32 + 1) - 1;
            bounds.push(Literal::at_most(k, if start > self.windows.latest_start[i] { -1 } else { latest }));
        }
        bounds
    }
}
