//! Projects with lags, windows, calendars, pauses, disjunctions or a fixed past: one general timetable instead of the fast kernels.
//!
//! [`Situation`] is what there is to plan and from when on. [`Windows`] bound every activity without looking at resources in use,
//! [`Timetable`] holds what is in use, [`schemes`] turn priorities into schedules, [`diagnose`] says why there are none.

mod bound;
mod clash;
mod diagnose;
mod one_pass;
mod overload;
mod past;
mod schemes;
mod search;
mod situation;
mod slot_scheme;
mod slot_timeline;
mod supply;
mod timetable;
mod windows;

pub use diagnose::diagnose;
pub use one_pass::{Scheme, plan};
pub use past::{Fixed, Past};

pub use bound::bound;
pub(super) use clash::reason as clash;
pub(super) use one_pass::{critical_path, justify, plan_many};
pub(super) use search::solve;
pub(super) use situation::Situation;
pub(super) use windows::Windows;
