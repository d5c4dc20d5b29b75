//! The objectives of schedules. All of them are regular: they never grow if activities complete earlier.
//!
//! Values are compared as keys: integers as they are, floats, which are never negative, as the integer of their bits, whose order is
//! that of the floats.

mod bounds;
mod costs;
mod due_dates;

pub(super) use self::bounds::Relaxation;
pub(super) use self::costs::CompletionCosts;
pub(super) use self::due_dates::{DueDates, NEVER};
use super::instance::Instance;
use super::{Project, Weights};
use crate::cp::Combination;
use crate::names::Named;
use crate::total::Total;

/// What an activity costs by its lateness and its weight.
type Cost = fn(i64, i64) -> i64;

/// The description of an objective, which is to be as small as it can be.
#[derive(Debug)]
pub struct ObjectiveEntry {
    /// The name that users give.
    pub name: &'static str,
    /// The objective in words.
    pub title: &'static str,
    /// Whether it counts from due dates, so that a project needs some.
    pub needs_due_dates: bool,
    /// Whether it is in the type of the weights.
    is_weighted: bool,
    /// The key of the value of a schedule, from the completion times.
    value: fn(&DueDates, &[i64]) -> i64,
    /// A key that no schedule is below, from what resources and links leave to every activity alone.
    bound: fn(&DueDates, &Relaxation) -> i64,
    /// Whether an activity of that lateness is to blame for the value.
    blames: fn(i64, i64) -> bool,
    /// Of 100 children of a search, in how many such an activity moves forward, found on projects of 30 and 60 activities.
    pulled: u64,
    /// The latest completion of an activity that does not make a schedule of that value worse, from its due date and its completion.
    latest: fn(i64, i64, i64) -> i64,
    /// What an activity of that lateness and weight costs, and whether the value is the sum or the largest of the costs; none if it is
    /// not made of costs.
    costs: Option<(Combination, Cost)>,
}

/// The table of objectives. To add one, describe it here: the search, the binding, the Python package and the command line read the table.
static TABLE: [ObjectiveEntry; 5] = [
    ObjectiveEntry {
        name: "makespan",
        title: "the largest completion time",
        needs_due_dates: false,
        is_weighted: false,
        value: |_, completion_time| completion_time.iter().copied().max().unwrap_or(0),
        bound: |_, relaxation| relaxation.length(),
        blames: |_, _| false,
        pulled: 0,
        latest: |_, _, _| i64::MAX,
        costs: None,
    },
    ObjectiveEntry {
        name: "total_tardiness",
        title: "the sum of max(0, completion - due date)",
        needs_due_dates: true,
        is_weighted: false,
        value: |due, completion_time| due.total_tardiness(completion_time),
        bound: |due, relaxation| relaxation.total_tardiness(due),
        blames: |lateness, _| lateness > 0,
        pulled: 30,
        latest: |due, completion, _| due.max(completion),
        costs: Some((Combination::Sum, |lateness, _| lateness.max(0))),
    },
    ObjectiveEntry {
        name: "total_weighted_tardiness",
        title: "the sum of weight * max(0, completion - due date)",
        needs_due_dates: true,
        is_weighted: true,
        value: |due, completion_time| due.total_weighted_tardiness(completion_time),
        bound: |due, relaxation| relaxation.total_weighted_tardiness(due),
        blames: |lateness, _| lateness > 0,
        pulled: 30,
        latest: |due, completion, _| due.max(completion),
        costs: Some((Combination::Sum, |lateness, weight| lateness.max(0).saturating_mul(weight))),
    },
    ObjectiveEntry {
        name: "num_tardy",
        title: "the number of activities that complete after their due dates",
        needs_due_dates: true,
        is_weighted: false,
        value: |due, completion_time| due.num_tardy(completion_time),
        bound: |due, relaxation| relaxation.num_tardy(due),
        blames: |lateness, _| lateness > 0,
        pulled: 60,
        latest: |due, completion, _| if completion > due { i64::MAX } else { due },
        costs: Some((Combination::Sum, |lateness, _| i64::from(lateness > 0))),
    },
    ObjectiveEntry {
        name: "max_lateness",
        title: "the largest completion - due date, negative if everything is early",
        needs_due_dates: true,
        is_weighted: false,
        value: |due, completion_time| due.max_lateness(completion_time),
        bound: |due, relaxation| relaxation.max_lateness(due),
        blames: |lateness, value| lateness == value,
        pulled: 30,
        latest: |due, _, value| due.saturating_add(value),
        costs: Some((Combination::Maximum, |lateness, _| lateness)),
    },
];

/// An objective: an entry of the table.
#[derive(Debug, Clone, Copy)]
pub struct Objective(&'static ObjectiveEntry);

impl Named for Objective {
    const FIELD: &'static str = "objective";

    fn all() -> impl Iterator<Item = (&'static str, Self)> + Clone {
        TABLE.iter().map(|entry| (entry.name, Self(entry)))
    }
}

impl Default for Objective {
    fn default() -> Self {
        Self::MAKESPAN
    }
}

impl PartialEq for Objective {
    fn eq(&self, other: &Self) -> bool {
        self.0.name == other.0.name
    }
}

impl Objective {
    /// The largest completion time.
    pub const MAKESPAN: Self = Self(&TABLE[0]);
    /// The largest lateness, which is a makespan with tails.
    pub const MAX_LATENESS: Self = Self(&TABLE[4]);

    /// The description.
    #[must_use]
    pub fn entry(self) -> &'static ObjectiveEntry {
        self.0
    }

    /// The value that a key stands for.
    pub(super) fn total(self, project: &Project, key: i64) -> Total {
        match project.data().weight {
            Weights::Floats(_) if self.0.is_weighted => Total::Float(f64::from_bits(key.max(0) as u64)),
            _ => Total::Integer(key),
        }
    }

    /// The key of the value of a schedule with these completion times.
    pub(super) fn value(self, due: &DueDates, completion_time: &[i64]) -> i64 {
        (self.0.value)(due, completion_time)
    }

    /// A key that no schedule is below. O(n log n R + m).
    pub(super) fn bound(self, due: &DueDates, instance: &Instance) -> i64 {
        (self.0.bound)(due, &Relaxation::new(instance))
    }

    /// Whether an activity of that lateness is to blame for the value.
    pub(super) fn blames(self, lateness: i64, value: i64) -> bool {
        (self.0.blames)(lateness, value)
    }

    /// Of 100 children of a search, in how many an activity that is to blame moves forward.
    pub(super) fn pulled(self) -> u64 {
        self.0.pulled
    }

    /// The latest completion that does not make a schedule of that value worse, for each activity.
    pub(super) fn latest(self, due: &DueDates, completion_time: &[i64], value: i64) -> Vec<i64> {
        let mut latest = vec![i64::MAX; completion_time.len()];
        due.each(|i, due| latest[i] = (self.0.latest)(due, completion_time[i], value));
        latest
    }
}
