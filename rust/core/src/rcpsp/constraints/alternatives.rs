//! Optional activities, and groups of alternatives of which exactly one runs.

use super::column::{Constraint, constraint};

/// Every flag is valid. What does not run binds nothing; members of groups of alternatives are optional whatever their flag.
pub const OPTIONAL: Constraint = constraint!(optional: Flags(), |_| Ok(()));

/// Refused are empty groups, unknown activities, and activities that stand twice in a group. Groups may share activities.
pub const ALTERNATIVES: Constraint =
    constraint!(alternatives: Groups(), |data| super::check_groups("alternatives", 1, &data.alternatives, data.duration.len()));
