//! Policies that are a rank and no more: a number for each job, lowest first, from its own facts and service.
//!
//! Guarantees are for the total flow time on one machine unless stated. Sources: Schrage (1968) for SRPT; Smith (1956) for
//! weight over size; Becchetti, Leonardi, Marchetti-Spaccamela, Pruhs (2006) for HDF; Scully, Grosof, Harchol-Balter (2021) for
//! size estimates.

use super::declaration::{Costs, Declared, Parameter, ParameterValues, SharesServer, declare};
use super::discipline::{CLOSE, Rank};
use super::double_double::DoubleDouble;
use super::information::{Estimate, Facts, Late, Nothing, Operation, Size};
use crate::deadline_ranks::time_over_weight;
use crate::error::InputError;

/// First come, first served. Knows nothing; optimal for the maximum flow time. Ties: index.
#[derive(Debug, Clone, Copy, Default)]
pub struct Fcfs;

declare!(Fcfs, "fcfs");

impl Rank for Fcfs {
    type Info = Nothing;
    const PREEMPTIVE: bool = false;

    #[inline]
    fn rank(&self, facts: &Facts<Nothing>, _: f64, _: u32) -> f64 {
        facts.release_time
    }
}

/// Shortest job first, without preemption. Knows sizes; optimal if all jobs are there from the start. Ties: index.
#[derive(Debug, Clone, Copy, Default)]
pub struct Sjf;

declare!(Sjf, "sjf");

impl Rank for Sjf {
    type Info = Size;
    const PREEMPTIVE: bool = false;

    #[inline]
    fn rank(&self, facts: &Facts<Size>, _: f64, _: u32) -> f64 {
        facts.revealed.0
    }
}

/// Shortest remaining processing time. Knows sizes; optimal on one machine. Ties: the running job, then index.
#[derive(Debug, Clone, Copy)]
pub struct Srpt;

impl Rank for Srpt {
    type Info = Size;

    #[inline]
    fn rank(&self, facts: &Facts<Size>, attained: f64, _: u32) -> f64 {
        facts.revealed.0 - attained
    }
}

/// Preemptive shortest job first. Knows sizes. Ties: the running job, then index.
#[derive(Debug, Clone, Copy, Default)]
pub struct Psjf;

declare!(Psjf, "psjf");

impl Rank for Psjf {
    type Info = Size;

    #[inline]
    fn rank(&self, facts: &Facts<Size>, _: f64, _: u32) -> f64 {
        facts.revealed.0
    }
}

/// Highest density first: least size over weight. Knows sizes and weights. Ties: the running job, then index.
#[derive(Debug, Clone, Copy, Default)]
pub struct Hdf;

declare!(Hdf, "hdf");

impl Rank for Hdf {
    type Info = Size;

    #[inline]
    fn rank(&self, facts: &Facts<Size>, _: f64, _: u32) -> f64 {
        time_over_weight(facts.revealed.0, facts.weight)
    }
}

/// Weighted SRPT: least remaining time over weight. Knows sizes and weights. Ties: the running job, then index.
#[derive(Debug, Clone, Copy, Default)]
pub struct WeightedSrpt;

declare!(WeightedSrpt, "wsrpt");

impl Rank for WeightedSrpt {
    type Info = Size;

    #[inline]
    fn rank(&self, facts: &Facts<Size>, attained: f64, _: u32) -> f64 {
        time_over_weight(facts.revealed.0 - attained, facts.weight)
    }
}

/// SRPT that lets jobs age: remaining time minus `rate` times the time since arrival. No job starves. Knows sizes.
///
/// All waiting jobs age alike, so the order by `remaining + rate * release_time` is the same one, and it stands still.
/// Ties: the running job, then index.
#[derive(Debug, Clone, Copy)]
pub struct SrptAgeing {
    /// Remaining time forgiven per unit of time since arrival.
    pub rate: f64,
}

impl Declared for SrptAgeing {
    const NAME: &'static str = "srpt_ageing";
    const PARAMETERS: &'static [Parameter] = &[Parameter::number(
        "rate",
        0.1,
        "must be >= 0, and at most 1e100",
        |rate| (0.0..=1e100).contains(&rate),
        "Remaining time forgiven per unit of time since arrival, >= 0.",
    )];

    fn from_parameters(values: ParameterValues<'_>) -> Result<Self, InputError> {
        Ok(Self { rate: values.number("rate") })
    }
}

impl Rank for SrptAgeing {
    type Info = Size;

    #[inline]
    fn rank(&self, facts: &Facts<Size>, attained: f64, _: u32) -> f64 {
        (facts.revealed.0 - attained) + self.rate * facts.release_time
    }
}

/// Earliest deadline first. Knows deadlines; meets all of them if that is possible. Ties: the running job, then index.
#[derive(Debug, Clone, Copy, Default)]
pub struct Edf;

declare!(Edf, "edf");

impl Rank for Edf {
    type Info = Nothing;

    #[inline]
    fn rank(&self, facts: &Facts<Nothing>, _: f64, _: u32) -> f64 {
        facts.deadline
    }
}

/// Least laxity first: deadline minus remaining time. Knows sizes and deadlines. A running job's laxity stands still while the
/// others' falls, so jobs of equal laxity share the server. Jobs without a deadline
/// come last, by index.
#[derive(Debug, Clone, Copy, Default)]
pub struct Llf;

declare!(
    Llf,
    "llf",
    ONE_SERVER: bool = true,
    SHARES_SERVER: SharesServer = SharesServer::IfPreemptive,
    COSTS: Costs = Costs::AMORTISED
);

impl Rank for Llf {
    type Info = Size;
    const SHARES: bool = true;

    #[inline]
    fn rank(&self, facts: &Facts<Size>, attained: f64, _: u32) -> f64 {
        facts.deadline - (facts.revealed.0 - attained)
    }

    fn rises(&self, facts: &Facts<Size>, _: u32) -> bool {
        facts.deadline.is_finite()
    }

    fn level(&self, facts: &Facts<Size>, attained: f64, _: u32) -> DoubleDouble {
        DoubleDouble::from(facts.deadline) - DoubleDouble::difference(facts.revealed.0, attained)
    }

    /// Beyond the rounding of the remaining time, a few last digits of the deadline: present dates leave few digits for fractions.
    fn rounding(&self, facts: &Facts<Size>, rank: f64) -> f64 {
        let remaining = if rank.is_finite() { facts.deadline - rank } else { 0.0 };
        CLOSE * remaining.abs() + 64.0 * f64::EPSILON * rank.abs()
    }
}

/// Least attained service (foreground-background, SETF). Knows nothing; jobs of equal service share the server.
#[derive(Debug, Clone, Copy, Default)]
pub struct Las;

declare!(
    Las,
    "las",
    ALIASES: &'static [&'static str] = &["fb",
    "setf"],
    ONE_SERVER: bool = true,
    SHARES_SERVER: SharesServer = SharesServer::IfPreemptive,
    COSTS: Costs = Costs::AMORTISED
);

impl Rank for Las {
    type Info = Nothing;
    const SHARES: bool = true;

    #[inline]
    fn rank(&self, _: &Facts<Nothing>, attained: f64, _: u32) -> f64 {
        attained
    }

    fn rises(&self, _: &Facts<Self::Info>, _: u32) -> bool {
        true
    }
}

/// SRPT on estimates: remaining time by the estimate, never below zero. Unboundedly bad if sizes are underestimated.
/// Ties: the running job, then index.
#[derive(Debug, Clone, Copy, Default)]
pub struct SrptE;

declare!(SrptE, "srpt_e");

impl Rank for SrptE {
    type Info = Estimate;

    #[inline]
    fn rank(&self, facts: &Facts<Estimate>, attained: f64, _: u32) -> f64 {
        (facts.revealed.0 - attained).max(0.0)
    }
}

/// PSJF on estimates. Ties: the running job, then index.
#[derive(Debug, Clone, Copy, Default)]
pub struct PsjfE;

declare!(PsjfE, "psjf_e");

impl Rank for PsjfE {
    type Info = Estimate;

    #[inline]
    fn rank(&self, facts: &Facts<Estimate>, _: f64, _: u32) -> f64 {
        facts.revealed.0
    }
}

/// SRPT with a bounce (Scully, Grosof, Harchol-Balter 2021): falls to 0 at the estimate z, climbs back to z, and stays there.
///
/// The climb is shared by jobs of equal rank; against others the climbing job yields. Ties otherwise: the running job, then
/// index.
#[derive(Debug, Clone, Copy, Default)]
pub struct SrptB;

declare!(
    SrptB,
    "srpt_b",
    ONE_SERVER: bool = true,
    SHARES_SERVER: SharesServer = SharesServer::IfPreemptive,
    COSTS: Costs = Costs::AMORTISED
);

impl Rank for SrptB {
    type Info = Estimate;
    const SHARES: bool = true;

    #[inline]
    fn rank(&self, facts: &Facts<Estimate>, attained: f64, phase: u32) -> f64 {
        let estimate = facts.revealed.0;
        match phase {
            0 => estimate - attained,
            1 => attained - estimate,
            _ => estimate,
        }
    }

    fn phase_end(&self, facts: &Facts<Estimate>, _: f64, phase: u32) -> f64 {
        match phase {
            0 => facts.revealed.0,
            1 => 2.0 * facts.revealed.0,
            _ => f64::INFINITY,
        }
    }

    fn rises(&self, _: &Facts<Estimate>, phase: u32) -> bool {
        phase == 1
    }

    fn rank_in_full(&self, facts: &Facts<Estimate>, attained: DoubleDouble, phase: u32) -> DoubleDouble {
        let estimate = DoubleDouble::from(facts.revealed.0);
        match phase {
            0 => estimate - attained,
            1 => attained - estimate,
            _ => estimate,
        }
    }
}

/// Smallest lower bound first, where a size becomes known when the part `epsilon` of it remains: ceil(1/epsilon)-competitive, the
/// best of all deterministic policies.
///
/// Unknown: `e > epsilon / (1 - epsilon) * attained` remains, and jobs of equal bound share. Known: SRPT. Ties: known jobs first.
#[derive(Debug, Clone, Copy)]
pub struct Slf {
    /// Between 0 and 1.
    pub epsilon: f64,
}

impl Declared for Slf {
    const NAME: &'static str = "slf";
    const PARAMETERS: &'static [Parameter] = &[Parameter::number(
        "epsilon",
        0.5,
        "must be > 0 and < 1",
        |epsilon| epsilon > 0.0 && epsilon < 1.0,
        "Between 0 and 1, exclusive.",
    )];
    const ONE_SERVER: bool = true;
    const SHARES_SERVER: SharesServer = SharesServer::Always;
    const COSTS: Costs = Costs::AMORTISED;

    fn from_parameters(values: ParameterValues<'_>) -> Result<Self, InputError> {
        Ok(Self { epsilon: values.number("epsilon") })
    }
}

impl Rank for Slf {
    type Info = Late;
    const SHARES: bool = true;

    #[inline]
    fn rank(&self, facts: &Facts<Late>, attained: f64, _: u32) -> f64 {
        if facts.revealed.0.is_nan() { attained * self.slope() } else { facts.revealed.0 - attained }
    }

    #[inline]
    fn rises(&self, facts: &Facts<Late>, _: u32) -> bool {
        facts.revealed.0.is_nan()
    }

    #[inline]
    fn level(&self, _: &Facts<Late>, attained: f64, _: u32) -> DoubleDouble {
        attained.into()
    }

    #[inline]
    fn rank_in_full(&self, facts: &Facts<Late>, attained: DoubleDouble, _: u32) -> DoubleDouble {
        DoubleDouble::from(facts.revealed.0) - attained
    }

    #[inline]
    fn slope(&self) -> f64 {
        self.epsilon / (1.0 - self.epsilon)
    }

    #[inline]
    fn reveals_at(&self) -> Option<f64> {
        Some(1.0 - self.epsilon)
    }
}

/// Operation-level SRPT: least remaining time of the current operation. 2-competitive for equal first operations ("uniform
/// tests").
///
/// Ties: the running job (also if its operation has just ended), then the later operation, then index.
#[derive(Debug, Clone, Copy, Default)]
pub struct OperationSrpt;

declare!(OperationSrpt, "op_srpt");

impl Rank for OperationSrpt {
    type Info = Operation;

    #[inline]
    fn rank(&self, facts: &Facts<Operation>, attained: f64, _: u32) -> f64 {
        facts.revealed.size - (attained - facts.revealed.before)
    }

    #[inline]
    fn tie(&self, facts: &Facts<Operation>, _: u64) -> u64 {
        u64::from(u32::MAX - facts.revealed.number) << 32 | u64::from(facts.index)
    }
}
