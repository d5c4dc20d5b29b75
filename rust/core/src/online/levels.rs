//! Policies that move jobs from queue to queue as they are served: round robin and multi-level feedback.
//!
//! They know nothing of sizes. Inside a level the job that joined it first runs first; a job that is displaced keeps its place.

use super::Jobs;
use super::declaration::{Declared, Parameter, ParameterKind, ParameterValues};
use super::discipline::Rank;
use super::information::{Facts, Nothing};
use crate::error::InputError;
use crate::random::Random;

/// `quantum` times 2^exponent; a tiny quantum can be doubled more often than 1 can.
#[inline]
fn doubled(quantum: f64, exponent: u32) -> f64 {
    let power = |exponent: u32| f64::from_bits(u64::from(1023 + exponent) << 52);
    match exponent {
        ..1024 => quantum * power(exponent),
        1024..2047 => quantum * power(1023) * power(exponent - 1023),
        _ => f64::INFINITY,
    }
}

/// Round robin: the first in line runs for one quantum, then joins the end of the line, behind jobs that arrive at that moment.
///
/// 2-competitive for the total completion time if all jobs are there from the start and the quantum is small.
#[derive(Debug, Clone, Copy)]
pub struct RoundRobin {
    /// Service in one turn, > 0.
    pub quantum: f64,
}

/// Most turns that one job may take in round robin.
const MOST_TURNS: f64 = (1_u64 << 31) as f64;

impl Declared for RoundRobin {
    const NAME: &'static str = "rr";
    const PARAMETERS: &'static [Parameter] = &[Parameter::positive("quantum", 1.0, "Service in one turn, > 0.")];

    fn from_parameters(values: ParameterValues<'_>) -> Result<Self, InputError> {
        Ok(Self { quantum: values.number("quantum") })
    }

    fn check_jobs(&self, jobs: &Jobs) -> Result<(), InputError> {
        let largest = jobs.processing_time().iter().fold(0.0, |a: f64, &b| a.max(b));
        if largest / self.quantum < MOST_TURNS {
            return Ok(());
        }
        Err(InputError::new("quantum", "too small: a job would take more than 2**31 turns").value(self.quantum))
    }
}

impl Rank for RoundRobin {
    type Info = Nothing;

    #[inline]
    fn rank(&self, _: &Facts<Nothing>, _: f64, _: u32) -> f64 {
        0.0
    }

    /// The last turn that can be counted has no end.
    #[inline]
    fn phase_end(&self, _: &Facts<Nothing>, _: f64, phase: u32) -> f64 {
        if phase == u32::MAX { f64::INFINITY } else { (f64::from(phase) + 1.0) * self.quantum }
    }

    /// Counts turns by division, because there may be very many.
    fn phase_at(&self, facts: &Facts<Nothing>, attained: f64, phase: u32) -> u32 {
        let mut turn = ((attained / self.quantum) as u32).saturating_sub(1).max(phase);
        while turn < u32::MAX && self.phase_end(facts, attained, turn) <= attained {
            turn += 1;
        }
        turn
    }

    #[inline]
    fn tie(&self, _: &Facts<Nothing>, joined: u64) -> u64 {
        joined
    }
}

/// Multi-level feedback: a job gets `quantum * 2^i` on level i, then moves to the end of level i + 1; the lowest level runs
/// first.
///
/// Corbato, Merwin-Daggett, Daley (1962).
#[derive(Debug, Clone, Copy)]
pub struct Feedback {
    /// Service on level 0, > 0.
    pub quantum: f64,
}

impl Declared for Feedback {
    const NAME: &'static str = "mlf";
    const PARAMETERS: &'static [Parameter] = &[Parameter::positive("quantum", 1.0, "Service on level 0, > 0.")];

    fn from_parameters(values: ParameterValues<'_>) -> Result<Self, InputError> {
        Ok(Self { quantum: values.number("quantum") })
    }
}

impl Rank for Feedback {
    type Info = Nothing;

    #[inline]
    fn rank(&self, _: &Facts<Nothing>, _: f64, phase: u32) -> f64 {
        f64::from(phase)
    }

    #[inline]
    fn phase_end(&self, _: &Facts<Nothing>, _: f64, phase: u32) -> f64 {
        doubled(self.quantum, phase + 1) - self.quantum
    }

    #[inline]
    fn tie(&self, _: &Facts<Nothing>, joined: u64) -> u64 {
        joined
    }
}

/// Randomised multi-level feedback: a job leaves level i with service `quantum * 2^i * max(1, 2 - beta)`, where beta is
/// exponential with rate `gamma ln j` for the j-th job to arrive. Theta(log n)-competitive in expectation, the best without
/// knowing sizes.
///
/// Kalyanasundaram, Pruhs (2003); Becchetti, Leonardi (2004).
#[derive(Debug, Clone, Copy)]
pub struct RandomFeedback {
    /// Smallest size that matters, > 0.
    pub quantum: f64,
    /// Rate of beta, > 0; the analysis takes about 12.
    pub gamma: f64,
    /// Chooses the betas.
    pub seed: u64,
}

impl Declared for RandomFeedback {
    const NAME: &'static str = "rmlf";
    const PARAMETERS: &'static [Parameter] = &[
        Parameter::positive("quantum", 1.0, "The smallest size that matters, > 0."),
        Parameter::positive("gamma", 12.0, "Rate of beta, > 0; the analysis takes about 12."),
        Parameter::other("seed", ParameterKind::Seed { default: 0 }, "Chooses the betas."),
    ];

    fn from_parameters(values: ParameterValues<'_>) -> Result<Self, InputError> {
        Ok(Self { quantum: values.number("quantum"), gamma: values.number("gamma"), seed: values.seed("seed") })
    }
}

impl RandomFeedback {
    /// `max(1, 2 - beta)` of the job that arrived as number `number`, counted from 0.
    fn stretch(&self, number: u32) -> f64 {
        let uniform = 1.0 - Random::new(self.seed ^ u64::from(number).wrapping_mul(0x9e37_79b9_7f4a_7c15)).unit();
        let beta = -libm::log(uniform) / (self.gamma * libm::log(f64::from(number) + 1.0));
        if beta.is_nan() { 1.0 } else { (2.0 - beta).max(1.0) } // the first job's rate is 0: its beta is infinite
    }
}

impl Rank for RandomFeedback {
    type Info = Nothing;

    #[inline]
    fn rank(&self, _: &Facts<Nothing>, _: f64, phase: u32) -> f64 {
        f64::from(phase)
    }

    #[inline]
    fn phase_end(&self, facts: &Facts<Nothing>, _: f64, phase: u32) -> f64 {
        doubled(self.quantum, phase) * self.stretch(facts.number)
    }

    #[inline]
    fn tie(&self, _: &Facts<Nothing>, joined: u64) -> u64 {
        joined
    }
}
