//! Pauses: a pausable activity stops while a calendar denies it a resource, and goes on afterwards.

use super::column::{Constraint, constraint};
use crate::rcpsp::ProjectData;

/// Every flag is valid. Pauses alone rule out nothing, because only calendars make an activity stop.
pub const PAUSABLE: Constraint = Constraint { is_restriction: false, ..constraint!(pausable: Flags(), |_| Ok(())) };

/// Whether some activity may have to pause, so that its completion does not follow from its start alone.
pub fn has_pauses(data: &ProjectData) -> bool {
    let width = data.capacity.len();
    let meets = |i: usize| data.calendars.iter().any(|(r, _)| data.demand[i * width + *r as usize] > 0);
    (0..data.duration.len()).any(|i| data.pausable[i] && data.duration[i] > 0 && meets(i))
}
