//! The arguments of a submission, which are validated here.

use crate::error::{InputError, check_each};
use crate::online::queue::{judge, judge_deadline, judge_size};

/// What a key is submitted with, beside the keys that it needs.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Request<'a> {
    /// Higher first.
    pub priority: f64,
    /// About how long the key runs. Without one it counts as endless.
    pub estimate: Option<f64>,
    /// How long the key runs, for policies that know sizes.
    pub size: Option<f64>,
    /// When the key should have ended, for policies on deadlines; infinite without one. No order but theirs looks at it.
    pub deadline: f64,
    /// When the key arrived; by default when it is submitted.
    pub arrival: Option<f64>,
    /// The rank, lower first, for [`DispatchOrder::Given`](super::DispatchOrder::Given).
    pub rank: f64,
    /// Units of each resource that the key holds while it runs; empty if it needs none.
    pub demand: &'a [i64],
}

impl Default for Request<'_> {
    fn default() -> Self {
        Self { priority: 0.0, estimate: None, size: None, deadline: f64::INFINITY, arrival: None, rank: 0.0, demand: &[] }
    }
}

impl Request<'_> {
    /// Refuses numbers out of range and demands above the capacity of the moment.
    pub(super) fn judge(&self, capacity: &[i64]) -> Result<(), InputError> {
        judge("priority", self.priority, true, "")?;
        judge_size("estimate", self.estimate)?;
        judge_size("size", self.size)?;
        judge_deadline(self.deadline)?;
        self.arrival.map_or(Ok(()), |arrival| judge("arrival", arrival, true, ""))?;
        judge("rank", self.rank, true, "")?;
        if self.demand.is_empty() {
            return Ok(());
        }
        crate::error::check_length("demand", self.demand.len(), capacity.len())?;
        check_each("demand", self.demand, "must be >= 0", |units| units >= 0)?;
        match self.demand.iter().zip(capacity).position(|(units, capacity)| units > capacity) {
            None => Ok(()),
            Some(resource) => {
                let reason = format!("exceeds the capacity, {}", capacity[resource]);
                Err(InputError::new("demand", reason).at([resource], self.demand[resource]))
            }
        }
    }
}
