//! Errors as data: which field, at which index, with which value, and why.

mod checks;
mod input;

use std::borrow::Cow;
use std::fmt;

use crate::memory::OutOfMemory;

pub use checks::{TIME_LIMIT, check_each, check_length, check_names, check_nonnegative_sum};
pub use input::{InputError, Value};

/// Precedence that bites its own tail. `cycle` lists the nodes in order, the first one not repeated.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CycleError {
    /// The argument that holds the edges.
    pub field: Cow<'static, str>,
    /// A shortest cycle; `[i]` for a self loop.
    pub cycle: Vec<usize>,
    /// What messages call the nodes, in the same order, when indices alone would say too little.
    pub labels: Option<Vec<String>>,
    /// Where lags make the cycle impossible: the lag from each node to the next one, in words, and by how much they are too long.
    pub lags: Option<(Vec<String>, i64)>,
    /// In a file, the line that lists the first edge of the cycle, counted from 1.
    pub line: Option<usize>,
}

impl CycleError {
    /// Adds the names of the nodes on the cycle.
    #[must_use]
    pub fn named(mut self, names: Option<&[String]>) -> Self {
        self.labels = names.map(|names| self.cycle.iter().map(|&i| format!("{i} '{}'", names[i])).collect());
        self
    }

    /// Gives the nodes the labels that the caller knows them by, such as `job 3` of a file.
    #[must_use]
    pub fn labelled(mut self, label: impl Fn(usize) -> String) -> Self {
        self.labels = Some(self.cycle.iter().map(|&i| label(i)).collect());
        self
    }
}

impl fmt::Display for CycleError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        const SHOWN: usize = 12;
        let label = |k: usize| self.labels.as_ref().map_or_else(|| self.cycle[k].to_string(), |labels| labels[k].clone());
        let lag = |k: usize| self.lags.as_ref().map_or_else(String::new, |(lags, _)| format!(" ({})", lags[k]));
        let mut path: Vec<String> = (0..self.cycle.len().min(SHOWN)).map(|k| label(k) + &lag(k)).collect();
        if self.cycle.len() > SHOWN {
            path.push(format!("... ({} more)", self.cycle.len() - SHOWN));
        }
        path.push(label(0));
        if let Some(line) = self.line {
            write!(f, "line {line}: ")?;
        }
        match &self.lags {
            None => write!(f, "{}: the edges form a cycle: {}", self.field, path.join(" -> ")),
            Some((_, excess)) => {
                let path = path.join(" -> ");
                write!(f, "{}: the lags form a positive cycle, {excess} too long: {path}", self.field)
            }
        }
    }
}

/// A file that cannot be read as what it claims to be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FormatError {
    /// Line number, counted from 1, if one line is to blame.
    pub line: Option<usize>,
    /// What is wrong.
    pub reason: String,
}

impl FormatError {
    /// An error in a given line (counted from 1).
    pub fn at(line: usize, reason: impl Into<String>) -> Self {
        Self { line: Some(line), reason: reason.into() }
    }

    /// An error of the file as a whole.
    pub fn whole(reason: impl Into<String>) -> Self {
        Self { line: None, reason: reason.into() }
    }
}

impl fmt::Display for FormatError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.line {
            Some(line) => write!(f, "line {line}: {}", self.reason),
            None => f.write_str(&self.reason),
        }
    }
}

/// Why there is no schedule, as data.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reason {
    /// What kind of reason, a stable word.
    pub code: &'static str,
    /// The activities or tasks involved.
    pub activities: Vec<usize>,
    /// The resources involved.
    pub resources: Vec<usize>,
    /// By how much it fails, in the unit of the code.
    pub amount: Option<i64>,
    /// The same in words.
    pub detail: String,
}

/// No schedule exists, or a method that makes one pass did not find one; and why.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Infeasible {
    /// At least one.
    pub reasons: Vec<Reason>,
}

impl fmt::Display for Infeasible {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        const SHOWN: usize = 5;
        let details: Vec<&str> = self.reasons.iter().take(SHOWN).map(|reason| reason.detail.as_str()).collect();
        write!(f, "no feasible schedule: {}", details.join("; "))?;
        match self.reasons.len().saturating_sub(SHOWN) {
            0 => Ok(()),
            more => write!(f, "; {more} more"),
        }
    }
}

/// Any error of this crate.
#[derive(Debug, Clone, PartialEq)]
pub enum Error {
    /// A refused input.
    Input(InputError),
    /// Cyclic precedence.
    Cycle(CycleError),
    /// An unreadable file.
    Format(FormatError),
    /// A problem without a solution.
    Infeasible(Infeasible),
    /// Memory that the system refused.
    Memory(OutOfMemory),
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Input(e) => e.fmt(f),
            Self::Cycle(e) => e.fmt(f),
            Self::Format(e) => e.fmt(f),
            Self::Infeasible(e) => e.fmt(f),
            Self::Memory(e) => e.fmt(f),
        }
    }
}

impl From<OutOfMemory> for Error {
    fn from(error: OutOfMemory) -> Self {
        Self::Memory(error)
    }
}

macro_rules! is_error {
    ($($variant:ident($type:ty)),*) => {$(
        impl std::error::Error for $type {}
        impl From<$type> for Error {
            fn from(error: $type) -> Self {
                Self::$variant(error)
            }
        }
    )*};
}
is_error!(Input(InputError), Cycle(CycleError), Format(FormatError), Infeasible(Infeasible));
impl std::error::Error for Error {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cycle_is_spelled_out() {
        let e = CycleError { field: "edges".into(), cycle: vec![2, 5], labels: None, lags: None, line: None };
        assert_eq!(e.to_string(), "edges: the edges form a cycle: 2 -> 5 -> 2");
    }
}
