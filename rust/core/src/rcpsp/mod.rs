//! Resource-constrained projects, `PS | prec | C_max`: activities with durations, precedence and renewable resources.
//!
//! [`Project`] is the validated problem. A priority ([`Priority`]) becomes a precedence-feasible list, and a [`Decoder`] turns
//! lists into active schedules with the kernel that the project needs.

mod beside;
mod bound;
mod chunked;
mod constrained;
mod constraints;
mod critical_path;
mod decoder;
mod direction;
mod events;
mod flat;
pub mod format;
mod instance;
mod justify;
#[cfg(test)]
mod kernel_tests;
mod list;
mod max_lags;
mod modes;
mod objective;
mod one_pass;
mod options;
mod packed;
mod padded;
mod parallel;
mod postpone;
mod priority;
mod project;
mod prover;
pub mod ramp;
mod rank;
mod search;
mod stores;

pub use bound::{destructive_lower_bound, interruptible_lower_bound, lower_bound};
pub use constrained::{Fixed, Past, diagnose};
pub use constraints::{
    CONSTRAINTS, Calendar, Column, ColumnMut, Constraint, NO_DEADLINE, NO_DUE_DATE, NO_LAG, NO_MAX_LAG, ProjectData, Relation,
    Weights, groups_from_integers, relations_from_names,
};
pub use critical_path::{CriticalPath, critical_path};
pub use decoder::{Decoder, Kernel};
pub use direction::Direction;
pub use justify::justify;
pub use list::Lister;
pub use max_lags::{MaxLagBounds, max_lag_bounds};
pub use modes::{Modes, bound_of_modes, first_modes, num_activities_of_modes};
pub use objective::{Objective, ObjectiveEntry};
pub use one_pass::{Scheme, parallel_sgs, plan, serial_sgs, serial_sgs_many};
pub use options::ABSENT;
pub use priority::{Priority, Rule, RuleEntry};
pub use project::{BYTES_PER_ACTIVITY, BYTES_PER_EDGE, Project};
pub use prover::{Remaining, remaining, sufficient_horizon};
pub use rank::Key;
pub use search::{Options, Solution, solve};
pub use stores::{NO_STORAGE_LIMIT, Stores};

/// Start and completion of every activity, indexed by activity.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Schedule {
    /// Start times.
    pub start_time: Vec<i64>,
    /// Completion times.
    pub completion_time: Vec<i64>,
    /// Largest completion time, 0 for no activities.
    pub makespan: i64,
}
