//! The rule for processors of equal score.

use crate::error::InputError;
use crate::names::lookup;

/// The rule by which a list scheduler chooses among processors of equal score.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Tie {
    /// The processor of lower index, even if the task ends later there.
    #[default]
    Index,
    /// The processor where the task ends first, then the one of lower index.
    Finish,
}

impl Tie {
    /// All rules by name.
    pub const ALL: [(&'static str, Self); 2] = [("index", Self::Index), ("finish", Self::Finish)];

    /// The rule of that name.
    ///
    /// # Errors
    /// An unknown name; the message lists the known ones.
    pub fn from_name(name: &str) -> Result<Self, InputError> {
        lookup("tie", "rule for ties", Self::ALL, name)
    }

    /// Whether a processor with this score and finish is preferred to the best one so far, which has a lower index.
    #[inline(always)]
    pub(crate) fn prefers(self, score: f64, finish: f64, best: (f64, f64)) -> bool {
        score < best.0 || (self == Self::Finish && score == best.0 && finish < best.1)
    }
}
