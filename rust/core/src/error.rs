//! What can go wrong, as data: which field, at which index, with which value, and why.

use std::borrow::Cow;
use std::fmt;

use crate::memory::OutOfMemory;

/// The offending value, in the type the caller knows it by.
#[derive(Debug, Clone, PartialEq)]
pub enum Value {
    /// An integer.
    Int(i64),
    /// A floating-point number.
    Float(f64),
    /// Anything else, written out.
    Text(String),
}

impl fmt::Display for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Int(v) => write!(f, "{v}"),
            Self::Float(v) => write!(f, "{v:?}"),
            Self::Text(v) => f.write_str(v),
        }
    }
}

impl From<i64> for Value {
    fn from(v: i64) -> Self {
        Self::Int(v)
    }
}
impl From<usize> for Value {
    fn from(v: usize) -> Self {
        i64::try_from(v).map_or_else(|_| Self::Text(v.to_string()), Self::Int)
    }
}
impl From<f64> for Value {
    fn from(v: f64) -> Self {
        Self::Float(v)
    }
}
impl From<&str> for Value {
    fn from(v: &str) -> Self {
        Self::Text(v.to_owned())
    }
}
impl From<String> for Value {
    fn from(v: String) -> Self {
        Self::Text(v)
    }
}

/// A refused input. Displays as `processing_time[17] = -3 (job 'mill-4'): must be >= 0; 2 more`.
#[derive(Debug, Clone, PartialEq)]
pub struct InputError {
    /// The argument's name.
    pub field: Cow<'static, str>,
    /// Position of the value inside the argument; empty for the argument as a whole.
    pub index: Vec<usize>,
    /// The value itself, if one value is to blame.
    pub value: Option<Value>,
    /// The owner's name, such as `job 'mill-4'`.
    pub subject: Option<String>,
    /// What is wrong with it.
    pub reason: Cow<'static, str>,
    /// How many further values break the same rule.
    pub more: usize,
}

impl InputError {
    /// An error about a whole argument.
    pub fn new(field: impl Into<Cow<'static, str>>, reason: impl Into<Cow<'static, str>>) -> Self {
        Self { field: field.into(), index: Vec::new(), value: None, subject: None, reason: reason.into(), more: 0 }
    }

    /// Blames the value at `index`.
    #[must_use]
    pub fn at(mut self, index: impl Into<Vec<usize>>, value: impl Into<Value>) -> Self {
        self.index = index.into();
        self.value = Some(value.into());
        self
    }

    /// Blames a scalar argument's value.
    #[must_use]
    pub fn value(mut self, value: impl Into<Value>) -> Self {
        self.value = Some(value.into());
        self
    }

    /// Names the owner of the value: `kind` is "job", "task" or "activity".
    #[must_use]
    pub fn named(mut self, kind: &str, names: Option<&[String]>) -> Self {
        if let (Some(names), Some(&i)) = (names, self.index.first())
            && let Some(name) = names.get(i)
        {
            self.subject = Some(format!("{kind} '{name}'"));
        }
        self
    }

    /// Counts further values that break the same rule.
    #[must_use]
    pub fn more(mut self, more: usize) -> Self {
        self.more = more;
        self
    }
}

impl fmt::Display for InputError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.field)?;
        if !self.index.is_empty() {
            let index: Vec<String> = self.index.iter().map(ToString::to_string).collect();
            write!(f, "[{}]", index.join(", "))?;
        }
        if let Some(value) = &self.value {
            write!(f, " = {value}")?;
        }
        if let Some(subject) = &self.subject {
            write!(f, " ({subject})")?;
        }
        write!(f, ": {}", self.reason)?;
        if self.more > 0 {
            write!(f, "; {} more", self.more)?;
        }
        Ok(())
    }
}

/// Precedence that bites its own tail. `cycle` lists the nodes in order, the first one not repeated.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CycleError {
    /// The argument that holds the edges.
    pub field: Cow<'static, str>,
    /// A shortest cycle; `[i]` for a self loop.
    pub cycle: Vec<usize>,
    /// The nodes' names, in the same order, when the caller gave names.
    pub names: Option<Vec<String>>,
}

impl CycleError {
    /// Adds the names of the nodes on the cycle.
    #[must_use]
    pub fn named(mut self, names: Option<&[String]>) -> Self {
        self.names = names.map(|names| self.cycle.iter().map(|&i| names[i].clone()).collect());
        self
    }
}

impl fmt::Display for CycleError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        const SHOWN: usize = 12;
        let label = |k: usize| match &self.names {
            Some(names) => format!("{} '{}'", self.cycle[k], names[k]),
            None => self.cycle[k].to_string(),
        };
        let mut path: Vec<String> = (0..self.cycle.len().min(SHOWN)).map(label).collect();
        if self.cycle.len() > SHOWN {
            path.push(format!("... ({} more)", self.cycle.len() - SHOWN));
        }
        path.push(label(0));
        write!(f, "{}: the edges form a cycle: {}", self.field, path.join(" -> "))
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

/// The largest number that a time, or a sum of times, may reach: 2^53, so that every one is exact as a float too.
pub const TIME_LIMIT: i64 = 1 << 53;

/// Refuses lengths that differ.
///
/// # Errors
/// `actual` differs from `expected`.
pub fn check_length(field: &'static str, actual: usize, expected: usize) -> Result<(), InputError> {
    if actual == expected {
        return Ok(());
    }
    Err(InputError::new(field, format!("has length {actual}, expected {expected}")))
}

/// Refuses every value for which `ok` is false; names the first, counts the rest.
///
/// # Errors
/// At least one value is refused.
pub fn check_each<T: Copy + Into<Value>>(
    field: &'static str,
    values: &[T],
    reason: &'static str,
    ok: impl Fn(T) -> bool,
) -> Result<(), InputError> {
    let mut bad = values.iter().enumerate().filter(|&(_, &v)| !ok(v));
    match bad.next() {
        None => Ok(()),
        Some((i, &v)) => Err(InputError::new(field, reason).at([i], v).more(bad.count())),
    }
}

/// Refuses negative values and a sum beyond [`TIME_LIMIT`]; returns the sum.
///
/// # Errors
/// A negative value, or too large a sum (the index where the running sum passes the limit is named).
pub fn check_nonnegative_sum(field: &'static str, values: &[i64]) -> Result<i64, InputError> {
    check_each(field, values, "must be >= 0", |v| v >= 0)?;
    let mut sum = 0_i64;
    for (i, &v) in values.iter().enumerate() {
        sum = sum.saturating_add(v);
        if sum > TIME_LIMIT {
            return Err(InputError::new(field, "the sum up to here exceeds 2**53").at([i], v));
        }
    }
    Ok(sum)
}

/// Refuses names of another number than `expected`, and names that are not unique.
///
/// # Errors
/// A wrong length, or the first name that an earlier one equals.
pub fn check_names(field: &'static str, names: Option<&[String]>, expected: usize) -> Result<(), InputError> {
    let Some(names) = names else { return Ok(()) };
    check_length(field, names.len(), expected)?;
    let mut first = std::collections::HashMap::with_capacity(names.len());
    for (i, name) in names.iter().enumerate() {
        if let Some(earlier) = first.insert(name.as_str(), i) {
            return Err(InputError::new(field, format!("duplicate of {field}[{earlier}]")).at([i], format!("'{name}'")));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_text_names_field_index_value_owner_reason_and_count() {
        let names = vec!["saw".to_owned(), "mill-4".to_owned()];
        let e = check_each("processing_time", &[1_i64, -3, -1, -2], "must be >= 0", |v| v >= 0).unwrap_err();
        assert_eq!(e.named("job", Some(&names)).to_string(), "processing_time[1] = -3 (job 'mill-4'): must be >= 0; 2 more");
    }

    #[test]
    fn a_cycle_is_spelled_out() {
        let e = CycleError { field: "edges".into(), cycle: vec![2, 5], names: None };
        assert_eq!(e.to_string(), "edges: the edges form a cycle: 2 -> 5 -> 2");
    }

    #[test]
    fn sums_are_limited_not_wrapped() {
        assert_eq!(check_nonnegative_sum("p", &[TIME_LIMIT]).unwrap(), TIME_LIMIT);
        assert_eq!(check_nonnegative_sum("p", &[TIME_LIMIT, 1]).unwrap_err().index, [1]);
        assert_eq!(check_nonnegative_sum("p", &[i64::MAX, i64::MAX]).unwrap_err().index, [0]);
    }
}
