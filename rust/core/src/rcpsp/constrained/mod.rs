//! Projects with lags, windows, calendars, pauses, disjunctions or a fixed past, which are scheduled on timelines.
//!
//! [`Situation`] is what there is to plan and from when on. [`Windows`] bound every activity without looking at resources in use,
//! [`Timetable`] and [`slot_timeline`] hold what is in use, [`TimelineDecoder`] turns lists into schedules by the serial scheme of
//! [`pass`], and [`diagnose`] says why there are none.

mod bound;
mod clash;
mod decoder;
mod diagnose;
mod near_miss;
mod overload;
mod pass;
mod past;
mod situation;
mod slot_timeline;
mod supply;
mod timetable;
mod windows;

pub use diagnose::diagnose;
pub use past::{Fixed, Past};

pub(super) use bound::{bound, of_windows};
pub(super) use clash::reason as clash;
pub(super) use decoder::{LATE, Lost, TimelineDecoder};
pub(super) use diagnose::{Verdict, judge};
pub(super) use near_miss::near_miss;
pub(super) use situation::Situation;
pub(super) use timetable::Timetable;
pub(super) use windows::{NoWindows, Windows};
