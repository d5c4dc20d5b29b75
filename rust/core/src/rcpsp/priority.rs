//! Priority rules: which activity comes first.

use super::critical_path::time_analysis;
use super::{CriticalPath, Project};
use crate::control::Pulse;
use crate::error::{InputError, check_length};
use crate::names::Named;
use crate::random::Random;

/// The description of a priority rule, by which activities with the lowest value come first.
#[derive(Debug)]
pub struct RuleEntry {
    /// The name that users give.
    pub name: &'static str,
    /// The name in words, as the documentation of the Python function states it.
    pub title: &'static str,
    /// Whether the value depends on the time analysis of the project.
    timed: bool,
    /// The value of each activity, from the project, its times, the seed and what may stop the computation.
    values: fn(&Project, &CriticalPath, u64, &mut Pulse) -> Vec<i64>,
}

/// The table of rules. To add one, describe it here: the binding, the Python package and the command line read the table.
///
/// Kolisch (1996), Efficient priority rules for the resource-constrained project scheduling problem, Journal of Operations
/// Management 14. Ties of all rules go to the lower index.
static TABLE: [RuleEntry; 9] = [
    RuleEntry { name: "lft", title: "latest finish", timed: true, values: |_, path, _, _| path.latest_finish.clone() },
    RuleEntry { name: "lst", title: "latest start", timed: true, values: |_, path, _, _| path.latest_start.clone() },
    RuleEntry {
        name: "mts",
        title: "most total successors",
        timed: false,
        values: |project, _, _, pulse| project.graph().count_descendants(pulse).iter().map(|&count| -(count as i64)).collect(),
    },
    RuleEntry {
        name: "grpw",
        title: "greatest rank positional weight: own duration plus those of the direct successors",
        timed: false,
        values: |project, _, _, _| {
            let (duration, graph) = (project.duration(), project.graph());
            let mut counted = vec![usize::MAX; duration.len()]; // a pair of activities may have several relations
            let mut direct = |i: usize| {
                let once = |&&j: &&u32| std::mem::replace(&mut counted[j as usize], i) != i;
                graph.successors().of(i).iter().filter(once).map(|&j| duration[j as usize]).sum::<i64>()
            };
            (0..duration.len()).map(|i| -(duration[i] + direct(i))).collect()
        },
    },
    RuleEntry { name: "spt", title: "shortest duration", timed: false, values: |project, _, _, _| project.duration().to_vec() },
    RuleEntry {
        name: "lpt",
        title: "longest duration",
        timed: false,
        values: |project, _, _, _| project.duration().iter().map(|d| -d).collect(),
    },
    RuleEntry { name: "mslk", title: "minimum (static) slack", timed: true, values: |_, path, _, _| path.slack.clone() },
    RuleEntry {
        name: "fcfs",
        title: "by index",
        timed: false,
        values: |project, _, _, _| (0..project.num_activities() as i64).collect(),
    },
    RuleEntry {
        name: "random",
        title: "an order that the seed decides",
        timed: false,
        values: |project, _, seed, _| {
            let mut ranks: Vec<i64> = (0..project.num_activities() as i64).collect();
            Random::new(seed).shuffle(&mut ranks);
            ranks
        },
    },
];

/// A priority rule: an entry of the table.
#[derive(Debug, Clone, Copy)]
pub struct Rule(&'static RuleEntry);

impl Named for Rule {
    const FIELD: &'static str = "priority";
    const NOUN: &'static str = "rule";

    fn all() -> impl Iterator<Item = (&'static str, Self)> + Clone {
        TABLE.iter().map(|entry| (entry.name, Self(entry)))
    }
}

impl Rule {
    /// The rule of the latest finish time, with which searches begin.
    pub const LFT: Self = Self(&TABLE[0]);

    /// The description.
    #[must_use]
    pub fn entry(self) -> &'static RuleEntry {
        self.0
    }

    /// One value for each activity. O(n + m); `mts` O(n m / 512). Lags, windows and calendars do not count here. The values of a
    /// computation that `pulse` stops are incomplete and must not be used.
    #[must_use]
    pub fn values(self, project: &Project, seed: u64, pulse: &mut Pulse) -> Vec<i64> {
        let path = if self.0.timed { time_analysis(project) } else { CriticalPath::default() };
        self.values_by(project, seed, &path, pulse)
    }

    /// One value for each activity, from times that have been computed already.
    pub(super) fn values_by(self, project: &Project, seed: u64, path: &CriticalPath, pulse: &mut Pulse) -> Vec<i64> {
        (self.0.values)(project, path, seed, pulse)
    }
}

/// What decides between activities: a rule, or one number per activity, lower first, ties by index.
#[derive(Debug, Clone, Copy)]
pub enum Priority<'a> {
    /// A named rule.
    Rule(Rule),
    /// Finite floats.
    Floats(&'a [f64]),
    /// Integers.
    Integers(&'a [i64]),
}

/// Refuses rows of the wrong length and values that are not finite.
pub(super) fn check_floats(priority: &[f64], n: usize) -> Result<(), InputError> {
    check_length("priority", priority.len(), n)?;
    crate::error::check_each("priority", priority, "must be finite", f64::is_finite)
}
