//! Feasibility checkers. They share no code with the algorithms they judge: plain columns in, violations out.

mod dag;
mod findings;
mod names;
mod online;
mod project;
mod rounding;
mod shop;
mod tardiness;

pub use dag::{DagClaim, Run, check_dag, check_dag_interruptible};
pub use findings::MOST;
pub use online::{FlowClaim, check_flow, check_flow_interruptible};
pub use project::{ProjectClaim, check_project, check_project_interruptible};
pub use shop::{ShopClaim, check_shop, check_shop_interruptible};
pub use tardiness::{Claimed, SequenceClaim, SequenceProblem, check_sequence, check_sequence_interruptible};

/// How a schedule can be wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Kind {
    /// An index that the problem does not have.
    UnknownId,
    /// Something scheduled more than once.
    Duplicate,
    /// Something not scheduled.
    Missing,
    /// None or several of a group of alternatives run.
    Alternative,
    /// Runs in a mode that it does not have, or in none.
    Mode,
    /// End minus start is not the duration.
    Duration,
    /// Moved although its past is fixed.
    Fixed,
    /// Starts before the present.
    BeforeNow,
    /// Starts before a predecessor ends.
    Precedence,
    /// Starts too soon after a predecessor ends.
    Lag,
    /// Comes too late after the event of another activity.
    MaxLag,
    /// Starts before a predecessor's data have arrived.
    Communication,
    /// Runs where it cannot.
    ForbiddenProcessor,
    /// More in use than there is.
    Capacity,
    /// More of a nonrenewable resource is consumed than there is.
    Stock,
    /// A store is emptier than empty or fuller than full.
    Storage,
    /// Runs while a calendar denies it a resource.
    Downtime,
    /// Starts before its release.
    Release,
    /// Completes after its deadline.
    Deadline,
    /// Interrupted where that is not allowed, or under way together with another of its group.
    Disjunctive,
    /// One machine does more than it can.
    MachineOverlap,
    /// The stored objective is not the schedule's.
    Objective,
}

impl Kind {
    /// The word that results carry.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::UnknownId => "unknown_id",
            Self::Duplicate => "duplicate",
            Self::Missing => "missing",
            Self::Alternative => "alternative",
            Self::Mode => "mode",
            Self::Duration => "duration",
            Self::Fixed => "fixed",
            Self::BeforeNow => "before_now",
            Self::Precedence => "precedence",
            Self::Lag => "lag",
            Self::MaxLag => "max_lag",
            Self::Communication => "communication",
            Self::ForbiddenProcessor => "forbidden_processor",
            Self::Capacity => "capacity",
            Self::Stock => "stock",
            Self::Storage => "storage",
            Self::Downtime => "downtime",
            Self::Release => "release",
            Self::Deadline => "deadline",
            Self::Disjunctive => "disjunctive",
            Self::MachineOverlap => "machine_overlap",
            Self::Objective => "objective",
        }
    }
}

/// One way in which a schedule is wrong.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Violation {
    /// What rule is broken.
    pub kind: Kind,
    /// Whom it concerns; what the numbers mean depends on the kind (see each checker). Empty in the last entry of a kind that has more
    /// than [`MOST`] violations, whose detail counts the others.
    pub subject: Vec<i64>,
    /// In words.
    pub detail: String,
}
