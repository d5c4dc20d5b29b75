//! Calendars: the capacity of a resource over time; where a resource has several calendars, the least counts.

use super::Run;
use super::column::{Constraint, constraint};
use crate::error::InputError;
use crate::rcpsp::project::above_capacity;

/// Refused are calendars of unknown resources or above the capacity, and periods without a common multiple of reasonable size.
pub const CALENDARS: Constraint = constraint!(calendars: OfResources(), |data| {
    for (r, calendar) in &data.calendars {
        let Some(&capacity) = data.capacity.get(*r as usize) else {
            let reason = format!("unknown resource, expected 0 <= index < {}", data.capacity.len());
            return Err(InputError::new("calendars", reason).value(i64::from(*r)));
        };
        if let Some(k) = calendar.capacity().iter().position(|&step| step > capacity) {
            let reason = above_capacity(data, *r as usize);
            return Err(InputError::new(format!("calendars[{r}].capacity"), reason).at([k], calendar.capacity()[k]));
        }
    }
    let met = if data.calendars.is_empty() { 0 } else { data.duration.len() };
    (0..met).try_for_each(|i| Run::new(data, i).map(drop))
});
