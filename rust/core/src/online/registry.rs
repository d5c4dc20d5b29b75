//! The list of policies: one line each, from which all names, parameters and constructors are read.

use super::balance::Balance;
use super::deadline_ordered::DeadlineOrdered;
use super::declaration::{Costs, Declared, Parameter, ParameterValues, RunnablePolicy, SharesServer};
use super::discipline::{QueueDiscipline, Rank};
use super::gittins::GittinsPolicy;
use super::hrrn::Hrrn;
use super::information::{Estimate, Facts, Operation};
use super::levels::{Feedback, RandomFeedback, RoundRobin};
use super::ordered::Ordered;
use super::processor_sharing::ProcessorSharing;
use super::queue::{DisciplineBackend, Disclosed, Disclosure, QueueBackend};
use super::ranks::{
    Edf, Fcfs, Hdf, Las, Llf, OperationSrpt, Psjf, PsjfE, Sjf, Slf, Srpt, SrptAgeing, SrptB, SrptE, WeightedSrpt,
};
use super::srpt::SrptPolicy;
use super::weight_classes::WeightClasses;
use super::{Flow, Jobs, Options, Preempt, engine, shared};
use crate::control::Pulse;
use crate::deadline_ranks::{SlackEdf, SloDensity};
use crate::error::{Error, InputError};
use crate::names::Named;

/// All policies.
pub static POLICIES: &[PolicyEntry] = &[
    ranked::<Sjf>(),
    special::<SrptPolicy>(Srpt::INFORMATION),
    ranked::<Psjf>(),
    ranked::<Hdf>(),
    ranked::<WeightedSrpt>(),
    discipline::<WeightClasses>(),
    discipline::<Hrrn>(),
    ranked::<SrptAgeing>(),
    sharing::<Llf>(),
    ranked::<Fcfs>(),
    ranked::<RoundRobin>(),
    special::<ProcessorSharing>("nothing"),
    sharing::<Las>(),
    ranked::<Feedback>(),
    ranked::<RandomFeedback>(),
    special::<GittinsPolicy>("distribution"),
    ranked::<Edf>(),
    sharing::<Slf>(),
    discipline::<DeadlineOrdered<SlackEdf>>(),
    discipline::<DeadlineOrdered<SloDensity>>(),
    ranked::<SrptE>(),
    ranked::<PsjfE>(),
    sharing::<SrptB>(),
    discipline::<Balance<Estimate>>(),
    ranked::<OperationSrpt>(),
    discipline::<Balance<Operation>>(),
];

/// The declaration of a policy and its constructor.
pub struct PolicyEntry {
    /// The name that users give.
    pub name: &'static str,
    /// Other names.
    pub aliases: &'static [&'static str],
    /// What the policy knows of sizes: nothing, size, estimate, operation, late or distribution.
    pub information: &'static str,
    /// The parameters.
    pub parameters: &'static [Parameter],
    /// Whether the policy is defined for one server only.
    pub one_server: bool,
    /// When jobs share a server.
    pub shares_server: SharesServer,
    /// Running times.
    pub costs: Costs,
    pub(super) build: fn(ParameterValues<'_>) -> Result<Box<dyn RunnablePolicy>, InputError>,
}

impl Named for &'static PolicyEntry {
    const FIELD: &'static str = "policy";

    /// All names, then all aliases.
    fn all() -> impl Iterator<Item = (&'static str, Self)> + Clone {
        let aliases = |entry: &'static PolicyEntry| entry.aliases.iter().map(move |&alias| (alias, entry));
        POLICIES.iter().map(|entry| (entry.name, entry)).chain(POLICIES.iter().flat_map(aliases))
    }
}

impl PolicyEntry {
    const fn new<T: Declared>(
        information: &'static str,
        build: fn(ParameterValues<'_>) -> Result<Box<dyn RunnablePolicy>, InputError>,
    ) -> Self {
        Self {
            name: T::NAME,
            aliases: T::ALIASES,
            information,
            parameters: T::PARAMETERS,
            one_server: T::ONE_SERVER,
            shares_server: T::SHARES_SERVER,
            costs: T::COSTS,
            build,
        }
    }
}

/// A rank that gives each server to one job at a time.
const fn ranked<R>() -> PolicyEntry
where
    R: Declared + Rank<Info: Disclosed + Send + Sync> + Clone + Send + Sync + 'static,
{
    PolicyEntry::new::<R>(R::INFORMATION, |values| Ok(Box::new(Ranked(R::from_parameters(values)?))))
}

/// A rank that rises with service, so that jobs of equal rank share a server.
const fn sharing<R>() -> PolicyEntry
where
    R: Declared + Rank<Info: Disclosed + Send + Sync> + Clone + Send + Sync + 'static,
{
    PolicyEntry::new::<R>(R::INFORMATION, |values| Ok(Box::new(Sharing(Ranked(R::from_parameters(values)?)))))
}

/// A discipline of its own; its constructor gives an empty one.
const fn discipline<D>() -> PolicyEntry
where
    D: Declared + QueueDiscipline<Info: Disclosed> + Clone + Send + Sync + 'static,
{
    PolicyEntry::new::<D>(D::INFORMATION, |values| Ok(Box::new(Disciplined(D::from_parameters(values)?))))
}

/// A policy that brings its own simulator or its own queue backend.
const fn special<P: Declared + RunnablePolicy + 'static>(information: &'static str) -> PolicyEntry {
    PolicyEntry::new::<P>(information, |values| Ok(Box::new(P::from_parameters(values)?)))
}

struct Ranked<R>(R);

impl<R> RunnablePolicy for Ranked<R>
where
    R: Declared + Rank<Info: Disclosed + Send + Sync> + Clone + Send + Sync + 'static,
{
    fn simulate(&self, jobs: &Jobs, options: &Options, pulse: &Pulse) -> Result<Flow, Error> {
        self.0.check_jobs(jobs)?;
        Ok(engine::run(jobs, Ordered::new(self.0.clone()), options, pulse)?)
    }

    fn queue_backend(&self) -> Result<Box<dyn QueueBackend>, InputError> {
        Ok(ordered_backend(self.0.clone()))
    }

    fn has_waiting_rank(&self) -> bool {
        true
    }

    fn waiting_rank(&self, facts: Facts<Disclosure>) -> Result<f64, InputError> {
        rank_without_service(&self.0, facts)
    }
}

/// The rank of a job that has had no service.
pub(super) fn rank_without_service<R>(rule: &R, facts: Facts<Disclosure>) -> Result<f64, InputError>
where
    R: Rank<Info: Disclosed>,
{
    let revealed = R::Info::disclose(facts.revealed, 0.0)?;
    let Facts { index, number, release_time, weight, deadline, .. } = facts;
    let facts = Facts { index, number, release_time, weight, deadline, revealed };
    Ok(rule.rank(&facts, 0.0, rule.phase_at(&facts, 0.0, 0)))
}

/// The queue backend of a rank.
pub(super) fn ordered_backend<R>(rule: R) -> Box<dyn QueueBackend>
where
    R: Rank<Info: Disclosed + Send + Sync> + Clone + Send + Sync + 'static,
{
    Box::new(DisciplineBackend::new(Ordered::new(rule)))
}

struct Sharing<R>(Ranked<R>);

impl<R> RunnablePolicy for Sharing<R>
where
    R: Declared + Rank<Info: Disclosed + Send + Sync> + Clone + Send + Sync + 'static,
{
    fn simulate(&self, jobs: &Jobs, options: &Options, pulse: &Pulse) -> Result<Flow, Error> {
        match options.preempt {
            Preempt::Anywhere => Ok(shared::run(jobs, self.0.0.clone(), options, pulse)?),
            Preempt::Operation | Preempt::Never => self.0.simulate(jobs, options, pulse),
        }
    }

    fn queue_backend(&self) -> Result<Box<dyn QueueBackend>, InputError> {
        self.0.queue_backend()
    }

    fn has_waiting_rank(&self) -> bool {
        self.0.has_waiting_rank()
    }

    fn waiting_rank(&self, facts: Facts<Disclosure>) -> Result<f64, InputError> {
        self.0.waiting_rank(facts)
    }
}

struct Disciplined<D>(D);

impl<D> RunnablePolicy for Disciplined<D>
where
    D: Declared + QueueDiscipline<Info: Disclosed> + Clone + Send + Sync + 'static,
{
    fn simulate(&self, jobs: &Jobs, options: &Options, pulse: &Pulse) -> Result<Flow, Error> {
        Ok(engine::run(jobs, self.0.clone(), options, pulse)?)
    }

    fn queue_backend(&self) -> Result<Box<dyn QueueBackend>, InputError> {
        Ok(Box::new(DisciplineBackend::new(self.0.clone())))
    }
}
