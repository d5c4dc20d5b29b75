//! Projects with lags, windows, calendars, pauses, disjunctions or a fixed past, which are scheduled on timelines.
//!
//! [`Situation`] holds the project, its fixed past and the present. [`Windows`] bound the start and the completion of every activity
//! by everything but the use of resources. [`Timetable`] and [`slot_timeline`] record which resources are in use when.
//! [`TimelineDecoder`] turns lists into schedules by the serial scheme of [`pass`]; [`near_miss`] makes a schedule that may miss
//! windows. [`diagnose`] says why there is no schedule: windows that are empty, fixed activities that collide (`clash.rs`), or more
//! work than time (`overload.rs`, from the capacity that `supply.rs` adds up).

mod clash;
mod decoder;
mod diagnose;
mod feasible;
mod near_miss;
mod overload;
mod pass;
mod past;
mod situation;
mod slot_timeline;
mod supply;
mod timetable;
mod windows;
mod work_time;

pub use diagnose::diagnose;
pub use past::{Fixed, Past};

pub(super) use clash::{clashes, fixed_clash};
pub(super) use decoder::{LATE, Lost, TimelineDecoder};
pub(super) use diagnose::{Verdict, judge};
pub(super) use feasible::is_feasible;
pub(super) use near_miss::near_miss;
pub(super) use situation::{Link, Situation, UNREACHABLE};
pub(super) use timetable::Timetable;
pub(super) use windows::{NoWindows, Windows};
pub(super) use work_time::WorkTime;
