//! Relations: which event of an activity waits for which event of its predecessor.

use super::column::{Constraint, constraint};
use crate::error::InputError;

/// The two events that a precedence pair `(i, j)` with a lag binds: `event of j >= event of i + lag`.
///
/// ```
/// use schedkit_core::rcpsp::Relation;
/// assert_eq!(Relation::from_name("SS"), Some(Relation::StartStart));
/// assert_eq!(Relation::default().name(), "FS");
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub enum Relation {
    /// FS: `j` starts after `i` has completed.
    #[default]
    FinishStart,
    /// SS: `j` starts after `i` has started.
    StartStart,
    /// FF: `j` completes after `i` has completed.
    FinishFinish,
    /// SF: `j` completes after `i` has started.
    StartFinish,
}

impl Relation {
    /// All of them, as they are listed in messages.
    pub const ALL: [Self; 4] = [Self::FinishStart, Self::StartStart, Self::FinishFinish, Self::StartFinish];

    /// The two letters that planners write.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::FinishStart => "FS",
            Self::StartStart => "SS",
            Self::FinishFinish => "FF",
            Self::StartFinish => "SF",
        }
    }

    /// The relation of that name.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|relation| relation.name() == name)
    }

    /// Whether the event of the predecessor is its completion.
    #[must_use]
    pub fn from_finish(self) -> bool {
        matches!(self, Self::FinishStart | Self::FinishFinish)
    }

    /// Whether the event of the successor is its completion.
    #[must_use]
    pub fn to_finish(self) -> bool {
        matches!(self, Self::FinishFinish | Self::StartFinish)
    }

    /// The relation as it is seen when time runs backward: starts are completions and successors are predecessors.
    #[must_use]
    pub(in crate::rcpsp) fn mirrored(self) -> Self {
        match self {
            Self::StartStart => Self::FinishFinish,
            Self::FinishFinish => Self::StartStart,
            other => other,
        }
    }
}

/// Relations from their names; errors name the column `field`.
///
/// # Errors
/// A name that is none of the four.
pub fn relations_from_names(field: &'static str, names: &[String]) -> Result<Vec<Relation>, InputError> {
    let mut unknown = names.iter().enumerate().filter(|(_, name)| Relation::from_name(name).is_none());
    if let Some((k, name)) = unknown.next() {
        let reason = "unknown, expected 'FS', 'SS', 'FF' or 'SF'";
        return Err(InputError::new(field, reason).at([k], format!("'{name}'")).more(unknown.count()));
    }
    Ok(names.iter().filter_map(|name| Relation::from_name(name)).collect())
}

/// Every relation is valid.
pub const RELATION: Constraint = constraint!(relation: Relations(), |_| Ok(()));
