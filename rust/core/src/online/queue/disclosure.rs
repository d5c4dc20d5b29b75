//! The facts that callers of the queue disclose, translated for each information model; no other facts reach the policy.

use crate::error::InputError;
use crate::online::information::{Estimate, Information, Late, Nothing, Operation, Size};

/// The facts that a caller discloses of a job.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Disclosure {
    /// The size, or that of the current operation.
    pub size: Option<f64>,
    /// The estimate.
    pub estimate: Option<f64>,
    /// How many operations went before the current one.
    pub operation: u32,
    /// The level of urgency, which only backends with levels read.
    pub level: i64,
}

/// An information model for the queue.
pub trait Disclosed: Information {
    /// The information on a job that is added with this much service.
    ///
    /// # Errors
    /// A fact that the model needs is missing.
    fn disclose(told: Disclosure, attained: f64) -> Result<Self, InputError>;

    /// The information after some facts have changed.
    #[must_use]
    fn changed(self, told: Disclosure) -> Self;

    /// The most service that the job can have had.
    fn limit(&self) -> f64 {
        f64::INFINITY
    }

    /// The number of the operation whose size is revealed, and the service that this implies.
    ///
    /// # Errors
    /// The model reveals nothing, or the size is impossible.
    fn reveals(&self, _size: f64, _attained: f64) -> Result<(u32, f64), InputError> {
        Err(InputError::new("reveal", "the policy takes none: sizes change by reprioritise"))
    }

    /// The information as three words, for snapshots.
    fn words(&self) -> [u64; 3];
    /// The inverse of [`words`](Self::words).
    fn from_words(words: [u64; 3]) -> Self;
}

fn needed(field: &'static str, value: Option<f64>) -> Result<f64, InputError> {
    value.ok_or_else(|| InputError::new(field, "the policy decides by it, and none was given"))
}

impl Disclosed for Nothing {
    fn disclose(_: Disclosure, _: f64) -> Result<Self, InputError> {
        Ok(Self)
    }
    fn changed(self, _: Disclosure) -> Self {
        self
    }
    fn words(&self) -> [u64; 3] {
        [0; 3]
    }
    fn from_words(_: [u64; 3]) -> Self {
        Self
    }
}

impl Disclosed for Size {
    #[inline]
    fn disclose(told: Disclosure, _: f64) -> Result<Self, InputError> {
        Ok(Self(needed("size", told.size)?))
    }
    fn changed(self, told: Disclosure) -> Self {
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

impl Disclosed for Estimate {
    fn disclose(told: Disclosure, _: f64) -> Result<Self, InputError> {
        Ok(Self(needed("estimate", told.estimate)?))
    }
    fn changed(self, told: Disclosure) -> Self {
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
impl Disclosed for Late {
    fn disclose(_: Disclosure, _: f64) -> Result<Self, InputError> {
        Ok(Self(f64::NAN))
    }
    fn changed(self, told: Disclosure) -> Self {
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
impl Disclosed for Operation {
    fn disclose(told: Disclosure, attained: f64) -> Result<Self, InputError> {
        Ok(Self { size: needed("size", told.size)?, number: told.operation, before: attained })
    }
    fn changed(self, told: Disclosure) -> Self {
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
