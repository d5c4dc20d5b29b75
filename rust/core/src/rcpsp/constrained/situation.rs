//! The planning situation: a project, its fixed past, and each activity alone with its calendars.

use super::Past;
use crate::graph::Rows;
use crate::rcpsp::constraints::Run;
use crate::rcpsp::{Calendar, Direction, Project, ProjectData, Relation, Schedule};

/// A project and a past, laid out for planning.
#[derive(Debug, Clone)]
pub struct Situation<'p> {
    pub project: &'p Project,
    /// The activities alone with their calendars.
    pub runs: Vec<Run<'p>>,
    /// `(start, end)` of those that are fixed.
    pub fixed: Vec<Option<(i64, i64)>>,
    /// No start before: release times, of which 0 is none, and the present.
    pub release: Vec<i64>,
    /// No completion after; [`NO_DEADLINE`](crate::rcpsp::NO_DEADLINE) where there is no bound.
    pub deadline: Vec<i64>,
    pub now: i64,
    /// The disjunctive groups of each activity.
    pub groups_of: Vec<Vec<u32>>,
    /// Whether some activity may start or end before one of its predecessors does.
    pub is_overlapping: bool,
    /// Predecessors and successors.
    links: [Links; 2],
}

/// A precedence pair as one of its activities sees it, in one direction of time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Link {
    /// The other activity.
    pub other: usize,
    /// What must pass between the two events, at least.
    pub lag: i64,
    /// Which events.
    pub relation: Relation,
}

impl Link {
    /// Whether the later activity starts only after the earlier one has completed.
    pub fn is_sequential(self) -> bool {
        self.relation == Relation::FinishStart && self.lag >= 0
    }

    /// Whether the later activity may start as soon as the earlier one has completed, and not before.
    pub fn is_immediate(self) -> bool {
        self.relation == Relation::FinishStart && self.lag == 0
    }

    /// The earliest moment for the event of the later activity, if the earlier one has this start and end.
    pub fn since(self, (start, end): (i64, i64)) -> i64 {
        (if self.relation.from_finish() { end } else { start }).saturating_add(self.lag)
    }

    /// The event of the later activity, of its start and end.
    pub fn event(self, (start, end): (i64, i64)) -> i64 {
        if self.relation.to_finish() { end } else { start }
    }
}

/// Later than every moment: an activity never gets so far.
pub const UNREACHABLE: i64 = i64::MAX;

impl<'p> Situation<'p> {
    /// The situation, if there is more than precedence and constant capacities.
    pub fn needed(project: &'p Project, past: &Past) -> Option<Self> {
        (project.is_constrained() || !past.is_empty()).then(|| Self::new(project, past))
    }

    pub fn new(project: &'p Project, past: &Past) -> Self {
        let n = project.num_activities();
        let data = project.data();
        let mut fixed = vec![None; n];
        for f in past.fixed() {
            fixed[f.activity] = Some((f.start, f.end));
        }
        let mut groups_of = vec![Vec::new(); n];
        for (g, group) in data.disjunctive.iter().enumerate() {
            for &i in group {
                groups_of[i as usize].push(g as u32);
            }
        }
        Self {
            project,
            runs: (0..n).map(|i| project.run(i)).collect(),
            fixed,
            release: data
                .release_time
                .iter()
                .map(|&release| if release > 0 { release.max(past.now()) } else { past.now() })
                .collect(),
            deadline: data.deadline.clone(),
            now: past.now(),
            groups_of,
            is_overlapping: data.lag.iter().any(|&lag| lag < 0) || data.relation.iter().any(|&r| r != Relation::FinishStart),
            links: [Direction::Forward, Direction::Backward]
                .map(|direction| Links::new(direction, direction.predecessors(project.graph()), data)),
        }
    }

    pub fn num_activities(&self) -> usize {
        self.fixed.len()
    }

    /// What messages call an activity: by its name if it has one, else by its index.
    pub fn activity(&self, activity: usize) -> String {
        labelled("activity", self.project.data().names.as_deref(), activity)
    }

    /// What messages call a resource.
    pub fn resource(&self, resource: usize) -> String {
        labelled("resource", self.project.data().resource_names.as_deref(), resource)
    }

    /// The names of activities alone, joined by `between`; of many the first and the last few.
    pub fn listed(&self, activities: &[usize], between: &str) -> String {
        const SHOWN: usize = 6;
        let name = |&i: &usize| match &self.project.data().names {
            Some(names) => format!("'{}'", names[i]),
            None => i.to_string(),
        };
        let join = |part: &[usize]| part.iter().map(name).collect::<Vec<_>>().join(between);
        if activities.len() <= 2 * SHOWN {
            return join(activities);
        }
        let (first, last) = (&activities[..SHOWN], &activities[activities.len() - SHOWN..]);
        format!("{}{between}({} more){between}{}", join(first), activities.len() - 2 * SHOWN, join(last))
    }

    /// Steps that a question about an activity alone stands for.
    pub fn cost(&self, activity: usize) -> u64 {
        4 + self.project.graph().predecessors().degree(activity) as u64 + self.runs[activity].cost()
    }

    /// The calendars that an activity looks at, each with its demand.
    pub fn needs(&self, activity: usize) -> Vec<(&'p Calendar, i64)> {
        let demand = self.project.demand_of(activity);
        let watched = self.project.data().calendars.iter().filter(|(r, _)| demand[*r as usize] > 0);
        watched.map(|(r, calendar)| (calendar, demand[*r as usize])).collect()
    }

    /// Whether an activity, fixed or not, works at a moment within its run.
    pub fn works(&self, activity: usize, time: i64) -> bool {
        !self.project.data().pausable[activity] || self.runs[activity].is_up(time)
    }

    /// No activity that is not fixed starts before.
    pub fn origin(&self) -> i64 {
        self.release.iter().copied().min().unwrap_or(self.now)
    }

    /// When the predecessors, which have these times, and the release time let an activity start; [`UNREACHABLE`] for never.
    pub fn ready(&self, start_time: &[i64], completion_time: &[i64], activity: usize) -> i64 {
        let bounds = self.before(activity).map(|link| {
            let p = link.other;
            self.start_by(activity, link, (start_time[p], completion_time[p])).unwrap_or(UNREACHABLE)
        });
        bounds.fold(self.release[activity], i64::max)
    }

    /// When a predecessor that has this start and end lets an activity start; `None` for never.
    #[inline]
    pub fn start_by(&self, activity: usize, link: Link, span: (i64, i64)) -> Option<i64> {
        let since = link.since(span);
        if link.relation.to_finish() { self.runs[activity].start_reaching(since) } else { Some(since) }
    }

    /// The schedule of these start times; fixed activities end when they do.
    pub fn schedule(&self, start_time: Vec<i64>) -> Schedule {
        let planned = |i: usize| self.project.completion(i, start_time[i]);
        let completion_time = (0..start_time.len()).map(|i| self.fixed[i].map_or_else(|| planned(i), |(_, end)| end)).collect();
        Schedule::from_times(start_time, completion_time)
    }

    /// The links to the predecessors of an activity.
    pub fn before(&self, activity: usize) -> impl Iterator<Item = Link> + '_ {
        self.links[0].of(activity)
    }

    /// The links to the predecessors of an activity in a direction of time; backward, the start of an activity is its end.
    pub fn ahead(&self, direction: Direction, activity: usize) -> impl Iterator<Item = Link> + '_ {
        self.links[direction as usize].of(activity)
    }

    /// The links to the successors of an activity.
    pub fn after(&self, activity: usize) -> impl Iterator<Item = Link> + '_ {
        self.links[1].of(activity).map(|link| Link { relation: link.relation.mirrored(), ..link })
    }
}

/// For each activity its links on one side, one behind the other, as they are seen in one direction of time.
#[derive(Debug, Clone)]
struct Links {
    begin: Vec<u32>,
    links: Vec<(i64, u32, Relation)>,
}

impl Links {
    fn new(direction: Direction, rows: &Rows, data: &ProjectData) -> Self {
        let (mut begin, mut links) = (vec![0], Vec::with_capacity(data.lag.len()));
        for i in 0..data.duration.len() {
            links.extend(rows.of(i).iter().zip(rows.edges_of(i)).map(|(&j, &edge)| {
                let relation = data.relation[edge as usize];
                let seen = if direction == Direction::Forward { relation } else { relation.mirrored() };
                (data.lag[edge as usize], j, seen)
            }));
            begin.push(links.len() as u32);
        }
        Self { begin, links }
    }

    #[inline]
    fn of(&self, activity: usize) -> impl Iterator<Item = Link> + '_ {
        let row = &self.links[self.begin[activity] as usize..self.begin[activity + 1] as usize];
        row.iter().map(|&(lag, j, relation)| Link { other: j as usize, lag, relation })
    }
}

fn labelled(kind: &str, names: Option<&[String]>, index: usize) -> String {
    names.map_or_else(|| format!("{kind} {index}"), |names| format!("{kind} '{}'", names[index]))
}
