//! What a project may ask for beyond precedence and constant capacities: one idea per file, each with its own checks.
//!
//! `docs/reference/rcpsp/constraints.md` defines what each of them means.

mod calendar;
mod disjunctive;
mod lag;
mod run;
mod window;

pub use calendar::Calendar;
pub(super) use calendar::Walk;
pub use disjunctive::groups_from_integers;
pub use window::NO_DEADLINE;

pub(super) use disjunctive::check_groups;
pub(super) use lag::check_lags;
pub(super) use run::{Run, gcd};
pub(super) use window::check_windows;
