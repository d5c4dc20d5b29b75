//! Shops: jobs visit machines, `J, FJ | r_j, s_jk, block, no-wait | C_max, sum w_j T_j`.
//!
//! [`Shop`] is the checked problem. [`dispatch`] makes a schedule by a rule, active or non-delay;
//! [`solve`] searches for a short one; [`simulate`] dispatches while machines stop and come back.

mod bound;
mod columns;
mod dispatch;
mod environment;
mod objective;
mod past;
mod problem;
mod prover;
mod rule;
mod search;
mod simulate;
#[cfg(test)]
mod test_shops;
mod timing;

pub use bound::lower_bound;
pub use dispatch::{Scheme, dispatch, dispatch_many};
pub use environment::{Action, Environment, FEATURES};
pub use objective::{Objective, ObjectiveEntry};
pub use past::{Fixed, FixedRow, Past};
pub use problem::{Blocking, NO_DUE_DATE, Shop, ShopData};
pub use rule::{Priority, Rule, RuleEntry};
pub use search::{Horizon, Minimum, Solution, minimise, roll, solve};
pub use simulate::{Breakdowns, Downtime, Interrupted, Simulation, simulate};

use crate::error::{InputError, TIME_LIMIT, check_each, check_length};

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
    /// A schedule made elsewhere, by machines and start times; completion is start plus duration, or the start on a machine that is
    /// none of the operation's. It is not judged.
    ///
    /// # Errors
    /// Columns of another length than operations, times beyond 2^53 in either direction.
    pub fn from_starts(shop: &Shop, machine: &[i64], start_time: Vec<i64>) -> Result<Self, InputError> {
        check_length("machine", machine.len(), shop.num_operations())?;
        check_length("start_time", start_time.len(), shop.num_operations())?;
        let within = |time: i64| (-TIME_LIMIT..=TIME_LIMIT).contains(&time);
        check_each("start_time", &start_time, "must be within 2**53 of 0", within)?;
        let known = |m: i64| (0..shop.num_machines() as i64).contains(&m);
        check_each("machine", machine, "there is no such machine", known)?;
        let machine: Vec<u32> = machine.iter().map(|&m| m as u32).collect();
        let end = |op: usize| {
            let choice = shop.choices(op).find(|choice| choice.0 == machine[op] as usize);
            start_time[op] + choice.map_or(0, |choice| choice.1)
        };
        let completion_time = (0..shop.num_operations()).map(end).collect();
        Ok(Self { machine, start_time, completion_time })
    }

    /// The largest completion time, 0 without operations.
    #[must_use]
    pub fn makespan(&self) -> i64 {
        self.completion_time.iter().max().copied().unwrap_or(0)
    }
}
