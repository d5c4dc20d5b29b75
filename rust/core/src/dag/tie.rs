//! Which of several processors of equal score gets a task.

use crate::error::InputError;

use super::algorithm::Algorithm;

/// How a list scheduler chooses among processors of equal score.
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

    /// The algorithms whose score is not the finish alone, so that processors of equal score may end a task at different times.
    pub const MATTERS: [Algorithm; 8] = [
        Algorithm::Peft,
        Algorithm::Ppts,
        Algorithm::Ippts,
        Algorithm::LookaheadHeft,
        Algorithm::Etf,
        Algorithm::Dls,
        Algorithm::Met,
        Algorithm::Olb,
    ];

    /// The rule of that name.
    ///
    /// # Errors
    /// An unknown name; the message lists the known ones.
    pub fn from_name(name: &str) -> Result<Self, InputError> {
        let found = Self::ALL.iter().find(|(known, _)| *known == name);
        found.map(|&(_, tie)| tie).ok_or_else(|| {
            let names = Self::ALL.map(|(known, _)| known).join(", ");
            InputError::new("tie", format!("unknown rule for ties, expected one of {names}")).value(format!("'{name}'"))
        })
    }

    /// Refuses a rule that the algorithm would ignore.
    ///
    /// # Errors
    /// Anything but [`Tie::Index`] for an algorithm outside [`Tie::MATTERS`].
    pub fn check(self, algorithm: Algorithm) -> Result<(), InputError> {
        if self == Self::Index || Self::MATTERS.contains(&algorithm) {
            return Ok(());
        }
        let takes = Self::MATTERS.map(Algorithm::name).join(", ");
        Err(InputError::new("tie", format!("is not an option of {}, only of {takes}", algorithm.name())).value("'finish'"))
    }

    /// Whether a processor with this score and finish is preferred to the best one so far, which has a lower index.
    #[inline(always)]
    pub(crate) fn prefers(self, score: f64, finish: f64, best: (f64, f64)) -> bool {
        score < best.0 || (self == Self::Finish && score == best.0 && finish < best.1)
    }
}
