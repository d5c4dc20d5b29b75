//! Information models. They are enforced by construction: a policy is handed [`Facts`] of its own [`Information`] and
//! nothing else.

use super::Jobs;

/// The facts of a job that every policy sees, and those that its information model adds.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Facts<I> {
    /// The job's index: the last resort of every tie rule.
    pub index: u32,
    /// How many jobs arrived before.
    pub number: u32,
    /// When it arrived.
    pub release_time: f64,
    /// Its weight, 1 unless given.
    pub weight: f64,
    /// Its deadline, infinite unless given.
    pub deadline: f64,
    /// The facts that the model adds: nothing, the size, an estimate, or the current operation.
    pub revealed: I,
}

/// An information model: a policy gets data of jobs only through it.
pub trait Information: Copy {
    /// The name that users give to the model.
    const NAME: &'static str;
    /// Whether sizes are revealed operation by operation.
    const GRADUAL: bool = false;

    /// The facts at the arrival of `job`; `operation` is its first operation that takes time.
    fn at_arrival(jobs: &Jobs, job: usize, operation: usize) -> Self;

    /// The facts after a `size` is revealed later, after service `attained` (in gradual models: of operation `number`).
    #[must_use]
    fn later(self, _size: f64, _number: u32, _attained: f64) -> Self {
        self
    }

    /// The revealed number, for policies written outside.
    fn value(&self) -> f64;
}

/// Nothing: sizes are known when jobs have completed.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Nothing;

/// The exact total size.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Size(pub f64);

/// An estimate of the total size.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Estimate(pub f64);

/// An estimate of the total size, or else the size itself. NaN stands for what is not known.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Prediction {
    /// The estimate.
    pub estimate: f64,
    /// The size.
    pub size: f64,
}

/// The size of the current operation; neither later sizes nor whether there are any.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Operation {
    /// Its size.
    pub size: f64,
    /// How many operations of the job went before it.
    pub number: u32,
    /// The service that went into those.
    pub before: f64,
}

/// The exact total size, but only when little of it remains; NaN until then.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Late(pub f64);

impl Information for Nothing {
    const NAME: &'static str = "nothing";

    fn at_arrival(_: &Jobs, _: usize, _: usize) -> Self {
        Self
    }
    fn value(&self) -> f64 {
        f64::NAN
    }
}

impl Information for Size {
    const NAME: &'static str = "size";

    #[inline]
    fn at_arrival(jobs: &Jobs, job: usize, _: usize) -> Self {
        Self(jobs.processing_time()[job])
    }
    fn value(&self) -> f64 {
        self.0
    }
}

impl Information for Estimate {
    const NAME: &'static str = "estimate";

    /// Without estimates nothing is revealed; the simulator refuses such jobs before it starts.
    #[inline]
    fn at_arrival(jobs: &Jobs, job: usize, _: usize) -> Self {
        Self(jobs.data().estimate.as_ref().map_or(f64::NAN, |estimate| estimate[job]))
    }
    fn value(&self) -> f64 {
        self.0
    }
}

impl Information for Prediction {
    const NAME: &'static str = "prediction";

    #[inline]
    fn at_arrival(jobs: &Jobs, job: usize, _: usize) -> Self {
        let estimate = jobs.data().estimate.as_ref().map_or(f64::NAN, |estimate| estimate[job]);
        Self { estimate, size: jobs.processing_time()[job] }
    }
    fn value(&self) -> f64 {
        if self.estimate.is_nan() { self.size } else { self.estimate }
    }
}

impl Information for Late {
    const NAME: &'static str = "late";

    fn at_arrival(_: &Jobs, _: usize, _: usize) -> Self {
        Self(f64::NAN)
    }
    fn later(self, size: f64, _: u32, _: f64) -> Self {
        Self(size)
    }
    fn value(&self) -> f64 {
        self.0
    }
}

impl Information for Operation {
    const NAME: &'static str = "operation";
    const GRADUAL: bool = true;

    #[inline]
    fn at_arrival(jobs: &Jobs, job: usize, operation: usize) -> Self {
        Self { size: jobs.operations(job)[operation], number: operation as u32, before: 0.0 }
    }
    #[inline]
    fn later(self, size: f64, number: u32, attained: f64) -> Self {
        Self { size, number, before: attained }
    }
    fn value(&self) -> f64 {
        self.size
    }
}
