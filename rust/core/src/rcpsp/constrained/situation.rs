//! What there is to plan: a project, its fixed past, and each activity alone with its calendars.

use super::Past;
use crate::rcpsp::constraints::Run;
use crate::rcpsp::{Direction, Project};

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
    pub now: i64,
    /// The disjunctive groups of each activity.
    pub groups_of: Vec<Vec<u32>>,
}

impl<'p> Situation<'p> {
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
            now: past.now(),
            groups_of,
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

    /// The predecessors of an activity, each with the lag to it.
    pub fn before(&self, activity: usize) -> impl Iterator<Item = (usize, i64)> + '_ {
        neighbours(self.project.graph().predecessors(), &self.project.data().lag, activity)
    }

    /// Who comes before an activity in a direction of time, each with the lag to it.
    pub fn ahead(&self, direction: Direction, activity: usize) -> impl Iterator<Item = (usize, i64)> + '_ {
        neighbours(direction.predecessors(self.project.graph()), &self.project.data().lag, activity)
    }

    /// The successors of an activity, each with the lag to it.
    pub fn after(&self, activity: usize) -> impl Iterator<Item = (usize, i64)> + '_ {
        neighbours(self.project.graph().successors(), &self.project.data().lag, activity)
    }
}

fn labelled(kind: &str, names: Option<&[String]>, index: usize) -> String {
    names.map_or_else(|| format!("{kind} {index}"), |names| format!("{kind} '{}'", names[index]))
}

fn neighbours<'a>(rows: &'a crate::graph::Rows, lag: &'a [i64], activity: usize) -> impl Iterator<Item = (usize, i64)> + 'a {
    rows.of(activity).iter().zip(rows.edges_of(activity)).map(|(&j, &edge)| (j as usize, lag[edge as usize]))
}
