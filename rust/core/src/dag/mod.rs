//! Task graphs on heterogeneous processors, `R | prec, c_ij | C_max`: HEFT and its family.
//!
//! [`TaskGraph`] and [`Network`] are the validated problem, [`Past`] holds the tasks that have started already. Most list schedulers share the
//! loop of `list.rs`: among the ready tasks the one of highest priority, ties by lower index, goes to the processor of best score, ties by
//! lower index, into the earliest gap that holds it. Those that choose task and processor together share the loop of `frontier.rs`.

mod baselines;
mod batch;
mod batch_mode;
mod bound;
mod by_index;
mod cooling;
mod cost_tables;
mod cpop;
mod duplication;
mod earliest_start;
mod exact;
mod frontier;
mod graph;
mod heft;
mod improve;
mod list;
mod lookahead;
mod neighbour;
mod network;
mod order_decoder;
mod partial_schedule;
mod past;
mod rank;
mod registry;
pub mod stream;
mod tie;
mod uniform;

pub use batch::{execute_many, replan_many, schedule_many};
pub use bound::{lower_bound, lower_bound_until};
pub use graph::{Cost, HORIZON, MOST_ENTRIES, TaskGraph};
pub use heft::{HeftOptions, heft};
pub use improve::{Improved, improve, start_within};
pub use network::{Links, Network, NewLinks, PerLink};
pub use past::{Fixed, FixedRow, Past};
pub use rank::{
    RankCost, bottom_level, bottom_level_until, downward_rank, downward_rank_until, heft_priorities, rank_order, upward_rank,
    upward_rank_until, weights,
};
pub use registry::{Algorithm, ListSchedulerEntry};
pub use tie::Tie;

/// An entry task's additional run.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Copy {
    /// The task.
    pub task: usize,
    /// The processor of the additional run.
    pub processor: u32,
    /// Start of the copy.
    pub start: f64,
    /// End of the copy.
    pub end: f64,
}

/// The processor and the times of every task, indexed by task.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Schedule {
    /// The processor of each task.
    pub processor: Vec<u32>,
    /// Start times.
    pub start_time: Vec<f64>,
    /// Completion times.
    pub completion_time: Vec<f64>,
    /// Largest completion time, 0 for no tasks.
    pub makespan: f64,
    /// Additional runs of entry tasks.
    pub copies: Vec<Copy>,
}
