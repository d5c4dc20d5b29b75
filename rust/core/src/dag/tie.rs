//! The rule for processors of equal score.

use crate::names::Named;

/// The rule by which a list scheduler chooses among processors of equal score.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Tie {
    /// The processor of lower index, even if the task ends later there.
    #[default]
    Index,
    /// The processor where the task ends first, then the one of lower index.
    Finish,
}

impl Named for Tie {
    const FIELD: &'static str = "tie";
    const NOUN: &'static str = "rule for ties";

    fn all() -> impl Iterator<Item = (&'static str, Self)> + Clone {
        [("index", Self::Index), ("finish", Self::Finish)].into_iter()
    }
}

impl Tie {
    /// Whether a processor with this score and finish is preferred to the best one so far, which has a lower index.
    #[inline(always)]
    pub(crate) fn prefers(self, score: f64, finish: f64, best: (f64, f64)) -> bool {
        score < best.0 || (self == Self::Finish && score == best.0 && finish < best.1)
    }
}
