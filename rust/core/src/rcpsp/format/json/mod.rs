//! Our own project format: names instead of numbers, readable by people.
//!
//! ```json
//! {
//!   "schedkit": "project",
//!   "schema_version": 2,
//!   "comment": "free text",
//!   "resources": [{"name": "crew", "capacity": 2, "calendars": [{"time": [8, 16], "capacity": [2, 0], "period": 24}]}],
//!   "activities": [
//!     {"name": "dig", "duration": 3, "demand": {"crew": 2}, "release_time": 8, "deadline": 40, "pausable": true},
//!     {"name": "pour", "duration": 1, "demand": {"crew": 1}, "predecessors": ["dig"], "lag": {"dig": 4}},
//!     {"name": "inspect", "duration": 1}
//!   ],
//!   "disjunctive": [["pour", "inspect"]]
//! }
//! ```
//!
//! The keys `due_date` and `weight` of an activity, `"due_date": 30, "weight": 2`, are the data of objectives that count
//! lateness.
//!
//! The key `relation` of an activity, `{"dig": "SS"}`, says which events a lag lies between. A predecessor that is named
//! several times has a list of relations, and one of lags.
//!
//! The key `max_lag`, `{"dig": 6}`, says how much may pass between the two events at most; `"lag": {"dig": null}` that nothing
//! must.
//!
//! An activity with several modes has a list of them in place of its duration and demand, and the file the stocks that they
//! consume: `"nonrenewable": [20]`, `"modes": [{"duration": 3, "demand": {"crew": 2}, "consumption": [4]}, ...]`. Rows of modes
//! are numbered as the file lists them.
//!
//! Stores have their capacities in `"storage": [20, null]`, where null is no limit, and their levels at the start in
//! `"initial": [5, 0]`. An activity takes `"taken": [2, 0]` units of each at its start and gives `"given": [0, 1]` at its end.
//!
//! An activity with `"optional": true` may be left out. The file lists groups of alternatives, of which exactly one runs, by name:
//! `"alternatives": [["lorry", "train"]]`.
//!
//! Version 1 has names, durations, demands, capacities and predecessors alone, and is what a project without other constraints
//! is written as.

mod columns;
mod locations;
mod mode;
mod objects;
mod parser;
mod read;
mod write;

pub(super) use read::{bytes_to_read, read};
pub use write::write_json;

/// Since version 6: optional activities and alternatives. Since version 5: stores. Since version 4: maximal lags, and pairs without a minimal lag. Since version 3: modes and
/// nonrenewable resources. Since version 2: calendars, lags, relations, windows, pauses, disjunctions, due dates, weights.
const SCHEMA_VERSION: u32 = 6;
