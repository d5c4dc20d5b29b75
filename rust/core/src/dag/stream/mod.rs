//! Task graphs that arrive over time: planning while older plans are under way, and a simulator that puts noise on every duration.

mod failures;
mod jobs;
mod joining;
mod plan;
mod planner;
mod policy;
mod progress;
mod simulate;
mod snapshot;

pub use jobs::{Assignment, TaskId, Template};
pub use planner::Planner;
pub use policy::{JobKey, PlannerSettings, PlanningPolicy};
pub use simulate::{Arrivals, Noise, NoiseModel, Record, StreamReport, simulate_stream};
pub use snapshot::{JobRow, Snapshot, TaskRow};
