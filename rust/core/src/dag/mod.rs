//! Task graphs on heterogeneous processors, `R | prec, c_ij | C_max`: HEFT and its family.
//!
//! [`TaskGraph`] and [`Network`] are the validated problem, [`Past`] what has happened already. The list schedulers share one
//! loop: among the ready tasks the one of highest priority, ties by lower index, goes to the processor of best score, ties by
//! lower index, into the earliest gap that holds it.

mod algorithm;
mod batch;
mod board;
mod bound;
mod cooling;
mod cpop;
mod decode;
mod duplication;
mod exact;
mod frontier;
mod gaps;
mod graph;
mod heft;
mod improve;
mod list;
mod lookahead;
mod mapping;
mod moves;
mod network;
mod past;
mod rank;
mod sketch;
pub mod stream;
mod tables;
mod tie;
mod uniform;

pub use algorithm::Algorithm;
pub use batch::{execute_many, replan_many, schedule_many};
pub use bound::{lower_bound, lower_bound_until};
pub use cpop::cpop;
pub use frontier::{dls, duplex, etf, max_min, min_min, sufferage};
pub use graph::{Cost, HORIZON, MOST_ENTRIES, TaskGraph};
pub use heft::{HeftOptions, heft};
pub use improve::{Improved, improve};
pub use lookahead::lookahead_heft;
pub use mapping::{fastest, mct, met, olb, random};
pub use network::{Links, Network, PerLink};
pub use past::{Fixed, Past};
pub use rank::{
    RankCost, bottom_level, bottom_level_until, downward_rank, downward_rank_until, rank_order, upward_rank, upward_rank_until,
    weights,
};
pub use tables::{ippts, peft, ppts};
pub use tie::Tie;

/// An entry task's additional run.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Copy {
    /// The task.
    pub task: usize,
    /// Where it runs again.
    pub processor: u32,
    /// When the copy starts.
    pub start: f64,
    /// When the copy ends.
    pub end: f64,
}

/// Where and when every task runs, indexed by task.
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
