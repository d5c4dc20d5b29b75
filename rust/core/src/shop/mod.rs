//! Shops: jobs visit machines, `J, FJ | r_j, s_jk, block, no-wait | C_max, sum w_j T_j`.
//!
//! [`Shop`] is the checked problem. [`dispatch`] makes a schedule by a rule, active or non-delay.

mod columns;
mod dispatch;
mod objective;
mod past;
mod problem;
mod rule;
#[cfg(test)]
mod test_shops;
mod timing;

pub use dispatch::{Scheme, dispatch};
pub use objective::{Objective, ObjectiveEntry};
pub use past::{Fixed, FixedRow, Past};
pub use problem::{Blocking, NO_DUE_DATE, Shop, ShopData};
pub use rule::{Priority, Rule, RuleEntry};

/// The machine and the times of every operation.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Schedule {
    /// The machine of each operation.
    pub machine: Vec<u32>,
    /// Start times.
    pub start_time: Vec<i64>,
    /// Completion times.
    pub completion_time: Vec<i64>,
}

impl Schedule {
    /// The largest completion time, 0 without operations.
    #[must_use]
    pub fn makespan(&self) -> i64 {
        self.completion_time.iter().max().copied().unwrap_or(0)
    }
}
