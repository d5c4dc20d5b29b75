//! Pauses: a pausable activity stops while a calendar denies it a resource, and goes on afterwards.

use super::column::{Constraint, constraint};

/// Every flag is valid. Pauses alone rule out nothing, because only calendars make an activity stop.
pub const PAUSABLE: Constraint = Constraint { is_restriction: false, ..constraint!(pausable: Flags(), |_| Ok(())) };
