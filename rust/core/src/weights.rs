//! Weights of activities or jobs: none, integers or floats.

/// What a late tick of each activity or job costs.
#[derive(Debug, Clone, PartialEq, Default)]
pub enum Weights {
    /// One, for every one.
    #[default]
    Unit,
    /// Integers; sums are exact.
    Integers(Vec<i64>),
    /// Floats; sums are taken in order of indices.
    Floats(Vec<f64>),
}

impl Eq for Weights {} // NaN is refused

impl Weights {
    /// How many there are.
    #[must_use]
    pub fn len(&self) -> usize {
        match self {
            Self::Unit => 0,
            Self::Integers(weights) => weights.len(),
            Self::Floats(weights) => weights.len(),
        }
    }

    /// Whether none were given, so that every one counts once.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// One weight as a float.
    #[must_use]
    pub fn get(&self, index: usize) -> f64 {
        match self {
            Self::Unit => 1.0,
            Self::Integers(weights) => weights[index] as f64,
            Self::Floats(weights) => weights[index],
        }
    }
}
