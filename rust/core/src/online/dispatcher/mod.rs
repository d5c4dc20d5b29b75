//! Live dispatching: keys with predecessors and demands on several resources, one decision at a time.
//!
//! [`Dispatcher`] holds keys of any type and states the rules. [`NumberedDispatcher`] does the work for callers who keep the keys
//! themselves. Nothing here reads a clock, takes a lock or starts a thread.
//!
//! Ready keys are grouped by their demands, so that one comparison decides for all keys of equal demands
//! (`demand_groups`); the keys of a group stand in blocks that know their shortest estimate (`ready_list`).

mod bottom_levels;
mod decide;
mod demand_groups;
mod ends;
mod forecast;
mod given_ranks;
mod head_tree;
mod key_table;
mod keyed;
mod moment;
mod numbered;
mod options;
mod order_key;
mod profile;
mod queries;
mod ready_list;
mod request;
mod reservations;
mod running_set;
mod snapshot;
#[cfg(test)]
mod tests;

pub use key_table::KeyState;
pub use keyed::Dispatcher;
pub use numbered::{DispatchStats, NumberedDispatcher};
pub use options::{Backfill, CRITICAL_PATH, DispatchOrder};
pub use request::Request;
