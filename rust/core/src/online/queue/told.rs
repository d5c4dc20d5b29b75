//! What callers of the queue tell, in the terms of each information model: nothing else reaches the policy.

use crate::error::InputError;
use crate::online::information::{Estimate, Information, Late, Nothing, Operation, Size};

/// What a caller tells of a job.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Told {
    /// The size, or that of the current operation.
    pub size: Option<f64>,
    /// The estimate.
    pub estimate: Option<f64>,
    /// How many operations went before the current one.
    pub operation: u32,
}

/// An information model that can be told.
pub trait Tellable: Information {
    /// What is known of a job that arrives with this much service.
    ///
    /// # Errors
    /// Something that the model needs was not told.
    fn told(told: Told, attained: f64) -> Result<Self, InputError>;

    /// What is known after a change of mind.
    #[must_use]
    fn changed(self, told: Told) -> Self;

    /// The most service that the job can have had.
    fn limit(&self) -> f64 {
        f64::INFINITY
    }

    /// What is known when something is revealed, and the service that this implies.
    ///
    /// # Errors
    /// The model reveals nothing, or what was revealed cannot be.
    fn reveals(&self, _size: f64, _attained: f64) -> Result<(u32, f64), InputError> {
        Err(InputError::new("reveal", "the policy takes none: sizes change by reprioritise"))
    }

    /// As three words, and back.
    fn words(&self) -> [u64; 3];
    /// The inverse of [`words`](Self::words).
    fn from_words(words: [u64; 3]) -> Self;
}

fn needed(field: &'static str, value: Option<f64>) -> Result<f64, InputError> {
    value.ok_or_else(|| InputError::new(field, "the policy decides by it, and none was given"))
}

impl Tellable for Nothing {
    fn told(_: Told, _: f64) -> Result<Self, InputError> {
        Ok(Self)
    }
    fn changed(self, _: Told) -> Self {
        self
    }
    fn words(&self) -> [u64; 3] {
        [0; 3]
    }
    fn from_words(_: [u64; 3]) -> Self {
        Self
    }
}

impl Tellable for Size {
    #[inline]
    fn told(told: Told, _: f64) -> Result<Self, InputError> {
        Ok(Self(needed("size", told.size)?))
    }
    fn changed(self, told: Told) -> Self {
        Self(told.size.unwrap_or(self.0))
    }
    fn limit(&self) -> f64 {
        self.0
    }
    fn words(&self) -> [u64; 3] {
        [self.0.to_bits(), 0, 0]
    }
    fn from_words(words: [u64; 3]) -> Self {
        Self(f64::from_bits(words[0]))
    }
}

impl Tellable for Estimate {
    fn told(told: Told, _: f64) -> Result<Self, InputError> {
        Ok(Self(needed("estimate", told.estimate)?))
    }
    fn changed(self, told: Told) -> Self {
        Self(told.estimate.unwrap_or(self.0))
    }
    fn words(&self) -> [u64; 3] {
        [self.0.to_bits(), 0, 0]
    }
    fn from_words(words: [u64; 3]) -> Self {
        Self(f64::from_bits(words[0]))
    }
}

/// The size is for `reveal`; one that is told before does not reach the policy.
impl Tellable for Late {
    fn told(_: Told, _: f64) -> Result<Self, InputError> {
        Ok(Self(f64::NAN))
    }
    fn changed(self, told: Told) -> Self {
        if self.0.is_nan() { self } else { Self(told.size.unwrap_or(self.0)) }
    }
    fn limit(&self) -> f64 {
        if self.0.is_nan() { f64::INFINITY } else { self.0 }
    }
    fn reveals(&self, size: f64, attained: f64) -> Result<(u32, f64), InputError> {
        if size < attained {
            return Err(InputError::new("size", format!("below the service of {attained:?} so far")).value(size));
        }
        Ok((0, attained))
    }
    fn words(&self) -> [u64; 3] {
        [self.0.to_bits(), 0, 0]
    }
    fn from_words(words: [u64; 3]) -> Self {
        Self(f64::from_bits(words[0]))
    }
}

/// The current operation; revealing the next one says that it is over.
impl Tellable for Operation {
    fn told(told: Told, attained: f64) -> Result<Self, InputError> {
        Ok(Self { size: needed("size", told.size)?, number: told.operation, before: attained })
    }
    fn changed(self, told: Told) -> Self {
        Self { size: told.size.unwrap_or(self.size), ..self }
    }
    fn limit(&self) -> f64 {
        self.before + self.size
    }
    fn reveals(&self, _: f64, _: f64) -> Result<(u32, f64), InputError> {
        Ok((self.number.saturating_add(1), self.before + self.size))
    }
    fn words(&self) -> [u64; 3] {
        [self.size.to_bits(), u64::from(self.number), self.before.to_bits()]
    }
    fn from_words(words: [u64; 3]) -> Self {
        Self { size: f64::from_bits(words[0]), number: words[1] as u32, before: f64::from_bits(words[2]) }
    }
}
