//! The constraints of a project beside precedence and constant capacities: one per file, each with its column and its checks;
//! and the columns of objectives, which are given, kept and written as those of constraints are.
//!
//! [`CONSTRAINTS`] declares them once; files, bindings and the check of a project iterate over the list.
//! `docs/reference/rcpsp/constraints.md` defines what each of them means.

mod alternatives;
mod calendars;
mod column;
mod disjunctive;
mod due_date;
mod lag;
mod max_lag;
mod pausable;
mod relation;
mod run;
mod window;

use crate::error::InputError;
use crate::rcpsp::{Modes, Stores};

pub use crate::calendar::Calendar;
pub(super) use crate::calendar::Walk;
pub use crate::weights::Weights;
pub use column::{Column, ColumnMut, Constraint};
use disjunctive::check_groups;
pub use disjunctive::groups_from_integers;
pub use due_date::NO_DUE_DATE;
pub use lag::NO_LAG;
pub use max_lag::NO_MAX_LAG;
pub(super) use pausable::has_pauses;
pub use relation::{Relation, relations_from_names};
pub(super) use run::{Run, gcd};
pub use window::NO_DEADLINE;

/// All constraints, in the order in which their columns are judged and written.
pub static CONSTRAINTS: [Constraint; 12] = [
    relation::RELATION,
    lag::LAG,
    max_lag::MAX_LAG,
    window::RELEASE_TIME,
    window::DEADLINE,
    calendars::CALENDARS,
    pausable::PAUSABLE,
    disjunctive::DISJUNCTIVE,
    alternatives::OPTIONAL,
    alternatives::ALTERNATIVES,
    due_date::DUE_DATE,
    due_date::WEIGHT,
];

/// The columns of a project, not yet validated. `demand` is row-major, one row per activity.
///
/// Columns of constraints may be left empty; [`Project::new`](super::Project::new) completes them.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ProjectData {
    /// Duration of each activity, in ticks.
    pub duration: Vec<i64>,
    /// `demand[i * capacity.len() + r]`: units of resource `r` that activity `i` holds while it runs.
    pub demand: Vec<i64>,
    /// Units of each resource.
    pub capacity: Vec<i64>,
    /// `(before, after)`: `after` starts no earlier than `before` completes, unless `relation` says otherwise.
    pub precedence: Vec<(u32, u32)>,
    /// Which events of the two each pair binds. The same two may stand in several pairs of different relations.
    pub relation: Vec<Relation>,
    /// Ticks that must pass between the two events, for each pair; negative if the later one may come first; [`NO_LAG`] where only
    /// `max_lag` binds them.
    pub lag: Vec<i64>,
    /// Ticks that may pass between the two events at most, for each pair; [`NO_MAX_LAG`] where there is no maximum.
    pub max_lag: Vec<i64>,
    /// No start before.
    pub release_time: Vec<i64>,
    /// No completion after; [`NO_DEADLINE`] where there is none.
    pub deadline: Vec<i64>,
    /// Capacity over time, by resource; where a resource has several, the least counts.
    pub calendars: Vec<(u32, Calendar)>,
    /// Which activities stop while a calendar denies them a resource, and go on afterwards.
    pub pausable: Vec<bool>,
    /// Groups of activities of which at most one is under way at any time.
    pub disjunctive: Vec<Vec<u32>>,
    /// Which activities may be left out of a schedule.
    pub optional: Vec<bool>,
    /// Groups of optional activities of which exactly one runs.
    pub alternatives: Vec<Vec<u32>>,
    /// When each activity should complete, for objectives that count lateness; [`NO_DUE_DATE`] where it does not matter.
    pub due_date: Vec<i64>,
    /// What a late tick of each activity costs.
    pub weight: Weights,
    /// The modes of activities, if some have several or consume stocks; then the durations and demands above are worked out, the least
    /// of each activity's modes.
    pub modes: Modes,
    /// The stores that activities empty and fill.
    pub stores: Stores,
    /// Names of the activities.
    pub names: Option<Vec<String>>,
    /// Names of the resources.
    pub resource_names: Option<Vec<String>>,
}

impl ProjectData {
    /// The sum of all lags that are not leads: no chain of activities waits longer.
    pub(super) fn total_lag(&self) -> i64 {
        self.lag.iter().map(|&lag| lag.max(0)).sum()
    }
}

/// Completes absent columns and judges given ones.
///
/// # Errors
/// A column of a wrong length, or a value that its constraint refuses.
pub(super) fn check_constraints(data: &mut ProjectData) -> Result<(), InputError> {
    let (n, pairs) = (data.duration.len(), data.precedence.len());
    for constraint in &CONSTRAINTS {
        (constraint.column_mut)(data).complete(constraint.name, n, pairs)?;
    }
    for constraint in &CONSTRAINTS {
        (constraint.check)(data).map_err(|error| match (constraint.column)(data) {
            Column::OfActivities(..) | Column::Weights(_) => error.named("activity", data.names.as_deref()),
            _ => error,
        })?;
    }
    Ok(())
}

/// The names of the constraints of a project, which asks for nothing but precedence and constant capacities if there are none.
pub(super) fn present(data: &ProjectData) -> impl Iterator<Item = &'static str> {
    let present = |constraint: &&Constraint| constraint.is_restriction && !(constraint.column)(data).is_trivial();
    let stores = (!data.stores.is_empty()).then_some("storage");
    CONSTRAINTS.iter().filter(present).map(|constraint| constraint.name).chain(stores)
}
