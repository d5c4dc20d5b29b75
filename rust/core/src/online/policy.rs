//! The policies by name, and the door to the simulators.

use super::discipline::{Ordered, Rank};
use super::information::{Estimate, Operation};
use super::levels::{Feedback, RandomFeedback, RoundRobin};
use super::ranks::{
    Edf, Fcfs, Hdf, Las, Llf, OperationSrpt, Psjf, PsjfE, Sjf, Slf, Srpt, SrptAgeing, SrptB, SrptE, WeightedSrpt,
};
use super::{Balance, ChunkRule, Flow, Gittins, Hrrn, Jobs, Options, Preempt, WeightClasses};
use super::{engine, processor_sharing, shared, srpt};
use crate::control::Pulse;
use crate::error::{Error, InputError};
use crate::memory::OutOfMemory;

/// A policy and its parameters. Each variant's rule, ties, guarantee and source are with the type that implements it.
#[derive(Debug, Clone, PartialEq)]
pub enum Policy {
    /// First come, first served: [`Fcfs`].
    Fcfs,
    /// Shortest job first: [`Sjf`].
    Sjf,
    /// Shortest remaining processing time: [`Srpt`].
    Srpt,
    /// Preemptive shortest job first: [`Psjf`].
    Psjf,
    /// Highest density first: [`Hdf`].
    Hdf,
    /// Weighted SRPT: [`WeightedSrpt`].
    WeightedSrpt,
    /// Bansal and Dhamdhere's weight classes: [`WeightClasses`].
    BansalDhamdhere,
    /// Round robin: [`RoundRobin`].
    RoundRobin {
        /// Service in one turn.
        quantum: f64,
    },
    /// Processor sharing.
    ProcessorSharing,
    /// Least attained service: [`Las`].
    Las,
    /// Multi-level feedback: [`Feedback`].
    Feedback {
        /// Service on level 0.
        quantum: f64,
    },
    /// Randomised multi-level feedback: [`RandomFeedback`].
    RandomFeedback {
        /// Smallest size that matters.
        quantum: f64,
        /// Rate of beta.
        gamma: f64,
        /// Chooses the betas.
        seed: u64,
    },
    /// Gittins; without a distribution that of the simulated jobs, in at most 32 equally likely sizes.
    Gittins(Option<Gittins>),
    /// Highest response ratio next: [`Hrrn`].
    Hrrn,
    /// SRPT with ageing: [`SrptAgeing`].
    SrptAgeing {
        /// Remaining time forgiven per unit of time since arrival.
        rate: f64,
    },
    /// Earliest deadline first: [`Edf`].
    Edf,
    /// Least laxity first: [`Llf`].
    Llf,
    /// SRPT on estimates: [`SrptE`].
    SrptE,
    /// PSJF on estimates: [`PsjfE`].
    PsjfE,
    /// SRPT with a bounce: [`SrptB`].
    SrptB,
    /// Balance: [`Balance`].
    Balance,
    /// Smallest lower bound first: [`Slf`].
    Slf {
        /// The part that remains when a size becomes known.
        epsilon: f64,
    },
    /// Operation-level SRPT: [`OperationSrpt`].
    OperationSrpt,
    /// Balance on chunks: [`Balance`].
    ChunkBalance {
        /// How many full jobs count as many.
        theta: f64,
        /// What a chunk is.
        rule: ChunkRule,
    },
}

/// Most turns that one job may take in round robin.
const MOST_TURNS: f64 = (1_u64 << 31) as f64;

impl Policy {
    /// All policies with their usual parameters, under the names that users give.
    pub const ALL: [(&'static str, Self); 24] = [
        ("fcfs", Self::Fcfs),
        ("sjf", Self::Sjf),
        ("srpt", Self::Srpt),
        ("psjf", Self::Psjf),
        ("hdf", Self::Hdf),
        ("wsrpt", Self::WeightedSrpt),
        ("bansal_dhamdhere", Self::BansalDhamdhere),
        ("rr", Self::RoundRobin { quantum: 1.0 }),
        ("ps", Self::ProcessorSharing),
        ("las", Self::Las),
        ("mlf", Self::Feedback { quantum: 1.0 }),
        ("rmlf", Self::RandomFeedback { quantum: 1.0, gamma: 12.0, seed: 0 }),
        ("gittins", Self::Gittins(None)),
        ("hrrn", Self::Hrrn),
        ("srpt_ageing", Self::SrptAgeing { rate: 0.1 }),
        ("edf", Self::Edf),
        ("llf", Self::Llf),
        ("srpt_e", Self::SrptE),
        ("psjf_e", Self::PsjfE),
        ("srpt_b", Self::SrptB),
        ("balance", Self::Balance),
        ("slf", Self::Slf { epsilon: 0.5 }),
        ("op_srpt", Self::OperationSrpt),
        ("chunk_balance", Self::ChunkBalance { theta: 4.0, rule: ChunkRule::RecordClass }),
    ];

    /// The policy of that name; `fb` and `setf` mean `las`.
    ///
    /// # Errors
    /// An unknown name; the message lists the known ones.
    pub fn from_name(name: &str) -> Result<Self, InputError> {
        let wanted = if matches!(name, "fb" | "setf") { "las" } else { name };
        let found = Self::ALL.into_iter().find(|(known, _)| *known == wanted);
        found.map(|(_, policy)| policy).ok_or_else(|| {
            let names = Self::ALL.map(|(known, _)| known).join(", ");
            InputError::new("policy", format!("unknown policy, expected one of {names}, fb, setf"))
                .value(format!("'{}'", name.escape_debug()))
        })
    }

    /// The name that users give.
    #[must_use]
    pub fn name(&self) -> &'static str {
        let same = |other: &Self| std::mem::discriminant(other) == std::mem::discriminant(self);
        Self::ALL.into_iter().find(|(_, policy)| same(policy)).map_or("", |(name, _)| name)
    }

    /// Whether jobs may share a server, so that the policy is defined for preemption anywhere, one server (processor sharing: any
    /// number), and switches that cost nothing.
    fn shares(&self) -> bool {
        matches!(self, Self::ProcessorSharing | Self::Las | Self::Llf | Self::SrptB | Self::Slf { .. })
    }

    /// Refuses parameters out of range.
    pub(super) fn check_parameters(&self) -> Result<(), InputError> {
        match *self {
            Self::RoundRobin { quantum } | Self::Feedback { quantum } => {
                check_parameter("quantum", quantum, "must be positive and finite", quantum > 0.0)
            }
            Self::RandomFeedback { quantum, gamma, .. } => {
                check_parameter("quantum", quantum, "must be positive and finite", quantum > 0.0)?;
                check_parameter("gamma", gamma, "must be positive and finite", gamma > 0.0)
            }
            Self::SrptAgeing { rate } => {
                check_parameter("rate", rate, "must be >= 0, and at most 1e100", (0.0..=1e100).contains(&rate))
            }
            Self::Slf { epsilon } => check_parameter("epsilon", epsilon, "must be > 0 and < 1", epsilon > 0.0 && epsilon < 1.0),
            Self::ChunkBalance { theta, .. } => check_parameter("theta", theta, "must be >= 1 and finite", theta >= 1.0),
            _ => Ok(()),
        }
    }

    /// Refuses parameters out of range, and machines that the policy is not defined for.
    fn check(&self, jobs: &Jobs, options: &Options) -> Result<(), InputError> {
        check_options(options)?;
        self.check_parameters()?;
        let name = self.name();
        match *self {
            Self::SrptE | Self::PsjfE | Self::SrptB | Self::Balance => check_estimates(jobs, name)?,
            Self::RoundRobin { quantum } => {
                let largest = jobs.processing_time().iter().fold(0.0, |a: f64, &b| a.max(b));
                check_parameter(
                    "quantum",
                    quantum,
                    "too small: a job would take more than 2**31 turns",
                    largest / quantum < MOST_TURNS,
                )?;
            }
            _ => {}
        }
        let single = self.shares() || matches!(self, Self::BansalDhamdhere | Self::Balance | Self::ChunkBalance { .. });
        if options.servers > 1 && single && *self != Self::ProcessorSharing {
            return Err(InputError::new("servers", format!("policy '{name}' is defined for one server")).value(options.servers));
        }
        if matches!(self, Self::ProcessorSharing | Self::Slf { .. }) && options.preempt != Preempt::Anywhere {
            return Err(InputError::new(
                "preempt",
                format!("policy '{name}' shares the server, which takes preemption anywhere"),
            ));
        }
        if self.shares() && options.preempt == Preempt::Anywhere && options.switch_cost > 0.0 {
            return Err(InputError::new("switch_cost", format!("must be 0: jobs share the server under policy '{name}'"))
                .value(options.switch_cost));
        }
        Ok(())
    }
}

fn check_parameter(field: &'static str, value: f64, reason: &'static str, ok: bool) -> Result<(), InputError> {
    if ok && value.is_finite() { Ok(()) } else { Err(InputError::new(field, reason).value(value)) }
}

/// Refuses machines that no policy is defined for.
pub(super) fn check_options(options: &Options) -> Result<(), InputError> {
    if options.servers == 0 {
        return Err(InputError::new("servers", "must be >= 1").value(0_i64));
    }
    check_parameter(
        "switch_cost",
        options.switch_cost,
        "must be >= 0, and at most 1e100",
        (0.0..=1e100).contains(&options.switch_cost),
    )
}

/// Refuses jobs without estimates.
pub(super) fn check_estimates(jobs: &Jobs, name: &str) -> Result<(), InputError> {
    if jobs.data().estimate.is_some() || jobs.is_empty() {
        return Ok(());
    }
    Err(InputError::new("estimate", format!("policy '{name}' decides by estimates, and the jobs have none")))
}

/// Runs the stream through the policy.
///
/// At one instant arrivals come first, then completions, then decisions. O(n log n) for every policy, unless its type says
/// otherwise.
///
/// # Errors
/// Parameters out of range, no servers, a policy on estimates without estimates, a machine that the policy is not defined for, memory
/// that the system refuses.
pub fn simulate(jobs: &Jobs, policy: &Policy, options: &Options) -> Result<Flow, Error> {
    simulate_interruptible(jobs, policy, options, &Pulse::default())
}

/// [`simulate`], which the pulse can stop; what is returned then is worth nothing.
///
/// # Errors
/// Those of [`simulate`].
pub fn simulate_interruptible(jobs: &Jobs, policy: &Policy, options: &Options, pulse: &Pulse) -> Result<Flow, Error> {
    policy.check(jobs, options)?;
    let rank = RankSimulator { jobs, options, pulse };
    let flow = match policy {
        Policy::Fcfs => rank.run(Fcfs),
        Policy::Sjf => rank.run(Sjf),
        Policy::Srpt if options.preempt == Preempt::Anywhere && !options.segments && options.switch_cost == 0.0 => {
            srpt::run(jobs, options.servers, pulse)
        }
        Policy::Srpt => rank.run(Srpt),
        Policy::Psjf => rank.run(Psjf),
        Policy::Hdf => rank.run(Hdf),
        Policy::WeightedSrpt => rank.run(WeightedSrpt),
        Policy::BansalDhamdhere => engine::run(jobs, WeightClasses::default(), options, pulse),
        Policy::RoundRobin { quantum } => rank.run(RoundRobin { quantum: *quantum }),
        Policy::ProcessorSharing => processor_sharing::run(jobs, options, pulse),
        Policy::Las => rank.share(Las),
        Policy::Feedback { quantum } => rank.run(Feedback { quantum: *quantum }),
        Policy::RandomFeedback { quantum, gamma, seed } => {
            rank.run(RandomFeedback { quantum: *quantum, gamma: *gamma, seed: *seed })
        }
        Policy::Gittins(Some(gittins)) => rank.run(gittins.clone()),
        Policy::Gittins(None) => rank.run(Gittins::from_sample(jobs.processing_time(), 32)?),
        Policy::Hrrn => engine::run(jobs, Hrrn::default(), options, pulse),
        Policy::SrptAgeing { rate } => rank.run(SrptAgeing { rate: *rate }),
        Policy::Edf => rank.run(Edf),
        Policy::Llf => rank.share(Llf),
        Policy::SrptE => rank.run(SrptE),
        Policy::PsjfE => rank.run(PsjfE),
        Policy::SrptB => rank.share(SrptB),
        Policy::Balance => engine::run(jobs, Balance::<Estimate>::new(4.0, ChunkRule::RecordClass), options, pulse),
        Policy::Slf { epsilon } => shared::run(jobs, Slf { epsilon: *epsilon }, options, pulse),
        Policy::OperationSrpt => rank.run(OperationSrpt),
        Policy::ChunkBalance { theta, rule } => engine::run(jobs, Balance::<Operation>::new(*theta, *rule), options, pulse),
    };
    Ok(flow?)
}

/// Which simulator a rank needs.
struct RankSimulator<'a> {
    jobs: &'a Jobs,
    options: &'a Options,
    pulse: &'a Pulse,
}

impl RankSimulator<'_> {
    fn run<R: Rank>(&self, rule: R) -> Result<Flow, OutOfMemory> {
        engine::run(self.jobs, Ordered::new(rule), self.options, self.pulse)
    }

    /// Where preemption is free jobs of equal rank share the server; elsewhere one of them runs.
    fn share<R: Rank>(&self, rule: R) -> Result<Flow, OutOfMemory> {
        match self.options.preempt {
            Preempt::Anywhere => shared::run(self.jobs, rule, self.options, self.pulse),
            Preempt::Operation | Preempt::Never => self.run(rule),
        }
    }
}
