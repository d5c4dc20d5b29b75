//! One machine, jobs with due dates: `1 || sum T_j` and `1 || sum w_j T_j`.

mod augment;
mod batch;
mod dispatch;
mod evaluate;
mod exact;
mod exchange;
pub mod generate;
mod improve;
mod jobs;
mod mdd;
mod mddc;
pub mod plain;
mod rule;
mod sorted;
mod subsets;
mod table;

pub use crate::total::Total;
pub use augment::{augment, augmented_mdd, augmented_mddc};
pub use batch::{InstanceRows, run_many};
pub use dispatch::{atc, panneerselvam, wmdd};
pub use evaluate::{
    Columns, Summary, evaluate, evaluate_any, evaluate_interruptible, permutation, total_tardiness, total_weighted_tardiness,
};
pub use exact::{MEMORY, Solution, lower_bound, solve_exact};
pub use exchange::{eddc, nbr};
pub use improve::{Improved, best_start, improve};
pub use jobs::{BYTES_PER_JOB, Jobs, Weights};
pub use mdd::{mdd, psk};
pub use mddc::mddc;
pub use rule::{Rule, RuleEntry, Scratch};
pub use sorted::{edd, spt, wspt};
pub use subsets::{MOST_JOBS, Subsets, solve_subsets};
pub use table::Table;
