//! When plans are made, and which job's tasks come first.

use crate::error::InputError;

/// When a plan is made, and for which tasks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Policy {
    /// HEFT for the new job alone, into the gaps that the plans of others leave.
    PlanOnArrival,
    /// At every arrival all tasks that have not started are planned anew.
    Reschedule,
    /// Only tasks whose predecessors have ended are placed, when they become ready.
    Frontier,
    /// As plan on arrival; all is planned anew when a late task delays its job too much.
    Repair,
}

impl Policy {
    /// All policies by name.
    pub const ALL: [(&'static str, Self); 4] = [
        ("plan_on_arrival", Self::PlanOnArrival),
        ("reschedule", Self::Reschedule),
        ("frontier", Self::Frontier),
        ("repair", Self::Repair),
    ];

    /// The policy of that name.
    ///
    /// # Errors
    /// An unknown name; the message lists the known ones.
    pub fn from_name(name: &str) -> Result<Self, InputError> {
        find("policy", &Self::ALL, name)
    }
}

/// Which of several jobs' tasks come first where they are planned together; within a job tasks keep HEFT's order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Key {
    /// Higher upward rank first.
    UpwardRank,
    /// The job with the least remaining upward rank first.
    Remaining,
    /// The job that arrived first.
    Arrival,
    /// Higher sum of upward rank and time since arrival first.
    Aged,
}

impl Key {
    /// All keys by name.
    pub const ALL: [(&'static str, Self); 4] =
        [("upward_rank", Self::UpwardRank), ("remaining", Self::Remaining), ("arrival", Self::Arrival), ("aged", Self::Aged)];

    /// The key of that name.
    ///
    /// # Errors
    /// An unknown name; the message lists the known ones.
    pub fn from_name(name: &str) -> Result<Self, InputError> {
        find("key", &Self::ALL, name)
    }
}

pub(super) fn find<T: Copy>(field: &'static str, all: &[(&'static str, T)], name: &str) -> Result<T, InputError> {
    let found = all.iter().find(|(known, _)| *known == name);
    found.map(|&(_, value)| value).ok_or_else(|| {
        let names: Vec<&str> = all.iter().map(|&(known, _)| known).collect();
        InputError::new(field, format!("unknown {field}, expected one of {}", names.join(", "))).value(format!("'{name}'"))
    })
}

/// How a planner works.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Settings {
    /// When plans are made.
    pub policy: Policy,
    /// Which job comes first.
    pub key: Key,
    /// For repair: a task is late if it ends later than planned by more than this part of its cost.
    pub delta: f64,
    /// For repair: a job is delayed too much if its predicted end is later than planned by more than this part of its rank.
    pub phi: f64,
}

impl Default for Settings {
    fn default() -> Self {
        Self { policy: Policy::PlanOnArrival, key: Key::UpwardRank, delta: 0.1, phi: 0.1 }
    }
}

impl Settings {
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
