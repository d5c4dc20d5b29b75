//! What there is to plan: a project, its fixed past, and each activity alone with its calendars.

use super::Past;
use crate::rcpsp::constraints::Run;
use crate::rcpsp::{Direction, Project, Schedule};

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
    /// Predecessors and successors.
    links: [Links; 2],
}

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
            links: [Direction::Forward, Direction::Backward]
                .map(|direction| Links::new(direction.predecessors(project.graph()), &data.lag, n)),
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

    /// Whether an activity, fixed or not, works at a moment within its run.
    pub fn works(&self, activity: usize, time: i64) -> bool {
        !self.project.data().pausable[activity] || self.runs[activity].is_up(time)
    }

    /// No activity that is not fixed starts before.
    pub fn origin(&self) -> i64 {
        self.release.iter().copied().min().unwrap_or(self.now)
    }

    /// When the predecessors and the release time let an activity start.
    pub fn ready(&self, completion_time: &[i64], activity: usize) -> i64 {
        self.before(activity).map(|(p, lag)| completion_time[p] + lag).fold(self.release[activity], i64::max)
    }

    /// The schedule of these start times; fixed activities end when they do.
    pub fn schedule(&self, start_time: Vec<i64>) -> Schedule {
        let planned = |i: usize| self.project.completion(i, start_time[i]);
        let completion_time = (0..start_time.len()).map(|i| self.fixed[i].map_or_else(|| planned(i), |(_, end)| end)).collect();
        Schedule::from_times(start_time, completion_time)
    }

    /// The predecessors of an activity, each with the lag to it.
    pub fn before(&self, activity: usize) -> impl Iterator<Item = (usize, i64)> + '_ {
        self.links[0].of(activity)
    }

    /// The predecessors of an activity in a direction of time, each with the lag to it.
    pub fn ahead(&self, direction: Direction, activity: usize) -> impl Iterator<Item = (usize, i64)> + '_ {
        self.links[direction as usize].of(activity)
    }

    /// The successors of an activity, each with the lag to it.
    pub fn after(&self, activity: usize) -> impl Iterator<Item = (usize, i64)> + '_ {
        self.links[1].of(activity)
    }
}

/// For each activity its neighbours on one side, with lags, one behind the other.
#[derive(Debug, Clone)]
struct Links {
    begin: Vec<u32>,
    links: Vec<(i64, u32)>,
}

impl Links {
    fn new(rows: &crate::graph::Rows, lag: &[i64], n: usize) -> Self {
        let (mut begin, mut links) = (vec![0], Vec::with_capacity(lag.len()));
        for i in 0..n {
            links.extend(rows.of(i).iter().zip(rows.edges_of(i)).map(|(&j, &edge)| (lag[edge as usize], j)));
            begin.push(links.len() as u32);
        }
        Self { begin, links }
    }

    #[inline]
    fn of(&self, activity: usize) -> impl Iterator<Item = (usize, i64)> + '_ {
        let row = &self.links[self.begin[activity] as usize..self.begin[activity + 1] as usize];
        row.iter().map(|&(lag, j)| (j as usize, lag))
    }
}

fn labelled(kind: &str, names: Option<&[String]>, index: usize) -> String {
    names.map_or_else(|| format!("{kind} {index}"), |names| format!("{kind} '{}'", names[index]))
}
