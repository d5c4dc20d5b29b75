//! A policy by name with its parameters, and the functions that run a stream through it.

use std::sync::Arc;

use super::declaration::{ParameterValue, ParameterValues, RunnablePolicy, SharesServer};
use super::information::Facts;
use super::queue::Disclosure;
use super::registry::PolicyEntry;
use super::{Flow, Jobs, Options, Preempt};
use crate::control::Pulse;
use crate::error::{Error, InputError, Value};
use crate::names::Named;

/// A policy and its parameters. The rule, ties, guarantee and source of each policy are with the type that implements it; their names
/// and parameters are in [`POLICIES`](super::POLICIES).
///
/// ```
/// use schedkit_core::online::{ParameterValue, Policy};
/// let policy = Policy::new("srpt_ageing", [("rate", ParameterValue::Number(0.5))])?;
/// assert_eq!((policy.name(), policy.entry().information), ("srpt_ageing", "size"));
/// # Ok::<(), schedkit_core::InputError>(())
/// ```
#[derive(Clone)]
pub struct Policy {
    entry: &'static PolicyEntry,
    parameters: Vec<(&'static str, Option<ParameterValue>)>,
    rule: Arc<dyn RunnablePolicy>,
}

impl PartialEq for Policy {
    fn eq(&self, other: &Self) -> bool {
        self.name() == other.name() && self.parameters == other.parameters
    }
}

impl std::fmt::Debug for Policy {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Policy").field("name", &self.name()).field("parameters", &self.parameters).finish_non_exhaustive()
    }
}

impl Policy {
    /// The policy of that name with these parameters; the others have their defaults.
    ///
    /// # Errors
    /// An unknown name of a policy or a parameter (the message lists the known ones), parameters out of range.
    pub fn new<'a>(name: &str, parameters: impl IntoIterator<Item = (&'a str, ParameterValue)>) -> Result<Self, InputError> {
        let entry = <&PolicyEntry>::from_name(name)?;
        let mut values: Vec<_> = entry.parameters.iter().map(|parameter| (parameter.name, parameter.default())).collect();
        for (given, value) in parameters {
            let Some(k) = values.iter().position(|(known, _)| *known == given) else {
                let names: Vec<_> = values.iter().map(|(known, _)| *known).collect();
                let reason = format!("policy '{name}' has no such parameter, expected one of [{}]", names.join(", "));
                return Err(InputError::new("parameter", reason).value(Value::Word(given.to_owned())));
            };
            entry.parameters[k].check(&value)?;
            values[k].1 = Some(value);
        }
        let rule = Arc::from((entry.build)(ParameterValues(&values))?);
        Ok(Self { entry, parameters: values, rule })
    }

    /// The policy of that name (or alias, such as `fb` or `setf` for `las`) with its default parameters.
    ///
    /// # Errors
    /// An unknown name; the message lists the known ones.
    pub fn from_name(name: &str) -> Result<Self, InputError> {
        Self::new(name, [])
    }

    /// The name that users give.
    #[must_use]
    pub fn name(&self) -> &'static str {
        self.entry.name
    }

    /// The declaration of the policy.
    #[must_use]
    pub fn entry(&self) -> &'static PolicyEntry {
        self.entry
    }

    /// An empty queue backend.
    pub(super) fn queue_backend(&self) -> Result<Box<dyn super::queue::QueueBackend>, InputError> {
        self.rule.queue_backend()
    }

    /// Whether the order of jobs that wait without service stands still under this policy.
    pub(super) fn has_waiting_rank(&self) -> bool {
        self.rule.has_waiting_rank()
    }

    /// The rank of a job that waits without service, if it stands still; lower first.
    pub(super) fn waiting_rank(&self, release_time: f64, deadline: f64, revealed: Disclosure) -> Result<f64, InputError> {
        self.rule.waiting_rank(Facts { index: 0, number: 0, release_time, weight: 1.0, deadline, revealed })
    }

    /// Refuses machines that the policy is not defined for, and jobs without the estimates that it needs.
    fn check(&self, jobs: &Jobs, options: &Options) -> Result<(), InputError> {
        check_options(options)?;
        let &PolicyEntry { name, information, one_server, shares_server, .. } = self.entry;
        if information == "estimate" {
            check_estimates(jobs, name)?;
        }
        if one_server && options.servers > 1 {
            return Err(InputError::new("servers", format!("policy '{name}' is defined for one server")).value(options.servers));
        }
        if shares_server == SharesServer::Never {
            return Ok(());
        }
        if options.preempt != Preempt::Anywhere {
            if shares_server == SharesServer::Always {
                let reason = format!("policy '{name}' shares the server, which takes preemption anywhere");
                return Err(InputError::new("preempt", reason));
            }
        } else if options.switch_cost > 0.0 {
            let reason = format!("must be 0: jobs share the server under policy '{name}'");
            return Err(InputError::new("switch_cost", reason).value(options.switch_cost));
        }
        Ok(())
    }
}

/// Refuses machines that no policy is defined for.
pub(super) fn check_options(options: &Options) -> Result<(), InputError> {
    if options.servers == 0 {
        return Err(InputError::new("servers", "must be >= 1").value(0_i64));
    }
    if (0.0..=1e100).contains(&options.switch_cost) {
        return Ok(());
    }
    Err(InputError::new("switch_cost", "must be >= 0, and at most 1e100").value(options.switch_cost))
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
/// No servers, a policy on estimates without estimates, a machine that the policy is not defined for, memory that the system refuses.
pub fn simulate(jobs: &Jobs, policy: &Policy, options: &Options) -> Result<Flow, Error> {
    simulate_interruptible(jobs, policy, options, &Pulse::default())
}

/// [`simulate`], which the pulse can stop; the result is then incomplete and must not be used.
///
/// # Errors
/// Those of [`simulate`].
pub fn simulate_interruptible(jobs: &Jobs, policy: &Policy, options: &Options, pulse: &Pulse) -> Result<Flow, Error> {
    policy.check(jobs, options)?;
    policy.rule.simulate(jobs, options, pulse)
}
