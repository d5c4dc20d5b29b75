//! Random streams of jobs, the same on every machine.

use crate::error::{InputError, Value};
use crate::random::Random;

/// A distribution of sizes or times between arrivals.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Distribution {
    /// A constant.
    Deterministic {
        /// The value.
        value: f64,
    },
    /// Exponential.
    Exponential {
        /// Its mean.
        mean: f64,
    },
    /// Pareto: `P[S > x] = (minimum / x)^shape`.
    Pareto {
        /// Tail exponent, > 0.
        shape: f64,
        /// Smallest value.
        minimum: f64,
    },
    /// One of two values.
    Bimodal {
        /// One value.
        small: f64,
        /// The other.
        large: f64,
        /// Probability of the other.
        probability: f64,
    },
    /// `exp(mu + sigma N)` with N standard normal.
    LogNormal {
        /// Mean of the logarithm.
        mu: f64,
        /// Standard deviation of the logarithm.
        sigma: f64,
    },
    /// Uniform.
    Uniform {
        /// Smallest value.
        low: f64,
        /// Largest value.
        high: f64,
    },
}

impl Distribution {
    /// The distribution of that name, with its parameters in the order of its fields.
    ///
    /// # Errors
    /// An unknown name, a wrong number of parameters, a parameter out of range.
    pub fn new(name: &str, parameters: &[f64]) -> Result<Self, InputError> {
        let distribution = match (name, parameters) {
            ("deterministic", &[value]) => Self::Deterministic { value },
            ("exponential", &[mean]) => Self::Exponential { mean },
            ("pareto", &[shape, minimum]) => Self::Pareto { shape, minimum },
            ("bimodal", &[small, large, probability]) => Self::Bimodal { small, large, probability },
            ("lognormal", &[mu, sigma]) => Self::LogNormal { mu, sigma },
            ("uniform", &[low, high]) => Self::Uniform { low, high },
            _ => {
                let reason = "expected deterministic (value), exponential (mean), pareto (shape, minimum), bimodal (small, large, \
                              probability), lognormal (mu, sigma) or uniform (low, high)";
                return Err(InputError::new("distribution", reason).value(Value::Word(name.to_owned())));
            }
        };
        distribution.check()?;
        Ok(distribution)
    }

    /// Refuses parameters that define no distribution of positive numbers.
    ///
    /// # Errors
    /// A parameter out of range.
    pub fn check(&self) -> Result<(), InputError> {
        let positive = |field: &'static str, value: f64| {
            if value > 0.0 && value.is_finite() {
                Ok(())
            } else {
                Err(InputError::new(field, "must be positive and finite").value(value))
            }
        };
        match *self {
            Self::Deterministic { value } => positive("value", value),
            Self::Exponential { mean } => positive("mean", mean),
            Self::Pareto { shape, minimum } => positive("shape", shape).and_then(|()| positive("minimum", minimum)),
            Self::Bimodal { small, large, probability } => {
                positive("small", small)?;
                positive("large", large)?;
                let ok = (0.0..=1.0).contains(&probability);
                if ok { Ok(()) } else { Err(InputError::new("probability", "must be between 0 and 1").value(probability)) }
            }
            Self::LogNormal { mu, sigma } => {
                if !mu.is_finite() {
                    return Err(InputError::new("mu", "must be finite").value(mu));
                }
                positive("sigma", sigma)
            }
            Self::Uniform { low, high } => {
                if low.is_nan() || low < 0.0 {
                    return Err(InputError::new("low", "must be >= 0").value(low));
                }
                positive("high", high)?;
                if low <= high { Ok(()) } else { Err(InputError::new("low", "must be at most high").value(low)) }
            }
        }
    }

    /// One draw.
    pub fn sample(&self, random: &mut Random) -> f64 {
        match *self {
            Self::Deterministic { value } => value,
            Self::Exponential { mean } => mean * exponential(random),
            Self::Pareto { shape, minimum } => minimum * libm::exp(exponential(random) / shape),
            Self::Bimodal { small, large, probability } => {
                if random.unit() < probability {
                    large
                } else {
                    small
                }
            }
            Self::LogNormal { mu, sigma } => libm::exp(mu + sigma * normal(random)),
            Self::Uniform { low, high } => low + (high - low) * random.unit(),
        }
    }

    /// `n` independent draws.
    #[must_use]
    pub fn samples(&self, n: usize, seed: u64) -> Vec<f64> {
        let mut random = Random::new(seed);
        (0..n).map(|_| self.sample(&mut random)).collect()
    }
}

/// Exponential with mean 1.
fn exponential(random: &mut Random) -> f64 {
    -libm::log(1.0 - random.unit())
}

/// Standard normal (Box, Muller 1958); the second of each pair is thrown away, so that draws do not depend on history.
fn normal(random: &mut Random) -> f64 {
    let radius = (2.0 * exponential(random)).sqrt();
    radius * libm::cos(std::f64::consts::TAU * random.unit())
}

/// A Poisson process of this rate: `n` arrivals.
#[must_use]
pub fn poisson_arrivals(n: usize, rate: f64, seed: u64) -> Vec<f64> {
    let mut random = Random::new(seed);
    let mut now = 0.0;
    (0..n)
        .map(|_| {
            now += exponential(&mut random) / rate;
            now
        })
        .collect()
}

/// A Markovian arrival process (Neuts 1979): phase i jumps to j at rate `d0[i][j]` without an arrival and at rate `d1[i][j]`
/// with one. Matrices are row-major; the diagonal of `d0` is ignored. Starts in phase 0.
///
/// # Errors
/// Matrices that are not square or differ in size, negative or infinite rates, a phase without a way on, or no arrival possible.
pub fn map_arrivals(n: usize, d0: &[f64], d1: &[f64], seed: u64) -> Result<Vec<f64>, InputError> {
    let phases = d0.len().isqrt();
    if phases == 0 || phases * phases != d0.len() {
        return Err(InputError::new("d0", "must be a square matrix"));
    }
    crate::error::check_length("d1", d1.len(), d0.len())?;
    // Outgoing jumps of each phase, cumulated: without an arrival, then with one.
    let mut jumps = vec![0.0; 2 * phases * phases];
    for i in 0..phases {
        let mut sum = 0.0;
        for j in 0..2 * phases {
            let (field, rates, column) = if j < phases { ("d0", d0, j) } else { ("d1", d1, j - phases) };
            let rate = rates[i * phases + column];
            if j != i {
                if !(rate.is_finite() && rate >= 0.0) {
                    return Err(InputError::new(field, "must be finite and >= 0").at([i, column], rate));
                }
                sum += rate;
            }
            jumps[2 * i * phases + j] = sum;
        }
        if sum <= 0.0 || !sum.is_finite() {
            return Err(InputError::new("d0", "the rates out of this phase must have a positive, finite sum").at([i], sum));
        }
    }
    if !every_phase_can_lead_to_an_arrival(phases, d0, d1) {
        return Err(InputError::new("d1", "some phase can never lead to an arrival"));
    }
    let mut random = Random::new(seed);
    let (mut now, mut phase, mut arrivals) = (0.0, 0, Vec::with_capacity(n));
    while arrivals.len() < n {
        let row = &jumps[2 * phase * phases..2 * (phase + 1) * phases];
        let total = row[2 * phases - 1];
        now += exponential(&mut random) / total;
        let draw = random.unit() * total;
        let jump = row.partition_point(|&sum| sum <= draw).min(2 * phases - 1);
        if jump >= phases {
            arrivals.push(now);
        }
        phase = jump % phases;
    }
    Ok(arrivals)
}

fn every_phase_can_lead_to_an_arrival(phases: usize, d0: &[f64], d1: &[f64]) -> bool {
    let mut can: Vec<bool> = (0..phases).map(|i| d1[i * phases..(i + 1) * phases].iter().any(|&r| r > 0.0)).collect();
    for _ in 0..phases {
        for i in 0..phases {
            can[i] = can[i] || (0..phases).any(|j| j != i && d0[i * phases + j] > 0.0 && can[j]);
        }
    }
    can.iter().all(|&c| c)
}

/// Estimates that are off by a factor `exp(sigma N)`, N standard normal.
#[must_use]
pub fn log_normal_estimates(size: &[f64], sigma: f64, seed: u64) -> Vec<f64> {
    let mut random = Random::new(seed);
    size.iter().map(|p| p * libm::exp(sigma * normal(&mut random))).collect()
}

/// Estimates that are off by a factor between `1 / low` and `high`, uniform on the logarithmic scale.
#[must_use]
pub fn bounded_estimates(size: &[f64], low: f64, high: f64, seed: u64) -> Vec<f64> {
    let (from, to) = (-libm::log(low), libm::log(high));
    let mut random = Random::new(seed);
    size.iter().map(|p| p * libm::exp(from + (to - from) * random.unit())).collect()
}
