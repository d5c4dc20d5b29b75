//! A project with maximal lags or stores, laid out for the search and the prover: times in units, lags as distances between
//! starts, disjunctive groups as resources of one unit.

use super::super::constraints::gcd;
use super::super::stores::Store;
use super::super::{Fixed, NO_DEADLINE, Past, Project};
use super::calendars::rounds;
use super::network::{Arc, arcs, raise};
use crate::control::Pulse;
use crate::rcpsp::prover::Break;

/// Later than anything.
const NEVER: i64 = i64::MAX / 4;

/// A project and its past in units of time from `origin` on.
#[derive(Debug, Clone)]
pub struct Model {
    /// Ticks of a unit, and the tick at which units begin.
    pub unit: i64,
    pub origin: i64,
    pub duration: Vec<i64>,
    /// Demand of each activity, row by row; 0 for what takes no time.
    pub demand: Vec<i64>,
    pub capacity: Vec<i64>,
    /// All distances; `after` and `before` list those from and to each activity.
    pub arcs: Vec<Arc>,
    pub after: Vec<Vec<(u32, i64)>>,
    pub before: Vec<Vec<(u32, i64)>>,
    /// The stores that activities empty and fill.
    pub stores: Vec<Store>,
    /// The activities that minimal lags put before each one.
    pub waits_for: Vec<Vec<u32>>,
    /// Start and end of activities that have started.
    pub fixed: Vec<Option<(i64, i64)>>,
    /// Time windows of starts without resources.
    pub earliest: Vec<i64>,
    pub latest: Vec<i64>,
    /// Latest starts as deadlines and fixed activities alone have them: a pass may need more time than a shortest schedule.
    pub latest_by_deadline: Vec<i64>,
    /// Every schedule can be shifted to end by then.
    pub horizon: i64,
    /// What calendars and activities that have started take from the resources, up to `known`.
    pub breaks: Vec<Break>,
    pub known: i64,
}

impl Model {
    /// Lays out a project; the windows are not those of a schedule if [`is_possible`](Self::is_possible) is false.
    pub fn new(project: &Project, past: &Past) -> Self {
        let (n, data) = (project.num_activities(), project.data());
        let mut fixed: Vec<Option<Fixed>> = vec![None; n];
        past.fixed().iter().for_each(|&started| fixed[started.activity] = Some(started));
        let origin = past.fixed().iter().map(|started| started.start).fold(past.now(), i64::min).min(0);
        let ticks: Vec<i64> = (0..n).map(|i| fixed[i].map_or(data.duration[i], |span| span.end - span.start)).collect();
        let mut arcs = arcs(data, &ticks);
        let moments = data.release_time.iter().copied().chain(data.deadline.iter().copied().filter(|&time| time != NO_DEADLINE));
        let moments = moments.chain(past.fixed().iter().map(|started| started.start)).chain([past.now()]);
        let moments = moments.chain(data.calendars.iter().flat_map(|(_, calendar)| calendar.time().iter().copied()));
        let periods = data.calendars.iter().filter_map(|(_, calendar)| calendar.period());
        let spans = ticks.iter().copied().chain(arcs.iter().map(|arc| arc.lag)).chain(periods);
        let unit = spans.chain(moments.map(|time| time - origin)).fold(0, |unit, time| gcd(unit, time.abs())).max(1);
        for arc in &mut arcs {
            arc.lag /= unit;
        }
        let since = |moment: i64| (moment - origin) / unit;
        let duration: Vec<i64> = ticks.iter().map(|ticks| ticks / unit).collect();
        let fixed: Vec<_> = fixed.iter().map(|span| span.map(|span| (since(span.start), since(span.end)))).collect();
        // A release at 0 says nothing, even if the present is negative.
        let release = |i: usize| match data.release_time[i] {
            0 => since(past.now()),
            time => since(time.max(past.now())),
        };
        let earliest: Vec<i64> = (0..n).map(|i| fixed[i].map_or_else(|| release(i), |(start, _)| start)).collect();
        let deadline = |i: usize| if data.deadline[i] == NO_DEADLINE { None } else { Some(since(data.deadline[i])) };
        // A time at which nothing runs and no lag binds can be cut out, after all releases and whatever is fixed; with calendars, whole rounds
        // of them that begin after everything that happens once.
        let mut reach = duration.clone();
        for arc in &arcs {
            reach[arc.from as usize] = reach[arc.from as usize].max(arc.lag);
        }
        let rounds = rounds(data);
        if let Some((_, cycle)) = rounds {
            for reach in &mut reach {
                *reach = reach.saturating_add(cycle / unit);
            }
        }
        let begin = earliest.iter().zip(&fixed).map(|(&time, span)| span.map_or(time, |(_, end)| end)).max().unwrap_or(0);
        let begin = rounds.map_or(begin, |(quiet, _)| begin.max(since(quiet)));
        let horizon = reach.iter().fold(begin, |sum, reach| sum.saturating_add(*reach));
        let bounds = (0..n).map(deadline).try_fold(0, |most, deadline| Some(most.max(deadline?)));
        let done = fixed.iter().flatten().map(|span| span.1).max().unwrap_or(0);
        let horizon = bounds.map_or(horizon, |most: i64| horizon.min(most.max(done)));
        let latest = (0..n)
            .map(|i| fixed[i].map_or_else(|| deadline(i).unwrap_or(horizon).min(horizon) - duration[i], |(start, _)| start))
            .collect();
        let latest_by_deadline = (0..n)
            .map(|i| fixed[i].map_or_else(|| deadline(i).map_or(NEVER, |time| time - duration[i]), |(start, _)| start))
            .collect();
        let groups = data.disjunctive.len();
        let (width, all) = (project.num_resources(), project.num_resources() + groups);
        let mut demand = vec![0; n * all];
        for i in (0..n).filter(|&i| duration[i] > 0 && data.duration[i] > 0) {
            demand[i * all..i * all + width].copy_from_slice(project.demand_of(i));
        }
        for (g, group) in data.disjunctive.iter().enumerate() {
            let members = group.iter().map(|&i| i as usize).filter(|&i| duration[i] > 0 && data.duration[i] > 0);
            members.for_each(|i| demand[i * all + width + g] = 1);
        }
        let capacity = project.capacity().iter().copied().chain(std::iter::repeat_n(1, groups)).collect();
        let (mut after, mut before, mut waits_for) = (vec![Vec::new(); n], vec![Vec::new(); n], vec![Vec::new(); n]);
        for arc in &arcs {
            after[arc.from as usize].push((arc.to, arc.lag));
            before[arc.to as usize].push((arc.from, arc.lag));
            if !arc.is_max {
                waits_for[arc.to as usize].push(arc.from);
            }
        }
        let mut model = Self {
            unit,
            origin,
            duration,
            demand,
            capacity,
            arcs,
            after,
            before,
            stores: Store::all(&data.stores),
            waits_for,
            fixed,
            earliest,
            latest,
            latest_by_deadline,
            horizon,
            breaks: Vec::new(),
            known: i64::MAX,
        };
        model.with_calendars(project, past);
        model.tighten();
        model
    }

    /// Windows without resources. Lags without a positive cycle bound them from the windows given at first.
    fn tighten(&mut self) {
        let pulse = &mut Pulse::default();
        let free: Vec<Arc> = self.arcs.iter().copied().filter(|arc| self.fixed[arc.to as usize].is_none()).collect();
        raise(&mut self.earliest, &free, pulse);
        self.settle_calendars(|model| {
            raise(&mut model.earliest, &free, &mut Pulse::default());
        });
        self.lower_latest(pulse);
        let mut latest = std::mem::take(&mut self.latest_by_deadline);
        self.lower(&mut latest, pulse);
        self.latest_by_deadline = latest;
    }

    /// Lets nothing end after `end`.
    pub fn end_by(&mut self, end: i64) {
        for i in (0..self.len()).filter(|&i| self.fixed[i].is_none()) {
            self.latest[i] = self.latest[i].min(end - self.duration[i]);
        }
        self.lower_latest(&mut Pulse::default());
    }

    fn lower_latest(&mut self, pulse: &mut Pulse) {
        let mut latest = std::mem::take(&mut self.latest);
        self.lower(&mut latest, pulse);
        self.latest = latest;
    }

    /// Lowers latest starts until every lag holds.
    fn lower(&self, latest: &mut [i64], pulse: &mut Pulse) {
        let back = |arc: &Arc| Arc { from: arc.to, to: arc.from, ..*arc };
        let back: Vec<Arc> = self.arcs.iter().filter(|arc| self.fixed[arc.from as usize].is_none()).map(back).collect();
        negate(latest);
        raise(latest, &back, pulse);
        negate(latest);
    }

    /// The first activity whose window is empty.
    pub fn without_window(&self) -> Option<usize> {
        (0..self.len()).find(|&i| self.earliest[i] > self.latest[i])
    }

    /// Number of activities.
    pub fn len(&self) -> usize {
        self.duration.len()
    }

    pub fn demand_of(&self, i: usize) -> &[i64] {
        &self.demand[i * self.capacity.len()..(i + 1) * self.capacity.len()]
    }

    /// The tick of a moment.
    pub fn tick(&self, time: i64) -> i64 {
        time * self.unit + self.origin
    }

    /// The largest completion.
    pub fn end(&self, start: &[i64]) -> i64 {
        start.iter().zip(&self.duration).map(|(start, duration)| start + duration).max().unwrap_or(0)
    }

    /// No schedule is shorter: the longest chain, and for each resource its work over its capacity.
    pub fn lower_bound(&self) -> i64 {
        let mut bound = self.end(&self.earliest);
        for (r, &capacity) in self.capacity.iter().enumerate().filter(|&(_, &capacity)| capacity > 0) {
            let users = || (0..self.len()).filter(|&i| self.fixed[i].is_none() && self.demand_of(i)[r] > 0);
            let work: i128 = users().map(|i| i128::from(self.duration[i]) * i128::from(self.demand_of(i)[r])).sum();
            if let Some(begin) = users().map(|i| self.earliest[i]).min() {
                bound = bound.max(begin + i64::try_from((work + i128::from(capacity) - 1) / i128::from(capacity)).unwrap_or(0));
            }
        }
        bound
    }
}

/// Turns times around, so that the latest of some become the earliest of others.
fn negate(times: &mut [i64]) {
    for time in times {
        *time = -*time;
    }
}
