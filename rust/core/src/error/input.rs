//! A refused input: the field, the index, the value, and the reason.

use std::borrow::Cow;
use std::fmt;

/// The offending value, in the type the caller knows it by.
#[derive(Debug, Clone, PartialEq)]
pub enum Value {
    /// An integer.
    Int(i64),
    /// A floating-point number.
    Float(f64),
    /// A word that a user has written; messages show it in quotes.
    Word(String),
    /// Anything else, written out.
    Text(String),
}

impl fmt::Display for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Int(v) => write!(f, "{v}"),
            Self::Float(v) => write!(f, "{v:?}"),
            Self::Word(v) => write!(f, "'{}'", v.escape_debug()),
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
