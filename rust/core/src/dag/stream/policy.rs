//! The options of the planner: the policy, the order of jobs, and thresholds.

use crate::error::InputError;
use crate::names::Named;

/// The moments at which plans are made, and the tasks that they cover.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PlanningPolicy {
    /// HEFT for the new job alone, into the gaps that the plans of others leave.
    PlanOnArrival,
    /// At every arrival all tasks that have not started are planned anew.
    Reschedule,
    /// Only tasks whose predecessors have ended are placed, when they become ready.
    Frontier,
    /// As plan on arrival; all is planned anew when a late task delays its job too much.
    Repair,
}

impl Named for PlanningPolicy {
    const FIELD: &'static str = "policy";

    fn all() -> impl Iterator<Item = (&'static str, Self)> + Clone {
        [
            ("plan_on_arrival", Self::PlanOnArrival),
            ("reschedule", Self::Reschedule),
            ("frontier", Self::Frontier),
            ("repair", Self::Repair),
        ]
        .into_iter()
    }
}

/// The order of jobs whose tasks are planned together. Within a job, tasks keep HEFT's order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum JobKey {
    /// Higher upward rank first.
    UpwardRank,
    /// The job with the least remaining upward rank first.
    Remaining,
    /// The job that arrived first.
    Arrival,
    /// Higher sum of upward rank and time since arrival first.
    Aged,
}

impl Named for JobKey {
    const FIELD: &'static str = "key";

    fn all() -> impl Iterator<Item = (&'static str, Self)> + Clone {
        [("upward_rank", Self::UpwardRank), ("remaining", Self::Remaining), ("arrival", Self::Arrival), ("aged", Self::Aged)]
            .into_iter()
    }
}

/// The options of a planner.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct PlannerSettings {
    /// The moments at which plans are made.
    pub policy: PlanningPolicy,
    /// The order of jobs.
    pub key: JobKey,
    /// For repair: a task is late if it ends later than planned by more than this part of its cost.
    pub delta: f64,
    /// For repair: a job is delayed too much if its predicted end is later than planned by more than this part of its rank.
    pub phi: f64,
}

impl Default for PlannerSettings {
    fn default() -> Self {
        Self { policy: PlanningPolicy::PlanOnArrival, key: JobKey::UpwardRank, delta: 0.1, phi: 0.1 }
    }
}

impl PlannerSettings {
    /// Refuses thresholds that are negative or not numbers.
    ///
    /// # Errors
    /// Names the threshold.
    pub fn check(&self) -> Result<(), InputError> {
        for (field, value) in [("delta", self.delta), ("phi", self.phi)] {
            if value.is_nan() || value < 0.0 {
                return Err(InputError::new(field, "must be >= 0").value(value));
            }
        }
        Ok(())
    }
}
