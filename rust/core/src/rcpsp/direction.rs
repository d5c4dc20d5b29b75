//! Scheduling from the start of a project or from its end.

use super::Project;
use super::critical_path::time_analysis;
use crate::graph::{Dag, Rows};

/// In which direction time runs: backward, a project is scheduled from its end, successors first.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Direction {
    /// From the start.
    Forward,
    /// From the end.
    Backward,
}

impl Direction {
    /// Who must complete before, in this direction of time.
    #[must_use]
    pub fn predecessors(self, graph: &Dag) -> &Rows {
        match self {
            Self::Forward => graph.predecessors(),
            Self::Backward => graph.successors(),
        }
    }

    /// Who may start only after, in this direction of time.
    #[must_use]
    pub fn successors(self, graph: &Dag) -> &Rows {
        match self {
            Self::Forward => graph.successors(),
            Self::Backward => graph.predecessors(),
        }
    }

    /// The other direction.
    #[must_use]
    pub fn opposite(self) -> Self {
        match self {
            Self::Forward => Self::Backward,
            Self::Backward => Self::Forward,
        }
    }

    /// For each activity the time that must pass after its completion, in this direction: the longest path behind it.
    pub(super) fn tails(self, project: &Project) -> Vec<i64> {
        let c = time_analysis(project);
        match self {
            Self::Forward => c.latest_finish.iter().map(|finish| c.length - finish).collect(),
            Self::Backward => c.earliest_start,
        }
    }
}
