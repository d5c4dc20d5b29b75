//! The charge for each unit of work that is counted on a [`Pulse`](crate::control::Pulse) or a [`Watch`](crate::control::Watch).
//!
//! The numbers are elementary steps of some 10 ns. They decide how soon a computation notices that it should stop, about a millisecond
//! of work, and never what it answers. Reading one number of a column, or passing over one edge, is one step and is not listed.

/// Reading a node of a graph, or an entry with its two or three numbers, edges not counted.
pub const NODE: u64 = 2;
/// Comparing two entries of different rows, such as both ends of an edge.
pub const PAIR: u64 = 4;
/// Placing an activity among others by the serial scheme of plain projects.
pub const PLACEMENT: u64 = 5;
/// Sorting an entry among some thousand others.
pub const SORTED: u64 = 8;
/// Handling an event of a simulation: a heap, and a few numbers.
pub const EVENT: u64 = 8;
/// Merging an entry of two sorted runs.
pub const MERGED: u64 = 2;
/// Checking an activity with its calendars, or a stretch of service.
pub const CHECKED: u64 = 16;
/// Handling what needs a dozen scores or a search: a step of a composite rule, an event that asks a planner, a task that is drawn.
pub const DECISION: u64 = 64;
