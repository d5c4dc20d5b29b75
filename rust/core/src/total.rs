//! The value of an objective, in the type that its data have.

/// A value of an objective: a sum of weighted tardiness, in the type of the weights, for instance.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Total {
    /// Of no weights, or of integers.
    Integer(i64),
    /// Of floats, added up in order of jobs or activities.
    Float(f64),
}

impl Total {
    /// The value as a float, rounded if it is beyond 2^53.
    #[must_use]
    pub fn as_f64(self) -> f64 {
        match self {
            Self::Integer(total) => total as f64,
            Self::Float(total) => total,
        }
    }
}

impl From<i64> for Total {
    fn from(total: i64) -> Self {
        Self::Integer(total)
    }
}

impl From<f64> for Total {
    fn from(total: f64) -> Self {
        Self::Float(total)
    }
}

impl std::fmt::Display for Total {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Integer(total) => total.fmt(f),
            Self::Float(total) => total.fmt(f),
        }
    }
}
